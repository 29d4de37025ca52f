package diagnose_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// classifiers are where the server's words are read. The fake deployment is the
// server itself.
var classifiers = []string{
	"../coder/kind_rules.go",
	"../coder/error.go", // which leaves out of its text what would come twice
	"../coder/codertest/",
}

// TestWords_ReadInOnePlace finds who else looks for words in what the server
// says: in an error's text, or in a field called Message, Detail, Summary, or
// Error of a job.
func TestWords_ReadInOnePlace(t *testing.T) {
	t.Parallel()
	read := 0
	files := token.NewFileSet()
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		if slices.ContainsFunc(classifiers, func(c string) bool { return strings.HasPrefix(filepath.ToSlash(name), c) }) {
			return nil
		}
		read++
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, at := range wordsRead(file) {
			t.Errorf("%s looks for words of the server; internal/coder/kind_rules.go does that, and gives them a kind", files.Position(at))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 50 {
		t.Errorf("only %d files were read", read)
	}
}

// TestWordsRead shows what the rule finds.
func TestWordsRead(t *testing.T) {
	t.Parallel()
	tests := map[string]int{
		`strings.Contains(e.Message, "x")`:                                      1,
		`strings.HasPrefix(strings.ToLower(e.Detail), sign)`:                    1,
		`strings.HasSuffix(build.Job.Error, "x")`:                               1,
		`strings.Contains(job.Error, "x")`:                                      1,
		`strings.EqualFold("x", d.Summary)`:                                     1,
		`strings.Contains(err.Error(), "x")`:                                    1,
		`_, _, found := strings.Cut(refusal(err).Message, ":"); _ = found`:      1,
		`slices.Contains(list, e.Message)`:                                      1,
		`pattern.MatchString(e.Message + " " + e.Detail)`:                       1,
		`pattern.FindStringSubmatch(v.Detail)`:                                  1,
		`_ = e.Message == "x"`:                                                  1,
		`_ = other != e.Detail`:                                                 1,
		`switch e.Message { case "x": }`:                                        1,
		`message := strings.ToLower(e.Message); strings.Contains(message, "x")`: 1,
		`var text = e.Message; _ = text == "x"`:                                 1,
		`_ = known[e.Message]`:                                                  1,

		`_ = e.Message == ""`:       0,
		`_ = e.Message != e.Detail`: 0,
		`if detail := clean(e.Detail); detail != clean(e.Message) { }`: 0,
		`strings.Contains(name, "x")`:                                  0,
		`strings.TrimRight(d.Summary, ".")`:                            0,
		`fmt.Sprintf("%s", e.Message)`:                                 0,
		`_ = node.Error == "x"`:                                        0,
	}
	for source, want := range tests {
		file, err := parser.ParseFile(token.NewFileSet(), "", "package p\nfunc f() {\n"+source+"\n}", parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(wordsRead(file)); got != want {
			t.Errorf("%s: %d, want %d", source, got, want)
		}
	}
}

// lookers are functions and methods that look for something in a text, by the
// beginning of their names. Trim does not: it tidies up.
var lookers = []string{"Contains", "HasPrefix", "HasSuffix", "EqualFold", "Index", "LastIndex", "Cut", "Count", "Match", "Find"}

// wordsRead are the places of a file that look for words of the server.
func wordsRead(file *ast.File) []token.Pos {
	var found []token.Pos
	for _, declaration := range file.Decls {
		words := said{}
		ast.Inspect(declaration, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.AssignStmt:
				if len(node.Lhs) == len(node.Rhs) {
					for i := range node.Lhs {
						words.assign(node.Lhs[i], node.Rhs[i])
					}
				}
			case *ast.ValueSpec:
				for i := range node.Values {
					words.assign(node.Names[i], node.Values[i])
				}
			case *ast.CallExpr:
				if looks(node) && slices.ContainsFunc(node.Args, words.in) {
					found = append(found, node.Pos())
				}
			case *ast.IndexExpr:
				if words.in(node.Index) {
					found = append(found, node.Pos())
				}
			case *ast.SwitchStmt:
				if node.Tag != nil && words.in(node.Tag) {
					found = append(found, node.Pos())
				}
			case *ast.BinaryExpr:
				if words.compared(node) {
					found = append(found, node.Pos())
				}
			}
			return true
		})
	}
	return found
}

func looks(call *ast.CallExpr) bool {
	function, ok := call.Fun.(*ast.SelectorExpr)
	return ok && slices.ContainsFunc(lookers, func(name string) bool { return strings.HasPrefix(function.Sel.Name, name) })
}

// said are the local variables that hold what the server says.
type said map[string]bool

func (s said) assign(to, value ast.Expr) {
	if variable, ok := to.(*ast.Ident); ok {
		s[variable.Name] = isText(value) && s.in(value)
	}
}

// isText tells whether a value can be words that others contain: a call of
// something that tidies a text up gives one, a literal that holds them does not.
func isText(value ast.Expr) bool {
	_, literal := value.(*ast.CompositeLit)
	_, pointer := value.(*ast.UnaryExpr)
	return !literal && !pointer
}

// in tells whether an expression has words of the server in it.
func (s said) in(expr ast.Expr) bool {
	switch expr := expr.(type) {
	case *ast.Ident:
		return s[expr.Name]
	case *ast.ParenExpr:
		return s.in(expr.X)
	case *ast.BinaryExpr:
		return expr.Op == token.ADD && (s.in(expr.X) || s.in(expr.Y))
	case *ast.CallExpr:
		if method, ok := expr.Fun.(*ast.SelectorExpr); ok && method.Sel.Name == "Error" && len(expr.Args) == 0 {
			return true
		}
		return slices.ContainsFunc(expr.Args, s.in)
	case *ast.SelectorExpr:
		switch expr.Sel.Name {
		case "Message", "Detail", "Summary":
			return true
		case "Error":
			return isJob(expr.X)
		}
	}
	return false
}

func isJob(expr ast.Expr) bool {
	switch expr := expr.(type) {
	case *ast.Ident:
		return strings.EqualFold(expr.Name, "job")
	case *ast.SelectorExpr:
		return expr.Sel.Name == "Job"
	default:
		return false
	}
}

// compared tells whether words of the server are compared with something else
// than nothing, or other words of it.
func (s said) compared(expr *ast.BinaryExpr) bool {
	if expr.Op != token.EQL && expr.Op != token.NEQ || s.in(expr.X) == s.in(expr.Y) {
		return false
	}
	nothing := func(expr ast.Expr) bool {
		literal, ok := expr.(*ast.BasicLit)
		return ok && literal.Value == `""`
	}
	return !nothing(expr.X) && !nothing(expr.Y)
}
