package diagnose_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// summaryArgument is the position of the summary among the arguments of what
// makes a diagnostic.
var summaryArgument = map[string]int{
	"AddError":                      0,
	"AddWarning":                    0,
	"AddAttributeError":             1,
	"AddAttributeWarning":           1,
	"NewErrorDiagnostic":            0,
	"NewWarningDiagnostic":          0,
	"NewAttributeErrorDiagnostic":   1,
	"NewAttributeWarningDiagnostic": 1,
	"diagnose.Error":                0,
	"reject":                        1, // of package lifecycle, like the next two
	"rejectValue":                   1,
	"warn":                          1,
}

// place is where a summary is used: branches of one function may share it.
type place struct{ file, function string }

// TestSummaries_unique keeps every summary in one function of the repository,
// so that a search for what Terraform printed finds what printed it.
func TestSummaries_unique(t *testing.T) {
	t.Parallel()
	seen := map[string]place{}
	eachNode(t, func(at token.Position, here place, node ast.Node) {
		switch summary := summaryOf(node).(type) {
		case *ast.BasicLit:
			text, err := strconv.Unquote(summary.Value)
			if err != nil || strings.HasSuffix(text, ".") || strings.TrimSpace(text) == "" {
				t.Errorf("%s: %s is no summary", at, summary.Value)
			}
			if other, used := seen[text]; used && other != here {
				t.Errorf("%s: the summary %q is also used by %s in %s", at, text, other.function, other.file)
			}
			seen[text] = here
		case *ast.CallExpr:
			if called, ok := summary.Fun.(*ast.SelectorExpr); ok && called.Sel.Name == "Sprintf" {
				t.Errorf("%s: a summary holds no values; they belong into the detail", at)
			}
		}
	})
	if len(seen) < 30 {
		t.Errorf("only %d summaries were found", len(seen))
	}
}

// TestSummaries_documented compares the summaries with the guide that explains
// them: each of them is a row's first cell there, as code.
func TestSummaries_documented(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", "troubleshooting.md"))
	if err != nil {
		t.Fatal(err)
	}
	explained := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| `([A-Z][^`]+)` \\|").FindAllStringSubmatch(string(guide), -1) {
		if explained[row[1]] {
			t.Errorf("the guide explains %q twice", row[1])
		}
		explained[row[1]] = true
	}

	texts := map[string]bool{}
	eachNode(t, func(_ token.Position, _ place, node ast.Node) {
		if literal, ok := node.(*ast.BasicLit); ok && literal.Kind == token.STRING {
			text, _ := strconv.Unquote(literal.Value) // the parser has accepted it
			texts[text] = true
		}
		literal, ok := summaryOf(node).(*ast.BasicLit)
		if !ok {
			return
		}
		text, _ := strconv.Unquote(literal.Value)
		// The guide says of these words what they mean, whatever follows them.
		if !explained[text] && !strings.HasPrefix(text, "Unable to ") && !strings.HasPrefix(text, "Unexpected ") {
			t.Errorf("the guide does not explain %q", text)
		}
	})
	for text := range explained {
		if !texts[text] {
			t.Errorf("the guide explains %q, which the provider never says", text)
		}
	}
}

// eachNode calls visit for every node of the provider's source.
func eachNode(t *testing.T, visit func(at token.Position, here place, node ast.Node)) {
	t.Helper()
	files := token.NewFileSet()
	err := filepath.WalkDir("..", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		here := place{file: name}
		ast.Inspect(file, func(node ast.Node) bool {
			if function, ok := node.(*ast.FuncDecl); ok {
				here.function = function.Name.Name
			}
			if node != nil {
				visit(files.Position(node.Pos()), here, node)
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// summaryOf is the summary in a call that makes a diagnostic, or in a literal
// with summary and detail; nil in others.
func summaryOf(node ast.Node) ast.Expr {
	if literal, ok := node.(*ast.CompositeLit); ok {
		fields := map[string]ast.Expr{}
		for _, element := range literal.Elts {
			if field, ok := element.(*ast.KeyValueExpr); ok {
				if name, ok := field.Key.(*ast.Ident); ok {
					fields[name.Name] = field.Value
				}
			}
		}
		if _, ok := fields["Detail"]; ok {
			return fields["Summary"]
		}
		return nil
	}
	call, ok := node.(*ast.CallExpr)
	if !ok {
		return nil
	}
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return nil
	}
	name := function.Sel.Name
	if in, ok := function.X.(*ast.Ident); ok && in.Name == "diagnose" {
		name = "diagnose." + name
	}
	position, ok := summaryArgument[name]
	if !ok || position >= len(call.Args) {
		return nil
	}
	return call.Args[position]
}
