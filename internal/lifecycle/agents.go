package workspace

import (
	"context"
	"fmt"
	"iter"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// States of an agent, as Coder words them.
const (
	agentConnected    = "connected"
	agentTimeout      = "timeout"
	agentReady        = "ready"
	agentStartError   = "start_error"
	agentStartTimeout = "start_timeout"
)

// agentInterval is the longest pause between two looks at agents that start.
const agentInterval = 2 * time.Second

// buildAgents are all agents of a build.
func buildAgents(b *coder.WorkspaceBuild) iter.Seq[*coder.WorkspaceAgent] {
	return func(yield func(*coder.WorkspaceAgent) bool) {
		for r := range b.Resources {
			for a := range b.Resources[r].Agents {
				if !yield(&b.Resources[r].Agents[a]) {
					return
				}
			}
		}
	}
}

// awaitAgents waits until every agent of a running workspace is connected and
// ready, and returns the workspace as it is then. A workspace without agents
// is ready at once.
func (b *builder) awaitAgents(ctx context.Context, id uuid.UUID) (*coder.Workspace, diag.Diagnostics) {
	for {
		workspace, err := b.client.ReadWorkspace(ctx, id, coder.ReadHint{})
		if err != nil && ctx.Err() == nil {
			return nil, diagnose.Error("Unable to look at the workspace's agents", fmt.Sprintf("read workspace %s", id), err, diagnose.Fields{})
		}
		var waiting []string
		if err == nil {
			var problem diag.Diagnostics
			if waiting, problem = agentsWaiting(&workspace.LatestBuild); len(waiting) == 0 {
				return workspace, problem
			}
		}
		if ended := pause(ctx, b.client.PollWait(agentInterval)); ended != nil {
			return workspace, diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("wait_for_agents"), "Agents did not become ready in time",
				fmt.Sprintf("The workspace runs, but the time limit ran out before its agents were ready: %s. Raise the limit in the timeouts block, or look at the agent's log in the dashboard.", strings.Join(waiting, ", ")))}
		}
	}
}

// agentsWaiting names the agents that are not ready yet. When one cannot become
// ready any more there is nothing to wait for, and the problem says why.
func agentsWaiting(b *coder.WorkspaceBuild) (waiting []string, problem diag.Diagnostics) {
	for agent := range buildAgents(b) {
		state := fmt.Sprintf("%q is %s, %s", agent.Name, diagnose.Clean(agent.Status), diagnose.Clean(agent.LifecycleState))
		switch {
		case agent.Status == agentTimeout, agent.LifecycleState == agentStartError, agent.LifecycleState == agentStartTimeout:
			problem.AddAttributeError(path.Root("wait_for_agents"), "Agent failed to become ready",
				fmt.Sprintf("The workspace runs, but its agent %s. Look at the log of the agent's startup script in the dashboard; troubleshooting: %s", state, diagnose.Clean(agent.TroubleshootingURL)))
		case agent.Status != agentConnected, agent.LifecycleState != agentReady:
			waiting = append(waiting, state)
		}
	}
	if problem.HasError() {
		return nil, problem
	}
	return waiting, nil
}
