package codertest_test

import (
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// script is what a recording does not tell about the deployment it was made on.
type script struct {
	rateLimit  int
	prepare    func(*player)
	imports    func(archive []byte) codertest.TemplateVersion
	archive    string // what stands for "<tar>"
	other      string // who "other" is
	before     func(*player, *exchange)
	callers    map[string]string // prefix of seq → username
	sessions   map[string]func(*player, *http.Request) string
	ids        map[string]func(*player) string // recorded ids that no answer explains
	templates  map[string]codertest.TemplateInfo
	deviations []deviation
	stuck      bool      // jobs wait for ever
	tokenID    string    // of the token that the recording deletes
	uploaded   time.Time // the last version's upload
}

// deviation is a known difference between the recording and the fake.
type deviation struct{ seq, aspects, reason string }

func newScript() *script {
	return &script{
		templates: map[string]codertest.TemplateInfo{}, callers: map[string]string{},
		sessions: map[string]func(*player, *http.Request) string{}, ids: map[string]func(*player) string{},
	}
}

func (s *script) add(p *player, t codertest.Template) codertest.TemplateInfo {
	info := p.d.AddTemplate(t)
	s.templates[t.Name] = info
	return info
}

const wrongSecret = "0123456789012345678901"

// badTokens are the sessions that both recordings tried.
func (s *script) badTokens(malformed, unknown, secret string) {
	s.sessions[malformed] = func(*player, *http.Request) string { return "not-a-token" }
	s.sessions[unknown] = func(*player, *http.Request) string { return "abcdefghij-" + wrongSecret }
	s.sessions[secret] = func(p *player, _ *http.Request) string {
		id, _, _ := strings.Cut(p.d.Token(), "-")
		return id + "-" + wrongSecret
	}
}

func expired(p *player, _ *http.Request) string {
	return p.d.AddToken("admin", p.d.Now().Add(-time.Minute))
}

func seedScript() *script {
	s := newScript()
	s.rateLimit = 512
	s.other = "bob"
	s.archive = "anything"
	s.deviations = []deviation{
		{"350-deleted-builds-list", "shape value", "agents and a max_deadline of older builds had been changed in the server's database by hand"},
		{"365-race-create-3", "status shape message", "of six simultaneous creates one came late enough to get a 409; here all came at once"},
	}
	s.badTokens("005-auth-malformed-token", "004-auth-bad-token", "006-auth-wrong-secret")
	s.sessions["010-auth-expired-token"] = expired
	s.sessions["007-auth-bearer-header-only"] = func(p *player, r *http.Request) string {
		r.Header.Set("Authorization", "Bearer "+p.d.Token())
		return ""
	}
	s.sessions["008-auth-cookie"] = func(p *player, r *http.Request) string {
		r.AddCookie(&http.Cookie{Name: "coder_session_token", Value: p.d.Token()})
		return ""
	}
	second := ""
	s.prepare = func(p *player) {
		p.members["admin"] = p.owner()
		p.members["bob"] = p.d.AddUser("bob")
		basic := codertest.BasicTemplate()
		basic.Description = "basic template for provider tests"
		info := s.add(p, basic)
		second = p.d.PublishVersion(info.ID, basic.Version).String()
		p.admin("PATCH", "/templates/"+info.ID.String()+"/versions", fmt.Sprintf(`{"id":%q}`, info.ActiveVersionID))
		s.add(p, seedFailingTemplate())
		s.add(p, codertest.RequiredTemplate())
		slow := codertest.SlowTemplate()
		slow.DisplayName = ""
		s.add(p, slow)
	}
	s.ids["a1951e27-40e1-413b-af71-73bedb436c82"] = func(*player) string { return second }
	s.before = func(p *player, e *exchange) {
		switch e.Seq {
		case "373-template-delete":
			p.ids["9e79e8f3-4c5a-4fc5-8b4f-c38e17bc886f"] = s.add(p, codertest.Template{Name: "shortlived"}).ID.String()
		case "391-rate-limited":
			for range s.rateLimit {
				p.admin("GET", "/users/bob", "")
			}
		case "170-get-with-max-deadline":
			p.d.SetMaxDeadline(p.workspace("alpha"), p.d.Now().Add(5*time.Hour))
		case "323-list-q-has-agent-connected-match":
			p.d.SetAgents(p.workspace("alpha"), "connected", "created")
		case "325-get-stopped-with-deleting_at":
			p.d.SetInactivityTTL(s.templates["basic"].ID, 24*time.Hour)
		case "328-watch-stream":
			p.d.SetInactivityTTL(s.templates["basic"].ID, 0)
		case "331-delete": // what happened while the stream was open
			id := p.workspace("alpha").String()
			p.admin("PATCH", "/workspaces/"+id, `{"name":"alpha3"}`)
			p.admin("PUT", "/workspaces/"+id+"/ttl", `{"ttl_ms":14400000}`)
			p.admin("PUT", "/workspaces/"+id+"/autostart", `{"schedule":"0 6 * * 1"}`)
			for _, transition := range []string{"stop", "start"} {
				p.admin("POST", "/workspaces/"+id+"/builds", fmt.Sprintf(`{"transition":%q}`, transition))
				p.settle()
			}
		}
	}
	return s
}

// seedFailingTemplate is that of the seed's recording: three switches.
func seedFailingTemplate() codertest.Template {
	t := codertest.FailingTemplate()
	t.AllowUserCancel = false
	t.Version.Parameters = nil
	for _, name := range []string{"fail", "fail_late", "fail_destroy"} {
		t.Version.Parameters = append(t.Version.Parameters, codertest.Parameter{Name: name, Type: "bool", Default: "false", Mutable: true})
	}
	t.Version.Fail = func(transition string, parameters map[string]string) string {
		switch {
		case transition == "start" && parameters["fail"] == "true":
			return codertest.PlanFailed
		case transition == "start" && parameters["fail_late"] == "true", transition != "start" && parameters["fail_destroy"] == "true":
			return codertest.ApplyFailed
		}
		return ""
	}
	return t
}

func number(n int32) *int32 { return &n }

// newestBasicVersion is the basic template of the v2.35.1 recording.
func newestBasicVersion() codertest.TemplateVersion {
	v := codertest.BasicTemplate().Version
	main := v.Resources[0]
	main.Name, main.DailyCost, main.Icon = "vm", 5, "/icon/docker.png"
	main.Agents[0].Directory = "/tmp"
	v.Resources = []codertest.Resource{main, {Type: "terraform_data", Name: "home", Permanent: true}}
	v.Message = "first"
	v.Parameters = []codertest.Parameter{
		{
			Name: "region", DisplayName: "Region", Description: "Where to put the workspace.", Default: "eu", Order: 1,
			Options: []codertest.Option{{Name: "Europe", Value: "eu"}, {Name: "United States", Value: "us"}, {Name: "Asia Pacific", Value: "ap"}},
		},
		{Name: "cpu", DisplayName: "CPU cores", Type: "number", Default: "2", Mutable: true, Min: number(1), Max: number(8), Order: 2},
		{Name: "disk", DisplayName: "Disk (GB)", Type: "number", Default: "10", Mutable: true, Min: number(5), Max: number(100), Monotonic: "increasing", Order: 3},
		{Name: "gpu", Type: "bool", Default: "false", Mutable: true, Order: 4},
		{Name: "tags", Type: "list(string)", Default: `["a","b"]`, Mutable: true, Order: 5},
		{Name: "note", Mutable: true, Ephemeral: true, Order: 6},
	}
	return v
}

func newestRequiredVersion() codertest.TemplateVersion {
	return codertest.TemplateVersion{Name: "v1", Message: "first", Parameters: []codertest.Parameter{
		{
			Name: "project", Description: "Project code (no default).", Required: true, Mutable: true,
			Regex: "^[a-z]{0,8}$", Error: "a project code has at most eight small letters",
		},
		{Name: "zone", Required: true, Options: []codertest.Option{{Name: "one", Value: "z1"}, {Name: "two", Value: "z2"}}},
	}}
}

// newestImports: what the archives uploaded in the v2.35.1 recording hold.
func newestImports(archive []byte) codertest.TemplateVersion {
	v := newestBasicVersion()
	switch string(archive) {
	case "team":
		v.Parameters = append(v.Parameters, codertest.Parameter{Name: "team", Required: true, Mutable: true, Order: 7})
		v.Parameters[1].Max = number(16)
	case "bad":
		v.ImportError = "template import provision for start: plan during template import provision error: terraform plan: exit status 1"
	case "preset":
		v.Presets = []codertest.Preset{{Name: "big", Parameters: map[string]string{"cpu": "8", "region": "us"}}}
	}
	return v
}

func newestScript() *script {
	s := newScript()
	s.other = "member"
	s.archive = "preset"
	s.imports = newestImports
	s.badTokens("004-auth-malformed-token", "007-auth-bad-token-workspaces", "006-auth-wrong-secret")
	s.sessions["004-auth-malformed-token"] = func(*player, *http.Request) string { return "malformed" }
	s.sessions["008-auth-bearer-header"] = func(p *player, r *http.Request) string {
		r.Header.Set("Authorization", "Bearer "+p.d.Token())
		return ""
	}
	s.sessions["289-auth-expired-token"] = expired
	s.sessions["290-auth-expired-token-workspaces"] = expired
	bypass := func(username string) func(*player, *http.Request) string {
		return func(p *player, r *http.Request) string {
			r.Header.Set("X-Coder-Bypass-Ratelimit", "true")
			return p.members[username].Token
		}
	}
	s.sessions["025-rate-limit-owner-bypass-header"] = bypass("admin")
	s.sessions["026-rate-limit-member-bypass-header"] = bypass("member")
	for _, prefix := range []string{"098-create-member", "320-m-", "321-m-", "322-m-", "323-m-", "324-m-", "325-m-", "326-m-", "327-m-", "328-m-", "332-m-", "333-m-", "335-m-"} {
		s.callers[prefix] = "member"
	}
	s.callers["022-rate-limit"], s.callers["023-rate-limit"] = "member", "member"
	s.callers["292-auth-suspended"] = "susp-3feb7"
	archives := map[string]string{}
	s.prepare = func(p *player) {
		p.members["admin"] = p.owner()
		p.members["member"] = p.d.AddUser("member")
		p.members["susp-3feb7"] = p.d.AddUser("susp-3feb7")
		for _, name := range []string{"basic", "basic-classic", "failing", "required", "required-classic", "slow"} {
			t := codertest.Template{
				Name: name, Description: "The " + name + " template.", Icon: "/icon/docker.png", AllowUserCancel: true,
				ClassicParameterFlow: strings.HasSuffix(name, "-classic"),
			}
			for i, word := range strings.Split(name, "-") {
				if i > 0 {
					t.DisplayName += "-"
				}
				t.DisplayName += strings.ToUpper(word[:1]) + word[1:]
			}
			switch {
			case strings.HasPrefix(name, "basic"):
				t.Version = newestBasicVersion()
			case strings.HasPrefix(name, "required"):
				t.Version = newestRequiredVersion()
			case name == "failing":
				t.Version = codertest.FailingTemplate().Version
			default:
				t.Version = codertest.SlowTemplate().Version
				seconds := t.Version.BuildTime
				t.Version.BuildTime = func(transition string, parameters map[string]string) time.Duration {
					return 2*time.Second + seconds(transition, parameters)
				}
			}
			s.add(p, t)
		}
		for recorded, content := range map[string]string{
			"36f71ff4-98b9-46c2-8983-c66d947a8453": "basic", "094dcb57-9667-4bd7-9689-8016c8e23736": "team",
			"84a5af99-a9d9-4b7c-83b1-fafe9a6748c5": "bad",
		} {
			archives[recorded] = fmt.Sprint(p.admin("POST", "/files", content).(map[string]any)["hash"])
			s.ids[recorded] = func(*player) string { return archives[recorded] }
		}
	}
	s.ids["3f2beac9-984f-43b4-82fb-59c62bb04a7b"] = func(p *player) string { return p.members["susp-3feb7"].ID.String() }
	s.before = newestBefore
	return s
}

// newestBefore makes the conditions that were made outside of the recording.
func newestBefore(p *player, e *exchange) {
	s := p.script
	restart := func(change func(*codertest.Options)) { p.d.Restart(change) }
	switch e.Seq {
	case "210-extend-beyond-max":
		id := p.workspace("alpha-3feb7")
		p.admin("POST", "/workspaces/"+id.String()+"/builds", `{"transition":"start"}`)
		p.settle()
		p.d.SetMaxDeadline(id, p.d.Now().Add(6*time.Hour))
	case "242-b-start-immutable-changed":
		p.admin("POST", "/workspaces/"+p.workspace("beta-3feb7").String()+"/builds", `{"transition":"start"}`)
	case "318-u-template-delete":
		for _, w := range p.d.Workspaces() {
			if w.TemplateName == "upd-3feb7" && !w.Deleted {
				p.remove(w.ID)
			}
		}
	case "338-list-q-owner-member":
		p.admin("POST", "/workspaces/"+p.workspace("beta-3feb7").String()+"/builds", `{"transition":"stop"}`)
	case "001-renames-off-get":
		restart(func(o *codertest.Options) { o.ForbidRenames = true })
	case "006-no-provisioner-create":
		p.settle()
		p.d.HoldBuilds(true)
		s.stuck = true
	case "021-rate-limit-ok-headers":
		p.d.HoldBuilds(false)
		p.settle()
		restart(func(o *codertest.Options) { o.ForbidRenames, o.RateLimit = false, 20 })
	case "022-rate-limit-429", "024-rate-limit-owner-429":
		for range 20 {
			r := p.request(e)
			p.sign(r, e)
			p.send(r)
		}
	case "027-debug-mode-build":
		restart(func(o *codertest.Options) { o.RateLimit, o.TerraformDebugMode = 0, true })
	case "028-interrupted-build-get":
		restart(func(o *codertest.Options) { o.TerraformDebugMode = false })
		p.introduce(e)
		p.d.FailActiveBuild(p.workspace("kill-3ffde"), codertest.ApplyFailed)
	case "923-agent-up-workspace":
		p.d.SetAgents(p.workspace("pre6b03fcf3"), "connected", "ready")
	case "925-agent-down-workspace":
		p.d.SetAgents(p.workspace("pre6b03fcf3"), "disconnected", "off")
	}
}
