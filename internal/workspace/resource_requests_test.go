package workspace_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"golang.org/x/sync/errgroup"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
	"github.com/coderws/terraform-provider-coderws/internal/workspace"
)

// Routes, as the fake's request log names them.
const (
	postWorkspace  = "POST /organizations/{organization}/members/{user}/workspaces"
	postBuild      = "POST /workspaces/{workspace}/builds"
	patchName      = "PATCH /workspaces/{workspace}"
	putAutostart   = "PUT /workspaces/{workspace}/autostart"
	putTTL         = "PUT /workspaces/{workspace}/ttl"
	putExtend      = "PUT /workspaces/{workspace}/extend"
	getWorkspace   = "GET /workspaces/{workspace}"
	listWorkspaces = "GET /workspaces"
	getBuild       = "GET /workspacebuilds/{workspacebuild}"
	watch          = "GET /workspaces/{workspace}/watch"
)

// writes are the requests that change something; evaluating a form of
// parameters, and asking what the token may do, are POSTs that do not.
func writes(d *acctest.Deployment) map[string]int {
	counts := d.RequestCounts()
	maps.DeleteFunc(counts, func(request string, _ int) bool {
		return strings.HasPrefix(request, "GET ") || strings.HasSuffix(request, "/dynamic-parameters/evaluate") || request == "POST /authcheck"
	})
	return counts
}

func expectWrites(t *testing.T, d *acctest.Deployment, want map[string]int) resource.TestCheckFunc {
	t.Helper()
	return func(*terraform.State) error {
		got := writes(d)
		d.Fake.ResetRequests()
		if !maps.Equal(got, want) {
			return fmt.Errorf("sent %v, want %v", got, want)
		}
		return nil
	}
}

// Every change sends its own request and no other.
func TestWorkspaceResource_sendsOnlyWhatChanged(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			template := d.Template(t, acctest.Basic)
			deadline := time.Now().Add(5 * time.Hour).UTC().Format(time.RFC3339)
			step := func(want map[string]int, name string, lines ...string) resource.TestStep {
				return resource.TestStep{Config: workspaceConfig(d, name, template.ID, lines...), Check: expectWrites(t, d, want)}
			}
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				step(map[string]int{postWorkspace: 1}, "one", `ttl_ms = 3600000`),
				step(map[string]int{putTTL: 1}, "one", `ttl_ms = 7200000`),
				step(map[string]int{patchName: 1}, "two", `ttl_ms = 7200000`),
				step(map[string]int{putAutostart: 1}, "two", `ttl_ms = 7200000`, `autostart_schedule = "0 9 * * 1"`),
				step(map[string]int{putExtend: 1}, "two", `ttl_ms = 7200000`, `autostart_schedule = "0 9 * * 1"`, fmt.Sprintf("deadline = %q", deadline)),
				step(map[string]int{}, "two", `ttl_ms = 7200000`, `autostart_schedule = "0 9 * * 1"`, fmt.Sprintf("deadline = %q", deadline), "timeouts {\n read = \"1m\"\n }"),
				// Stop and start for the parameter, and the new build is extended.
				step(map[string]int{patchName: 1, putAutostart: 1, postBuild: 2, putExtend: 1}, "three", `ttl_ms = 7200000`, fmt.Sprintf("deadline = %q", deadline), `parameters = { cpu = "4" }`),
				step(map[string]int{putTTL: 1}, "three", `ttl_ms = 0`, `parameters = { cpu = "4" }`),
			}})
			if got, want := writes(d), (map[string]int{postBuild: 1}); !maps.Equal(got, want) {
				t.Errorf("destroying sent %v, want %v", got, want)
			}
		})
	}
}

// A create without options costs one POST, the wait, and at most two reads.
func TestWorkspaceResource_createRequests(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version, BuildTime: 300 * time.Millisecond})
			template := d.Template(t, acctest.Basic)
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{{Config: workspaceConfig(d, "one", template.ID)}}})

			requests := d.Requests()
			first := slices.Index(requests, postWorkspace)
			// The framework refreshes and plans around the apply; the apply
			// begins with the template's look-up and ends where the next plan
			// reads the workspace.
			for first > 0 && requests[first-1] == "GET /templates/{template}" {
				first--
				break
			}
			last := first + 1
			for last < len(requests) && requests[last] != getWorkspace {
				last++
			}
			reads := 0
			for _, request := range requests[first:last] {
				switch request {
				case postWorkspace, watch, getBuild: // the create and the wait
				default:
					reads++
				}
			}
			if n := d.RequestCounts()[watch]; n < 1 {
				t.Errorf("the build was not watched: %v", requests)
			}
			if reads > 2 {
				t.Errorf("%d reads in %v", reads, requests[first:last])
			}
		})
	}
}

