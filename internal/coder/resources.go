package coder

import (
	"bytes"
	"cmp"
	"slices"
	"time"

	"github.com/google/uuid"
)

// WorkspaceResource is one Terraform resource of a build.
type WorkspaceResource struct {
	ID         uuid.UUID          `json:"id"`
	CreatedAt  time.Time          `json:"created_at"`
	JobID      uuid.UUID          `json:"job_id"`
	Transition Transition         `json:"workspace_transition"`
	Type       string             `json:"type"`
	Name       string             `json:"name"`
	Hide       bool               `json:"hide"`
	Icon       string             `json:"icon"`
	DailyCost  int64              `json:"daily_cost"`
	Metadata   []ResourceMetadata `json:"metadata"`
	Agents     []WorkspaceAgent   `json:"agents"`
}

// ResourceMetadata is one fact a template publishes about a resource.
type ResourceMetadata struct {
	Key       string `json:"key"`
	Value     string `json:"value"`
	Sensitive bool   `json:"sensitive"`
}

// WorkspaceAgent is the process that connects a resource to Coder.
//
// Coder 2.0 to 2.2 renamed or removed some fields; pointers are nil where the
// server does not send the field.
type WorkspaceAgent struct {
	ID                       uuid.UUID               `json:"id"`
	CreatedAt                time.Time               `json:"created_at"`
	UpdatedAt                time.Time               `json:"updated_at"`
	FirstConnectedAt         time.Time               `json:"first_connected_at"`
	LastConnectedAt          time.Time               `json:"last_connected_at"`
	DisconnectedAt           time.Time               `json:"disconnected_at"`
	StartedAt                time.Time               `json:"started_at"`
	ReadyAt                  time.Time               `json:"ready_at"`
	Status                   string                  `json:"status"`
	LifecycleState           string                  `json:"lifecycle_state"`
	Name                     string                  `json:"name"`
	ResourceID               uuid.UUID               `json:"resource_id"`
	InstanceID               string                  `json:"instance_id"`
	Architecture             string                  `json:"architecture"`
	OperatingSystem          string                  `json:"operating_system"`
	EnvironmentVariables     map[string]string       `json:"environment_variables"`
	Directory                string                  `json:"directory"`
	ExpandedDirectory        string                  `json:"expanded_directory"`
	Version                  string                  `json:"version"`
	Apps                     []WorkspaceApp          `json:"apps"`
	Latency                  map[string]AgentLatency `json:"latency"`
	ConnectionTimeoutSeconds int64                   `json:"connection_timeout_seconds"`
	TroubleshootingURL       string                  `json:"troubleshooting_url"`
	StartupScriptBehavior    string                  `json:"startup_script_behavior"`
	Health                   *AgentHealth            `json:"health"` // Coder ≥0.26

	// Gone in Coder 2.2.
	LoginBeforeReady             *bool   `json:"login_before_ready"`
	StartupScript                *string `json:"startup_script"`
	StartupScriptTimeoutSeconds  *int64  `json:"startup_script_timeout_seconds"`
	ShutdownScript               *string `json:"shutdown_script"`
	ShutdownScriptTimeoutSeconds *int64  `json:"shutdown_script_timeout_seconds"`

	// Before Coder 2.0 the log fields begin with "startup_".
	StartupLogsLength     *int64 `json:"startup_logs_length"`
	StartupLogsOverflowed *bool  `json:"startup_logs_overflowed"`
	LogsLength            *int64 `json:"logs_length"`
	LogsOverflowed        *bool  `json:"logs_overflowed"`

	// Before Coder 2.1 there is one subsystem, "none" when unset.
	Subsystem  *string  `json:"subsystem"`
	Subsystems []string `json:"subsystems"`

	// Since Coder 2.2 an agent has any number of scripts.
	Scripts     []AgentScript `json:"scripts"`
	DisplayApps []string      `json:"display_apps"`
	APIVersion  string        `json:"api_version"` // Coder ≥2.4
	ParentID    uuid.UUID     `json:"parent_id"`   // Coder ≥2.22; nil UUID when it is no sub-agent
}

