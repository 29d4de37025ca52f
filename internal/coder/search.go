package coder

import (
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
)

// WorkspaceSearch narrows a list of workspaces. Zero fields do not narrow.
//
// Servers learned to search by and by, and not all of them search exactly. The
// client asks for as much as the server's version knows and drops the rest of
// the rows by itself, so that a search finds the same on every version. Only
// searches by a parameter and by what is shared are refused where the server is
// too old.
//
// The API document's separate query parameters (owner, template, …) are
// ignored by every server; only Coder's own search string q is read.
type WorkspaceSearch struct {
	Owner        string // exact username, any case; "me" is the token's owner
	Organization string // name, any case, or UUID
	Template     string // exact template name, any case
	Name         string // any part of the workspace name, any case
	Status       Status // status of the latest build
	HasAgent     string // connecting, connected, disconnected or timeout
	Outdated     *bool  // whether the template has a newer active version
	Dormant      *bool
	Favorite     *bool // of the token's user
	// Shared tells whether others than the owner may use it, SharedWithUser
	// (username, UUID or "me") and SharedWithGroup (name or UUID) who (Coder ≥2.27).
	Shared          *bool
	SharedWithUser  string
	SharedWithGroup string
	// Parameter is the name of a parameter of the latest build, or name=value
	// (Coder ≥2.10). Any case; "_" stands for any one character and "%" for any
	// text, as the server looks it up in the manner of SQL's ILIKE.
	Parameter      string
	LastUsedAfter  time.Time // that instant included
	LastUsedBefore time.Time // that instant excluded
	DeletingBefore time.Time // the server will delete it before that instant
	// Query is a search in Coder's own grammar, sent as it is. Only
	// DeletingBefore goes together with it.
	Query string

	// PageSize is how many workspaces are asked for at once; 0 is [MaxPageSize].
	PageSize int
	// WithoutResources leaves LatestBuild.Resources nil, which keeps a long
	// list small.
	WithoutResources bool
}

// SearchError is a search that cannot be put to the server.
type SearchError struct {
	// Field is the search key at fault, as Coder's grammar has it, or query.
	Field  string
	Detail string
}

// Error implements error.
func (e *SearchError) Error() string {
	return fmt.Sprintf("search by %s: %s", e.Field, e.Detail)
}

// Check finds what no server could search for, without asking one.
func (s WorkspaceSearch) Check() []*SearchError {
	var problems []*SearchError
	terms := s.terms(Version{})
	for _, term := range terms {
		if detail := term.problem(); detail != "" {
			problems = append(problems, &SearchError{Field: term.key, Detail: detail})
		}
	}
	if s.Query != "" && len(terms) > 0 {
		problems = append(problems, &SearchError{Field: "query", Detail: "it cannot be combined with other fields"})
	}
	return problems
}

// searchTerm is one key and value of a search.
type searchTerm struct{ key, value string }

// problem says why the grammar has no way to express the term, "" when it has.
func (t searchTerm) problem() string {
	if strings.Contains(t.value, `"`) {
		return t.value + ` contains a double quote, which Coder's search cannot express`
	}
	if t.key != "param" {
		return ""
	}
	name, value, hasValue := strings.Cut(t.value, "=")
	switch {
	case strings.TrimSpace(name) == "":
		return fmt.Sprintf("%q names no parameter", t.value)
	case hasValue && strings.TrimSpace(value) == "":
		return fmt.Sprintf("%q has no value; without the = it finds any value", t.value)
	case strings.ContainsAny(name, ",") || strings.ContainsAny(value, "=,"):
		return fmt.Sprintf("%q contains a comma or a second =, which Coder's search cannot express", t.value)
	default:
		return ""
	}
}

// String is the term in Coder's grammar. Quotes keep blanks and colons from
// splitting it; the server then takes them off.
func (t searchTerm) String() string {
	if strings.Trim(t.value, "abcdefghijklmnopqrstuvwxyz0123456789._-") == "" {
		return t.key + ":" + t.value
	}
	return t.key + `:"` + t.value + `"`
}

