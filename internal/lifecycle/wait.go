package workspace

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// logInterval is how often the log of a running build is read for those who
// want to see its progress.
const logInterval = 2 * time.Second

// await waits until a build has ended and tells how it goes on.
func (b *builder) await(ctx context.Context, workspace uuid.UUID, build *coder.WorkspaceBuild) (*coder.FinishedBuild, error) {
	if build.Done() {
		return &coder.FinishedBuild{Build: *build}, nil
	}
	progress := buildProgress{client: b.client, tell: b.progress, queued: build, status: build.Status}
	if b.progress != nil {
		stop := progress.followLog(ctx)
		defer stop()
	}
	finished, err := b.client.WaitForBuild(ctx, workspace, build.ID, func(b *coder.WorkspaceBuild) { progress.report(ctx, b) })
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

// buildProgress tells the course of a build: Terraform's log all of it, tell
// what people want to know.
type buildProgress struct {
	client *coder.Client
	tell   func(line string)     // nil when nobody listens
	queued *coder.WorkspaceBuild // as the wait found it
	status coder.Status          // as seen last

	mu    sync.Mutex // guards after, and keeps the lines in order
	after int64      // id of the last line of the build's log that was told
}

// report tells a new status and what the build has logged until now.
func (p *buildProgress) report(ctx context.Context, b *coder.WorkspaceBuild) {
	p.status = b.Status
	if p.tell != nil || wantsLog() {
		p.readLog(ctx, b)
	}
	status := diagnose.Clean(string(b.Status))
	fields := map[string]any{"workspace": diagnose.Clean(b.WorkspaceName), "build_number": b.BuildNumber, "transition": diagnose.Clean(string(b.Transition)), "status": status}
	tflog.Info(ctx, "Workspace build", fields)
	if p.tell != nil {
		p.tell(fmt.Sprintf("Build %d (%s) of workspace %q is %s", b.BuildNumber, b.Transition, b.WorkspaceName, status))
	}
}

// followLog tells the lines of the log while the build runs, until stop.
func (p *buildProgress) followLog(ctx context.Context) (stop func()) {
	ctx, cancel := context.WithCancel(ctx)
	var following sync.WaitGroup
	following.Go(func() {
		for pause(ctx, logInterval) == nil {
			p.readLog(ctx, p.queued)
		}
	})
	return func() {
		cancel()
		following.Wait()
	}
}

// readLog tells the lines of the build's log that are new.
func (p *buildProgress) readLog(ctx context.Context, b *coder.WorkspaceBuild) {
	p.mu.Lock()
	defer p.mu.Unlock()
	logs, err := p.client.BuildLogs(ctx, b.ID, p.after)
	if err != nil {
		return // the wait will show whether it matters
	}
	for _, line := range logs {
		p.after = max(p.after, line.ID)
		text, stage := diagnose.Clean(line.Output), diagnose.Clean(line.Stage)
		if text == "" {
			continue
		}
		tflog.Info(ctx, "Build log: "+text, map[string]any{"workspace": diagnose.Clean(b.WorkspaceName), "build_number": b.BuildNumber, "stage": stage, "level": diagnose.Clean(line.Level)})
		if p.tell != nil && line.Level != "debug" && line.Level != "trace" {
			p.tell(stage + ": " + text)
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
