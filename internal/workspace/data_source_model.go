package workspace

import (
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/view"
)

// dataSourceModel is what the data source shows: all that the list shows of a
// workspace, and what takes further requests.
type dataSourceModel struct {
	workspaceView

	IncludeDeleted  types.Bool              `tfsdk:"include_deleted"`
	URL             types.String            `tfsdk:"url"`
	Parameters      map[string]types.String `tfsdk:"parameters"`
	SensitiveValues map[string]types.String `tfsdk:"sensitive_values"`
	Agents          []agentLinkView         `tfsdk:"agents"`
	Apps            []appLinkView           `tfsdk:"apps"`
}

// agentLinkView shows how to get at an agent.
type agentLinkView struct {
	ID              types.String `tfsdk:"id"`
	Name            types.String `tfsdk:"name"`
	Status          types.String `tfsdk:"status"`
	LifecycleState  types.String `tfsdk:"lifecycle_state"`
	OperatingSystem types.String `tfsdk:"operating_system"`
	Architecture    types.String `tfsdk:"architecture"`
	Directory       types.String `tfsdk:"directory"`
	TerminalURL     types.String `tfsdk:"terminal_url"`
	SSHCommand      types.String `tfsdk:"ssh_command"`
}

// appLinkView shows how to open an app.
type appLinkView struct {
	AgentName    types.String `tfsdk:"agent_name"`
	Slug         types.String `tfsdk:"slug"`
	DisplayName  types.String `tfsdk:"display_name"`
	Health       types.String `tfsdk:"health"`
	SharingLevel types.String `tfsdk:"sharing_level"`
	External     types.Bool   `tfsdk:"external"`
	URL          types.String `tfsdk:"url"`
}

// viewLinks shows the agents of all resources and the apps of all agents, in
// the order of the resources. AppHost is the deployment's host for apps on
// subdomains, if any.
func viewLinks(client *coder.Client, w *coder.Workspace, appHost string) ([]agentLinkView, []appLinkView) {
	agents, apps := []agentLinkView{}, []appLinkView{}
	for agent := range w.LatestBuild.Agents() {
		agents = append(agents, agentLinkView{
			ID:              types.StringValue(agent.ID.String()),
			Name:            types.StringValue(agent.Name),
			Status:          types.StringValue(agent.Status),
			LifecycleState:  types.StringValue(agent.LifecycleState),
			OperatingSystem: types.StringValue(agent.OperatingSystem),
			Architecture:    types.StringValue(agent.Architecture),
			Directory:       view.String(agent.Directory),
			TerminalURL:     types.StringValue(client.TerminalURL(w, agent.Name, "")),
			SSHCommand:      types.StringValue("coder ssh " + w.OwnerName + "/" + w.Name + "." + agent.Name),
		})
		for i := range agent.Apps {
			app := &agent.Apps[i]
			apps = append(apps, appLinkView{
				AgentName:    types.StringValue(agent.Name),
				Slug:         types.StringValue(app.Slug),
				DisplayName:  view.String(app.DisplayName),
				Health:       types.StringValue(app.Health),
				SharingLevel: types.StringValue(app.SharingLevel),
				External:     types.BoolValue(app.External),
				URL:          view.String(client.AppURL(w, agent, app, appHost)),
			})
		}
	}
	return agents, apps
}
