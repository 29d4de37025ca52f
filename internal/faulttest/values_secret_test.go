package faulttest_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// marker is in every value of free text here.
const marker = "hunter2"

// repeating is a template with parameters of free text, whose builds fail where
// told, and then repeat all values.
func (s *scene) repeating() codertest.Template {
	template := codertest.BasicTemplate()
	version := &template.Version
	version.Parameters = append(version.Parameters,
		codertest.Parameter{Name: "text", Mutable: true, Default: "fine", Regex: "fine", Error: "say that it is fine"},
		codertest.Parameter{Name: "list", Type: "list(string)", Mutable: true, Default: "[]"},
		codertest.Parameter{Name: "unmanaged", Mutable: true, Default: "default-" + marker},
		codertest.Parameter{Name: "once", Mutable: true, Default: "-", Ephemeral: s.newest()},
	)
	if s.newest() {
		version.Presets = []codertest.Preset{{Name: "Text", Parameters: map[string]string{"text": "fine-preset-" + marker}}}
	}
	version.Fail = func(transition string, values map[string]string) string {
		if !strings.Contains(values["text"], "fail at "+transition) {
			return ""
		}
		repeated := codertest.ApplyFailed + " with " + values["text"]
		for _, name := range slices.Sorted(maps.Keys(values)) {
			repeated += fmt.Sprintf("\nError: %s = %q, which is %s", name, values[name], values[name])
		}
		return repeated
	}
	return template
}

// The values of free text, wherever they are from, are in nothing that people
// get to see, whoever repeats them; those of ephemeral parameters neither.
func TestValues_areNotRepeated(t *testing.T) {
	// So the lines of build logs are in the log, too. No other test must see it.
	t.Setenv("TF_LOG", "TRACE")
	for _, flow := range []struct {
		version string
		classic bool
	}{{"", false}, {"", true}, {"seed", true}} {
		inBubble(t, codertest.Options{Version: flow.version}, func(ctx context.Context, s *scene) {
			var logged bytes.Buffer
			ctx = tflogtest.RootLogger(ctx, &logged)
			template := s.repeating()
			template.ClassicParameterFlow = flow.classic
			s.repeat(ctx, s.fake.AddTemplate(template))
			for line := range strings.Lines(logged.String()) {
				if strings.Contains(line, marker) {
					t.Errorf("the log has %s", line)
				}
			}
			if !strings.Contains(logged.String(), "Build log: Error: text = \\\"(value of text)\\\"") {
				t.Error("the log has no lines of the builds' logs")
			}
		})
	}
}

// repeat lets the server repeat values in all places that it has.
func (s *scene) repeat(ctx context.Context, template codertest.TemplateInfo) {
	t := s.t
	config := func(text string, more object) object {
		parameters := object{"text": text, "list": `["` + marker + `-element"]`}
		config := s.config(object{"template_id": template.ID.String(), "parameters": parameters})
		if s.newest() {
			config["ephemeral_parameters"] = object{"once": marker + "-once"}
		} else {
			parameters["once"] = marker + "-once"
		}
		maps.Copy(config, more)
		return config
	}
	echo := func(status int, route string) { // until faults are cleared
		s.fake.AddFault(codertest.Fault{Method: http.MethodPost, Route: route, Status: status, Body: fmt.Sprintf(
			`{"message":"Unable to validate parameters","detail":"text is 'fine-%[1]s' and fine-%[1]s-update","validations":[{"field":"text","detail":"value \"fine-%[1]s\" and list [\"%[1]s-element\"], %[1]s-once, default-%[1]s"}]}`, marker)})
	}
	wants := func(out *outcome, words ...string) {
		t.Helper()
		if !out.failed() || len(out.broken) > 0 {
			t.Errorf("no error, or worse: %s", out)
		}
		if strings.Contains(out.String(), marker) {
			t.Errorf("a value is said: %s", out)
		}
		for _, word := range words {
			if !strings.Contains(out.String(), word) {
				t.Errorf("%q is not said: %s", word, out)
			}
		}
	}
	const create, build = "/organizations/{organization}/members/{user}/workspaces", "/workspaces/{workspace}/builds"

	wants(s.plan(ctx, config("not good: "+marker, nil)), "Invalid parameter value", `The value of parameter "text"`, "say that it is fine")
	echo(http.StatusBadRequest, create)
	wants(s.apply(ctx, config("fine-"+marker, nil)), "Unable to create the workspace", `value "(value of text)" and list`)
	s.fake.ClearFaults()
	s.must(ctx, config("fine-"+marker, nil))

	wants(s.plan(ctx, config("not good: "+marker, nil)), "Invalid parameter value", `The value of parameter "text"`)
	for _, status := range []int{http.StatusBadRequest, http.StatusForbidden, http.StatusInternalServerError} {
		echo(status, build)
		wants(s.apply(ctx, config("fine-"+marker+"-update", nil)), "Unable to build the workspace", "(value of text)")
		s.fake.ClearFaults()
		s.must(ctx, config("fine-"+marker, nil))
	}
	wants(s.apply(ctx, config("fine, but fail at start: "+marker, nil)), "Workspace failed to start",
		codertest.ApplyFailed+" with (value of text)", `Error: text = "(value of text)", which is (value of text)`, `unmanaged = "(value of unmanaged)"`)
	s.must(ctx, config("fine-"+marker, nil))
	if s.newest() {
		wants(s.plan(ctx, config("fine-"+marker, object{"preset": "Text"})), "Preset overrules the parameter")
		echo(http.StatusBadRequest, build)
		wants(s.apply(ctx, config("fine-"+marker, object{"preset": "Text", "parameters": nil})), "Unable to build the workspace")
		s.fake.ClearFaults()
	}
	s.must(ctx, config("fine, but fail at delete: "+marker, nil))
	wants(s.apply(ctx, nil), "Workspace failed to be deleted", `Error: text = "(value of text)"`)
	s.must(ctx, config("fine-"+marker, nil))
	s.must(ctx, nil)
}
