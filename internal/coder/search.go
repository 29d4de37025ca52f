package coder

import (
	"fmt"
	"strings"
)

// WorkspaceSearch narrows a list of workspaces. Empty fields do not narrow.
//
// The API document's separate query parameters (owner, template, …) are
// ignored by every server; only Coder's own search string q is read.
type WorkspaceSearch struct {
	Owner    string // exact username, any case; "me" is the token's owner
	Template string // exact template name, any case
	Name     string // any part of the workspace name, any case
	Status   Status // status of the latest build
	HasAgent string // connecting, connected, disconnected or timeout
	// Query is a search in Coder's own grammar, sent as it is, instead of the
	// fields above.
	Query string
}

// SearchError is a search that cannot be put to the server.
type SearchError struct {
	// Field is the name of the search key at fault: owner, template, name,
	// status, has-agent, or query.
	Field  string
	Detail string
}

// Error implements error.
func (e *SearchError) Error() string {
	return fmt.Sprintf("search by %s: %s", e.Field, e.Detail)
}

// String is the search in Coder's grammar, "" for everything. It fails with a
// [*SearchError] when a value contains a double quote, for which the grammar
// has no escape, or when Query is not alone.
func (s WorkspaceSearch) String() (string, error) {
	var terms []string
	for _, term := range []struct{ key, value string }{
		{"owner", s.Owner},
		{"template", s.Template},
		{"name", s.Name},
		{"status", string(s.Status)},
		{"has-agent", s.HasAgent},
	} {
		if term.value == "" {
			continue
		}
		value, err := quoteSearchValue(term.value)
		if err != nil {
			return "", &SearchError{Field: term.key, Detail: err.Error()}
		}
		terms = append(terms, term.key+":"+value)
	}
	if s.Query == "" {
		return strings.Join(terms, " "), nil
	}
	if len(terms) > 0 {
		return "", &SearchError{Field: "query", Detail: "it cannot be combined with other fields"}
	}
	return s.Query, nil
}

// quoteSearchValue makes a value safe in a search term. Quotes keep blanks and
// colons from splitting it; the server then takes them off.
func quoteSearchValue(value string) (string, error) {
	switch {
	case strings.Contains(value, `"`):
		return "", fmt.Errorf(`%s contains a double quote, which Coder's search cannot express`, value)
	case strings.Trim(value, "abcdefghijklmnopqrstuvwxyz0123456789._-") == "":
		return value, nil
	default:
		return `"` + value + `"`, nil
	}
}
