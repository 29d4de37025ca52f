package coder

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

// AppHost is where the deployment serves apps on subdomains, such as
// "*.apps.example.com"; "" when it serves none.
func (c *Client) AppHost(ctx context.Context) (string, error) {
	answer, err := call[struct {
		Host string `json:"host"`
	}](ctx, c, http.MethodGet, nil, nil, "applications", "host")
	if err != nil {
		return "", err
	}
	return answer.Host, nil
}

// TerminalURL is the page with a terminal on an agent of a workspace, which
// runs the command if there is one.
func (c *Client) TerminalURL(w *Workspace, agent, command string) string {
	page := c.agentURL(w, agent, "terminal")
	if command != "" {
		page.RawQuery = url.Values{"command": {command}}.Encode()
	}
	return page.String()
}

// AppURL is the address that opens an app; "" when the app is on a subdomain
// and host, see [Client.AppHost], is "".
func (c *Client) AppURL(w *Workspace, agent *WorkspaceAgent, app *WorkspaceApp, host string) string {
	switch {
	case app.External:
		return app.URL
	case app.Command != "":
		return c.TerminalURL(w, agent.Name, app.Command)
	case !app.Subdomain:
		return c.agentURL(w, agent.Name, "apps", url.PathEscape(app.Slug)+"/").String()
	case host == "":
		return ""
	}
	subdomain := app.SubdomainName
	if subdomain == "" { // Coder <2.2 leaves it to the dashboard
		subdomain = strings.Join([]string{app.Slug, agent.Name, w.Name, w.OwnerName}, "--")
	}
	target := url.URL{Scheme: c.baseURL.Scheme, Host: strings.Replace(host, "*", subdomain, 1), Path: "/"}
	return target.String()
}

// PortURL is the address of a port of an agent; "" when host, see
// [Client.AppHost], is "".
func (c *Client) PortURL(w *Workspace, agent string, port int64, protocol, host string) string {
	if host == "" {
		return ""
	}
	number := strconv.FormatInt(port, 10)
	if protocol == "https" { // how Coder speaks with the port, not the browser with Coder
		number += "s"
	}
	subdomain := strings.Join([]string{number, agent, w.Name, w.OwnerName}, "--")
	target := url.URL{Scheme: c.baseURL.Scheme, Host: strings.Replace(host, "*", subdomain, 1), Path: "/"}
	return target.String()
}

// agentURL is a page of the dashboard about an agent.
func (c *Client) agentURL(w *Workspace, agent string, page ...string) *url.URL {
	return c.baseURL.JoinPath(append([]string{"@" + url.PathEscape(w.OwnerName), url.PathEscape(w.Name + "." + agent)}, page...)...)
}
