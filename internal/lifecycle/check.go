package lifecycle

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/parameter"
)

func (d *decider) templateMissing(id uuid.UUID) {
	d.reject(AtTemplate, "Template not found",
		fmt.Sprintf("There is no template %s on the deployment, or the provider's token may not see it. `coder templates list` shows the ones it may use.", id))
}

// version refuses a template version that cannot be built.
func (d *decider) version(id, template uuid.UUID) {
	version, answered := learn[*coder.TemplateVersion](d, VersionOf{id})
	if !answered {
		return
	}
	reason := ""
	switch {
	case version == nil:
		reason = fmt.Sprintf("There is no template version %s on the deployment, or the provider's token may not see it. `coder templates versions list NAME` shows the versions of a template.", id)
	case version.TemplateID != template:
		reason = fmt.Sprintf("Version %q (%s) belongs to another template than %s.", version.Name, id, template)
	case version.Archived:
		reason = fmt.Sprintf("Version %q (%s) is archived. Choose another, or unarchive it.", version.Name, id)
	case !version.Job.Done():
		reason = fmt.Sprintf("Version %q (%s) is still being imported. Plan again when that has ended.", version.Name, id)
	case version.Job.Status != coder.JobSucceeded:
		reason = fmt.Sprintf("The import of version %q (%s) has %s: %s. Choose another version.", version.Name, id, version.Job.Status, version.Job.Error)
	}
	if reason != "" {
		d.reject(AtVersion, "Template version cannot be used", reason)
	}
}

// activeVersion refuses a start that the template allows with its active
// version only (a licensed policy, Coder ≥2.4), for everybody who may not
// update the template.
func (d *decider) activeVersion(to *uuid.UUID) {
	version := d.have.Build.VersionID
	if to != nil {
		version = *to
	}
	var required bool
	var active uuid.UUID
	var name string
	if fresh := d.have.Fresh; fresh != nil {
		required, active, name = fresh.TemplateRequireActiveVersion, fresh.TemplateActiveVersionID, fresh.TemplateName
	} else {
		template, answered := learn[*coder.Template](d, TemplateOf{d.have.TemplateID})
		if !answered || template == nil {
			return
		}
		required, active, name = template.RequireActiveVersion, template.ActiveVersionID, template.Name
	}
	if !required || version == active {
		return
	}
	if d.may(updateOf(d.have.TemplateID)) {
		return
	}
	d.reject(AtVersion, "Template requires its active version",
		fmt.Sprintf("Template %q lets only its administrators start other versions than the active one, which is %s. Workspace %q would start with %s. "+
			"Set template_version_id to the active version in the resource, or run the action coderws_workspace_update.", name, active, d.have.Name, version))
}

// preset finds the configured preset among those of a template version.
func (d *decider) preset(version uuid.UUID) *coder.Preset {
	wanted, _ := d.want.Preset.Get()
	if d.have.Server.Before(2, 22) {
		d.reject(AtPreset, "Server has no presets",
			fmt.Sprintf("The deployment runs Coder %s; creating from a preset needs Coder 2.22. Remove preset and set its values in parameters.", d.have.Server))
		return nil
	}
	presets, answered := learn[[]coder.Preset](d, PresetsOf{version})
	if !answered {
		return nil
	}
	if preset := findPreset(presets, wanted); preset != nil {
		return preset
	}
	has := "has none"
	if len(presets) > 0 {
		names := make([]string, len(presets))
		for i := range presets {
			names[i] = fmt.Sprintf("%q", presets[i].Name)
		}
		has = "has " + strings.Join(names, ", ")
	}
	d.reject(AtPreset, "Preset not found",
		fmt.Sprintf("There is no preset %q in template version %s, which %s. Ids of presets change with every version; names are safer. Choose a preset that there is, or remove preset, which keeps the values of an existing workspace.", wanted, version, has))
	return nil
}

