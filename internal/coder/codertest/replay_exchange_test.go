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
		Query  any    `json:"query"` // null, "a=b" or [["a","b"]]
		Body   any    `json:"body"`  // null = none, a string = sent as it is, anything else = JSON
		As     string `json:"as"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    any               `json:"body"`
	} `json:"response"`

	latest time.Time
}

func readRecording(t *testing.T, path string) []*exchange {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var list []*exchange
	var latest time.Time
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
	list = inOrder(list)
	for _, e := range list {
		latest = newest(latest, e.Response.Body)
		e.latest = latest
	}
	return list
}

// inOrder undoes the sorting by name of recordings that hold several sessions: the one with other server settings came after
// the main one and before the additions.
func inOrder(list []*exchange) []*exchange {
	other := regexp.MustCompile(`^\d+-(renames-off|no-provisioner|rate-limit|debug-mode|interrupted)`)
	var first, second, third []*exchange
	for _, e := range list {
		switch {
		case strings.HasPrefix(e.Seq, "9"):
			third = append(third, e)
		case other.MatchString(e.Seq):
			second = append(second, e)
		default:
			first = append(first, e)
		}
	}
	return append(append(first, second...), third...)
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
