package acctest_test

import (
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// TestRun is what every Terraform-driven test looks like.
func TestRun(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "acctest")
		config := d.ProviderConfig() + fmt.Sprintf(`
resource "coderws_workspace" "test" {
  name        = %q
  template_id = %q
}
`, name, template.ID)
		acctest.Test(t, d, resource.TestCase{
			Steps: []resource.TestStep{
				{
					Config: config,
					ConfigStateChecks: []statecheck.StateCheck{
						statecheck.ExpectKnownValue("coderws_workspace.test", tfjsonpath.New("name"), knownvalue.StringExact(name)),
						statecheck.ExpectKnownValue("coderws_workspace.test", tfjsonpath.New("template_name"), knownvalue.StringExact(template.Name)),
					},
				},
				{
					Config:           config,
					ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				},
			},
		})
		if d.Fake != nil && d.RequestCount("POST", "/workspaces/{workspace}/builds") != 1 {
			t.Errorf("want one delete build, got requests %v", d.RequestCounts())
		}
	})
}

func TestRun_versions(t *testing.T) {
	t.Parallel()
	if acctest.IsReal() {
		t.Skip("is about the choice of fakes")
	}
	want := map[string]string{"seed": "v0.24", "v2.35.1": "v2.35.1"}
	got := map[string]string{}
	for _, version := range acctest.Versions {
		d := acctest.NewFake(t, codertest.Options{Version: version})
		info, err := d.Client.BuildInfo(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got[version] = info.Version[:min(len(info.Version), len(want[version]))]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("versions differ (-want +got):\n%s", diff)
	}
}

func TestName(t *testing.T) {
	t.Parallel()
	valid := regexp.MustCompile(`^[a-zA-Z0-9]+(-[a-zA-Z0-9]+)*$`)
	for _, prefix := range []string{"a", "dev", "ends-with-hyphen-after-cut-here-x", strings.Repeat("long", 20)} {
		name, other := acctest.Name(t, prefix), acctest.Name(t, prefix)
		if len(name) > 32 || !valid.MatchString(name) || name[0] != prefix[0] {
			t.Errorf("%q makes the name %q", prefix, name)
		}
		if name == other {
			t.Errorf("%q makes the name %q twice", prefix, name)
		}
	}
}

// TestTemplate_upload uploads every standard template as to a real deployment.
func TestTemplate_upload(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		for kind, want := range standard() {
			t.Run(version+"/"+string(kind), func(t *testing.T) {
				t.Parallel()
				fake := acctest.NewFake(t, codertest.Options{
					Version: version,
					Import: func(archive []byte) codertest.TemplateVersion {
						if !strings.Contains(string(archive), "main.tf") {
							t.Error("the archive holds no main.tf")
						}
						return want.Version
					},
				})
				d := &acctest.Deployment{URL: fake.URL, Token: fake.Token, Client: fake.Client}

				var template acctest.Template
				t.Run("test", func(t *testing.T) { // not parallel: its cleanup is what is tested
					template = d.Template(t, kind, acctest.DefaultTTL(90*time.Minute))
					checkTemplate(t, d, template, want)
					leaveWorkspace(t, d, template, kind)
				})
				for _, workspace := range fake.Fake.Workspaces() {
					if !workspace.Deleted {
						t.Errorf("workspace %s is left over", workspace.Name)
					}
				}
				if fake.RequestCount("DELETE", "/templates/{template}") != 1 {
					t.Errorf("the template was not deleted: %v", fake.RequestCounts())
				}
			})
		}
	}
}

// TestTemplate_uploadLimit repeats an upload that the rate limit refuses, and
// uploads an archive once only.
func TestTemplate_uploadLimit(t *testing.T) {
	t.Parallel()
	fake := acctest.NewFake(t, codertest.Options{})
	fake.Fake.AddFault(codertest.Fault{
		Method: http.MethodPost, Route: "/files", Times: 1,
		Status: http.StatusTooManyRequests, Header: http.Header{"Retry-After": {"1"}}, Body: `{"message":"slow down"}`,
	})
	d := &acctest.Deployment{URL: fake.URL, Token: fake.Token, Client: fake.Client}
	first, second := d.Template(t, acctest.Basic), d.Template(t, acctest.Basic)
	if first.ID == second.ID || first.Name == second.Name {
		t.Errorf("both are %v", first)
	}
	if got := fake.RequestCount(http.MethodPost, "/files"); got != 2 {
		t.Errorf("%d uploads, want a refused one and another", got)
	}
}

func checkTemplate(t *testing.T, d *acctest.Deployment, template acctest.Template, want codertest.Template) {
	t.Helper()
	read, err := d.Client.Template(t.Context(), uuid.MustParse(template.ID))
	if err != nil {
		t.Fatal(err)
	}
	got := acctest.Template{ID: read.ID.String(), Name: read.Name, ActiveVersionID: read.ActiveVersionID.String(), OrganizationID: read.OrganizationID.String()}
	if diff := cmp.Diff(template, got); diff != "" {
		t.Errorf("the template differs from what the server holds (-test +server):\n%s", diff)
	}
	if read.DefaultTTLMillis != 90*60*1000 {
		t.Errorf("default TTL is %d ms", read.DefaultTTLMillis)
	}
	parameters, err := d.Client.RichParameters(t.Context(), read.ActiveVersionID)
	if err != nil {
		t.Fatal(err)
	}
	if len(parameters) != len(want.Version.Parameters) {
		t.Errorf("the version has the parameters %v", parameters)
	}
}

