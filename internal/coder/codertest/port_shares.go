package codertest

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"

	"github.com/google/uuid"
)

// Port shares: ports of agents that others may open (since 2.9). They belong to the workspace, not to a build, and outlive
// stops and even the workspace's deletion.

type portShare struct {
	agent    string
	port     int
	level    string
	protocol string
}

// The levels of a port share, and "owner", which is the lowest maximum of a template.
const (
	levelOwner         = "owner"
	levelOrganization  = "organization" // since 2.24
	levelAuthenticated = "authenticated"
	levelPublic        = "public"
)

// levels are those of the release, from the fewest people to the most.
func (d *Deployment) levels() []string {
	if !d.since(2, 24) {
		return []string{levelOwner, levelAuthenticated, levelPublic}
	}
	return []string{levelOwner, levelOrganization, levelAuthenticated, levelPublic}
}

// portLevel is the highest level that the template allows (licensed).
func (t *Template) portLevel() string { return cmp.Or(t.MaxPortShareLevel, levelPublic) }

// limitPortShares follows a change of a template's highest level: shares are taken back or, by any other level than
// "authenticated", left as they are.
func (d *Deployment) limitPortShares(t *template) {
	for _, w := range d.workspaceList {
		if w.template != t {
			continue
		}
		switch t.portLevel() {
		case levelOwner:
			w.portShares = nil
		case levelAuthenticated:
			for _, s := range w.portShares {
				if s.level == levelPublic {
					s.level = levelAuthenticated
				}
			}
		}
	}
}

// portShareBody is what both requests send.
type portShareBody struct {
	AgentName  string `json:"agent_name"`
	Port       int32  `json:"port"`
	ShareLevel string `json:"share_level"`
	Protocol   string `json:"protocol"`
}

func (c *call) listPortShares() reply {
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	sorted := slices.SortedStableFunc(slices.Values(w.portShares), func(a, b *portShare) int { return a.port - b.port })
	shares := []any{}
	for _, s := range sorted {
		shares = append(shares, s.json(w))
	}
	return ok(object{"shares": shares})
}

func (s *portShare) json(w *workspace) object {
	return object{"workspace_id": w.id, "agent_name": s.agent, "port": s.port, "share_level": s.level, "protocol": s.protocol}
}

func (w *workspace) portShare(agent string, port int) *portShare {
	for _, s := range w.portShares {
		if s.agent == agent && s.port == port {
			return s
		}
	}
	return nil
}

func (c *call) putPortShare() reply {
	const lowest, highest = 9, 65535
	d := c.d
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	var b portShareBody
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	refuseField := func(field, message string) reply {
		return refuse(http.StatusBadRequest, message, validation{field, message})
	}
	rank, most := slices.Index(d.levels(), b.ShareLevel), w.template.portLevel()
	switch {
	case rank < 1: // it is not shared with its owner
		return refuseField("share_level", "Port sharing level not allowed.")
	case b.Port < lowest || b.Port > highest:
		return refuseField("port", fmt.Sprintf("Port must be between %d and %d.", lowest, highest))
	case b.Protocol != "http" && b.Protocol != "https":
		return refuse(http.StatusBadRequest, "Port protocol not allowed.")
	case rank > slices.Index(d.levels(), most):
		return refuse(http.StatusBadRequest, fmt.Sprintf("%q sharing level is not allowed under max level %q", b.ShareLevel, most))
	case !slices.ContainsFunc(agents(w.latest()), func(a *agent) bool { return a.Name == b.AgentName }):
		return refuse(http.StatusBadRequest, "Agent not found.")
	case !d.mayWrite(c.user, w):
		return unauthorizedWrite("An internal server error occurred.")
	}
	s := w.portShare(b.AgentName, int(b.Port))
	if s == nil {
		s = &portShare{agent: b.AgentName, port: int(b.Port)}
		w.portShares = append(w.portShares, s)
	}
	s.level, s.protocol = b.ShareLevel, b.Protocol
	return ok(s.json(w))
}

func (c *call) deletePortShare() reply {
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	var b portShareBody
	if rep, valid := c.decode(&b); !valid {
		return rep
	}
	s := w.portShare(b.AgentName, int(b.Port))
	switch {
	case s == nil:
		return refuse(http.StatusNotFound, "Port share not found.")
	case !c.d.mayWrite(c.user, w):
		return refuseWith(http.StatusInternalServerError, "An internal server error occurred.", "authorize context: unauthorized: rbac: forbidden")
	}
	w.portShares = slices.DeleteFunc(w.portShares, func(other *portShare) bool { return other == s })
	return reply{status: http.StatusOK}
}

// PortShare is a port of an agent that others may open.
type PortShare struct {
	Agent           string
	Port            int
	Level, Protocol string
}

// SharePort shares a port of a workspace, whether it runs or not.
func (d *Deployment) SharePort(workspace uuid.UUID, s PortShare) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.workspaces[workspace]
	w.portShares = append(w.portShares, &portShare{agent: s.Agent, port: s.Port, level: s.Level, protocol: s.Protocol})
}

// PortShares lists the shared ports of a workspace.
func (d *Deployment) PortShares(workspace uuid.UUID) []PortShare {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list []PortShare
	for _, s := range d.workspaces[workspace].portShares {
		list = append(list, PortShare{Agent: s.agent, Port: s.port, Level: s.level, Protocol: s.protocol})
	}
	return list
}
