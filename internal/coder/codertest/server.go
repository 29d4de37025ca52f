package codertest

import (
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// Deployment is a Coder server in memory. It is an http.Handler and safe for concurrent use. Its time-driven parts run on
// timers: call Close when it is no longer needed, and before closing the server in front of it, since that waits for the
// watch streams which Close ends.
type Deployment struct {
	options Options
	version string
	release release
	id      uuid.UUID
	admin   *user
	token   string
	routes  []*route

	mu            sync.Mutex
	closed        bool
	done          chan struct{} // closed by Close
	offset        time.Duration
	agenda        []event // by time
	timer         *time.Timer
	held          bool
	pending       []*job // jobs without a worker while the provisioners are held
	defaultOrg    *organization
	orgs          []*organization
	groups        map[uuid.UUID]*group
	users         map[uuid.UUID]*user
	usersByName   map[string]*user
	tokens        map[string]*session
	tokenIDs      map[string]bool
	madeTokens    []string
	templates     map[uuid.UUID]*template
	templateList  []*template
	versions      map[uuid.UUID]*version
	files         map[uuid.UUID][]byte
	fileIDs       map[string]uuid.UUID
	workspaces    map[uuid.UUID]*workspace
	workspaceList []*workspace
	live          map[nameKey]*workspace
	builds        map[uuid.UUID]*build
	logSequence   int64
	sequence      int64 // of arrivals and insertions
	requests      []*Request
	faults        []*fault
	limits        map[string]*window
	watchers      map[*watcher]bool
	inactivity    map[*template]time.Duration
}

// nameKey is what is unique among the workspaces that are not deleted.
type nameKey struct {
	owner uuid.UUID
	name  string // lower case
}

// New makes a deployment with an owner, "admin", and a default organization.
func New(o Options) *Deployment {
	o = o.withDefaults()
	d := &Deployment{
		options: o, version: o.Version, release: parseRelease(o.Version), id: uuid.New(), done: make(chan struct{}),
		groups: map[uuid.UUID]*group{}, users: map[uuid.UUID]*user{}, usersByName: map[string]*user{},
		tokens: map[string]*session{}, tokenIDs: map[string]bool{},
		templates: map[uuid.UUID]*template{}, versions: map[uuid.UUID]*version{},
		files: map[uuid.UUID][]byte{}, fileIDs: map[string]uuid.UUID{},
		workspaces: map[uuid.UUID]*workspace{}, live: map[nameKey]*workspace{}, builds: map[uuid.UUID]*build{},
		limits: map[string]*window{}, watchers: map[*watcher]bool{}, inactivity: map[*template]time.Duration{},
	}
	d.routes = d.table()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.defaultOrg = &organization{
		id: uuid.New(), name: "coder", displayName: "Coder", description: "Builtin default organization.",
		isDefault: true, created: d.now(),
	}
	if d.seed() {
		d.defaultOrg.name = "admin" // servers of that time named it after the first user
	}
	d.addOrganization(d.defaultOrg)
	d.admin = d.newUser("admin", roleOwner)
	d.admin.name = "Admin"
	d.token = d.newToken(d.admin, o.Token)
	return d
}

// Close ends watch streams and timers. Requests are still answered, but nothing moves any more.
func (d *Deployment) Close() {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return
	}
	d.closed = true
	close(d.done)
	if d.timer != nil {
		d.timer.Stop()
	}
}

// Restart ends the watch streams and goes on with other options, as a server that is restarted with another configuration.
// Version, token and build time stay as they are.
func (d *Deployment) Restart(change func(*Options)) {
	d.CloseWatches()
	d.mu.Lock()
	defer d.mu.Unlock()
	o := d.options
	change(&o)
	o.Version, o.Token, o.BuildTime = d.options.Version, d.options.Token, d.options.BuildTime
	d.options = o
	d.limits = map[string]*window{}
}

func (d *Deployment) settings() Options {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.options
}

// Token is the session token of "admin".
func (d *Deployment) Token() string { return d.token }

// Version is what X-Coder-Build-Version says.
func (d *Deployment) Version() string { return d.version }

