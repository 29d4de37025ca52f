package diagnose_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strings"
	"testing"
)

// TestSecrets_HiddenInWordsOfBuilds finds who takes over what a build has said,
// which is the error of its job and the lines of its log, without hiding the
// values of parameters in it.
func TestSecrets_HiddenInWordsOfBuilds(t *testing.T) {
	t.Parallel()
	files, hidden := token.NewFileSet(), 0
	for dir, logs := range map[string]bool{"../lifecycle": true, "../workspace": false} { // where build logs are read
		err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
				return err
			}
			file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
			if err != nil {
				return err
			}
			bare, covered := wordsOfBuilds(file, logs)
			for _, at := range bare {
				t.Errorf("%s: words of a build; see parameter.Secrets", files.Position(at))
			}
			hidden += covered
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if hidden < 4 {
		t.Errorf("only %d words of builds were found", hidden)
	}
}

// TestWordsOfBuilds shows what the rule finds.
func TestWordsOfBuilds(t *testing.T) {
	t.Parallel()
	for source, want := range map[string]int{
		`fmt.Sprint(build.Job.Error)`:                 1,
		`text := strings.TrimSpace(line.Output)`:      1,
		`return failed.Build.Job.Error != other`:      1,
		`secrets.Hide(line.Output) + line.Output`:     1,
		`text := s.Hide(line.Output)`:                 0,
		`return e.secrets.Hide(e.Build.Job.Error)`:    0,
		`if b.Job.Error != "" { }`:                    0,
		`fmt.Sprint(version.Job.Error)`:               0, // of an import, which has no values
		`fmt.Sprint(err.Error(), other.Error, Error)`: 0,
	} {
		file, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc f() any {\n"+source+"\n}", parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if bare, _ := wordsOfBuilds(file, true); len(bare) != want {
			t.Errorf("%s: %d, want %d", source, len(bare), want)
		}
	}
}

// wordsOfBuilds are the places of a file with words of a build as they are, and
// how many there are in which secrets are hidden.
func wordsOfBuilds(file *ast.File, logs bool) (bare []token.Pos, hidden int) {
	fine := map[ast.Node]bool{}
	ast.Inspect(file, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.CallExpr:
			if method, ok := node.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "Hide" && len(node.Args) == 1 {
				fine[node.Args[0]] = true
			}
		case *ast.BinaryExpr:
			if nothing, ok := node.Y.(*ast.BasicLit); ok && nothing.Value == `""` {
				fine[node.X] = true
			}
		case *ast.SelectorExpr:
			switch {
			case !isOfBuild(node, logs):
			case fine[node]:
				hidden++
			default:
				bare = append(bare, node.Pos())
			}
		}
		return true
	})
	return bare, hidden
}

// isOfBuild tells whether an expression is the error of a build's job or, where
// there can be one, a line of its log.
func isOfBuild(node *ast.SelectorExpr, logs bool) bool {
	if node.Sel.Name == "Output" {
		return logs
	}
	job, ok := node.X.(*ast.SelectorExpr)
	if !ok || node.Sel.Name != "Error" || job.Sel.Name != "Job" {
		return false
	}
	owner, isName := job.X.(*ast.Ident)
	return !isName || owner.Name != "version"
}
