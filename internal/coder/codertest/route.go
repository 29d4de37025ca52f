package codertest

import (
	"net/http"
	"net/url"
	"strings"
)

// route is one method on one path. Exactly one of handle (runs with Deployment.mu held) and stream is set.
type route struct {
	method  string
	pattern string
	parts   []string
	public  bool // needs no session
	handle  func(*call) reply
	stream  func(*call, http.ResponseWriter)
}

// table lists the routes that the deployment's release has.
func (d *Deployment) table() []*route {
	var all []*route
	add := func(method, pattern string, handle func(*call) reply) *route {
		r := &route{method: method, pattern: pattern, parts: split(pattern), handle: handle}
		all = append(all, r)
		return r
	}
	get, post, put, patch, del := http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete

	add(get, "/", (*call).root).public = true
	add(get, "/buildinfo", (*call).buildInfo).public = true
	add(get, "/applications/host", (*call).appHost)
	add(post, "/users/login", (*call).login).public = true
	add(post, "/files", (*call).uploadFile)
	add(post, "/authcheck", (*call).authCheck)

	add(get, "/users/{user}", (*call).getUser)
	add(del, "/users/{user}", (*call).deleteUser)
	add(put, "/users/{user}/profile", (*call).putProfile)
	add(put, "/users/{user}/status/suspend", (*call).suspendUser)
	add(put, "/users/{user}/status/activate", (*call).activateUser)
	add(post, "/users/{user}/keys/tokens", (*call).createToken)
	add(get, "/users/{user}/keys/tokens", (*call).listTokens)
	add(get, "/users/{user}/keys/tokens/tokenconfig", (*call).tokenConfig)
	add(get, "/users/{user}/keys/tokens/{keyname}", (*call).tokenByName)
	add(get, "/users/{user}/keys/{keyid}", (*call).getToken)
	add(del, "/users/{user}/keys/{keyid}", (*call).deleteToken)
	add(get, "/users/{user}/organizations", (*call).userOrganizations)
	add(get, "/users/{user}/organizations/{organizationname}", (*call).userOrganization)
	add(get, "/users/{user}/workspace/{workspacename}", (*call).workspaceByName)
	add(get, "/users/{user}/workspace/{workspacename}/builds/{buildnumber}", (*call).buildByNumber)

	add(post, "/organizations", (*call).notImplemented)
	add(get, "/organizations/{organization}", (*call).getOrganization)
	add(get, "/organizations/{organization}/templates", (*call).organizationTemplates)
	add(post, "/organizations/{organization}/templates", (*call).createTemplate)
	add(get, "/organizations/{organization}/templates/{templatename}", (*call).templateByName)
	add(post, "/organizations/{organization}/templateversions", (*call).createVersion)
	add(post, "/organizations/{organization}/members/{user}/workspaces", (*call).createWorkspaceInOrganization)

	add(get, "/templates/{template}", (*call).getTemplate)
	add(patch, "/templates/{template}", (*call).updateTemplate)
	add(del, "/templates/{template}", (*call).deleteTemplate)
	add(get, "/templates/{template}/versions", (*call).templateVersions)
	add(patch, "/templates/{template}/versions", (*call).promoteVersion)
	add(get, "/templates/{template}/versions/{templateversionname}", (*call).versionByName)
	add(get, "/templateversions/{templateversion}", (*call).getVersion)
	add(get, "/templateversions/{templateversion}/rich-parameters", (*call).richParameters)

	add(get, "/workspaces", (*call).listWorkspaces)
	add(get, "/workspaces/{workspace}", (*call).getWorkspace)
	add(patch, "/workspaces/{workspace}", (*call).renameWorkspace)
	add(put, "/workspaces/{workspace}/autostart", (*call).putAutostart)
	add(put, "/workspaces/{workspace}/ttl", (*call).putTTL)
	add(put, "/workspaces/{workspace}/extend", (*call).putExtend)
	add(get, "/workspaces/{workspace}/builds", (*call).listBuilds)
	add(post, "/workspaces/{workspace}/builds", (*call).createBuild)
	add(get, "/workspaces/{workspace}/watch", nil).stream = (*call).watch

	add(get, "/workspacebuilds/{workspacebuild}", (*call).getBuild)
	add(patch, "/workspacebuilds/{workspacebuild}/cancel", (*call).cancelBuild)
	add(get, "/workspacebuilds/{workspacebuild}/parameters", (*call).buildParameters)
	add(get, "/workspacebuilds/{workspacebuild}/resources", (*call).buildResources)
	add(get, "/workspacebuilds/{workspacebuild}/logs", (*call).buildLogs)

	switch {
	case d.since(2, 2):
		add(put, "/workspaces/{workspace}/dormant", (*call).putDormant)
	case d.since(0, 25):
		add(put, "/workspaces/{workspace}/lock", (*call).putLock)
	}
	if d.since(2, 3) {
		add(put, "/workspaces/{workspace}/autoupdates", (*call).putAutomaticUpdates)
		add(get, "/templateversions/{templateversion}/external-auth", (*call).versionExternalAuth)
	} else {
		add(get, "/templateversions/{templateversion}/gitauth", (*call).versionExternalAuth)
	}
	if d.since(2, 4) {
		add(get, "/workspaces/{workspace}/resolve-autostart", (*call).resolveAutostart)
	}
	if d.since(2, 8) {
		add(put, "/workspaces/{workspace}/favorite", (*call).putFavorite)
		add(del, "/workspaces/{workspace}/favorite", (*call).deleteFavorite)
	}
	if d.since(2, 9) {
		add(get, "/workspaces/{workspace}/port-share", (*call).listPortShares)
		add(post, "/workspaces/{workspace}/port-share", (*call).putPortShare)
		add(del, "/workspaces/{workspace}/port-share", (*call).deletePortShare)
	}
	if d.since(2, 10) {
		add(post, "/workspaces/{workspace}/usage", (*call).postUsage)
	}
	if d.since(2, 13) {
		add(get, "/templates", (*call).listTemplates)
	}
	if d.since(2, 14) {
		add(get, "/organizations", (*call).listOrganizations)
		add(post, "/users/{user}/workspaces", (*call).createWorkspaceForUser)
	}
	if d.since(2, 16) {
		add(get, "/workspaces/{workspace}/timings", (*call).workspaceTimings)
	}
	if d.since(2, 17) {
		add(get, "/workspacebuilds/{workspacebuild}/timings", (*call).buildTimings)
	}
	if d.since(2, 20) {
		add(get, "/templateversions/{templateversion}/presets", (*call).versionPresets)
	}
	if d.since(2, 24) {
		add(post, "/templateversions/{templateversion}/dynamic-parameters/evaluate", (*call).evaluateParameters)
	}
	if d.since(2, 26) {
		add(get, "/workspaces/{workspace}/acl", (*call).getACL)
		add(patch, "/workspaces/{workspace}/acl", (*call).patchACL)
	}
	if d.since(2, 27) {
		add(del, "/workspaces/{workspace}/acl", (*call).deleteACL)
	}
	if d.since(2, 32) {
		add(get, "/organizations/{organization}/members/{user}", (*call).getMember)
	}
	if d.options.Licensed {
		add(get, "/organizations/{organization}/groups/{groupName}", (*call).getGroup)
	}
	return all
}

