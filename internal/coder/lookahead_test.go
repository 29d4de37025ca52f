package coder_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// pages are the searches for other than ids since the counts were taken last,
// and the most rows they can have brought.
func (f *fleet) pages() (searches map[string]int, rows int) {
	searches = map[string]int{}
	for _, request := range f.Requests() {
		query, _ := url.ParseQuery(request.Query)
		if q := query.Get("q"); request.Route == "/workspaces" && !strings.HasPrefix(q, "id:") {
			searches[q]++
			limit := 0
			_, _ = fmt.Sscan(query.Get("limit"), &limit)
			rows += limit
		}
	}
	return searches, rows
}

// Lists are read ahead where many of their workspaces are wanted, and nowhere
// else.
func TestReadWorkspace_Ahead(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		version string
		prepare func(f *fleet)
		hint    coder.ReadHint
		scope   string // the only search for others than ids
		pages   int    // at most
		rows    int    // at most
		most    int    // requests
	}{
		"few workspaces": {
			prepare: func(f *fleet) { f.ids = f.ids[:39] },
			hint:    coder.ReadHint{Owner: "admin", Organization: "coder"}, most: 5,
		},
		"many": {
			prepare: func(*fleet) {},
			hint:    coder.ReadHint{Owner: "Admin", Organization: "coder"}, scope: "owner:admin", pages: 2, rows: 600, most: 12,
		},
		"few of very many": {
			prepare: func(f *fleet) { f.add(2000); f.ids = f.ids[:90] },
			hint:    coder.ReadHint{Owner: "admin", Organization: "coder"}, scope: "owner:admin", pages: 1, rows: 300, most: 11,
		},
		"an organization": {
			prepare: func(*fleet) {},
			hint:    coder.ReadHint{Organization: "coder"}, scope: "organization:coder", pages: 2, rows: 600, most: 12,
		},
		"an organization, Coder 2.14": {
			version: "v2.14.0", prepare: func(*fleet) {},
			hint: coder.ReadHint{Organization: "coder"}, most: 31,
		},
		"a name that is no name any more": {
			prepare: func(*fleet) {},
			hint:    coder.ReadHint{Owner: "nobody"}, scope: "owner:nobody", pages: 1, rows: 500, most: 32,
		},
		"a name that cannot be searched for": {
			prepare: func(*fleet) {},
			hint:    coder.ReadHint{Owner: `no"body`}, most: 31,
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				f := newFleet(t, 0, tt.version)
				f.add(300)
				tt.prepare(f)
				f.refresh(t, 10, func(uuid.UUID) coder.ReadHint { return tt.hint })
				searches, rows := f.pages()
				counts := f.counts()
				if n := searches[tt.scope]; n != sumOf(searches) || n > tt.pages || (tt.pages > 0 && n == 0) || rows > tt.rows {
					t.Errorf("searches are %v with up to %d rows", searches, rows)
				}
				if counts[""] > tt.most {
					t.Errorf("requests: %v, want at most %d", counts, tt.most)
				}
			})
		})
	}
}

func sumOf(counts map[string]int) int {
	total := 0
	for _, n := range counts {
		total += n
	}
	return total
}

// In a workshop everybody has one workspace; together they are read by their
// organization.
func TestReadWorkspace_AheadOfManyOwners(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 0, "")
		owners := map[uuid.UUID]string{}
		for i := range 200 {
			owner := fmt.Sprintf("student%d", i)
			f.AddUser(owner)
			id := f.CreateWorkspace(owner, "lab", f.template.ID, nil)
			f.ids = append(f.ids, id)
			owners[id] = owner
		}
		f.refresh(t, 10, func(id uuid.UUID) coder.ReadHint {
			return coder.ReadHint{Owner: owners[id], Organization: "coder"}
		})
		if searches, _ := f.pages(); len(searches) != 1 || searches["organization:coder"] == 0 {
			t.Errorf("searches are %v", searches)
		}
		if counts := f.counts(); counts[""] > 12 {
			t.Errorf("requests: %v", counts)
		}
	})
}

// What was read ahead long ago is read again.
func TestReadWorkspace_AheadTooOld(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 100, "")
		late := f.ids[60:]
		f.ids = f.ids[:60]
		f.refresh(t, 10, adminHint)
		if searches, _ := f.pages(); searches["owner:admin"] != 1 {
			t.Fatalf("searches are %v", searches)
		}
		for _, id := range late {
			if err := f.client.RenameWorkspace(t.Context(), id, "x-"+id.String()[:8]); err != nil {
				t.Fatal(err)
			}
		}
		other := f.client
		f.reconnect(t)
		for _, id := range late[20:] { // by someone else
			if err := f.client.RenameWorkspace(t.Context(), id, "y-"+id.String()[:8]); err != nil {
				t.Fatal(err)
			}
		}
		<-time.After(10 * time.Second)
		for _, id := range late {
			want, err := f.client.Workspace(t.Context(), id)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := other.ReadWorkspace(t.Context(), id, adminHint(id)); err != nil || got.Name != want.Name {
				t.Errorf("name is %q, error %v, want %q", got.Name, err, want.Name)
			}
		}
	})
}

// Where reading all takes longer than a row may be used, lists are read again
// and not each workspace.
func TestReadWorkspace_AheadOfSlowReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		f := newFleet(t, 1000, "")
		f.work = 600 * time.Millisecond // 30 s in all
		f.refresh(t, 10, adminHint)
		if counts := f.counts(); counts[""] > 60 {
			t.Errorf("requests: %v", counts)
		}
	})
}
