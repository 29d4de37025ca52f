package coder_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"github.com/coderws/terraform-provider-coderws/internal/coder"
)

// pageSize is how many rows these tests ask for at once.
const pageSize = 100

// names is a list of n workspaces.
func names(n int) []string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("ws-%04d", i)
	}
	return list
}

// rowID is the id of a workspace by its name.
func rowID(name string) uuid.UUID { return uuid.NewSHA1(uuid.Nil, []byte(name)) }

// pageBody is a page as the server sends it.
func pageBody(rows []string, count int) string {
	items := make([]string, len(rows))
	for i, name := range rows {
		items[i] = fmt.Sprintf(`{"id":%[1]q,"owner_name":"alice","name":%[2]q,"latest_build":{"id":%[1]q}}`, rowID(name), name)
	}
	return fmt.Sprintf(`{"workspaces":[%s],"count":%d}`, strings.Join(items, ","), count)
}

// cut is one page of a list.
func cut(list []string, offset int) []string {
	offset = min(offset, len(list))
	return list[offset:min(offset+pageSize, len(list))]
}

// listServer answers the n-th list request (from 0) for the page at an offset.
// Read by id, a workspace is found unless it is gone.
func listServer(t *testing.T, page func(n, offset int) string, deleted ...string) (*coder.Client, *[]string) {
	t.Helper()
	gone := map[string]bool{}
	for _, name := range deleted {
		gone[rowID(name).String()] = true
	}
	requests := []string{}
	return onWire(t, 0, func(req *http.Request) (*http.Response, error) {
		query := req.URL.Query()
		if id, ok := strings.CutPrefix(req.URL.Path, "/api/v2/workspaces/"); ok {
			requests = append(requests, "one")
			if gone[id] {
				return answer(req, 410, `{"message":"Workspace was deleted."}`, ofCoder...), nil
			}
			return answer(req, 200, fmt.Sprintf(`{"id":%q,"owner_name":"alice","name":"read again","latest_build":{"id":%[1]q}}`, id)), nil
		}
		if req.URL.Path != "/api/v2/workspaces" || query.Get("limit") != strconv.Itoa(pageSize) {
			t.Errorf("request is %s", req.URL)
		}
		offset, err := strconv.Atoi(query.Get("offset"))
		if err != nil {
			t.Error(err)
		}
		requests = append(requests, strings.TrimSpace(fmt.Sprint(offset, " ", query.Get("q"))))
		return answer(req, 200, page(len(requests)-1, offset)), nil
	}), &requests
}

func TestWorkspaces_Pages(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		page    func(n, offset int) string
		offsets []string
		rows    int
	}{
		"none":        {func(_, _ int) string { return `{"workspaces":[],"count":0}` }, []string{"0"}, 0},
		"null":        {func(_, _ int) string { return `{"workspaces":null,"count":0}` }, []string{"0"}, 0},
		"one page":    {func(_, o int) string { return pageBody(cut(names(3), o), 3) }, []string{"0"}, 3},
		"full page":   {func(_, o int) string { return pageBody(cut(names(100), o), 100) }, []string{"0"}, 100},
		"three pages": {func(_, o int) string { return pageBody(cut(names(201), o), 201) }, []string{"0", "100", "200"}, 201},
		"newer fields": {func(_, _ int) string {
			return fmt.Sprintf(`{"next":{"a":[1]},"count":1,"workspaces":[{"id":%[1]q,"latest_build":{"id":%[1]q},"new":null}]}`, workspaceID)
		}, []string{"0"}, 1},
		"shrinks, ≤2.8":   {func(n, o int) string { return pageBody(cut(names(150), o)[:min(1, 1-n)], []int{150, 0}[n]) }, []string{"0", "100"}, 1},
		"page left empty": {func(_, o int) string { return pageBody(cut(names(250), o)[:min(o, 7)], 250) }, []string{"0", "100", "200"}, 14},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, requests := listServer(t, tt.page)
			rows := 0
			for page, err := range client.Workspaces(t.Context(), coder.WorkspaceSearch{PageSize: pageSize}) {
				if err != nil {
					t.Fatal(err)
				}
				if want := tt.offsets[len(*requests)-1]; strconv.Itoa(page.Offset) != want {
					t.Errorf("offset is %d, want %s", page.Offset, want)
				}
				rows += len(page.Workspaces)
			}
			if diff := cmp.Diff(tt.offsets, *requests); diff != "" {
				t.Error(diff)
			}
			if rows != tt.rows {
				t.Errorf("%d rows, want %d", rows, tt.rows)
			}
		})
	}
}

