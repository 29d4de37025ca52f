package template_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/template"
)

func TestTemplateDataSource(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		basic := d.Template(t, acctest.Basic)
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: d.ProviderConfig() + `data "coderws_template" "none" {}`, ExpectError: regexp.MustCompile("No attribute specified")},
			{
				Config: d.ProviderConfig() + fmt.Sprintf(`
					data "coderws_template" "both" {
						id           = %[1]q
						organization = "coder"
						version_id   = %[1]q
						version_name = "v1"
					}`, basic.ID),
				ExpectError: regexp.MustCompile(`(?s)"id" cannot be specified when "organization".*"version_name" cannot be specified`),
			},
			{
				Config: d.ProviderConfig() + fmt.Sprintf(`
					data "coderws_template" "by_id" { id = %[1]q }
					data "coderws_template" "by_name" { name = upper(%[2]q) }
					data "coderws_template" "in_organization" {
						name             = %[2]q
						organization     = data.coderws_template.by_id.organization_name
						include_versions = false
					}
					data "coderws_template" "version" {
						name         = %[2]q
						organization = data.coderws_template.by_id.organization_id
						version_name = data.coderws_template.by_id.versions[0].name
					}
					output "same" {
						value = alltrue([for found in [data.coderws_template.by_name, data.coderws_template.in_organization, data.coderws_template.version] :
							found.id == data.coderws_template.by_id.id && found.name == %[2]q &&
							found.version_id == found.active_version_id && found.parameters == data.coderws_template.by_id.parameters
						])
					}`, basic.ID, basic.Name),
				ConfigStateChecks: []statecheck.StateCheck{
					statecheck.ExpectKnownOutputValue("same", knownvalue.Bool(true)),
					shown("by_id", "name", knownvalue.StringExact(basic.Name)),
					shown("by_id", "organization_id", knownvalue.StringExact(basic.OrganizationID)),
					shown("by_id", "active_version_id", knownvalue.StringExact(basic.ActiveVersionID)),
					shown("by_id", "default_ttl_ms", knownvalue.Int64Exact(0)),
					shown("by_id", "versions", knownvalue.ListSizeExact(1)),
					shown("in_organization", "versions", knownvalue.Null()),
					shown("by_id", "parameters", knownvalue.ListSizeExact(3)),
					shown("by_id", "presets", knownvalue.ListSizeExact(0)),
				},
			},
		}})
	})
}

func shown(name, attribute string, want knownvalue.Check) statecheck.StateCheck {
	return statecheck.ExpectKnownValue("data.coderws_template."+name, tfjsonpath.New(attribute), want)
}

// read runs the data source without Terraform. All other attributes are null.
func read(t *testing.T, d *acctest.Deployment, config map[string]string) (tfsdk.State, diag.Diagnostics) {
	t.Helper()
	source := template.NewDataSource().(datasource.DataSourceWithConfigure)
	var configured datasource.ConfigureResponse
	source.Configure(t.Context(), datasource.ConfigureRequest{ProviderData: d.Client}, &configured)
	var described datasource.SchemaResponse
	source.Schema(t.Context(), datasource.SchemaRequest{}, &described)

	object := described.Schema.Type().TerraformType(t.Context()).(tftypes.Object)
	values := map[string]tftypes.Value{}
	for name, attribute := range object.AttributeTypes {
		values[name] = tftypes.NewValue(attribute, nil)
	}
	for name, value := range config {
		values[name] = tftypes.NewValue(tftypes.String, value)
	}
	resp := datasource.ReadResponse{State: tfsdk.State{Schema: described.Schema}}
	source.Read(t.Context(), datasource.ReadRequest{Config: tfsdk.Config{Schema: described.Schema, Raw: tftypes.NewValue(object, values)}}, &resp)
	return resp.State, append(configured.Diagnostics, resp.Diagnostics...)
}

// value is one text of the state.
func value(t *testing.T, state tfsdk.State, at path.Path) string {
	t.Helper()
	var value attr.Value
	if diags := state.GetAttribute(t.Context(), at, &value); diags.HasError() {
		t.Fatal(diags)
	}
	return strings.Trim(value.String(), `"`)
}

