package workspace

import (
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// parameterValues is the known part of a parameters map.
func parameterValues(parameters types.Map) map[string]string {
	values := map[string]string{}
	for name, element := range parameters.Elements() {
		if value, ok := element.(types.String); ok && !value.IsNull() && !value.IsUnknown() {
			values[name] = value.ValueString()
		}
	}
	return values
}

// parametersMap is the attribute for values.
func parametersMap(values map[string]string) types.Map {
	elements := make(map[string]attr.Value, len(values))
	for name, value := range values {
		elements[name] = types.StringValue(value)
	}
	return types.MapValueMust(types.StringType, elements)
}