// A plan without changes costs one request for a workspace, parameters and
// deadline included.
func TestWorkspaceResource_planRequests(t *testing.T) {
	t.Parallel()
	for _, version := range acctest.Versions {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			d := acctest.NewFake(t, codertest.Options{Version: version})
			template := d.Template(t, acctest.Basic)
			config := workspaceConfig(d, "one", template.ID, `ttl_ms = 3600000`, `parameters = { cpu = "4" }`,
				fmt.Sprintf("deadline = %q", time.Now().Add(5*time.Hour).UTC().Format(time.RFC3339)))
			var requests []string
			acctest.Test(t, d, resource.TestCase{Steps: []resource.TestStep{
				{Config: config},
				{
					PreConfig:        d.Fake.ResetRequests,
					Config:           config,
					PlanOnly:         true,
					ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPreRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()}},
				},
				{
					PreConfig: func() { requests = d.Requests() },
					Config:    config,
				},
			}})
			// One plan with a refresh each, however many the framework makes.
			for _, request := range requests {
				if request != getWorkspace {
					t.Errorf("a plan sent %s", request)
				}
			}
			if len(requests) == 0 || len(requests) > 2 {
				t.Errorf("the plans sent %d requests: %v", len(requests), requests)
			}
		})
	}
}

// A hundred workspaces cost a hundred POSTs to create, each with its watch and
// little else, and are read many at once, without their parameters; so they are
// before they are changed or deleted.
func TestWorkspaceResource_manyRequests(t *testing.T) {
	t.Parallel()
	const n = 100
	d := acctest.NewFake(t, codertest.Options{})
	template := d.Template(t, acctest.Basic)
	config := func(i int) acctest.Values {
		return acctest.Values{
			"name": fmt.Sprintf("dev-%d", i), "template_id": template.ID, "ttl_ms": 3_600_000,
			"parameters": map[string]string{"cpu": "4"},
		}
	}
	instances := make([]*acctest.Instance, n)
	each := func(act func(i int)) {
		var workers errgroup.Group
		workers.SetLimit(10) // Terraform's parallelism
		for i := range instances {
			workers.Go(func() error {
				act(i)
				return nil
			})
		}
		_ = workers.Wait()
	}

	server := d.Server(t)
	each(func(i int) {
		created, problems := server.Apply(t, workspace.ResourceType, nil, config(i))
		if problems.HasError() {
			t.Errorf("creating %d: %s", i, problems)
		}
		instances[i] = created
	})
	if counts := d.RequestCounts(); counts[postWorkspace] != n || sum(counts) > 3*n {
		t.Errorf("creating sent %d requests: %v", sum(counts), counts)
	}

	d.Fake.ResetRequests()
	server = d.Server(t) // Terraform starts the provider anew for each command
	each(func(i int) {
		if _, problems := server.Read(t, workspace.ResourceType, instances[i]); problems.HasError() {
			t.Errorf("reading %d: %s", i, problems)
		}
	})
	// expect checks the requests since the last call: some for each workspace, few
	// for all, and the reads that were put together. Eleven of them where nothing
	// else is running; what comes together is a matter of pace, so that a slow
	// machine needs more.
	expect := func(doing string, others int, each ...string) {
		counts := d.RequestCounts()
		reads := counts[listWorkspaces] + counts[getWorkspace]
		if counts[listWorkspaces] == 0 || reads > n/2 || sum(counts) > reads+len(each)*n+others {
			t.Errorf("%s sent %d requests: %v", doing, sum(counts), counts)
		}
		for _, request := range each {
			if counts[request] != n {
				t.Errorf("%s sent %d of %s", doing, counts[request], request)
			}
		}
		d.Fake.ResetRequests()
	}
	expect("reading", 0)

	server = d.Server(t)
	each(func(i int) {
		changed := config(i)
		changed["ttl_ms"] = 7_200_000
		var problems acctest.Diagnostics
		if instances[i], problems = server.Apply(t, workspace.ResourceType, instances[i], changed); problems.HasError() {
			t.Errorf("changing %d: %s", i, problems)
		}
	})
	expect("changing", 1, putTTL) // it asks for the template

	server = d.Server(t)
	each(func(i int) {
		if problems := server.Destroy(t, workspace.ResourceType, instances[i]); problems.HasError() {
			t.Errorf("deleting %d: %s", i, problems)
		}
	})
	expect("deleting", 0, postBuild, watch)
}

func sum(counts map[string]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}
