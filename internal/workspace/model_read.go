package workspace

import (
	"cmp"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/view"
)

// The …View types are what a data source shows of a workspace: every field of
// the API, with the spellings of old and new servers unified. A view holds
// null where the server has nothing to say or does not know the field; lists
// and maps are empty rather than null, so that they can always be looped over.

// workspaceView shows a workspace; see [workspaceAttributes].
type workspaceView struct {
	ID                  types.String `tfsdk:"id"`
	Name                types.String `tfsdk:"name"`
	OwnerID             types.String `tfsdk:"owner_id"`
	OwnerName           types.String `tfsdk:"owner_name"`
	OrganizationID      types.String `tfsdk:"organization_id"`
	OrganizationName    types.String `tfsdk:"organization_name"`
	TemplateID          types.String `tfsdk:"template_id"`
	TemplateName        types.String `tfsdk:"template_name"`
	TemplateDisplayName types.String `tfsdk:"template_display_name"`
	TemplateIcon        types.String `tfsdk:"template_icon"`

	TemplateActiveVersionID              types.String `tfsdk:"template_active_version_id"`
	TemplateAllowUserCancelWorkspaceJobs types.Bool   `tfsdk:"template_allow_user_cancel_workspace_jobs"`
	TemplateRequireActiveVersion         types.Bool   `tfsdk:"template_require_active_version"`
	TemplateUseClassicParameterFlow      types.Bool   `tfsdk:"template_use_classic_parameter_flow"`

	CreatedAt         types.String `tfsdk:"created_at"`
	UpdatedAt         types.String `tfsdk:"updated_at"`
	LastUsedAt        types.String `tfsdk:"last_used_at"`
	DeletingAt        types.String `tfsdk:"deleting_at"`
	DormantAt         types.String `tfsdk:"dormant_at"`
	NextStartAt       types.String `tfsdk:"next_start_at"`
	AutostartSchedule types.String `tfsdk:"autostart_schedule"`
	TTLMillis         types.Int64  `tfsdk:"ttl_ms"`
	AutomaticUpdates  types.String `tfsdk:"automatic_updates"`
	AllowRenames      types.Bool   `tfsdk:"allow_renames"`
	Favorite          types.Bool   `tfsdk:"favorite"`
	IsPrebuild        types.Bool   `tfsdk:"is_prebuild"`
	Outdated          types.Bool   `tfsdk:"outdated"`
	Health            *healthView  `tfsdk:"health"`
	LatestBuild       buildView    `tfsdk:"latest_build"`

	LatestAppStatus *appStatusView    `tfsdk:"latest_app_status"`
	TaskID          types.String      `tfsdk:"task_id"`
	SharedWith      []sharedActorView `tfsdk:"shared_with"`
}

// appStatusView shows what an app last said of its work.
type appStatusView struct {
	CreatedAt types.String `tfsdk:"created_at"`
	AgentID   types.String `tfsdk:"agent_id"`
	AppID     types.String `tfsdk:"app_id"`
	State     types.String `tfsdk:"state"`
	Message   types.String `tfsdk:"message"`
	URI       types.String `tfsdk:"uri"`
}

// sharedActorView shows a user or group that a workspace is shared with.
type sharedActorView struct {
	ID        types.String   `tfsdk:"id"`
	ActorType types.String   `tfsdk:"actor_type"`
	Name      types.String   `tfsdk:"name"`
	Roles     []types.String `tfsdk:"roles"`
}

// healthView shows whether the agents of a workspace work as they should.
type healthView struct {
	Healthy       types.Bool     `tfsdk:"healthy"`
	FailingAgents []types.String `tfsdk:"failing_agents"`
}

