package lifecycle

import (
	"context"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// Created is a new workspace.
type Created struct {
	Workspace *coder.Workspace
	// Build is the one that the create has begun. Where the answer was lost, it
	// need not be the latest any more.
	Build coder.WorkspaceBuild
}

// Create posts a workspace, which begins its first build. What the request
// cannot carry is left to a [Run], which decides about it like about any other
// difference. The errors are those of [Lifecycle.Run], and of the request.
func (l *Lifecycle) Create(ctx context.Context, want Want) (*Created, error) {
	request := createRequest(want)
	organization, owner, err := l.place(ctx, want, &request)
	if err != nil {
		return nil, err
	}
	begun, err := l.Client.LearnClock(ctx) // else something older might be taken for what is made now
	if err != nil {
		return nil, &LookupError{ServerTime{}, err}
	}
	workspace, err := l.Client.CreateWorkspace(ctx, organization, owner, request)
	if err == nil {
		return &Created{Workspace: workspace, Build: workspace.LatestBuild}, nil
	}
	if coder.IsUnclear(err) {
		if found := l.adopt(ctx, owner, request, want, begun); found != nil {
			l.note(ctx, "The answer to the create request was lost; the workspace it made was found", map[string]any{"workspace_id": found.Workspace.ID.String()})
			return found, nil
		}
	}
	return nil, l.withoutSecrets(ctx, err, request.TemplateVersionID, uuid.Nil, &want)
}

// createRequest is the part of what is wanted that a create can carry.
func createRequest(want Want) coder.CreateWorkspaceRequest {
	request := coder.CreateWorkspaceRequest{RichParameterValues: append(sorted(want.Parameters.Known), sorted(want.Ephemeral.Known)...)}
	request.Name, _ = want.Name.Get()
	request.TemplateID, _ = want.TemplateID.Get()
	request.AutomaticUpdates, _ = want.AutomaticUpdates.Get()
	if schedule, _ := want.Schedule.Get(); schedule != "" {
		request.AutostartSchedule = &schedule
	}
	if ttl, _ := want.TTL.Get(); ttl != 0 { // 0 means the template's default here
		request.TTLMillis = &ttl
	}
	return request
}

// place completes a request by what the template says, and tells where it goes.
// A chosen version and presets depend on the template's active version, which
// can move on during a long apply.
func (l *Lifecycle) place(ctx context.Context, want Want, request *coder.CreateWorkspaceRequest) (organization uuid.UUID, owner string, err error) {
	d := &decider{want: want, have: Have{Server: l.Client.ServerVersion()}}
	organization, known := want.OrganizationID.Get()
	chosen, isChosen := want.VersionID.Get()
	if known && !isChosen && want.Preset.IsAbsent() {
		return organization, d.ownerName(), nil
	}
	read := l.Client.Lookup().Template
	if isChosen || !want.Preset.IsAbsent() {
		read = l.Client.Template
	}
	template, err := read(ctx, request.TemplateID)
	if err != nil {
		return organization, "", &LookupError{TemplateOf{request.TemplateID}, err}
	}
	organization = template.OrganizationID
	version := template.ActiveVersionID
	if isChosen && chosen != version { // the active one every server takes without being told
		request.TemplateID, request.TemplateVersionID, version = uuid.Nil, chosen, chosen
	}
	if !want.Preset.IsAbsent() {
		presets, err := l.Client.Lookup().Presets(ctx, version)
		if err != nil {
			return organization, "", &LookupError{PresetsOf{version}, err}
		}
		d.facts = Facts{PresetsOf{version}: presets}
		preset := d.preset(version)
		if preset == nil {
			return organization, "", &Refusal{d.Problems}
		}
		request.TemplateVersionPresetID = preset.ID
	}
	return organization, d.ownerName(), nil
}

// adopt looks for the workspace that a create request with a lost answer may
// have made; nil when there is none. Anything that is not surely its outcome is
// left alone.
func (l *Lifecycle) adopt(ctx context.Context, owner string, request coder.CreateWorkspaceRequest, want Want, begun time.Time) *Created {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), recoveryTime)
	defer cancel()
	for _, wait := range lookAfter {
		if pause(ctx, wait) != nil {
			return nil
		}
		workspace, err := l.Client.WorkspaceByOwnerAndName(ctx, owner, request.Name)
		if err == nil {
			return l.isOurs(ctx, workspace, request, want, begun)
		}
	}
	return nil
}

// isOurs tells whether a create has made the workspace: by its template, its
// time, and a build that this token has begun with the same values.
func (l *Lifecycle) isOurs(ctx context.Context, workspace *coder.Workspace, request coder.CreateWorkspaceRequest, want Want, begun time.Time) *Created {
	template, _ := want.TemplateID.Get()
	if workspace.TemplateID != template || !strings.EqualFold(workspace.Name, request.Name) {
		return nil
	}
	// A prebuild is older and has been built before, but being claimed moves
	// updated_at, which nothing else does.
	if since := begun.Add(-clockGrain); workspace.CreatedAt.Before(since) && workspace.UpdatedAt.Before(since) {
		return nil
	}
	build, err := l.ownBuild(ctx, workspace.ID, begun, func(build *coder.WorkspaceBuild) bool {
		return build.Transition == coder.TransitionStart && (request.TemplateVersionID == uuid.Nil || build.TemplateVersionID == request.TemplateVersionID)
	}, request.RichParameterValues)
	if err != nil || build == nil {
		return nil
	}
	return &Created{Workspace: workspace, Build: *build}
}

// Begin is what is there right after the create.
func (c *Created) Begin(want Want) Have {
	var have Have
	have.see(c.Workspace)
	have.Identified = true
	if c.Build.ID == have.Build.ID {
		have.Parameters = want.Parameters.Known
		have.Preset, _ = want.Preset.Get()
		have.EphemeralVersion = want.EphemeralVersion
	}
	return have
}
