package provider_test

import (
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/provider"
)

// numberArguments are the numbers that users can give, with the schema they are in.
func numberArguments(schemas map[string]*tfprotov6.Schema) (all []string) {
	for what, schema := range schemas {
		for _, attribute := range schema.Block.Attributes {
			if attribute.Type != nil && attribute.Type.Is(tftypes.Number) && (attribute.Optional || attribute.Required) {
				all = append(all, what+" "+attribute.Name)
			}
		}
	}
	slices.Sort(all)
	return all
}

// A number with a fraction, or a huge one, is the user's error and not the
// provider's, wherever there are numbers.
func TestValidate_WholeNumbers(t *testing.T) {
	t.Parallel()
	server := provider.NewServer(provider.New("dev")())
	schemas := describedSchemas(t, server)
	arguments := []string{"provider max_retries", "resource coderws_workspace ephemeral_parameters_version", "resource coderws_workspace ttl_ms", "resource coderws_workspace_port_share port"}
	if diff := cmp.Diff(arguments, numberArguments(schemas)); diff != "" {
		t.Fatal("numbers elsewhere are not looked after:", diff)
	}
	validate := func(what, attribute string, number tftypes.Value) acctest.Diagnostics {
		object := schemas[what].ValueType().(tftypes.Object)
		values := map[string]tftypes.Value{}
		for name, kind := range object.AttributeTypes {
			values[name] = tftypes.NewValue(kind, nil)
		}
		maps.Copy(values, map[string]tftypes.Value{attribute: number})
		config, err := tfprotov6.NewDynamicValue(object, tftypes.NewValue(object, values))
		if err != nil {
			t.Fatal(err)
		}
		if what == "provider" {
			resp, err := server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: &config})
			if err != nil {
				t.Fatal(err)
			}
			return resp.Diagnostics
		}
		resp, err := server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{TypeName: strings.Fields(what)[1], Config: &config})
		if err != nil {
			t.Fatal(err)
		}
		return resp.Diagnostics
	}
	for text, want := range map[string]string{
		"60000": "", "6e4": "", "60000.0": "",
		"0":                   "other",
		"-1":                  "other",
		"60000.5":             "60000.5 is not a whole number.",
		"0.1":                 "0.1 is not a whole number.",
		"60000.0000000000001": "60000.0000000000001 is not a whole number.",
		"9223372036854775808": "9.223372037e+18 takes more than 64 bits.",
		"-1e300":              "-1e+300 takes more than 64 bits.",
	} {
		number, _, err := big.ParseFloat(text, 10, 512, big.ToNearestEven) // as Terraform does
		if err != nil {
			t.Fatal(err)
		}
		for _, argument := range arguments {
			what, attribute := argument[:strings.LastIndex(argument, " ")], argument[strings.LastIndex(argument, " ")+1:]
			var about acctest.Diagnostics
			for _, diag := range validate(what, attribute, tftypes.NewValue(tftypes.Number, number)) {
				if diag.Attribute.Equal(tftypes.NewAttributePath().WithAttributeName(attribute)) {
					about = append(about, diag)
				}
			}
			switch {
			case want == "" && len(about) == 0, want == "other" && !strings.Contains(about.String(), "Invalid number"):
			case want == "", len(about) != 1, about[0].Summary != "Invalid number", !strings.HasPrefix(about[0].Detail, want):
				t.Errorf("%s = %s: %v", argument, text, about)
			}
		}
	}
	for _, argument := range arguments {
		what, attribute := argument[:strings.LastIndex(argument, " ")], argument[strings.LastIndex(argument, " ")+1:]
		if diags := validate(what, attribute, tftypes.NewValue(tftypes.Number, tftypes.UnknownValue)); strings.Contains(diags.String(), "Invalid number") {
			t.Errorf("%s, not known yet: %v", argument, diags)
		}
	}
}
