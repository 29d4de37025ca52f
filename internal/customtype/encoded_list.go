package customtype

import (
	"context"
	"fmt"
	"reflect"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/attr/xattr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

var (
	_ basetypes.ListTypable       = EncodedListType{}
	_ basetypes.ListValuable      = EncodedList{}
	_ xattr.ValidateableAttribute = EncodedList{}
)

// EncodedListType is a list whose elements stay in the form Terraform gets
// them in. It is for long computed lists of deep objects, which the framework
// would otherwise take apart and put together several times on their way out.
type EncodedListType struct {
	basetypes.ListType
}

// EncodedList is a value of [EncodedListType], made by [EncodeList].
type EncodedList struct {
	typ EncodedListType
	raw tftypes.Value
}

// EncodeList makes a list of Go values that fit the element type as they would
// fit [basetypes.NewListValueFrom]: structs with tfsdk tags, pointers, slices,
// maps and values of the framework.
func EncodeList[T any](ctx context.Context, element attr.Type, list []T) (EncodedList, error) {
	typ := EncodedListType{basetypes.ListType{ElemType: element}}
	raw, err := encode(ctx, reflect.ValueOf(list), typ.TerraformType(ctx))
	if err != nil {
		return EncodedList{}, err
	}
	return EncodedList{typ: typ, raw: raw}, nil
}

// encode converts a Go value. Null stands for a nil pointer, slice or map.
func encode(ctx context.Context, v reflect.Value, typ tftypes.Type) (tftypes.Value, error) {
	if value, ok := v.Interface().(attr.Value); ok {
		return value.ToTerraformValue(ctx)
	}
	switch typ := typ.(type) {
	case tftypes.Object:
		if v.Kind() == reflect.Pointer {
			if v.IsNil() {
				return tftypes.NewValue(typ, nil), nil
			}
			v = v.Elem()
		}
		return encodeObject(ctx, v, typ)
	case tftypes.List:
		if v.Kind() != reflect.Slice {
			break
		}
		if v.IsNil() {
			return tftypes.NewValue(typ, nil), nil
		}
		elements := make([]tftypes.Value, v.Len())
		for i := range elements {
			var err error
			if elements[i], err = encode(ctx, v.Index(i), typ.ElementType); err != nil {
				return tftypes.Value{}, fmt.Errorf("[%d]%w", i, err)
			}
		}
		return tftypes.NewValue(typ, elements), nil
	case tftypes.Map:
		if v.Kind() != reflect.Map {
			break
		}
		if v.IsNil() {
			return tftypes.NewValue(typ, nil), nil
		}
		elements := make(map[string]tftypes.Value, v.Len())
		for entry := v.MapRange(); entry.Next(); {
			element, err := encode(ctx, entry.Value(), typ.ElementType)
			if err != nil {
				return tftypes.Value{}, fmt.Errorf("[%s]%w", entry.Key(), err)
			}
			elements[entry.Key().String()] = element
		}
		return tftypes.NewValue(typ, elements), nil
	}
	return tftypes.Value{}, fmt.Errorf(": a %s does not fit %s", v.Type(), typ)
}

func encodeObject(ctx context.Context, v reflect.Value, typ tftypes.Object) (tftypes.Value, error) {
	if v.Kind() != reflect.Struct {
		return tftypes.Value{}, fmt.Errorf(": a %s does not fit %s", v.Type(), typ)
	}
	attributes := make(map[string]tftypes.Value, len(typ.AttributeTypes))
	for name, index := range fieldsOf(v.Type()) {
		attribute, ok := typ.AttributeTypes[name]
		if !ok {
			return tftypes.Value{}, fmt.Errorf(".%s: there is no such attribute", name)
		}
		value, err := encode(ctx, v.FieldByIndex(index), attribute)
		if err != nil {
			return tftypes.Value{}, fmt.Errorf(".%s%w", name, err)
		}
		attributes[name] = value
	}
	for name := range typ.AttributeTypes {
		if _, ok := attributes[name]; !ok {
			return tftypes.Value{}, fmt.Errorf(".%s: no field of %s has it", name, v.Type())
		}
	}
	return tftypes.NewValue(typ, attributes), nil
}

// fieldsByType keeps what [fieldsOf] has found out, since a list asks for the
// same few structs again and again.
var fieldsByType sync.Map

// fieldsOf are the fields of a struct by the attributes they hold.
func fieldsOf(t reflect.Type) map[string][]int {
	if known, ok := fieldsByType.Load(t); ok {
		return known.(map[string][]int) //nolint:forcetypeassert // the only type ever stored
	}
	fields := map[string][]int{}
	for _, field := range reflect.VisibleFields(t) {
		if name := field.Tag.Get("tfsdk"); name != "" {
			fields[name] = field.Index
		}
	}
	fieldsByType.Store(t, fields)
	return fields
}

// Equal implements [attr.Type].
func (t EncodedListType) Equal(o attr.Type) bool {
	other, ok := o.(EncodedListType)
	return ok && t.ListType.Equal(other.ListType)
}

// String implements [attr.Type].
func (t EncodedListType) String() string {
	return "customtype.EncodedListType[" + t.ElementType().String() + "]"
}

// ValueType implements [attr.Type].
func (t EncodedListType) ValueType(context.Context) attr.Value { return EncodedList{typ: t} }

// ValueFromList implements [basetypes.ListTypable].
func (t EncodedListType) ValueFromList(ctx context.Context, in basetypes.ListValue) (basetypes.ListValuable, diag.Diagnostics) {
	raw, err := in.ToTerraformValue(ctx)
	if err != nil {
		return nil, diag.Diagnostics{diag.NewErrorDiagnostic("Unable to encode a list", err.Error())}
	}
	return EncodedList{typ: t, raw: raw}, nil
}

// ValueFromTerraform implements [attr.Type].
func (t EncodedListType) ValueFromTerraform(_ context.Context, in tftypes.Value) (attr.Value, error) {
	return EncodedList{typ: t, raw: in}, nil
}

// Type implements [attr.Value].
func (v EncodedList) Type(context.Context) attr.Type { return v.typ }

// ToTerraformValue implements [attr.Value].
func (v EncodedList) ToTerraformValue(ctx context.Context) (tftypes.Value, error) {
	if v.raw.Type() == nil { // the zero value
		return tftypes.NewValue(v.typ.TerraformType(ctx), nil), nil
	}
	return v.raw, nil
}

// ToListValue implements [basetypes.ListValuable].
func (v EncodedList) ToListValue(ctx context.Context) (basetypes.ListValue, diag.Diagnostics) {
	value, err := v.typ.ListType.ValueFromTerraform(ctx, v.raw)
	list, ok := value.(basetypes.ListValue)
	if err != nil || !ok {
		return basetypes.NewListUnknown(v.typ.ElementType()), diag.Diagnostics{diag.NewErrorDiagnostic("Unable to decode a list", fmt.Sprint(err))}
	}
	return list, nil
}

// Equal implements [attr.Value].
func (v EncodedList) Equal(o attr.Value) bool {
	other, ok := o.(EncodedList)
	return ok && v.typ.Equal(other.typ) && v.raw.Equal(other.raw)
}

// IsNull implements [attr.Value].
func (v EncodedList) IsNull() bool { return v.raw.IsNull() }

// IsUnknown implements [attr.Value].
func (v EncodedList) IsUnknown() bool { return !v.raw.IsKnown() }

// String implements [attr.Value].
func (v EncodedList) String() string { return v.raw.String() }

// ValidateAttribute implements [xattr.ValidateableAttribute]: there is nothing
// to validate in a computed list.
func (v EncodedList) ValidateAttribute(context.Context, xattr.ValidateAttributeRequest, *xattr.ValidateAttributeResponse) {
}
