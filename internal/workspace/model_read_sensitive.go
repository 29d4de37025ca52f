package workspace

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// sensitiveValues are the values of a build that may be secrets, by the id of
// what has them, the attribute there and the name in it; never nil.
//
// They stand apart since Terraform marks attributes, not single values, and
// compares each value of an object with the path of each sensitive one in it:
// thousands of paths in a list would take it minutes.
func sensitiveValues(b *coder.WorkspaceBuild) map[string]types.String {
	values := map[string]types.String{}
	for _, resource := range b.Resources {
		for _, metadata := range resource.Metadata {
			if metadata.Sensitive {
				values[resource.ID.String()+"/metadata/"+metadata.Key] = types.StringValue(metadata.Value)
			}
		}
	}
	for agent := range b.Agents() {
		for name, value := range agent.EnvironmentVariables {
			values[agent.ID.String()+"/environment_variables/"+name] = types.StringValue(value)
		}
	}
	return values
}

// sensitiveValuesAttribute describes [sensitiveValues].
func sensitiveValuesAttribute() schema.MapAttribute {
	return schema.MapAttribute{
		MarkdownDescription: "Values of `latest_build.resources` that may be secrets, as text: those of sensitive metadata under " +
			"`RESOURCE_ID/metadata/KEY`, those of environment variables under `AGENT_ID/environment_variables/NAME`. The ids are those of " +
			"the resource and the agent in the same data source.",
		Computed:    true,
		Sensitive:   true,
		ElementType: types.StringType,
	}
}
