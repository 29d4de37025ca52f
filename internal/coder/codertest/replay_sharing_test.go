package codertest_test

import (
	"path"
	"strings"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// sharingScript is for the recordings of sharing, ports, dormancy, favourites, tokens and renamed users, which were made
// alike on four releases.
func sharingScript(release string) *script {
	s := newScript()
	s.prepare = func(p *player) {
		p.members["admin"] = p.owner()
		p.admin("PUT", "/users/me/profile", `{"username":"admin","name":""}`)
		for _, name := range []string{"alice", "bob", "carol", "hunt-renamed"} {
			p.members[name] = p.d.AddUser(name)
		}
		machine := codertest.Resource{Type: "terraform_data", Name: "main", Agents: []codertest.Agent{{
			Name: "main", OperatingSystem: "linux", Architecture: "amd64",
			DisplayApps: []string{"vscode", "ssh_helper", "port_forwarding_helper", "web_terminal"},
		}}}
		for _, t := range []codertest.Template{
			{Name: "basic", Version: codertest.TemplateVersion{Resources: []codertest.Resource{machine}}},
			{Name: "noagent", Version: codertest.TemplateVersion{Resources: []codertest.Resource{{Type: "terraform_data", Name: "main"}}}},
			{Name: "twoversions", Version: codertest.TemplateVersion{Resources: []codertest.Resource{machine}}},
			{Name: "presets", Version: presetsVersion(machine)},
		} {
			t.AllowUserCancel = true
			t.Version.Name = "v1"
			s.add(p, t)
		}
	}
	s.before = func(p *player, e *exchange) {
		switch _, step, _ := strings.Cut(e.Seq, "-"); step {
		case "acl-list-filter": // one was shared outside of the recording
			if release == "v2.35.1" {
				p.make(p.known["b2a56e5f-a936-4364-a60c-548a6909f758"])
				id := p.workspace("scale-base")
				p.admin("PUT", "/workspaces/"+id.String()+"/favorite", "")
				p.d.Share(id, "alice", "use")
				p.settle()
				p.d.SetAgents(id, "timeout", "created")
			}
		case "token-delete", "token-delete-again": // ids of tokens are no UUIDs, which are translated
			if s.tokenID == "" {
				made, _ := p.admin("GET", "/users/me/keys/tokens/rec-token", "").(map[string]any)
				s.tokenID = text(made, "id")
			}
			e.Request.Path = path.Join(path.Dir(e.Request.Path), s.tokenID)
		case "deleted-acl", "deleted-dormant": // it was deleted outside of the recording, too
			for _, w := range p.d.Workspaces() {
				if w.Name == "rec-share" && !w.Deleted {
					p.remove(w.ID)
				}
			}
		}
	}
	s.deviations = sharingDeviations[release]
	return s
}

// presetsVersion has two presets that differ in an immutable parameter.
func presetsVersion(machine codertest.Resource) codertest.TemplateVersion {
	preset := func(name, cpu, disk, region string) codertest.Preset {
		return codertest.Preset{Name: name, Default: name == "Small", Parameters: map[string]string{"cpu": cpu, "disk": disk, "region": region}}
	}
	return codertest.TemplateVersion{
		Resources: []codertest.Resource{machine}, Parameters: newestBasicVersion().Parameters[:3],
		Presets: []codertest.Preset{preset("Large", "8", "50", "us"), preset("Small", "1", "10", "eu")},
	}
}

// sharingDeviations are the differences by release.
var sharingDeviations = map[string][]deviation{
	"seed":   {{"167-token-list", "shape value", otherTokens}},
	"v2.8.1": {{"136-token-list", "shape value", otherTokens}},
	"v2.21.1": {
		{"143-token-list", "shape value", otherTokens},
		{"147-presets", "value", "the values of a preset come in no order"},
	},
	"v2.35.1": {
		{"178-token-list", "shape value", otherTokens},
		{"259-available-users", "status shape message", "the provider does not ask who may own workspaces"},
	},
}

const otherTokens = "other tokens had been made outside of the recording"
