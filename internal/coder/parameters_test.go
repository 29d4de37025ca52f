package coder_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

var versionID = uuid.MustParse("44444444-4444-4444-8444-444444444444")

func TestEvaluateParameters_Request(t *testing.T) {
	t.Parallel()
	owner := uuid.MustParse("55555555-5555-4555-8555-555555555555")
	for name, test := range map[string]struct {
		owner  uuid.UUID
		inputs map[string]string
		want   string
	}{
		"values and owner": {owner, map[string]string{"cpu": "4"}, `{"id":1,"inputs":{"cpu":"4"},"owner_id":"` + owner.String() + `"}`},
		"nothing":          {uuid.Nil, nil, `{"id":1,"inputs":{}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
				if got, want := req.Method+" "+req.URL.Path, "POST /api/v2/templateversions/"+versionID.String()+"/dynamic-parameters/evaluate"; got != want {
					t.Errorf("request is %s, want %s", got, want)
				}
				body, err := io.ReadAll(req.Body)
				if err != nil || string(body) != test.want {
					t.Errorf("body is %s, error %v, want %s", body, err, test.want)
				}
				return answer(req, http.StatusOK, `{"id":0,"diagnostics":[],"parameters":null}`), nil
			})
			if _, err := client.EvaluateParameters(t.Context(), versionID, test.owner, test.inputs); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestEvaluateParameters_Answer(t *testing.T) {
	t.Parallel()
	server := serve(t, step{
		want: "POST /api/v2/templateversions/" + versionID.String() + "/dynamic-parameters/evaluate",
		body: `{"id":0,"diagnostics":[{"severity":"warning","summary":"Module not loaded","detail":"m","extra":{"code":"module_not_loaded"}}],
			"parameters":[{"name":"cpu","display_name":"CPU","description":"","type":"number","form_type":"slider","styling":{"mask_input":true},
			"mutable":true,"ephemeral":true,"required":true,"default_value":{"valid":false,"value":""},
			"options":[{"name":"two","description":"","icon":"","value":{"valid":true,"value":"2"}}],
			"validations":[{"validation_error":"e","validation_max":8,"validation_min":null,"validation_monotonic":"increasing","validation_regex":null}],
			"order":2,"value":{"valid":false,"value":"data.coder_parameter.cpu.value"},
			"diagnostics":[{"severity":"error","summary":"Required parameter not provided","detail":"parameter value is null","extra":{"code":"required"}}]}]}`,
	})
	got, err := newClient(t, server.URL).EvaluateParameters(t.Context(), versionID, uuid.Nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	diagnostic := func(severity, summary, detail, code string) coder.FormDiagnostic {
		d := coder.FormDiagnostic{Severity: severity, Summary: summary, Detail: detail}
		d.Extra.Code = code
		return d
	}
	want := &coder.ParameterForm{
		Diagnostics: []coder.FormDiagnostic{diagnostic(coder.SeverityWarning, "Module not loaded", "m", "module_not_loaded")},
		Parameters: []coder.FormParameter{{
			Name: "cpu", DisplayName: "CPU", Type: "number", FormType: "slider", Styling: coder.FormStyling{MaskInput: true},
			Mutable: true, Ephemeral: true, Required: true,
			Options:     []coder.FormOption{{Name: "two", Value: coder.FormValue{Value: "2", Valid: true}}},
			Validations: []coder.FormValidation{{Error: "e", Max: new(int64(8)), Monotonic: "increasing"}},
			Value:       coder.FormValue{Value: "data.coder_parameter.cpu.value"},
			Diagnostics: []coder.FormDiagnostic{diagnostic(coder.SeverityError, "Required parameter not provided", "parameter value is null", coder.DiagnosticRequired)},
		}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestPresets(t *testing.T) {
	t.Parallel()
	id := uuid.MustParse("343c1b42-da07-45c4-a460-fc6dd5321338")
	for name, test := range map[string]struct {
		body string
		want []coder.Preset
	}{
		"none": {"null\n", []coder.Preset{}},
		"one": {
			`[{"Default":true,"Description":"","DesiredPrebuildInstances":2,"ID":"343c1b42-da07-45c4-a460-fc6dd5321338","Icon":"","Name":"big",
			"Parameters":[{"Name":"cpu","Value":"8"},{"Name":"region","Value":"us"}]}]`,
			[]coder.Preset{{ID: id, Name: "big", Default: true, Parameters: []coder.PresetParameter{{Name: "cpu", Value: "8"}, {Name: "region", Value: "us"}}, DesiredPrebuildInstances: new(int64(2))}},
		},
		"without values, Coder 2.20": {
			`[{"ID":"343c1b42-da07-45c4-a460-fc6dd5321338","Name":"empty","Parameters":null}]`,
			[]coder.Preset{{ID: id, Name: "empty"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := serve(t, step{want: "GET /api/v2/templateversions/" + versionID.String() + "/presets", body: test.body})
			got, err := newClient(t, server.URL).Presets(t.Context(), versionID)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPreset_Values(t *testing.T) {
	t.Parallel()
	preset := coder.Preset{Parameters: []coder.PresetParameter{{Name: "cpu", Value: "8"}, {Name: "region", Value: "us"}}}
	if diff := cmp.Diff(map[string]string{"cpu": "8", "region": "us"}, preset.Values()); diff != "" {
		t.Error(diff)
	}
}

// Both endpoints of the fake: there at one end of the range of versions, absent
// at the other.
func TestParameters_OnFake(t *testing.T) {
	t.Parallel()
	for _, version := range []string{"seed", "v2.35.1"} {
		t.Run(version, func(t *testing.T) {
			t.Parallel()
			fake := codertest.New(codertest.Options{Version: version})
			t.Cleanup(fake.Close)
			server := httptest.NewServer(fake)
			t.Cleanup(server.Close)
			template := fake.AddTemplate(codertest.Template{Name: "t", Version: codertest.TemplateVersion{
				Parameters: []codertest.Parameter{{Name: "size", Required: true}, {Name: "gpu", Type: "bool", Default: "false"}},
				Presets:    []codertest.Preset{{Name: "big", Parameters: map[string]string{"size": "XL"}}},
			}})
			client := coder.New(coder.Config{URL: parse(t, server.URL), Token: fake.Token()})
			form, err := client.EvaluateParameters(t.Context(), template.ActiveVersionID, uuid.Nil, map[string]string{"gpu": "maybe"})
			presets, presetsErr := client.Presets(t.Context(), template.ActiveVersionID)
			if version == "seed" {
				if coder.KindOf(err) != coder.UnknownRoute || coder.KindOf(presetsErr) != coder.UnknownRoute {
					t.Errorf("errors are %v and %v, want unknown routes", err, presetsErr)
				}
				return
			}
			if err != nil || presetsErr != nil {
				t.Fatal(err, presetsErr)
			}
			if len(form.Parameters) != 2 || form.Parameters[0].Diagnostics[0].Extra.Code != coder.DiagnosticRequired || form.Parameters[0].Value.Valid ||
				form.Parameters[1].Diagnostics[0].Severity != coder.SeverityError || form.Parameters[1].Value.Value != "maybe" {
				t.Errorf("form is %+v", form)
			}
			if len(presets) != 1 || presets[0].Name != "big" || presets[0].Values()["size"] != "XL" {
				t.Errorf("presets are %+v", presets)
			}
			if _, err := client.EvaluateParameters(t.Context(), uuid.New(), uuid.Nil, nil); coder.KindOf(err) != coder.NotVisible {
				t.Errorf("unknown version: error is %v", err)
			}
		})
	}
}
