package lifecycle_test

import (
	"strings"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

func TestBuildFailed_Summary(t *testing.T) {
	t.Parallel()
	const start, stop, remove = coder.TransitionStart, coder.TransitionStop, coder.TransitionDelete
	at := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	for name, test := range map[string]struct {
		transition coder.Transition
		job        coder.ProvisionerJob
		want       string
	}{
		"start failed":    {start, coder.ProvisionerJob{Status: coder.JobFailed}, "Workspace failed to start"},
		"stop failed":     {stop, coder.ProvisionerJob{Status: coder.JobFailed}, "Workspace failed to stop"},
		"deletion failed": {remove, coder.ProvisionerJob{Status: coder.JobFailed}, "Workspace failed to be deleted"},
		// Out of the queue.
		"start canceled":    {start, coder.ProvisionerJob{Status: coder.JobCanceled, CanceledAt: at}, "Start of the workspace was canceled"},
		"stop canceled":     {stop, coder.ProvisionerJob{Status: coder.JobCanceled, CanceledAt: at}, "Stop of the workspace was canceled"},
		"deletion canceled": {remove, coder.ProvisionerJob{Status: coder.JobCanceled, CanceledAt: at}, "Deletion of the workspace was canceled"},
		// While it ran: Terraform is interrupted, which it calls a failure.
		"running start canceled":    {start, coder.ProvisionerJob{Status: coder.JobFailed, CanceledAt: at}, "Start of the workspace was canceled"},
		"running stop canceled":     {stop, coder.ProvisionerJob{Status: coder.JobFailed, CanceledAt: at}, "Stop of the workspace was canceled"},
		"running deletion canceled": {remove, coder.ProvisionerJob{Status: coder.JobFailed, CanceledAt: at}, "Deletion of the workspace was canceled"},
	} {
		failed := &lifecycle.BuildFailed{Build: coder.WorkspaceBuild{Transition: test.transition, Job: test.job}}
		if got := failed.Summary(); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
		if !strings.HasPrefix(failed.Error(), test.want) {
			t.Errorf("%s: the error %q does not begin with the summary", name, failed)
		}
	}
}

func TestBuildFailed_Detail(t *testing.T) {
	t.Parallel()
	build := coder.WorkspaceBuild{BuildNumber: 7, Transition: coder.TransitionStart, WorkspaceName: "one", Status: coder.StatusFailed}
	for name, test := range map[string]struct {
		job      coder.ProvisionerJob
		log      string
		has, not []string
	}{
		"all that is known": {
			coder.ProvisionerJob{Error: "terraform apply: exit status 1", ErrorCode: "SOME_CODE"},
			"  no capacity left",
			[]string{`Build 7 (start) of workspace "one" ended as failed.`, "Error: terraform apply: exit status 1 (SOME_CODE)", "The last lines of the build log:\n  no capacity left", "The whole log: http://page"},
			[]string{"quota"},
		},
		"nothing is known":          {coder.ProvisionerJob{}, "", []string{"The whole log: http://page"}, []string{"Error:", "last lines", "()"}},
		"quota, by its code":        {coder.ProvisionerJob{Error: "no", ErrorCode: "INSUFFICIENT_QUOTA"}, "", []string{"The owner's quota on the deployment is used up."}, nil},
		"quota, by its words":       {coder.ProvisionerJob{Error: "insufficient quota"}, "", []string{"The owner's quota on the deployment is used up."}, nil},
		"template lacks a variable": {coder.ProvisionerJob{ErrorCode: "REQUIRED_TEMPLATE_VARIABLES"}, "", []string{"Whoever manages the template"}, nil},
		"escapes of the terminal":   {coder.ProvisionerJob{Error: "\x1b[31mred"}, "", nil, []string{"\x1b"}},
	} {
		failed := &lifecycle.BuildFailed{Build: build, Log: test.log, Page: "http://page"}
		failed.Build.Job = test.job
		detail := failed.Detail()
		for _, text := range test.has {
			if !strings.Contains(detail, text) {
				t.Errorf("%s: %q does not have %q", name, detail, text)
			}
		}
		for _, text := range test.not {
			if strings.Contains(detail, text) {
				t.Errorf("%s: %q has %q", name, detail, text)
			}
		}
	}
}
