package main

import (
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The types below are the format of "terraform providers schema -json":
// https://developer.hashicorp.com/terraform/cli/commands/providers/schema

type providerSchema struct {
	Provider           *schema              `json:"provider,omitempty"`
	Resources          map[string]*schema   `json:"resource_schemas,omitempty"`
	DataSources        map[string]*schema   `json:"data_source_schemas,omitempty"`
	EphemeralResources map[string]*schema   `json:"ephemeral_resource_schemas,omitempty"`
	ListResources      map[string]*schema   `json:"list_resource_schemas,omitempty"`
	Actions            map[string]*action   `json:"action_schemas,omitempty"`
	Identities         map[string]*identity `json:"resource_identity_schemas,omitempty"`
	Functions          map[string]*function `json:"functions,omitempty"`
}

type schema struct {
	Version int64  `json:"version"`
	Block   *block `json:"block"`
}

// action has no version: nothing of it is kept.
type action struct {
	Block *block `json:"block"`
}

type description struct {
	Text string `json:"description,omitempty"`
	Kind string `json:"description_kind,omitempty"`
}

type block struct {
	Attributes map[string]*attribute   `json:"attributes,omitempty"`
	Blocks     map[string]*nestedBlock `json:"block_types,omitempty"`
	description
	Deprecated bool `json:"deprecated,omitempty"`
}

type nestedBlock struct {
	NestingMode string `json:"nesting_mode"`
	Block       *block `json:"block"`
	MinItems    int64  `json:"min_items,omitempty"`
	MaxItems    int64  `json:"max_items,omitempty"`
}

type attribute struct {
	Type       tftypes.Type `json:"type,omitempty"`
	NestedType *nestedType  `json:"nested_type,omitempty"`
	description
	Deprecated bool `json:"deprecated,omitempty"`
	Required   bool `json:"required,omitempty"`
	Optional   bool `json:"optional,omitempty"`
	Computed   bool `json:"computed,omitempty"`
	Sensitive  bool `json:"sensitive,omitempty"`
	WriteOnly  bool `json:"write_only,omitempty"`
}

type nestedType struct {
	Attributes  map[string]*attribute `json:"attributes"`
	NestingMode string                `json:"nesting_mode"`
}

type identity struct {
	Version    int64                         `json:"version"`
	Attributes map[string]*identityAttribute `json:"attributes"`
}

type identityAttribute struct {
	Type              tftypes.Type `json:"type"`
	Description       string       `json:"description,omitempty"`
	RequiredForImport bool         `json:"required_for_import,omitempty"`
	OptionalForImport bool         `json:"optional_for_import,omitempty"`
}

type function struct {
	Description        string               `json:"description,omitempty"`
	Summary            string               `json:"summary,omitempty"`
	DeprecationMessage string               `json:"deprecation_message,omitempty"`
	ReturnType         tftypes.Type         `json:"return_type"`
	Parameters         []*functionParameter `json:"parameters,omitempty"`
	VariadicParameter  *functionParameter   `json:"variadic_parameter,omitempty"`
}

type functionParameter struct {
	Name        string       `json:"name,omitempty"`
	Description string       `json:"description,omitempty"`
	IsNullable  bool         `json:"is_nullable,omitempty"`
	Type        tftypes.Type `json:"type"`
}

func newSchema(s *tfprotov6.Schema) *schema {
	if s == nil {
		return nil
	}
	return &schema{Version: s.Version, Block: newBlock(s.Block)}
}

func newAction(a *tfprotov6.ActionSchema) *action {
	return &action{Block: newBlock(a.Schema.Block)}
}

func newBlock(b *tfprotov6.SchemaBlock) *block {
	blocks := make(map[string]*nestedBlock, len(b.BlockTypes))
	for _, nested := range b.BlockTypes {
		blocks[nested.TypeName] = &nestedBlock{
			NestingMode: strings.ToLower(nested.Nesting.String()),
			Block:       newBlock(nested.Block),
			MinItems:    nested.MinItems,
			MaxItems:    nested.MaxItems,
		}
	}
	return &block{
		Attributes:  newAttributes(b.Attributes),
		Blocks:      blocks,
		description: newDescription(b.Description, b.DescriptionKind),
		Deprecated:  b.Deprecated,
	}
}

func newAttributes(attributes []*tfprotov6.SchemaAttribute) map[string]*attribute {
	named := make(map[string]*attribute, len(attributes))
	for _, a := range attributes {
		named[a.Name] = &attribute{
			Type:        a.Type,
			NestedType:  newNestedType(a.NestedType),
			description: newDescription(a.Description, a.DescriptionKind),
			Deprecated:  a.Deprecated,
			Required:    a.Required,
			Optional:    a.Optional,
			Computed:    a.Computed,
			Sensitive:   a.Sensitive,
			WriteOnly:   a.WriteOnly,
		}
	}
	return named
}

func newNestedType(object *tfprotov6.SchemaObject) *nestedType {
	if object == nil {
		return nil
	}
	return &nestedType{
		Attributes:  newAttributes(object.Attributes),
		NestingMode: strings.ToLower(object.Nesting.String()),
	}
}

func newDescription(text string, kind tfprotov6.StringKind) description {
	return description{Text: text, Kind: strings.ToLower(kind.String())}
}

func newIdentity(i *tfprotov6.ResourceIdentitySchema) *identity {
	attributes := make(map[string]*identityAttribute, len(i.IdentityAttributes))
	for _, a := range i.IdentityAttributes {
		attributes[a.Name] = &identityAttribute{
			Type:              a.Type,
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
	}
	return &identity{Version: i.Version, Attributes: attributes}
}

func newFunction(f *tfprotov6.Function) *function {
	parameters := make([]*functionParameter, len(f.Parameters))
	for i, parameter := range f.Parameters {
		parameters[i] = newFunctionParameter(parameter)
	}
	return &function{
		Description:        f.Description,
		Summary:            f.Summary,
		DeprecationMessage: f.DeprecationMessage,
		ReturnType:         f.Return.Type,
		Parameters:         parameters,
		VariadicParameter:  newFunctionParameter(f.VariadicParameter),
	}
}

func newFunctionParameter(p *tfprotov6.FunctionParameter) *functionParameter {
	if p == nil {
		return nil
	}
	return &functionParameter{Name: p.Name, Description: p.Description, IsNullable: p.AllowNullValue, Type: p.Type}
}
