package faulttest_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// world is a deployment with people in it: what there is, by the names that
// histories use.
type world struct {
	*scene

	work, spare codertest.TemplateInfo
	versions    map[uuid.UUID]codertest.TemplateVersion
	published   []uuid.UUID // of the template "work", in order
	policies    map[uuid.UUID]*codertest.Template
	users       map[string]uuid.UUID // by present name
	ids         map[string]uuid.UUID // by first name, as all below
	tokens      map[string]string
	hidden      map[sighted]bool // who may not see which workspace
	elsewhere   *codertest.Deployment
}

// The people: admin owns the deployment, carol is a member.
const (
	admin = "admin"
	carol = "carol"
)

// buildTime is that of every build.
const buildTime = 8 * time.Second

// versionKinds are what a template's author publishes.
var versionKinds = []string{"same again", "that wants a team", "without mode", "with other presets", "with cpu immutable"}

// templateVersion is what is in a version.
func (w *world) templateVersion(kind string) codertest.TemplateVersion {
	options := func(values ...string) (list []codertest.Option) {
		for _, value := range values {
			list = append(list, codertest.Option{Name: value, Value: value})
		}
		return list
	}
	small, large := "1", "8"
	if kind == "with other presets" {
		small, large = "3", "6"
	}
	v := codertest.TemplateVersion{
		Parameters: []codertest.Parameter{
			{Name: "region", Default: "eu", Options: options("eu", "us")},
			{Name: "cpu", Type: "number", Default: "2", Mutable: kind != "with cpu immutable"},
			{Name: "note", Default: "-", Mutable: true, Ephemeral: w.newest()},
		},
		Presets: []codertest.Preset{
			{Name: "Small", Parameters: map[string]string{"cpu": small, "region": "eu"}},
			{Name: "Large", Parameters: map[string]string{"cpu": large, "region": "us"}},
			{Name: "Medium", Parameters: map[string]string{"cpu": "4"}},
		},
		BuildTime: func(string, map[string]string) time.Duration { return buildTime },
		Fail: func(transition string, values map[string]string) string {
			if transition == "start" && values["mode"] == "broken" {
				return codertest.ApplyFailed + "\nError: the machine is broken"
			}
			return ""
		},
	}
	switch kind {
	case "that wants a team":
		v.Parameters = append(v.Parameters, codertest.Parameter{Name: "team", Required: true, Mutable: true})
	case "with other presets":
		v.Presets = v.Presets[:2]
	}
	if kind != "without mode" {
		v.Parameters = append(v.Parameters, codertest.Parameter{Name: "mode", Default: "ok", Mutable: true, Options: options("ok", "broken")})
	}
	return v
}

func newWorld(s *scene) *world {
	w := &world{
		scene: s, versions: map[uuid.UUID]codertest.TemplateVersion{}, policies: map[uuid.UUID]*codertest.Template{},
		users: map[string]uuid.UUID{}, ids: map[string]uuid.UUID{}, tokens: map[string]string{admin: s.fake.Token()}, hidden: map[sighted]bool{},
	}
	member := s.fake.AddUser(carol)
	w.users[carol], w.ids[carol], w.tokens[carol] = member.ID, member.ID, member.Token
	first := w.templateVersion("")
	w.work = w.add(codertest.Template{Name: "work", AllowUserCancel: true, DefaultTTL: 10 * time.Hour, Version: first})
	w.spare = w.add(codertest.Template{Name: "spare", AllowUserCancel: true, Version: first})
	w.published = []uuid.UUID{w.work.ActiveVersionID}
	probe := s.fake.CreateWorkspace(admin, "probe", w.spare.ID, nil) // somebody else's
	for _, other := range s.fake.Workspaces() {
		if other.ID == probe {
			w.users[admin], w.ids[admin] = other.OwnerID, other.OwnerID
		}
	}

	w.elsewhere = codertest.New(codertest.Options{Version: s.version})
	s.answerBy(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Host, "elsewhere") {
			w.elsewhere.ServeHTTP(rw, r)
			return
		}
		s.fake.ServeHTTP(rw, r)
	}))
	return w
}

func (w *world) add(t codertest.Template) codertest.TemplateInfo {
	info := w.fake.AddTemplate(t)
	w.versions[info.ActiveVersionID], w.policies[info.ID] = t.Version, &t
	return info
}

// publish makes another version of the template "work" the active one.
func (w *world) publish(kind string) {
	v := w.templateVersion(kind)
	id := w.fake.PublishVersion(w.work.ID, v)
	w.versions[id] = v
	w.published = append(w.published, id)
}

// rule changes the policies of the template "work".
func (w *world) rule(change func(*codertest.Template)) {
	change(w.policies[w.work.ID])
	w.fake.UpdateTemplate(w.work.ID, change)
}

// active is a template's active version.
func (w *world) active(template uuid.UUID) uuid.UUID {
	if template == w.work.ID {
		return w.published[len(w.published)-1]
	}
	return w.spare.ActiveVersionID
}

// rename gives carol her other name.
func (w *world) rename(from, to string) {
	id, is := w.users[from]
	if !is {
		return
	}
	w.fake.RenameUser(from, to)
	delete(w.users, from)
	w.users[to] = id
}

// nameOf is what a user is called at present.
func (w *world) nameOf(user uuid.UUID) string {
	for name, id := range w.users {
		if id == user {
			return name
		}
	}
	return ""
}

// sight is what there is at one moment.
type sight struct {
	live []codertest.Workspace // without what was there from the beginning
}

func (w *world) look() sight {
	return sight{slices.DeleteFunc(w.live(), func(ws codertest.Workspace) bool { return ws.Name == "probe" })}
}

// workspace is one that is live, nil when there is none of that id.
func (s sight) workspace(id string) *codertest.Workspace {
	for i := range s.live {
		if s.live[i].ID.String() == id {
			return &s.live[i]
		}
	}
	return nil
}

// named is an owner's workspace of a name.
func (s sight) named(owner uuid.UUID, name string) *codertest.Workspace {
	for i := range s.live {
		if s.live[i].OwnerID == owner && strings.EqualFold(s.live[i].Name, name) {
			return &s.live[i]
		}
	}
	return nil
}

// isNew are the workspaces that were not there before.
func (s sight) newSince(before sight) []codertest.Workspace {
	return slices.DeleteFunc(slices.Clone(s.live), func(ws codertest.Workspace) bool { return before.workspace(ws.ID.String()) != nil })
}

// person builds as somebody does in the dashboard, who may.
func (w *world) person(ws *codertest.Workspace, transition string, r codertest.BuildRequest) error {
	_, err := w.fake.Build(ws.ID, ws.Owner, transition, r)
	return err
}

func pause(_ context.Context, d time.Duration) { <-time.After(d) }

// sighted is a user and the id of a workspace.
type sighted struct{ user, workspace string }

// hide takes the workspaces that are there out of a user's sight, or gives them
// back.
func (w *world) hide(user string, hidden bool) {
	for _, ws := range w.look().live {
		w.fake.SetVisible(ws.ID, w.nameOf(w.ids[user]), !hidden)
		w.hidden[sighted{user, ws.ID.String()}] = hidden
	}
}
