package longlist_test

import (
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/longlist"
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
	Truth  types.Bool               `tfsdk:"truth"`
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
		"truth":  types.BoolType,
	}}
)

// trees have values of every kind and, where the length decides how a thing is
// written, of lengths on both sides of each border.
func trees() []tree {
	trees := []tree{
		{},
		{branch: branch{types.Int64Value(1)}, Leaf: &leaf{types.StringValue("")}, Leaves: []leaf{}, Named: map[string]leaf{}, Texts: []types.String{}},
		{
			Leaves: []leaf{{types.StringValue("b")}, {types.StringNull()}}, Named: map[string]leaf{"c": {types.StringNull()}, "a": {}},
			Tags: map[string]types.Float64{"e": types.Float64Value(0.5), "f": types.Float64Value(-3), "g": types.Float64Null()}, Truth: types.BoolValue(true),
		},
		{Truth: types.BoolValue(false)},
	}
	for _, n := range []int64{-1, 127, 128, 255, 1 << 40, math.MaxInt64, math.MinInt64} {
		trees = append(trees, tree{branch: branch{types.Int64Value(n)}})
	}
	for _, n := range []int{15, 16, 31, 32, 255, 256, math.MaxUint16, math.MaxUint16 + 1} {
		long := tree{Leaf: &leaf{types.StringValue(strings.Repeat("é", n/2) + strings.Repeat("x", n%2))}, Tags: map[string]types.Float64{}}
		for i := range min(n, 300) { // the framework is slow
			long.Texts = append(long.Texts, types.StringNull())
			long.Tags[fmt.Sprint(i)] = types.Float64Null()
		}
		trees = append(trees, long)
	}
	return trees
}

// The framework's own value is the measure.
func TestEncoder_LikeTheFramework(t *testing.T) {
	t.Parallel()
	encoder := new(longlist.Encoder)
	for i, tree := range trees() {
		encoded, err := encoder.Encode(&tree)
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		got, err := tfprotov6.DynamicValue{MsgPack: encoded}.Unmarshal(treeType.TerraformType(t.Context()))
		if err != nil {
			t.Fatalf("%d: %v", i, err)
		}
		value, diags := types.ObjectValueFrom(t.Context(), treeType.AttrTypes, tree)
		if diags.HasError() {
			t.Fatalf("%d: %v", i, diags)
		}
		want, err := value.ToTerraformValue(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if !got.Equal(want) {
			t.Errorf("%d: %v, want %v", i, got, want)
		}
	}
}

func TestEncoder_Refuses(t *testing.T) {
	t.Parallel()
	for name, element := range map[string]any{
		"unknown": &tree{Texts: []types.String{types.StringUnknown()}},
		"texts": &struct {
			Texts []string `tfsdk:"texts"`
		}{[]string{"a"}},
	} {
		if _, err := new(longlist.Encoder).Encode(element); err == nil || !strings.Contains(err.Error(), "texts") || !strings.Contains(err.Error(), "[0]") {
			t.Errorf("%s: error is %v", name, err)
		}
	}
}

// The elements get to their attribute and nowhere else, whatever stands around
// it.
func TestLists_Into(t *testing.T) {
	t.Parallel()
	list := tftypes.List{ElementType: tftypes.String}
	object := tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"filter": tftypes.String, "found": list, "like_found": list, "total": tftypes.Number, "zone": tftypes.String,
	}}
	for name, filter := range map[string]any{"null": nil, "the attribute's name": "found", "a like one": "\u00a5found"} {
		for _, n := range []int{0, 1, 15, 16, math.MaxUint16, math.MaxUint16 + 1} {
			values := map[string]tftypes.Value{
				"filter":     tftypes.NewValue(tftypes.String, filter),
				"found":      tftypes.NewValue(list, nil),
				"like_found": tftypes.NewValue(list, nil),
				"total":      tftypes.NewValue(tftypes.Number, n),
				"zone":       tftypes.NewValue(tftypes.String, nil),
			}
			state, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
			if err != nil {
				t.Fatal(err)
			}
			ctx, lists := longlist.NewContext(t.Context())
			encoder := new(longlist.Encoder)
			elements, want := make([][]byte, n), make([]tftypes.Value, n)
			for i := range elements {
				text := types.StringValue(fmt.Sprint("element ", i))
				if elements[i], err = encoder.Encode(&text); err != nil {
					t.Fatal(err)
				}
				want[i] = tftypes.NewValue(tftypes.String, text.ValueString())
			}
			if err := longlist.Set(ctx, "found", elements); err != nil {
				t.Fatal(err)
			}
			if err := lists.Into(&state); err != nil {
				t.Fatal(err)
			}
			values["found"] = tftypes.NewValue(list, want)
			got, err := state.Unmarshal(object)
			if err != nil || !got.Equal(tftypes.NewValue(object, values)) {
				t.Errorf("%s, %d elements: error %v", name, n, err)
			}
		}
	}
}

func TestLists_NoPlace(t *testing.T) {
	t.Parallel()
	if err := longlist.Set(t.Context(), "found", nil); err == nil {
		t.Error("elements that nobody takes are lost without an error")
	}
	ctx, lists := longlist.NewContext(t.Context())
	if err := longlist.Set(ctx, "found", nil); err != nil {
		t.Fatal(err)
	}
	state, err := tfprotov6.NewDynamicValue(tftypes.String, tftypes.NewValue(tftypes.String, "found"))
	if err != nil {
		t.Fatal(err)
	}
	if err := lists.Into(&state); err == nil {
		t.Error("elements without an attribute are lost without an error")
	}
}
