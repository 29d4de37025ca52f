package faulttest_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// faultTable counts cases by operation, request and misfortune.
type faultTable struct {
	mu          sync.Mutex
	tried, held map[faultKey]int
}

type faultKey struct{ operation, request, misfortune string }

func newFaultTable() *faultTable {
	return &faultTable{tried: map[faultKey]int{}, held: map[faultKey]int{}}
}

func (f *faultTable) add(key faultKey, held bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tried[key]++
	if held {
		f.held[key]++
	}
}

// rows sums the cases up by one part of their keys.
func (f *faultTable) rows(part func(faultKey) string) string {
	held, tried := map[string]int{}, map[string]int{}
	for key, n := range f.tried {
		tried[part(key)] += n
		held[part(key)] += f.held[key]
	}
	var text strings.Builder
	for _, name := range slices.Sorted(maps.Keys(tried)) {
		fmt.Fprintf(&text, "\n  %-70s %6d of %6d", name, held[name], tried[name])
	}
	return text.String()
}

// String is the table: cases held of cases tried.
func (f *faultTable) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return "cases held of cases tried, by operation" + f.rows(func(k faultKey) string { return k.operation }) +
		"\nby the request that went wrong" + f.rows(func(k faultKey) string { return k.request }) +
		"\nby what went wrong" + f.rows(func(k faultKey) string { return k.misfortune }) +
		"\nin all" + f.rows(func(faultKey) string { return "" })
}
