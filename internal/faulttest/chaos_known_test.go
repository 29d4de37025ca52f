package faulttest_test

import (
	"math/rand/v2"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
)

// known are histories that have once gone wrong, by the words of their events.
var known = map[string][]string{
	"renamed owner":                  {"owner_name = carol", "terraform apply", "carol is renamed to caroline, or back", "terraform apply"},
	"owner who is nobody":            {"terraform apply", "owner_name = nobody-at-all", "terraform apply"},
	"owner who has such a workspace": {"terraform apply", "carol makes a workspace dev", "owner_name = carol", "terraform apply"},
	"hidden workspace":               {"terraform apply", "the user of the token may not see the workspace any more", "terraform apply", "terraform destroy -refresh=false"},
	"token of somebody else":         {"terraform apply", "at the next command: the token is that of carol", "terraform destroy"},
	"gateway at a delete":            {"terraform apply", "at the next command: Kong 404 at request 2 and 2 more", "terraform destroy"},
	"preset with another region":     {"terraform apply", "preset = Large", "terraform apply"},
	"preset that is there already":   {"preset = Small", "terraform apply", "terraform state rm, and import by id", "terraform apply"},
	"preset of another version":      {"preset = Small", "terraform apply", "the template gets a version with other presets", "template_version_id = newest", "terraform apply"},
	"failed start":                   {"terraform apply", "parameters.mode = broken", "terraform apply", "parameters.mode = ok", "terraform apply"},
	"stopped after a time limit":     {"timeouts = map[update:12s]", "terraform apply", "parameters.cpu = 4", "terraform apply", "the owner stops the workspace", "parameters.cpu = 7", "terraform apply"},
	"updated after the plan":         {"terraform apply", "the template gets a version same again", "parameters.cpu = 4", "terraform plan -out=saved", "the owner updates the workspace to the newest version", "terraform apply saved"},
	"unknown, the same":              {"terraform apply", "the value of template_id, if it is configured, is not known to the next plan, and stays the same", "terraform apply"},
	"unknown, another":               {"terraform apply", "parameters.region = us, which the next plan does not know yet", "terraform apply", "terraform apply"},
	"deprecated template":            {"terraform apply", "the template is deprecated", "parameters.region = us", "terraform apply"},
	"kept one among the ephemeral":   {"ephemeral_parameters = map[cpu:3]", "terraform apply"},
	"no time to read":                {"timeouts = map[read:0s]", "terraform apply"},
	"wrong name at a destroy":        {"terraform apply", "parameters.cpus = 2", "terraform destroy"},
	"deadline in nanoseconds":        {"ttl_ms = 36000000", "deadline = 2000-01-01T06:10:00.123456789Z", "terraform apply"},
	"ephemeral version taken out":    {"ephemeral_parameters = map[note:hello]", "ephemeral_parameters_version = 1", "terraform apply", "ephemeral_parameters_version is taken out of the configuration", "terraform apply"},
	"outdated, which is forbidden":   {"from here on the token is that of carol", "terraform apply", "the template gets a version same again", "the template requires its active version", "parameters.cpu = 4", "terraform apply"},
	"TTL taken out":                  {"ttl_ms = 32400000", "terraform apply", "ttl_ms is taken out of the configuration", "terraform apply"},
	"TTL as by default, taken out":   {"ttl_ms = 36000000", "terraform apply", "ttl_ms is taken out of the configuration", "terraform apply", "its TTL is set to 12 hours", "terraform apply"},
	"canceled deletion":              {"orphan_on_destroy = true", "terraform apply", "at the next command: the owner cancels what is built 4s after request 2", "terraform destroy -refresh=false"},
	"lost answer, another's build":   {"terraform apply", "parameters.cpu = 4", "at the next command: build request 2 is lost, and the owner builds (start, cpu 5) in that moment", "terraform apply"},
	"page of another deployment":     {"terraform apply", "terraform import of a page elsewhere"},
	"start of others that fails":     {"terraform apply", "parameters.mode = broken", "terraform apply", "the owner begins to start the workspace", "desired_status = running", "terraform apply"},
}

// TestChaos_known lives through the histories that have once gone wrong.
func TestChaos_known(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		alphabet := map[string]event{}
		for _, e := range draw(rand.New(rand.NewPCG(1, 1)), version, 60_000) {
			alphabet[e.text] = e
		}
		for name, texts := range known {
			t.Run(version+"/"+name, func(t *testing.T) {
				t.Parallel()
				var events []event
				for _, text := range texts {
					e, possible := alphabet[text]
					switch {
					case possible:
						events = append(events, e)
					case version == "seed":
						t.Skipf("this server cannot: %s", text)
					default:
						t.Fatalf("no event is called %q", text)
					}
				}
				if found := live(t, version, events); len(found.problems) > 0 {
					t.Errorf("%s", found)
				}
			})
		}
	}
}