// fixture is a deployment with the template docker in the default organization
// and in "research", and the template gpu, deprecated, in "research" alone.
func fixture(t *testing.T, d *acctest.Deployment) (docker, researchDocker, gpu codertest.TemplateInfo) {
	t.Helper()
	add := func(name string, change func(*codertest.Template)) codertest.TemplateInfo {
		definition := codertest.BasicTemplate()
		definition.Name = name
		change(&definition)
		return d.Fake.AddTemplate(definition)
	}
	research := d.Fake.AddOrganization("research")
	docker = add("docker", func(*codertest.Template) {})
	researchDocker = add("docker", func(t *codertest.Template) { t.OrganizationID = research })
	gpu = add("gpu", func(t *codertest.Template) { t.OrganizationID, t.Deprecated = research, true })
	return docker, researchDocker, gpu
}

// Names are looked up in every organization that the token sees, deprecated
// templates included.
func TestTemplateDataSource_organizations(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"seed", "v2.13.0", "v2.14.0", "v2.35.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			docker, researchDocker, gpu := fixture(t, d)
			for _, tt := range []struct {
				config map[string]string
				want   codertest.TemplateInfo
			}{
				{map[string]string{"name": "gpu"}, gpu},
				{map[string]string{"id": gpu.ID.String()}, gpu},
				{map[string]string{"name": "Docker", "organization": "Research"}, researchDocker},
				{map[string]string{"name": "docker", "organization": docker.OrganizationID.String()}, docker},
			} {
				state, diags := read(t, d, tt.config)
				if diags.HasError() {
					t.Errorf("%v: %v", tt.config, diags)
					continue
				}
				organization := "research"
				if tt.want == docker {
					organization = map[bool]string{true: "admin", false: "coder"}[version == "seed"]
				}
				for attribute, want := range map[string]string{
					"id": tt.want.ID.String(), "name": tt.want.Name, "organization_id": tt.want.OrganizationID.String(), "organization_name": organization,
				} {
					if got := value(t, state, path.Root(attribute)); got != want {
						t.Errorf("%v: %s is %q, want %q", tt.config, attribute, got, want)
					}
				}
			}
		})
	}
}

// failure is what looking for something that is not there, or not whole, says.
type failure struct {
	config    map[string]string
	attribute string
	summary   string
	words     []string
}

func TestTemplateDataSource_errors(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		known, other, absent := d.Template(t, acctest.Basic, acctest.Called("docker")), d.Template(t, acctest.Basic), acctest.Name(t, "absent")
		const nobody = "00000000-0000-4000-8000-000000000000"
		failures := []failure{
			{map[string]string{"name": absent}, "name", "Template name not found", []string{`"` + absent + `"`, "coder templates list"}},
			{map[string]string{"name": absent, "organization": known.OrganizationID}, "name", "Template name not found", []string{`"` + absent + `"`}},
			{map[string]string{"name": known.Name, "organization": absent}, "organization", "Organization name not found", []string{`"` + absent + `"`}},
			{map[string]string{"name": known.Name, "organization": nobody}, "organization", "Organization id not found", []string{nobody}},
			{map[string]string{"id": nobody}, "id", "Template id not found", []string{nobody}},
			{
				map[string]string{"id": known.ID, "version_name": "v9"},
				"version_name", "Template version cannot be shown",
				[]string{`no version "v9"`, "coder templates versions list " + known.Name},
			},
			{
				map[string]string{"id": known.ID, "version_id": other.ActiveVersionID},
				"version_id", "Template version cannot be shown",
				[]string{"no version " + other.ActiveVersionID},
			},
		}
		if d.Fake != nil { // a second organization takes a licence
			failures = append(failures, failuresElsewhere(t, d)...)
		}
		for _, tt := range failures {
			_, diags := read(t, d, tt.config)
			if len(diags) != 1 || diags[0].Summary() != tt.summary {
				t.Errorf("%v: got %v, want %q", tt.config, diags, tt.summary)
				continue
			}
			at, ok := diags[0].(diag.DiagnosticWithPath)
			if !ok || !at.Path().Equal(path.Root(tt.attribute)) {
				t.Errorf("%v: the error is not at %s: %v", tt.config, tt.attribute, diags[0])
			}
			for _, words := range tt.words {
				if !strings.Contains(diags[0].Detail(), words) {
					t.Errorf("%v: %q is not in %q", tt.config, words, diags[0].Detail())
				}
			}
		}
	})
}

