package workspace

import (
	"context"
	"fmt"
	"maps"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
	"github.com/coderws/terraform-provider-coderws/internal/parameter"
)

// parameterCheck is what a plan needs to check the parameters of the build it
// leads to.
type parameterCheck struct {
	client   *coder.Client
	version  uuid.UUID                 // of the template, for that build
	template *coder.Template           // says which flow the server uses
	owner    func() (uuid.UUID, error) // on behalf of whom the server evaluates
	input    parameter.Input
}

// parameterInput is the configured part of a check's input.
func parameterInput(config *resourceModel, server coder.Version) parameter.Input {
	in := parameter.Input{
		Values:     parameterValues(config.Parameters),
		Ephemeral:  parameterValues(config.EphemeralParameters),
		Incomplete: config.Parameters.IsUnknown() || config.EphemeralParameters.IsUnknown(),
		Server:     server,
	}
	for _, configured := range []types.Map{config.Parameters, config.EphemeralParameters} {
		for name, element := range configured.Elements() {
			if element.IsUnknown() {
				in.Unknown = append(in.Unknown, name)
			}
		}
	}
	return in
}

// run asks the server. What cannot be found out now, because the version is
// still being imported for example, is left to the server at apply.
func (c *parameterCheck) run(ctx context.Context) []parameter.Problem {
	if classic := c.template.UseClassicParameterFlow; classic != nil && !*classic && c.client.ServerVersion().AtLeast(2, 24) {
		if owner, err := c.owner(); err == nil {
			form, err := c.client.Lookup().EvaluateParameters(ctx, c.version, owner, c.input.Merged())
			if err == nil {
				return parameter.FromForm(form, c.input)
			}
			tflog.Warn(ctx, "Parameters are not checked: the server did not evaluate them", map[string]any{"error": diagnose.Clean(err.Error())})
		}
		return nil
	}
	definitions, err := c.client.Lookup().RichParameters(ctx, c.version)
	if err != nil {
		tflog.Warn(ctx, "Parameters are not checked: the template version's list cannot be read", map[string]any{"error": diagnose.Clean(err.Error())})
		return nil
	}
	return parameter.Check(definitions, c.input)
}

var problemSummary = map[parameter.Kind]string{
	parameter.UnknownName: "Unknown template parameter",
	parameter.Missing:     "Missing template parameter",
	parameter.Invalid:     "Invalid parameter value",
	parameter.NotKept:     "Ephemeral parameter among the kept ones",
	parameter.Template:    "Template refuses its parameters",
}

// parameterDiagnostics words the problems; those that only a replacement
// mends come back as paths.
func parameterDiagnostics(problems []parameter.Problem, in parameter.Input) (replace path.Paths, diags diag.Diagnostics) {
	for _, problem := range problems {
		at := path.Root("parameters")
		if _, ephemeral := in.Ephemeral[problem.Name]; ephemeral {
			at = path.Root("ephemeral_parameters")
		} else if _, configured := in.Values[problem.Name]; configured {
			at = at.AtMapKey(problem.Name)
		}
		if problem.Kind == parameter.Immutable {
			replace = append(replace, at)
			continue
		}
		diags.AddAttributeError(at, problemSummary[problem.Kind], problem.Message)
	}
	return replace, diags
}

// checkCreateParameters checks the parameters of a workspace to be created.
func (r *workspaceResource) checkCreateParameters(ctx context.Context, config *resourceModel, template *coder.Template) diag.Diagnostics {
	if config.TemplateVersionID.IsUnknown() || config.Preset.IsUnknown() {
		return nil
	}
	version := template.ActiveVersionID
	if id := config.TemplateVersionID.UUID(); id != uuid.Nil {
		version = id
	}
	in := parameterInput(config, r.client.ServerVersion())
	preset, diags := r.choosePreset(ctx, config, version)
	if diags.HasError() {
		return diags
	}
	if preset != nil {
		in.Preset = preset.Values()
		diags.Append(checkPresetClash(preset, in.Values)...)
	}
	check := parameterCheck{client: r.client, version: version, template: template, input: in, owner: func() (uuid.UUID, error) {
		name := coder.Me
		if config.OwnerName.IsUnknown() {
			return uuid.Nil, fmt.Errorf("the owner is not known yet")
		} else if config.OwnerName.ValueString() != "" {
			name = config.OwnerName.ValueString()
		}
		user, err := r.client.Lookup().User(ctx, name)
		if err != nil {
			return uuid.Nil, err
		}
		return user.ID, nil
	}}
	_, problems := parameterDiagnostics(check.run(ctx), in)
	diags.Append(problems...)
	return diags
}

// planParameters tells which changes force a replacement and whether the
// update takes a build. Names newly configured may have their value already:
// from the template's default, or because the workspace was imported.
func (p *updatePlanner) planParameters(ctx context.Context, newVersion bool) (replace path.Paths, build bool) {
	deferred := !parametersKnown(p.plan.Parameters)
	ephemeral := !p.plan.EphemeralParametersVersion.Equal(p.state.EphemeralParametersVersion)
	newPreset := !p.plan.Preset.IsNull() && !p.plan.Preset.Equal(p.state.Preset)
	wanted := parameterValues(p.plan.Parameters)
	if !newVersion && !newPreset && !ephemeral && len(changedParameters(wanted, parameterValues(p.state.Parameters))) == 0 {
		return nil, deferred
	}
	if p.plan.TemplateVersionID.IsUnknown() || p.plan.Preset.IsUnknown() {
		return nil, true
	}

	latest := p.state.latestBuild(ctx)
	present, err := readParameters(ctx, p.resource.client, parseUUID(latest.ID.ValueString()))
	if err != nil {
		p.diags.Append(parametersUnreadable(latest, err)...)
		return nil, false
	}
	if !newVersion && !newPreset && !ephemeral && len(changedParameters(wanted, present)) == 0 {
		return nil, deferred
	}
	template := p.readTemplate(ctx)
	if template == nil {
		return nil, false
	}

	version := p.plan.TemplateVersionID.UUID()
	in := parameterInput(p.config, p.resource.client.ServerVersion())
	in.Previous = present
	if newPreset {
		preset, diags := p.resource.choosePreset(ctx, p.plan, version)
		p.diags.Append(diags...)
		if preset == nil {
			return nil, false
		}
		in.Preset = maps.Clone(preset.Values())
		p.diags.Append(checkPresetClash(preset, in.Values)...)
	}
	check := parameterCheck{client: p.resource.client, version: version, template: template, input: in, owner: func() (uuid.UUID, error) {
		return parseUUID(p.state.OwnerID.ValueString()), nil
	}}
	replace, diags := parameterDiagnostics(check.run(ctx), in)
	p.diags.Append(diags...)
	return replace, true
}
