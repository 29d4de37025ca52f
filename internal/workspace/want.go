package workspace

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/lifecycle"
)

// object is a workspace as Terraform sends it: attributes by name.
type object map[string]tftypes.Value

// objectOf takes an object apart; nil when it is null, unknown, or none.
func objectOf(value tftypes.Value) object {
	if value.IsNull() || !value.IsKnown() {
		return nil
	}
	var attributes map[string]tftypes.Value
	if value.As(&attributes) != nil {
		return nil
	}
	return attributes
}

// settingOf reads an attribute: absent when it is null, or of another type than
// asked for.
func settingOf[Raw any, T comparable](value tftypes.Value, convert func(Raw) (T, error)) lifecycle.Setting[T] {
	switch {
	case value.Type() == nil || value.IsNull():
		return lifecycle.Setting[T]{}
	case !value.IsKnown():
		return lifecycle.Unknown[T]()
	}
	var raw Raw
	if value.As(&raw) != nil {
		return lifecycle.Setting[T]{}
	}
	converted, err := convert(raw)
	if err != nil {
		return lifecycle.Setting[T]{} // refused where the configuration is checked
	}
	return lifecycle.Value(converted)
}

func (o object) text(name string) lifecycle.Setting[string] {
	return settingOf(o[name], func(s string) (string, error) { return s, nil })
}

func (o object) id(name string) lifecycle.Setting[uuid.UUID] { return settingOf(o[name], uuid.Parse) }

func (o object) number(name string) lifecycle.Setting[int64] {
	return settingOf(o[name], func(n *big.Float) (int64, error) {
		whole, _ := n.Int64()
		return whole, nil
	})
}

func (o object) truth(name string) lifecycle.Setting[bool] {
	return settingOf(o[name], func(b bool) (bool, error) { return b, nil })
}

func (o object) flag(name string) bool { return known(o.truth(name)) }

func (o object) time(name string) lifecycle.Setting[time.Time] {
	return settingOf(o[name], func(s string) (time.Time, error) { return time.Parse(time.RFC3339Nano, s) })
}

// values reads a map of parameters.
func (o object) values(name string) lifecycle.Values {
	values := lifecycle.Values{Known: map[string]string{}}
	value := o[name]
	if value.Type() == nil || value.IsNull() {
		return values
	}
	if !value.IsKnown() {
		values.Incomplete = true
		return values
	}
	var elements map[string]tftypes.Value
	if value.As(&elements) != nil {
		return values
	}
	for name := range elements {
		element := object(elements).text(name)
		if known, ok := element.Get(); ok {
			values.Known[name] = known
		} else if element.IsUnknown() {
			values.Unknown = append(values.Unknown, name)
		}
	}
	slices.Sort(values.Unknown)
	return values
}

// wantOf is what a configuration asks for. It must be the configuration, not the
// plan: that also has what nobody configured.
func wantOf(config object) lifecycle.Want {
	want := lifecycle.Want{
		Name:             config.text("name"),
		TemplateID:       config.id("template_id"),
		OwnerName:        config.text("owner_name"),
		OrganizationID:   config.id("organization_id"),
		VersionID:        config.id("template_version_id"),
		Preset:           config.text("preset"),
		Parameters:       config.values("parameters"),
		Ephemeral:        config.values("ephemeral_parameters"),
		EphemeralVersion: config.number("ephemeral_parameters_version"),
		RunState:         settingOf(config["desired_status"], runState),
		AutomaticUpdates: config.text("automatic_updates"),
		Dormant:          config.truth("dormant"),
		Schedule:         config.text("autostart_schedule"),
		TTL:              config.number("ttl_ms"),
		Deadline:         config.time("deadline"),
		WaitForAgents:    config.flag("wait_for_agents"),
	}
	if want.Schedule.IsAbsent() { // an attribute left out means: none
		want.Schedule = lifecycle.Value("")
	}
	return want
}

// runState reads a run state. With ignore_changes Terraform plans with the one of
// the state, which for a failed build is none that can be wanted.
func runState(text string) (lifecycle.RunState, error) {
	switch state := lifecycle.RunState(text); state {
	case lifecycle.Running, lifecycle.Stopped:
		return state, nil
	default:
		return "", fmt.Errorf("%q is no run state", text)
	}
}

// wantPlanned is what a configuration asks for in an apply. Terraform then sends
// it as it is written, also what ignore_changes has kept out of the plan: that
// is where the two differ. It is left as it is on the server, but for a deadline,
// which takes nothing from anybody.
func wantPlanned(config, plan object) lifecycle.Want {
	planned := object{}
	for name, value := range config {
		isWriteOnly := name == "ephemeral_parameters"
		if isWriteOnly || value.Equal(plan[name]) {
			planned[name] = value
		}
	}
	planned["deadline"], planned["wait_for_agents"] = plan["deadline"], plan["wait_for_agents"]
	want := wantOf(planned)
	if _, asWritten := planned["autostart_schedule"]; !asWritten {
		want.Schedule = lifecycle.Setting[string]{}
	}
	want.Parameters = config.values("parameters")
	values := plan.values("parameters").Known
	maps.DeleteFunc(want.Parameters.Known, func(name, value string) bool {
		planned, has := values[name]
		return !has || planned != value
	})
	return want
}

// ignores tells whether a plan has parameters or a preset that are not wanted:
// the server's may be others.
func (m *resourceModel) ignores(want lifecycle.Want) bool {
	return m.Preset.ValueString() != known(want.Preset) || !maps.Equal(parameterValues(m.Parameters), want.Parameters.Known)
}

// haveOf is what a state says of a workspace, as of its last refresh.
func haveOf(state object, unfinished *lifecycle.Unfinished) lifecycle.Have {
	build := objectOf(state["latest_build"])
	have := lifecycle.Have{
		ID: known(state.id("id")), Name: known(state.text("name")),
		OwnerID: known(state.id("owner_id")), OwnerName: known(state.text("owner_name")),
		OrganizationID: known(state.id("organization_id")), TemplateID: known(state.id("template_id")),
		Schedule: known(state.text("autostart_schedule")), TTL: known(state.number("ttl_ms")),
		AutomaticUpdates: known(state.text("automatic_updates")),
		Dormant:          state.truth("dormant"),
		Build: lifecycle.Build{
			ID: known(build.id("id")), Number: known(build.number("build_number")),
			Transition: coder.Transition(known(build.text("transition"))), Status: coder.Status(known(build.text("status"))),
			VersionID: known(state.id("template_version_id")),
			Deadline:  known(build.time("deadline")), MaxDeadline: known(build.time("max_deadline")),
		},
		Parameters:       state.values("parameters").Known,
		Preset:           known(state.text("preset")),
		EphemeralVersion: state.number("ephemeral_parameters_version"),
		Deadline:         known(state.time("deadline")),
		Unfinished:       unfinished,
	}
	return have
}

// known is a value, or the zero one.
func known[T comparable](setting lifecycle.Setting[T]) T {
	value, _ := setting.Get()
	return value
}
