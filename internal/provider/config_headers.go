package provider

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// reservedHeaders are set by the client itself; another value would break the
// request or send a second credential.
var reservedHeaders = []string{
	"Accept-Encoding",
	"Coder-Session-Token",
	"Connection",
	"Content-Length",
	"Content-Type",
	"Host",
	"Transfer-Encoding",
}

// resolveHeaders finds the extra headers. The attribute, an empty map too,
// replaces the environment as a whole.
func resolveHeaders(configured types.Map, env environment, diags *diag.Diagnostics) map[string]string {
	at := path.Root("headers")
	headers := headerSet{}
	if configured.IsNull() {
		entries, err := csvFields(env.getenv(envHeader))
		if err != nil {
			diags.AddAttributeError(at, "Invalid list of HTTP headers",
				fmt.Sprintf("The environment variable %s is not valid CSV: %v. Write entries key=value, separated by commas; put an entry that contains a comma in double quotes.", envHeader, err))
			return nil
		}
		for i, entry := range entries {
			name, value, found := strings.Cut(entry, "=")
			problem := "it has no \"=\"; write key=value."
			if found {
				problem = headers.add(strings.TrimSpace(name), value)
			}
			if problem != "" {
				// The entry may hold a secret, so only its number is named.
				diags.AddAttributeError(at, "Invalid HTTP header in the environment",
					fmt.Sprintf("Entry %d of the environment variable %s cannot be used: %s", i+1, envHeader, problem))
			}
		}
		return headers
	}

	names := make([]string, 0, len(configured.Elements()))
	for name := range configured.Elements() {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		value, ok := configured.Elements()[name].(types.String)
		problem := "it has no value; set one, or leave the header out."
		if ok && !value.IsNull() {
			problem = headers.add(name, value.ValueString())
		}
		if problem != "" {
			diags.AddAttributeError(at.AtMapKey(name), "Invalid HTTP header",
				fmt.Sprintf("The header %q cannot be used: %s", name, problem))
		}
	}
	return headers
}

// headerSet holds headers by their canonical name.
type headerSet map[string]string

// add takes a header up, or says why it cannot.
func (h headerSet) add(name, value string) (problem string) {
	canonical := http.CanonicalHeaderKey(name)
	_, twice := h[canonical]
	switch {
	case name == "":
		return "it has no name."
	case strings.ContainsFunc(name, func(r rune) bool { return !isHeaderNameChar(r) }):
		return "its name may only contain letters, digits and !#$%&'*+-.^_`|~."
	case slices.Contains(reservedHeaders, canonical):
		return "the provider sets this header itself."
	case twice:
		return "it is given twice; header names do not distinguish upper and lower case."
	case strings.ContainsFunc(value, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }):
		return "its value contains a line break or another control character."
	}
	h[canonical] = value
	return ""
}

// isHeaderNameChar follows the token rule of RFC 9110, section 5.6.2.
func isHeaderNameChar(r rune) bool {
	return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' ||
		strings.ContainsRune("!#$%&'*+-.^_`|~", r)
}

// csvFields splits one line of CSV, as the Coder CLI does for its lists.
func csvFields(line string) ([]string, error) {
	if strings.TrimSpace(line) == "" {
		return nil, nil
	}
	reader := csv.NewReader(strings.NewReader(line))
	reader.TrimLeadingSpace = true
	fields, err := reader.Read()
	if err != nil {
		var syntax *csv.ParseError
		if errors.As(err, &syntax) {
			err = syntax.Err // without line and column, which mean nothing here
		}
		return nil, fmt.Errorf("reading CSV: %w", err)
	}
	if _, err := reader.Read(); !errors.Is(err, io.EOF) {
		return nil, errors.New("it has more than one line")
	}
	return fields, nil
}
