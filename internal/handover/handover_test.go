package handover_test

import (
	"sync"
	"testing"

	"github.com/coderws/terraform-provider-coderws/internal/handover"
)

// However many hold a thing, each does so alone, and only the first finds that
// nobody has taken it. Other things are nobody's concern.
func TestObjects(t *testing.T) {
	t.Parallel()
	objects := new(handover.Objects)
	firsts, holders := 0, 0 // of those who hold it, so that nothing else guards them
	var group sync.WaitGroup
	for range 50 {
		group.Go(func() {
			list := objects.Hold("list")
			defer list.Release()
			holders++
			if !list.IsTaken {
				firsts++
			}
			list.IsTaken = true
		})
	}
	group.Wait()
	if firsts != 1 || holders != 50 {
		t.Errorf("%d found it free, %d held it", firsts, holders)
	}
	other := objects.Hold("other")
	defer other.Release()
	if other.IsTaken {
		t.Error("another thing is taken")
	}
}
