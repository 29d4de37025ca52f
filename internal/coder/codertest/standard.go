package codertest

import (
	"strconv"
	"strings"
	"time"
)

// The standard templates mirror the ones of the recordings, so that tests, the fake program and the demo share them.

func number(n int32) *int32 { return &n }

// plainResource is a machine with an agent.
func plainResource() Resource {
	return Resource{
		Type: "terraform_data", Name: "main",
		Agents: []Agent{{Name: "main", OperatingSystem: "linux", Architecture: "amd64"}},
	}
}

// standardResource is a machine with one agent and one app, with a sensitive line of metadata.
func standardResource(metadata ...Metadata) Resource {
	return Resource{
		Type: "terraform_data", Name: "main", DailyCost: 3,
		Metadata: append(metadata, Metadata{Key: "secret", Value: "hush", Sensitive: true}),
		Agents: []Agent{{
			Name: "main", OperatingSystem: "linux", Architecture: "amd64", Directory: "/home/coder",
			Apps: []App{{Slug: "web", DisplayName: "Web", Icon: "/icon/code.svg", URL: "http://localhost:8080"}},
		}},
	}
}

// BasicTemplate has an immutable region, a number of CPUs from 1 to 8, and a switch for a GPU.
func BasicTemplate() Template {
	return Template{
		Name: "basic", DisplayName: "Basic", Description: "Basic template.",
		Version: TemplateVersion{
			Name: "v1",
			Parameters: []Parameter{
				{
					Name: "region", DisplayName: "Region", Description: "Where the workspace runs.", Default: "eu-west", Order: 1,
					Options: []Option{{"Europe (West)", "eu-west"}, {"US (East)", "us-east"}, {"Asia (South)", "ap-south"}},
				},
				{Name: "cpu", DisplayName: "CPU cores", Type: "number", Default: "2", Mutable: true, Min: number(1), Max: number(8), Order: 2},
				{Name: "gpu", DisplayName: "GPU", Type: "bool", Default: "false", Mutable: true, Order: 3},
			},
			Resources: []Resource{standardResource(Metadata{Key: "region", Value: "${region}"}, Metadata{Key: "cpu", Value: "${cpu}"})},
		},
	}
}

// FailingTemplate fails where its parameter fail_at says: never, plan, apply (the default), stop or delete. "stop" also
// fails the delete, since both destroy the machine.
func FailingTemplate() Template {
	stages := []string{"never", "plan", "apply", "stop", "delete"}
	options := make([]Option, len(stages))
	for i, s := range stages {
		options[i] = Option{s, s}
	}
	return Template{
		Name: "failing", DisplayName: "Failing", Description: "Fails on request.", AllowUserCancel: true,
		Version: TemplateVersion{
			Name:       "v1",
			Parameters: []Parameter{{Name: "fail_at", Default: "apply", Mutable: true, Options: options}},
			Resources:  []Resource{plainResource()},
			Fail: func(transition string, parameters map[string]string) string {
				at := parameters["fail_at"]
				switch {
				case transition == start && at == "plan":
					return PlanFailed + "\nError: Resource precondition failed\nquota of the cloud account is used up (planned failure)."
				case transition == start && at == "apply":
					return ApplyFailed + "\nError: local-exec provisioner error\ncreating the machine: no capacity left"
				case transition != start && at == "stop", transition == remove && at == "delete":
					return ApplyFailed + "\nError: local-exec provisioner error\ndestroying the machine: it does not answer"
				}
				return ""
			},
		},
	}
}

// SlowTemplate takes as many seconds to start and to stop as its parameters seconds and stop_seconds say.
func SlowTemplate() Template {
	return Template{
		Name: "slow", DisplayName: "Slow", Description: "Takes its time.", AllowUserCancel: true,
		Version: TemplateVersion{
			Name: "v1",
			Parameters: []Parameter{
				{Name: "seconds", Type: "number", Default: "5", Mutable: true, Min: number(0), Max: number(600)},
				{Name: "stop_seconds", Type: "number", Default: "0", Mutable: true, Min: number(0), Max: number(600)},
			},
			Resources: []Resource{plainResource()},
			BuildTime: func(transition string, parameters map[string]string) time.Duration {
				name := "seconds"
				if transition != start {
					name = "stop_seconds"
				}
				seconds, _ := strconv.Atoi(strings.TrimSpace(parameters[name]))
				return max(time.Duration(seconds)*time.Second, defaultBuildTime)
			},
		},
	}
}

// RequiredTemplate has an immutable project that must be given, a disk that may only grow, and a list of zones.
func RequiredTemplate() Template {
	return Template{
		Name: "required", DisplayName: "Required", Description: "Wants parameters.",
		Version: TemplateVersion{
			Name: "v1",
			Parameters: []Parameter{
				{
					Name: "project", Description: "Short project name.", Required: true, Order: 1,
					Regex: "^([a-z]{3,10})?$", Error: "project must be 3 to 10 lower-case letters",
				},
				{Name: "disk", Type: "number", Default: "10", Mutable: true, Min: number(1), Max: number(100), Monotonic: "increasing", Order: 2},
				{Name: "zones", Type: "list(string)", Default: `["a","b"]`, Mutable: true, Order: 3},
			},
			Resources: []Resource{plainResource()},
		},
	}
}
