// Command terraform-provider-coderws is a Terraform provider for Coder
// workspaces.
package main

import (
	"flag"
	"log"
	"runtime"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/coderws/terraform-provider-coderws/internal/provider"
)

// version is set at link time: -X main.version=1.2.3.
var version = "dev"

// ballast is never touched and so takes no memory. The garbage collector counts
// it all the same and leaves the small heap of a provider alone for longer:
// what the framework allocates for one workspace is as large as the whole rest.
var ballast = make([]byte, 16<<20)

func main() {
	defer runtime.KeepAlive(ballast)
	debug := flag.Bool("debug", false, "wait for a debugger: print how Terraform can attach to this process")
	flag.Parse()

	if err := provider.LimitLog(); err != nil {
		log.Fatal(err)
	}
	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	}
	if err := provider.Serve(version, options...); err != nil {
		log.Fatal(err)
	}
}