// keptPreset is the configured preset, which need not be new; nil without one.
func (d *decider) keptPreset(version uuid.UUID) *coder.Preset {
	if d.want.Preset.IsAbsent() || d.have.Server.Before(2, 22) {
		return nil
	}
	return d.preset(version)
}

// findPreset finds a preset by name or id.
func findPreset(presets []coder.Preset, wanted string) *coder.Preset {
	for i := range presets {
		if presets[i].Name == wanted || strings.EqualFold(presets[i].ID.String(), wanted) {
			return &presets[i]
		}
	}
	return nil
}

// checkValues checks the values of a build that is going to be made. A change
// of an immutable one is a reason to replace the workspace. Where nothing but
// values that are not known yet asks for the build, it need not be made, and only
// these count.
func (d *decider) checkValues(version uuid.UUID, preset *coder.Preset, isBuilt bool) {
	// A complete set is needed, whatever is known already.
	present := d.have.Parameters
	if !d.have.Complete {
		var answered bool
		if present, answered = learn[map[string]string](d, ParametersOf{d.have.Build.ID}); !answered {
			return
		}
	}
	template, answered := learn[*coder.Template](d, TemplateOf{d.have.TemplateID})
	if !answered {
		return
	}
	if template == nil {
		d.templateMissing(d.have.TemplateID)
		return
	}
	in := d.input(preset)
	in.Previous = present
	problems := d.judge(template, version, d.have.OwnerID, in)
	if d.letGo(problems) {
		d.checkValues(version, preset, isBuilt)
		return
	}
	isImmutable := func(problem parameter.Problem) bool { return problem.Kind == parameter.Immutable }
	for _, problem := range problems {
		if isBuilt && isImmutable(problem) {
			d.valueProblem(problem, in)
		}
	}
	if len(d.Replace) > 0 {
		return // what stands against the values is another's matter, maybe of another version
	}
	for _, problem := range problems {
		if !isImmutable(problem) && (isBuilt || problem.Kind == parameter.PerhapsImmutable) {
			d.valueProblem(problem, in)
		}
	}
	d.presetClash(preset)
}

// letGo gives up former values that cannot come back: one that is immutable in
// the version, a number that may only grow, what the version no longer takes.
// Nobody configures them, so the update's own stay.
func (d *decider) letGo(problems []parameter.Problem) bool {
	before := len(d.former)
	for _, problem := range problems {
		delete(d.former, problem.Name)
	}
	return len(d.former) < before
}

// input is what is configured for the parameters of a build.
func (d *decider) input(preset *coder.Preset) parameter.Input {
	values := maps.Clone(d.want.Parameters.Known)
	if len(d.former) > 0 {
		values = maps.Clone(d.former)
		maps.Copy(values, d.want.Parameters.Known)
	}
	in := parameter.Input{
		Values:     values,
		Ephemeral:  d.want.Ephemeral.Known,
		Unknown:    append(append([]string{}, d.want.Parameters.Unknown...), d.want.Ephemeral.Unknown...),
		Incomplete: d.want.Parameters.Incomplete || d.want.Ephemeral.Incomplete,
		Server:     d.have.Server,
	}
	if preset != nil {
		in.Preset = preset.Values()
	}
	return in
}

// judge finds the problems of a build's values. A name that the version does not
// have may come with the template's active version.
func (d *decider) judge(template *coder.Template, version, owner uuid.UUID, in parameter.Input) []parameter.Problem {
	problems := d.judgeAs(template, version, owner, in)
	for i := range problems {
		if problem := &problems[i]; problem.Kind == parameter.UnknownName && version != template.ActiveVersionID {
			definitions, _ := learn[[]coder.TemplateVersionParameter](d, DefinitionsOf{template.ActiveVersionID})
			if slices.ContainsFunc(definitions, func(def coder.TemplateVersionParameter) bool { return def.Name == problem.Name }) {
				problem.Message += fmt.Sprintf(" That is so of version %s. The template's active version, %s, has it: set template_version_id to that one.", version, template.ActiveVersionID)
			}
		}
	}
	return problems
}