// leaveWorkspace makes a workspace that the cleanup has to delete, and does not
// wait for it.
func leaveWorkspace(t *testing.T, d *acctest.Deployment, template acctest.Template, kind acctest.Kind) {
	t.Helper()
	values := map[acctest.Kind][]coder.BuildParameter{
		acctest.Slow:     {{Name: "seconds", Value: "0"}},
		acctest.Failing:  {{Name: "fail_at", Value: "delete"}},
		acctest.Required: {{Name: "project", Value: "abc"}},
	}
	_, err := d.Client.CreateWorkspace(t.Context(), uuid.MustParse(template.OrganizationID), coder.Me, coder.CreateWorkspaceRequest{
		Name:                acctest.Name(t, "left"),
		TemplateID:          uuid.MustParse(template.ID),
		RichParameterValues: values[kind],
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestCheckDestroyed(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		workspace, err := d.Client.CreateWorkspace(t.Context(), uuid.MustParse(template.OrganizationID), coder.Me,
			coder.CreateWorkspaceRequest{Name: acctest.Name(t, "gone"), TemplateID: uuid.MustParse(template.ID)})
		if err != nil {
			t.Fatal(err)
		}
		state := &terraform.State{Modules: []*terraform.ModuleState{{Path: []string{"root"}, Resources: map[string]*terraform.ResourceState{
			"coderws_workspace.test": {Type: "coderws_workspace", Primary: &terraform.InstanceState{ID: workspace.ID.String()}},
		}}}}
		state.RootModule().Resources["terraform_data.other"] = &terraform.ResourceState{
			Type: "terraform_data", Primary: &terraform.InstanceState{ID: workspace.ID.String()},
		}
		check := d.CheckDestroyed(t)
		if err := check(state); err == nil || !strings.Contains(err.Error(), "coderws_workspace.test") || strings.Contains(err.Error(), "terraform_data") {
			t.Errorf("while the workspace exists: %v", err)
		}
		if err := d.DeleteWorkspace(t.Context(), workspace.ID); err != nil {
			t.Fatal(err)
		}
		if err := check(state); err != nil {
			t.Errorf("after the workspace was deleted: %v", err)
		}
		if err := d.DeleteWorkspace(t.Context(), workspace.ID); err != nil {
			t.Errorf("deleting it again: %v", err)
		}
	})
}

func TestRequestCounts(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{})
	for range 2 {
		if _, err := d.Client.User(t.Context(), coder.Me); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := d.Client.BuildInfo(t.Context()); err != nil {
		t.Fatal(err)
	}
	want := []string{"GET /users/{user}", "GET /users/{user}", "GET /buildinfo"}
	if diff := cmp.Diff(want, d.Requests()); diff != "" {
		t.Errorf("requests differ (-want +got):\n%s", diff)
	}
	for _, tt := range []struct {
		method, route string
		want          int
	}{{"GET", "/users/{user}", 2}, {"", "/buildinfo", 1}, {"GET", "", 3}, {"", "", 3}, {"PUT", "", 0}} {
		if got := d.RequestCount(tt.method, tt.route); got != tt.want {
			t.Errorf("%q %q was requested %d times, want %d", tt.method, tt.route, got, tt.want)
		}
	}
}

// standard are the templates of the fake, which the ones for real deployments
// must equal in their parameters.
func standard() map[acctest.Kind]codertest.Template {
	return map[acctest.Kind]codertest.Template{
		acctest.Basic:    codertest.BasicTemplate(),
		acctest.Failing:  codertest.FailingTemplate(),
		acctest.Slow:     codertest.SlowTemplate(),
		acctest.Required: codertest.RequiredTemplate(),
	}
}

// TestTemplateSources compares the sources uploaded to real deployments with
// the templates of the fake.
func TestTemplateSources(t *testing.T) {
	t.Parallel()
	sources := os.DirFS("testdata/templates")
	parameter := regexp.MustCompile(`(?ms)^data "coder_parameter" "(\w+)" \{\n(.*?)^\}`)
	attribute := regexp.MustCompile(`(?m)^ +(type|default|mutable|min|max|regex|monotonic|value|error) += (.*)$`)

	for kind, template := range standard() {
		t.Run(string(kind), func(t *testing.T) {
			t.Parallel()
			source, err := fs.ReadFile(sources, string(kind)+"/main.tf")
			if err != nil {
				t.Fatal(err)
			}
			got := map[string]map[string]string{}
			for _, block := range parameter.FindAllStringSubmatch(string(source), -1) {
				values := map[string]string{}
				for _, pair := range attribute.FindAllStringSubmatch(block[2], -1) {
					values[pair[1]] += strings.Trim(pair[2], `"`) + " "
				}
				got[block[1]] = values
			}
			if diff := cmp.Diff(describe(template.Version.Parameters), got); diff != "" {
				t.Errorf("parameters differ (-fake +source):\n%s", diff)
			}
		})
	}
}

// describe words parameters as the sources do.
func describe(parameters []codertest.Parameter) map[string]map[string]string {
	all := map[string]map[string]string{}
	for _, p := range parameters {
		values := map[string]string{"type": "string ", "mutable": fmt.Sprint(p.Mutable, " ")}
		set := func(name, value string) {
			if value != "" {
				values[name] = value + " "
			}
		}
		set("type", p.Type)
		set("default", p.Default)
		if p.Default == `["a","b"]` {
			set("default", `jsonencode(["a", "b"])`)
		}
		set("regex", p.Regex)
		set("error", p.Error)
		set("monotonic", p.Monotonic)
		if p.Min != nil {
			set("min", fmt.Sprint(*p.Min))
		}
		if p.Max != nil {
			set("max", fmt.Sprint(*p.Max))
		}
		for _, option := range p.Options {
			values["value"] += option.Value + " "
		}
		all[p.Name] = values
	}
	return all
}