const apiPrefix = "/api/v2"

// ServeHTTP answers like a Coder server: the API below /api/v2, the dashboard's page everywhere else. A fault that drops
// the connection panics with http.ErrAbortHandler, as net/http wants it.
func (d *Deployment) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if wait := d.settings().Latency; wait > 0 && !d.pause(r, wait) {
		return
	}
	h := w.Header()
	h.Set("Date", d.Now().Format(http.TimeFormat))
	h.Set("X-Coder-Build-Version", d.version)
	h.Set("X-Coder-Request-Id", uuid.NewString())

	path, inAPI := strings.CutPrefix(r.URL.Path, apiPrefix)
	if inAPI && path != "" && path[0] != '/' {
		inAPI = false
	}
	c := &call{d: d, r: r}
	var found *route
	allowed := false
	if inAPI {
		escaped := r.URL.EscapedPath()[len(apiPrefix):]
		found, c.params, allowed = d.match(r.Method, escaped)
		if found == nil && !allowed {
			found, c.params = belowWorkspace(escaped)
		}
	}
	pattern := path
	if found != nil {
		pattern = found.pattern
	}
	entry, arrival := d.record(r, pattern)
	c.arrival = arrival
	w = &statusWriter{ResponseWriter: w, entry: entry, d: d}

	f := d.fault(r.Method, pattern)
	if f != nil && !d.beforeFault(f, w, r) {
		return
	}
	switch {
	case !inAPI && r.URL.Path != "/api" && !strings.HasPrefix(r.URL.Path, "/api/"):
		dashboard(w)
	case found == nil && allowed:
		d.write(w, reply{status: http.StatusMethodNotAllowed})
	case found == nil:
		d.write(w, unknownRoute())
	case f != nil && f.DropAfter:
		d.serve(&discard{header: http.Header{}}, found, c, entry)
		panic(http.ErrAbortHandler)
	case f != nil && f.Spoil != Whole:
		d.serve(&spoiler{ResponseWriter: w, how: f.Spoil, d: d, r: r}, found, c, entry)
	default:
		d.serve(w, found, c, entry)
	}
}

// serve checks who is asking and how often, then lets the route answer.
func (d *Deployment) serve(w http.ResponseWriter, found *route, c *call, entry *Request) {
	early := !d.since(2, 32) // the limiter ran before authentication
	if early {
		if rep, ok := d.limit(w, c.r, "ip"); !ok {
			d.write(w, rep)
			return
		}
	}
	if !found.public {
		u, rep := d.authenticate(w, c.r)
		if u == nil {
			d.write(w, rep)
			return
		}
		c.user = u
		d.mu.Lock()
		entry.User = u.username
		d.mu.Unlock()
	}
	if !early {
		if rep, ok := d.limitUser(w, c); !ok {
			d.write(w, rep)
			return
		}
	}
	if found.stream != nil {
		found.stream(c, w)
		return
	}
	d.mu.Lock()
	rep := found.handle(c)
	d.mu.Unlock()
	d.write(w, rep)
}

// pause waits unless the client goes away.
func (d *Deployment) pause(r *http.Request, delay time.Duration) bool {
	t := time.NewTimer(delay)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-r.Context().Done():
		return false
	}
}

// dashboard is what every path outside of the API answers, a wrong base URL included.
func dashboard(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_, _ = w.Write([]byte("<!doctype html>\n<html lang=\"en\">\n<head><title>Coder</title></head>\n<body><div id=\"root\"></div></body>\n</html>\n"))
}

// Request is one request that the deployment got.
type Request struct {
	Method, Path string
	// Route is the path's template without /api/v2, such as "/workspaces/{workspace}/ttl"; the path where there is none.
	Route       string
	Query, Body string
	// Status is what was answered; 0 while the answer is still to come or when the connection was dropped.
	Status int
	// User is who asked; empty when nobody was signed in.
	User string
}

