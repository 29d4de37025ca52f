package portshare_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

const address = "coderws_workspace_port_share.test"

// releases runs a test on fakes of the releases that differ in how they share
// ports, or on the real deployment.
func releases(t *testing.T, body func(t *testing.T, d *acctest.Deployment)) {
	t.Helper()
	if acctest.IsReal() {
		acctest.Run(t, func(t *testing.T, d *acctest.Deployment) {
			d.SkipBefore(t, 2, 9)
			body(t, d)
		})
		return
	}
	for _, version := range []string{"v2.9.0", "v2.35.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			body(t, acctest.NewFake(t, codertest.Options{Version: version}))
		})
	}
}

// config has a workspace and a share of its port 8080; lines are further
// arguments of the workspace.
func config(d *acctest.Deployment, template acctest.Template, name, share string, lines ...string) string {
	text := d.ProviderConfig() + fmt.Sprintf(`
resource "coderws_workspace" "test" {
  name        = %q
  template_id = %q
  %s
}
`, name, template.ID, strings.Join(lines, "\n  "))
	if share != "" {
		text += "resource \"coderws_workspace_port_share\" \"test\" {\n  workspace_id = coderws_workspace.test.id\n  " + share + "\n}\n"
	}
	return text
}

// port are the arguments of a share.
func port(agent string, number int, level string, lines ...string) string {
	return fmt.Sprintf("agent_name = %q\n  port = %d\n  share_level = %q\n  %s", agent, number, level, strings.Join(lines, "\n  "))
}

func planned(action plancheck.ResourceActionType) resource.ConfigPlanChecks {
	return resource.ConfigPlanChecks{
		PreApply:             []plancheck.PlanCheck{plancheck.ExpectResourceAction(address, action)},
		PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	}
}

var emptyPlan = resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}}

// message matches a sentence of a diagnostic, which Terraform has wrapped.
func message(text string) *regexp.Regexp {
	words := strings.Fields(text)
	for i := range words {
		words[i] = regexp.QuoteMeta(words[i])
	}
	return regexp.MustCompile(strings.Join(words, `[\s│]+`))
}

func workspaceID(state *terraform.State) uuid.UUID {
	return uuid.MustParse(state.RootModule().Resources["coderws_workspace.test"].Primary.ID)
}

func capture(id *uuid.UUID) resource.TestCheckFunc {
	return func(state *terraform.State) error {
		*id = workspaceID(state)
		return nil
	}
}

// shares compares what the server lists, as "agent port level protocol".
func shares(t *testing.T, d *acctest.Deployment, want ...string) resource.TestCheckFunc {
	t.Helper()
	return func(state *terraform.State) error {
		list, err := d.Client.PortShares(t.Context(), workspaceID(state))
		if err != nil {
			return err
		}
		var got []string
		for _, share := range list {
			got = append(got, fmt.Sprintf("%s %d %s %s", share.AgentName, share.Port, share.ShareLevel, share.Protocol))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			return fmt.Errorf("the shares differ (-want +got):\n%s", diff)
		}
		return nil
	}
}

// Level and protocol change in place, all else replaces.
func TestPortShare(t *testing.T) {
	t.Parallel()
	releases(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "ports")
		step := func(share string, action plancheck.ResourceActionType, want ...string) resource.TestStep {
			return resource.TestStep{Config: config(d, template, name, share), ConfigPlanChecks: planned(action), Check: shares(t, d, want...)}
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			step(port("main", 8080, "authenticated"), plancheck.ResourceActionCreate, "main 8080 authenticated http"),
			step(port("main", 8080, "public"), plancheck.ResourceActionUpdate, "main 8080 public http"),
			step(port("main", 8080, "public", `protocol = "https"`), plancheck.ResourceActionUpdate, "main 8080 public https"),
			step(port("main", 9, "public"), plancheck.ResourceActionReplace, "main 9 public http"),
			{
				ResourceName: address, ImportState: true, ImportStateVerify: true, ImportStateVerifyIdentifierAttribute: "workspace_id",
				ImportStateIdFunc: func(state *terraform.State) (string, error) { return workspaceID(state).String() + "/main/9", nil },
			},
			{ResourceName: address, ImportState: true, ImportStateId: "main/9", ExpectError: message("Invalid import id of a port share")},
			{Config: config(d, template, name, ""), Check: shares(t, d)},
		}})
	})
}

func TestPortShare_importByIdentity(t *testing.T) {
	t.Parallel()
	releases(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		acctest.Test(t, d, resource.TestCase{
			TerraformVersionChecks: []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_12_0)},
			Steps: []resource.TestStep{
				{Config: config(d, template, acctest.Name(t, "ports"), port("main", 8080, "public"))},
				{ResourceName: address, ImportState: true, ImportStateKind: resource.ImportBlockWithResourceIdentity},
			},
		})
	})
}

// A share outlives a stop. What somebody does to it is drift.
func TestPortShare_drift(t *testing.T) {
	t.Parallel()
	releases(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "ports")
		configured := config(d, template, name, port("main", 8080, "authenticated"))
		stopped := config(d, template, name, port("main", 8080, "authenticated"), `desired_status = "stopped"`)
		var id uuid.UUID
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: configured, Check: capture(&id)},
			{
				PreConfig: func() {
					if err := d.Client.UnsharePort(t.Context(), id, "main", 8080); err != nil {
						t.Fatal(err)
					}
				},
				Config: configured, ConfigPlanChecks: planned(plancheck.ResourceActionCreate), Check: shares(t, d, "main 8080 authenticated http"),
			},
			{
				PreConfig: func() {
					share := coder.PortShare{WorkspaceID: id, AgentName: "main", Port: 8080, ShareLevel: "public", Protocol: "https"}
					if err := d.Client.SharePort(t.Context(), share); err != nil {
						t.Fatal(err)
					}
				},
				Config: configured, ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: shares(t, d, "main 8080 authenticated http"),
			},
			{Config: stopped, Check: shares(t, d, "main 8080 authenticated http")},
			{Config: stopped, ConfigPlanChecks: emptyPlan},
			{ // which has no agents
				Config:      config(d, template, name, port("main", 8080, "public"), `desired_status = "stopped"`),
				ExpectError: message("The workspace is stopped."),
			},
		}})
	})
}

