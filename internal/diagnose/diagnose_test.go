package diagnose_test

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/diagnose"
)

// refused is an answer to POST /api/v2/x; field errors come in pairs.
func refused(status int, message, detail string, validations ...string) *coder.Error {
	e := &coder.Error{Method: "POST", Path: "/api/v2/x", Status: status, Message: message, Detail: detail}
	for i := 0; i < len(validations); i += 2 {
		e.Validations = append(e.Validations, coder.Validation{Field: validations[i], Detail: validations[i+1]})
	}
	return e
}

// at is the path of a diagnostic, "" without one.
func at(d diag.Diagnostic) string {
	if d, ok := d.(diag.DiagnosticWithPath); ok {
		return d.Path().String()
	}
	return ""
}

func TestError_text(t *testing.T) {
	t.Parallel()
	conflict := refused(http.StatusConflict, `Workspace "dev" already exists.`, "",
		"name", "This value is already in use and should be unique.")
	conflict.RequestID = "1f2e"
	// The error may arrive wrapped.
	diags := diagnose.Error("Unable to create the workspace", `create workspace "dev"`, fmt.Errorf("creating: %w", conflict), diagnose.WorkspaceFields())

	want := diag.Diagnostics{diag.NewAttributeErrorDiagnostic(path.Root("name"), "Unable to create the workspace", strings.Join([]string{
		`Could not create workspace "dev": Coder answered 409 Conflict.`,
		"",
		`Workspace "dev" already exists.`,
		"  - name: This value is already in use and should be unique.",
		"",
		"An owner's workspaces differ in their names, not counting upper and lower case. " +
			"Choose another name, or take the existing workspace over with `terraform import`. " +
			"If the same apply destroys or renames the other one, which Terraform does at the same time, apply again.",
		"",
		"Request: POST /api/v2/x, id 1f2e",
	}, "\n"))}
	if diff := cmp.Diff(want, diags); diff != "" {
		t.Errorf("diagnostics differ (-want +got):\n%s", diff)
	}
	if got := diagnose.Detail(`create workspace "dev"`, conflict); got != want[0].Detail() {
		t.Errorf("Detail is\n%s", got)
	}
}

func TestError_nil(t *testing.T) {
	t.Parallel()
	if diags := diagnose.Error("Unable to read", "read", nil, diagnose.Fields{}); diags != nil {
		t.Errorf("got %v", diags)
	}
}

