package workspace

import (
	"net/url"
	"reflect"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/customtype"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

func resourceSchema(t *testing.T) schema.Schema {
	t.Helper()
	var resp resource.SchemaResponse
	NewResource().Schema(t.Context(), resource.SchemaRequest{}, &resp)
	if resp.Diagnostics.HasError() {
		t.Fatal(resp.Diagnostics)
	}
	return resp.Schema
}

func TestResourceSchema(t *testing.T) {
	t.Parallel()
	s := resourceSchema(t)
	if diags := s.ValidateImplementation(t.Context()); diags.HasError() {
		t.Error(diags)
	}
	fields := tags(reflect.TypeFor[resourceModel]())
	for name, attribute := range s.Attributes {
		if attribute.GetMarkdownDescription() == "" {
			t.Errorf("%s has no description", name)
		}
		if !fields[name] {
			t.Errorf("%s has no field in the model", name)
		}
		delete(fields, name)
	}
	delete(fields, "timeouts")
	for name := range fields {
		t.Errorf("the model's field %s has no attribute", name)
	}
}

func tags(model reflect.Type) map[string]bool {
	names := map[string]bool{}
	for field := range model.NumField() {
		names[model.Field(field).Tag.Get("tfsdk")] = true
	}
	return names
}

var client = coder.New(coder.Config{URL: &url.URL{Scheme: "https", Host: "coder.example.com"}})

func apiWorkspace() *coder.Workspace {
	ttl := int64(3_600_000)
	return &coder.Workspace{
		ID: uuid.New(), Name: "dev", OwnerName: "alice", OwnerID: uuid.New(), OrganizationID: uuid.New(), OrganizationName: "coder",
		TemplateID: uuid.New(), TemplateName: "basic", CreatedAt: time.Now(), TTLMillis: &ttl,
		LatestBuild: coder.WorkspaceBuild{ID: uuid.New(), BuildNumber: 3, Transition: coder.TransitionStart, Status: coder.StatusRunning, Deadline: noon},
	}
}

// What the plan promised must come back from apply, even if the server has
// moved on in between; only what it left open is filled.
func TestSettle(t *testing.T) {
	t.Parallel()
	w := apiWorkspace()
	var planned resourceModel
	planned.fromAPI(client, w)
	planned.OwnerName = customtype.UsernameValue("Alice")

	moved := apiWorkspace()
	moved.TemplateName = "renamed"
	after := planned
	after.settle(client, moved)
	if !reflect.DeepEqual(after, planned) {
		t.Errorf("known values changed:\n%+v\n%+v", planned, after)
	}

	open := planned
	open.LatestBuild = withBuildDeadline(open.LatestBuild, types.StringUnknown())
	open.TTLMillis = types.Int64Unknown()
	moved.LatestBuild.Deadline = noon.Add(time.Hour)
	open.settle(client, moved)
	build := open.LatestBuild.Attributes()
	if got := build["deadline"].(types.String).ValueString(); got != "2026-11-23T13:00:00Z" {
		t.Errorf("deadline is %s", got)
	}
	if got := build["id"].(types.String).ValueString(); got != w.LatestBuild.ID.String() {
		t.Errorf("the build became %s", got)
	}
	if got := open.TTLMillis.ValueInt64(); got != 3_600_000 {
		t.Errorf("ttl_ms is %d", got)
	}
}

// Nothing may stay unknown after a create, or Terraform rejects the result.
func TestSettleLeavesNothingUnknown(t *testing.T) {
	t.Parallel()
	model := resourceModel{
		ID: types.StringUnknown(), OwnerName: customtype.Username{StringValue: types.StringUnknown()}, OwnerID: types.StringUnknown(),
		OrganizationID: customtype.UUIDUnknown(), OrganizationName: types.StringUnknown(), TemplateName: types.StringUnknown(),
		CreatedAt: types.StringUnknown(), URL: types.StringUnknown(),
		TTLMillis: types.Int64Unknown(), LatestBuild: types.ObjectUnknown(latestBuildTypes),
	}
	w := apiWorkspace()
	w.OrganizationName = "" // before Coder 2.14
	w.TTLMillis = nil
	model.settle(client, w)

	value := reflect.ValueOf(model)
	for i := range value.NumField() {
		if v, ok := value.Field(i).Interface().(attr.Value); ok && v.IsUnknown() {
			t.Errorf("%s is unknown", value.Type().Field(i).Name)
		}
	}
	if model.TTLMillis.IsNull() || model.TTLMillis.ValueInt64() != 0 {
		t.Errorf("no autostop is %v, want 0", model.TTLMillis)
	}
}
