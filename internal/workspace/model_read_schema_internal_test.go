package workspace

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

func listSchema(t testing.TB) schema.Schema {
	t.Helper()
	var resp datasource.SchemaResponse
	NewDataSourceList().Schema(t.Context(), datasource.SchemaRequest{}, &resp)
	if diags := resp.Schema.ValidateImplementation(t.Context()); diags.HasError() || resp.Diagnostics.HasError() {
		t.Fatalf("invalid schema: %v %v", diags, resp.Diagnostics)
	}
	return resp.Schema
}

// nested returns the attributes below an attribute, nil when it has none.
func nested(attribute schema.Attribute) map[string]schema.Attribute {
	switch attribute := attribute.(type) {
	case schema.SingleNestedAttribute:
		return attribute.Attributes
	case schema.ListNestedAttribute:
		return attribute.NestedObject.Attributes
	case schema.MapNestedAttribute:
		return attribute.NestedObject.Attributes
	default:
		return nil
	}
}

// dataSourceSchemas are the schemas of the data sources, by their models.
func dataSourceSchemas(t *testing.T) map[reflect.Type]schema.Schema {
	t.Helper()
	var single datasource.SchemaResponse
	NewDataSource().Schema(t.Context(), datasource.SchemaRequest{}, &single)
	return map[reflect.Type]schema.Schema{
		reflect.TypeFor[listModel]():       listSchema(t),
		reflect.TypeFor[dataSourceModel](): single.Schema,
	}
}

func TestDataSourceSchemas_FitModels(t *testing.T) {
	t.Parallel()
	var walk func(at string, model reflect.Type, attributes map[string]schema.Attribute)
	walk = func(at string, model reflect.Type, attributes map[string]schema.Attribute) {
		for model.Kind() == reflect.Pointer || model.Kind() == reflect.Slice || model.Kind() == reflect.Map {
			model = model.Elem()
		}
		var tags, names []string
		for _, field := range reflect.VisibleFields(model) {
			if field.Anonymous {
				continue
			}
			tag := field.Tag.Get("tfsdk")
			tags = append(tags, tag)
			if field.Type == reflect.TypeFor[types.List]() { // of the encoded workspaces
				walk(at+tag+".", reflect.TypeFor[workspaceView](), nested(attributes[tag]))
			} else if below := nested(attributes[tag]); below != nil {
				walk(at+tag+".", field.Type, below)
			}
		}
		for name := range attributes {
			names = append(names, name)
		}
		slices.Sort(tags)
		slices.Sort(names)
		if diff := cmp.Diff(names, tags); diff != "" {
			t.Errorf("%s (%v) (-schema +model):\n%s", at, model, diff)
		}
	}
	for model, schema := range dataSourceSchemas(t) {
		walk("", model, schema.Attributes)
	}
}

// openAPI is the part of an OpenAPI 2.0 document that is needed here.
type openAPI struct {
	Definitions map[string]definition `json:"definitions"`
}

type definition struct {
	Type                 string                `json:"type"`
	Format               string                `json:"format"`
	Ref                  string                `json:"$ref"`
	AllOf                []definition          `json:"allOf"`
	Items                *definition           `json:"items"`
	Properties           map[string]definition `json:"properties"`
	AdditionalProperties *definition           `json:"additionalProperties"`
}

// follow resolves a reference to another definition.
func (o *openAPI) follow(d definition) definition {
	if len(d.AllOf) > 0 {
		d = d.AllOf[0]
	}
	if name, ok := strings.CutPrefix(d.Ref, "#/definitions/"); ok {
		return o.Definitions[name]
	}
	return d
}

// sample is a value of a definition in which every leaf is another one, as far
// as its type allows.
func (o *openAPI) sample(d definition, next *int) any {
	d = o.follow(d)
	*next++
	switch {
	case d.Type == "object" && d.AdditionalProperties != nil:
		return map[string]any{fmt.Sprint("key ", *next): o.sample(*d.AdditionalProperties, next)}
	case d.Type == "object":
		object := map[string]any{}
		for name, property := range d.Properties {
			object[name] = o.sample(property, next)
		}
		return object
	case d.Type == "array":
		return []any{o.sample(*d.Items, next), o.sample(*d.Items, next)}
	case d.Type == "boolean":
		return true
	case d.Type == "integer":
		return float64(*next)
	case d.Type == "number":
		return float64(*next) + 0.5
	case d.Format == "uuid":
		return fmt.Sprintf("00000000-0000-4000-8000-%012d", *next)
	case d.Format == "date-time":
		return fmt.Sprintf("2026-01-31T18:00:00.%06dZ", *next*10+1)
	default:
		return fmt.Sprint("text ", *next)
	}
}

// Every property that the API document has, at every level and at both ends of
// the range of versions, must arrive in the attribute of the same name, except
// for those in [notShown].
func TestListSchema_ShowsTheAPIDocument(t *testing.T) {
	t.Parallel()
	used := map[string]bool{}
	for _, version := range []string{"v0.24", "v2.35.1"} {
		var document openAPI
		if err := json.Unmarshal(readTestdata(t, "openapi-workspace-"+version+".json"), &document); err != nil {
			t.Fatal(err)
		}
		document.Definitions["uuid.NullUUID"] = definition{Type: "string", Format: "uuid"} // as it is sent
		var leaves int
		sent := document.sample(document.Definitions["codersdk.Workspace"], &leaves).(map[string]any)
		if leaves < 300 {
			t.Fatalf("%s: the document has shrunk: %d values", version, leaves)
		}
		data, err := json.Marshal(sent)
		if err != nil {
			t.Fatal(err)
		}
		compareShown(t, "workspace", sent, revealed(t, data))
		noteProperties(used, "workspace", sent)
	}
	for object, names := range notShown {
		for name := range names {
			if !used[object+"."+name] {
				t.Errorf("%s.%s is an exception for a property that the document does not have", object, name)
			}
		}
	}
}

// noteProperties notes the properties of an object and of all below it.
func noteProperties(used map[string]bool, at string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, below := range value {
			used[at+"."+name] = true
			noteProperties(used, name, below)
		}
	case []any:
		for _, element := range value {
			noteProperties(used, at, element)
		}
	}
}