// buildView shows a build of a workspace.
type buildView struct {
	ID                  types.String   `tfsdk:"id"`
	BuildNumber         types.Int64    `tfsdk:"build_number"`
	Transition          types.String   `tfsdk:"transition"`
	Status              types.String   `tfsdk:"status"`
	Reason              types.String   `tfsdk:"reason"`
	CreatedAt           types.String   `tfsdk:"created_at"`
	UpdatedAt           types.String   `tfsdk:"updated_at"`
	Deadline            types.String   `tfsdk:"deadline"`
	MaxDeadline         types.String   `tfsdk:"max_deadline"`
	DailyCost           types.Int64    `tfsdk:"daily_cost"`
	InitiatorID         types.String   `tfsdk:"initiator_id"`
	InitiatorName       types.String   `tfsdk:"initiator_name"`
	TemplateVersionID   types.String   `tfsdk:"template_version_id"`
	TemplateVersionName types.String   `tfsdk:"template_version_name"`
	WorkspaceID         types.String   `tfsdk:"workspace_id"`
	WorkspaceName       types.String   `tfsdk:"workspace_name"`
	WorkspaceOwnerID    types.String   `tfsdk:"workspace_owner_id"`
	WorkspaceOwnerName  types.String   `tfsdk:"workspace_owner_name"`
	Job                 jobView        `tfsdk:"job"`
	Resources           []resourceView `tfsdk:"resources"`

	TemplateVersionPresetID types.String             `tfsdk:"template_version_preset_id"`
	MatchedProvisioners     *matchedProvisionersView `tfsdk:"matched_provisioners"`
	HasAITask               types.Bool               `tfsdk:"has_ai_task"`
	HasExternalAgent        types.Bool               `tfsdk:"has_external_agent"`
}

// matchedProvisionersView shows who could run the job of a build.
type matchedProvisionersView struct {
	Count            types.Int64  `tfsdk:"count"`
	Available        types.Int64  `tfsdk:"available"`
	MostRecentlySeen types.String `tfsdk:"most_recently_seen"`
}

// jobView shows the provisioner job of a build.
type jobView struct {
	ID             types.String            `tfsdk:"id"`
	LogsOverflowed types.Bool              `tfsdk:"logs_overflowed"`
	Status         types.String            `tfsdk:"status"`
	Error          types.String            `tfsdk:"error"`
	ErrorCode      types.String            `tfsdk:"error_code"`
	CreatedAt      types.String            `tfsdk:"created_at"`
	StartedAt      types.String            `tfsdk:"started_at"`
	CompletedAt    types.String            `tfsdk:"completed_at"`
	CanceledAt     types.String            `tfsdk:"canceled_at"`
	FileID         types.String            `tfsdk:"file_id"`
	WorkerID       types.String            `tfsdk:"worker_id"`
	QueuePosition  types.Int64             `tfsdk:"queue_position"`
	QueueSize      types.Int64             `tfsdk:"queue_size"`
	Tags           map[string]types.String `tfsdk:"tags"`
}

// viewWorkspace converts a workspace as read from the API. Without resources
// the list in its latest build is null: not looked at, rather than none.
func viewWorkspace(w *coder.Workspace, resources bool) workspaceView {
	shown := workspaceView{
		ID:                  types.StringValue(w.ID.String()),
		Name:                types.StringValue(w.Name),
		OwnerID:             types.StringValue(w.OwnerID.String()),
		OwnerName:           types.StringValue(w.OwnerName),
		OrganizationID:      types.StringValue(w.OrganizationID.String()),
		OrganizationName:    view.String(w.OrganizationName),
		TemplateID:          types.StringValue(w.TemplateID.String()),
		TemplateName:        types.StringValue(w.TemplateName),
		TemplateDisplayName: types.StringValue(w.TemplateDisplayName),
		TemplateIcon:        types.StringValue(w.TemplateIcon),

		TemplateActiveVersionID:              view.UUID(w.TemplateActiveVersionID),
		TemplateAllowUserCancelWorkspaceJobs: types.BoolValue(w.TemplateAllowUserCancelWorkspaceJobs),
		TemplateRequireActiveVersion:         types.BoolValue(w.TemplateRequireActiveVersion),
		TemplateUseClassicParameterFlow:      types.BoolValue(w.TemplateUseClassicParameterFlow == nil || *w.TemplateUseClassicParameterFlow),

		CreatedAt:         view.Time(w.CreatedAt),
		UpdatedAt:         view.Time(w.UpdatedAt),
		LastUsedAt:        view.Time(w.LastUsedAt),
		DeletingAt:        view.Time(w.DeletingAt),
		DormantAt:         view.Time(cmp.Or(w.DormantAt, w.LockedAt)),
		NextStartAt:       view.Time(w.NextStartAt),
		AutostartSchedule: types.StringPointerValue(w.AutostartSchedule),
		TTLMillis:         types.Int64PointerValue(w.TTLMillis),
		AutomaticUpdates:  view.String(w.AutomaticUpdates),
		AllowRenames:      types.BoolValue(w.RenamesAllowed()),
		Favorite:          types.BoolPointerValue(w.Favorite),
		IsPrebuild:        types.BoolPointerValue(w.IsPrebuild),
		Outdated:          types.BoolValue(w.Outdated),
		LatestBuild:       viewBuild(&w.LatestBuild, resources),
		TaskID:            view.UUID(w.TaskID),
		SharedWith: view.List(w.SharedWith, func(a *coder.SharedActor) sharedActorView {
			return sharedActorView{ID: types.StringValue(a.ID.String()), ActorType: types.StringValue(a.Type), Name: view.String(a.Name), Roles: view.Strings(a.Roles)}
		}),
	}
	if s := w.LatestAppStatus; s != nil {
		shown.LatestAppStatus = &appStatusView{
			CreatedAt: view.Time(s.CreatedAt),
			AgentID:   types.StringValue(s.AgentID.String()),
			AppID:     types.StringValue(s.AppID.String()),
			State:     types.StringValue(s.State),
			Message:   types.StringValue(s.Message),
			URI:       view.String(s.URI),
		}
	}
	if w.Health != nil {
		shown.Health = &healthView{
			Healthy:       types.BoolValue(w.Health.Healthy),
			FailingAgents: view.List(w.Health.FailingAgents, func(id *uuid.UUID) types.String { return types.StringValue(id.String()) }),
		}
	}
	return shown
}

