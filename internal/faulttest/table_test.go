package faulttest_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
)

// faultTable counts cases by operation and misfortune.
type faultTable struct {
	mu          sync.Mutex
	tried, held map[[2]string]int
}

func newFaultTable() *faultTable {
	return &faultTable{tried: map[[2]string]int{}, held: map[[2]string]int{}}
}

func (f *faultTable) add(op, what string, held bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tried[[2]string{op, what}]++
	if held {
		f.held[[2]string{op, what}]++
	}
}

// sum adds up the cases of an operation and a misfortune; "" is any.
func (f *faultTable) sum(op, what string) (held, tried int) {
	for key, n := range f.tried {
		if (op == "" || op == key[0]) && (what == "" || what == key[1]) {
			tried += n
			held += f.held[key]
		}
	}
	return held, tried
}

// String is the table: a row for each operation and for each misfortune, cases
// held of cases tried.
func (f *faultTable) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	ops, whats := map[string]bool{}, map[string]bool{}
	for key := range f.tried {
		ops[key[0]], whats[key[1]] = true, true
	}
	var text strings.Builder
	row := func(name string, held, tried int) {
		fmt.Fprintf(&text, "\n  %-34s %6d of %6d", name, held, tried)
	}
	text.WriteString("cases held of cases tried, by operation")
	for _, op := range slices.Sorted(maps.Keys(ops)) {
		held, tried := f.sum(op, "")
		row(op, held, tried)
	}
	text.WriteString("\nand by what went wrong")
	for _, what := range slices.Sorted(maps.Keys(whats)) {
		held, tried := f.sum("", what)
		row(what, held, tried)
	}
	held, tried := f.sum("", "")
	text.WriteString("\nin all")
	row("", held, tried)
	return text.String()
}
