package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// States of an agent, as Coder words them.
const (
	agentConnected  = "connected"
	agentReady      = "ready"
	agentStartError = "start_error"
)

// agentInterval is the longest pause between two looks at agents that start.
const agentInterval = 2 * time.Second

// AgentsFailed is a workspace that runs, but whose agents did not become ready.
// The summary is a fixed sentence.
type AgentsFailed struct {
	Summary, Detail string
	Err             error // what ended the wait, nil when an agent did
}

// Error implements error.
func (e *AgentsFailed) Error() string { return e.Detail }

// Unwrap returns what ended the wait.
func (e *AgentsFailed) Unwrap() error { return e.Err }

// awaitAgents waits until every agent of a running build is connected and
// ready. A workspace without agents is ready at once. Other builds do not count:
// once somebody else has begun one, nobody can tell about ours any more.
func (r *Run) awaitAgents(ctx context.Context, build uuid.UUID) error {
	if !r.Want.WaitForAgents {
		return nil
	}
	r.agentsAwaited = true
	if r.lifecycle.Progress != nil {
		r.lifecycle.Progress(fmt.Sprintf("Workspace %s/%s is running, waiting for its agents", r.Have.OwnerName, r.Have.Name))
	}
	var waiting []string
	for {
		workspace, err := r.client().ReadWorkspace(ctx, r.Have.ID)
		switch {
		case err != nil && ctx.Err() == nil:
			return err
		case err == nil && workspace.LatestBuild.ID != build:
			r.Have.see(workspace)
			latest := &workspace.LatestBuild
			return &AgentsFailed{Summary: "Agents did not become ready before another build", Detail: fmt.Sprintf(
				"While the agents of workspace %q were waited for, somebody else began build %d (%s). Whether they became ready in the build before is not known. The next plan shows how the workspace is then.",
				workspace.Name, latest.BuildNumber, latest.Transition)}
		case err == nil:
			r.Have.see(workspace)
			var failed error
			if waiting, failed = agentsWaiting(&workspace.LatestBuild); len(waiting) == 0 {
				return failed
			}
		}
		ended := pause(ctx, r.client().PollWait(agentInterval))
		switch {
		case errors.Is(ended, context.Canceled): // by the user, which says nothing of the agents
			return ended
		case ended != nil:
			return &AgentsFailed{Err: ended, Summary: "Agents did not become ready in time", Detail: fmt.Sprintf(
				"The workspace runs, but the time limit ran out before its agents were ready: %s. Raise the limit in the timeouts block, or look at the agent's log in the dashboard.", strings.Join(waiting, ", "))}
		}
	}
}

// agentsWaiting names the agents that are not ready yet. One whose startup
// script has failed does not become ready any more. One that was not heard of in
// time may still come.
func agentsWaiting(b *coder.WorkspaceBuild) (waiting []string, failed error) {
	for agent := range b.Agents() {
		state := fmt.Sprintf("%q is %s, %s", agent.Name, agent.Status, agent.LifecycleState)
		switch {
		case agent.LifecycleState == agentStartError:
			return nil, &AgentsFailed{Summary: "Agent failed to become ready", Detail: fmt.Sprintf(
				"The workspace runs, but its agent %s. Look at the log of the agent's startup script in the dashboard; troubleshooting: %s", state, agent.TroubleshootingURL)}
		case agent.Status != agentConnected, agent.LifecycleState != agentReady:
			waiting = append(waiting, state)
		}
	}
	return waiting, nil
}
