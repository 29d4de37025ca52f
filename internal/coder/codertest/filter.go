package codertest

import (
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// filter is a parsed search query. The zero value matches everything.
type filter struct {
	d            *Deployment
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
	shared       *bool
	sharedUser   *user
	sharedGroup  uuid.UUID
	hideDormant  bool
	none         bool // a value that nothing can match
	usedAfter    time.Time
	usedBefore   time.Time
	deletingBy   time.Time

	seedStatus bool
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
		f.name != "" && !like(w.name, "%"+f.name+"%"),
		f.status != "" && !f.matchesStatus(w.latest()),
		len(f.hasAgent) > 0 && !f.matchesAgent(w.latest()),
		len(f.ids) > 0 && !slices.Contains(f.ids, w.id),
		len(f.parameters) > 0 && !f.matchesParameters(w.latest()),
		f.organization != "" && w.org.id.String() != f.organization,
		f.outdated != nil && *f.outdated != (w.latest().version != w.template.active),
		f.dormant != nil && *f.dormant && w.dormantAt.IsZero(),
		f.hideDormant && !w.dormantAt.IsZero(),
		f.healthy != nil && *f.healthy != (len(f.d.failingAgents(w.latest())) == 0 && len(agents(w.latest())) > 0),
		f.shared != nil && *f.shared == w.acl.empty(),
		f.sharedUser != nil && w.acl.users[f.sharedUser] == "",
		f.sharedGroup != uuid.Nil && !f.matchesGroup(w),
		!f.usedAfter.IsZero() && w.lastUsed.Before(f.usedAfter),
		!f.usedBefore.IsZero() && w.lastUsed.After(f.usedBefore):
		return false
	}
	return true
}

func (f *filter) matchesGroup(w *workspace) bool {
	for g := range w.acl.groups {
		if g.id == f.sharedGroup {
			return true
		}
	}
	return false
}

// matchesStatus: newer servers compare the job's status; the seed looks at its times, which matches a build that was
// interrupted both as canceled and as failed, and takes the end of a delete build for its middle.
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
	case "deleting":
		return false // what is deleted is not listed
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

// matchesParameters: of several names one is enough, and of several pairs, too.
func (f *filter) matchesParameters(b *build) bool {
	var names, pairs, foundName, foundPair bool
	for _, term := range f.parameters {
		name, want, isPair := strings.Cut(term, "=")
		names, pairs = names || !isPair, pairs || isPair
		for n, v := range b.values() {
			foundName = foundName || !isPair && like(n, name)
			foundPair = foundPair || isPair && like(n, name) && like(v, want)
		}
	}
	return (foundName || !names) && (foundPair || !pairs)
}

// like is SQL's ILIKE: "_" stands for one character, "%" for any text, and case does not count.
func like(text, pattern string) bool {
	t, p := []rune(strings.ToLower(text)), []rune(strings.ToLower(pattern))
	if !strings.ContainsAny(strings.Trim(pattern, "%"), `%_\`) { // by far the most
		switch plain := strings.ToLower(strings.Trim(pattern, "%")); {
		case plain == strings.ToLower(pattern):
			return plain == strings.ToLower(text)
		case "%"+plain+"%" == strings.ToLower(pattern):
			return strings.Contains(strings.ToLower(text), plain)
		}
	}
	return likeRunes(t, p)
}

func likeRunes(text, pattern []rune) bool {
	if len(pattern) == 0 {
		return len(text) == 0
	}
	switch {
	case pattern[0] == '%':
		for i := range len(text) + 1 {
			if likeRunes(text[i:], pattern[1:]) {
				return true
			}
		}
		return false
	case pattern[0] == '\\' && len(pattern) > 1:
		pattern = pattern[1:]
		return len(text) > 0 && text[0] == pattern[0] && likeRunes(text[1:], pattern[1:])
	default:
		return len(text) > 0 && (pattern[0] == '_' || text[0] == pattern[0]) && likeRunes(text[1:], pattern[1:])
	}
}

func agents(b *build) []*agent {
	var list []*agent
	for _, r := range b.resources {
		list = append(list, r.agents...)
	}
	return list
}
