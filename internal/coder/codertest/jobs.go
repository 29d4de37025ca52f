package codertest

import (
	"strings"
	"time"

	"github.com/google/uuid"
)

// job is a provisioner job: it imports a template version or builds a workspace.
type job struct {
	id        uuid.UUID
	created   time.Time
	started   time.Time
	completed time.Time
	canceled  time.Time
	err       string
	file      uuid.UUID
	worker    uuid.UUID
	initiator *user
	org       *organization
	build     *build   // of a build job
	version   *version // of an import job
	logs      []logLine
}

type logLine struct {
	id      int64
	created time.Time
	source  string
	level   string
	stage   string
	output  string
}

// The states of a job.
const (
	pending   = "pending"
	running   = "running"
	succeeded = "succeeded"
	canceling = "canceling"
	canceled  = "canceled"
	failed    = "failed"
)

func (j *job) status() string {
	switch {
	case j.completed.IsZero() && !j.canceled.IsZero():
		return canceling
	case j.completed.IsZero() && j.started.IsZero():
		return pending
	case j.completed.IsZero():
		return running
	case j.err != "":
		return failed
	case !j.canceled.IsZero():
		return canceled
	}
	return succeeded
}

func (j *job) active() bool { return j.completed.IsZero() }

func (j *job) finish(at time.Time, err string) {
	j.completed, j.err = at, err
	if j.started.IsZero() && err == "" && j.canceled.IsZero() {
		j.started = at
	}
}

// status of a build follows from its job and its transition.
func (b *build) status() string {
	state := b.job.status()
	names := map[string][2]string{start: {"starting", "running"}, stop: {"stopping", "stopped"}, remove: {"deleting", "deleted"}}
	switch state {
	case running:
		return names[b.transition][0]
	case succeeded:
		return names[b.transition][1]
	}
	return state
}

// HoldBuilds stops the provisioners: new jobs stay pending. HoldBuilds(false) lets them go on.
func (d *Deployment) HoldBuilds(hold bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.held = hold
	if hold {
		return
	}
	waiting := d.pending
	d.pending = nil
	for _, j := range waiting {
		d.enqueue(j)
	}
}

// FailActiveBuild ends a workspace's running build with an error, as a server does that is shut down meanwhile.
func (d *Deployment) FailActiveBuild(workspace uuid.UUID, message string) {
	d.mu.Lock()
	defer d.mu.Unlock()
	w := d.workspaces[workspace]
	if j := w.latest().job; j.active() {
		j.started, j.worker = d.now(), uuid.New()
		d.completeBuild(j, message)
	}
}

// enqueue lets a worker pick the job up a moment later.
func (d *Deployment) enqueue(j *job) {
	if d.held {
		d.pending = append(d.pending, j)
		return
	}
	d.after(min(d.options.BuildTime/10, 500*time.Millisecond), func() { d.pickUp(j) })
}

func (d *Deployment) pickUp(j *job) {
	if !j.active() {
		return
	}
	if d.held {
		d.pending = append(d.pending, j)
		return
	}
	j.started, j.worker = d.now(), uuid.New()
	d.log(j, "provisioner_daemon", "info", "Setting up", "")
	if j.build == nil {
		d.after(d.options.BuildTime, func() { d.completeImport(j) })
		return
	}
	b := j.build
	d.log(j, "provisioner", "info", d.planStage(), "Initializing the backend...")
	d.log(j, "provisioner", "info", d.planStage(), "Terraform has been successfully initialized!")
	d.notify(b.workspace)
	duration := d.options.BuildTime
	if f := b.version.BuildTime; f != nil {
		duration = f(b.transition, b.values())
	}
	d.after(duration, func() {
		if j.active() && j.canceled.IsZero() {
			d.completeBuild(j, b.outcome())
		}
	})
}

