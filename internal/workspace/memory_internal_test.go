package workspace

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

type privateMap map[string][]byte

func (m privateMap) SetKey(_ context.Context, key string, value []byte) diag.Diagnostics {
	m[key] = value
	return nil
}

// A plan keeps what a workspace is replaced for, but no ephemeral value.
func TestRememberReplacement(t *testing.T) {
	t.Parallel()
	schema := planTypes().object
	objectType, _ := schema.(tftypes.Object)
	attributes := map[string]tftypes.Value{}
	for name, kind := range objectType.AttributeTypes {
		attributes[name] = tftypes.NewValue(kind, nil)
	}
	texts := tftypes.Map{ElementType: tftypes.String}
	attributes["name"] = tftypes.NewValue(tftypes.String, "dev")
	attributes["parameters"] = tftypes.NewValue(texts, map[string]tftypes.Value{"cpu": tftypes.NewValue(tftypes.String, "4")})
	attributes["ephemeral_parameters"] = tftypes.NewValue(texts, map[string]tftypes.Value{"note": tftypes.NewValue(tftypes.String, "hush")})

	private := privateMap{}
	if diags := rememberReplacement(t.Context(), private, tftypes.NewValue(schema, attributes)); diags.HasError() {
		t.Fatal(diags)
	}
	var kept []byte
	if err := json.Unmarshal(private[privateReplacement], &kept); err != nil || bytes.Contains(kept, []byte("hush")) {
		t.Errorf("%v; kept is %q", err, kept)
	}
	want := replacementIn(private[privateReplacement])
	if want == nil || want.Name != lifecycle.Value("dev") || !maps.Equal(want.Parameters.Known, map[string]string{"cpu": "4"}) ||
		len(want.Ephemeral.Known) > 0 || len(want.Ephemeral.Unknown) != 1 {
		t.Errorf("it is %+v", want)
	}
	if replacementIn(nil) != nil || replacementIn([]byte(`"bm9uc2Vuc2U="`)) != nil {
		t.Error("what is none was read as one")
	}
}