// Requests lists the requests since the start or the last ResetRequests, in order of arrival, streams still open included.
func (d *Deployment) Requests() []Request {
	d.mu.Lock()
	defer d.mu.Unlock()
	list := make([]Request, len(d.requests))
	for i, r := range d.requests {
		list[i] = *r
	}
	return list
}

// ResetRequests empties the list of requests.
func (d *Deployment) ResetRequests() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.requests = nil
}

func (d *Deployment) record(r *http.Request, pattern string) (entry *Request, arrival int64) {
	query := r.URL.Query()
	query.Del(sessionName)
	query.Del("access_token")
	entry = &Request{Method: r.Method, Path: r.URL.Path, Route: pattern, Query: query.Encode(), Body: body(r)}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.requests = append(d.requests, entry)
	return entry, d.tickSequence()
}

// tickSequence numbers arrivals of requests and insertions of rows, to tell what happened at once.
func (d *Deployment) tickSequence() int64 {
	d.sequence++
	return d.sequence
}

// statusWriter notes the status in the request log.
type statusWriter struct {
	http.ResponseWriter

	entry *Request
	d     *Deployment
}

func (w *statusWriter) WriteHeader(status int) {
	w.d.mu.Lock()
	w.entry.Status = status
	w.d.mu.Unlock()
	w.ResponseWriter.WriteHeader(status)
}

func (w *statusWriter) Write(p []byte) (int, error) {
	w.d.mu.Lock()
	if w.entry.Status == 0 {
		w.entry.Status = http.StatusOK
	}
	w.d.mu.Unlock()
	return w.ResponseWriter.Write(p)
}

// Unwrap gives http.ResponseController the connection.
func (w *statusWriter) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// discard takes an answer that nobody will see.
type discard struct{ header http.Header }

func (w *discard) Header() http.Header         { return w.header }
func (w *discard) Write(p []byte) (int, error) { return len(p), nil }
func (w *discard) WriteHeader(int)             {}

// window counts one caller's requests to one path in the current and the previous minute.
type window struct {
	minute            int64
	current, previous int
}

// limit counts the request and refuses it when there were too many: the rate is estimated from this minute and the
// weighted last one, so a burst is remembered for up to two minutes.
func (d *Deployment) limit(w http.ResponseWriter, r *http.Request, caller string) (reply, bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	most := d.options.RateLimit
	if most <= 0 {
		return reply{}, true
	}
	now := d.now()
	minute := now.Unix() / 60
	key := caller + " " + r.URL.Path
	c := d.limits[key]
	if c == nil {
		c = &window{minute: minute}
		d.limits[key] = c
	}
	switch c.minute {
	case minute:
	case minute - 1:
		*c = window{minute: minute, previous: c.current}
	default:
		*c = window{minute: minute}
	}
	left := 1 - float64(now.UnixMicro()%60e6)/60e6
	rate := int(float64(c.previous)*left) + c.current
	h := w.Header()
	h.Set("X-Ratelimit-Limit", strconv.Itoa(most))
	h.Set("X-Ratelimit-Reset", strconv.FormatInt((minute+1)*60, 10))
	h.Set("X-Ratelimit-Remaining", strconv.Itoa(max(most-rate-1, 0)))
	if rate >= most {
		h.Set("Retry-After", "60")
		return refuse(http.StatusTooManyRequests, "You've been rate limited for sending more than "+strconv.Itoa(most)+" requests in 1m0s."), false
	}
	c.current++
	return reply{}, true
}

// limitUser counts by user, as servers since 2.32 do; an owner of the deployment may bypass the limit.
func (d *Deployment) limitUser(w http.ResponseWriter, c *call) (reply, bool) {
	const bypass = "X-Coder-Bypass-Ratelimit"
	caller := "anonymous"
	if c.user != nil {
		caller = c.user.username
	}
	if ok, _ := strconv.ParseBool(c.r.Header.Get(bypass)); ok && d.settings().RateLimit > 0 {
		if c.user != nil && c.user.isOwner() {
			return reply{}, true
		}
		return reply{status: http.StatusPreconditionRequired, text: `"` + bypass + "\" provided but user is not owner\n"}, false
	}
	return d.limit(w, c.r, caller)
}
