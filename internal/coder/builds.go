package coder

import (
	"context"
	"iter"
	"net/http"
	"net/url"
	"time"

	"github.com/google/uuid"
)

// Transition is what a build does to a workspace.
type Transition string

// The transitions a build can make.
const (
	TransitionStart  Transition = "start"
	TransitionStop   Transition = "stop"
	TransitionDelete Transition = "delete"
)

// Status is the state of a build and, through its latest build, of a
// workspace.
type Status string

// The statuses of a build. For a failed or canceled build the transition tells
// what was tried.
const (
	StatusPending   Status = "pending"
	StatusStarting  Status = "starting"
	StatusRunning   Status = "running"
	StatusStopping  Status = "stopping"
	StatusStopped   Status = "stopped"
	StatusFailed    Status = "failed"
	StatusCanceling Status = "canceling"
	StatusCanceled  Status = "canceled"
	StatusDeleting  Status = "deleting"
	StatusDeleted   Status = "deleted"
)

// WorkspaceBuild is one run of a template for a workspace.
type WorkspaceBuild struct {
	ID                 uuid.UUID `json:"id"`
	CreatedAt          time.Time `json:"created_at"`
	UpdatedAt          time.Time `json:"updated_at"`
	WorkspaceID        uuid.UUID `json:"workspace_id"`
	WorkspaceName      string    `json:"workspace_name"`
	WorkspaceOwnerID   uuid.UUID `json:"workspace_owner_id"`
	WorkspaceOwnerName string    `json:"workspace_owner_name"`
	TemplateVersionID  uuid.UUID `json:"template_version_id"`
	// TemplateVersionName is "" in the answers of the two POSTs that start a
	// build, filled on every read.
	TemplateVersionName string              `json:"template_version_name"`
	BuildNumber         int64               `json:"build_number"`
	Transition          Transition          `json:"transition"`
	Reason              string              `json:"reason"` // an open set
	Status              Status              `json:"status"`
	InitiatorID         uuid.UUID           `json:"initiator_id"`
	InitiatorName       string              `json:"initiator_name"`
	Job                 ProvisionerJob      `json:"job"`
	Resources           []WorkspaceResource `json:"resources"`
	// Deadline is when the server will stop the workspace; zero without
	// autostop and until the job is done. A stopped workspace can show one.
	Deadline    time.Time `json:"deadline"`
	MaxDeadline time.Time `json:"max_deadline"`
	DailyCost   int64     `json:"daily_cost"`
	// MatchedProvisioners tells who could run the job. It means something while
	// the job is pending and in answers that carry a workspace; nil before Coder
	// 2.19.
	MatchedProvisioners     *MatchedProvisioners `json:"matched_provisioners"`
	TemplateVersionPresetID uuid.UUID            `json:"template_version_preset_id"` // nil UUID without a preset
	HasAITask               *bool                `json:"has_ai_task"`                // Coder ≥2.24, once the job has told
	HasExternalAgent        *bool                `json:"has_external_agent"`         // Coder ≥2.26, likewise
}

// MatchedProvisioners counts the provisioner daemons whose tags fit a job.
type MatchedProvisioners struct {
	Count            int64     `json:"count"`
	Available        int64     `json:"available"`
	MostRecentlySeen time.Time `json:"most_recently_seen"`
}

// Done tells whether the build has come to its end.
//
// The seed server reports "failed" for a job whose worker was silent for 30
// seconds and takes it back when the worker speaks again; only a job with a
// completion time has really failed.
func (b *WorkspaceBuild) Done() bool {
	return b.Job.Done()
}

// Agents are all agents of the build, in the order of its resources.
func (b *WorkspaceBuild) Agents() iter.Seq[*WorkspaceAgent] {
	return func(yield func(*WorkspaceAgent) bool) {
		for r := range b.Resources {
			for a := range b.Resources[r].Agents {
				if !yield(&b.Resources[r].Agents[a]) {
					return
				}
			}
		}
	}
}

// ProvisionerJob is the work queue's side of a build or of a template version.
type ProvisionerJob struct {
	ID            uuid.UUID         `json:"id"`
	CreatedAt     time.Time         `json:"created_at"`
	StartedAt     time.Time         `json:"started_at"`
	CompletedAt   time.Time         `json:"completed_at"`
	CanceledAt    time.Time         `json:"canceled_at"`
	Status        JobStatus         `json:"status"`
	Error         string            `json:"error"`
	ErrorCode     string            `json:"error_code"`
	FileID        uuid.UUID         `json:"file_id"`
	WorkerID      uuid.UUID         `json:"worker_id"`
	Tags          map[string]string `json:"tags"`
	QueuePosition int64             `json:"queue_position"`
	QueueSize     int64             `json:"queue_size"`
	// LogsOverflowed tells that the log was cut off (Coder ≥2.26).
	LogsOverflowed *bool `json:"logs_overflowed"`
}

