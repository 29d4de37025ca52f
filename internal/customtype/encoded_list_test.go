package customtype_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/customtype"
)

type leaf struct {
	Text types.String `tfsdk:"text"`
}

type branch struct {
	Number types.Int64 `tfsdk:"number"`
}

type tree struct {
	branch

	Leaf   *leaf                    `tfsdk:"leaf"`
	Leaves []leaf                   `tfsdk:"leaves"`
	Named  map[string]leaf          `tfsdk:"named"`
	Texts  []types.String           `tfsdk:"texts"`
	Tags   map[string]types.Float64 `tfsdk:"tags"`
}

var (
	leafType = types.ObjectType{AttrTypes: map[string]attr.Type{"text": types.StringType}}
	treeType = types.ObjectType{AttrTypes: map[string]attr.Type{
		"number": types.Int64Type,
		"leaf":   leafType,
		"leaves": types.ListType{ElemType: leafType},
		"named":  types.MapType{ElemType: leafType},
		"texts":  types.ListType{ElemType: types.StringType},
		"tags":   types.MapType{ElemType: types.Float64Type},
	}}
)

var trees = []tree{
	{},
	{branch: branch{types.Int64Value(1)}, Leaf: &leaf{types.StringValue("a")}, Leaves: []leaf{}, Named: map[string]leaf{}, Texts: []types.String{}},
	{
		Leaves: []leaf{{types.StringValue("b")}, {types.StringNull()}}, Named: map[string]leaf{"c": {types.StringUnknown()}},
		Texts: []types.String{types.StringValue("d")}, Tags: map[string]types.Float64{"e": types.Float64Value(0.5)},
	},
}

// The framework's own list is the measure.
func TestEncodeList(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	for name, list := range map[string][]tree{"nil": nil, "empty": {}, "some": trees} {
		got, err := customtype.EncodeList(ctx, treeType, list)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		want, diags := types.ListValueFrom(ctx, treeType, list)
		if diags.HasError() {
			t.Fatalf("%s: %v", name, diags)
		}
		gotRaw, err := got.ToTerraformValue(ctx)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		wantRaw, err := want.ToTerraformValue(ctx)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if !gotRaw.Equal(wantRaw) {
			t.Errorf("%s: %v, want %v", name, gotRaw, wantRaw)
		}
		if back, diags := got.ToListValue(ctx); diags.HasError() || !back.Equal(want) {
			t.Errorf("%s: as a list %v, want %v; %v", name, back, want, diags)
		}
		typ := customtype.EncodedListType{ListType: types.ListType{ElemType: treeType}}
		if same, diags := typ.ValueFromList(ctx, want); diags.HasError() || !same.Equal(got) {
			t.Errorf("%s: from a list %v, want %v; %v", name, same, got, diags)
		}
		if got.IsNull() != want.IsNull() || got.IsUnknown() || !got.Type(ctx).Equal(typ) || !typ.TerraformType(ctx).Equal(gotRaw.Type()) {
			t.Errorf("%s: null %v, unknown %v, type %v", name, got.IsNull(), got.IsUnknown(), got.Type(ctx))
		}
	}
}

func TestEncodedList_Unknown(t *testing.T) {
	t.Parallel()
	typ := customtype.EncodedListType{ListType: types.ListType{ElemType: leafType}}
	value, err := typ.ValueFromTerraform(t.Context(), tftypes.NewValue(typ.TerraformType(t.Context()), tftypes.UnknownValue))
	if err != nil || !value.IsUnknown() || value.IsNull() {
		t.Errorf("%v, error %v", value, err)
	}
	other, err := customtype.EncodeList(t.Context(), leafType, []leaf{})
	if err != nil || value.Equal(other) || value.Equal(types.StringUnknown()) {
		t.Errorf("%v equals %v, error %v", value, other, err)
	}
}

// Structs that do not fit are an error that says where.
func TestEncodeList_Misfits(t *testing.T) {
	t.Parallel()
	for want, typ := range map[string]attr.Type{
		"[0].text: there is no such attribute": types.ObjectType{AttrTypes: map[string]attr.Type{}},
		"[0].more: no field":                   types.ObjectType{AttrTypes: map[string]attr.Type{"text": types.StringType, "more": types.StringType}},
		"[0]: a customtype_test.leaf":          types.ListType{ElemType: types.StringType},
	} {
		if _, err := customtype.EncodeList(t.Context(), typ, []leaf{{}}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error is %v, want %s", err, want)
		}
	}
}
