package lifecycle

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/parameter"
)

// logInterval is how often the log of a running build is read for those who
// want to see its progress.
const logInterval = 2 * time.Second

// await waits until a build has ended and tells how it goes on.
func (r *Run) await(ctx context.Context, build *coder.WorkspaceBuild) (*coder.FinishedBuild, error) {
	if build.Done() {
		return &coder.FinishedBuild{Build: *build}, nil
	}
	progress := buildProgress{run: r, queued: build, status: build.Status}
	if r.lifecycle.Progress != nil {
		stop := progress.followLog(ctx)
		defer stop()
	}
	finished, err := r.client().WaitForBuild(ctx, r.Have.ID, build.ID, func(b *coder.WorkspaceBuild) { progress.report(ctx, b) })
	if err != nil && progress.waitsForProvisioner() {
		err = fmt.Errorf("%w; no provisioner daemon of the deployment fits the template's tags, so nobody runs the build", err)
	}
	return finished, err
}

// buildProgress tells the course of a build: the log all of it, Progress what
// people want to know.
type buildProgress struct {
	run    *Run
	queued *coder.WorkspaceBuild // as the wait found it
	status coder.Status          // as seen last

	mu      sync.Mutex         // guards the following, and keeps the lines in order
	after   int64              // id of the last line of the build's log that was told
	secrets *parameter.Secrets // nil before there was one
}

// report tells a new status and what the build has logged until now.
func (p *buildProgress) report(ctx context.Context, b *coder.WorkspaceBuild) {
	p.status = b.Status
	if p.run.lifecycle.Progress != nil || p.run.lifecycle.LogBuilds {
		p.readLog(ctx, b)
	}
	p.run.lifecycle.note(ctx, "Workspace build", map[string]any{
		"workspace": b.WorkspaceName, "build_number": b.BuildNumber, "transition": string(b.Transition), "status": string(b.Status),
	})
	if p.run.lifecycle.Progress != nil {
		p.run.lifecycle.Progress(fmt.Sprintf("Build %d (%s) of workspace %q is %s", b.BuildNumber, b.Transition, b.WorkspaceName, b.Status))
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
	logs, err := p.run.lifecycle.Client.BuildLogs(ctx, b.ID, p.after)
	if err != nil {
		return // the wait will show whether it matters
	}
	if p.secrets == nil && len(logs) > 0 {
		secrets := p.run.lifecycle.secrets(ctx, b.TemplateVersionID, b.ID, &p.run.Want)
		if ctx.Err() != nil {
			return // they may not be all
		}
		p.secrets = secrets
	}
	for _, line := range logs {
		p.after = max(p.after, line.ID)
		text := p.secrets.Hide(line.Output)
		if text == "" {
			continue
		}
		p.run.lifecycle.note(ctx, "Build log: "+text, map[string]any{
			"workspace": b.WorkspaceName, "build_number": b.BuildNumber, "stage": line.Stage, "level": line.Level,
		})
		if p.run.lifecycle.Progress != nil && line.Level != "debug" && line.Level != "trace" {
			p.run.lifecycle.Progress(line.Stage + ": " + text)
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
