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

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// TestReplay sends the requests of real servers' recordings, in order, to a deployment prepared alike, and compares the
// answers: status, JSON shape (keys, types, null or absent), message with validations, and values.
//
// Every exchange that differs stands in the script's table with the reason; so does none that does not differ.
func TestReplay(t *testing.T) {
	t.Parallel()
	scripts := map[string]*script{"seed": seedScript(), "v2.35.1": newestScript()}
	for _, release := range []string{"seed", "v2.8.1", "v2.21.1", "v2.35.1"} {
		scripts[release+"-sharing"] = sharingScript(release)
	}
	for name, s := range scripts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			exchanges := readRecording(t, ownRecording(name))
			release, _, _ := strings.Cut(name, "-sharing")
			synctest.Test(t, func(t *testing.T) {
				p := newPlayer(t, release, s, exchanges, true)
				defer p.d.Close()
				p.play()
			})
		})
	}
}

// TestReplayMore reports on recordings of the same form in the folder named by CODERTEST_RECORDINGS. Differences do not fail
// it: nobody has looked at them yet. Exchanges of the sessions that testdata has are replayed among those; see between.
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
			s, name := newestScript(), "v2.35.1"
			if strings.HasPrefix(version, "v0.") {
				s, name = seedScript(), "seed"
			}
			exchanges = between(readRecording(t, ownRecording(name)), exchanges)
			synctest.Test(t, func(t *testing.T) {
				p := newPlayer(t, version, s, exchanges, false)
				defer p.d.Close()
				p.play()
			})
		})
	}
}

// ownRecording is the file of a recording that this package keeps.
func ownRecording(name string) string { return filepath.Join("testdata", "recordings", name+".jsonl") }

// player sends a recording to a deployment.
type player struct {
	t         *testing.T
	d         *codertest.Deployment
	script    *script
	exchanges []*exchange
	ids       map[string]string // recorded id → ours
	members   map[string]codertest.User
	known     map[string]recordedWorkspace
	made      map[string]bool // templates that the recording itself makes, by recorded id
	strict    bool            // differences are errors
	raced     map[string][]raced
}

// recordedWorkspace is what a recording tells about a workspace anywhere in it.
type recordedWorkspace struct {
	id, name, owner      string
	template, templateID string
	ttl                  any
	builds               map[string]int
}

func newPlayer(t *testing.T, version string, s *script, exchanges []*exchange, strict bool) *player {
	t.Helper()
	for _, e := range exchanges {
		if !e.latest.IsZero() {
			pass(time.Until(e.latest)) // the bubble's time begins with the century
			break
		}
	}
	p := &player{t: t, strict: strict, script: s, exchanges: exchanges, ids: map[string]string{}, members: map[string]codertest.User{}, known: map[string]recordedWorkspace{}, raced: map[string][]raced{}, made: map[string]bool{}}
	p.d = codertest.New(codertest.Options{Version: version, BuildTime: 2 * time.Second, RateLimit: s.rateLimit, Import: s.imports})
	s.prepare(p)
	p.survey()
	return p
}

// play sends everything; in strict mode the script's table of differences must be exact.
func (p *player) play() {
	p.t.Helper()
	agreed := map[string]int{}
	n, whole := 0, 0
	expected := map[string]deviation{}
	for _, d := range p.script.deviations {
		expected[d.seq] = d
	}
	for i, e := range p.exchanges {
		status, body, answered := p.exchange(i, e)
		if !e.around {
			n++
		}
		if !answered {
			continue
		}
		differences := p.compare(e, status, body)
		if e.around {
			continue
		}
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
			if listed && p.strict {
				p.t.Errorf("%s is listed as different (%s), but agrees now", e.Seq, known.reason)
			}
		case !p.strict:
			p.t.Logf("%s %s %s:\n\t%s", e.Seq, e.Request.Method, e.Request.Path, describe(differences))
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
	if p.strict {
		for seq := range expected {
			p.t.Errorf("%s is listed as different, but the recording has no such exchange", seq)
		}
	}
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
	defer func() {
		if r := recover(); r != nil {
			p.complain("%s: %v", e.Seq, r)
			answered = false
		}
	}()
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

// complain reports what keeps the harness from doing its work.
func (p *player) complain(format string, args ...any) {
	p.t.Helper()
	if p.strict {
		p.t.Errorf(format, args...)
	} else {
		p.t.Logf(format, args...)
	}
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
	r := httptest.NewRequestWithContext(p.t.Context(), method, "/api/v2"+path, strings.NewReader(body))
	r.Header.Set("Coder-Session-Token", p.members[username].Token)
	if path == "/files" {
		r.Header.Set("Content-Type", "application/x-tar")
	}
	_, answer, _ := p.send(r)
	return answer
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