// AgentScript is a script that an agent runs when it starts or stops, or by
// the clock.
type AgentScript struct {
	ID               uuid.UUID     `json:"id"`
	DisplayName      string        `json:"display_name"`
	Script           string        `json:"script"`
	Cron             string        `json:"cron"`
	RunOnStart       bool          `json:"run_on_start"`
	RunOnStop        bool          `json:"run_on_stop"`
	StartBlocksLogin bool          `json:"start_blocks_login"`
	Timeout          time.Duration `json:"timeout"` // 0 means none
	LogPath          string        `json:"log_path"`
	Status           string        `json:"status"`    // Coder ≥2.35; "" until it has run
	ExitCode         *int64        `json:"exit_code"` // likewise
}

// AgentLatency is the round trip from an agent to one relay region.
type AgentLatency struct {
	Preferred    bool    `json:"preferred"`
	Milliseconds float64 `json:"latency_ms"`
}

// AgentHealth tells whether an agent works as it should, and why not.
type AgentHealth struct {
	Healthy bool   `json:"healthy"`
	Reason  string `json:"reason"`
}

// WorkspaceApp is an application a template offers on an agent.
type WorkspaceApp struct {
	ID           uuid.UUID      `json:"id"`
	Slug         string         `json:"slug"`
	DisplayName  string         `json:"display_name"`
	URL          string         `json:"url"`
	Command      string         `json:"command"`
	Icon         string         `json:"icon"`
	External     bool           `json:"external"`
	Subdomain    bool           `json:"subdomain"`
	SharingLevel string         `json:"sharing_level"`
	Health       string         `json:"health"`
	Healthcheck  AppHealthcheck `json:"healthcheck"`
	// SubdomainName is the first label of the app's address below the
	// deployment's wildcard domain (Coder ≥2.2); "" for an app on a path.
	SubdomainName string `json:"subdomain_name"`
	Hidden        *bool  `json:"hidden"`  // Coder ≥2.16
	OpenIn        string `json:"open_in"` // Coder ≥2.19
	Group         string `json:"group"`   // Coder ≥2.23
	Tooltip       string `json:"tooltip"` // Coder ≥2.27
}

// AppHealthcheck is how the agent probes an app. Interval is in seconds.
type AppHealthcheck struct {
	URL       string `json:"url"`
	Interval  int64  `json:"interval"`
	Threshold int64  `json:"threshold"`
}

// hasResources is an object of the API with the resources of a build in it.
type hasResources interface{ sortResources() }

func (w *Workspace) sortResources() { w.LatestBuild.sortResources() }

// sortResources puts the resources of the build, their agents and the agents'
// apps in a stable order: resources with agents first, then by name.
func (b *WorkspaceBuild) sortResources() {
	slices.SortFunc(b.Resources, func(x, y WorkspaceResource) int {
		return cmp.Or(
			-cmp.Compare(min(len(x.Agents), 1), min(len(y.Agents), 1)),
			cmp.Compare(x.Name, y.Name), cmp.Compare(x.Type, y.Type), bytes.Compare(x.ID[:], y.ID[:]),
		)
	})
	for _, resource := range b.Resources {
		slices.SortFunc(resource.Agents, func(x, y WorkspaceAgent) int {
			return cmp.Or(cmp.Compare(x.Name, y.Name), bytes.Compare(x.ID[:], y.ID[:]))
		})
		for _, agent := range resource.Agents {
			slices.SortFunc(agent.Apps, func(x, y WorkspaceApp) int {
				return cmp.Or(cmp.Compare(x.Slug, y.Slug), bytes.Compare(x.ID[:], y.ID[:]))
			})
		}
	}
}

// settle puts in order what servers before Coder 2.9 do not: there the order of
// resources and agents changes from one answer to the next. Newer ones have an
// order of their own, by the template author's wish.
func (c *Client) settle(object any) {
	if o, ok := object.(hasResources); ok && !c.ServerVersion().AtLeast(2, 9) {
		o.sortResources()
	}
}
