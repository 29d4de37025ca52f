package codertest_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"
)

// exchange is one line of a recording: a request to a real server and its answer.
type exchange struct {
	Seq     string `json:"seq"`
	Request struct {
		Method string `json:"method"`
		Path   string `json:"path"`
		Query  any    `json:"query"` // null, "a=b", [["a","b"]] or {"a":"b"}
		Body   any    `json:"body"`  // null = none, a string = sent as it is, anything else = JSON
		As     string `json:"as"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    any               `json:"body"`
	} `json:"response"`

	latest time.Time
	around bool // only sent for its effects
}

func readRecording(t *testing.T, path string) []*exchange {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []*exchange
	lines := bufio.NewScanner(bytes.NewReader(content))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		if len(bytes.TrimSpace(lines.Bytes())) == 0 {
			continue
		}
		e := &exchange{}
		if err := json.Unmarshal(lines.Bytes(), e); err != nil {
			t.Logf("%s: %v", path, err)
			continue
		}
		list = append(list, e)
	}
	return dated(inOrder(list))
}

// dated notes the time of every exchange as far as the recording tells it.
func dated(list []*exchange) []*exchange {
	var latest time.Time
	for _, e := range list {
		latest = newest(latest, e.Response.Body)
		e.latest = latest
	}
	return list
}

// between puts more exchanges of the sessions that this package has a recording of in their places among the recorded ones,
// since they may need what those did. A recording that shares no id with it, or that has a numbering of its own, stays alone.
func between(own, more []*exchange) []*exchange {
	ids, steps, known := map[string]bool{}, map[string]bool{}, map[string]bool{}
	for _, e := range own {
		steps[e.step()], known[e.Seq] = true, true
		for _, id := range e.ids() {
			ids[id] = true
		}
	}
	shared, clashes, places := false, 0, map[string]bool{}
	for _, e := range more {
		places[e.Seq] = true
		shared = shared || slices.ContainsFunc(e.ids(), func(id string) bool { return ids[id] })
		if steps[e.step()] && !known[e.Seq] {
			clashes++
		}
	}
	if !shared || clashes > len(more)/2 {
		return more
	}
	all := slices.Clone(more)
	for _, e := range own {
		if !places[e.Seq] {
			e.around = true
			all = append(all, e)
		}
	}
	slices.SortStableFunc(all, func(a, b *exchange) int { return strings.Compare(a.Seq, b.Seq) })
	return dated(inOrder(all))
}

// ids are those in an exchange's path and answer, without the nil id.
func (e *exchange) ids() []string {
	encoded, _ := json.Marshal(e.Response.Body)
	return slices.DeleteFunc(uuidPattern.FindAllString(e.Request.Path+string(encoded), -1), func(id string) bool {
		return strings.Trim(id, "0-") == "" || strings.Trim(id, "1-") == ""
	})
}

// inOrder undoes the sorting by name of recordings that hold several sessions.
func inOrder(list []*exchange) []*exchange {
	slices.SortStableFunc(list, func(a, b *exchange) int { return a.session() - b.session() })
	return list
}

var otherSettings = regexp.MustCompile(`^\d+-(renames-off|no-provisioner|rate-limit|debug-mode|interrupted)`)

// session: the one with other server settings came after the main one and before the additions.
func (e *exchange) session() int {
	switch {
	case strings.HasPrefix(e.Seq, "9"):
		return 2
	case otherSettings.MatchString(e.Seq):
		return 1
	}
	return 0
}

// step is an exchange's number in its session.
func (e *exchange) step() string {
	number, _, _ := strings.Cut(e.Seq, "-")
	return fmt.Sprint(e.session(), " ", number)
}

// newest is the latest time of a past event in a body, a lower bound for the moment of the exchange.
func newest(latest time.Time, body any) time.Time {
	walk(body, func(key string, v any) {
		switch key {
		case "created_at", "started_at", "completed_at", "canceled_at", "last_connected_at", "last_seen_at":
			if t, err := time.Parse(time.RFC3339Nano, fmt.Sprint(v)); err == nil && t.After(latest) {
				latest = t
			}
		}
	})
	return latest
}

// walk visits every scalar of a JSON value with the key it stands under.
func walk(v any, visit func(key string, v any)) { walkKey("", v, visit) }

func walkKey(key string, v any, visit func(key string, v any)) {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			walkKey(k, e, visit)
		}
	case []any:
		for _, e := range v {
			walkKey(key, e, visit)
		}
	default:
		visit(key, v)
	}
}

// objects visits every JSON object in a value.
func objects(v any, visit func(map[string]any)) {
	switch v := v.(type) {
	case map[string]any:
		visit(v)
		for _, e := range v {
			objects(e, visit)
		}
	case []any:
		for _, e := range v {
			objects(e, visit)
		}
	}
}

var uuidPattern = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}`)

// request makes the exchange's request with the ids and times of this run.
func (p *player) request(e *exchange) *http.Request {
	path, query, _ := strings.Cut(e.Request.Path, "?")
	switch q := e.Request.Query.(type) {
	case string:
		query = q
	case map[string]any:
		values := url.Values{}
		for key, value := range q {
			values.Set(key, fmt.Sprint(value))
		}
		query = values.Encode()
	case []any:
		values := url.Values{}
		for _, pair := range q {
			kv := pair.([]any)
			value := kv[1].(string)
			if strings.HasSuffix(value, "token>") {
				value = p.d.Token()
			}
			values.Add(kv[0].(string), value)
		}
		query = values.Encode()
	}
	target := p.translate(path)
	if query != "" {
		target += "?" + p.translate(query)
	}
	r := httptest.NewRequestWithContext(p.t.Context(), e.Request.Method, target, strings.NewReader(p.body(e)))
	if strings.HasSuffix(path, "/files") {
		r.Header.Set("Content-Type", "application/x-tar")
	}
	return r
}

func (p *player) body(e *exchange) string {
	switch b := e.Request.Body.(type) {
	case nil:
		return ""
	case string:
		if b == "<tar>" {
			return p.script.archive
		}
		return b
	default:
		return p.translate(p.retime(e, b))
	}
}

// retime encodes a body with its deadline moved from the time of the recording to that of the deployment.
func (p *player) retime(e *exchange, body any) string {
	if m, isObject := body.(map[string]any); isObject {
		text, _ := m["deadline"].(string)
		if t, err := time.Parse(time.RFC3339Nano, text); err == nil && !t.IsZero() {
			layout := time.RFC3339
			if strings.Contains(text, ".") {
				layout = "2006-01-02T15:04:05.000000Z07:00"
			}
			moved := map[string]any{}
			for k, v := range m {
				moved[k] = v
			}
			moved["deadline"] = p.d.Now().Add(t.Sub(e.latest)).In(t.Location()).Format(layout)
			body = moved
		}
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return string(encoded)
}

// translate replaces recorded ids by those of this run.
func (p *player) translate(text string) string {
	return uuidPattern.ReplaceAllStringFunc(text, func(id string) string {
		if ours, known := p.ids[id]; known {
			return ours
		}
		return id
	})
}