// JobStatus is the state of a provisioner job.
type JobStatus string

// The states of a provisioner job.
const (
	JobPending   JobStatus = "pending"
	JobRunning   JobStatus = "running"
	JobSucceeded JobStatus = "succeeded"
	JobCanceling JobStatus = "canceling"
	JobCanceled  JobStatus = "canceled"
	JobFailed    JobStatus = "failed"
)

// Done tells whether the job has come to its end; see [WorkspaceBuild.Done].
func (j *ProvisionerJob) Done() bool {
	switch j.Status {
	case JobSucceeded, JobCanceled:
		return true
	case JobFailed:
		return !j.CompletedAt.IsZero()
	default:
		return false
	}
}

// BuildParameter is the value of one template parameter. Values are always
// strings; lists are JSON text.
type BuildParameter struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// CreateBuildRequest is the body of [Client.CreateBuild].
type CreateBuildRequest struct {
	Transition Transition `json:"transition"`
	// TemplateVersionID nil keeps the version of the previous build, which
	// need not be the template's active one.
	TemplateVersionID   *uuid.UUID       `json:"template_version_id,omitempty"`
	RichParameterValues []BuildParameter `json:"rich_parameter_values,omitempty"`
	// TemplateVersionPresetID is for Coder ≥2.22. The preset's values win over
	// RichParameterValues.
	TemplateVersionPresetID uuid.UUID `json:"template_version_preset_id,omitzero"`
	// Orphan makes a delete build forget the resources instead of destroying
	// them. It needs update permission on the template.
	Orphan bool `json:"orphan,omitempty"`
}

// CreateBuild queues a build for a workspace. It answers 409 while another
// build is active. Like [Client.CreateWorkspace] it is never repeated after an
// unclear answer.
func (c *Client) CreateBuild(ctx context.Context, workspace uuid.UUID, req CreateBuildRequest) (*WorkspaceBuild, error) {
	return call[WorkspaceBuild](ctx, c, http.MethodPost, nil, req, "workspaces", workspace.String(), "builds")
}

// Build reads a build. It keeps answering after its workspace was deleted.
func (c *Client) Build(ctx context.Context, id uuid.UUID) (*WorkspaceBuild, error) {
	return call[WorkspaceBuild](ctx, c, http.MethodGet, nil, nil, "workspacebuilds", id.String())
}

// Builds lists the builds of a workspace since a time, the newest first.
func (c *Client) Builds(ctx context.Context, workspace uuid.UUID, since time.Time) ([]WorkspaceBuild, error) {
	query := url.Values{"since": {since.UTC().Format(time.RFC3339)}}
	return callList[WorkspaceBuild](ctx, c, query, "workspaces", workspace.String(), "builds")
}

// BuildParameters reads the complete set of parameter values of a build,
// defaulted ones included, in no particular order. The set never changes once
// the build exists.
func (c *Client) BuildParameters(ctx context.Context, build uuid.UUID) ([]BuildParameter, error) {
	return callList[BuildParameter](ctx, c, nil, "workspacebuilds", build.String(), "parameters")
}

// CancelBuild asks the server to cancel a build. A queued job ends at once, a
// running one goes on as "canceling" until its provisioner reacts. With
// onlyPending, Coder ≥2.25 refuses with 412 once the job has started; older
// servers ignore the wish.
func (c *Client) CancelBuild(ctx context.Context, build uuid.UUID, onlyPending bool) error {
	var query url.Values
	if onlyPending {
		query = url.Values{"expect_status": {string(JobPending)}}
	}
	_, err := call[response](ctx, c, http.MethodPatch, query, nil, "workspacebuilds", build.String(), "cancel")
	return err
}

// JobLog is one line of a provisioner job's log.
type JobLog struct {
	ID        int64     `json:"id"`
	CreatedAt time.Time `json:"created_at"`
	Level     string    `json:"log_level"`
	Stage     string    `json:"stage"`
	Output    string    `json:"output"`
}

// BuildLogs reads the log of a build as written so far, lines after the given
// id only.
func (c *Client) BuildLogs(ctx context.Context, build uuid.UUID, after int64) ([]JobLog, error) {
	// The mere presence of "follow" would switch to a WebSocket.
	return callList[JobLog](ctx, c, afterQuery(after), "workspacebuilds", build.String(), "logs")
}
