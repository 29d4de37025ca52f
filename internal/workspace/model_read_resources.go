package workspace

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/view"
)

// resourceView shows one Terraform resource of a build.
type resourceView struct {
	ID                  types.String   `tfsdk:"id"`
	JobID               types.String   `tfsdk:"job_id"`
	Type                types.String   `tfsdk:"type"`
	Name                types.String   `tfsdk:"name"`
	Icon                types.String   `tfsdk:"icon"`
	Hide                types.Bool     `tfsdk:"hide"`
	DailyCost           types.Int64    `tfsdk:"daily_cost"`
	CreatedAt           types.String   `tfsdk:"created_at"`
	WorkspaceTransition types.String   `tfsdk:"workspace_transition"`
	Metadata            []metadataView `tfsdk:"metadata"`
	Agents              []agentView    `tfsdk:"agents"`
}

// metadataView shows one fact about a resource, and its value unless it is a
// secret: see [sensitiveValues].
type metadataView struct {
	Key       types.String `tfsdk:"key"`
	Value     types.String `tfsdk:"value"`
	Sensitive types.Bool   `tfsdk:"sensitive"`
}

// agentView shows the agent of a resource.
type agentView struct {
	ID                       types.String           `tfsdk:"id"`
	ResourceID               types.String           `tfsdk:"resource_id"`
	InstanceID               types.String           `tfsdk:"instance_id"`
	Name                     types.String           `tfsdk:"name"`
	Status                   types.String           `tfsdk:"status"`
	LifecycleState           types.String           `tfsdk:"lifecycle_state"`
	Health                   *agentHealthView       `tfsdk:"health"`
	Architecture             types.String           `tfsdk:"architecture"`
	OperatingSystem          types.String           `tfsdk:"operating_system"`
	Version                  types.String           `tfsdk:"version"`
	Directory                types.String           `tfsdk:"directory"`
	ExpandedDirectory        types.String           `tfsdk:"expanded_directory"`
	EnvironmentVariables     []types.String         `tfsdk:"environment_variables"`
	CreatedAt                types.String           `tfsdk:"created_at"`
	UpdatedAt                types.String           `tfsdk:"updated_at"`
	FirstConnectedAt         types.String           `tfsdk:"first_connected_at"`
	LastConnectedAt          types.String           `tfsdk:"last_connected_at"`
	DisconnectedAt           types.String           `tfsdk:"disconnected_at"`
	StartedAt                types.String           `tfsdk:"started_at"`
	ReadyAt                  types.String           `tfsdk:"ready_at"`
	ConnectionTimeoutSeconds types.Int64            `tfsdk:"connection_timeout_seconds"`
	TroubleshootingURL       types.String           `tfsdk:"troubleshooting_url"`
	Latency                  map[string]latencyView `tfsdk:"latency"`
	Subsystem                types.String           `tfsdk:"subsystem"`
	Subsystems               []types.String         `tfsdk:"subsystems"`
	StartupLogsLength        types.Int64            `tfsdk:"startup_logs_length"`
	StartupLogsOverflowed    types.Bool             `tfsdk:"startup_logs_overflowed"`
	StartupScriptBehavior    types.String           `tfsdk:"startup_script_behavior"`

	LoginBeforeReady             types.Bool   `tfsdk:"login_before_ready"`
	StartupScript                types.String `tfsdk:"startup_script"`
	StartupScriptTimeoutSeconds  types.Int64  `tfsdk:"startup_script_timeout_seconds"`
	ShutdownScript               types.String `tfsdk:"shutdown_script"`
	ShutdownScriptTimeoutSeconds types.Int64  `tfsdk:"shutdown_script_timeout_seconds"`

	Scripts     []scriptView   `tfsdk:"scripts"`
	DisplayApps []types.String `tfsdk:"display_apps"`
	APIVersion  types.String   `tfsdk:"api_version"`
	ParentID    types.String   `tfsdk:"parent_id"`

	Apps []appView `tfsdk:"apps"`
}