func TestWorkspaces_StopsWhenAsked(t *testing.T) {
	t.Parallel()
	client, requests := listServer(t, func(_, o int) string { return pageBody(cut(names(300), o), 300) })
	for _, err := range client.Workspaces(t.Context(), coder.WorkspaceSearch{Owner: "me", Name: "x y", PageSize: pageSize}) {
		if err != nil {
			t.Error(err)
		}
		break
	}
	if diff := cmp.Diff([]string{`0 owner:me name:"x y"`}, *requests); diff != "" {
		t.Error(diff)
	}
}

func TestWorkspaces_Errors(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		search coder.WorkspaceSearch
		page   string
		check  func(*testing.T, error)
	}{
		"search":    {coder.WorkspaceSearch{Name: `"`, PageSize: pageSize}, "", func(t *testing.T, err error) { _ = as[*coder.SearchError](t, err) }},
		"no object": {coder.WorkspaceSearch{PageSize: pageSize}, `[]`, unreadable},
		"null": {coder.WorkspaceSearch{PageSize: pageSize}, `null`, func(t *testing.T, err error) {
			t.Helper()
			if unreadable(t, err); !strings.Contains(err.Error(), "null where an object should begin") {
				t.Errorf("error is %v", err)
			}
		}},
		"truncated":      {coder.WorkspaceSearch{PageSize: pageSize}, `{"workspaces":[{"name":"a"},{"na`, unreadable},
		"no list":        {coder.WorkspaceSearch{PageSize: pageSize}, `{"workspaces":{},"count":0}`, unreadable},
		"no list at all": {coder.WorkspaceSearch{PageSize: pageSize}, `{"error":"login required"}`, unreadable},
		"bad row":        {coder.WorkspaceSearch{PageSize: pageSize}, `{"workspaces":[{"id":"x"}],"count":0}`, unreadable},
		"too large":      {coder.WorkspaceSearch{PageSize: pageSize}, pageBody(names(100), 100), tooLarge},
		"ends in list":   {coder.WorkspaceSearch{PageSize: pageSize}, `{"workspaces":[`, unreadable},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, requests := listServer(t, func(_, _ int) string { return tt.page })
			client.SetLimits(1000, 1000, 1000)
			errs := 0
			for page, err := range client.Workspaces(t.Context(), tt.search) {
				if err == nil || page != nil {
					t.Fatalf("page %v", page)
				}
				errs++
				tt.check(t, err)
			}
			if errs != 1 {
				t.Errorf("%d errors", errs)
			}
			if _, err := client.AllWorkspaces(t.Context(), tt.search); err == nil {
				t.Error("AllWorkspaces returns no error")
			}
			if name == "search" && len(*requests) > 0 {
				t.Errorf("requests were made: %v", *requests)
			}
		})
	}
}

func TestAllWorkspaces(t *testing.T) {
	t.Parallel()
	list := names(250)
	without := func(list []string, gone ...string) []string {
		return slices.DeleteFunc(slices.Clone(list), func(name string) bool { return slices.Contains(gone, name) })
	}
	// The last row moves to the front after the first page was cut: the 100th
	// row comes twice, the last one not at all.
	moved := append([]string{list[249]}, list[:249]...)
	tests := map[string]struct {
		page     func(n, offset int) string
		want     []string
		requests int
	}{
		"one page":                       {func(_, o int) string { return pageBody(cut(list[:5], o), 5) }, list[:5], 1},
		"one page, rows left out (≥2.1)": {func(_, o int) string { return pageBody(cut(list[:5], o), 9) }, list[:5], 1},
		"at rest":                        {func(_, o int) string { return pageBody(cut(list, o), 250) }, list, 3},
		"a row moves": {func(n, o int) string {
			return pageBody(cut(map[bool][]string{true: list, false: moved}[n == 0], o), 250)
		}, list, 6},
		"rows left out on pages (≥2.1)": {func(_, o int) string { return pageBody(without(cut(list, o), list[3], list[240]), 250) }, without(list, list[3], list[240]), 6},
		"a row appears while reading": {func(n, o int) string {
			if n == 0 {
				return pageBody(cut(list[:249], o), 249)
			}
			return pageBody(cut(list, o), 250)
		}, list, 6},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, requests := listServer(t, tt.page)
			got, err := client.AllWorkspaces(t.Context(), coder.WorkspaceSearch{PageSize: pageSize})
			if err != nil {
				t.Fatal(err)
			}
			var found []string
			for _, row := range got {
				if row.ID != rowID(row.Name) {
					t.Errorf("%s has the id %s", row.Name, row.ID)
				}
				found = append(found, row.Name)
			}
			if diff := cmp.Diff(tt.want, found); diff != "" {
				t.Error(diff)
			}
			if len(*requests) != tt.requests {
				t.Errorf("%d requests, want %d", len(*requests), tt.requests)
			}
		})
	}
}