// judgeAs judges as the template's parameter flow does. What cannot be found out
// now, because the version is still being imported for example, is left to the
// server.
func (d *decider) judgeAs(template *coder.Template, version, owner uuid.UUID, in parameter.Input) []parameter.Problem {
	if classic := template.UseClassicParameterFlow; classic != nil && !*classic && d.have.Server.AtLeast(2, 24) {
		values, _ := json.Marshal(in.Merged()) // strings always can be; keys come sorted
		form, answered := learn[*coder.ParameterForm](d, FormOf{version, owner, string(values)})
		if !answered || form == nil {
			return nil
		}
		if slices.ContainsFunc(form.Diagnostics, func(d coder.FormDiagnostic) bool { return d.HidesOwner() }) {
			d.reject(AtParameters, "Token may not read the owner",
				fmt.Sprintf("Coder checks the values of parameters by what it knows of the owner, also for each build, and the provider's token may not read user %s. A token with restricted scopes needs user:read.", owner))
			return nil
		}
		return parameter.FromForm(form, in)
	}
	definitions, answered := learn[[]coder.TemplateVersionParameter](d, DefinitionsOf{version})
	if !answered || definitions == nil {
		return nil
	}
	return parameter.Check(definitions, in)
}

var valueSummary = map[parameter.Kind]string{
	parameter.UnknownName:  "Unknown template parameter",
	parameter.Missing:      "Missing template parameter",
	parameter.Invalid:      "Invalid parameter value",
	parameter.NotKept:      "Ephemeral parameter among the kept ones",
	parameter.NotEphemeral: "Kept parameter among the ephemeral ones",
	parameter.Template:     "Template refuses its parameters",
}

// valueProblem takes over a problem of a build's values. One that only another
// workspace can have is a reason to replace this one; a value that may turn out
// to be one is only warned of.
func (d *decider) valueProblem(problem parameter.Problem, in parameter.Input) {
	at := Place{Setting: AtParameters}
	if _, kept := in.Values[problem.Name]; kept && problem.Kind != parameter.NotEphemeral {
		at.Key = problem.Name
	} else if _, ephemeral := in.Ephemeral[problem.Name]; ephemeral {
		at = Place{Setting: AtEphemeral}
	}
	_, ofPreset := in.Preset[problem.Name]
	switch {
	case problem.Kind == parameter.PerhapsImmutable:
		d.unknownIdentity(Place{AtParameters, problem.Name}, fmt.Sprintf("Parameter %q, which is immutable,", problem.Name))
	case problem.Kind == parameter.Invalid && at == (Place{Setting: AtParameters}) && !ofPreset: // nobody configures it
		d.rejectValue(at, valueSummary[problem.Kind], problem.Message+" Set another one in parameters.")
	case problem.Kind != parameter.Immutable:
		d.rejectValue(at, valueSummary[problem.Kind], problem.Message)
	case ofPreset && d.want.Preset == Value(d.have.Preset): // of another version
		d.immutable(Place{Setting: AtVersion}, problem)
	case ofPreset:
		d.immutable(Place{Setting: AtPreset}, problem)
	default:
		d.immutable(at, problem)
	}
}

// immutable is the change of a value that the workspace was created with. In
// ephemeral parameters and in actions there is no replacement to go by.
func (d *decider) immutable(at Place, problem parameter.Problem) {
	if d.want.InPlace || at.Setting == AtEphemeral {
		d.rejectValue(at, "Parameter cannot be changed", problem.Message)
		return
	}
	d.replaceFor(at)
}

// presetClash refuses values that the preset would overrule: the server lets
// the preset win.
func (d *decider) presetClash(preset *coder.Preset) {
	if preset == nil {
		return
	}
	values := preset.Values()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if own, ok := d.want.Parameters.Known[name]; ok && own != values[name] {
			d.rejectValue(Place{AtParameters, name}, "Preset overrules the parameter",
				fmt.Sprintf("The preset %q sets parameter %q itself, and a preset's values win. Remove the parameter or the preset.", preset.Name, name))
		}
	}
}
