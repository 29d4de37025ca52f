// Package longlist takes long lists to Terraform past the framework, which
// holds every value of an answer several times over on its way out: for
// thousands of workspaces hundreds of megabytes. A data source leaves such an
// attribute null in what it tells the framework and hands over its elements
// here, each already in the form in which Terraform gets it; the server puts
// them into the framework's answer.
package longlist

import (
	"bytes"
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Lists are the long lists of one answer: encoded elements by the attribute,
// at the top of the schema, that holds them.
type Lists map[string][][]byte

type contextKey struct{}

// NewContext returns a context in which lists can be [Set], and what holds
// them.
func NewContext(ctx context.Context) (context.Context, Lists) {
	lists := Lists{}
	return context.WithValue(ctx, contextKey{}, lists), lists
}

// Set gives an attribute its elements, each made by an [Encoder].
func Set(ctx context.Context, attribute string, elements [][]byte) error {
	lists, ok := ctx.Value(contextKey{}).(Lists)
	if !ok {
		return fmt.Errorf("nobody waits for the elements of %s", attribute)
	}
	lists[attribute] = elements
	return nil
}

// Into puts the lists in the place of the nulls that the framework's answer
// has for them.
func (l Lists) Into(state *tfprotov6.DynamicValue) error {
	for attribute, elements := range l {
		// Text is UTF-8, where the byte of null never occurs: a name with null
		// behind it can only be an attribute.
		key := appendString(nil, attribute)
		before, after, found := bytes.Cut(state.MsgPack, append(key, null))
		if !found {
			return fmt.Errorf("the answer has no null for the elements of %s", attribute)
		}
		size := len(before) + len(key) + maxHead + len(after)
		for _, element := range elements {
			size += len(element)
		}
		answer := append(append(make([]byte, 0, size), before...), key...)
		answer = appendListHead(answer, len(elements))
		for _, element := range elements {
			answer = append(answer, element...)
		}
		state.MsgPack = append(answer, after...)
	}
	return nil
}
