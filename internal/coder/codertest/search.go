package codertest

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
)

// filter is a parsed search query. The zero value matches everything.
type filter struct {
	owner        string
	me           *user
	template     string
	name         string
	status       string
	hasAgent     []string
	ids          []uuid.UUID
	parameters   []string
	organization string
	outdated     *bool
	dormant      *bool
	healthy      *bool
	hideDormant  bool
	none         bool // a value that nothing can match
	usedAfter    time.Time
	usedBefore   time.Time
	deletingBy   time.Time

	seedStatus bool
}

var workspaceStatuses = []string{
	pending, "starting", running, "stopping", "stopped", failed, canceling, canceled, "deleted", "deleting",
}

// search parses a workspace search query as the deployment's release does.
func (d *Deployment) search(query string, caller *user) (*filter, []validation) {
	f := &filter{me: caller, seedStatus: d.seed()}
	terms, invalid := d.terms(strings.ToLower(query))
	if invalid != nil {
		return nil, invalid
	}
	p := &queryParser{d: d, terms: terms}
	f.owner = p.text("owner")
	f.template = p.text("template")
	f.name = p.text("name")
	f.status = p.text("status")
	if f.status != "" && !slices.Contains(workspaceStatuses, f.status) {
		p.refuse("status", "Query param %q has invalid value: %q is not a valid value", "status", f.status)
	}
	f.hasAgent = p.list("has-agent", d.since(2, 32))
	if !d.since(2, 3) {
		f.deletingBy = p.day("deleting_by")
	}
	if d.since(2, 2) {
		f.usedAfter, f.usedBefore = p.time("last_used_after"), p.time("last_used_before")
	}
	f.dormant = p.dormant()
	f.hideDormant = f.dormant == nil && d.since(2, 1) && !d.since(2, 5)
	if d.since(2, 8) {
		f.outdated = p.boolean("outdated")
	}
	if d.since(2, 9) {
		f.ids = p.ids("id")
	}
	if d.since(2, 10) {
		f.parameters = p.list("param", true)
	}
	if d.since(2, 15) {
		f.organization = p.text("organization")
	}
	if d.since(2, 24) {
		p.no(f, "has-ai-task")
	}
	if d.since(2, 26) {
		p.no(f, "has_external_agent")
	}
	if d.since(2, 27) {
		p.no(f, "shared")
	}
	if d.since(2, 32) {
		f.healthy = p.boolean("healthy")
	}
	p.leftovers()
	return f, p.invalid
}

// terms splits a query into keys and values. A bare word is a name, owner/name is both.
func (d *Deployment) terms(query string) (url.Values, []validation) {
	values := url.Values{}
	var words []string
	bad := func(format string, args ...any) (url.Values, []validation) {
		return nil, []validation{{"q", fmt.Sprintf(format, args...)}}
	}
	for _, element := range splitQuoted(query, ' ', true) {
		if strings.HasPrefix(element, ":") || strings.HasSuffix(element, ":") {
			return bad("Query element %q cannot start or end with ':'", element)
		}
		switch parts := splitQuoted(element, ':', false); len(parts) {
		case 0:
		case 1:
			owner, name, twoParts, valid := ownerAndName(element)
			switch {
			case !valid:
				return bad("Query element %q can only contain 1 '/'", element)
			case twoParts:
				values.Add("owner", owner)
				values.Add("name", name)
			default:
				words = append(words, name)
			}
		case 2:
			values.Add(parts[0], parts[1])
		default:
			return bad("Query element %q can only contain 1 ':'", element)
		}
	}
	if len(words) > 0 && d.since(2, 27) {
		words = []string{strings.Join(words, " ")}
	}
	for _, w := range words {
		values.Add("name", w)
	}
	if !d.since(2, 1) {
		for _, key := range sortedKeys(values) {
			if n := len(values[key]); n > 1 {
				return bad("Query parameter %q provided more than once, found %d times", key, n)
			}
		}
	}
	return values, nil
}

func ownerAndName(element string) (owner, name string, both, valid bool) {
	switch parts := splitQuoted(element, '/', false); len(parts) {
	case 1:
		return "", parts[0], false, true
	case 2:
		return parts[0], parts[1], true, true
	}
	return "", "", false, false
}

// splitQuoted splits at a delimiter outside of double quotes; empty parts are dropped.
func splitQuoted(query string, delimiter rune, keepQuotes bool) []string {
	quoted := false
	parts := strings.FieldsFunc(query, func(r rune) bool {
		if r == '"' {
			quoted = !quoted
		}
		return !quoted && r == delimiter
	})
	if !keepQuotes {
		for i := range parts {
			parts[i] = strings.Trim(parts[i], `"`)
		}
	}
	return parts
}

