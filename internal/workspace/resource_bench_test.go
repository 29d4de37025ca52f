package workspace_test

import (
	"fmt"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/coderws/terraform-provider-coderws/internal/acctest"
	"github.com/coderws/terraform-provider-coderws/internal/coder/codertest"
)

// BenchmarkSchema is the first answer that Terraform waits for.
func BenchmarkSchema(b *testing.B) {
	for b.Loop() {
		server, err := acctest.ProviderFactories()["coderws"]()
		if err != nil {
			b.Fatal(err)
		}
		if _, err := server.GetProviderSchema(b.Context(), &tfprotov6.GetProviderSchemaRequest{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRefresh is what the provider does for one workspace in a plan that
// finds nothing to change.
func BenchmarkRefresh(b *testing.B) {
	d := acctest.NewFake(b, codertest.Options{})
	template := d.Fake.AddTemplate(codertest.BasicTemplate())
	values := acctest.Values{"name": "bench", "template_id": template.ID.String(), "parameters": map[string]string{"cpu": "4"}}
	server := d.Server(b)
	instance, diags := server.Apply(b, workspaceType, nil, values)
	if diags.HasError() {
		b.Fatal(diags)
	}
	for b.Loop() {
		read, diags := server.Read(b, workspaceType, instance)
		diags = append(diags, server.Plan(b, workspaceType, read, values).Diagnostics...)
		if len(diags) > 0 {
			b.Fatal(diags)
		}
	}
}

// BenchmarkWorkspacesDataSource finds some hundred workspaces, with and without
// their resources.
func BenchmarkWorkspacesDataSource(b *testing.B) {
	const workspaces = 200
	d := acctest.NewFake(b, codertest.Options{})
	template := d.Fake.AddTemplate(codertest.BasicTemplate())
	for i := range workspaces {
		d.Fake.CreateWorkspace("admin", fmt.Sprint("bench-", i), template.ID, nil)
	}
	server := d.Server(b)
	for _, resources := range []bool{true, false} {
		b.Run(fmt.Sprintf("resources=%t", resources), func(b *testing.B) {
			for b.Loop() {
				if _, diags := server.Look(b, "coderws_workspaces", acctest.Values{"include_resources": resources}); len(diags) > 0 {
					b.Fatal(diags)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N*workspaces), "µs/workspace")
		})
	}
}
