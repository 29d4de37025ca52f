package coder_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// unrecorded are refusals that Coder's sources have and no recording, with and
// without the headers that say that they are Coder's.
var unrecorded = map[string]struct {
	status        int
	body          string
	with, without coder.Kind
}{
	"template deprecated, ≥2.5":          {400, `{"message":"Template \"x\" has been deprecated, and cannot be used to create a new workspace.","detail":"use y"}`, coder.TemplateDeprecated, coder.TemplateDeprecated},
	"template elsewhere, ≤2.1":           {401, `{"message":"Template is not in organization \"x\"."}`, coder.TemplateElsewhere, coder.TemplateElsewhere},
	"template elsewhere, ≤2.13":          {403, `{"message":"Template is not in organization \"x\"."}`, coder.TemplateElsewhere, coder.TemplateElsewhere},
	"template unreadable, ≤2.13":         {500, `{"message":"Internal error fetching template.","detail":"unauthorized: rbac: forbidden"}`, coder.Forbidden, coder.Forbidden},
	"template not to be used, ≥2.19":     {403, `{"message":"Unauthorized access to use the template \"x\"."}`, coder.TemplateForbidden, coder.TemplateForbidden},
	"version canceled":                   {400, `{"message":"The provided template version was canceled during import. You cannot create workspaces using it!"}`, coder.VersionUnusable, coder.VersionUnusable},
	"version archived, ≥2.3":             {500, `{"message":"Archived template versions cannot be used to make a workspace.","validations":[{"field":"template_version_id","detail":"archived"}]}`, coder.VersionUnusable, coder.VersionUnusable},
	"version with old parameters":        {400, `{"message":"Unable to build workspace with unsupported parameters","detail":"Legacy parameters in use on this version are not supported anymore. Contact your administrator for assistance."}`, coder.VersionUnusable, coder.VersionUnusable},
	"version importing, 2.3 to 2.21":     {403, `{"message":"Template version job has not finished"}`, coder.VersionNotReady, coder.VersionNotReady},
	"version importing, ≥2.22":           {425, `{"message":"Template version job has not finished"}`, coder.VersionNotReady, coder.VersionNotReady},
	"version by a name that is not":      {404, `{"message":"No template version found by name \"x\"."}`, coder.NotVisible, coder.Foreign},
	"not the active version, ≥2.4":       {403, `{"message":"insert workspace build","detail":"cannot use non-active version: unauthorized: rbac: forbidden"}`, coder.NotActiveVersion, coder.NotActiveVersion},
	"dormant, 2.4 to 2.29":               {403, `{"message":"insert workspace build","detail":"unauthorized: rbac: forbidden"}`, coder.Forbidden, coder.Forbidden},
	"dormant, ≤2.3":                      {500, `{"message":"insert workspace build","detail":"unauthorized: rbac: forbidden"}`, coder.Forbidden, coder.Forbidden},
	"two builds at once, ≥2.19":          {409, `{"message":"insert workspace build","detail":"pq: duplicate key value violates unique constraint"}`, coder.BuildActive, coder.BuildActive},
	"a build that the database refuses":  {500, `{"message":"insert workspace build","detail":"pq: out of memory"}`, coder.Internal, coder.Internal},
	"external authentication, ≥2.35":     {403, `{"message":"External authentication is required to create a workspace with this template.","validations":[{"field":"external_auth","detail":"github"}]}`, coder.ExternalAuthMissing, coder.ExternalAuthMissing},
	"sharing forbidden, ≥2.30":           {403, `{"message":"Workspace sharing is disabled for this organization."}`, coder.SharingOff, coder.SharingOff},
	"sharing as experiment, ≤2.31":       {403, `{"message":"Workspace Sharing functionality requires enabling the 'workspace-sharing' experiment."}`, coder.SharingOff, coder.SharingOff},
	"own role, ≥2.32":                    {400, `{"message":"You cannot change your own workspace sharing role."}`, coder.OwnSharingRole, coder.OwnSharingRole},
	"share beyond the template's limit":  {400, `{"message":"\"public\" sharing level is not allowed under max level \"authenticated\""}`, coder.PortLevelTooHigh, coder.PortLevelTooHigh},
	"licence":                            {403, `{"message":"Build is not permitted: too many"}`, coder.LicenseLimit, coder.LicenseLimit},
	"no licence":                         {403, `{"message":"Template RBAC is a Premium feature. Contact sales!"}`, coder.Unlicensed, coder.Foreign},
	"forbidden":                          {403, `{"message":"Forbidden.","detail":"You don't have permission to view this content."}`, coder.Forbidden, coder.Forbidden},
	"forbidden, without detail":          {403, `{"message":"Forbidden."}`, coder.Forbidden, coder.Foreign},
	"prebuilt":                           {409, `{"message":"TTL updates are not supported for prebuilt workspaces","detail":"configured per preset"}`, coder.Conflict, coder.Conflict},
	"no allowed day, ≥2.19":              {500, `{"message":"Internal error calculating workspace autostart schedule."}`, coder.NoAllowedDay, coder.NoAllowedDay},
	"autostart forbidden":                {400, `{"message":"Autostart is not allowed for workspaces using this template.","validations":[{"field":"schedule","detail":"no"}]}`, coder.InvalidFields, coder.InvalidFields},
	"autostop forbidden, 2.12 to 2.18":   {400, `{"message":"Cannot extend workspace: template does not allow user autostop."}`, coder.BadRequest, coder.Foreign},
	"parameter of the wrong kind, ≤2.1":  {400, `{"message":"can't validate build parameter \"x\": no","detail":"can't validate build parameter \"x\": no"}`, coder.ParametersRefused, coder.ParametersRefused},
	"parameter \"\" for required, ≤2.1":  {400, `{"message":"parameter value is required","detail":"parameter value is required"}`, coder.ParametersRefused, coder.ParametersRefused},
	"token beyond the limit":             {400, `{"message":"Failed to validate create API key request.","detail":"lifetime must be less than 24h0m0s"}`, coder.LifetimeRefused, coder.LifetimeRefused},
	"panic":                              {500, `{"message":"An internal server error occurred."}`, coder.Internal, coder.Internal},
	"unavailable":                        {503, `{"message":"Service is starting.","detail":"wait"}`, coder.Unavailable, coder.Unavailable},
	"unchanged":                          {304, ``, coder.Unchanged, coder.Unchanged},
	"TLS expected, Go":                   {400, "Client sent an HTTP request to an HTTPS server.\n", coder.TLSExpected, coder.TLSExpected},
	"TLS expected, nginx":                {400, "<html><head><title>400 The plain HTTP request was sent to HTTPS port</title></head></html>", coder.TLSExpected, coder.TLSExpected},
	"gone, in other words":               {410, `{"message":"Workspace was deleted."}`, coder.Gone, coder.Foreign},
	"gone, in other words, with details": {410, `{"message":"Workspace was deleted.","detail":"for ever"}`, coder.Gone, coder.Foreign},
	"somebody's page for Coder's answer": {404, "<html>Not found</html>", coder.Foreign, coder.Foreign},
	"somebody's JSON for it":             {404, `{"error":"not found"}`, coder.Foreign, coder.Foreign},
	"no body for it":                     {404, "", coder.Foreign, coder.Foreign},
	"unknown method":                     {405, "", coder.UnknownRoute, coder.Foreign},
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	for name, tt := range unrecorded {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := fmt.Errorf("wrapped: %w", refuse(t, "GET", tt.status, tt.body, ofCoder...))
			if got := coder.KindOf(err); got != tt.with {
				t.Errorf("it is %q, want %q", got, tt.with)
			}
			if got := coder.KindOf(refuse(t, "GET", tt.status, tt.body)); got != tt.without {
				t.Errorf("without headers it is %q, want %q", got, tt.without)
			}
		})
	}
	for _, err := range []error{nil, io.EOF, errors.New("404"), &coder.RequestError{Err: io.EOF}} {
		if got := coder.KindOf(err); got != coder.NoRefusal {
			t.Errorf("%v is %q", err, got)
		}
	}
	for _, err := range []error{&coder.ContentError{Status: 200}, &coder.RedirectError{Status: 302}} {
		if got := coder.KindOf(err); got != coder.Foreign {
			t.Errorf("%v is %q", err, got)
		}
	}
}

