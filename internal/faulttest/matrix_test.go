package faulttest_test

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// TestFaultMatrix lets every request of every operation go wrong in every way,
// once and lastingly, and checks after each case that no workspace was made
// twice, lost or left behind, that the user was told in plain words, and that
// the next apply brings everything in order.
func TestFaultMatrix(t *testing.T) {
	t.Parallel()
	table := newFaultTable()
	t.Cleanup(func() { t.Log(table) })
	for _, version := range acctest.Versions {
		for _, op := range operations {
			if op.newest && version == "seed" {
				continue
			}
			t.Run(version+"/"+op.name, func(t *testing.T) {
				t.Parallel()
				tryOperation(t, version, op, table)
			})
		}
	}
}

// place is where in an operation something goes wrong.
type place struct {
	call        string
	skip, times int // as in a fault
}

func (p place) String() string {
	if p.times == 0 {
		return p.call + ", lastingly"
	}
	return fmt.Sprintf("%s, number %d", p.call, p.skip+1)
}

// places are the requests of an operation without faults: the first and the
// last of each kind, and all of them.
func places(calls []string) []place {
	var found []place
	count := map[string]int{}
	for _, call := range calls {
		count[call]++
	}
	for call, n := range count {
		found = append(found, place{call, 0, 1}, place{call, 0, 0})
		if n > 1 {
			found = append(found, place{call, n - 1, 1})
		}
	}
	slices.SortFunc(found, func(a, b place) int { return strings.Compare(a.String(), b.String()) })
	return found
}

func tryOperation(t *testing.T, version string, op operation, table *faultTable) {
	t.Helper()
	var calls []string
	inBubble(t, codertest.Options{Version: version}, func(ctx context.Context, s *scene) {
		config := op.arrange(ctx, s)
		s.fake.ResetRequests()
		out := op.act(ctx, s, config)
		if len(out.broken) > 0 || out.failed() && op.repair == nil {
			t.Fatalf("without any fault: %s", out)
		}
		calls = s.calls()
	})
	for _, at := range places(calls) {
		for _, what := range misfortunes {
			// A body that never ends is read up to the client's limit.
			slow := what.fault.Spoil == codertest.Endless
			if wanted, _ := regexp.MatchString(*only, what.name); !wanted || !sampled(slow, version, op.name, at.String(), what.name) {
				continue
			}
			problems, told := tryCase(t, version, op, at, what)
			table.add(faultKey{op.name, at.call, what.name}, len(problems) == 0)
			for _, problem := range problems {
				t.Errorf("%s at %s: %s\n%s", what.name, at, problem, told)
			}
		}
	}
}

// longest is how long a command may take at most: the time limits of the
// resource, and what is needed to tidy up.
const longest = 45 * time.Minute

// tryCase lets one thing go wrong. It returns what the provider did wrong, and
// what it said.
func tryCase(t *testing.T, version string, op operation, at place, what misfortune) (problems []string, told string) {
	t.Helper()
	problem := func(format string, arguments ...any) {
		problems = append(problems, fmt.Sprintf(format, arguments...))
	}
	inBubble(t, codertest.Options{Version: version}, func(ctx context.Context, s *scene) {
		config := op.arrange(ctx, s)
		before := s.live()
		fault := what.fault
		fault.Method, fault.Route = splitCall(at.call)
		fault.Skip, fault.Times = at.skip, at.times
		s.fake.PrependFault(fault)
		s.network.reset.Store(what.reset)

		begun := time.Now()
		out := op.act(ctx, s, config)
		told = out.String()
		if took := time.Since(begun); took > longest {
			problem("it took %s", took)
		}
		problems = append(problems, out.broken...)
		for _, d := range out.errors {
			if reason := unclear(d); reason != "" {
				problem("the error is unclear: %s", reason)
			}
		}

		if what.word && at.call == "GET /workspaces/{workspace}" && out.action == "create" && op.kind == keeping {
			return // Coder itself said that the workspace was gone, so another was made
		}
		lost := checkAfterFault(s, op, out, before, problem)
		s.fake.ClearFaults()
		s.network.reset.Store(false)
		switch {
		case lost && what.word && at.call == "GET /workspaces/{workspace}":
			// Coder itself said of this very workspace that it is gone.
			if op.kind == deleting {
				return // and that is what was wanted
			}
			s.importAgain(ctx, config, problem)
		case lost:
			problem("the workspace is lost: the state holds %q, the deployment %v", s.state.id(), ids(s.live()))
			return
		}
		converge(ctx, s, op, at, what, config, before, problem)
	})
	return problems, told
}

// checkAfterFault looks at state and deployment right after the fault. It
// tells whether a workspace exists that the state does not know.
func checkAfterFault(s *scene, op operation, out *outcome, before []codertest.Workspace, problem func(string, ...any)) (lost bool) {
	live := s.live()
	if len(live) > 1 {
		problem("there are %d workspaces", len(live))
	}
	if op.kind != creating && op.kind != deleting && (len(live) != 1 || live[0].ID != before[0].ID) {
		problem("the workspace of before, %v, became %v", ids(before), ids(live))
		return false
	}
	if len(live) == 0 || op.kind == importing && out.failed() {
		return false
	}
	return s.state.id() != live[0].ID.String()
}

