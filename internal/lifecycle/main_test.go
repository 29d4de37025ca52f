package lifecycle_test

import (
	"os"
	"runtime/debug"
	"testing"
)

func TestMain(m *testing.M) {
	debug.SetGCPercent(800) // much garbage, little of it lasting
	os.Exit(m.Run())
}
