package main

import (
	"bytes"
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The bars of a package: complexity moves to where no bar stands, so there is one for lines, for names at package
// level, and for lines over 120 columns in a thousand.
type packageBars struct{ lines, names, wide int }

// The bars of a type: how many methods it has, and in how many files they are.
type typeBars struct{ methods, files int }

const (
	widestLine    = 120 // columns, a tab is four
	medianPackage = 1_300
	unbarred      = 1 << 30
)

var (
	usualPackage = packageBars{lines: 5_000, names: 240, wide: 5}
	usualType    = typeBars{methods: 40, files: 3}
)

// packageExceptions may be lowered, and deleted where a package is below the usual bars. Raise one only by what a new
// feature adds, and say so in the commit.
var packageExceptions = map[string]packageBars{
	"cmd/liverecon": {6_000, unbarred, 5},
	"store":         {7_500, unbarred, 5},
}

// figures hold what is measured of a package.
type figures struct {
	lines, names, wide int
	types              map[string]*typeFigures
}

type typeFigures struct {
	methods int
	files   map[string]bool
}

// TestBars measures every package of the module.
func TestBars(t *testing.T) {
	var lines []int
	packages := measureModule(t, filepath.Join("..", ".."))
	for _, name := range slices.Sorted(maps.Keys(packages)) {
		p := packages[name]
		lines = append(lines, p.lines)
		for _, wrong := range p.over(name) {
			t.Error(wrong)
		}
	}
	slices.Sort(lines)
	if median := lines[len(lines)/2]; median > medianPackage {
		t.Errorf("the median package has %d lines, more than %d", median, medianPackage)
	}
}

// over returns what of a package is over its bars.
func (p *figures) over(name string) (wrong []string) {
	bars, special := packageExceptions[name]
	if !special {
		bars = usualPackage
	}
	check := func(what string, is, bar int) {
		if is > bar {
			wrong = append(wrong, fmt.Sprintf("%s: %d %s, more than %d", name, is, what, bar))
		}
	}
	check("lines", p.lines, bars.lines)
	check("names at package level", p.names, bars.names)
	check(fmt.Sprintf("of 1000 lines over %d columns", widestLine), p.wide*1000/max(p.lines, 1), bars.wide)
	for _, typ := range slices.Sorted(maps.Keys(p.types)) {
		check("methods of "+typ, p.types[typ].methods, usualType.methods)
		check("files with methods of "+typ, len(p.types[typ].files), usualType.files)
	}
	return wrong
}

// measureModule measures what is below a directory, by package.
func measureModule(t *testing.T, root string) map[string]*figures {
	t.Helper()
	packages := map[string]*figures{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != root):
			return fs.SkipDir
		case d.IsDir(), !strings.HasSuffix(path, ".go"), strings.HasSuffix(path, "_test.go"):
			return nil
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		name := filepath.ToSlash(dir)
		if packages[name] == nil {
			packages[name] = &figures{types: map[string]*typeFigures{}}
		}
		return packages[name].add(d.Name(), source)
	})
	if err != nil {
		t.Fatal(err)
	}
	return packages
}

// add measures one file more.
func (p *figures) add(file string, source []byte) error {
	parsed, err := parser.ParseFile(token.NewFileSet(), file, source, 0)
	if err != nil {
		return err
	}
	p.lines += bytes.Count(source, []byte("\n"))
	for line := range bytes.SplitSeq(source, []byte("\n")) {
		if len(line)+3*bytes.Count(line, []byte("\t")) > widestLine {
			p.wide++
		}
	}
	for _, decl := range parsed.Decls {
		switch decl := decl.(type) {
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					p.names++
				case *ast.ValueSpec:
					p.names += len(spec.Names)
				}
			}
		case *ast.FuncDecl:
			if decl.Recv == nil {
				p.names++
				continue
			}
			name := receiverName(decl.Recv.List[0].Type)
			typ := cmp.Or(p.types[name], &typeFigures{files: map[string]bool{}})
			typ.methods++
			typ.files[file] = true
			p.types[name] = typ
		}
	}
	return nil
}

// receiverName returns the name of a receiver's type, without pointer and type parameters.
func receiverName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.StarExpr:
		return receiverName(e.X)
	case *ast.IndexExpr:
		return receiverName(e.X)
	case *ast.IndexListExpr:
		return receiverName(e.X)
	case *ast.Ident:
		return e.Name
	}
	return ""
}

// TestBarsNotice lets a package pass that is at its bars, and none that is over one of them.
func TestBarsNotice(t *testing.T) {
	build := func(lines, names, wide, methods, files int) *figures {
		p := &figures{types: map[string]*typeFigures{}}
		sources := make([]strings.Builder, files)
		for i := range sources {
			sources[i].WriteString("package p\n")
		}
		sources[0].WriteString("type T[A any] struct{}\n")
		for n := range methods {
			fmt.Fprintf(&sources[n%files], "func (t *T[A]) M%d() {}\n", n)
		}
		for n := range names - 1 {
			fmt.Fprintf(&sources[0], "const c%d = 1\n", n)
		}
		for range wide {
			sources[0].WriteString("// " + strings.Repeat("x", widestLine) + "\n")
		}
		sources[0].WriteString(strings.Repeat("\n", lines-methods-names-wide-files))
		for i := range sources {
			if err := p.add(fmt.Sprint(i), []byte(sources[i].String())); err != nil {
				t.Fatal(err)
			}
		}
		return p
	}
	b, u := usualPackage, usualType
	for what, one := range map[string]struct {
		p    *figures
		over int
	}{
		"at its bars": {build(b.lines, b.names, b.lines*b.wide/1000, u.methods, u.files), 0},
		"long":        {build(b.lines+1, b.names, 0, u.methods, u.files), 1},
		"many names":  {build(b.lines, b.names+1, 0, u.methods, u.files), 1},
		"wide":        {build(b.lines, b.names, b.lines*(b.wide+1)/1000, u.methods, u.files), 1},
		"a god type":  {build(b.lines, b.names, 0, u.methods+1, u.files+1), 2},
	} {
		if wrong := one.p.over("p"); len(wrong) != one.over {
			t.Errorf("%s: %q, want %d", what, wrong, one.over)
		}
	}
}
