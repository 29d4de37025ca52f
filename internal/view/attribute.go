package view

import (
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/coderws/terraform-provider-coderws/internal/customtype"
)

// TextAttribute is a computed string.
func TextAttribute(description string) schema.StringAttribute {
	return schema.StringAttribute{MarkdownDescription: description, Computed: true}
}

// TextsAttribute is a computed list of strings.
func TextsAttribute(description string) schema.ListAttribute {
	return schema.ListAttribute{MarkdownDescription: description, Computed: true, ElementType: types.StringType}
}

// NumberAttribute is a computed whole number.
func NumberAttribute(description string) schema.Int64Attribute {
	return schema.Int64Attribute{MarkdownDescription: description, Computed: true}
}

// TruthAttribute is a computed bool.
func TruthAttribute(description string) schema.BoolAttribute {
	return schema.BoolAttribute{MarkdownDescription: description, Computed: true}
}

// EncodedListAttribute is a computed list of objects for long results, whose
// value is a [customtype.EncodedList].
type EncodedListAttribute struct {
	schema.ListNestedAttribute
}

// NewEncodedListAttribute describes a long list.
func NewEncodedListAttribute(description string, object schema.NestedAttributeObject) EncodedListAttribute {
	return EncodedListAttribute{schema.ListNestedAttribute{
		MarkdownDescription: description,
		Computed:            true,
		NestedObject:        object,
		CustomType:          customtype.EncodedListType{ListType: types.ListType{ElemType: object.Type()}},
	}}
}

// ApplyTerraform5AttributePathStep implements [tftypes.AttributePathStepper] by
// the type instead of the attributes. The framework takes this way for every
// null in a result, and by the attributes it would work their types out anew
// each time, which takes longer than all the rest.
func (a EncodedListAttribute) ApplyTerraform5AttributePathStep(step tftypes.AttributePathStep) (any, error) {
	return a.GetType().ApplyTerraform5AttributePathStep(step)
}
