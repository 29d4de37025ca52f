package codertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

type parameterValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// resolve makes the full set of values of a build: preset, request, previous build, default, in this order. What the
// version does not define is dropped. The second result is the answer to a request with unusable values.
func (d *Deployment) resolve(w *workspace, v *version, p *preset, requested []parameterValue) ([]parameterValue, *reply) {
	classic := true
	if t := v.template; t != nil {
		classic = t.classic(d)
	}
	s := &resolution{d: d, version: v, classic: classic}
	s.previous = map[string]string{}
	if w != nil && len(w.builds) > 0 {
		s.first = false
		s.previous = w.latest().values()
	} else {
		s.first = true
	}
	s.requested = requestedValues(requested, classic)
	if p != nil {
		for name, value := range p.Parameters {
			s.requested[name] = value
		}
	}
	var values []parameterValue
	var invalid []validation
	for _, def := range v.Parameters {
		value, problem := s.value(def)
		if problem != nil && classic {
			rep := d.classicProblem(def, *problem)
			return nil, &rep
		}
		if problem != nil {
			invalid = append(invalid, validation{def.Name, problem.summary + "; " + problem.detail})
		}
		values = append(values, parameterValue{def.Name, value})
	}
	if len(invalid) > 0 {
		slices.SortFunc(invalid, func(a, b validation) int { return strings.Compare(a.Field, b.Field) })
		rep := refuse(http.StatusBadRequest, "Unable to validate parameters", invalid...)
		return nil, &rep
	}
	return values, nil
}

// requestedValues: of two entries for one name the classic flow takes the first, the dynamic one the last.
func requestedValues(list []parameterValue, classic bool) map[string]string {
	values := map[string]string{}
	for _, p := range list {
		if _, seen := values[p.Name]; seen && classic {
			continue
		}
		values[p.Name] = p.Value
	}
	return values
}

type resolution struct {
	d         *Deployment
	version   *version
	classic   bool
	first     bool // the workspace's first build
	requested map[string]string
	previous  map[string]string
}

// parameterProblem is one diagnostic. The classic flow has only its detail.
type parameterProblem struct {
	summary, detail string
	bare            bool // the detail is not about the value
}

func (s *resolution) value(def Parameter) (string, *parameterProblem) {
	asked, given := s.requested[def.Name]
	before, had := s.previous[def.Name]
	if def.Ephemeral {
		had = false
	}
	if given && !def.Mutable && !s.first && had && (asked != before || !s.d.since(2, 22)) {
		return "", &parameterProblem{
			summary: "Immutable parameter changed", bare: true,
			detail: fmt.Sprintf("Parameter %q is not mutable, so it can't be updated after creating a workspace.", def.Name),
		}
	}
	value := def.Default
	switch {
	case given:
		value = asked
	case had:
		value = before
	case def.Required:
		if s.classic {
			return "", &parameterProblem{detail: fmt.Sprintf("Parameter %q is required but not provided", def.Name), bare: true}
		}
		return "", &parameterProblem{summary: "Required parameter not provided", detail: "parameter value is null"}
	}
	if s.classic {
		if !given && !had {
			return value, nil
		}
		return value, s.checkClassic(def, value, before, had)
	}
	if p := checkDynamic(def, value); p != nil {
		return value, p
	}
	if had && !monotonic(def, before, value) {
		return value, &parameterProblem{
			summary: fmt.Sprintf("Parameter %q monotonicity", def.Name),
			detail:  fmt.Sprintf("parameter value '%s' must be %s than previous value: %s", value, direction(def), before),
		}
	}
	return value, nil
}

// classicProblem is the answer of the classic flow, which stops at the first bad parameter.
func (d *Deployment) classicProblem(def Parameter, p parameterProblem) reply {
	if !d.since(2, 2) {
		return refuseWith(http.StatusBadRequest, p.detail, p.detail)
	}
	detail := p.detail
	if !p.bare {
		name := def.DisplayName
		if name == "" {
			name = def.Name
		}
		detail = fmt.Sprintf("can't validate build parameter %q: %s", name, detail)
	}
	if d.since(2, 33) {
		detail = "parameter validation failed\n" + detail
	}
	return refuseWith(http.StatusBadRequest, fmt.Sprintf("Unable to validate parameter %q", def.Name), detail)
}

// checkClassic is what the classic flow checks before the build. Newer servers leave numbers to the build itself.
func (s *resolution) checkClassic(def Parameter, value, before string, had bool) *parameterProblem {
	if value == "" {
		if def.Required {
			return &parameterProblem{detail: "parameter value is required"}
		}
		return nil
	}
	if len(def.Options) > 0 && !offered(def, value) {
		return &parameterProblem{detail: fmt.Sprintf("parameter value must match one of options: %v", optionValues(def))}
	}
	switch def.Type {
	case "number":
		if !s.d.since(2, 0) {
			if detail := checkNumber(def, value); detail != "" {
				return &parameterProblem{detail: detail}
			}
		}
		if had && !s.d.since(2, 0) && !textMonotonic(def, before, value) {
			return &parameterProblem{detail: fmt.Sprintf("parameter value must be %s than previous value: %s", direction(def), before)}
		}
		if had && s.d.since(2, 0) && !monotonic(def, before, value) {
			return &parameterProblem{detail: fmt.Sprintf("parameter value '%s' must be %s than previous value: %s", value, direction(def), before)}
		}
	case "bool":
		if value != "true" && value != "false" {
			return &parameterProblem{detail: `boolean value can be either "true" or "false"`}
		}
	case "list(string)":
		if !isList(value) {
			return &parameterProblem{detail: fmt.Sprintf("value %q is not valid list of strings", value)}
		}
	default:
		if detail := checkRegex(def, value); detail != "" {
			return &parameterProblem{detail: detail}
		}
	}
	return nil
}