// A share that exists is not changed in silence.
func TestPortShare_exists(t *testing.T) {
	t.Parallel()
	releases(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "ports")
		var id uuid.UUID
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(d, template, name, ""), Check: capture(&id)},
			{
				PreConfig: func() {
					share := coder.PortShare{WorkspaceID: id, AgentName: "main", Port: 8080, ShareLevel: "public", Protocol: "http"}
					if err := d.Client.SharePort(t.Context(), share); err != nil {
						t.Fatal(err)
					}
				},
				Config: config(d, template, name, port("main", 8080, "authenticated")), ExpectError: message("Port is shared already"),
			},
			{Config: config(d, template, name, port("main", 8080, "public")), Check: shares(t, d, "main 8080 public http")},
		}})
	})
}

func TestPortShare_refused(t *testing.T) {
	t.Parallel()
	releases(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		name := acctest.Name(t, "ports")
		refused := func(share, text string) resource.TestStep {
			return resource.TestStep{Config: config(d, template, name, share), ExpectError: message(text)}
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			refused(port("nope", 8080, "public"), `Its agents: "main".`),
			refused(port("main", 8, "public"), "must be between 9 and 65535"),
			refused(port("main", 65536, "public"), "must be between 9 and 65535"),
			refused(port("main", 8080, "owner"), "Invalid Attribute Value Match"),
			refused(port("main", 8080, "public", `protocol = "ftp"`), "Invalid Attribute Value Match"),
			{Config: config(d, template, name, "")},
		}})
	})
}

// The share of a deleted workspace, which Coder still lists, is gone.
func TestPortShare_workspaceGone(t *testing.T) {
	t.Parallel()
	releases(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		configured := config(d, template, acctest.Name(t, "ports"), port("main", 8080, "public"))
		var id uuid.UUID
		remove := func() {
			if err := d.DeleteWorkspace(t.Context(), id); err != nil {
				t.Fatal(err)
			}
		}
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: configured, Check: capture(&id)},
			{
				PreConfig: remove, Config: configured, ConfigPlanChecks: planned(plancheck.ResourceActionCreate),
				Check: resource.ComposeAggregateTestCheckFunc(capture(&id), shares(t, d, "main 8080 public http")),
			},
			{PreConfig: remove, Config: configured, Destroy: true},
		}})
		alone := d.ProviderConfig() + fmt.Sprintf("resource \"coderws_workspace_port_share\" \"test\" {\n  workspace_id = %q\n  %s\n}\n", id, port("main", 8080, "public"))
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: alone, ExpectError: message("Workspace of the port was deleted")},
			{Config: alone, ExpectError: message("terraform destroy -refresh=false")},
			{Config: d.ProviderConfig()},
		}})
	})
}

// What the release and the template allow is checked at plan.
func TestPortShare_limits(t *testing.T) {
	t.Parallel()
	t.Run("maximum", func(t *testing.T) {
		t.Parallel()
		d := acctest.NewFake(t, codertest.Options{})
		template := d.Template(t, acctest.Basic)
		limit := func(level string) func() {
			return func() {
				d.Fake.UpdateTemplate(uuid.MustParse(template.ID), func(t *codertest.Template) { t.MaxPortShareLevel = level })
			}
		}
		shared := func(level string) string { return config(d, template, "one", port("main", 8080, level)) }
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{PreConfig: limit("authenticated"), Config: shared("public"), ExpectError: message("Template does not allow the share level")},
			{Config: shared("authenticated")},
			{PreConfig: limit(""), Config: shared("public"), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate)},
			{PreConfig: limit("authenticated"), Config: shared("public"), PlanOnly: true, ExpectError: message("Template does not allow the share level")},
			{PreConfig: limit("owner"), Config: shared("organization"), PlanOnly: true, ExpectError: message("That is with nobody.")},
			{Config: config(d, template, "one", "")},
		}})
	})
	for version, text := range map[string]string{
		"seed": "Server cannot share ports", "v2.8.1": "Server cannot share ports", "v2.21.1": `Server does not know the level "organization"`,
	} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			template := d.Template(t, acctest.Basic)
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{Config: config(d, template, "one", port("main", 8080, "organization")), ExpectError: message(text)},
				{Config: config(d, template, "one", "")},
			}})
		})
	}
}

// The address is the deployment's wildcard address with names in it.
func TestPortShare_url(t *testing.T) {
	t.Parallel()
	d := acctest.NewFake(t, codertest.Options{AppHost: "*.apps.example.com"})
	template := d.Template(t, acctest.Basic)
	url := func(want string) resource.TestCheckFunc { return resource.TestCheckResourceAttr(address, "url", want) }
	acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
		{
			Config: config(d, template, "one", port("main", 8080, "public")),
			Check:  url("http://8080--main--one--admin.apps.example.com/"),
		},
		{
			Config: config(d, template, "one", port("main", 8080, "authenticated", `protocol = "https"`)),
			Check:  url("http://8080s--main--one--admin.apps.example.com/"),
		},
	}})
}
