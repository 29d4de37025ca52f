// Command terraform-provider-coderws is a Terraform provider for Coder
// workspaces.
package main

import (
	"context"
	"flag"
	"log"
	"runtime"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

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
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address:         "registry.terraform.io/coderws/coderws",
		Debug:           *debug,
		ProtocolVersion: 6,
	})
	if err != nil {
		log.Fatal(err)
	}
}