// checkDynamic is one value's check in the dynamic flow.
func checkDynamic(def Parameter, value string) *parameterProblem {
	const invalidType = "Parameter value is not of type %q"
	switch def.Type {
	case "bool": // other spellings than true and false are stored as they are
		if _, err := strconv.ParseBool(value); err != nil {
			return &parameterProblem{summary: fmt.Sprintf(invalidType, def.Type), detail: fmt.Sprintf("%q is not a bool", value)}
		}
	case "list(string)":
		if !isList(value) {
			return &parameterProblem{summary: fmt.Sprintf(invalidType, def.Type), detail: fmt.Sprintf("value %q is not a valid list of strings", value)}
		}
	case "number":
		if _, err := strconv.ParseFloat(value, 64); err != nil {
			return &parameterProblem{summary: fmt.Sprintf(invalidType, def.Type), detail: fmt.Sprintf("%q is not a number", value)}
		}
	}
	if len(def.Options) > 0 && !offered(def, value) {
		return &parameterProblem{summary: "Value must be a valid option", detail: fmt.Sprintf("the value %q must be defined as one of options", value)}
	}
	const invalid = "Invalid parameter value according to 'validation' block"
	detail := ""
	switch def.Type {
	case "number":
		detail = checkNumber(def, value)
	case "", "string":
		detail = checkRegex(def, value)
	}
	if detail != "" {
		return &parameterProblem{summary: invalid, detail: detail}
	}
	return nil
}

func checkNumber(def Parameter, value string) string {
	n, err := strconv.Atoi(value)
	switch {
	case err != nil:
		return fmt.Sprintf("value %q is not a number", value)
	case def.Min != nil && n < int(*def.Min):
		return fmt.Sprintf("value %d is less than the minimum %d", n, *def.Min)
	case def.Max != nil && n > int(*def.Max):
		return fmt.Sprintf("value %d is more than the maximum %d", n, *def.Max)
	}
	return ""
}

func checkRegex(def Parameter, value string) string {
	if def.Regex == "" {
		return ""
	}
	if re, err := regexp.Compile(def.Regex); err != nil || !re.MatchString(value) {
		return fmt.Sprintf("%s (value %q does not match %q)", def.Error, value, def.Regex)
	}
	return ""
}

// planError is what Terraform itself finds wrong with values that the server let pass.
func planError(defs []Parameter, values map[string]string) string {
	for _, def := range defs {
		value, set := values[def.Name]
		if !set {
			continue
		}
		detail := ""
		switch def.Type {
		case "number":
			detail = checkNumber(def, value)
		case "bool":
			if _, err := strconv.ParseBool(value); err != nil {
				detail = fmt.Sprintf("value %q is not a bool", value)
			}
		case "list(string)":
			if !isList(value) {
				detail = fmt.Sprintf("value %q is not a list of strings", value)
			}
		default:
			detail = checkRegex(def, value)
		}
		if detail == "" && len(def.Options) > 0 && !offered(def, value) {
			detail = fmt.Sprintf("value %q must be defined as one of options", value)
		}
		if detail != "" {
			return PlanFailed + "\nError: Invalid parameter value according to 'validation' block\n" + detail
		}
	}
	return ""
}

func offered(def Parameter, value string) bool {
	if def.Type == "list(string)" { // the default is one of the options, or each element is
		var elements []string
		if json.Unmarshal([]byte(value), &elements) == nil && !slices.Contains(optionValues(def), value) {
			for _, e := range elements {
				if !slices.Contains(optionValues(def), e) {
					return false
				}
			}
			return true
		}
	}
	return slices.Contains(optionValues(def), value)
}

func optionValues(def Parameter) []string {
	values := make([]string, len(def.Options))
	for i, o := range def.Options {
		values[i] = o.Value
	}
	return values
}

func isList(value string) bool {
	var elements []string
	return json.Unmarshal([]byte(value), &elements) == nil
}

func direction(def Parameter) string {
	if def.Monotonic == "increasing" {
		return "equal or greater"
	}
	return "equal or lower"
}

func monotonic(def Parameter, before, after string) bool {
	a, errA := strconv.ParseFloat(before, 64)
	b, errB := strconv.ParseFloat(after, 64)
	if def.Monotonic == "" || errA != nil || errB != nil {
		return true
	}
	if def.Monotonic == "increasing" {
		return b >= a
	}
	return b <= a
}

// textMonotonic compares as the seed does: as text, so that "10" comes before "9".
func textMonotonic(def Parameter, before, after string) bool {
	switch def.Monotonic {
	case "increasing":
		return before <= after
	case "decreasing":
		return before >= after
	}
	return true
}
