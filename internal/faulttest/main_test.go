package faulttest_test

import (
	"flag"
	"hash/fnv"
	"os"
	"runtime/debug"
	"testing"
)

var (
	// soak tries everything, of what is slow a tenth; without it the tests take a sample.
	soak  = flag.Bool("soak", false, "try all cases, of slow ones a tenth, and long histories instead of a sample")
	only  = flag.String("misfortune", "", "try the misfortunes that this regular expression matches alone")
	share = flag.Uint("share", 150, "without -soak, try one in so many cases")
)

func TestMain(m *testing.M) {
	flag.Parse()
	debug.SetGCPercent(400) // much garbage, little of it lasting
	os.Exit(m.Run())
}

// slowShare is the same for what takes seconds, with -soak.
const slowShare = 10

// sampled picks one in so many cases, always the same. Slow ones are picked
// with -soak too.
func sampled(slow bool, names ...string) bool {
	oneIn := uint32(*share)
	if *soak {
		oneIn = 1
		if slow {
			oneIn = slowShare
		}
	}
	h := fnv.New32a()
	for _, name := range names {
		_, _ = h.Write([]byte(name))
	}
	return h.Sum32()%oneIn == 0
}