// terms are the fields a server of a version can search by. What they find
// includes all that is meant; [WorkspaceSearch.matches] drops the rest.
func (s WorkspaceSearch) terms(v Version) []searchTerm {
	var terms []searchTerm
	add := func(key, value string) {
		if value != "" {
			terms = append(terms, searchTerm{key, value})
		}
	}
	add("owner", s.Owner)
	add("template", s.Template)
	add("name", s.Name)
	if s.Status != StatusDeleting || !v.Before(2, 5) {
		// Old servers take "deleting" for deleted.
		add("status", string(s.Status))
	}
	add("has-agent", s.HasAgent)
	if !v.Before(2, 15) {
		add("organization", s.Organization)
	}
	if s.Outdated != nil && !v.Before(2, 8) {
		add("outdated", fmt.Sprint(*s.Outdated))
	}
	if s.Dormant != nil && *s.Dormant { // no server searches for those that are not
		add(dormantTerm(v))
	}
	if !v.Before(2, 2) {
		add("last_used_after", searchTime(s.LastUsedAfter))
		add("last_used_before", searchTime(s.LastUsedBefore))
	}
	if s.Shared != nil {
		add("shared", fmt.Sprint(*s.Shared))
	}
	add("shared_with_user", s.SharedWithUser)
	add("shared_with_group", s.SharedWithGroup)
	add("param", s.Parameter)
	return terms
}

// needs says in which release 2.x servers learned to search by a key that
// nothing else can stand in for, and what older ones lack; 0 for other keys.
func (t searchTerm) needs() (minor int, lack string) {
	switch t.key {
	case "param":
		return 10, "cannot search by parameters"
	case "shared", "shared_with_user", "shared_with_group":
		return 27, "has no shared workspaces"
	default:
		return 0, ""
	}
}

// dormantTerm is how a server is asked for dormant workspaces; the value is ""
// before Coder 2.1, which lists them among the others and cannot search for
// them.
func dormantTerm(v Version) (key, value string) {
	switch {
	case v.Before(2, 1):
		return "", ""
	case v.Before(2, 2):
		return "locked_at", "1970-01-01" // since
	case v.Before(2, 3):
		return "dormant_at", "1970-01-01" // since
	case v.Before(2, 5):
		return "is-dormant", "true"
	default:
		return "dormant", "true"
	}
}

// hidesDormant tells whether a server lists dormant workspaces only when it is
// asked for them.
func hidesDormant(v Version) bool { return v.AtLeast(2, 1) && v.Before(2, 5) }

func searchTime(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339Nano)
}

// query is the search in the grammar of a server of a version, "" for
// everything. It fails with a [*SearchError].
func (s WorkspaceSearch) query(v Version) (string, error) {
	if problems := s.Check(); len(problems) > 0 {
		return "", problems[0]
	}
	if s.Query != "" {
		return s.Query, nil
	}
	var words []string
	for _, term := range s.terms(v) {
		if minor, lack := term.needs(); minor > 0 && v.Before(2, minor) {
			return "", &SearchError{Field: term.key, Detail: fmt.Sprintf("the server runs Coder %s, which %s; it takes Coder 2.%d or later", v, lack, minor)}
		}
		words = append(words, term.String())
	}
	return strings.Join(words, " "), nil
}

// dependsOnVersion tells whether the server's version has to be known before
// the search can be put to it.
func (s WorkspaceSearch) dependsOnVersion() bool {
	return s.Organization != "" || s.Outdated != nil || s.Dormant != nil || s.Parameter != "" ||
		s.Shared != nil || s.SharedWithUser != "" || s.SharedWithGroup != "" ||
		!s.LastUsedAfter.IsZero() || !s.LastUsedBefore.IsZero() || s.Status == StatusDeleting
}

// matches tells whether a row that the server found is meant.
func (s WorkspaceSearch) matches(w *Workspace) bool {
	dormant := w.IsDormant()
	favorite := w.Favorite != nil && *w.Favorite
	switch {
	// The server takes "_" and "%" for wildcards.
	case !strings.Contains(strings.ToLower(w.Name), strings.ToLower(s.Name)),
		// A search of Coder 0.24 for "canceled" also finds builds that were
		// canceled while they ran, and whose status is "failed".
		s.Status != "" && w.LatestBuild.Status != s.Status,
		s.Organization != "" && !s.matchesOrganization(w),
		s.Outdated != nil && w.Outdated != *s.Outdated,
		s.Dormant != nil && dormant != *s.Dormant,
		s.Favorite != nil && favorite != *s.Favorite,
		!s.LastUsedAfter.IsZero() && w.LastUsedAt.Before(s.LastUsedAfter),
		!s.LastUsedBefore.IsZero() && !w.LastUsedAt.Before(s.LastUsedBefore),
		!s.DeletingBefore.IsZero() && (w.DeletingAt.IsZero() || !w.DeletingAt.Before(s.DeletingBefore)):
		return false
	default:
		return true
	}
}

func (s WorkspaceSearch) matchesOrganization(w *Workspace) bool {
	if id, err := uuid.Parse(s.Organization); err == nil {
		return w.OrganizationID == id
	}
	return strings.EqualFold(w.OrganizationName, s.Organization)
}
