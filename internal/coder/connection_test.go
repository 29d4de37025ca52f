package coder_test

import (
	"compress/gzip"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// One connection serves calls of every kind, one after the other.
func TestConnection_IsUsedAgain(t *testing.T) {
	t.Parallel()
	var connections atomic.Int32
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet && (r.ContentLength != 0 || len(r.TransferEncoding) > 0) {
			t.Errorf("a GET came with a body of %d bytes, %v", r.ContentLength, r.TransferEncoding)
		}
		if _, err := io.Copy(io.Discard, r.Body); err != nil {
			t.Error(err)
		}
		w.Header().Set("Content-Type", jsonContent)
		switch {
		case strings.HasSuffix(r.URL.Path, "/ttl"):
			w.WriteHeader(http.StatusNoContent)
		case strings.HasSuffix(r.URL.Path, "/extend"):
			_, _ = io.WriteString(w, `{"message":"Deadline updated."}`)
		case strings.HasSuffix(r.URL.Path, "/workspaces"):
			_, _ = io.WriteString(w, pageBody(names(50), 50))
		case strings.HasSuffix(r.URL.Path, "/logs"):
			_, _ = io.WriteString(w, "[]\n")
		case strings.Contains(r.URL.Path, "/users/"):
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, notFound)
		case strings.HasSuffix(r.URL.Path, "/buildinfo"):
			w.WriteHeader(http.StatusTemporaryRedirect)
		default:
			_, _ = io.WriteString(w, done+"\n")
		}
	}))
	server.Config.ConnState = func(_ net.Conn, state http.ConnState) {
		if state == http.StateNew {
			connections.Add(1)
		}
	}
	server.Start()
	defer server.Close()
	client := newClient(t, server.URL)
	ctx := t.Context()
	for range 3 {
		_, _ = client.Build(ctx, buildID)
		_, _ = client.BuildLogs(ctx, buildID, 0)
		_, _ = client.AllWorkspaces(ctx, coder.WorkspaceSearch{})
		_, _ = client.CreateBuild(ctx, workspaceID, coder.CreateBuildRequest{})
		_, _ = client.User(ctx, coder.Me)
		_, _ = client.BuildInfo(ctx)
		_ = client.PutTTL(ctx, workspaceID, nil)
		_ = client.PutExtend(ctx, workspaceID, client.ServerNow())
	}
	if n := connections.Load(); n != 1 {
		t.Errorf("%d connections were made", n)
	}
}

func TestConnection_Packed(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Accept-Encoding") != "gzip" {
			t.Errorf("encoding is %q", r.Header.Get("Accept-Encoding"))
		}
		w.Header().Set("Content-Type", jsonContent)
		w.Header().Set("Content-Encoding", "gzip")
		packer := gzip.NewWriter(w)
		_, _ = io.WriteString(packer, `{"version":"`+strings.Repeat("x", 10_000)+`"}`)
		_ = packer.Close()
	}))
	defer server.Close()
	client := newClient(t, server.URL)
	info, err := client.BuildInfo(t.Context())
	if err != nil || len(info.Version) != 10_000 {
		t.Errorf("info %v, error %v", info, err)
	}
	client.SetLimits(1000, 0, 0) // far more than the packed size
	_, err = client.BuildInfo(t.Context())
	tooLarge(t, err)
}
