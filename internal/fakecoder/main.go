// Command fakecoder serves a Coder deployment in memory, for people who develop against the API without having one.
//
//	go run ./internal/fakecoder -listen 127.0.0.1:7090 -version v2.35.1 -workspaces 1000 -latency 20ms -build-time 2s
//
// It has the standard templates of the codertest package, a few users and, on request, running workspaces of them. Agents are
// ready once a workspace has started. On interrupt it prints how many requests of each kind it answered.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"syscall"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "fakecoder:", err)
		os.Exit(1)
	}
}

var versionPattern = regexp.MustCompile(`^(seed|v?\d+\.\d+(\.\d+)?([-+].*)?)$`)

// settings are the command line.
type settings struct {
	listen     string
	workspaces int
	options    codertest.Options
}

func parse(args []string, out io.Writer) (settings, error) {
	s := settings{options: codertest.Options{AgentsReady: true}}
	f := flag.NewFlagSet("fakecoder", flag.ContinueOnError)
	f.SetOutput(out)
	f.StringVar(&s.listen, "listen", "127.0.0.1:7090", "`address` to serve on; port 0 picks a free one")
	f.StringVar(&s.options.Version, "version", "v2.35.1", `Coder version to behave as, "seed" for June 2023`)
	f.StringVar(&s.options.Token, "token", "", "session token of the owner; generated when empty")
	f.IntVar(&s.workspaces, "workspaces", 0, "number of running workspaces to begin with")
	f.DurationVar(&s.options.Latency, "latency", 0, "time added to every answer")
	f.DurationVar(&s.options.BuildTime, "build-time", 2*time.Second, "run time of a build")
	f.BoolVar(&s.options.ForbidRenames, "forbid-renames", false, "refuse renames, as real servers since 2.6 do by default")
	f.IntVar(&s.options.RateLimit, "rate-limit", 0, "requests a minute per caller and path; 0 means no limit")
	if err := f.Parse(args); err != nil {
		return s, err
	}
	if f.NArg() > 0 {
		return s, fmt.Errorf("unexpected argument %q", f.Arg(0))
	}
	if !versionPattern.MatchString(s.options.Version) {
		return s, fmt.Errorf(`-version %q is neither "seed" nor a release such as v2.35.1`, s.options.Version)
	}
	if s.workspaces < 0 {
		return s, errors.New("-workspaces must not be negative")
	}
	return s, nil
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, out io.Writer) error {
	s, err := parse(args, out)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	d := codertest.New(s.options)
	defer d.Close()
	populate(d, s.workspaces)

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: d, ReadHeaderTimeout: 30 * time.Second}
	if err := announce(out, d, "http://"+listener.Addr().String(), s.workspaces); err != nil {
		return err
	}
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	select {
	case err := <-served:
		return err
	case <-ctx.Done():
	}
	d.Close() // ends the streams, for which Shutdown would wait
	stop, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return errors.Join(server.Shutdown(stop), report(out, d.Requests()))
}

// populate adds the standard templates, a few users and n running workspaces of them.
func populate(d *codertest.Deployment, n int) {
	basic := d.AddTemplate(codertest.BasicTemplate())
	d.AddTemplate(codertest.FailingTemplate())
	d.AddTemplate(codertest.SlowTemplate())
	d.AddTemplate(codertest.RequiredTemplate())
	owners := []string{"admin", "alice", "bob", "carol"}
	for _, name := range owners[1:] {
		d.AddUser(name)
	}
	for i := range n {
		d.CreateWorkspace(owners[i%len(owners)], fmt.Sprintf("workspace-%05d", i+1), basic.ID, nil)
	}
}

func announce(out io.Writer, d *codertest.Deployment, url string, workspaces int) error {
	_, err := fmt.Fprintf(out, `Fake Coder %s with %d workspaces. Stop it with Ctrl-C.

  export CODER_URL=%s
  export CODER_SESSION_TOKEN=%s

`, d.Version(), workspaces, url, d.Token())
	return err
}

// report prints the number of requests by method and route, the most frequent first.
func report(out io.Writer, requests []codertest.Request) error {
	counts := map[string]int{}
	for _, r := range requests {
		counts[r.Method+" "+r.Route]++
	}
	kinds := make([]string, 0, len(counts))
	for kind := range counts {
		kinds = append(kinds, kind)
	}
	slices.SortFunc(kinds, func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(a, b))
	})
	text := fmt.Sprintf("\n%d requests answered\n", len(requests))
	for _, kind := range kinds {
		text += fmt.Sprintf("%7d  %s\n", counts[kind], kind)
	}
	_, err := io.WriteString(out, text)
	return err
}
