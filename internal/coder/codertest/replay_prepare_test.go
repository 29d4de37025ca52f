package codertest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// introduce makes workspaces that the recording uses but did not make: they were made outside of it.
func (p *player) introduce(e *exchange) {
	if e.Response.Status == http.StatusNotFound {
		return
	}
	for _, id := range uuidPattern.FindAllString(e.Request.Path, -1) {
		for _, w := range p.known {
			number, build := w.builds[id]
			if p.ids[id] != "" || w.id != id && !build {
				continue
			}
			if p.ids[w.id] == "" {
				p.make(w)
			}
			if build && p.ids[id] == "" {
				b := p.admin("GET", fmt.Sprintf("/users/%s/workspace/%s/builds/%d", w.owner, w.name, number), "")
				if m, isObject := b.(map[string]any); isObject {
					p.ids[id] = fmt.Sprint(m["id"])
				}
			}
		}
	}
}

func (p *player) make(w recordedWorkspace) {
	template := p.script.templates[w.template]
	ttl, _ := json.Marshal(w.ttl)
	answer := p.as(w.owner, "POST", fmt.Sprintf("/organizations/%s/members/%s/workspaces", p.d.OrganizationID(), w.owner),
		fmt.Sprintf(`{"name":%q,"template_id":%q,"ttl_ms":%s}`, w.name, template.ID, ttl))
	m, isObject := answer.(map[string]any)
	if !isObject || m["id"] == nil {
		p.complain("workspace %s, which was made outside of the recording: %v", w.name, answer)
		return
	}
	p.ids[w.id] = fmt.Sprint(m["id"])
	p.ids[firstBuild(w)] = fmt.Sprint(m["latest_build"].(map[string]any)["id"])
}

func firstBuild(w recordedWorkspace) string {
	for id, number := range w.builds {
		if number == 1 {
			return id
		}
	}
	return ""
}

// reconcile deletes workspaces that were deleted outside of the recording: those whose name a recorded create could reuse,
// and those that the next complete list does not have.
func (p *player) reconcile(i int, e *exchange) {
	body, _ := e.Request.Body.(map[string]any)
	if e.Request.Method == http.MethodPost && strings.HasSuffix(e.Request.Path, "/workspaces") && e.Response.Status == http.StatusCreated && raceOf(e) == "" {
		for _, w := range p.d.Workspaces() {
			if !w.Deleted && w.Owner == "admin" && strings.EqualFold(w.Name, fmt.Sprint(body["name"])) {
				p.remove(w.ID)
			}
		}
	}
	if !isList(e) || e.Response.Status != http.StatusOK {
		return
	}
	for _, next := range p.exchanges[i:] {
		if !isList(next) {
			break
		}
		rows, _ := next.Response.Body.(map[string]any)
		list, complete := rows["workspaces"].([]any)
		if !complete || len(list) == 0 || p.caller(next) != p.caller(e) ||
			strings.Contains(fmt.Sprint(next.Request.Path, next.Request.Query), "q") || float64(len(list)) != rows["count"] {
			continue
		}
		keep := map[string]bool{}
		for _, row := range list {
			id := fmt.Sprint(row.(map[string]any)["id"])
			if p.ids[id] == "" {
				p.make(p.known[id])
				p.settle()
			}
			keep[p.ids[id]] = true
		}
		for _, w := range p.d.Workspaces() {
			if mine := p.caller(e) == "admin" || p.caller(e) == w.Owner; mine && !w.Deleted && !keep[w.ID.String()] {
				p.remove(w.ID)
			}
		}
		return
	}
}

func isList(e *exchange) bool {
	path, _, _ := strings.Cut(e.Request.Path, "?")
	return e.Request.Method == http.MethodGet && strings.TrimSuffix(path, "/") == "/api/v2/workspaces"
}

func (p *player) remove(id uuid.UUID) {
	p.settle()
	p.admin("POST", "/workspaces/"+id.String()+"/builds", `{"transition":"delete","orphan":true}`)
	p.settle()
}

// wait lets the time pass that had passed before the recorded exchange, as far as its answer shows it.
func (p *player) wait(e *exchange) {
	answer, _ := e.Response.Body.(map[string]any)
	message, _ := answer["message"].(string)
	job := recordedJob(answer)
	path := e.Request.Path
	switch {
	case strings.Contains(message, "already active"), strings.Contains(message, "still building"), strings.Contains(message, "already been marked"),
		strings.Contains(e.Seq, "while-building"), strings.Contains(e.Seq, "while-pending"), strings.HasSuffix(e.Seq, "-again") && strings.Contains(e.Seq, "cancel"),
		strings.Contains(message, "Job hasn't completed"), strings.Contains(e.Seq, "cancel-at-once"):
	case strings.Contains(e.Seq, "no-provisioner"), (job == "pending" || job == "canceling") && e.Request.Method == http.MethodGet:
	case strings.Contains(message, "version is running"), strings.Contains(message, "Job has been marked as canceled"),
		e.Request.Method != http.MethodPost && job == "running":
		pass(time.Second)
	case strings.HasSuffix(path, "/cancel") && !strings.Contains(message, "completed"):
	case strings.Contains(path, "/watch"), p.raced[raceOf(e)] != nil:
	default:
		p.settle()
	}
	synctest.Wait()
}

// recordedJob is the status of the job that an answer shows.
func recordedJob(answer map[string]any) string {
	build, nested := answer["latest_build"].(map[string]any)
	if !nested {
		build = answer
	}
	job, _ := build["job"].(map[string]any)
	status, _ := job["status"].(string)
	return status
}

// settle waits until no job is active, a slow one included.
func (p *player) settle() {
	for range 100 {
		busy := p.importing()
		for _, w := range p.d.Workspaces() {
			switch w.Status {
			case "pending", "starting", "stopping", "deleting", "canceling":
				busy = true
			}
		}
		if !busy {
			return
		}
		pass(time.Second)
	}
	if !p.script.stuck {
		p.complain("builds do not end")
	}
}

// workspace finds a live workspace by name.
func (p *player) workspace(name string) uuid.UUID {
	for _, w := range p.d.Workspaces() {
		if !w.Deleted && w.Name == name {
			return w.ID
		}
	}
	p.complain("no workspace %q", name)
	return uuid.Nil
}

// owner is the user "admin".
func (p *player) owner() codertest.User {
	p.members["admin"] = codertest.User{Username: "admin", Token: p.d.Token()}
	me := p.admin("GET", "/users/me", "").(map[string]any)
	return codertest.User{ID: uuid.MustParse(me["id"].(string)), Username: "admin", Token: p.d.Token()}
}

// importing: template versions of the recording are imported within three seconds.
func (p *player) importing() bool {
	return time.Since(p.script.uploaded) < 3*time.Second
}
