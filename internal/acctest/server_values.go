package acctest

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Text is a string attribute of an object; "" when it is null or not there.
func Text(object map[string]tftypes.Value, name string) string {
	var text string
	if value, ok := object[name]; ok && value.IsKnown() && !value.IsNull() {
		_ = value.As(&text) // another kind of attribute has no text
	}
	return text
}

// Diagnostics are what the provider has to say.
type Diagnostics []*tfprotov6.Diagnostic

// HasError tells whether there is an error among them.
func (d Diagnostics) HasError() bool {
	return slices.ContainsFunc(d, func(d *tfprotov6.Diagnostic) bool { return d.Severity == tfprotov6.DiagnosticSeverityError })
}

// String is one paragraph for each: severity, attribute, summary and detail.
func (d Diagnostics) String() string {
	var text strings.Builder
	for _, diag := range d {
		fmt.Fprintf(&text, "%s at %s: %s: %s\n", diag.Severity, diag.Attribute, diag.Summary, diag.Detail)
	}
	return text.String()
}

func noProblem(t testing.TB, lists ...[]*tfprotov6.Diagnostic) {
	t.Helper()
	if all := Diagnostics(slices.Concat(lists...)); len(all) > 0 {
		t.Fatal(all)
	}
}

func newObject(t testing.TB, kind tftypes.Type, values Values) *tfprotov6.DynamicValue {
	t.Helper()
	object, ok := kind.(tftypes.Object)
	if !ok {
		t.Fatalf("%s is no object", kind)
	}
	all := make(map[string]tftypes.Value, len(object.AttributeTypes))
	for name, kind := range object.AttributeTypes {
		all[name] = newValue(kind, values[name])
	}
	for name := range values {
		if _, ok := object.AttributeTypes[name]; !ok {
			t.Fatalf("there is no argument %q", name)
		}
	}
	return newDynamic(t, kind, tftypes.NewValue(kind, all))
}

func newValue(kind tftypes.Type, value any) tftypes.Value {
	switch value := value.(type) {
	case tftypes.Value:
		return value
	case Values: // of a block
		all := map[string]tftypes.Value{}
		if object, ok := kind.(tftypes.Object); ok {
			for name, kind := range object.AttributeTypes {
				all[name] = newValue(kind, value[name])
			}
		}
		return tftypes.NewValue(kind, all)
	case map[string]string:
		all := map[string]tftypes.Value{}
		for name, text := range value {
			all[name] = tftypes.NewValue(tftypes.String, text)
		}
		return tftypes.NewValue(kind, all)
	default:
		return tftypes.NewValue(kind, value)
	}
}

func newNull(t testing.TB, kind tftypes.Type) *tfprotov6.DynamicValue {
	t.Helper()
	return newDynamic(t, kind, tftypes.NewValue(kind, nil))
}

func newDynamic(t testing.TB, kind tftypes.Type, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	dynamic, err := tfprotov6.NewDynamicValue(kind, value)
	if err != nil {
		t.Fatal(err)
	}
	return &dynamic
}

func readObject(t testing.TB, kind tftypes.Type, dynamic *tfprotov6.DynamicValue) map[string]tftypes.Value {
	t.Helper()
	if dynamic == nil {
		return nil
	}
	value, err := dynamic.Unmarshal(kind)
	if err != nil {
		t.Fatal(err)
	}
	if value.IsNull() {
		return nil
	}
	object := map[string]tftypes.Value{}
	if err := value.As(&object); err != nil {
		t.Fatal(err)
	}
	return object
}