// outcome is the error of a build that runs to its end, "" when it succeeds.
func (b *build) outcome() string {
	if b.transition == remove && (b.orphan || !b.workspace.hasState) {
		return "" // nothing to destroy
	}
	if err := planError(b.version.Parameters, b.values()); err != "" {
		return err
	}
	if b.version.Fail != nil {
		return b.version.Fail(b.transition, b.values())
	}
	return ""
}

func (d *Deployment) completeImport(j *job) {
	if !j.active() {
		return
	}
	if j.version.Importing {
		return
	}
	j.finish(d.now(), j.version.ImportError)
	j.version.updated = d.now()
}

// completeBuild ends a build job, with its consequences for the workspace.
func (d *Deployment) completeBuild(j *job, failure string) {
	now, b := d.now(), j.build
	w := b.workspace
	message, reasons, _ := strings.Cut(failure, "\n")
	d.logOutcome(b, message, reasons)
	j.finish(now, message)
	b.updated = now
	if message == "" || !strings.Contains(message, "plan") {
		w.hasState = true
	}
	if message == "" && j.canceled.IsZero() {
		t := w.template
		t.durations[b.transition] = append(t.durations[b.transition], now.Sub(j.started))
		d.succeed(b, now)
	}
	d.notify(w)
}

func (d *Deployment) succeed(b *build, now time.Time) {
	w := b.workspace
	values := b.values()
	for _, r := range b.version.Resources {
		if b.transition == remove || b.transition == stop && !r.Permanent {
			continue
		}
		b.resources = append(b.resources, d.newResource(w, r, values))
	}
	if b.transition == remove {
		w.deleted = true
		w.hasState = false
		delete(d.live, w.key())
		if d.since(2, 24) { // seen on 2.35.1, not on the seed
			for _, past := range w.builds {
				for _, r := range past.resources {
					r.agents = nil
				}
			}
		}
	}
	d.planNextStart(w)
	if ttl := d.effectiveTTL(w); ttl > 0 {
		deadline := now.Add(ttl)
		// Since 2.11 a deadline beyond the next autostart counts from there.
		if d.since(2, 11) && !w.nextStart.IsZero() && w.nextStart.Before(deadline) {
			deadline = w.nextStart.Add(ttl)
		}
		d.setDeadline(b, deadline)
	}
}

func (w *workspace) key() nameKey { return nameKey{w.owner.id, strings.ToLower(w.name)} }

// effectiveTTL is the workspace's own TTL, or the template's when users have no say.
func (d *Deployment) effectiveTTL(w *workspace) time.Duration {
	if w.template.ForbidUserAutostop {
		return w.template.DefaultTTL
	}
	return w.ttl
}

// newResource makes what a build leaves behind. Apps keep their id from build to build on newer servers (seen on 2.35.1,
// not on the seed).
func (d *Deployment) newResource(w *workspace, def Resource, values map[string]string) *resource {
	now := d.now()
	r := &resource{Resource: def, id: uuid.New(), created: now, values: values}
	for _, a := range def.Agents {
		n := &agent{Agent: a, id: uuid.New(), status: "connecting", lifecycle: "created", created: now, updated: now}
		if d.options.AgentsReady {
			n.set("connected", "ready", now)
		}
		for _, app := range a.Apps {
			id := uuid.New()
			if d.since(2, 24) {
				id = uuid.NewSHA1(w.id, []byte(def.Name+"/"+a.Name+"/"+app.Slug))
			}
			n.appIDs = append(n.appIDs, id)
		}
		r.agents = append(r.agents, n)
	}
	return r
}

// buildOrder is what a new build is made of.
type buildOrder struct {
	transition string
	reason     string
	version    *version
	initiator  *user
	preset     *preset
	parameters []parameterValue
	orphan     bool
}

