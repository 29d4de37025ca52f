package workspace

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// builder runs the builds of workspaces and waits for them. The resource and
// the actions share it.
type builder struct {
	client *coder.Client
	// progress, if not nil, is told how builds go on, in lines for people.
	progress func(line string)
}

// build queues a build and waits until it has ended. A build that is active
// already, someone else's or the scheduler's, is waited for first. A build that
// failed is no error here: see [buildProblem].
func (b *builder) build(ctx context.Context, workspace uuid.UUID, req coder.CreateBuildRequest) (*coder.FinishedBuild, error) {
	for {
		begun := b.client.ServerNow()
		queued, err := b.client.CreateBuild(ctx, workspace, req)
		if err == nil {
			return b.await(ctx, workspace, queued)
		}
		if coder.IsUnclear(err) {
			return b.resumeBuild(ctx, workspace, req.Transition, begun, err)
		}
		if !buildsCollide(err) {
			return nil, err
		}
		active, readErr := b.client.Workspace(ctx, workspace)
		if readErr != nil {
			return nil, readErr
		}
		if active.LatestBuild.Done() { // it ended just now
			if err := pause(ctx, time.Second); err != nil {
				return nil, err
			}
			continue
		}
		tflog.Info(ctx, "Waiting for another build to end", map[string]any{"build_number": active.LatestBuild.BuildNumber, "status": diagnose.Clean(string(active.LatestBuild.Status))})
		if _, err := b.await(ctx, workspace, &active.LatestBuild); err != nil {
			return nil, err
		}
	}
}

// idleWorkspace reads the workspace once no build of it is active. With an
// error it returns the workspace as read last, nil when it was not.
func (b *builder) idleWorkspace(ctx context.Context, id uuid.UUID) (*coder.Workspace, error) {
	for {
		workspace, err := b.client.Workspace(ctx, id)
		if err != nil || workspace.LatestBuild.Done() {
			return workspace, err
		}
		if _, err := b.await(ctx, workspace.ID, &workspace.LatestBuild); err != nil {
			return workspace, err
		}
	}
}

// step runs one of the builds that [buildSteps] chose for an idle workspace. It
// is woken first where it sleeps and is to start. Without an error among the
// diagnostics the build has succeeded.
func (b *builder) step(ctx context.Context, workspace *coder.Workspace, request coder.CreateBuildRequest, doing string) (*coder.FinishedBuild, diag.Diagnostics) {
	asleep := !workspace.DormantAt.IsZero() || !workspace.LockedAt.IsZero()
	if asleep && request.Transition == coder.TransitionStart {
		if err := b.client.Wake(ctx, workspace.ID); err != nil {
			return nil, diagnose.Error("Unable to wake the dormant workspace", fmt.Sprintf("wake workspace %q before starting it", workspace.Name), err, diagnose.Fields{})
		}
	}
	finished, err := b.build(ctx, workspace.ID, request)
	if err != nil {
		return nil, b.buildError(ctx, workspace, err, doing)
	}
	return finished, b.buildProblem(ctx, &finished.Build)
}

// buildsCollide tells whether a build was refused because another is active.
// Two that arrive in the same instant end in 500 before Coder 2.19.
func buildsCollide(err error) bool {
	var refusal *coder.Error
	if !errors.As(err, &refusal) {
		return false
	}
	switch refusal.Status {
	case http.StatusConflict:
		return strings.Contains(refusal.Message, "already active") || strings.Contains(refusal.Message, "insert workspace build")
	case http.StatusInternalServerError:
		return strings.Contains(refusal.Message, "insert workspace build") && !coder.IsForbidden(err)
	default:
		return false
	}
}

// resumeBuild goes on after a POST whose answer was lost: a latest build of the
// same kind that was queued since then is the one that was asked for, or as
// good.
func (b *builder) resumeBuild(ctx context.Context, workspace uuid.UUID, transition coder.Transition, begun time.Time, lost error) (*coder.FinishedBuild, error) {
	current, err := b.client.Workspace(ctx, workspace)
	if err != nil {
		return nil, lost
	}
	latest := &current.LatestBuild
	if latest.Transition != transition || latest.CreatedAt.Before(begun.Add(-clockGrain)) {
		return nil, lost
	}
	return b.await(ctx, workspace, latest)
}

// clockGrain is how exactly the server's clock is known: the Date header has
// whole seconds.
const clockGrain = 2 * time.Second

// pause waits for a while or for the end of the context.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
