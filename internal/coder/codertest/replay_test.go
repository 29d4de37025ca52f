package codertest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// TestReplay sends the requests of real servers' recordings, in order, to a deployment prepared alike, and compares the
// answers: status, JSON shape (keys, types, null or absent), message with validations, and values.
//
// Every exchange that differs stands in the script's table with the reason; so does none that does not differ.
func TestReplay(t *testing.T) {
	t.Parallel()
	for name, s := range map[string]*script{"seed": seedScript(), "v2.35.1": newestScript()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exchanges := readRecording(t, filepath.Join("testdata", "recordings", name+".jsonl"))
			synctest.Test(t, func(t *testing.T) {
				p := newPlayer(t, name, s, exchanges)
				defer p.d.Close()
				p.play(true)
			})
		})
	}
}

// TestReplayMore reports on recordings of the same form in the folder named by CODERTEST_RECORDINGS. Differences do not fail
// it: nobody has looked at them yet.
func TestReplayMore(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("CODERTEST_RECORDINGS")
	if folder == "" {
		t.Skip("CODERTEST_RECORDINGS names no folder")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no *.jsonl in %s (%v)", folder, err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			exchanges := readRecording(t, file)
			version := "v2.35.1"
			for _, e := range exchanges {
				for key, value := range e.Response.Headers {
					if strings.EqualFold(key, "X-Coder-Build-Version") {
						version = value
					}
				}
			}
			s := newestScript()
			if strings.HasPrefix(version, "v0.") {
				s = seedScript()
			}
			synctest.Test(t, func(t *testing.T) {
				p := newPlayer(t, version, s, exchanges)
				defer p.d.Close()
				p.play(false)
			})
		})
	}
}

// player sends a recording to a deployment.
type player struct {
	t         *testing.T
	d         *codertest.Deployment
	script    *script
	exchanges []*exchange
	ids       map[string]string // recorded id → ours
	members   map[string]codertest.User
	known     map[string]recordedWorkspace
	raced     map[string][]raced
}

// recordedWorkspace is what a recording tells about a workspace anywhere in it.
type recordedWorkspace struct {
	id, name, owner, template string
	ttl                       any
	builds                    map[string]int
}

func newPlayer(t *testing.T, version string, s *script, exchanges []*exchange) *player {
	t.Helper()
	for _, e := range exchanges {
		if !e.latest.IsZero() {
			time.Sleep(time.Until(e.latest)) // the bubble's time begins with the century
			break
		}
	}
	p := &player{t: t, script: s, exchanges: exchanges, ids: map[string]string{}, members: map[string]codertest.User{}, known: map[string]recordedWorkspace{}, raced: map[string][]raced{}}
	p.d = codertest.New(codertest.Options{Version: version, BuildTime: 2 * time.Second, RateLimit: s.rateLimit, Import: s.imports})
	s.prepare(p)
	p.survey()
	return p
}

// survey learns what the recording's ids stand for: the organization, users and templates by name, and what there is to know
// about workspaces that were made outside of the recording.
func (p *player) survey() {
	for _, e := range p.exchanges {
		objects(e.Response.Body, func(o map[string]any) {
			id, _ := o["id"].(string)
			name, _ := o["name"].(string)
			switch {
			case o["latest_build"] != nil:
				p.surveyWorkspace(id, name, o)
			case o["username"] != nil:
				if u, found := p.members[fmt.Sprint(o["username"])]; found {
					p.ids[id] = u.ID.String()
				}
			}
		})
		if p.mapped(e.Request.Path, "/templates") {
			objects(e.Response.Body, func(o map[string]any) {
				if info, found := p.script.templates[fmt.Sprint(o["name"])]; found && o["active_version_id"] != nil {
					p.ids[fmt.Sprint(o["id"])] = info.ID.String()
					p.ids[fmt.Sprint(o["organization_id"])] = info.OrganizationID.String()
					if first := fmt.Sprint(o["active_version_id"]); p.ids[first] == "" {
						p.ids[first] = info.ActiveVersionID.String()
					}
				}
			})
		}
	}
	for recorded, name := range p.script.ids {
		p.ids[recorded] = name(p)
	}
}