func split(path string) []string {
	path = strings.Trim(path, "/")
	if path == "" {
		return nil
	}
	return strings.Split(path, "/")
}

// match finds the route of an escaped path below /api/v2; allowed says that the path exists with another method.
func (d *Deployment) match(method, path string) (found *route, params map[string]string, allowed bool) {
	parts := split(path)
	for _, r := range d.routes {
		p, fits := r.match(parts)
		if !fits {
			continue
		}
		if r.method == method {
			return r, p, true
		}
		allowed = true
	}
	return nil, nil, allowed
}

func (r *route) match(parts []string) (map[string]string, bool) {
	if len(parts) != len(r.parts) {
		return nil, false
	}
	params := map[string]string{}
	for i, want := range r.parts {
		if want[0] != '{' {
			if parts[i] != want {
				return nil, false
			}
			continue
		}
		value, err := url.PathUnescape(parts[i])
		if err != nil || value == "" {
			return nil, false
		}
		params[want[1:len(want)-1]] = value
	}
	return params, true
}

// belowWorkspace answers for paths below a workspace that the release does not know: servers look for the workspace first.
func belowWorkspace(path string) (*route, map[string]string) {
	subtree := &route{pattern: path, parts: split("/workspaces/{workspace}"), handle: func(c *call) reply {
		if _, rep, found := c.workspace(); !found {
			return rep
		}
		return unknownRoute()
	}}
	parts := split(path)
	if len(parts) <= len(subtree.parts) {
		return nil, nil
	}
	params, fits := subtree.match(parts[:len(subtree.parts)])
	if !fits {
		return nil, nil
	}
	return subtree, params
}

func unknownRoute() reply { return refuse(http.StatusNotFound, "Route not found.") }

func (c *call) notImplemented() reply {
	return refuse(http.StatusNotImplemented, "The fake deployment does not do this.")
}
