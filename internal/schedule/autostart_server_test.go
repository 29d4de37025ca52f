package schedule_test

import (
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/coderws/terraform-provider-coderws/internal/schedule"
)

// verdict is what a server has answered to PUT …/autostart.
type verdict struct {
	Schedule string    `json:"schedule"`
	Status   int       `json:"status"`
	Asked    time.Time `json:"asked"` // by the server's clock
	Next     time.Time `json:"next"`  // next_start_at
}

func verdicts(t *testing.T, file string) (list []verdict) {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		var one verdict
		if err := json.Unmarshal([]byte(line), &one); err != nil {
			t.Fatal(err)
		}
		list = append(list, one)
	}
	return list
}

// A schedule passes the plan if the server takes it, and runs when the server
// says. Only those that would never run are refused although it takes them, and
// "", which is how it is told that there is none.
func TestParseAutostart_AsTheServer(t *testing.T) {
	t.Parallel()
	list := verdicts(t, "../coder/codertest/testdata/schedules-v2.35.1.jsonl")
	if len(list) < 100 {
		t.Fatalf("%d verdicts", len(list))
	}
	for _, one := range list {
		autostart, err := schedule.ParseAutostart(one.Schedule)
		never := one.Schedule == "" || one.Status == 204 && one.Next.IsZero()
		switch want := one.Status == 204 && !never; {
		case (err == nil) != want:
			t.Errorf("%q: error %v, the server answers %d", one.Schedule, err, one.Status)
		case want && !autostart.Next(one.Asked).Equal(one.Next):
			t.Errorf("%q: runs at %s, on the server at %s", one.Schedule, autostart.Next(one.Asked), one.Next)
		case never && one.Schedule != "" && !strings.Contains(err.Error(), "never runs"):
			t.Errorf("%q: %v", one.Schedule, err)
		}
	}
}
