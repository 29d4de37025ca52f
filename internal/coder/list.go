package coder

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"
)

// MaxPageSize is how many workspaces are asked for at once, unless a search
// wants fewer. For every page the server searches and sorts all that match, so
// few large pages are read faster than many small ones, and less moves
// meanwhile: see BenchmarkAllWorkspaces. A running workspace takes tens of
// kilobytes, and the server gathers a page before it answers; all at once would
// take it longer than proxies wait.
const MaxPageSize = 500

// maxPasses is how often [Client.AllWorkspaces] reads a list that moves.
const maxPasses = 5

// ErrListChanging is wrapped by the error of a list that kept changing while
// it was read, so that workspaces may be missing.
var ErrListChanging = errors.New("the list kept changing while it was read")

// WorkspacesPage is one page of a list.
type WorkspacesPage struct {
	Workspaces []Workspace
	// Count is how many workspaces the server has found in all, before the
	// client drops any. Coder ≥2.1 also counts those it leaves out because the
	// token may not read their template.
	Count  int
	Offset int // of the page's first workspace
}

// Workspaces iterates over the workspaces the token may read that match the
// search, page by page. Rows can move between pages while they are read, so a
// row may come twice or not at all: see [Client.AllWorkspaces]. Iteration ends
// after the first error, which is a [*SearchError] when the search cannot be
// put to this server.
func (c *Client) Workspaces(ctx context.Context, search WorkspaceSearch) iter.Seq2[*WorkspacesPage, error] {
	return func(yield func(*WorkspacesPage, error) bool) {
		for query, err := range c.queries(ctx, &search) {
			if err != nil {
				yield(nil, err)
				return
			}
			for page, err := range c.workspacePages(ctx, query, search.PageSize) {
				if err == nil {
					page.Workspaces = slices.DeleteFunc(page.Workspaces, func(w Workspace) bool { return !search.matches(&w) })
				}
				if !yield(page, err) || err != nil {
					return
				}
			}
		}
	}
}

// queries are the search strings whose results together are all that match. It
// is one, except on the servers that list dormant workspaces only on request.
// The search is changed to one whose rows can be told by themselves.
func (c *Client) queries(ctx context.Context, search *WorkspaceSearch) iter.Seq2[string, error] {
	return func(yield func(string, error) bool) {
		version := c.ServerVersion()
		if search.dependsOnVersion() {
			var err error
			if version, err = c.learnVersion(ctx); err == nil {
				err = c.resolveOrganization(ctx, search, version)
			}
			if err == nil {
				err = c.resolveEveryone(ctx, search, version)
			}
			if err != nil {
				yield("", err)
				return
			}
		}
		query, err := search.query(version)
		if !yield(query, err) || err != nil {
			return
		}
		if search.Dormant == nil && search.Query == "" && hidesDormant(c.ServerVersion()) {
			dormant := true
			alone := *search
			alone.Dormant = &dormant
			yield(alone.query(c.ServerVersion()))
		}
	}
}

// resolveOrganization replaces the name of an organization by its id for
// servers that cannot search for it and, before Coder 2.14, do not show it.
func (c *Client) resolveOrganization(ctx context.Context, search *WorkspaceSearch, version Version) error {
	if _, err := uuid.Parse(search.Organization); err == nil || search.Organization == "" || !version.Before(2, 15) {
		return nil
	}
	organization, err := c.UserOrganization(ctx, Me, search.Organization)
	if KindOf(err) == NotVisible {
		return &SearchError{Field: "organization", Detail: fmt.Sprintf("there is no organization %q, or the token may not see it", search.Organization)}
	}
	if err != nil {
		return err
	}
	search.Organization = organization.ID.String()
	return nil
}

