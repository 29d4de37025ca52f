//go:build unix

package binarytest_test

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// The module "workshop" lets instructors into every workspace, and out again by
// one apply. It costs one request for each workspace, and a name is looked up
// once however many there are.
func TestModule_instructors(t *testing.T) {
	t.Parallel()
	const attendees = 12
	w := newWorld(t)
	clientOf := func(name string) *coder.Client {
		target, err := url.Parse(w.URL)
		if err != nil {
			t.Fatal(err)
		}
		return coder.New(coder.Config{URL: target, Token: w.Fake.AddUser(name).Token})
	}
	teacher, assistant, stranger := clientOf("teacher"), clientOf("assistant"), clientOf("stranger")
	people := "username\n"
	for i := range attendees {
		name := fmt.Sprintf("student-%d", i)
		w.Fake.AddUser(name)
		people += name + "\n"
	}

	tf := newTerraform(t, w.settings...)
	if !tf.understands(t, `mock_provider "`) {
		t.Skip("needs a newer Terraform")
	}
	if err := os.CopyFS(tf.dir, os.DirFS(filepath.Join("..", "..", "examples", "modules", "workshop"))); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(tf.dir, "class.csv"), people)
	run := func(command, instructors string, more ...string) {
		arguments := []string{command, "-input=false", "-var=template=docker", "-var=attendees=class.csv", "-var=name=class", "-var=instructors=" + instructors}
		tf.run(t, 0, append(arguments, more...)...)
	}
	sees := func(client *coder.Client) []coder.Workspace {
		t.Helper()
		list, err := client.AllWorkspaces(t.Context(), coder.WorkspaceSearch{})
		if err != nil {
			t.Fatal(err)
		}
		return list
	}
	count := func(method, route string) int {
		n := 0
		for _, request := range w.Fake.Requests() {
			if request.Method == method && request.Route == route {
				n++
			}
		}
		return n
	}
	wantCount := func(what string, got, want int) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %d, want %d", what, got, want)
		}
	}
	const both, list = `{teacher="admin",assistant="use"}`, "/workspaces/{workspace}/acl"

	run("apply", "{}", "-auto-approve")
	wantCount("seen by the teacher to begin with", len(sees(teacher)), 0)

	w.Fake.ResetRequests()
	run("apply", both, "-auto-approve")
	wantCount("lists written", count("PATCH", list), attendees)
	wantCount("lists read", count("GET", list), 0)
	const phases = 2 // Terraform starts the provider for the plan and again for the apply
	wantCount("names looked up", count("GET", "/users/{user}"), 2*phases)
	for name, client := range map[string]*coder.Client{"teacher": teacher, "assistant": assistant} {
		workspaces := sees(client)
		wantCount("seen by the "+name, len(workspaces), attendees)
		for i := range workspaces {
			restart(t, client, workspaces[i].ID)
		}
	}
	wantCount("seen by a stranger", len(sees(stranger)), 0)
	if _, err := stranger.CreateBuild(t.Context(), sees(teacher)[0].ID, coder.CreateBuildRequest{Transition: coder.TransitionStop}); coder.KindOf(err) != coder.NotVisible {
		t.Errorf("a stranger's stop: %v", err)
	}

	w.Fake.ResetRequests()
	run("plan", both, "-detailed-exitcode")
	wantCount("lists read by a refresh", count("GET", list), 0)
	if reads := count("GET", "/workspaces/{workspace}") + count("GET", "/workspaces"); reads > attendees {
		t.Errorf("a refresh of %d workspaces and as many lists took %d reads", attendees, reads)
	}

	w.Fake.ResetRequests()
	run("apply", "{}", "-auto-approve")
	wantCount("lists cleared", count("DELETE", list), attendees)
	for name, client := range map[string]*coder.Client{"teacher": teacher, "assistant": assistant} {
		wantCount("seen by the "+name+" afterwards", len(sees(client)), 0)
	}
}

// restart stops and starts a workspace with somebody's token.
func restart(t *testing.T, client *coder.Client, id uuid.UUID) {
	t.Helper()
	for _, transition := range []coder.Transition{coder.TransitionStop, coder.TransitionStart} {
		build, err := client.CreateBuild(t.Context(), id, coder.CreateBuildRequest{Transition: transition})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.WaitForBuild(t.Context(), id, build.ID, nil); err != nil {
			t.Fatal(err)
		}
	}
}
