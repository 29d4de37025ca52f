package coder_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"

	"github.com/google/go-cmp/cmp"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

var update = flag.Bool("update", false, "write golden files instead of comparing with them")

// whyGeneral are the recorded answers that no kind but [coder.BadRequest] and
// [coder.Internal] fits, by their messages, and why none has to.
var whyGeneral = map[string]string{
	"Request body must be valid JSON.":                                        "the client writes bodies from structs",
	"bad `since` format, must be RFC3339":                                     "the client writes the time",
	`Invalid UUID "default".`:                                                 "the client writes ids",
	`Invalid expect_status "bogus". Only 'running' or 'pending' are allowed.`: "the client asks for pending only",
	`Transition "create" not supported.`:                                      "the client never asks for it",
	"Orphan is only permitted when deleting a workspace.":                     "the client orphans with deletions only",
	"Terraform debug mode is disabled in the deployment configuration.":       "the client never asks for it",
	"Internal error fetching workspaces.":                                     "an offset below 0, which the client never sends",
	"Job has already completed!":                                              "a cancel that comes too late is as good as one that comes in time",
	"Job has already been marked as canceled!":                                "the same",
	"Job is not in the expected state.":                                       "the same: it runs already",
	"Port protocol not allowed.":                                              "the provider knows the protocols",
	"All workspaces must be deleted before a template can be removed.":        "the client removes no templates",
}

// answerRecord is one exchange of a recording.
type answerRecord struct {
	Seq     string `json:"seq"`
	Request struct {
		Method string `json:"method"`
		Path   string `json:"path"`
	} `json:"request"`
	Response struct {
		Status  int               `json:"status"`
		Headers map[string]string `json:"headers"`
		Body    json.RawMessage   `json:"body"`
	} `json:"response"`
}

// refusals are the answers of a recording with a status of 400 or more.
func refusals(t *testing.T, file string) []answerRecord {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var found []answerRecord
	for line := range bytes.Lines(content) {
		var record answerRecord
		if err := json.Unmarshal(line, &record); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		if record.Response.Status >= 400 {
			found = append(found, record)
		}
	}
	return found
}

// read has the client read the answer, with its headers or without those that
// say that it is Coder's.
func (r *answerRecord) read(t *testing.T, headers bool) *coder.Error {
	t.Helper()
	body := string(r.Response.Body)
	switch {
	case body == "null":
		body = ""
	case strings.HasPrefix(body, `"`): // plain text
		if err := json.Unmarshal(r.Response.Body, &body); err != nil {
			t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(t.Context(), r.Request.Method, "http://coder.test"+r.Request.Path, nil)
	if err != nil {
		t.Fatal(err)
	}
	var header []string
	for name, value := range r.Response.Headers {
		if headers || !strings.HasPrefix(name, "X-Coder-") {
			header = append(header, name, value)
		}
	}
	resp := answer(req, r.Response.Status, body, header...)
	defer func() { _ = resp.Body.Close() }()
	return coder.NewError(resp)
}

// TestKind_Recorded gives every refusal that was recorded from a real server a
// kind. The table of how many there are of each, by release, and the answers of
// each kind are kept in a golden file; the test prints the table.
func TestKind_Recorded(t *testing.T) {
	t.Parallel()
	found := recorded{}
	reasons := map[string]bool{}
	for _, release := range releases {
		for _, file := range recordingsOf(release) {
			for _, record := range refusals(t, file) {
				refused := checkRecord(t, &record, reasons)
				found.add(release, refused)
			}
		}
	}
	for message := range whyGeneral {
		if !reasons[message] {
			t.Errorf("nothing recorded says %q", message)
		}
	}

	table := found.table()
	t.Logf("recorded refusals by kind and release:\n%s", table)
	got := table + "\n" + found.answers()
	golden := filepath.Join("testdata", "kinds.golden")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); -update writes it anew:\n%s", golden, diff)
	}
}

