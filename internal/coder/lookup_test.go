package coder_test

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// Every question is put to the server once, asked at the same time or later.
func TestLookup_AsksOnce(t *testing.T) {
	t.Parallel()
	id, owner := uuid.New(), uuid.New()
	questions := map[string]struct {
		ask  func(context.Context, *coder.Lookup) (any, error)
		path string
		body string
	}{
		"template":     {func(ctx context.Context, l *coder.Lookup) (any, error) { return l.Template(ctx, id) }, "/templates/" + id.String(), withID(id, "")},
		"version":      {func(ctx context.Context, l *coder.Lookup) (any, error) { return l.TemplateVersion(ctx, id) }, "/templateversions/" + id.String(), withID(id, `"job":{"status":"succeeded"}`)},
		"parameters":   {func(ctx context.Context, l *coder.Lookup) (any, error) { return l.RichParameters(ctx, id) }, "/templateversions/" + id.String() + "/rich-parameters", `[]`},
		"presets":      {func(ctx context.Context, l *coder.Lookup) (any, error) { return l.Presets(ctx, id) }, "/templateversions/" + id.String() + "/presets", `[{"Name":"x"}]`},
		"user":         {func(ctx context.Context, l *coder.Lookup) (any, error) { return l.User(ctx, coder.Me) }, "/users/me", withID(owner, "")},
		"organization": {func(ctx context.Context, l *coder.Lookup) (any, error) { return l.Organization(ctx, id) }, "/organizations/" + id.String(), withID(id, "")},
		"form": {func(ctx context.Context, l *coder.Lookup) (any, error) {
			return l.EvaluateParameters(ctx, id, owner, map[string]string{"a": "1", "b": "2"})
		}, "/templateversions/" + id.String() + "/dynamic-parameters/evaluate", `{"parameters":[]}`},
	}
	for name, question := range questions {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var requests atomic.Int32
				client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
					requests.Add(1)
					if req.URL.Path != "/api/v2"+question.path {
						t.Errorf("request is %s", req.URL)
					}
					<-time.After(time.Second)
					return answer(req, http.StatusOK, question.body), nil
				})
				ask := func() {
					if _, err := question.ask(t.Context(), client.Lookup()); err != nil {
						t.Error(err)
					}
				}
				var all sync.WaitGroup
				for range 10 {
					all.Go(ask)
				}
				all.Wait()
				ask()
				if n := requests.Load(); n != 1 {
					t.Errorf("%d requests", n)
				}
			})
		})
	}
}

// Questions that differ are different questions.
func TestLookup_TellsQuestionsApart(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
		requests.Add(1)
		return answer(req, http.StatusOK, `{"parameters":[]}`), nil
	})
	version, owner := uuid.New(), uuid.New()
	for _, inputs := range []map[string]string{nil, {"a": "1"}, {"a": "2"}, {"b": "1"}, {"a": "1", "b": "2"}} {
		for _, id := range []uuid.UUID{owner, uuid.Nil} {
			if _, err := client.Lookup().EvaluateParameters(t.Context(), version, id, inputs); err != nil {
				t.Error(err)
			}
		}
	}
	if n := requests.Load(); n != 10 {
		t.Errorf("%d requests for 10 questions", n)
	}
}