// newBuild queues a build. The caller has checked that none is active.
func (d *Deployment) newBuild(w *workspace, o buildOrder) *build {
	now := d.now()
	b := &build{
		id: uuid.New(), workspace: w, number: len(w.builds) + 1, inserted: d.tickSequence(), transition: o.transition, reason: o.reason, version: o.version,
		initiator: o.initiator, preset: o.preset, parameters: o.parameters, orphan: o.orphan, created: now, updated: now,
	}
	if b.preset == nil && !w.isPrebuild() {
		b.preset = d.matchingPreset(o.version, b.values())
	}
	b.job = &job{id: uuid.New(), created: now, file: o.version.job.file, initiator: o.initiator, org: w.org, build: b}
	w.builds = append(w.builds, b)
	d.builds[b.id] = b
	d.enqueue(b.job)
	d.notify(w)
	return b
}

// setDeadline also plans the build that stops the workspace then.
func (d *Deployment) setDeadline(b *build, deadline time.Time) {
	if !b.maxDeadline.IsZero() && deadline.After(b.maxDeadline) {
		deadline = b.maxDeadline
	}
	b.deadline = deadline
	w := b.workspace
	if b.transition != start {
		return
	}
	d.at(deadline, func() {
		if w.deleted || w.latest() != b || !b.deadline.Equal(deadline) || b.job.status() != succeeded {
			return
		}
		d.automaticBuild(w, stop, "autostop", b.version)
	})
}

// planNextStart computes when the schedule starts the workspace next and plans that.
func (d *Deployment) planNextStart(w *workspace) {
	w.nextStart = time.Time{}
	if w.schedule == "" || w.template.ForbidUserAutostart {
		return
	}
	next := nextRun(w.schedule, d.now())
	if next.IsZero() {
		return
	}
	w.nextStart = next
	d.at(next, func() {
		if !w.nextStart.Equal(next) || w.deleted {
			return
		}
		b := w.latest()
		if b.transition == stop && b.job.status() == succeeded && w.dormantAt.IsZero() {
			v := b.version
			if w.automaticUpdates == "always" || w.template.RequireActiveVersion {
				v = w.template.active
			}
			d.automaticBuild(w, start, "autostart", v)
		}
		d.planNextStart(w)
	})
}

// automaticBuild is a build that nobody asked for, with the parameters of the previous one.
func (d *Deployment) automaticBuild(w *workspace, transition, reason string, v *version) {
	parameters, problem := d.resolve(w, v, nil, nil)
	if problem != nil {
		return
	}
	d.newBuild(w, buildOrder{transition: transition, reason: reason, version: v, initiator: w.owner, parameters: parameters})
}

func (d *Deployment) planStage() string {
	if d.since(2, 0) {
		return "Planning Infrastructure"
	}
	return "Planning infrastructure"
}

func (d *Deployment) log(j *job, source, level, stage, output string) {
	d.logSequence++
	j.logs = append(j.logs, logLine{d.logSequence, d.now().Truncate(time.Millisecond), source, level, stage, output})
}

// logOutcome writes the end of a build's log: Coder's job error says little, the reason stands in error lines.
func (d *Deployment) logOutcome(b *build, message, reasons string) {
	j, plan := b.job, strings.Contains(message, "plan")
	working := map[string]string{start: "Starting workspace", stop: "Stopping workspace", remove: "Deleting workspace"}[b.transition]
	stage := d.planStage()
	if !plan {
		d.log(j, "provisioner_daemon", "info", working, "")
		stage = working
	}
	for _, r := range b.version.Resources {
		if !plan {
			d.log(j, "provisioner", "info", stage, r.Type+"."+r.Name+": "+strings.TrimSuffix(working, " workspace")+"...")
		}
	}
	switch {
	case message != "" && reasons != "":
		for line := range strings.SplitSeq(reasons, "\n") {
			d.log(j, "provisioner", "error", stage, line)
		}
	case message != "":
		d.log(j, "provisioner", "error", stage, "Error: "+message)
	case !plan:
		d.log(j, "provisioner", "info", stage, "Apply complete!")
	}
	d.log(j, "provisioner_daemon", "info", "Cleaning Up", "")
}
