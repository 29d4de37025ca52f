package workspace_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// addStrict adds a template that requires its active version.
func addStrict(d *flow) codertest.TemplateInfo {
	template := codertest.BasicTemplate()
	template.RequireActiveVersion = true
	return d.add(template)
}

// Who may start the active version only is told so before an outdated workspace
// is stopped, and the way out that is named works. Who may update the template
// may start any version.
func TestBetween_updateOfAnOutdatedWorkspace(t *testing.T) {
	t.Parallel()
	onNewestFlows(t, func(t *testing.T, d *flow) {
		member := as(d.Deployment, d.Fake.AddUser("member"))
		template := addStrict(d)
		config := func(d *acctest.Deployment, n int, lines ...string) string {
			return workspaceConfig(d, "one", template.ID.String(), append(lines, cpu(n))...)
		}
		publish := func() uuid.UUID {
			return d.Fake.PublishVersion(template.ID, codertest.BasicTemplate().Version)
		}
		refused := message("Template requires its active version")
		second := uuid.New()
		var id uuid.UUID
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(member, 2), Check: checks(capture(&id), wrote(t, d.Deployment, map[string]int{postWorkspace: 1}))},
			{PreConfig: func() { second = publish() }, Config: config(member, 3), ExpectError: refused},
			{Config: config(member, 3), ExpectError: message("Set template_version_id to the active version in the resource, or run the action coderws_workspace_update")},
			{PreConfig: sent(t, d.Deployment, nothing), Config: config(member, 2), ConfigPlanChecks: emptyPlan},
			{ // the way out
				Config: d.providerOf(member) + fmt.Sprintf(`
data "coderws_template" "test" {
  name = %q
}

resource "coderws_workspace" "test" {
  name                = "one"
  template_id         = data.coderws_template.test.id
  template_version_id = data.coderws_template.test.active_version_id
  %s
}
`, template.Name, cpu(3)),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: checks(same(&id), holds(t, d.Deployment, "running", map[string]string{"cpu": "3"}), hasVersion(t, d.Deployment, &second),
					wrote(t, d.Deployment, map[string]int{postBuild: 2})),
			},
			{ // an administrator's token starts what it likes
				PreConfig:        func() { publish() },
				Config:           config(d.Deployment, 4),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: checks(same(&id), holds(t, d.Deployment, "running", map[string]string{"cpu": "4"}), hasVersion(t, d.Deployment, &second),
					wrote(t, d.Deployment, map[string]int{postBuild: 2})),
			},
		}})
	})
}

// providerOf is the provider block for another token.
func (f *flow) providerOf(d *acctest.Deployment) string { return f.ProviderConfigFor(d.Token) }

// A stopped workspace takes new values by a stop, which every version may do:
// that is not refused.
func TestBetween_updateOfAnOutdatedStoppedWorkspace(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		member := as(d.Deployment, d.Fake.AddUser("member"))
		template := addStrict(d)
		config := func(n int, lines ...string) string {
			return workspaceConfig(member, "one", template.ID.String(), append(lines, cpu(n))...)
		}
		stopped := `desired_status = "stopped"`
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(2, stopped), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1, postBuild: 1})},
			{
				PreConfig: func() { d.Fake.PublishVersion(template.ID, codertest.BasicTemplate().Version) },
				Config:    config(3, stopped),
				Check:     checks(holds(t, d.Deployment, "stopped", map[string]string{"cpu": "3"}), wrote(t, d.Deployment, map[string]int{postBuild: 1})),
			},
			{Config: config(3, `desired_status = "running"`), ExpectError: message("Template requires its active version")},
			{PreConfig: sent(t, d.Deployment, nothing), Config: config(3, stopped), ConfigPlanChecks: emptyPlan},
		}})
	})
}

// The policy comes between plan and apply: nothing is stopped then either.
func TestBetween_activeVersionRequiredMeanwhile(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		member := as(d.Deployment, d.Fake.AddUser("member"))
		template := d.add(codertest.BasicTemplate())
		config := func(n int) string { return workspaceConfig(member, "one", template.ID.String(), cpu(n)) }
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(2), Check: wrote(t, d.Deployment, map[string]int{postWorkspace: 1})},
			{
				Config: config(3),
				ConfigPlanChecks: updateAfter(func() {
					d.Fake.PublishVersion(template.ID, codertest.BasicTemplate().Version)
					d.Fake.UpdateTemplate(template.ID, func(t *codertest.Template) { t.RequireActiveVersion = true })
				}),
				ExpectError: message("Template requires its active version"),
			},
			{
				PreConfig:        sent(t, d.Deployment, nothing),
				Config:           config(2),
				ConfigPlanChecks: emptyPlan,
				Check:            holds(t, d.Deployment, "running", map[string]string{"cpu": "2"}),
			},
		}})
	})
}