// mapped: only what was there from the beginning has a name known to the script.
func (p *player) mapped(path, part string) bool { return strings.Contains(path, part) }

func (p *player) surveyWorkspace(id, name string, o map[string]any) {
	w, seen := p.known[id]
	if !seen {
		w = recordedWorkspace{id: id, name: name, owner: fmt.Sprint(o["owner_name"]), template: fmt.Sprint(o["template_name"]), ttl: o["ttl_ms"], builds: map[string]int{}}
	}
	b := o["latest_build"].(map[string]any)
	w.builds[fmt.Sprint(b["id"])] = int(b["build_number"].(float64))
	p.known[id] = w
}

// play sends everything; in strict mode the script's table of differences must be exact.
func (p *player) play(strict bool) {
	p.t.Helper()
	agreed := map[string]int{}
	whole := 0
	expected := map[string]deviation{}
	for _, d := range p.script.deviations {
		expected[d.seq] = d
	}
	for i, e := range p.exchanges {
		status, body, answered := p.exchange(i, e)
		if !answered {
			continue
		}
		differences := p.compare(e, status, body)
		aspects := map[string]bool{}
		for _, d := range differences {
			aspects[d.aspect] = true
		}
		for _, a := range []string{differsInStatus, differsInShape, differsInMessage, differsInValue} {
			if !aspects[a] {
				agreed[a]++
			}
		}
		known, listed := expected[e.Seq]
		delete(expected, e.Seq)
		switch {
		case len(differences) == 0:
			whole++
			if listed && strict {
				p.t.Errorf("%s is listed as different (%s), but agrees now", e.Seq, known.reason)
			}
		case !strict:
			p.t.Logf("%s %s %s: %v", e.Seq, e.Request.Method, e.Request.Path, differences)
		case !listed:
			p.t.Errorf("%s %s %s:\n\t%s", e.Seq, e.Request.Method, e.Request.Path, describe(differences))
		default:
			for _, d := range differences {
				if !strings.Contains(known.aspects, d.aspect) {
					p.t.Errorf("%s differs in %s, listed are %s: %s", e.Seq, d.aspect, known.aspects, d.text)
				}
			}
			p.t.Logf("%s differs in %s: %s", e.Seq, known.aspects, known.reason)
		}
	}
	if strict {
		for seq := range expected {
			p.t.Errorf("%s is listed as different, but the recording has no such exchange", seq)
		}
	}
	n := len(p.exchanges)
	p.t.Logf("%d exchanges: same status %d, shape %d, message %d, values %d; all of it %d", n,
		agreed[differsInStatus], agreed[differsInShape], agreed[differsInMessage], agreed[differsInValue], whole)
}

func describe(list []difference) string {
	var lines []string
	for i, d := range list {
		if i == 12 {
			lines = append(lines, fmt.Sprintf("and %d more", len(list)-i))
			break
		}
		lines = append(lines, d.aspect+" "+d.text)
	}
	return strings.Join(lines, "\n\t")
}

// exchange prepares for and sends one recorded request. A recorded stream is only opened.
func (p *player) exchange(i int, e *exchange) (status int, body any, answered bool) {
	p.script.before(p, e)
	p.introduce(e)
	p.reconcile(i, e)
	p.wait(e)
	if race := raceOf(e); race != "" {
		return p.race(race, e)
	}
	if strings.HasSuffix(e.Request.Path, "/templateversions") && e.Request.Method == http.MethodPost {
		p.script.uploaded = time.Now()
	}
	r := p.request(e)
	p.sign(r, e)
	if strings.HasSuffix(e.Request.Path, "/watch") && e.Response.Status == http.StatusOK {
		return p.open(r), normal(e.Response.Body), true
	}
	return p.send(r)
}

