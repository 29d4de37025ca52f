package longlist

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// The bytes of MessagePack that Terraform's protocol is made of.
const (
	null      = 0xc0
	falsehood = 0xc2
	truth     = 0xc3
	float     = 0xcb
	integer   = 0xd3
	// Heads of up to fifteen elements or entries, or 31 bytes of text, have the
	// number in them.
	shortMap, map16, map32     = 0x80, 0xde, 0xdf
	shortList, list16, list32  = 0x90, 0xdc, 0xdd
	shortText, text16, text32  = 0xa0, 0xda, 0xdb
	mostElements, longestShort = 15, 31
	maxHead                    = 5 // bytes
)

// Encoder encodes elements one after the other. The zero value is ready.
type Encoder struct {
	buffer []byte
}

// Encode is the element that a pointer points to, as Terraform gets it: structs
// with tfsdk tags, pointers, slices and maps of such or of the framework's
// plain values. Nil is null. That the tags are those of the schema is for the
// caller to test.
func (e *Encoder) Encode(element any) ([]byte, error) {
	var err error
	e.buffer, err = appendValue(e.buffer[:0], reflect.ValueOf(element).Elem())
	return bytes.Clone(e.buffer), err // of no more than its size
}

// appendValue appends an addressable value.
func appendValue(b []byte, v reflect.Value) ([]byte, error) {
	switch value := v.Addr().Interface().(type) {
	case *types.String:
		if !value.IsNull() && !value.IsUnknown() {
			return appendString(b, value.ValueString()), nil
		}
		return append(b, null), unlessKnown(value.IsUnknown())
	case *types.Bool:
		switch {
		case value.ValueBool():
			return append(b, truth), nil
		case !value.IsNull() && !value.IsUnknown():
			return append(b, falsehood), nil
		}
		return append(b, null), unlessKnown(value.IsUnknown())
	case *types.Int64:
		if !value.IsNull() && !value.IsUnknown() {
			return appendInt(b, value.ValueInt64()), nil
		}
		return append(b, null), unlessKnown(value.IsUnknown())
	case *types.Float64:
		if !value.IsNull() && !value.IsUnknown() {
			return binary.BigEndian.AppendUint64(append(b, float), math.Float64bits(value.ValueFloat64())), nil
		}
		return append(b, null), unlessKnown(value.IsUnknown())
	}
	switch v.Kind() {
	case reflect.Struct:
		return appendStruct(b, v)
	case reflect.Pointer:
		if v.IsNil() {
			return append(b, null), nil
		}
		return appendValue(b, v.Elem())
	case reflect.Slice:
		return appendSlice(b, v)
	case reflect.Map:
		return appendMap(b, v)
	default:
		return b, fmt.Errorf("a %s cannot be in a list", v.Type())
	}
}

func unlessKnown(unknown bool) error {
	if unknown {
		return fmt.Errorf("an unknown value cannot be in a list that was read")
	}
	return nil
}

func appendSlice(b []byte, v reflect.Value) ([]byte, error) {
	if v.IsNil() {
		return append(b, null), nil
	}
	b = appendListHead(b, v.Len())
	for i := range v.Len() {
		var err error
		if b, err = appendValue(b, v.Index(i)); err != nil {
			return b, fmt.Errorf("[%d]: %w", i, err)
		}
	}
	return b, nil
}

func appendMap(b []byte, v reflect.Value) ([]byte, error) {
	if v.IsNil() {
		return append(b, null), nil
	}
	b = appendMapHead(b, v.Len())
	keys := v.MapKeys()
	slices.SortFunc(keys, func(x, y reflect.Value) int { return cmp.Compare(x.String(), y.String()) })
	entry := reflect.New(v.Type().Elem()).Elem() // addressable, which a map's are not
	for _, key := range keys {
		entry.Set(v.MapIndex(key))
		var err error
		if b, err = appendValue(appendString(b, key.String()), entry); err != nil {
			return b, fmt.Errorf("[%q]: %w", key.String(), err)
		}
	}
	return b, nil
}

func appendStruct(b []byte, v reflect.Value) ([]byte, error) {
	fields := fieldsOf(v.Type())
	b = appendMapHead(b, len(fields))
	for _, field := range fields {
		var err error
		if b, err = appendValue(append(b, field.key...), v.FieldByIndex(field.index)); err != nil {
			return b, fmt.Errorf("%s: %w", field.key[1:], err)
		}
	}
	return b, nil
}

// field is a field of a struct that holds an attribute.
type field struct {
	key   []byte // the attribute's name, encoded
	index []int
}

// fieldsByType keeps what [fieldsOf] has found out, since a list asks for the
// same few structs again and again.
var fieldsByType sync.Map

// fieldsOf are the fields of a struct in the order of their attributes.
func fieldsOf(t reflect.Type) []field {
	if known, ok := fieldsByType.Load(t); ok {
		return known.([]field) //nolint:forcetypeassert // the only type ever stored
	}
	byName := map[string]field{}
	for _, f := range reflect.VisibleFields(t) {
		if name := f.Tag.Get("tfsdk"); name != "" {
			byName[name] = field{key: appendString(nil, name), index: f.Index}
		}
	}
	fields := make([]field, 0, len(byName))
	for _, name := range slices.Sorted(maps.Keys(byName)) {
		fields = append(fields, byName[name])
	}
	fieldsByType.Store(t, fields)
	return fields
}

func appendInt(b []byte, n int64) []byte {
	if 0 <= n && n <= math.MaxInt8 {
		return append(b, byte(n))
	}
	return binary.BigEndian.AppendUint64(append(b, integer), uint64(n)) //nolint:gosec // two's complement is meant
}

func appendString(b []byte, text string) []byte {
	return append(appendHead(b, len(text), longestShort, shortText, text16, text32), text...)
}

func appendListHead(b []byte, n int) []byte {
	return appendHead(b, n, mostElements, shortList, list16, list32)
}

func appendMapHead(b []byte, n int) []byte {
	return appendHead(b, n, mostElements, shortMap, map16, map32)
}

// appendHead tells what follows and how much of it.
func appendHead(b []byte, n, mostShort int, short, long, longest byte) []byte {
	switch {
	case n <= mostShort:
		return append(b, short|byte(n))
	case n <= math.MaxUint16:
		return binary.BigEndian.AppendUint16(append(b, long), uint16(n))
	default:
		return binary.BigEndian.AppendUint32(append(b, longest), uint32(n)) //nolint:gosec // Terraform takes no larger answers
	}
}
