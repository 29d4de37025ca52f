package codertest

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// What other people do in the middle of a test. All of it can be called from Fault.Before.

// BuildRequest is what somebody wants of a build. The zero value leaves everything as the previous build had it.
type BuildRequest struct {
	// VersionID is the template version.
	VersionID uuid.UUID
	// Preset is the name of a preset of that version.
	Preset     string
	Parameters map[string]string
}

// Build queues a build ("start", "stop" or "delete") for a user, as the dashboard does: with the user's rights and the same
// checks as a request. It returns the build's id, or the reason why there is none.
func (d *Deployment) Build(workspace uuid.UUID, username, transition string, r BuildRequest) (uuid.UUID, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.workspaces[workspace]
	c := &call{d: d, user: d.usersByName[strings.ToLower(username)], arrival: d.tickSequence()}
	switch {
	case !slices.Contains([]string{start, stop, remove}, transition):
		return uuid.Nil, fmt.Errorf("codertest: transition %q", transition)
	case !d.mayRead(c.user, w):
		return uuid.Nil, notFound().asError()
	}
	b := buildBody{transition: transition, versionID: r.VersionID, reason: "initiator"}
	if d.since(2, 25) && transition != remove {
		b.reason = "dashboard"
	}
	for _, name := range sortedNames(r.Parameters) {
		b.parameters = append(b.parameters, parameterValue{name, r.Parameters[name]})
	}
	if r.Preset != "" && d.since(2, 22) {
		v, rep, usable := c.versionToBuild(w, r.VersionID)
		if !usable {
			return uuid.Nil, rep.asError()
		}
		b.presetID = v.presetNamed(r.Preset).id
	}
	n, rep, queued := c.requestBuild(w, b)
	if !queued {
		return uuid.Nil, rep.asError()
	}
	return n.id, nil
}

// CancelActiveBuild cancels a workspace's build, as the dashboard does. A pending one ends as canceled at once, a running
// one a moment later as failed: Terraform is interrupted. Without an active build nothing happens.
func (d *Deployment) CancelActiveBuild(workspace uuid.UUID) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if j := d.workspaces[workspace].latest().job; j.active() && j.canceled.IsZero() {
		d.cancel(j)
	}
}

// cancel marks an active build's job as canceled.
func (d *Deployment) cancel(j *job) {
	w := j.build.workspace
	j.canceled = d.now()
	if j.started.IsZero() {
		j.completed = j.canceled
		d.planNextStart(w)
	} else {
		d.after(min(d.options.BuildTime/10, time.Second), func() {
			if j.active() {
				d.completeBuild(j, ApplyFailed+"\nError: execution halted")
			}
		})
	}
	d.notify(w)
}

// asError is a refusal for the caller of a Go method.
func (r reply) asError() error {
	p, isProblem := r.body.(problem)
	if !isProblem {
		return errors.New("codertest: refused")
	}
	text := fmt.Sprintf("codertest: %d %s", r.status, p.Message)
	if p.Detail != "" {
		text += ": " + p.Detail
	}
	for _, v := range p.Validations {
		text += fmt.Sprintf("; %s: %s", v.Field, v.Detail)
	}
	return errors.New(text)
}
