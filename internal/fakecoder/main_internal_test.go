package main

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/go-cleanhttp"
)

func TestRun(t *testing.T) {
	t.Parallel()
	ctx, interrupt := context.WithCancel(t.Context())
	defer interrupt()
	reader, writer := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- run(ctx, []string{"-listen", "127.0.0.1:0", "-version", "seed", "-token", "T", "-workspaces", "7"}, writer)
		_ = writer.Close()
	}()
	url, lines := "", bufio.NewScanner(reader)
	for lines.Scan() && !strings.Contains(lines.Text(), "CODER_SESSION_TOKEN=T") {
		if _, after, found := strings.Cut(lines.Text(), "CODER_URL="); found {
			url = after
		}
	}
	if url == "" {
		t.Fatalf("no URL printed: %v", <-done)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url+"/api/v2/workspaces?limit=2", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Coder-Session-Token", "T")
	answer, err := cleanhttp.DefaultClient().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	agents := 0
	var page struct {
		Count      int `json:"count"`
		Workspaces []struct {
			Name        string `json:"name"`
			LatestBuild struct {
				Resources []struct {
					Agents []struct {
						Status         string `json:"status"`
						LifecycleState string `json:"lifecycle_state"`
					} `json:"agents"`
				} `json:"resources"`
			} `json:"latest_build"`
		} `json:"workspaces"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&page); err != nil {
		t.Fatal(err)
	}
	if page.Count != 7 || len(page.Workspaces) != 2 {
		t.Errorf("count %d, %d rows", page.Count, len(page.Workspaces))
	}
	for _, workspace := range page.Workspaces {
		for _, resource := range workspace.LatestBuild.Resources {
			for _, agent := range resource.Agents {
				if agent.Status != "connected" || agent.LifecycleState != "ready" {
					t.Errorf("agent of %s is %s, %s", workspace.Name, agent.Status, agent.LifecycleState)
				}
				agents++
			}
		}
	}
	if agents < 2 {
		t.Errorf("%d agents in two workspaces", agents)
	}
	interrupt()
	rest := ""
	for lines.Scan() {
		rest += lines.Text() + "\n"
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
	if !strings.Contains(rest, "1 requests answered") || !strings.Contains(rest, "1  GET /workspaces\n") {
		t.Errorf("summary: %q", rest)
	}
}

func TestBadArguments(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"-workspaces", "-1"}, {"-nonsense"}, {"-version", "banana"}, {"extra"}, {"-listen", "nowhere"}} {
		if err := run(t.Context(), args, io.Discard); err == nil {
			t.Errorf("%v: no error", args)
		}
	}
}