// Rows that move during every reading are found by putting readings together.
// Those that only an earlier one saw are read again.
func TestAllWorkspaces_AlwaysMoving(t *testing.T) {
	t.Parallel()
	list := names(200)
	// Each reading misses another row and sees the first one again.
	page := func(n, offset int) string {
		if offset == 0 {
			return pageBody(list[:100], 200)
		}
		missing := 100 + n
		rows := append([]string{list[0]}, list[100:]...)
		return pageBody(slices.DeleteFunc(rows, func(name string) bool { return name == list[missing] }), 200)
	}
	client, requests := listServer(t, page)
	got, err := client.AllWorkspaces(t.Context(), coder.WorkspaceSearch{PageSize: pageSize})
	if err != nil || len(got) != 200 {
		t.Fatalf("%d rows, error %v", len(got), err)
	}
	if diff := cmp.Diff([]string{"0", "100", "0", "100", "one"}, *requests); diff != "" {
		t.Error(diff)
	}
	if last := got[0]; last.Name != "read again" || last.ID != rowID(list[103]) {
		t.Errorf("the row that the second reading missed is %s %s", last.Name, last.ID)
	}
}

// A workspace that was deleted between two readings does not hide that another
// one is missing.
func TestAllWorkspaces_DeletedMeanwhile(t *testing.T) {
	t.Parallel()
	list := names(200)
	client, requests := listServer(t, func(n, offset int) string {
		now, count := list, 200
		if n >= 2 {
			now, count = list[1:], 199
		}
		rows := cut(now, offset)
		if n < 4 && offset > 0 { // the first two readings miss the last one
			rows = rows[:len(rows)-1]
		}
		return pageBody(rows, count)
	}, list[0])
	got, err := client.AllWorkspaces(t.Context(), coder.WorkspaceSearch{PageSize: pageSize})
	if err != nil || len(got) != 199 || got[0].Name != list[1] || got[198].Name != list[199] {
		t.Errorf("%d rows, error %v", len(got), err)
	}
	if diff := cmp.Diff([]string{"0", "100", "0", "100", "one", "0", "100"}, *requests); diff != "" {
		t.Error(diff)
	}
}

func TestAllWorkspaces_GivesUp(t *testing.T) {
	t.Parallel()
	client, requests := listServer(t, func(n, _ int) string {
		// Always other rows, never all of them.
		return pageBody([]string{fmt.Sprint("row-", n)}, 150)
	})
	_, err := client.AllWorkspaces(t.Context(), coder.WorkspaceSearch{PageSize: pageSize})
	if !errors.Is(err, coder.ErrListChanging) || len(*requests) != 10 {
		t.Errorf("error is %v after %d requests", err, len(*requests))
	}
}

func TestAllWorkspaces_Order(t *testing.T) {
	t.Parallel()
	client, _ := listServer(t, func(_, _ int) string {
		row := func(id, owner, name string) string {
			return fmt.Sprintf(`{"id":"%[1]s0000000-0000-0000-0000-000000000000","owner_name":%[2]q,"name":%[3]q,"latest_build":{"id":"%[1]s0000000-0000-0000-0000-000000000000"}}`, id, owner, name)
		}
		return `{"count":5,"workspaces":[` + strings.Join([]string{
			row("5", "bob", "a"), row("4", "alice", "b"), row("3", "Alice", "C"), row("2", "alice", "A"), row("1", "alice", "b"),
		}, ",") + `]}`
	})
	got, err := client.AllWorkspaces(t.Context(), coder.WorkspaceSearch{PageSize: pageSize})
	if err != nil {
		t.Fatal(err)
	}
	order := ""
	for _, row := range got {
		order += row.ID.String()[:1]
	}
	if order != "21435" {
		t.Errorf("order is %s", order)
	}
}

func TestAllWorkspaces_ContextEnds(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	client, _ := listServer(t, func(_, offset int) string {
		cancel()
		return pageBody(cut(names(300), offset), 300)
	})
	if _, err := client.AllWorkspaces(ctx, coder.WorkspaceSearch{PageSize: pageSize}); !errors.Is(err, context.Canceled) {
		t.Errorf("error is %v", err)
	}
}