// The actions take nothing down either for a start that is refused.
func TestBetween_restartOfAnOutdatedWorkspace(t *testing.T) {
	t.Parallel()
	onNewestFlows(t, func(t *testing.T, d *flow) {
		member := as(d.Deployment, d.Fake.AddUser("member"))
		template := addStrict(d)
		id := d.Fake.CreateWorkspace("member", "one", template.ID, nil)
		d.Fake.PublishVersion(template.ID, codertest.BasicTemplate().Version)
		values := acctest.Values{"workspace_id": id.String()}
		_, diags := member.Server(t).Invoke(t, restartAction, values)
		wantProblem(t, diags, "Template requires its active version", updateAction)
		sent(t, d.Deployment, nothing)()
		invoke(t, d.Server(t), restartAction, values)
		sent(t, d.Deployment, map[string]int{postBuild: 2})()
		invoke(t, member.Server(t), updateAction, values)
		sent(t, d.Deployment, map[string]int{postBuild: 2})()
		if w := present(t, d.Deployment); w.Status != "running" {
			t.Errorf("the workspace is %s", w.Status)
		}
	})
}

// Nor does the update to a version that the token may not start.
func TestBetween_updateToAnInactiveVersion(t *testing.T) {
	t.Parallel()
	onNewestFlows(t, func(t *testing.T, d *flow) {
		member := as(d.Deployment, d.Fake.AddUser("member"))
		template := addStrict(d)
		id := d.Fake.CreateWorkspace("member", "one", template.ID, nil)
		second := d.Fake.PublishVersion(template.ID, codertest.BasicTemplate().Version)
		d.Fake.PublishVersion(template.ID, codertest.BasicTemplate().Version)
		_, diags := member.Server(t).Invoke(t, updateAction, acctest.Values{"workspace_id": id.String(), "template_version_id": second.String()})
		wantProblem(t, diags, "Template requires its active version", second.String())
		sent(t, d.Deployment, nothing)()
	})
}

// A schedule that is taken out where the template has come to forbid schedules
// cannot be removed from Coder: a warning says so, nothing is sent, and that is
// all.
func TestBetween_scheduleTakenOutWhereForbidden(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		forbid := func() {
			d.Fake.UpdateTemplate(uuid.MustParse(template.ID), func(t *codertest.Template) { t.ForbidUserAutostart = true })
		}
		config := func(lines ...string) string { return workspaceConfig(d, "one", template.ID, lines...) }
		daily := `autostart_schedule = "0 9 * * 1-5"`
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(daily), Check: wrote(t, d, map[string]int{postWorkspace: 1})},
			{PreConfig: forbid, Config: config(daily), ConfigPlanChecks: emptyPlan},
			{Config: config(`autostart_schedule = "0 8 * * 1-5"`), ExpectError: message("Template forbids autostart schedules")},
			{
				PreConfig:         sent(t, d, nothing),
				Config:            config(),
				ConfigPlanChecks:  planned(plancheck.ResourceActionUpdate),
				Check:             wrote(t, d, nothing),
				ConfigStateChecks: []statecheck.StateCheck{attribute("autostart_schedule", knownvalue.Null())},
			},
			{Config: config(`ttl_ms = 3600000`), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: wrote(t, d, map[string]int{putTTL: 1})},
		}})
	})
}

// The warning of such a plan names the template and the schedule that stays.
func TestBetween_scheduleTakenOutIsWarnedOf(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		template := d.Template(t, acctest.Basic)
		values := acctest.Values{
			"name": "one", "template_id": template.ID, "autostart_schedule": "0 9 * * 1-5",
			"deletion_protection": false, "orphan_on_destroy": false, "wait_for_agents": false,
		}
		created, diags := s.Apply(t, workspaceType, nil, values)
		if diags.HasError() {
			t.Fatal(diags)
		}
		d.Fake.UpdateTemplate(uuid.MustParse(template.ID), func(t *codertest.Template) { t.ForbidUserAutostart = true })
		delete(values, "autostart_schedule")
		next := d.Server(t) // templates are looked up once
		if created, diags = next.Read(t, workspaceType, created); diags.HasError() {
			t.Fatal(diags)
		}
		plan := next.Plan(t, workspaceType, created, values)
		wantProblem(t, plan.Diagnostics, "Autostart schedule cannot be removed", template.Name, "0 9 * * 1-5")
	})
}