// resolveEveryone replaces the name of the group of all members by its id, which
// is its organization's: Coder puts names that it searches for into lower case,
// and does not find this one, often the only one there is.
func (c *Client) resolveEveryone(ctx context.Context, search *WorkspaceSearch, version Version) error {
	organization, group, named := strings.Cut(search.SharedWithGroup, "/")
	if !named {
		organization, group = search.Organization, organization
	}
	if !strings.EqualFold(group, GroupEveryone) || version.Before(2, 27) {
		return nil
	}
	if _, err := uuid.Parse(organization); err == nil {
		search.SharedWithGroup = organization
		return nil
	}
	all, err := c.Organizations(ctx)
	if err != nil {
		return err
	}
	for _, known := range all {
		if strings.EqualFold(known.Name, organization) || organization == "" && known.IsDefault {
			search.SharedWithGroup = known.ID.String()
			return nil
		}
	}
	return &SearchError{Field: "shared_with_group", Detail: "the token may not see the organization whose group Everyone is meant; give the organization's id instead"}
}

// workspacePages reads page after page until the server's count is reached.
// The number of rows in a page says nothing: rows can be left out of it.
func (c *Client) workspacePages(ctx context.Context, query string, size int) iter.Seq2[*WorkspacesPage, error] {
	if size <= 0 {
		size = MaxPageSize
	}
	return func(yield func(*WorkspacesPage, error) bool) {
		for offset := 0; ; offset += size {
			page, err := c.workspacesPage(ctx, query, size, offset)
			if err != nil {
				yield(nil, err)
				return
			}
			// Coder ≤2.8 counts 0 beyond the end, which ends the list as well.
			if !yield(page, nil) || offset+size >= page.Count {
				return
			}
		}
	}
}

func (c *Client) workspacesPage(ctx context.Context, q string, size, offset int) (*WorkspacesPage, error) {
	query := url.Values{"limit": {strconv.Itoa(size)}, "offset": {strconv.Itoa(offset)}}
	if q != "" {
		query.Set("q", q)
	}
	var page *WorkspacesPage
	err := c.do(ctx, http.MethodGet, query, nil, func(resp *http.Response) error {
		var err error
		page, err = decodePage(resp, c.limits.list)
		return err
	}, "workspaces")
	if err != nil {
		return nil, err
	}
	for i := range page.Workspaces {
		if err := checkIdentity(&page.Workspaces[i], ""); err != nil {
			return nil, fmt.Errorf("a workspace in the list: %w", err)
		}
		c.settle(&page.Workspaces[i])
	}
	page.Offset = offset
	return page, nil
}

// decodePage decodes a page workspace by workspace, so that it is not held as
// text and as values at once.
func decodePage(resp *http.Response, limit int64) (*WorkspacesPage, error) {
	if err := checkContentType(resp, "application/json"); err != nil {
		return nil, err
	}
	b := newBody(resp, limit)
	decoder := json.NewDecoder(b)
	page := new(WorkspacesPage)
	if err := decodeMembers(decoder, func(key string) (err error) {
		switch key {
		case "workspaces":
			page.Workspaces, err = decodeElements[Workspace](decoder)
		case "count":
			err = decoder.Decode(&page.Count)
		default:
			err = decoder.Decode(new(json.RawMessage))
		}
		return err
	}); err != nil {
		return nil, b.fail(err)
	}
	if err := b.finish(decoder); err != nil {
		return nil, err
	}
	if page.Workspaces == nil { // somebody else's JSON, and no empty list
		return nil, b.fail(errors.New("it holds no list of workspaces"))
	}
	return page, nil
}

// decodeMembers walks through a JSON object; value has to consume the value of
// each key.
func decodeMembers(decoder *json.Decoder, value func(key string) error) error {
	token, err := decoder.Token()
	if err != nil {
		return err
	}
	if token != json.Delim('{') {
		return fmt.Errorf("%s where an object should begin", tokenText(token))
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		name, _ := key.(string)
		if err := value(name); err != nil {
			return err
		}
	}
	_, err = decoder.Token()
	return err
}
