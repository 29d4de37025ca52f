package lifecycle

// The settings that problems and replacements point at, by the names of their
// attributes.
const (
	AtName             = "name"
	AtTemplate         = "template_id"
	AtOwner            = "owner_name"
	AtOrganization     = "organization_id"
	AtVersion          = "template_version_id"
	AtPreset           = "preset"
	AtParameters       = "parameters"
	AtEphemeral        = "ephemeral_parameters"
	AtSchedule         = "autostart_schedule"
	AtTTL              = "ttl_ms"
	AtAutomaticUpdates = "automatic_updates"
	AtDeadline         = "deadline"
	AtDormant          = "dormant"
	AtOrphan           = "orphan_on_destroy"
)

// Place is a setting, or one value of a setting that has several.
type Place struct {
	Setting string // "" when no setting is at fault
	Key     string // "" for the whole setting
}

// Problem is something that stands against what is configured, or that the user
// should know of.
type Problem struct {
	At Place
	// Summary is a fixed sentence, Detail has the values and the remedy.
	Summary, Detail string
	// Warning tells that the rest can be done.
	Warning bool
}

// reject notes an error.
func (d *decider) reject(setting, summary, detail string) {
	d.Problems = append(d.Problems, Problem{At: Place{Setting: setting}, Summary: summary, Detail: detail})
}

// rejectValue notes an error about one value.
func (d *decider) rejectValue(at Place, summary, detail string) {
	d.Problems = append(d.Problems, Problem{At: at, Summary: summary, Detail: detail})
}

// warn notes a warning.
func (d *decider) warn(setting, summary, detail string) {
	d.Problems = append(d.Problems, Problem{At: Place{Setting: setting}, Summary: summary, Detail: detail, Warning: true})
}

// refused tells whether there is an error.
func (d *Decision) refused() bool {
	for i := range d.Problems {
		if !d.Problems[i].Warning {
			return true
		}
	}
	return false
}
