package faulttest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// object is what a configuration gives a block; what it leaves out is null.
type object map[string]any

// build makes a value of a type out of Go's own.
func build(ty tftypes.Type, v any) tftypes.Value {
	switch v := v.(type) {
	case nil:
		return tftypes.NewValue(ty, nil)
	case tftypes.Value:
		return v
	case object:
		switch ty := ty.(type) {
		case tftypes.Object:
			attributes := make(map[string]tftypes.Value, len(ty.AttributeTypes))
			for name, attribute := range ty.AttributeTypes {
				attributes[name] = build(attribute, v[name])
			}
			return tftypes.NewValue(ty, attributes)
		case tftypes.Map:
			elements := make(map[string]tftypes.Value, len(v))
			for name, element := range v {
				elements[name] = build(ty.ElementType, element)
			}
			return tftypes.NewValue(ty, elements)
		}
	}
	return tftypes.NewValue(ty, v)
}

// attributes are the parts of an object or a map.
func attributes(v tftypes.Value) map[string]tftypes.Value {
	var parts map[string]tftypes.Value
	if v.IsKnown() && !v.IsNull() {
		_ = v.As(&parts) // an object always can
	}
	return parts
}

// text is a string attribute of an object, "" when it has none.
func text(v tftypes.Value, name string) string {
	var s string
	if part, ok := attributes(v)[name]; ok && part.IsKnown() && !part.IsNull() {
		_ = part.As(&s)
	}
	return s
}

// plainText is all that a value holds.
func plainText(v tftypes.Value) string {
	var all strings.Builder
	_ = tftypes.Walk(v, func(_ *tftypes.AttributePath, part tftypes.Value) (bool, error) {
		var s string
		if part.Type().Is(tftypes.String) && part.IsKnown() && !part.IsNull() && part.As(&s) == nil {
			all.WriteString(s + "\n")
		}
		return true, nil
	})
	return all.String()
}

func dynamic(t *testing.T, v tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	d, err := tfprotov6.NewDynamicValue(v.Type(), v)
	if err != nil {
		t.Fatalf("encoding %s: %v", v, err)
	}
	return &d
}

// decoded is a value on its way back; nothing is null.
func decoded(t *testing.T, ty tftypes.Type, d *tfprotov6.DynamicValue) tftypes.Value {
	t.Helper()
	if d == nil {
		return tftypes.NewValue(ty, nil)
	}
	v, err := d.Unmarshal(ty)
	if err != nil {
		t.Fatalf("decoding a value of the provider: %v", err)
	}
	return v
}

// proposed is what Terraform offers a provider to plan: the configuration, and
// the prior values of what is computed and not configured.
func proposed(schema *tfprotov6.Schema, prior, config tftypes.Value) tftypes.Value {
	before, wanted := attributes(prior), attributes(config)
	result := make(map[string]tftypes.Value, len(wanted))
	for name, value := range wanted {
		result[name] = value
	}
	for _, a := range schema.Block.Attributes {
		value := wanted[a.Name]
		switch {
		case a.WriteOnly:
			result[a.Name] = tftypes.NewValue(value.Type(), nil)
		case value.IsNull() && a.Computed && before != nil:
			result[a.Name] = before[a.Name]
		}
	}
	return tftypes.NewValue(config.Type(), result)
}

// changes are the attributes that differ, without those that follow from others.
func changes(before, after tftypes.Value) []string {
	var names []string
	was := attributes(before)
	for name, value := range attributes(after) {
		switch {
		case name == "latest_build":
		case name == "url" && !value.IsKnown(): // of the name that is planned
		case name == "template_version_id" && !value.IsKnown(): // of the build that is planned
		case !value.Equal(was[name]):
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// planFaults are the rules of Terraform that a plan breaks.
func planFaults(schema *tfprotov6.Schema, prior, config, planned tftypes.Value) []string {
	var faults []string
	before, wanted, got := attributes(prior), attributes(config), attributes(planned)
	for _, a := range schema.Block.Attributes {
		value, plan := wanted[a.Name], got[a.Name]
		switch {
		case a.WriteOnly:
			if !plan.IsNull() {
				faults = append(faults, fmt.Sprintf("write-only %s is planned as %s", a.Name, plan))
			}
		case !value.IsNull():
			old, had := before[a.Name]
			if !plan.Equal(value) && (!had || !plan.Equal(old)) {
				faults = append(faults, fmt.Sprintf("%s is configured as %s and planned as %s", a.Name, value, plan))
			}
		case !a.Computed && !plan.IsNull():
			faults = append(faults, fmt.Sprintf("%s is not configured and planned as %s", a.Name, plan))
		}
	}
	return faults
}

// applyFaults are the differences between what was planned and what came out.
func applyFaults(at string, planned, got tftypes.Value) []string {
	switch {
	case !planned.IsKnown():
		return nil
	case planned.IsNull() || got.IsNull() || !got.IsKnown():
		if !planned.Equal(got) {
			return []string{fmt.Sprintf("%s was planned as %s and is %s", at, planned, got)}
		}
		return nil
	case planned.Type().Is(tftypes.Object{}), planned.Type().Is(tftypes.Map{}) && len(attributes(planned)) == len(attributes(got)):
		var faults []string
		after := attributes(got)
		for name, part := range attributes(planned) {
			faults = append(faults, applyFaults(at+"."+name, part, after[name])...)
		}
		return faults
	default:
		if !planned.Equal(got) {
			return []string{fmt.Sprintf("%s was planned as %s and is %s", at, planned, got)}
		}
		return nil
	}
}
