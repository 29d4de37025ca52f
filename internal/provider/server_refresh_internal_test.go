package provider

import (
	"encoding/json"
	"math/big"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// Every kind of value survives the way to Terraform as JSON.
func TestPlain(t *testing.T) {
	t.Parallel()
	kind := tftypes.Object{AttributeTypes: map[string]tftypes.Type{
		"text": tftypes.String, "truth": tftypes.Bool, "number": tftypes.Number, "fraction": tftypes.Number, "null": tftypes.Number,
		"list": tftypes.List{ElementType: tftypes.String}, "set": tftypes.Set{ElementType: tftypes.Number}, "empty": tftypes.List{ElementType: tftypes.Bool},
		"map": tftypes.Map{ElementType: tftypes.String},
	}}
	text := func(s string) tftypes.Value { return tftypes.NewValue(tftypes.String, s) }
	value := tftypes.NewValue(kind, map[string]tftypes.Value{
		"text": text("<ä & \"b\">\n"), "truth": tftypes.NewValue(tftypes.Bool, true), "null": tftypes.NewValue(tftypes.Number, nil),
		"number":   tftypes.NewValue(tftypes.Number, int64(1)<<62+1),
		"fraction": tftypes.NewValue(tftypes.Number, big.NewFloat(0.25)),
		"list":     tftypes.NewValue(kind.AttributeTypes["list"], []tftypes.Value{text("b"), text("a")}),
		"set":      tftypes.NewValue(kind.AttributeTypes["set"], []tftypes.Value{tftypes.NewValue(tftypes.Number, 2592000000)}),
		"empty":    tftypes.NewValue(kind.AttributeTypes["empty"], []tftypes.Value{}),
		"map":      tftypes.NewValue(kind.AttributeTypes["map"], map[string]tftypes.Value{"a.b": text(""), "c": tftypes.NewValue(tftypes.String, nil)}),
	})
	encoded, err := json.Marshal(plain(value))
	if err != nil {
		t.Fatal(err)
	}
	got, err := (&tfprotov6.DynamicValue{JSON: encoded}).Unmarshal(kind)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equal(value) {
		t.Errorf("%s became %s, by way of %s", value, got, encoded)
	}
}