// TestKind_All has an answer of every kind, and a name.
func TestKind_All(t *testing.T) {
	t.Parallel()
	seen := map[coder.Kind]bool{coder.NoRefusal: true, coder.QuotaExceeded: true, coder.VariablesMissing: true} // the last two: TestFailureKind
	for _, tt := range unrecorded {
		seen[tt.with] = true
	}
	for _, release := range releases {
		for _, file := range recordingsOf(release) {
			for _, record := range refusals(t, file) {
				seen[record.read(t, true).Kind()] = true
			}
		}
	}
	names := map[string]bool{}
	for i := range coder.Kinds {
		kind := coder.Kind(i)
		if !seen[kind] {
			t.Errorf("no answer is %q", kind)
		}
		if kind.String() == "" || names[kind.String()] {
			t.Errorf("kind %d is called %q", i, kind)
		}
		names[kind.String()] = true
	}
	if got := coder.Kind(coder.Kinds).String(); got != fmt.Sprintf("kind %d", coder.Kinds) {
		t.Errorf("a kind that there is not is called %q", got)
	}
}

func TestError_Parameters(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		body string
		want []string
	}{
		"dynamic":         {`{"message":"Unable to validate parameters","validations":[{"field":"cpu","detail":"x"},{"field":"name","detail":"y"}]}`, []string{"cpu", "name"}},
		"dynamic, none":   {`{"message":"Unable to validate parameters","detail":"cycle"}`, nil},
		"classic":         {`{"message":"Unable to validate parameter \"zone\"","detail":"why"}`, []string{"zone"}},
		"≤2.1":            {`{"message":"Parameter \"zone\" is required but not provided"}`, []string{"zone"}},
		"≤2.1, immutable": {`{"message":"Parameter \"zone\" is not mutable, so it can't be updated after creating a workspace."}`, []string{"zone"}},
		"≤2.1, no name":   {`{"message":"value 9 is more than the maximum 8","detail":"value 9 is more than the maximum 8"}`, nil},
		"other fields":    {`{"message":"Validation failed.","validations":[{"field":"name","detail":"x"}]}`, nil},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(tt.want, refuse(t, "POST", 400, tt.body, ofCoder...).Parameters()); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestFormDiagnostic_LacksModule(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"summary":"Something","extra":{"code":"module_not_loaded"}}`: true,
		`{"summary":"Module not loaded. Did you forget it?"}`:          true,
		`{"summary":"A module","extra":{"code":"required"}}`:           false,
	} {
		var d coder.FormDiagnostic
		if err := json.Unmarshal([]byte(text), &d); err != nil || d.LacksModule() != want {
			t.Errorf("%s: %t, %v", text, !want, err)
		}
	}
}

func TestFormDiagnostic_HidesOwner(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		`{"severity":"error","summary":"Failed to fetch workspace owner","detail":"Please check your permissions or the user may not exist."}`: true,
		`{"severity":"warning","summary":"Failed to fetch workspace owner"}`:                                                                   false,
		`{"severity":"error","summary":"Failed to fetch something else"}`:                                                                      false,
	} {
		var d coder.FormDiagnostic
		if err := json.Unmarshal([]byte(text), &d); err != nil || d.HidesOwner() != want {
			t.Errorf("%s: %t, %v", text, !want, err)
		}
	}
}

func TestFailureKind(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		job  coder.ProvisionerJob
		want coder.Kind
	}{
		"quota, ≥2.34":       {coder.ProvisionerJob{Error: "quota", ErrorCode: "INSUFFICIENT_QUOTA"}, coder.QuotaExceeded},
		"quota, ≤2.33":       {coder.ProvisionerJob{Error: "insufficient quota"}, coder.QuotaExceeded},
		"variables":          {coder.ProvisionerJob{Error: "x", ErrorCode: "REQUIRED_TEMPLATE_VARIABLES"}, coder.VariablesMissing},
		"the template's own": {coder.ProvisionerJob{Error: "terraform apply: exit status 1"}, coder.NoRefusal},
		"none":               {coder.ProvisionerJob{}, coder.NoRefusal},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := tt.job.FailureKind(); got != tt.want {
				t.Errorf("it is %q, want %q", got, tt.want)
			}
		})
	}
}
