//go:build unix

package binarytest_test

import (
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// alone is the one workspace of the deployment.
func (b *between) alone(t *testing.T) codertest.Workspace {
	t.Helper()
	all := b.Fake.Workspaces()
	if len(all) != 1 {
		t.Fatalf("there are %d workspaces", len(all))
	}
	return all[0]
}

// builds is what somebody does in the dashboard.
func (b *between) builds(t *testing.T, transition string, request codertest.BuildRequest) {
	t.Helper()
	if _, err := b.Fake.Build(b.alone(t).ID, "admin", transition, request); err != nil {
		t.Fatal(err)
	}
	b.Fake.Advance(1e9)
}

// A plan that was saved before somebody updated the workspace changes the value
// that it shows, and leaves the version to them.
func TestBetween_savedPlanKeepsSomebodysVersion(t *testing.T) {
	t.Parallel()
	for _, release := range acctest.Versions {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			b := newBetween(t, codertest.Options{Version: release})
			b.use(t, `parameters = { cpu = "2" }`)
			b.apply(t)
			b.use(t, `parameters = { cpu = "3" }`)
			b.run(t, 0, "plan", "-input=false", "-out=saved")
			version := b.Fake.PublishVersion(b.template.ID, codertest.BasicTemplate().Version)
			b.builds(t, "stop", codertest.BuildRequest{})
			b.builds(t, "start", codertest.BuildRequest{VersionID: version})
			b.Fake.ResetRequests()
			b.run(t, 0, "apply", "-input=false", "saved")
			if w := b.alone(t); w.VersionID != version || w.Parameters["cpu"] != "3" || w.Status != "running" {
				t.Errorf("the workspace is %+v, want version %s", w, version)
			}
			if n := b.RequestCounts()[buildRoute]; n != 2 {
				t.Errorf("%d builds were sent", n)
			}
			b.planEmpty(t)
		})
	}
}

// A plan that was saved before the workspace changed does no more than it
// shows: it says what has moved, and that a new plan is needed.
func TestBetween_savedPlanSaysWhatHasMoved(t *testing.T) {
	t.Parallel()
	for _, release := range acctest.Versions {
		t.Run(release, func(t *testing.T) {
			t.Parallel()
			b := newBetween(t, codertest.Options{Version: release})
			b.use(t, `desired_status = "running"`, "ttl_ms = 3600000")
			b.apply(t)
			b.use(t, `desired_status = "running"`, "ttl_ms = 7200000")
			b.run(t, 0, "plan", "-input=false", "-out=saved")
			b.builds(t, "stop", codertest.BuildRequest{})
			mustContain(t, b.refuse(t, "apply", "-input=false", "saved"),
				"Workspace has changed since the plan", "its latest build is 2 (stop), which is stopped", "this would start the workspace", "Run terraform plan again")
			if w := b.alone(t); w.Status != "stopped" || *w.TTLMillis != 3600000 {
				t.Errorf("the workspace is %+v", w)
			}
			b.apply(t)
			if w := b.alone(t); w.Status != "running" || *w.TTLMillis != 7200000 {
				t.Errorf("the workspace is %+v", w)
			}
			b.planEmpty(t)
		})
	}
}

// later configures a workspace whose region is not known before the apply.
func (b *between) later(t *testing.T, region string) {
	t.Helper()
	b.configure(t, b.ProviderConfig(), "resource \"terraform_data\" \"region\" {\n  input = \""+region+"\"\n}\n",
		b.workspaceBlock("parameters = { region = terraform_data.region.output }"))
}

// A value that turns out to need another workspace is warned of in the plan;
// the apply stops and tells why, and Terraform has nobody to blame.
func TestBetween_unknownRegion(t *testing.T) {
	t.Parallel()
	for _, release := range acctest.Versions {
		for _, classic := range []bool{false, true} {
			if release == "seed" && !classic {
				continue
			}
			name := release
			if classic {
				name += " classic"
			}
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				b := newBetween(t, codertest.Options{Version: release}, func(t *codertest.Template) { t.ClassicParameterFlow = classic })
				b.later(t, "eu-west")
				b.apply(t)
				id := b.alone(t).ID
				b.later(t, "us-east")
				output := b.run(t, 0, "plan", "-input=false", "-out=saved")
				mustContain(t, output, "Value is not known before the apply", `Parameter "region", which is immutable, of workspace "dev"`, "0 to destroy")
				mustContain(t, b.refuse(t, "apply", "-input=false", "saved"), "Workspace would have to be replaced", `parameters["region"]`, "Nothing was changed")
				mustContain(t, b.run(t, 2, "plan", "-input=false", "-detailed-exitcode"), "must be replaced", "1 to destroy")
				b.apply(t)
				if all := b.Fake.Workspaces(); len(all) != 2 {
					t.Errorf("there are %d workspaces, want %s and another", len(all), id)
				}
				b.planEmpty(t)
			})
		}
	}
}