// TestError_paths are refusals as real servers word them, and the attributes
// they must point at.
func TestError_paths(t *testing.T) {
	t.Parallel()
	workspace := diagnose.WorkspaceFields()
	tests := map[string]struct {
		err    *coder.Error
		fields diagnose.Fields
		want   []string
	}{
		"nothing mapped":     {refused(400, "Validation failed.", "", "name", "x"), diagnose.Fields{}, []string{""}},
		"schedule at create": {refused(400, "Invalid Autostart Schedule.", "", "schedule", "x"), workspace, []string{"autostart_schedule"}},
		"ttl":                {refused(400, "Error updating workspace time until shutdown.", "", "ttl_ms", "x"), workspace, []string{"ttl_ms"}},
		"deadline":           {refused(400, "Validation failed.", "", "deadline", "x"), workspace, []string{"deadline"}},
		"template":           {refused(400, `Template "1" doesn't exist.`, "", "template_id", "template not found"), workspace, []string{"template_id"}},
		"two fields":         {refused(400, "Validation failed.", "", "template_id", "x", "name", "y"), workspace, []string{"template_id", "name"}},
		"same field twice":   {refused(400, "Validation failed.", "", "name", "x", "name", "y"), workspace, []string{"name"}},
		"one field unknown":  {refused(400, "Validation failed.", "", "name", "x", "colour", "y"), workspace, []string{"name", ""}},
		"all fields unknown": {refused(400, "Validation failed.", "", "colour", "x", "size", "y"), workspace, []string{""}},
		"dynamic parameters": {
			refused(400, "Unable to validate parameters", "", "cpu", "x", "region", "y"), workspace,
			[]string{`parameters["cpu"]`, `parameters["region"]`},
		},
		"parameter of an attribute's name":   {refused(400, "Unable to validate parameters", "", "name", "x"), workspace, []string{`parameters["name"]`}},
		"dynamic parameters, no field":       {refused(400, "Unable to validate parameters", "cycle"), workspace, []string{"parameters"}},
		"dynamic parameters, nothing mapped": {refused(400, "Unable to validate parameters", "", "cpu", "x"), diagnose.Fields{}, []string{""}},
		"classic parameter":                  {refused(400, `Unable to validate parameter "zone"`, "parameter validation failed"), workspace, []string{`parameters["zone"]`}},
		"missing parameter, seed": {
			refused(400, `Parameter "project" is required but not provided`, `Parameter "project" is required but not provided`),
			workspace,
			[]string{`parameters["project"]`},
		},
		"parameter without its name, seed":      {refused(400, "value 9 is more than the maximum 8", ""), workspace, []string{"parameters"}},
		"parameter without its name, build":     {refused(400, "value 9 is more than the maximum 8", ""), workspace.AtRefused(path.Root("parameters")), []string{"parameters"}},
		"renames forbidden":                     {refused(400, "Workspace renames are not allowed.", ""), workspace, []string{"name"}},
		"renames forbidden, nothing mapped":     {refused(400, "Workspace renames are not allowed.", ""), diagnose.Fields{}, []string{""}},
		"unknown user":                          {refused(400, `"user" must be an existing uuid or username.`, ""), workspace.AtRefused(path.Root("name")), []string{"owner_name"}},
		"refused without a field":               {refused(400, "Cannot extend workspace beyond max deadline.", ""), workspace.AtRefused(path.Root("deadline")), []string{"deadline"}},
		"refused search":                        {refused(400, "Invalid workspace search query.", "", "q", "x"), diagnose.Fields{Refused: path.Root("query")}, []string{"query"}},
		"server failure is nobody's fault":      {refused(500, "Internal error.", ""), workspace.AtRefused(path.Root("deadline")), []string{""}},
		"busy workspace is no attribute's":      {refused(409, "A workspace build is already active.", ""), workspace.AtRefused(path.Root("parameters")), []string{""}},
		"bad token is no attribute's":           {refused(401, "You are signed out.", ""), workspace.AtRefused(path.Root("deadline")), []string{""}},
		"http for https is no attribute's":      {refused(400, "Client sent an HTTP request to an HTTPS server.", ""), workspace.AtRefused(path.Root("deadline")), []string{""}},
		"renaming onto a taken name has a path": {refused(409, `Workspace "b" already exists.`, "", "name", "in use"), workspace, []string{"name"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var got []string
			for _, d := range diagnose.Error("Unable to do it", "do it", tt.err, tt.fields) {
				if d.Severity() != diag.SeverityError || d.Summary() != "Unable to do it" {
					t.Errorf("unexpected diagnostic %v", d)
				}
				got = append(got, at(d))
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("paths differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestError_split gives each attribute its own field errors only.
func TestError_split(t *testing.T) {
	t.Parallel()
	err := refused(400, "Unable to validate parameters", "", "cpu", "too many", "region", "no such option")
	diags := diagnose.Error("Unable to build", "build", err, diagnose.WorkspaceFields())
	if len(diags) != 2 {
		t.Fatalf("got %v", diags)
	}
	for i, want := range []struct{ has, lacks string }{{"cpu: too many", "region"}, {"region: no such option", "cpu"}} {
		if got := diags[i].Detail(); !strings.Contains(got, want.has) || strings.Contains(got, want.lacks) {
			t.Errorf("diagnostic %d says %s", i, got)
		}
	}
}

func TestError_remedies(t *testing.T) {
	t.Parallel()
	limited := refused(429, "You've been rate limited.", "")
	limited.RetryAfter = time.Minute
	tests := map[string]struct {
		err  *coder.Error
		want string
	}{
		"401":                      {refused(401, "You are signed out or your session has expired.", "API key is invalid."), "coder tokens create"},
		"401, suspended":           {refused(401, `User is not active (status = "suspended").`, ""), "suspended"},
		"401, template elsewhere":  {refused(401, `Template is not in organization "x".`, ""), "Request: POST"},
		"403":                      {refused(403, "Forbidden.", "You don't have permission."), "may not do this"},
		"403, for others":          {refused(403, "Unauthorized to create workspace.", ""), "`owner_name`"},
		"403, template use":        {refused(403, `Unauthorized access to use the template "x".`, ""), "template's settings"},
		"403, orphan":              {refused(403, "Only template managers may provide custom state", ""), "update its template"},
		"403, external login":      {refused(403, "External authentication is required to create a workspace with this template.", ""), "External Authentication"},
		"403, active version":      {refused(403, "insert workspace build", "cannot use non-active version"), "active version"},
		"403, quota of a licence":  {refused(403, "Build is not permitted: limit", ""), "licence"},
		"500, forbidden":           {refused(500, "Internal error updating workspace.", "unauthorized: rbac: forbidden"), "may not do this"},
		"404":                      {refused(404, "Resource not found or you do not have access to this resource", ""), "same answer"},
		"404, unknown route":       {refused(404, "Route not found.", ""), "too old"},
		"400, unknown template":    {refused(400, `Template "1" doesn't exist.`, "", "template_id", "template not found"), "coder templates list"},
		"400, deprecated template": {refused(400, `Template "x" has been deprecated, and cannot be used to create a new workspace.`, "use y"), "no new workspaces"},
		"400, failed version":      {refused(400, `The provided template version "x" has failed to import: "y". You cannot build workspaces with it!`, ""), "another version"},
		"403, importing version":   {refused(403, "Template version job has not finished", ""), "in a moment"},
		"428, bypass":              {refused(428, `"X-Coder-Bypass-Ratelimit" provided but user is not owner`, ""), "`headers`"},
		"500, unknown preset":      {refused(500, "failed to fetch preset parameter values", "failed to get preset parameters: sql: no rows in result set"), "no such preset"},
		"409, building":            {refused(409, "Workspace is still building!", ""), "Another build"},
		"404, deleted template":    {refused(404, `Template "x" has been deleted!`, ""), "another template"},
		"400, unknown user":        {refused(400, `"user" must be an existing uuid or username.`, ""), "not an e-mail address"},
		"405, unknown method":      {refused(405, "", ""), "too old"},
		"406":                      {refused(406, "The provided template version is running. Wait for it to complete importing!", ""), "in a moment"},
		"409, name":                {refused(409, `Workspace "x" already exists.`, ""), "terraform import"},
		"500, name":                {refused(500, "Internal error creating workspace.", "pq: duplicate key value violates unique constraint"), "terraform import"},
		"409, build":               {refused(409, "A workspace build is already active.", ""), "Another build"},
		"409, no deadline":         {refused(409, "Workspace shutdown is manual.", ""), "`ttl_ms`"},
		"409, stopped":             {refused(409, "Workspace must be started, current status: stop", ""), "running workspace"},
		"409, deleted":             {refused(409, "Cannot start a deleted workspace!", ""), "deleted outside"},
		"410":                      {refused(410, `Workspace "x" was deleted`, ""), "deleted outside"},
		"429":                      {limited, "Wait 1m0s"},
		"429, no time":             {refused(429, "slow down", ""), "a minute or two"},
		"400, renames":             {refused(400, "Workspace renames are not allowed.", ""), "CODER_ALLOW_WORKSPACE_RENAMES"},
		"400, name":                {refused(400, "Validation failed.", "", "name", `Validation failed for tag "workspace_name" with value: "a_b"`), "single hyphens"},
		"400, new name":            {refused(400, "Validation failed.", "", "name", `Validation failed for tag "username" with value: "a_b"`), "single hyphens"},
		"400, too soon":            {refused(400, "Cannot extend workspace: new deadline must be at least 30 minutes in the future", ""), "half an hour"},
		"400, too late":            {refused(400, "Cannot extend workspace beyond max deadline.", ""), "max_deadline"},
		"400, http for https":      {refused(400, "Client sent an HTTP request to an HTTPS server.", ""), "https://"},
		"500":                      {refused(500, "An internal server error occurred.", ""), "failure inside Coder"},
		"500, weekdays":            {refused(500, "Internal error calculating workspace autostart schedule.", ""), "weekdays"},
		"502 to a POST is unclear": {refused(502, "Bad Gateway", ""), "not known whether"},
		"503":                      {refused(503, "Service Unavailable", ""), "overloaded"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			detail := diagnose.Detail("do it", tt.err)
			if !strings.Contains(detail, tt.want) {
				t.Errorf("detail lacks %q:\n%s", tt.want, detail)
			}
			if !strings.Contains(detail, tt.err.Message) || !strings.Contains(detail, tt.err.Detail) {
				t.Errorf("detail lacks the server's words:\n%s", detail)
			}
			if strings.Contains(name, "template elsewhere") && strings.Contains(detail, "session token") {
				t.Errorf("blames the token:\n%s", detail)
			}
		})
	}
}

func TestError_repeatedDetail(t *testing.T) {
	t.Parallel()
	const text = `Parameter "x" is required but not provided`
	if detail := diagnose.Detail("do it", refused(400, text, text)); strings.Count(detail, text) != 1 {
		t.Errorf("says it more than once:\n%s", detail)
	}
}

func TestError_manyValidations(t *testing.T) {
	t.Parallel()
	err := refused(400, "Validation failed.", "")
	for i := range 500 {
		err.Validations = append(err.Validations, coder.Validation{Field: fmt.Sprintf("field%d", i), Detail: "wrong"})
	}
	detail := diagnose.Detail("do it", err)
	if lines := strings.Count(detail, "\n"); lines > 40 || !strings.Contains(detail, "and 480 more") {
		t.Errorf("%d lines:\n%s", lines, detail)
	}
}

// Lines of the server's cannot look like the provider's own: what is a name, or
// a part of an address, stays on its line.
func TestError_namesStayOnTheirLine(t *testing.T) {
	t.Parallel()
	err := refused(400, "message", "detail", "na\nme", "wrong")
	err.RequestID = "id\r\nX"
	err.Path = "/x\n\nRequest: GET /y"
	for _, d := range diagnose.Error("Unable to do it", "do\nit", err, diagnose.WorkspaceFields()) {
		for _, line := range []string{"Could not do it: Coder answered 400 Bad Request.", "  - na me: wrong", "Request: POST /x Request: GET /y, id id X"} {
			if !slices.Contains(strings.Split(d.Detail(), "\n"), line) {
				t.Errorf("%q is no line of %q", line, d.Detail())
			}
		}
	}
}

func TestDetail_otherError(t *testing.T) {
	t.Parallel()
	want := "Could not do it: something strange."
	if got := diagnose.Detail("do it", errors.New("something strange")); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
