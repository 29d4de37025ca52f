package codertest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"
)

// build finds the build of the path if the caller may read its workspace.
func (c *call) build() (*build, reply, bool) {
	id, rep, valid := c.id("workspacebuild")
	if !valid {
		return nil, rep, false
	}
	b := c.d.builds[id]
	if b == nil || !c.d.mayRead(c.user, b.workspace) {
		return nil, notFound(), false
	}
	return b, reply{}, true
}

func (c *call) getBuild() reply {
	b, rep, found := c.build()
	if !found {
		return rep
	}
	return ok(c.d.buildJSON(b, single))
}

func (c *call) buildByNumber() reply {
	w, rep, found := c.namedWorkspace(false)
	if !found {
		return rep
	}
	raw := c.params["buildnumber"]
	n, err := strconv.ParseInt(raw, 10, 32)
	if err != nil {
		return refuseWith(http.StatusBadRequest, "Failed to parse build number as integer.", err.Error())
	}
	if n < 1 || int(n) > len(w.builds) {
		return refuse(http.StatusNotFound, fmt.Sprintf("Workspace %q Build %d does not exist.", w.name, n))
	}
	return ok(c.d.buildJSON(w.builds[n-1], full))
}

func (c *call) listBuilds() reply {
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	page, rep, valid := c.page()
	if !valid {
		return rep
	}
	query := c.r.URL.Query()
	var since time.Time
	if raw := query.Get("since"); raw != "" {
		t, err := time.Parse(time.RFC3339, raw)
		if err != nil {
			return refuseWith(http.StatusBadRequest, "bad `since` format, must be RFC3339", err.Error())
		}
		since = t
	}
	after := 0
	if raw := query.Get("after_id"); raw != "" {
		id, _ := uuid.Parse(raw)
		b := c.d.builds[id]
		if b == nil || b.workspace != w {
			return refuse(http.StatusBadRequest, fmt.Sprintf(`Record at "after_id" (%q) does not exist.`, raw))
		}
		after = b.number
	}
	list := []any{}
	skipped := 0
	for _, b := range slices.Backward(w.builds) {
		if b.number <= after || b.created.Before(since) {
			continue
		}
		if skipped < page.offset {
			skipped++
			continue
		}
		if page.limit > 0 && len(list) == page.limit {
			break
		}
		list = append(list, c.d.buildJSON(b, full))
	}
	return ok(list)
}

func (c *call) buildParameters() reply {
	b, rep, found := c.build()
	if !found {
		return rep
	}
	list := make([]parameterValue, len(b.parameters))
	copy(list, b.parameters)
	return ok(list)
}

func (c *call) buildResources() reply {
	b, rep, found := c.build()
	if !found {
		return rep
	}
	if b.job.active() {
		return refuse(http.StatusBadRequest, "Job hasn't completed!")
	}
	return ok(c.d.resourcesJSON(b))
}

func (c *call) buildLogs() reply {
	b, rep, found := c.build()
	if !found {
		return rep
	}
	query := c.r.URL.Query()
	if query.Has("follow") { // its mere presence asks for a WebSocket
		return reply{status: http.StatusUpgradeRequired, text: "WebSocket protocol violation: Connection header \"\" does not contain Upgrade\n"}
	}
	after := int64(0)
	if raw := query.Get("after"); raw != "" {
		n, err := strconv.ParseInt(raw, 10, 64)
		if err != nil {
			return refuse(http.StatusBadRequest, "Query param \"after\" must be an integer.", validation{"after", "Must be an integer"})
		}
		after = n
	}
	lines := []any{}
	for _, l := range b.job.logs {
		if l.id > after {
			lines = append(lines, object{
				"id": l.id, "created_at": l.created, "log_source": l.source, "log_level": l.level, "stage": l.stage, "output": l.output,
			})
		}
	}
	return ok(lines)
}

// buildTimings tells how long the stages of a finished build took.
func (c *call) buildTimings() reply {
	b, rep, found := c.build()
	if !found {
		return rep
	}
	return ok(b.timings())
}

// workspaceTimings are those of the latest build.
func (c *call) workspaceTimings() reply {
	w, rep, found := c.workspace()
	if !found {
		return rep
	}
	return ok(w.latest().timings())
}

func (b *build) timings() object {
	stages := []any{}
	if j := b.job; !j.active() && !j.started.IsZero() {
		third := j.completed.Sub(j.started) / 3
		for i, stage := range []string{"init", "plan", "apply"} {
			stages = append(stages, object{
				"action": "terraform", "job_id": j.id, "resource": "coder_stage_" + stage, "source": "coder", "stage": stage,
				"started_at": j.started.Add(time.Duration(i) * third), "ended_at": j.started.Add(time.Duration(i+1) * third),
			})
		}
	}
	return object{"provisioner_timings": stages, "agent_script_timings": []any{}, "agent_connection_timings": []any{}}
}

func (c *call) cancelBuild() reply {
	d := c.d
	b, rep, found := c.build()
	if !found {
		return rep
	}
	w, j := b.workspace, b.job
	if !d.mayWrite(c.user, w) {
		return notFound()
	}
	expect := c.r.URL.Query().Get("expect_status")
	if d.since(2, 25) && expect != "" {
		if expect != running && expect != pending {
			return refuse(http.StatusBadRequest, fmt.Sprintf("Invalid expect_status %q. Only 'running' or 'pending' are allowed.", expect))
		}
	}
	switch {
	case !w.template.AllowUserCancel && !c.user.isOwner():
		return refuse(http.StatusForbidden, "User is not allowed to cancel workspace builds. Owner role is required.")
	case !j.completed.IsZero():
		return refuse(http.StatusBadRequest, "Job has already completed!")
	case !j.canceled.IsZero():
		return refuse(http.StatusBadRequest, "Job has already been marked as canceled!")
	case d.since(2, 25) && expect != "" && expect != j.status():
		return refuse(http.StatusPreconditionFailed, "Job is not in the expected state.")
	}
	d.cancel(j)
	return ok(problem{Message: "Job has been marked as canceled..."})
}

var _ json.Marshaler = rawTime{}

// rawTime is written with the time's own precision, null when it is zero.
type rawTime struct{ time.Time }

func (t rawTime) MarshalJSON() ([]byte, error) {
	if t.IsZero() {
		return []byte("null"), nil
	}
	return t.Time.MarshalJSON()
}
