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

var workspaceStatuses = []string{
	pending, "starting", running, "stopping", "stopped", failed, canceling, canceled, "deleted", "deleting",
}

// search parses a workspace search query as the deployment's release does.
func (d *Deployment) search(query string, caller *user) (*filter, []validation) {
	f := &filter{d: d, me: caller, seedStatus: d.seed()}
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
		f.parameters = p.parameters("param")
	}
	if d.since(2, 15) {
		f.organization = p.organization("organization")
	}
	if d.since(2, 24) {
		p.no(f, "has-ai-task")
	}
	if d.since(2, 26) {
		p.no(f, "has_external_agent")
	}
	if d.since(2, 27) {
		f.shared = p.boolean("shared")
		p.sharedWithUser(f, "shared_with_user")
		p.sharedWithGroup(f, "shared_with_group")
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

// parameters reads names and name=value pairs.
func (p *queryParser) parameters(key string) []string {
	list := p.list(key, true)
	for _, element := range list {
		switch parts := strings.Split(element, "="); {
		case len(parts) > 2:
			p.refuse(key, "Query param %q has invalid values: query element %q can only contain 1 '='", key, element)
		case len(parts) == 2 && parts[1] == "":
			p.refuse(key, "Query param %q has invalid values: query element %q has an empty value. omit the '=' to match just on the parameter name", key, element)
		}
	}
	return list
}

// organization reads an id, which need not exist, or a name, which must.
func (p *queryParser) organization(key string) string {
	raw := p.text(key)
	if raw == "" {
		return ""
	}
	if id, err := uuid.Parse(raw); err == nil {
		return id.String()
	}
	for _, o := range p.d.orgs {
		if strings.EqualFold(o.name, raw) {
			return o.id.String()
		}
	}
	p.refuse(key, "Query param %q has invalid value: organization %q either does not exist, or you are unauthorized to view it", key, raw)
	return ""
}

// sharedWithUser reads "me", an id, which need not exist, or a name, which must.
func (p *queryParser) sharedWithUser(f *filter, key string) {
	raw := p.text(key)
	id, err := uuid.Parse(raw)
	switch {
	case raw == "":
	case raw == "me":
		f.sharedUser = f.me
	case err == nil:
		f.sharedUser = p.d.users[id]
		f.none = f.none || f.sharedUser == nil
	default:
		f.sharedUser = p.d.usersByName[raw]
		if u := f.sharedUser; u == nil || u != f.me && !f.me.managesTemplates() {
			p.refuse(key, "Query param %q has invalid value: user %q either does not exist, or you are unauthorized to view them", key, raw)
		}
	}
}

// sharedWithGroup reads an id, or a name of the default or the given organization. A query is put into lower case as a whole,
// so that no group with capitals, such as Everyone, is found by its name.
func (p *queryParser) sharedWithGroup(f *filter, key string) {
	raw := p.text(key)
	id, err := uuid.Parse(raw)
	switch {
	case raw == "":
		return
	case err == nil:
		f.sharedGroup = id
		return
	}
	org := p.d.defaultOrg
	name := raw
	if orgName, groupName, two := strings.Cut(raw, "/"); two {
		name = groupName
		for _, o := range p.d.orgs {
			if strings.EqualFold(o.name, orgName) {
				org = o
			}
		}
	}
	for _, g := range p.d.groups {
		if g.org == org && g.name == name {
			f.sharedGroup = g.id
			return
		}
	}
	p.refuse(key, "Query param %q has invalid value: group %q either does not exist, does not belong to the organization %q, or you are unauthorized to view it", key, name, org.name)
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