// What is no final answer is asked for again.
func TestLookup_KeepsFinalAnswersOnly(t *testing.T) {
	t.Parallel()
	job := func(status string) string { return withID(versionID, `"job":{"status":"`+status+`"}`) }
	type final struct {
		ask     func(context.Context, *coder.Lookup) error
		answers []string // with their status
		asked   int
	}
	tests := map[string]final{
		"failures": {
			func(ctx context.Context, l *coder.Lookup) error { _, err := l.Template(ctx, versionID); return err },
			[]string{"404 " + notFound, "500 {}", "200 " + withID(versionID, "")},
			3,
		},
		"a version being imported": {
			func(ctx context.Context, l *coder.Lookup) error {
				_, err := l.TemplateVersion(ctx, versionID)
				return err
			},
			[]string{"200 " + job("pending"), "200 " + job("running"), "200 " + job("succeeded")},
			3,
		},
		"a version that failed": {
			func(ctx context.Context, l *coder.Lookup) error {
				_, err := l.TemplateVersion(ctx, versionID)
				return err
			},
			[]string{"200 " + withID(versionID, `"job":{"status":"failed","completed_at":"2030-01-01T00:00:00Z"}`)},
			1,
		},
		"no presets yet": {
			func(ctx context.Context, l *coder.Lookup) error { _, err := l.Presets(ctx, versionID); return err },
			[]string{"200 null", `200 [{"Name":"x"}]`},
			2,
		},
		"parameters of a version being imported": {
			func(ctx context.Context, l *coder.Lookup) error {
				_, err := l.RichParameters(ctx, versionID)
				return err
			},
			[]string{"425 {}", "412 {}", "200 []"},
			3,
		},
	}
	organization := func(ctx context.Context, l *coder.Lookup) error {
		_, err := l.Organization(ctx, versionID)
		return err
	}
	for status, body := range map[string]string{"403": `{"message":"Forbidden."}`, "404": notFound} {
		tests["an organization that may not be read: "+status] = final{organization, []string{status + " " + body}, 1}
	}
	tests["an organization, the server being away"] = final{organization, []string{"500 {}", "503 {}", "200 " + withID(versionID, "")}, 3}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := 0
			client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
				status, body, _ := strings.Cut(tt.answers[min(asked, len(tt.answers)-1)], " ")
				asked++
				return answer(req, map[string]int{"200": 200, "403": 403, "404": 404, "412": 412, "425": 425, "500": 500, "503": 503}[status], body, ofCoder...), nil
			})
			for i := range 5 {
				err := tt.ask(t.Context(), client.Lookup())
				if refused := !strings.HasPrefix(tt.answers[min(i, len(tt.answers)-1)], "200"); refused != (err != nil) {
					t.Errorf("ask %d: error is %v", i, err)
				}
			}
			if asked != tt.asked {
				t.Errorf("%d requests, want %d", asked, tt.asked)
			}
		})
	}
}

// Who gives up leaves the request to the others, the one who began it included.
func TestLookup_CancelledCaller(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var requests atomic.Int32
		client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
			requests.Add(1)
			select {
			case <-req.Context().Done():
				return nil, req.Context().Err()
			case <-time.After(time.Minute):
				return answer(req, http.StatusOK, withID(versionID, "")), nil
			}
		})
		var all sync.WaitGroup
		outcomes := make([]error, 3)
		for i, limit := range []time.Duration{time.Second, 2 * time.Second, time.Hour} {
			all.Go(func() {
				<-time.After(time.Duration(i) * time.Millisecond)
				ctx, cancel := context.WithTimeout(t.Context(), limit)
				defer cancel()
				_, outcomes[i] = client.Lookup().Template(ctx, versionID)
			})
		}
		all.Wait()
		if !errors.Is(outcomes[0], context.DeadlineExceeded) || !errors.Is(outcomes[1], context.DeadlineExceeded) || outcomes[2] != nil {
			t.Errorf("outcomes are %v", outcomes)
		}
		if n := requests.Load(); n != 1 {
			t.Errorf("%d requests", n)
		}
	})
}

// A question that nobody waits for any more does not stay open for good.
func TestLookup_Limit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started := time.Now()
		var took atomic.Int64
		client := onWire(t, 0, func(req *http.Request) (*http.Response, error) {
			_, err := hang(req)
			took.Store(int64(time.Since(started)))
			return nil, err
		})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := client.Lookup().User(ctx, coder.Me); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error is %v", err)
		}
		<-time.After(time.Hour)
		if after := time.Duration(took.Load()); after != 10*time.Minute {
			t.Errorf("the request ended after %v", after)
		}
	})
}
