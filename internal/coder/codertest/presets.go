package codertest

import (
	"fmt"
	"net/http"

	"github.com/google/uuid"
)

// findPreset finds the preset that a request names. Servers ask whether the caller may read it, not whether it belongs to
// the version that is built: another version's values count as well.
func (c *call) findPreset(id uuid.UUID) (*preset, reply, bool) {
	if id == uuid.Nil {
		return nil, reply{}, true
	}
	for _, v := range c.d.versions {
		for _, p := range v.presets {
			if p.id == id && c.mayReadVersion(v) {
				return p, reply{}, true
			}
		}
	}
	return nil, refuseWith(http.StatusInternalServerError, "failed to fetch preset parameter values",
		"failed to get preset parameters: sql: no rows in result set"), false
}

// presetNamed is nil for "".
func (v *version) presetNamed(name string) *preset {
	for _, p := range v.presets {
		if p.Name == name {
			return p
		}
	}
	if name != "" {
		panic(fmt.Sprintf("codertest: version %s has no preset %q", v.Name, name))
	}
	return nil
}

// matchingPreset is the preset that values mean although none is named (since 2.26): of the version's presets whose
// parameters are all among them, the one with the most. It is asked for the values of a create request, and for the
// complete ones of every build: so the preset of a build can come and go as values change, and need not be the previous
// build's.
func (d *Deployment) matchingPreset(v *version, values map[string]string) *preset {
	if !d.since(2, 26) {
		return nil
	}
	var best *preset
	for _, p := range v.presets {
		matches := true
		for name, value := range p.Parameters {
			given, present := values[name]
			matches = matches && present && given == value
		}
		if matches && (best == nil || len(p.Parameters) > len(best.Parameters)) {
			best = p
		}
	}
	return best
}
