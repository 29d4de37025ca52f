package coder_test

import (
	"context"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// These targets give the client what a server, or something in its place, may
// send. It must neither panic nor take what is wrong for right. Inputs of note
// are kept in testdata/fuzz.

// raw answers every request with the same text.
func raw(t *testing.T, status int, contentType, text string) *coder.Client {
	t.Helper()
	return onWire(t, 0, func(req *http.Request) (*http.Response, error) {
		return answer(req, status, text, "Content-Type", contentType), nil
	})
}

func FuzzWorkspace(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("..", "workspace", "testdata", "workspace-*.json"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no workspaces to begin with: %v", err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(content))
	}
	for _, text := range []string{``, `{}`, `null`, `[]`, `{"id":17}`, `{"id":"11111111-1111-4111-8111-111111111111","latest_build":{"id":"22222222-2222-4222-8222-222222222222","deadline":"never"}}`, strings.Repeat(`{"latest_build":`, 11000)} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		workspace, err := raw(t, 200, jsonContent, text).Workspace(t.Context(), workspaceID)
		if (workspace == nil) == (err == nil) {
			t.Fatalf("workspace %v, error %v", workspace, err)
		}
		if err == nil && (workspace.ID != workspaceID || workspace.LatestBuild.ID == uuid.Nil) {
			t.Errorf("taken for %s: %+v", workspaceID, workspace)
		}
		list, err := raw(t, 200, jsonContent, `{"count":1,"workspaces":[`+text+`]}`).AllWorkspaces(t.Context(), coder.WorkspaceSearch{})
		for i := range list {
			if err == nil && list[i].ID == uuid.Nil {
				t.Errorf("a workspace without an id in the list %v", list)
			}
		}
	})
}

func FuzzError(f *testing.F) {
	for _, text := range []string{
		``, `{}`, `{"message":"Forbidden."}`, `{"message":"Validation failed.","detail":"d","validations":[{"field":"name","detail":"taken"}]}`,
		`{"message":17}`, `<html><head><title>502 Bad Gateway</title></head><body><h1>nginx</h1></body></html>`, "\x1b[31mred\x1b[0m", "\xff\xfe", `{"message":`, strings.Repeat("<", 5000),
	} {
		f.Add(400, text)
	}
	f.Fuzz(func(t *testing.T, status int, text string) {
		if status < 400 || status > 599 {
			status = 400
		}
		_, err := raw(t, status, "text/plain", text).Workspace(t.Context(), workspaceID)
		refused := as[*coder.Error](t, err)
		if refused.Status != status || refused.Message == "" {
			t.Errorf("%+v", refused)
		}
		switch kind := coder.KindOf(err); kind {
		case coder.NoRefusal:
			t.Errorf("%v has no kind", err)
		case coder.Gone, coder.NotVisible, coder.UnknownUser, coder.UnknownRoute:
			if !strings.HasPrefix(strings.TrimSpace(text), "{") {
				t.Errorf("%v is %s", err, kind)
			}
		default:
		}
	})
}

func FuzzWatch(f *testing.F) {
	for _, text := range []string{
		"", ping, ping + data(done), ping + data(pending) + data(done), "data: {}\n\n", "event: data\ndata: {\"latest_build\"\n\n",
		"event: error\ndata: {\"message\":\"x\"}\n\n", "\r\n\r\n:\r", "event: ping\rdata\r\r", "id: 1\nretry: 5\nevent: data\ndata: a\ndata: b\n\n", "\ufeffevent: ping\n\n",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
			if strings.HasSuffix(req.URL.Path, "/watch") {
				resp := answer(req, 200, "", "Content-Type", "text/event-stream")
				resp.Body = io.NopCloser(strings.NewReader(text))
				return resp, nil
			}
			return answer(req, 200, done), nil
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		finished, err := client.WaitForBuild(ctx, workspaceID, buildID, nil)
		if err != nil || finished.Build.ID != buildID || !finished.Build.Done() {
			t.Errorf("finished %+v, error %v", finished, err)
		}
	})
}

func FuzzSearch(f *testing.F) {
	for _, text := range []string{"", "dev", "a b", `a"b`, "a:b", "owner:me", "Ä", "\n", "-", `"`, "a\\", "\x00"} {
		f.Add(text, text, text)
	}
	f.Fuzz(func(t *testing.T, owner, template, name string) {
		if !utf8.ValidString(owner) || !utf8.ValidString(template) || !utf8.ValidString(name) {
			t.Skip("Terraform has no such strings")
		}
		text, err := coder.WorkspaceSearch{Owner: owner, Template: template, Name: name}.QueryFor(coder.ParseVersion(newVersion))
		if err != nil {
			_ = as[*coder.SearchError](t, err)
			return
		}
		// Quotes come in pairs around values, so no value can end its term.
		quoted, terms := false, 0
		for _, r := range text {
			switch {
			case r == '"':
				quoted = !quoted
			case r == ':' && !quoted:
				terms++
			}
		}
		want := 0
		for _, value := range []string{owner, template, name} {
			if value != "" {
				want++
			}
		}
		if quoted || terms != want {
			t.Errorf("%q has %d terms, want %d", text, terms, want)
		}
		if !utf8.ValidString(text) {
			t.Errorf("%q", text)
		}
	})
}