// converge puts everything in order again.
func converge(ctx context.Context, s *scene, op operation, at place, what misfortune, config object, before []codertest.Workspace, problem func(string, ...any)) {
	if op.kind == importing && s.state == nil {
		if out := op.act(ctx, s, config); out.failed() {
			problem("importing again fails: %s", out)
			return
		}
	}
	if op.kind == reading {
		underFault := attributes(s.result)
		if out := op.act(ctx, s, config); out.failed() {
			problem("reading again fails: %s", out)
		}
		for name, value := range attributes(s.result) {
			if got, ok := underFault[name]; ok && !got.Equal(value) && !excused(name, at, what) {
				problem("it read a wrong %s without an error", name)
			}
		}
	}
	if op.repair != nil {
		op.repair(config)
	}
	out := s.apply(ctx, config)
	if out.failed() {
		problem("the next apply fails: %s", out)
		return
	}
	if out.action == "replace" && op.kind != creating {
		problem("the next apply replaced the workspace")
	}
	if out.action != "no-op" {
		if again := s.plan(ctx, config); again.failed() || again.action != "no-op" {
			problem("the plan after the next apply is not empty: %s", again)
		}
	}
	live := s.live()
	if config == nil {
		if len(live) > 0 || s.state != nil {
			problem("after the destroy there are %v, and the state holds %q", ids(live), s.state.id())
		}
		return
	}
	if len(live) != 1 || s.state.id() != live[0].ID.String() || live[0].Name != config["name"] {
		problem("in the end there are %v, and the state holds %q", ids(live), s.state.id())
		return
	}
	if op.kind != creating && live[0].ID != before[0].ID {
		problem("the workspace of before, %v, became %v", ids(before), ids(live))
	}
}

// excused tells whether a data source may hold a wrong value after a fault: the
// name of an organization is looked up as best can be, and null is how Coder
// writes a list that is empty.
func excused(attribute string, at place, what misfortune) bool {
	return attribute == "organization_name" && at.call == "GET /organizations/{organization}" || what.name == "JSON null"
}

func ids(workspaces []codertest.Workspace) []string {
	var list []string
	for _, w := range workspaces {
		list = append(list, fmt.Sprintf("%s (%s, %s)", w.ID, w.Name, w.Status))
	}
	return list
}

// importAgain takes a workspace back that the server said was gone.
func (s *scene) importAgain(ctx context.Context, config object, problem func(string, ...any)) {
	name := s.live()[0].Name
	if name == config["name"] {
		if out := s.apply(ctx, config); !strings.Contains(out.String(), "Workspace exists already") {
			problem("the next apply does not say that the workspace is there: %s", out)
		}
	}
	if out := s.importID(ctx, "admin/"+name); out.failed() {
		problem("importing it again fails: %s", out)
	}
}

var (
	rawError = regexp.MustCompile(`(?i)runtime error|nil pointer|goroutine \d|%!|<nil>|\bpanic\b|\b(coder|url|net|http|json|errors)\.[A-Z]\w+\{|0x[0-9a-f]{6}|<html|<body|<h1|[\x00-\x08\x0b-\x1f\x7f]`)
	cause    = regexp.MustCompile(`EOF|invalid character|deadline exceeded|context canceled|connection reset|broken pipe|connection refused|cannot unmarshal|closed network|too large|null where`)
)

// unclear says what is wrong with the words of an error; "" when people can
// work with it.
func unclear(d *tfprotov6.Diagnostic) string {
	switch detail := strings.TrimSpace(d.Detail); {
	case d.Summary == "" || detail == "":
		return "it says nothing"
	case rawError.MatchString(d.Summary + "\n" + detail):
		return "it holds " + rawError.FindString(d.Summary+"\n"+detail)
	case cause.MatchString(detail) && !strings.Contains(detail, "\n\n"):
		return "it gives a cause and no explanation"
	case len(detail) > 5000:
		return "it is very long"
	default:
		return ""
	}
}

// TestFaultMatrix_secondPage reads a list of two pages of which the second goes
// wrong. The list is complete, or there is an error.
func TestFaultMatrix_secondPage(t *testing.T) {
	t.Parallel()
	for i, what := range misfortunes {
		if what.fault.Spoil == codertest.Endless || !*soak && i%4 > 0 {
			continue
		}
		inBubble(t, codertest.Options{}, func(ctx context.Context, s *scene) {
			const count = 130
			for i := range count {
				s.fake.CreateWorkspace("admin", fmt.Sprintf("w%03d", i), s.basic.ID, nil)
			}
			fault := what.fault
			fault.Method, fault.Route, fault.Skip = http.MethodGet, "/workspaces", 1
			s.fake.AddFault(fault)
			result, out := s.read(ctx, "coderws_workspaces", object{"owner": "me", "include_resources": false})
			var rows []tftypes.Value
			if list := attributes(result)["workspaces"]; !out.failed() && list.As(&rows) == nil && len(rows) != count {
				t.Errorf("%s: %d of %d workspaces without an error", what.name, len(rows), count)
			}
			for _, d := range out.errors {
				if reason := unclear(d); reason != "" {
					t.Errorf("%s: the error is unclear: %s: %s", what.name, reason, d.Detail)
				}
			}
		})
	}
}