func sortedKeys(values url.Values) []string {
	keys := make([]string, 0, len(values))
	for k := range values {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

// queryParser reads the terms one key after the other and remembers which ones are known.
type queryParser struct {
	d       *Deployment
	terms   url.Values
	known   []string
	invalid []validation
}

func (p *queryParser) refuse(field, format string, args ...any) {
	p.invalid = append(p.invalid, validation{field, fmt.Sprintf(format, args...)})
}

func (p *queryParser) text(key string) string {
	p.known = append(p.known, key)
	values := p.terms[key]
	if len(values) > 1 {
		p.refuse(key, "Query param %q provided more than once, found %d times. Only provide 1 instance of this query param.", key, len(values))
		return ""
	}
	if len(values) == 0 {
		return ""
	}
	return values[0]
}

// list reads a key that may repeat (since 2.10) and, where commas are allowed, hold several values.
func (p *queryParser) list(key string, commas bool) []string {
	if !commas {
		if v := p.text(key); v != "" {
			return []string{v}
		}
		return nil
	}
	p.known = append(p.known, key)
	var list []string
	for _, v := range p.terms[key] {
		for part := range strings.SplitSeq(v, ",") {
			list = append(list, strings.TrimSpace(part))
		}
	}
	return list
}

func (p *queryParser) ids(key string) []uuid.UUID {
	var ids []uuid.UUID
	for _, raw := range p.list(key, true) {
		id, err := uuid.Parse(raw)
		if err != nil {
			p.refuse(key, "Query param %q has invalid values: %s", key, err)
			continue
		}
		ids = append(ids, id)
	}
	return ids
}

func (p *queryParser) boolean(key string) *bool {
	raw := p.text(key)
	if raw == "" {
		return nil
	}
	v, err := strconv.ParseBool(raw)
	if err != nil {
		p.refuse(key, "Query param %q must be a valid boolean: %s", key, err)
		return nil
	}
	return &v
}

// dormant reads the key for dormant workspaces, whose name and type have changed: first a time that is not looked at.
func (p *queryParser) dormant() *bool {
	switch d := p.d; {
	case d.since(2, 5):
		return p.boolean("dormant")
	case d.since(2, 3):
		return p.boolean("is-dormant")
	case d.since(2, 1):
		key := "dormant_at"
		if !d.since(2, 2) {
			key = "locked_at"
		}
		if only := !p.day(key).IsZero(); only {
			return &only
		}
	}
	return nil
}

// no reads a bool that is false for every workspace of this deployment.
func (p *queryParser) no(f *filter, key string) {
	if v := p.boolean(key); v != nil && *v {
		f.none = true
	}
}

func (p *queryParser) time(key string) time.Time {
	raw := strings.ToUpper(p.text(key))
	if raw == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, raw)
	if err != nil {
		p.refuse(key, "Query param %q must be a valid date format (%s): %s", key, time.RFC3339Nano, err)
	}
	return t
}

func (p *queryParser) day(key string) time.Time {
	raw := p.text(key)
	if raw == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, raw)
	if err != nil {
		p.refuse(key, "Query param %q must be a valid date format (%s): %s", key, time.DateOnly, err)
	}
	return t
}

func (p *queryParser) leftovers() {
	for _, key := range sortedKeys(p.terms) {
		if slices.Contains(p.known, key) {
			continue
		}
		if p.d.since(2, 1) {
			p.refuse(key, "%q is not a valid query param", key)
		} else {
			p.refuse(key, "Query param %q is not a valid query param", key)
		}
	}
}

// matches applies everything but deleting_by, which the servers that know it apply to the page instead.
func (f *filter) matches(w *workspace) bool {
	if f.none {
		return false
	}
	switch {
	case f.owner == "me" && w.owner != f.me,
		f.owner != "" && f.owner != "me" && !strings.EqualFold(w.owner.username, f.owner),
		f.template != "" && (w.template.deleted || !strings.EqualFold(w.template.Name, f.template)),
		f.name != "" && !strings.Contains(strings.ToLower(w.name), f.name),
		f.status != "" && !f.matchesStatus(w.latest()),
		len(f.hasAgent) > 0 && !f.matchesAgent(w.latest()),
		len(f.ids) > 0 && !slices.Contains(f.ids, w.id),
		len(f.parameters) > 0 && !f.matchesParameters(w.latest()),
		f.organization != "" && !strings.EqualFold(w.org.name, f.organization) && w.org.id.String() != f.organization,
		f.outdated != nil && *f.outdated != (w.latest().version != w.template.active),
		f.dormant != nil && *f.dormant && w.dormantAt.IsZero(),
		f.hideDormant && !w.dormantAt.IsZero(),
		f.healthy != nil && *f.healthy != (len(failingAgents(w.latest())) == 0 && len(agents(w.latest())) > 0),
		!f.usedAfter.IsZero() && !w.lastUsed.After(f.usedAfter),
		!f.usedBefore.IsZero() && !w.lastUsed.Before(f.usedBefore):
		return false
	}
	return true
}

// matchesStatus: newer servers compare the job's status; the seed looks at its times, which matches a build that was
// interrupted both as canceled and as failed.
func (f *filter) matchesStatus(b *build) bool {
	if !f.seedStatus {
		return b.status() == f.status
	}
	j := b.job
	switch f.status {
	case pending:
		return j.started.IsZero()
	case canceled:
		return !j.canceled.IsZero() && !j.completed.IsZero()
	}
	return b.status() == f.status
}

func (f *filter) matchesAgent(b *build) bool {
	if b.transition != start {
		return false
	}
	for _, a := range agents(b) {
		if slices.Contains(f.hasAgent, a.status) {
			return true
		}
	}
	return false
}

func (f *filter) matchesParameters(b *build) bool {
	values := b.values()
	for _, term := range f.parameters {
		name, want, compare := strings.Cut(term, "=")
		found := false
		for n, v := range values {
			if strings.EqualFold(n, name) && (!compare || strings.EqualFold(v, want)) {
				found = true
			}
		}
		if !found {
			return false
		}
	}
	return true
}

func agents(b *build) []*agent {
	var list []*agent
	for _, r := range b.resources {
		list = append(list, r.agents...)
	}
	return list
}
