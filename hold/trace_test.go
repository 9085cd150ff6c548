package hold_test

import (
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/seed-db8551c1/lastresort/solr"
)

// The table that traces the rules to their sources cannot drift: every rule, symbol and test that it names exists, every statement is there once, every rule is used, and the package documentation says the same.
func TestTraceability(t *testing.T) {
	table, err := os.ReadFile("trace.tsv")
	if err != nil {
		t.Fatal(err)
	}
	docs := strings.Join(strings.Fields(packageDoc(t)), " ")
	symbols, tests := make(map[string]bool), make(map[string][]string)
	for _, pkg := range []string{"smki", "solr", "duis", "hold"} {
		read(t, pkg, symbols, tests)
	}
	var rules solr.RuleSet
	seen := make(map[string]bool)
	lines := strings.Split(strings.TrimSuffix(string(table), "\n"), "\n")
	for i, line := range lines[1:] {
		f := strings.Split(line, "\t")
		if len(f) != 6 {
			t.Fatalf("line %d has %d fields, want 6", i+2, len(f))
		}
		id, statement := f[0], f[2]
		if seen[id] {
			t.Errorf("%s is there twice", id)
		}
		seen[id] = true
		var set solr.RuleSet
		if err := set.UnmarshalText([]byte(f[3])); err != nil || set == 0 || set.String() != f[3] {
			t.Errorf("%s: rules %q: %v", id, f[3], err)
		}
		rules |= set
		for _, s := range strings.Split(f[4], ", ") {
			if !symbols[s] {
				t.Errorf("%s: no exported symbol is called %s", id, s)
			}
		}
		for _, name := range strings.Split(f[5], "; ") {
			function, prefix, cases := strings.Cut(name, "/")
			if !strings.Contains(function, ".") {
				function = "hold." + function
			}
			if rule, _, _ := strings.Cut(prefix, " "); cases && !strings.Contains(" "+f[3]+",", " "+rule+",") {
				t.Errorf("%s: %s checks another rule than %s", id, name, f[3])
			}
			all, exists := tests[function]
			matches := 0
			for _, c := range all {
				if strings.HasPrefix(c, prefix) {
					matches++
				}
			}
			if !exists || cases && matches != 1 {
				t.Errorf("%s: %d tests are called %s, want one", id, matches, name)
			}
		}
		if !strings.Contains(docs, fmt.Sprintf("%s (%s): %s %s;", id, f[1], statement, f[3])) {
			t.Errorf("%s is not in the package documentation as in the table: run go generate", id)
		}
	}
	for what, n := range map[string]int{"S": 15, "C": 5, "L": 15} {
		for i := range n {
			if id := what + strconv.Itoa(i+1); !seen[id] {
				t.Errorf("statement %s is not in the table", id)
			}
		}
	}
	for _, r := range solr.Rules() {
		if !rules.Has(r) {
			t.Errorf("%v carries no statement", r)
		}
	}
}

func packageDoc(t *testing.T) string {
	t.Helper()
	fset := token.NewFileSet()
	var files []*ast.File
	for _, name := range []string{"doc.go", "trace.go"} {
		f, err := parser.ParseFile(fset, name, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, f)
	}
	p, err := doc.NewFromFiles(fset, files, "hold")
	if err != nil {
		t.Fatal(err)
	}
	return p.Doc
}

// read collects the exported symbols of a package of the module and its tests with their cases: the string literals in them, those after a rule as "R6 says".
func read(t *testing.T, pkg string, symbols map[string]bool, tests map[string][]string) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("..", pkg, "*.go"))
	if err != nil || len(names) == 0 {
		t.Fatalf("no files in %s: %v", pkg, err)
	}
	for _, name := range names {
		f, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range f.Decls {
			if fn, ok := d.(*ast.FuncDecl); ok && strings.HasSuffix(name, "_test.go") && strings.HasPrefix(fn.Name.Name, "Test") {
				tests[pkg+"."+fn.Name.Name] = cases(fn)
			}
			if !strings.HasSuffix(name, "_test.go") {
				declared(d, func(s string) { symbols[pkg+"."+s] = true })
			}
		}
	}
}

// declared gives the exported names that a declaration makes: types with their fields and methods, constants, variables and functions.
func declared(d ast.Decl, name func(string)) {
	switch d := d.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil {
			name(d.Name.Name)
			return
		}
		typ := d.Recv.List[0].Type
		if star, ok := typ.(*ast.StarExpr); ok {
			typ = star.X
		}
		if id, ok := typ.(*ast.Ident); ok && id.IsExported() {
			name(id.Name + "." + d.Name.Name)
		}
	case *ast.GenDecl:
		for _, spec := range d.Specs {
			switch spec := spec.(type) {
			case *ast.ValueSpec:
				for _, n := range spec.Names {
					name(n.Name)
				}
			case *ast.TypeSpec:
				name(spec.Name.Name)
				if fields, ok := spec.Type.(*ast.StructType); ok {
					for _, f := range fields.Fields.List {
						for _, n := range f.Names {
							name(spec.Name.Name + "." + n.Name)
						}
					}
				}
			}
		}
	}
}

func cases(fn *ast.FuncDecl) (all []string) {
	ast.Inspect(fn, func(n ast.Node) bool {
		lit, ok := n.(*ast.CompositeLit)
		if !ok {
			return true
		}
		for i, x := range lit.Elts {
			text, ok := x.(*ast.BasicLit)
			if !ok || text.Kind != token.STRING {
				continue
			}
			says, err := strconv.Unquote(text.Value)
			if err != nil {
				continue
			}
			if i > 0 {
				if rule, ok := lit.Elts[i-1].(*ast.SelectorExpr); ok {
					says = rule.Sel.Name + " " + says
				}
			}
			all = append(all, says)
		}
		return true
	})
	return all
}
