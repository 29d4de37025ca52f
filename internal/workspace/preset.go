package workspace

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// choosePreset finds the configured preset among those of a template version;
// nil when none is configured.
func (r *workspaceResource) choosePreset(ctx context.Context, config *resourceModel, version uuid.UUID) (*coder.Preset, diag.Diagnostics) {
	wanted := config.Preset.ValueString()
	if wanted == "" {
		return nil, nil
	}
	var diags diag.Diagnostics
	if server := r.client.ServerVersion(); server.Known() && !server.AtLeast(2, 22) {
		diags.AddAttributeError(path.Root("preset"), "Server has no presets",
			fmt.Sprintf("The deployment runs Coder %s; creating from a preset needs Coder 2.22. Remove preset and set its values in parameters.", server))
		return nil, diags
	}
	presets, err := r.client.Lookup().Presets(ctx, version)
	if err != nil {
		return nil, diagnose.Error("Unable to read the template's presets", fmt.Sprintf("read the presets of template version %s", version), err, diagnose.Fields{})
	}
	names := make([]string, len(presets))
	for i := range presets {
		if presets[i].Name == wanted || strings.EqualFold(presets[i].ID.String(), wanted) {
			return &presets[i], nil
		}
		names[i] = fmt.Sprintf("%q", diagnose.Clean(presets[i].Name))
	}
	has := "has none"
	if len(names) > 0 {
		has = "has " + strings.Join(names, ", ")
	}
	diags.AddAttributeError(path.Root("preset"), "Preset not found",
		fmt.Sprintf("There is no preset %q in template version %s, which %s. Ids of presets change with every version; names are safer.", wanted, version, has))
	return nil, diags
}

// checkPresetClash refuses values that the preset would overrule: the server
// lets the preset win.
func checkPresetClash(preset *coder.Preset, values map[string]string) diag.Diagnostics {
	var diags diag.Diagnostics
	for name, value := range preset.Values() {
		if own, ok := values[name]; ok && own != value {
			diags.AddAttributeError(path.Root("parameters").AtMapKey(name), "Preset overrules the parameter",
				fmt.Sprintf("The preset %q sets parameter %q itself, and a preset's values win. Remove the parameter or the preset.", preset.Name, name))
		}
	}
	return diags
}
