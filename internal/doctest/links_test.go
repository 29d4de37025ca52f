package doctest_test

import (
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// page is a Markdown file: what it links to, and what can be linked to in it.
type page struct {
	links   []string
	anchors map[string]bool
}

var (
	fence    = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	code     = regexp.MustCompile("`[^`\n]*`")
	link     = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)
	heading  = regexp.MustCompile(`(?m)^#{1,6} +(.*?) *$`)
	marker   = regexp.MustCompile(`<a id="([^"]+)">`)
	unslug   = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
	linkText = regexp.MustCompile(`\[([^\]]*)\]\([^)]*\)`)
)

// readPage reads a page as code hosts and the registry understand it.
func readPage(t *testing.T, name string) page {
	t.Helper()
	content, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text := fence.ReplaceAllString(string(content), "")
	p := page{anchors: map[string]bool{}}
	for _, match := range link.FindAllStringSubmatch(code.ReplaceAllString(text, "code"), -1) {
		p.links = append(p.links, match[1])
	}
	for _, match := range marker.FindAllStringSubmatch(text, -1) {
		p.anchors[match[1]] = true
	}
	for _, match := range heading.FindAllStringSubmatch(text, -1) {
		slug := anchor(match[1])
		for n := 1; p.anchors[slug]; n++ {
			slug = fmt.Sprintf("%s-%d", anchor(match[1]), n)
		}
		p.anchors[slug] = true
	}
	return p
}

// anchor is the name that a heading can be linked by.
func anchor(heading string) string {
	text := linkText.ReplaceAllString(heading, "$1")
	return strings.ReplaceAll(unslug.ReplaceAllString(strings.ToLower(text), ""), " ", "-")
}

// pages are all Markdown pages of the repository, by file name. Those in
// templates/ are the sources of docs/, where their links are relative to.
func pages(t *testing.T) map[string]page {
	t.Helper()
	root := filepath.Join("..", "..")
	all := map[string]page{}
	err := filepath.WalkDir(root, func(name string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && name != root && (entry.Name() == "testdata" || entry.Name() == "templates" || strings.HasPrefix(entry.Name(), ".") && entry.Name() != ".github" && entry.Name() != ".."):
			return fs.SkipDir
		case strings.HasSuffix(name, ".md"):
			all[name] = readPage(t, name)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Every link within the repository leads to a file and, with an anchor, to a
// place in it. Links to elsewhere are complete addresses.
func TestLinks(t *testing.T) {
	t.Parallel()
	all := pages(t)
	checked := 0
	for name, p := range all {
		for _, link := range p.links {
			target, err := url.Parse(link)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if target.Scheme != "" {
				if target.Scheme != "https" || target.Host == "" {
					t.Errorf("%s: %s is no address that every browser opens safely", name, link)
				}
				continue
			}
			checked++
			file := name
			if target.Path != "" {
				file = filepath.Join(filepath.Dir(name), filepath.FromSlash(target.Path))
			}
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s: %s leads nowhere", name, link)
			} else if isDocs(name) && !isDocs(file) { // the registry shows nothing else
				t.Errorf("%s: %s leads out of docs/", name, link)
			} else if linked, isPage := all[file]; target.Fragment != "" && (!isPage || !linked.anchors[target.Fragment]) {
				t.Errorf("%s: there is no #%s in %s", name, target.Fragment, file)
			}
		}
	}
	if len(all) < 20 || checked < 40 {
		t.Errorf("only %d links on %d pages were found", checked, len(all))
	}
}

func isDocs(name string) bool {
	return strings.HasPrefix(name, filepath.Join("..", "..", "docs")+string(filepath.Separator))
}

func TestAnchor(t *testing.T) {
	t.Parallel()
	for heading, want := range map[string]string{
		"Getting started":               "getting-started",
		"Schedules, TTL and deadline":   "schedules-ttl-and-deadline",
		"From `local-exec` and REST":    "from-local-exec-and-rest",
		"\"Unable to …\"":               "unable-to-",
		"coderws_workspace (Resource)":  "coderws_workspace-resource",
		"See [the guide](a.md) for `x`": "see-the-guide-for-x",
	} {
		if got := anchor(heading); got != want {
			t.Errorf("anchor of %q is %q, want %q", heading, got, want)
		}
	}
}