// TestKind_RecordedMore does so with the recordings in the folder named by
// CODERTEST_RECORDINGS.
func TestKind_RecordedMore(t *testing.T) {
	t.Parallel()
	folder := os.Getenv("CODERTEST_RECORDINGS")
	if folder == "" {
		t.Skip("CODERTEST_RECORDINGS names no folder")
	}
	files, err := filepath.Glob(filepath.Join(folder, "*.jsonl"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no *.jsonl in %s (%v)", folder, err)
	}
	for _, file := range files {
		for _, record := range refusals(t, file) {
			_ = checkRecord(t, &record, map[string]bool{})
		}
	}
}

// checkRecord reads a recorded answer and notes the reason for a general kind. A
// proxy that drops the headers can make it unknown, but nothing else than it is.
func checkRecord(t *testing.T, record *answerRecord, reasons map[string]bool) *coder.Error {
	t.Helper()
	refused := record.read(t, true)
	kind := refused.Kind()
	if kind == coder.NoRefusal || kind == coder.Foreign {
		t.Errorf("%s: %v is %s", record.Seq, refused, kind)
	}
	if kind == coder.BadRequest || kind == coder.Internal {
		reasons[refused.Message] = true
		if whyGeneral[refused.Message] == "" {
			t.Errorf("%s: %v is %s, and nobody says why", record.Seq, refused, kind)
		}
	}
	if bare := record.read(t, false).Kind(); bare != kind && bare != coder.Foreign {
		t.Errorf("%s: %v is %s, and without headers %s", record.Seq, refused, kind, bare)
	}
	return refused
}

// releases are those that there are recordings of.
var releases = []string{"seed", "v2.8.1", "v2.21.1", "v2.35.1"}

// recordingsOf are the files with recorded answers of a release.
func recordingsOf(release string) []string {
	recordings := filepath.Join("codertest", "testdata", "recordings")
	files := []string{filepath.Join(recordings, release+"-sharing.jsonl")}
	if release == "seed" || release == "v2.35.1" {
		files = append(files, filepath.Join(recordings, release+".jsonl"))
	}
	return files
}

// recorded counts recorded answers by kind, text and release.
type recorded map[coder.Kind]map[string]map[string]int

var anyID = regexp.MustCompile(`[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}`)

func (r recorded) add(release string, refused *coder.Error) {
	_, text, _ := strings.Cut(refused.Error(), ": ") // of method and path
	text = anyID.ReplaceAllString(text, "<id>")
	kind := refused.Kind()
	if r[kind] == nil {
		r[kind] = map[string]map[string]int{}
	}
	if r[kind][text] == nil {
		r[kind][text] = map[string]int{}
	}
	r[kind][text][release]++
}

// table is the number of answers by kind and release.
func (r recorded) table() string {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 1, ' ', tabwriter.AlignRight)
	row := func(name string, cell func(release string) string) {
		cells := []string{fmt.Sprintf("%-22s", name)}
		for _, release := range releases {
			cells = append(cells, " "+cell(release))
		}
		_, _ = io.WriteString(w, strings.Join(cells, "\t")+"\t\n")
	}
	total := map[string]int{}
	row("kind", func(release string) string { return release })
	for _, kind := range slices.Sorted(maps.Keys(r)) {
		row(kind.String(), func(release string) string {
			n := 0
			for _, by := range r[kind] {
				n += by[release]
			}
			total[release] += n
			return fmt.Sprint(n)
		})
	}
	row("all", func(release string) string { return fmt.Sprint(total[release]) })
	_ = w.Flush() // a strings.Builder takes everything
	return text.String()
}

// answers are the different answers of each kind, and who gave them.
func (r recorded) answers() string {
	var text strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(r)) {
		fmt.Fprintf(&text, "%s\n", kind)
		for _, said := range slices.Sorted(maps.Keys(r[kind])) {
			var by []string
			for _, release := range releases {
				if n := r[kind][said][release]; n > 0 {
					by = append(by, fmt.Sprintf("%s %d", release, n))
				}
			}
			fmt.Fprintf(&text, "  %s [%s]\n", strings.ReplaceAll(said, "\n", " / "), strings.Join(by, ", "))
		}
	}
	return text.String()
}