func (p *player) send(r *http.Request) (status int, body any, answered bool) {
	w := httptest.NewRecorder()
	p.d.ServeHTTP(w, r)
	if json.Unmarshal(w.Body.Bytes(), &body) != nil {
		body = w.Body.String()
	}
	return w.Code, body, true
}

// raceOf names the group of simultaneous requests that an exchange is part of.
func raceOf(e *exchange) string {
	group := regexp.MustCompile(`race-[a-z]+`).FindString(e.Seq)
	return group
}

// race sends all requests of a group at once with the first one, and hands out the answers by status: which of them wins
// is chance.
func (p *player) race(group string, e *exchange) (status int, body any, answered bool) {
	if p.raced[group] == nil {
		p.raced[group] = p.sendTogether(group)
	}
	answers := p.raced[group]
	chosen := 0
	for i, a := range answers {
		if a.status == e.Response.Status {
			chosen = i
		}
	}
	a := answers[chosen]
	p.raced[group] = slices.Delete(answers, chosen, chosen+1)
	return a.status, a.body, true
}

func (p *player) sendTogether(group string) []raced {
	var requests []*http.Request
	for _, e := range p.exchanges {
		if raceOf(e) == group {
			r := p.request(e)
			p.sign(r, e)
			requests = append(requests, r)
		}
	}
	var arrived, done sync.WaitGroup
	arrived.Add(len(requests))
	p.d.AddFault(codertest.Fault{Before: func(*http.Request) {
		arrived.Done()
		arrived.Wait()
	}})
	answers := make([]raced, len(requests))
	for i, r := range requests {
		done.Go(func() { answers[i].status, answers[i].body, _ = p.send(r) })
	}
	done.Wait()
	p.d.ClearFaults()
	return answers
}

// raced is the answer to one of several simultaneous requests.
type raced struct {
	status int
	body   any
}

// admin sends a request of the harness's own.
func (p *player) admin(method, path, body string) any { return p.as("admin", method, path, body) }

func (p *player) as(username, method, path, body string) any {
	r := httptest.NewRequest(method, "/api/v2"+path, strings.NewReader(body))
	r.Header.Set("Coder-Session-Token", p.members[username].Token)
	if path == "/files" {
		r.Header.Set("Content-Type", "application/x-tar")
	}
	_, answer, _ := p.send(r)
	return answer
}

// sign gives a request the session it was recorded with.
func (p *player) sign(r *http.Request, e *exchange) {
	token := p.d.Token()
	if e.Request.As == "none" {
		token = ""
	}
	if caller := p.caller(e); caller != "admin" {
		token = p.members[caller].Token
	}
	if s, special := p.script.sessions[e.Seq]; special {
		token = s(p, r)
	}
	if token != "" {
		r.Header.Set("Coder-Session-Token", token)
	}
}

// caller is the name of the user who sent a request, as far as it was a valid session.
func (p *player) caller(e *exchange) string {
	for prefix, username := range p.script.callers {
		if strings.HasPrefix(e.Seq, prefix) {
			return username
		}
	}
	if e.Request.As == "other" {
		return p.script.other
	}
	return "admin"
}

// open reads a stream's first moment.
func (p *player) open(r *http.Request) int {
	w := httptest.NewRecorder()
	done := make(chan struct{})
	go func() {
		defer close(done)
		p.d.ServeHTTP(w, r)
	}()
	synctest.Wait()
	p.d.CloseWatches()
	<-done
	return w.Code
}

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
		p.t.Errorf("workspace %s, which was made outside of the recording: %v", w.name, answer)
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
		time.Sleep(time.Second)
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
		time.Sleep(time.Second)
	}
	if !p.script.stuck {
		p.t.Errorf("builds do not end")
	}
}

// workspace finds a live workspace by name.
func (p *player) workspace(name string) uuid.UUID {
	for _, w := range p.d.Workspaces() {
		if !w.Deleted && w.Name == name {
			return w.ID
		}
	}
	p.t.Errorf("no workspace %q", name)
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
