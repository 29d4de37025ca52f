package coder

import (
	"context"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// ParseURL reads the address of a deployment and checks it. The problem is a sentence for
// the user, "" when there is none. Passwords are never repeated in it.
func ParseURL(raw string) (target *url.URL, problem string) {
	if !strings.Contains(raw, "://") {
		if strings.ContainsAny(raw, "@?# ") {
			return nil, "it has no scheme; write it like \"https://coder.example.com\"."
		}
		return nil, fmt.Sprintf("%q has no scheme; write \"https://%[1]s\", or \"http://%[1]s\" for a server without TLS.", strings.TrimLeft(raw, "/"))
	}
	target, err := url.Parse(raw)
	if err != nil {
		// The error of url.Parse would repeat the address with its password.
		return nil, "it is not a valid URL; write it like \"https://coder.example.com\"."
	}
	target.Scheme = strings.ToLower(target.Scheme)

	switch {
	case target.Scheme != "https" && target.Scheme != "http":
		return nil, fmt.Sprintf("the scheme %q is neither https nor http.", target.Scheme)
	case target.User != nil:
		return nil, "it contains a user name or password; leave them out. Credentials for a proxy in front of Coder belong in headers."
	case target.Hostname() == "":
		return nil, "it names no host."
	case target.RawQuery != "" || target.ForceQuery || target.Fragment != "" || strings.HasSuffix(raw, "#"):
		return nil, "it contains a query (?…) or a fragment (#…); give the address of the deployment alone."
	}
	if port := target.Port(); port != "" {
		if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
			return nil, fmt.Sprintf("the port %s is not between 1 and 65535.", port)
		}
	}

	trimmed := strings.TrimRight(target.EscapedPath(), "/")
	if strings.HasSuffix(trimmed, "/api/v2") {
		return nil, "it ends in /api/v2, which is added by itself; leave that part out."
	}
	target.Path, err = url.PathUnescape(trimmed)
	if err != nil {
		return nil, "its path is not correctly escaped."
	}
	target.RawPath = trimmed
	return target, ""
}

// WorkspaceURL is the dashboard page of a workspace on the deployment at an
// address.
func WorkspaceURL(deployment *url.URL, owner, name string) string {
	return deployment.JoinPath("@"+url.PathEscape(owner), url.PathEscape(name)).String()
}

// WorkspaceURL is the dashboard page of a workspace.
func (c *Client) WorkspaceURL(owner, name string) string {
	return WorkspaceURL(c.baseURL, owner, name)
}

// IsOwnPage tells whether an address is on the client's deployment: on the host
// that the client talks to, or on that of the access URL, by which the deployment
// makes its own links. For the latter it is asked only where the first does not
// fit. Own are the hosts that it is known by then.
func (c *Client) IsOwnPage(ctx context.Context, address string) (isOwn bool, own []string, err error) {
	own = []string{hostOf(c.baseURL)}
	page, err := url.Parse(address)
	if err != nil || hostOf(page) == own[0] {
		return err == nil, own, err
	}
	info, err := c.lookup.BuildInfo(ctx)
	if err != nil {
		return false, own, err
	}
	if access, err := url.Parse(info.DashboardURL); err == nil && access.Host != "" {
		own = append(own, hostOf(access))
	}
	return slices.Contains(own, hostOf(page)), slices.Compact(own), nil
}

// hostOf is the host of an address in lower case, with the port unless it is the
// scheme's own. The scheme itself does not matter.
func hostOf(address *url.URL) string {
	host, port := strings.ToLower(strings.TrimSuffix(address.Hostname(), ".")), address.Port()
	if port == "" || port == map[string]string{"http": "80", "https": "443"}[strings.ToLower(address.Scheme)] {
		return host
	}
	return net.JoinHostPort(host, port)
}
