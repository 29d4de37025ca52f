package codertest

import (
	"strconv"
	"strings"
	"time"
)

// Options say what kind of deployment New makes. The zero value is a v2.35.1 server without rate limit.
type Options struct {
	// Version is "seed" (v0.24.1-devel+8dac0356e), "v2.35.1" (the default), or any other release such as "v2.14.0",
	// which then gets what is known of it.
	Version string
	// Token is the session token of the first user, "admin", who owns the deployment. One is generated when it is empty.
	Token string
	// BuildTime is how long a build job runs on the deployment's clock; default 10 ms.
	BuildTime time.Duration
	// Latency is added to every answer.
	Latency time.Duration
	// ForbidRenames switches renaming off, which is the default of real servers since 2.6. Older ones ignore it.
	ForbidRenames bool
	// RateLimit is the number of requests a minute per caller and path; 0 means no limit. Real servers default to 512.
	RateLimit int
	// MaxTokenLifetime is the longest that a token may live; 0 means a hundred years.
	MaxTokenLifetime time.Duration
	// AppHost is where apps are served on subdomains, such as "*.apps.example.com"; empty when they are not.
	AppHost string
	// AccessURL is how the deployment calls itself; empty stands for the address that it was asked at.
	AccessURL string
	// TerraformDebugMode allows builds with log_level "debug" (since 0.25).
	TerraformDebugMode bool
	// AgentsReady has agents connected and ready at once; else they stay as a start leaves them until [Deployment.SetAgents].
	AgentsReady bool
	// Licensed deployments know groups of users.
	Licensed bool
	// Experiments are those that the deployment has switched on, such as "workspace-sharing", which is none since 2.32.
	Experiments []string
	// Import says what an archive uploaded to /files holds once a template version was made of it. Without it such a
	// version has no parameters and no resources: the HCL in the archive is not read.
	Import func(archive []byte) TemplateVersion
}

const (
	seedVersion    = "v0.24.1-devel+8dac0356e"
	defaultVersion = "v2.35.1"

	defaultBuildTime = 10 * time.Millisecond
)

// withDefaults fills in what the caller left open.
func (o Options) withDefaults() Options {
	switch o.Version {
	case "":
		o.Version = defaultVersion
	case "seed":
		o.Version = seedVersion
	}
	if !strings.HasPrefix(o.Version, "v") {
		o.Version = "v" + o.Version
	}
	if strings.HasPrefix(o.Version, "v0.24") && !strings.Contains(o.Version, "+") {
		o.Version = seedVersion
	}
	if o.BuildTime <= 0 {
		o.BuildTime = defaultBuildTime
	}
	return o
}

// release is the part of a version that decides how the server behaves.
type release struct{ major, minor int }

func parseRelease(version string) release {
	parts := strings.SplitN(strings.TrimPrefix(version, "v"), ".", 3)
	if len(parts) < 2 {
		return release{2, 35}
	}
	major, _ := strconv.Atoi(parts[0])
	minor, _ := strconv.Atoi(parts[1])
	return release{major, minor}
}

// since reports whether the deployment is of the given release or newer.
func (d *Deployment) since(major, minor int) bool {
	r := d.release
	return r.major > major || r.major == major && r.minor >= minor
}

// seed reports whether the deployment is of the API document's own time.
func (d *Deployment) seed() bool { return !d.since(0, 25) }
