package workspace

import (
	"context"
	"fmt"
	"os"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// await waits until a build has ended and logs its progress.
func (r *workspaceResource) await(ctx context.Context, workspace uuid.UUID, build *coder.WorkspaceBuild) (*coder.FinishedBuild, error) {
	if build.Done() {
		return &coder.FinishedBuild{Build: *build}, nil
	}
	progress := buildProgress{client: r.client, lines: wantsLog(), queued: build, status: build.Status}
	finished, err := r.client.WaitForBuild(ctx, workspace, build.ID, func(b *coder.WorkspaceBuild) { progress.report(ctx, b) })
	if err != nil && progress.waitsForProvisioner() {
		err = fmt.Errorf("%w; no provisioner daemon of the deployment fits the template's tags, so nobody runs the build", err)
	}
	return finished, err
}

// wantsLog tells whether anybody reads the log: reading a build's log costs
// requests.
func wantsLog() bool {
	return os.Getenv("TF_LOG") != "" || os.Getenv("TF_LOG_PROVIDER") != ""
}

// buildProgress writes the course of a build to the log.
type buildProgress struct {
	client *coder.Client
	lines  bool // the lines of the build log too
	after  int64
	queued *coder.WorkspaceBuild // as the wait found it
	status coder.Status          // as seen last
}

// report logs a new status and what the build has logged until now.
func (p *buildProgress) report(ctx context.Context, b *coder.WorkspaceBuild) {
	p.status = b.Status
	fields := map[string]any{"workspace": b.WorkspaceName, "build_number": b.BuildNumber, "transition": string(b.Transition), "status": string(b.Status)}
	tflog.Info(ctx, "Workspace build", fields)
	if !p.lines {
		return
	}
	logs, err := p.client.BuildLogs(ctx, b.ID, p.after)
	if err != nil {
		return // the wait will show whether it matters
	}
	for _, line := range logs {
		p.after = max(p.after, line.ID)
		if text := diagnose.Clean(line.Output); text != "" {
			tflog.Info(ctx, "Build log: "+text, map[string]any{"workspace": b.WorkspaceName, "build_number": b.BuildNumber, "stage": diagnose.Clean(line.Stage), "level": line.Level})
		}
	}
}

// waitsForProvisioner tells whether the build has never left the queue of a
// deployment that had nobody to run it. Only the answer that the wait began
// with counts: reads of a build alone always say that there is nobody.
func (p *buildProgress) waitsForProvisioner() bool {
	matched := p.queued.MatchedProvisioners
	return p.queued.Status == coder.StatusPending && p.status == coder.StatusPending && matched != nil && matched.Count == 0
}