// viewBuild converts a build; see [viewWorkspace].
func viewBuild(b *coder.WorkspaceBuild, resources bool) buildView {
	shown := buildView{
		ID:                  types.StringValue(b.ID.String()),
		BuildNumber:         types.Int64Value(b.BuildNumber),
		Transition:          types.StringValue(string(b.Transition)),
		Status:              types.StringValue(string(b.Status)),
		Reason:              types.StringValue(b.Reason),
		CreatedAt:           view.Time(b.CreatedAt),
		UpdatedAt:           view.Time(b.UpdatedAt),
		Deadline:            view.Time(b.Deadline),
		MaxDeadline:         view.Time(b.MaxDeadline),
		DailyCost:           types.Int64Value(b.DailyCost),
		InitiatorID:         types.StringValue(b.InitiatorID.String()),
		InitiatorName:       types.StringValue(b.InitiatorName),
		TemplateVersionID:   types.StringValue(b.TemplateVersionID.String()),
		TemplateVersionName: types.StringValue(b.TemplateVersionName),
		WorkspaceID:         types.StringValue(b.WorkspaceID.String()),
		WorkspaceName:       types.StringValue(b.WorkspaceName),
		WorkspaceOwnerID:    types.StringValue(b.WorkspaceOwnerID.String()),
		WorkspaceOwnerName:  types.StringValue(b.WorkspaceOwnerName),
		Job:                 viewJob(&b.Job),

		TemplateVersionPresetID: view.UUID(b.TemplateVersionPresetID),
		HasAITask:               types.BoolPointerValue(b.HasAITask),
		HasExternalAgent:        types.BoolPointerValue(b.HasExternalAgent),
	}
	if p := b.MatchedProvisioners; p != nil {
		shown.MatchedProvisioners = &matchedProvisionersView{
			Count:            types.Int64Value(p.Count),
			Available:        types.Int64Value(p.Available),
			MostRecentlySeen: view.Time(p.MostRecentlySeen),
		}
	}
	if resources {
		shown.Resources = view.List(b.Resources, viewResource)
	}
	return shown
}

func viewJob(j *coder.ProvisionerJob) jobView {
	return jobView{
		ID:             types.StringValue(j.ID.String()),
		LogsOverflowed: types.BoolPointerValue(j.LogsOverflowed),
		Status:         types.StringValue(string(j.Status)),
		Error:          view.String(j.Error),
		ErrorCode:      view.String(j.ErrorCode),
		CreatedAt:      view.Time(j.CreatedAt),
		StartedAt:      view.Time(j.StartedAt),
		CompletedAt:    view.Time(j.CompletedAt),
		CanceledAt:     view.Time(j.CanceledAt),
		FileID:         view.UUID(j.FileID),
		WorkerID:       view.UUID(j.WorkerID),
		QueuePosition:  types.Int64Value(j.QueuePosition),
		QueueSize:      types.Int64Value(j.QueueSize),
		Tags:           mapStrings(j.Tags),
	}
}

// mapStrings converts every value; the result is never nil.
func mapStrings(m map[string]string) map[string]types.String {
	result := make(map[string]types.String, len(m))
	for key, value := range m {
		result[key] = types.StringValue(value)
	}
	return result
}