// The memory that older versions of the provider have left in a state breaks
// nothing: not the plan, not the update, not the destruction.
func TestBetween_oldPrivateState(t *testing.T) {
	t.Parallel()
	for name, old := range map[string]map[string]string{
		"flags":    {"resume": "true", "ttl_managed": "true", "parameters_build": `"` + uuid.NewString() + `"`},
		"unusable": {"update": `"nonsense"`, "parameters_build": "7"},
		"empty":    {"update": "{}", "parameters_build": `""`},
		"foreign":  {"update": `{"build":"` + uuid.NewString() + `","to":"running"}`},
		"none":     {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBetween(t, codertest.Options{})
			b.use(t, "ttl_ms = 3600000", `parameters = { cpu = "2" }`)
			b.apply(t)
			b.builds(t, "stop", codertest.BuildRequest{})
			b.remember(t, old)
			b.Fake.ResetRequests()
			b.planEmpty(t)
			b.use(t, `parameters = { cpu = "3" }`)
			b.apply(t)
			if w := b.alone(t); w.Status != "stopped" || w.Parameters["cpu"] != "3" || *w.TTLMillis != 3600000 {
				t.Errorf("the workspace is %+v", w)
			}
			if n := b.RequestCounts()[buildRoute]; n != 1 {
				t.Errorf("%d builds were sent", n)
			}
			b.planEmpty(t)
			b.remember(t, old)
			b.run(t, 0, "destroy", "-input=false", "-auto-approve")
			b.wantGone(t)
		})
	}
}

// remember replaces the provider's private part of the state.
func (b *between) remember(t *testing.T, private map[string]string) {
	t.Helper()
	file := filepath.Join(b.dir, "terraform.tfstate")
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var state map[string]any
	if err := json.Unmarshal(content, &state); err != nil {
		t.Fatal(err)
	}
	resources, _ := state["resources"].([]any)
	resource, _ := resources[0].(map[string]any)
	instances, _ := resource["instances"].([]any)
	instance, ok := instances[0].(map[string]any)
	if !ok {
		t.Fatalf("the state is %s", content)
	}
	raw := map[string][]byte{}
	for key, value := range private {
		raw[key] = []byte(value)
	}
	encoded, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	instance["private"] = base64.StdEncoding.EncodeToString(encoded)
	if content, err = json.Marshal(state); err != nil {
		t.Fatal(err)
	}
	write(t, file, string(content))
}

// A saved plan to destroy ends well when somebody has deleted the workspace
// meanwhile, and waits for who is building it.
func TestBetween_savedDestroy(t *testing.T) {
	t.Parallel()
	for name, request := range map[string]int{"delete": 0, "stop": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := newBetween(t, codertest.Options{})
			b.use(t)
			b.apply(t)
			b.run(t, 0, "plan", "-input=false", "-destroy", "-out=saved")
			if _, err := b.Fake.Build(b.alone(t).ID, "admin", name, codertest.BuildRequest{}); err != nil {
				t.Fatal(err)
			}
			b.Fake.ResetRequests()
			b.run(t, 0, "apply", "-input=false", "saved")
			b.wantGone(t)
			if n := b.RequestCounts()[buildRoute]; n != request {
				t.Errorf("%d builds were sent, want %d", n, request)
			}
		})
	}
}

// A value of the preset that somebody changes between a plan and its apply is
// put right by that apply, or by the next plan: it is not forgotten.
func TestBetween_savedPlanForgetsNoPreset(t *testing.T) {
	t.Parallel()
	b := newBetween(t, codertest.Options{}, func(t *codertest.Template) {
		t.Version.Presets = []codertest.Preset{{Name: "Small", Parameters: map[string]string{"cpu": "1"}}}
	})
	use := func(gpu string) { b.use(t, `preset = "Small"`, `parameters = { gpu = "`+gpu+`" }`) }
	use("false")
	b.apply(t)
	use("true")
	b.run(t, 0, "plan", "-input=false", "-out=saved")
	b.builds(t, "stop", codertest.BuildRequest{})
	b.builds(t, "start", codertest.BuildRequest{Parameters: map[string]string{"cpu": "5"}})
	b.run(t, 0, "apply", "-input=false", "saved")
	b.apply(t)
	if w := b.alone(t); w.Parameters["cpu"] != "1" || w.Parameters["gpu"] != "true" {
		t.Errorf("the workspace is %+v", w)
	}
	b.planEmpty(t)
}