// An imported workspace whose schedule came before the template forbade it is
// no trouble: not with that schedule in the configuration, and not without.
func TestBetween_importWithForbiddenSchedule(t *testing.T) {
	t.Parallel()
	for name, line := range map[string]string{"without": "", "with": `autostart_schedule = "0 9 * * 1-5"`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			onNewest(t, func(t *testing.T, f *flow) {
				d := f.Deployment
				template := d.Template(t, acctest.Basic)
				workspace := newWorkspace(t, d, template)
				daily := "0 9 * * 1-5"
				if err := d.Client.PutAutostart(t.Context(), workspace.ID, &daily); err != nil {
					t.Fatal(err)
				}
				d.Fake.UpdateTemplate(uuid.MustParse(template.ID), func(t *codertest.Template) { t.ForbidUserAutostart = true })
				d.Fake.ResetRequests()
				config := workspaceConfig(d, "one", template.ID, line)
				acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
					{Config: config + importBlock, Check: wrote(t, d, nothing)},
				}})
			})
		})
	}
}

// The configuration that a list writes for such a workspace can be planned.
func TestBetween_listedWithForbiddenSchedule(t *testing.T) {
	t.Parallel()
	protocol(t, func(t *testing.T, d *acctest.Deployment, s *acctest.Server) {
		template := d.Template(t, acctest.Basic)
		workspace := newWorkspace(t, d, template)
		daily := "0 9 * * 1-5"
		if err := d.Client.PutAutostart(t.Context(), workspace.ID, &daily); err != nil {
			t.Fatal(err)
		}
		d.Fake.UpdateTemplate(uuid.MustParse(template.ID), func(t *codertest.Template) { t.ForbidUserAutostart = true })
		found := s.List(t, workspaceType, nil, 0, true)
		if len(found) != 1 {
			t.Fatal(found)
		}
		values := s.Generate(t, workspaceType, found[0])
		values["wait_for_agents"], values["deletion_protection"], values["orphan_on_destroy"] = false, false, false
		imported, diags := s.Import(t, workspaceType, workspace.ID.String(), nil)
		if diags.HasError() {
			t.Fatal(diags)
		}
		plan := s.Plan(t, workspaceType, imported, values)
		if len(plan.Diagnostics) > 0 {
			t.Error(acctest.Diagnostics(plan.Diagnostics))
		}
	})
}

// A TTL that the template has come to set itself is neither sent nor an error
// where the configuration leaves it out.
func TestBetween_ttlWhereForbidden(t *testing.T) {
	t.Parallel()
	onFakes(t, func(t *testing.T, d *acctest.Deployment) {
		template := d.Template(t, acctest.Basic)
		forbid := func() {
			d.Fake.UpdateTemplate(uuid.MustParse(template.ID), func(t *codertest.Template) { t.ForbidUserAutostop = true })
		}
		config := func(lines ...string) string { return workspaceConfig(d, "one", template.ID, lines...) }
		acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
			{Config: config(`ttl_ms = 3600000`), Check: wrote(t, d, map[string]int{postWorkspace: 1})},
			{PreConfig: forbid, Config: config(`ttl_ms = 7200000`), ExpectError: message("Template forbids a TTL of its users' choice")},
			{PreConfig: sent(t, d, nothing), Config: config(), ConfigPlanChecks: emptyPlan, Check: wrote(t, d, nothing)},
			{Config: config(cpu(3)), ConfigPlanChecks: planned(plancheck.ResourceActionUpdate), Check: wrote(t, d, map[string]int{postBuild: 2})},
		}})
	})
}

// Coder checks the values of a build that stops or deletes, too. A template that
// no longer takes those of a running workspace, since it is in the other flow by
// now for instance, is given others with the stop, and then lets go of it.
func TestBetween_templateRefusesPresentValues(t *testing.T) {
	t.Parallel()
	onNewest(t, func(t *testing.T, d *flow) {
		template := d.add(codertest.BasicTemplate())
		config := func(gpu string, lines ...string) string {
			return workspaceConfig(d.Deployment, "one", template.ID.String(), append(lines, parameters(map[string]string{"gpu": gpu}))...)
		}
		advice := message("Set one in parameters that the template takes, apply that alone, then try again")
		var id uuid.UUID
		acctest.Test(t, d.Deployment, resource.TestCase{Steps: []resource.TestStep{
			{Config: config("1"), Check: checks(capture(&id), wrote(t, d.Deployment, map[string]int{postWorkspace: 1}))},
			{
				PreConfig: func() {
					d.Fake.UpdateTemplate(template.ID, func(t *codertest.Template) { t.ClassicParameterFlow = true })
				},
				Config:      config("1", `desired_status = "stopped"`),
				ExpectError: advice,
			},
			{Config: config("1"), Destroy: true, ExpectError: advice},
			{
				PreConfig:        sent(t, d.Deployment, map[string]int{postBuild: 2}),
				Config:           config("true"),
				ConfigPlanChecks: planned(plancheck.ResourceActionUpdate),
				Check: checks(same(&id), holds(t, d.Deployment, "running", map[string]string{"gpu": "true"}),
					wrote(t, d.Deployment, map[string]int{postBuild: 3})), // the first one refused
			},
			{Config: config("true"), ConfigPlanChecks: emptyPlan},
		}})
	})
}