// scriptView shows a script that an agent runs.
type scriptView struct {
	ID               types.String `tfsdk:"id"`
	DisplayName      types.String `tfsdk:"display_name"`
	Script           types.String `tfsdk:"script"`
	Cron             types.String `tfsdk:"cron"`
	RunOnStart       types.Bool   `tfsdk:"run_on_start"`
	RunOnStop        types.Bool   `tfsdk:"run_on_stop"`
	StartBlocksLogin types.Bool   `tfsdk:"start_blocks_login"`
	TimeoutSeconds   types.Int64  `tfsdk:"timeout_seconds"`
	LogPath          types.String `tfsdk:"log_path"`
	Status           types.String `tfsdk:"status"`
	ExitCode         types.Int64  `tfsdk:"exit_code"`
}

// agentHealthView shows whether an agent works as it should.
type agentHealthView struct {
	Healthy types.Bool   `tfsdk:"healthy"`
	Reason  types.String `tfsdk:"reason"`
}

// latencyView shows the round trip from an agent to one relay region.
type latencyView struct {
	LatencyMillis types.Float64 `tfsdk:"latency_ms"`
	Preferred     types.Bool    `tfsdk:"preferred"`
}

// appView shows an application of an agent.
type appView struct {
	ID           types.String    `tfsdk:"id"`
	Slug         types.String    `tfsdk:"slug"`
	DisplayName  types.String    `tfsdk:"display_name"`
	URL          types.String    `tfsdk:"url"`
	Command      types.String    `tfsdk:"command"`
	Icon         types.String    `tfsdk:"icon"`
	External     types.Bool      `tfsdk:"external"`
	Subdomain    types.Bool      `tfsdk:"subdomain"`
	SharingLevel types.String    `tfsdk:"sharing_level"`
	Health       types.String    `tfsdk:"health"`
	Healthcheck  healthcheckView `tfsdk:"healthcheck"`

	SubdomainName types.String `tfsdk:"subdomain_name"`
	Hidden        types.Bool   `tfsdk:"hidden"`
	OpenIn        types.String `tfsdk:"open_in"`
	Group         types.String `tfsdk:"group"`
	Tooltip       types.String `tfsdk:"tooltip"`
}

// healthcheckView shows how an app is probed.
type healthcheckView struct {
	URL       types.String `tfsdk:"url"`
	Interval  types.Int64  `tfsdk:"interval"`
	Threshold types.Int64  `tfsdk:"threshold"`
}

func viewResource(r *coder.WorkspaceResource) resourceView {
	return resourceView{
		ID:                  types.StringValue(r.ID.String()),
		JobID:               types.StringValue(r.JobID.String()),
		Type:                types.StringValue(r.Type),
		Name:                types.StringValue(r.Name),
		Icon:                types.StringValue(r.Icon),
		Hide:                types.BoolValue(r.Hide),
		DailyCost:           types.Int64Value(r.DailyCost),
		CreatedAt:           view.Time(r.CreatedAt),
		WorkspaceTransition: types.StringValue(string(r.Transition)),
		Metadata:            view.List(r.Metadata, viewMetadata),
		Agents:              view.List(r.Agents, viewAgent),
	}
}

func viewMetadata(m *coder.ResourceMetadata) metadataView {
	shown := metadataView{Key: types.StringValue(m.Key), Sensitive: types.BoolValue(m.Sensitive)}
	if !m.Sensitive {
		shown.Value = types.StringValue(m.Value)
	}
	return shown
}

