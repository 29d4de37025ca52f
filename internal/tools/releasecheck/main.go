// Command releasecheck tells whether what goreleaser has put into a folder is
// what the registries of Terraform and OpenTofu take for a release:
// https://developer.hashicorp.com/terraform/registry/providers/publishing.
//
// It looks at a snapshot too, which lacks only the signature and the lists of
// components.
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	log.SetFlags(0)
	dist := flag.String("dist", "dist", "folder that goreleaser has written")
	source := flag.String("source", ".", "folder of the source")
	platforms := flag.String("platforms", "", "platforms that the release must have: os/arch, separated by blanks")
	flag.Parse()

	manifest, err := os.ReadFile(filepath.Join(*source, manifestFile))
	if err != nil {
		log.Fatal(err)
	}
	release, err := readRelease(os.DirFS(*dist), manifest)
	if err != nil {
		log.Fatal(err)
	}
	problems := release.check(strings.Fields(*platforms))
	for _, problem := range problems {
		log.Print(problem)
	}
	if len(problems) > 0 {
		os.Exit(1)
	}
	_, _ = fmt.Fprintf(os.Stdout, "%s %s: %d archives and the manifest are as the registry wants them.\n", release.name, release.version, len(strings.Fields(*platforms)))
}
