// Command demo shows the provider's main job from start to end: it runs plan,
// apply, a second plan, a change and destroy on the module in examples/demo.
//
// It needs nothing but Go: without CODER_URL it starts a fake deployment, and
// where neither Terraform nor OpenTofu is on PATH it installs one. With
// CODER_URL and CODER_SESSION_TOKEN it runs on that deployment, on the template
// named by CODER_TEMPLATE or else the first one, and cleans up after itself.
package main

import (
	"context"
	"log"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// From the first interrupt on, a second one ends the program at once.
	context.AfterFunc(ctx, stop)

	if err := run(ctx, newReport(os.Stdout)); err != nil {
		log.Fatalf("\nThe demo failed: %v", err)
	}
}

// run prepares everything in a temporary folder and tells the story there.
func run(ctx context.Context, out *report) error {
	dir, err := os.MkdirTemp("", "coderws-demo-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()

	out.heading("A Coder deployment")
	deployment, err := connect(ctx, out)
	if err != nil {
		return err
	}
	defer deployment.close()

	out.heading("The provider, built from this source")
	tf, err := prepare(ctx, out, dir, deployment)
	if err != nil {
		return err
	}
	return tell(ctx, out, tf, deployment)
}
