package codertest_test

import (
	"fmt"
	"regexp"
	"slices"
	"sort"
	"strings"
)

// The aspects in which an answer can differ from the recorded one.
const (
	differsInStatus  = "status"
	differsInShape   = "shape"
	differsInMessage = "message"
	differsInValue   = "value"
)

// difference is one way in which an answer is not the recorded one.
type difference struct{ aspect, text string }

// compare finds the differences, and learns which of our ids stands for which recorded one.
func (p *player) compare(e *exchange, status int, body any) []difference {
	var list []difference
	if status != e.Response.Status {
		list = append(list, difference{differsInStatus, fmt.Sprintf("recorded %d, got %d", e.Response.Status, status)})
	}
	c := &comparison{p: p, logs: strings.Contains(e.Request.Path, "/logs") || strings.Contains(e.Request.Path, "/timings")}
	c.value("", "", normal(e.Response.Body), normal(body))
	if status >= 300 || isConfirmation(e.Response.Body) {
		if want, got := p.problemText(e.Response.Body, true), p.problemText(body, false); want != got {
			list = append(list, difference{differsInMessage, fmt.Sprintf("recorded %s, got %s", want, got)})
		}
	}
	sort.Slice(c.found, func(i, j int) bool { return c.found[i].text < c.found[j].text })
	return append(list, c.found...)
}

func isConfirmation(body any) bool {
	m, isObject := body.(map[string]any)
	return isObject && m["message"] != nil && m["id"] == nil
}

// normal gives an empty body one form.
func normal(body any) any {
	if s, isText := body.(string); isText {
		if trimmed := strings.TrimSpace(s); trimmed == "" || trimmed == "null" {
			return nil
		}
	}
	return body
}

var timePattern = regexp.MustCompile(`\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?( \+0000 UTC|Z|[+-]\d\d:\d\d)?`)

// tokenPattern is what "<token>" stands for in a recording.
var tokenPattern = regexp.MustCompile(`^[[:alnum:]]{10}-[[:alnum:]]{22}$`)

// problemText is message, detail and validations of an error body, without what differs from run to run.
func (p *player) problemText(body any, recorded bool) string {
	text := fmt.Sprint(body)
	if normal(body) == nil {
		text = ""
	}
	if m, isObject := body.(map[string]any); isObject {
		parts := []string{fmt.Sprint(m["message"]), fmt.Sprint(m["detail"])}
		list, _ := m["validations"].([]any)
		for _, v := range list {
			parts = append(parts, fmt.Sprint(v.(map[string]any)["field"], ": ", v.(map[string]any)["detail"]))
		}
		text = strings.Join(parts, " | ")
	}
	if recorded {
		text = p.translate(text)
	}
	return timePattern.ReplaceAllString(strings.TrimSpace(text), "<time>")
}

type comparison struct {
	p     *player
	logs  bool
	found []difference
}

func (c *comparison) add(aspect, format string, args ...any) {
	c.found = append(c.found, difference{aspect, fmt.Sprintf(format, args...)})
}

// value compares two JSON values at a path.
func (c *comparison) value(path, key string, want, got any) {
	if key == "P50" || key == "P95" {
		return // statistics of builds before the recording, from a cache that is filled hourly
	}
	if kind(want) != kind(got) {
		c.add(differsInShape, "%s: recorded %s, got %s", path, kind(want), kind(got))
		return
	}
	switch want := want.(type) {
	case map[string]any:
		c.object(path, key, want, got.(map[string]any))
	case []any:
		c.list(path, key, want, got.([]any))
	case string:
		got := got.(string)
		if uuidPattern.MatchString(want) && len(want) == 36 && len(got) == 36 {
			c.learn(path, want, got)
			return
		}
		if want == "<token>" && tokenPattern.MatchString(got) {
			return
		}
		if !volatile(path, key) && c.p.translate(want) != got && !timePattern.MatchString(want) {
			c.add(differsInValue, "%s: recorded %q, got %q", path, want, got)
		}
	default:
		if !volatile(path, key) && want != got {
			c.add(differsInValue, "%s: recorded %v, got %v", path, want, got)
		}
	}
}

func (c *comparison) object(path, key string, want, got map[string]any) {
	for k, v := range want {
		if _, present := got[k]; !present {
			c.add(differsInShape, "%s.%s: missing", path, k)
			continue
		}
		if key == "latency" {
			continue // keyed by the names of relays
		}
		c.value(path+"."+k, k, v, got[k])
	}
	for k := range got {
		if _, present := want[k]; !present && key != "latency" {
			c.add(differsInShape, "%s.%s: not recorded", path, k)
		}
	}
}

func (c *comparison) list(path, key string, want, got []any) {
	if c.logs { // what Terraform says is its own business: every line must look like the first recorded one
		if (len(want) == 0) != (len(got) == 0) {
			c.add(differsInShape, "%s: recorded %d lines, got %d", path, len(want), len(got))
		}
		for i := range got {
			if len(want) > 0 {
				c.value(fmt.Sprintf("%s[%d]", path, i), "log", want[0], got[i])
			}
		}
		return
	}
	if len(want) != len(got) {
		c.add(differsInShape, "%s: recorded %d elements, got %d", path, len(want), len(got))
	}
	if key == "" && len(want) > 0 { // build parameters come in no particular order
		want, got = byName(want), byName(got)
	}
	if key == "resources" {
		want, got = byName(want), byName(got)
	}
	for i := range min(len(want), len(got)) {
		c.value(fmt.Sprintf("%s[%d]", path, i), key, want[i], got[i])
	}
}

// byName sorts a list of {name, value} pairs or of resources; other lists stay as they are.
func byName(list []any) []any {
	for _, v := range list {
		m, isObject := v.(map[string]any)
		_, named := m["name"]
		_, resource := m["workspace_transition"]
		if !isObject || !named || len(m) != 2 && !resource {
			return list
		}
	}
	list = slices.Clone(list)
	slices.SortFunc(list, func(a, b any) int {
		return strings.Compare(fmt.Sprint(a.(map[string]any)["name"]), fmt.Sprint(b.(map[string]any)["name"]))
	})
	return list
}

// learn maps a recorded id to ours; an id that already stands for something else is a difference. Workers and the files of
// versions made in preparation are nobody's business.
func (c *comparison) learn(path, want, got string) {
	known, seen := c.p.ids[want]
	if !seen {
		c.p.ids[want] = got
		return
	}
	if known != got && !strings.HasSuffix(path, "worker_id") && !strings.HasSuffix(path, "file_id") {
		c.add(differsInValue, "%s: id of something else", path)
	}
}

func kind(v any) string {
	switch v.(type) {
	case nil:
		return "null"
	case bool:
		return "bool"
	case float64:
		return "number"
	case string:
		return "string"
	case []any:
		return "array"
	case map[string]any:
		return "object"
	}
	return fmt.Sprintf("%T", v)
}

// volatile are values that say nothing about the rules: texts that have been compared already, addresses, counters.
func volatile(path, key string) bool {
	switch key {
	case "message", "detail", "output", "stage", "log_level", "log_source", "id", "version", "dashboard_url", "webpush_public_key",
		"provisioner_api_version", "email", "count_", "available", "most_recently_seen", "template_version_name",
		"troubleshooting_url", "latency_ms", "daily_cost", "icon", "description", "description_plaintext", "error", "directory",
		"expanded_directory", "action", "resource", "stage_", "source", "queue_position", "queue_size", "active_user_count", "api_version", "hash", "name_":
		return true
	}
	return strings.Contains(path, "matched_provisioners") || strings.Contains(path, "created_by")
}