func viewAgent(a *coder.WorkspaceAgent) agentView {
	subsystems := agentSubsystems(a)
	shown := agentView{
		ID:                       types.StringValue(a.ID.String()),
		ResourceID:               types.StringValue(a.ResourceID.String()),
		InstanceID:               view.String(a.InstanceID),
		Name:                     types.StringValue(a.Name),
		Status:                   types.StringValue(a.Status),
		LifecycleState:           types.StringValue(a.LifecycleState),
		Architecture:             types.StringValue(a.Architecture),
		OperatingSystem:          types.StringValue(a.OperatingSystem),
		Version:                  types.StringValue(a.Version),
		Directory:                view.String(a.Directory),
		ExpandedDirectory:        view.String(a.ExpandedDirectory),
		EnvironmentVariables:     view.Strings(slices.Sorted(maps.Keys(a.EnvironmentVariables))),
		CreatedAt:                view.Time(a.CreatedAt),
		UpdatedAt:                view.Time(a.UpdatedAt),
		FirstConnectedAt:         view.Time(a.FirstConnectedAt),
		LastConnectedAt:          view.Time(a.LastConnectedAt),
		DisconnectedAt:           view.Time(a.DisconnectedAt),
		StartedAt:                view.Time(a.StartedAt),
		ReadyAt:                  view.Time(a.ReadyAt),
		ConnectionTimeoutSeconds: types.Int64Value(a.ConnectionTimeoutSeconds),
		TroubleshootingURL:       types.StringValue(a.TroubleshootingURL),
		Latency:                  make(map[string]latencyView, len(a.Latency)),
		Subsystems:               view.Strings(subsystems),
		StartupLogsLength:        types.Int64PointerValue(cmp.Or(a.LogsLength, a.StartupLogsLength)),
		StartupLogsOverflowed:    types.BoolPointerValue(cmp.Or(a.LogsOverflowed, a.StartupLogsOverflowed)),
		StartupScriptBehavior:    view.String(a.StartupScriptBehavior),

		LoginBeforeReady:             types.BoolPointerValue(a.LoginBeforeReady),
		StartupScript:                types.StringPointerValue(a.StartupScript),
		StartupScriptTimeoutSeconds:  types.Int64PointerValue(a.StartupScriptTimeoutSeconds),
		ShutdownScript:               types.StringPointerValue(a.ShutdownScript),
		ShutdownScriptTimeoutSeconds: types.Int64PointerValue(a.ShutdownScriptTimeoutSeconds),

		Scripts:     view.List(a.Scripts, viewScript),
		DisplayApps: view.Strings(a.DisplayApps),
		APIVersion:  view.String(a.APIVersion),
		ParentID:    view.UUID(a.ParentID),

		Apps: view.List(a.Apps, viewApp),
	}
	if len(subsystems) > 0 {
		shown.Subsystem = types.StringValue(subsystems[0])
	}
	if a.Health != nil {
		shown.Health = &agentHealthView{
			Healthy: types.BoolValue(a.Health.Healthy),
			Reason:  view.String(a.Health.Reason),
		}
	}
	for region, latency := range a.Latency {
		shown.Latency[region] = latencyView{
			LatencyMillis: types.Float64Value(latency.Milliseconds),
			Preferred:     types.BoolValue(latency.Preferred),
		}
	}
	return shown
}

// agentSubsystems is the list of Coder ≥2.1 or, from older servers, the single
// subsystem, which says "none" when there is none.
func agentSubsystems(a *coder.WorkspaceAgent) []string {
	if a.Subsystem != nil && *a.Subsystem != "" && *a.Subsystem != "none" {
		return []string{*a.Subsystem}
	}
	return a.Subsystems
}

func viewScript(s *coder.AgentScript) scriptView {
	return scriptView{
		ID:               view.UUID(s.ID),
		DisplayName:      types.StringValue(s.DisplayName),
		Script:           types.StringValue(s.Script),
		Cron:             view.String(s.Cron),
		RunOnStart:       types.BoolValue(s.RunOnStart),
		RunOnStop:        types.BoolValue(s.RunOnStop),
		StartBlocksLogin: types.BoolValue(s.StartBlocksLogin),
		TimeoutSeconds:   types.Int64Value(int64(s.Timeout / time.Second)),
		LogPath:          types.StringValue(s.LogPath),
		Status:           view.String(s.Status),
		ExitCode:         types.Int64PointerValue(s.ExitCode),
	}
}

func viewApp(a *coder.WorkspaceApp) appView {
	return appView{
		ID:           types.StringValue(a.ID.String()),
		Slug:         types.StringValue(a.Slug),
		DisplayName:  view.String(a.DisplayName),
		URL:          view.String(a.URL),
		Command:      view.String(a.Command),
		Icon:         view.String(a.Icon),
		External:     types.BoolValue(a.External),
		Subdomain:    types.BoolValue(a.Subdomain),
		SharingLevel: types.StringValue(a.SharingLevel),
		Health:       types.StringValue(a.Health),
		Healthcheck: healthcheckView{
			URL:       types.StringValue(a.Healthcheck.URL),
			Interval:  types.Int64Value(a.Healthcheck.Interval),
			Threshold: types.Int64Value(a.Healthcheck.Threshold),
		},

		SubdomainName: view.String(a.SubdomainName),
		Hidden:        types.BoolPointerValue(a.Hidden),
		OpenIn:        view.String(a.OpenIn),
		Group:         view.String(a.Group),
		Tooltip:       view.String(a.Tooltip),
	}
}
