package workspace

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
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

// parametersKnown tells whether map and elements are all known.
func parametersKnown(parameters types.Map) bool {
	return !parameters.IsUnknown() && len(parameterValues(parameters)) == len(parameters.Elements())
}

// changedParameters are the wanted values that differ from the present ones.
func changedParameters(wanted, present map[string]string) map[string]string {
	changed := map[string]string{}
	for name, value := range wanted {
		if old, ok := present[name]; !ok || old != value {
			changed[name] = value
		}
	}
	return changed
}

// readParameters reads the complete set of values of a build.
func readParameters(ctx context.Context, client *coder.Client, build uuid.UUID) (map[string]string, error) {
	list, err := client.BuildParameters(ctx, build)
	if err != nil {
		return nil, err
	}
	values := make(map[string]string, len(list))
	for _, parameter := range list {
		values[parameter.Name] = parameter.Value
	}
	return values, nil
}

func sortedKeys(values map[string]string) []string {
	return slices.Sorted(maps.Keys(values))
}