// failuresElsewhere are those of a deployment with two organizations, and with
// versions that cannot be used.
func failuresElsewhere(t *testing.T, d *acctest.Deployment) []failure {
	t.Helper()
	docker, researchDocker, gpu := fixture(t, d)
	importing := d.Fake.UploadVersion(docker.ID, codertest.TemplateVersion{Name: "importing", Importing: true})
	d.Fake.UploadVersion(docker.ID, codertest.TemplateVersion{Name: "failed", ImportError: codertest.PlanFailed})
	return []failure{
		{
			map[string]string{"name": "docker"},
			"name", "Template name is ambiguous",
			[]string{docker.ID.String(), researchDocker.ID.String(), `organization "research"`, "Set organization"},
		},
		{map[string]string{"name": "podman"}, "name", "Template name not found", []string{`"podman"`, `"research"`, "coder templates list"}},
		{map[string]string{"name": "gpu", "organization": docker.OrganizationID.String()}, "name", "Template name not found", []string{`"gpu"`}},
		{map[string]string{"name": "gpu", "organization": "sales"}, "organization", "Organization name not found", []string{`"sales"`, `"research"`}},
		{
			map[string]string{"id": docker.ID.String(), "version_id": gpu.ActiveVersionID.String()},
			"version_id", "Template version cannot be shown",
			[]string{"no version " + gpu.ActiveVersionID.String()},
		},
		{
			map[string]string{"id": docker.ID.String(), "version_id": importing.String()},
			"version_id", "Template version cannot be shown",
			[]string{`"importing"`, "still being imported"},
		},
		{
			map[string]string{"id": docker.ID.String(), "version_name": "failed"},
			"version_name", "Template version cannot be shown",
			[]string{`"failed"`, codertest.PlanFailed},
		},
	}
}

// A version is chosen by id or name, those that are not active or archived are
// listed, and presets come with servers that have them.
func TestTemplateDataSource_versions(t *testing.T) {
	t.Parallel()
	acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
		var known acctest.Template
		if d.Fake != nil {
			definition := codertest.BasicTemplate()
			definition.Version.Archived = true
			known = d.FakeTemplate(definition)
		} else {
			known = d.Template(t, acctest.Basic)
		}
		first, err := d.Client.TemplateVersion(t.Context(), uuid.MustParse(known.ActiveVersionID))
		if err != nil {
			t.Fatal(err)
		}
		second, third, preset := d.Publish(t, known, acctest.Basic, "v2"), "", "<null>"
		if d.Fake != nil {
			definition := codertest.FailingTemplate().Version
			definition.Name = "v3"
			definition.Presets = []codertest.Preset{{Name: "small", Description: "For one.", Default: true, Parameters: map[string]string{"fail_at": "never"}}}
			third = d.Fake.UploadVersion(uuid.MustParse(known.ID), definition).String()
			if d.Client.ServerVersion().AtLeast(2, 20) {
				preset = "small"
			}
		} else { // of a standard template, which has no presets
			third = d.AddVersion(t, known, acctest.Failing, "v3")
		}
		for _, config := range []map[string]string{{"version_name": "v3"}, {"version_id": third}} {
			config["id"] = known.ID
			state, diags := read(t, d, config)
			if diags.HasError() {
				t.Fatal(diags)
			}
			got := map[string]string{}
			for name, at := range map[string]path.Path{
				"active": path.Root("active_version_id"), "shown": path.Root("version_id"), "name": path.Root("version_name"),
				"parameter": path.Root("parameters").AtListIndex(0).AtName("name"),
				"preset":    path.Root("presets").AtListIndex(0).AtName("name"),
				"newest":    path.Root("versions").AtListIndex(0).AtName("name"),
				"middle":    path.Root("versions").AtListIndex(1).AtName("active"),
				"oldest":    path.Root("versions").AtListIndex(2).AtName("name"),
			} {
				got[name] = value(t, state, at)
			}
			want := map[string]string{
				"active": second, "shown": third, "name": "v3", "parameter": "fail_at", "preset": preset,
				"newest": "v3", "middle": "true", "oldest": first.Name,
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%v (-want +got):\n%s", config, diff)
			}
		}
	})
}
