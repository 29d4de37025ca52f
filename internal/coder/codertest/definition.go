package codertest

import (
	"time"

	"github.com/google/uuid"
)

// Template is what AddTemplate makes a template of.
type Template struct {
	Name, DisplayName, Icon, Description string

	// OrganizationID is the organization that gets the template; the zero value is the default organization.
	OrganizationID uuid.UUID
	// DefaultTTL is given to workspaces that are created without a TTL.
	DefaultTTL time.Duration
	// ForbidUserAutostop and ForbidUserAutostart are the licensed policies allow_user_autostop=false and
	// allow_user_autostart=false.
	ForbidUserAutostop, ForbidUserAutostart bool
	// RequireActiveVersion refuses other versions to everybody but template managers (licensed, since 2.4).
	RequireActiveVersion bool
	// Deprecated templates keep their workspaces but get no new ones (since 2.5). A DeprecationMessage alone deprecates, too,
	// which is how real servers have it.
	Deprecated         bool
	DeprecationMessage string
	// MaxPortShareLevel is how far ports of workspaces may be shared (licensed, since 2.9): "owner" (not at all), "organization",
	// "authenticated" or, when it is empty, "public".
	MaxPortShareLevel string
	// AllowUserCancel lets users who do not own the deployment cancel builds.
	AllowUserCancel bool
	// ClassicParameterFlow switches dynamic parameters off (since 2.24; older servers know the classic flow only).
	ClassicParameterFlow bool
	// Version is the first and active version.
	Version TemplateVersion
}

// TemplateVersion is what a template's archive holds: parameters, presets, and what a build of it does.
type TemplateVersion struct {
	// Name is generated when it is empty.
	Name string
	// Message is the version's change note.
	Message string
	// Archived versions are put away (since 2.3): they are listed on request only.
	Archived   bool
	Parameters []Parameter
	Resources  []Resource
	Presets    []Preset
	// ExternalAuth are the services that the template uses in the name of a workspace's owner.
	ExternalAuth []ExternalAuth

	// Fail decides the outcome of a build: a string that is not empty fails the job. Its first line becomes the job's
	// error, further lines stand in the build log as error lines. Coder's own texts are PlanFailed and ApplyFailed.
	Fail func(transition string, parameters map[string]string) string
	// BuildTime is how long a build runs; nil means Options.BuildTime.
	BuildTime func(transition string, parameters map[string]string) time.Duration

	// Importing keeps the version's import job running; ImportError lets it fail with this text.
	Importing   bool
	ImportError string
}

// The job errors of a failed plan and a failed apply. The reason itself is only in the build log.
const (
	PlanFailed  = "terraform plan: exit status 1"
	ApplyFailed = "terraform apply: exit status 1"
)

// Parameter is one rich parameter of a template version.
type Parameter struct {
	Name, DisplayName, Description string

	// Type is "string" (also when empty), "number", "bool" or "list(string)".
	Type string
	// FormType is the dashboard's widget (since 2.24); derived from the type when empty.
	FormType string
	Default  string
	Required bool
	Mutable  bool
	// Ephemeral values (since 0.26) are not carried over to the next build.
	Ephemeral bool
	Options   []Option
	Min, Max  *int32
	// Regex and Error are the pattern of a valid string and the text for one that does not match.
	Regex, Error string
	// Monotonic is "", "increasing" or "decreasing".
	Monotonic string
	// Order is the parameter's place in the form.
	Order int
}

// Option is one of the values that a parameter may take.
type Option struct{ Name, Value string }

// Preset is a named set of parameter values (since 2.20).
type Preset struct {
	Name, Description string
	Default           bool
	Parameters        map[string]string
}

// Resource is what a build leaves behind. "${name}" in a metadata value stands for the parameter of that name.
type Resource struct {
	Type, Name, Icon string
	Hide             bool
	DailyCost        int
	Metadata         []Metadata
	Agents           []Agent
	// Permanent resources outlive a stop, such as a home volume.
	Permanent bool
}

// Metadata is a line of information about a resource.
type Metadata struct {
	Key, Value string
	Sensitive  bool
}

// Agent is the program in a workspace that reports to Coder. It starts as connecting and created; see
// [Options.AgentsReady] and [Deployment.SetAgents].
type Agent struct {
	Name, OperatingSystem, Architecture, Directory string

	Environment map[string]string
	Apps        []App
	// DisplayApps are Coder's own apps that the dashboard shows; nil stands for those without an editor.
	DisplayApps []string
}

// App is something an agent serves.
type App struct {
	Slug, DisplayName, Icon, URL, Command string

	External, Subdomain bool
	// HealthcheckURL switches the health check on; the app then starts as initializing.
	HealthcheckURL string
}

// TemplateInfo identifies a template of the deployment.
type TemplateInfo struct {
	ID, ActiveVersionID, OrganizationID uuid.UUID
	Name                                string
}

// User is somebody with a session token.
type User struct {
	ID              uuid.UUID
	Username, Token string
}

// Workspace is a snapshot of one workspace as the deployment holds it.
type Workspace struct {
	ID, OwnerID, TemplateID uuid.UUID
	Owner, Name             string
	TemplateName            string
	// Status is that of the latest build.
	Status            string
	Deleted           bool
	AutostartSchedule *string
	TTLMillis         *int64
	// Deadline is the running build's; the zero time when there is none.
	Deadline    time.Time
	BuildNumber int
	// VersionID is the template version of the latest build.
	VersionID        uuid.UUID
	AutomaticUpdates string
	Dormant          bool
	// Parameters are those of the latest build.
	Parameters map[string]string
}
