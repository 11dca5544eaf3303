package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/clean"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/internal/cmdtest"
	"liverecon/cmd/liverecon/story"
)

const hostile = cmdtest.Hostile

func TestPrint(t *testing.T) {
	var b bytes.Buffer
	fprintf(&b, "%s|%v|%-20s|%q|%v|%x|%d %*d %5.1f %t\n%s\n", hostile, errors.New(hostile), hostile, hostile, []string{hostile}, hostile, 7, 5, 7, 1.25, true, lines("one\ntwo"+hostile[:5]))
	cmdtest.Harmless(t, "printed", b.String())
	for _, want := range []string{`a\u001b[2J\u001b]0;owned\u0007\r\nliverecon`, `\u009b31m\u202egnp`, `\u2028y\u007f\xff\tz|`, "|7     7   1.2 true\none\ntwo"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q lacks %q", b.String(), want)
		}
	}
	for _, plain := range []string{"", "Größe 5 %", "ไทย", "👩\u200d👧", `\n as it was typed`, "〜…–"} {
		if clean.Text(plain) != plain || clean.Lines(plain+"\n\t") != plain+"\n\t" {
			t.Errorf("%q is printed as %q", plain, clean.Text(plain))
		}
	}
}

// TestPrintedTexts prints hostile texts through everything that shapes what is printed.
func TestPrintedTexts(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	out := stream{raw: file}
	table := newTable(">n", "text")
	table.row("1", hostile)
	out.table(table)
	out.wrap("lead  ", hostile)
	out.json(map[string]string{"text": hostile})
	printError(file, errors.Join(errors.New(hostile), &config.Error{Code: 1, Err: fmt.Errorf("x: %w", errors.New(hostile)), Hint: hostile}))
	printStory(out, story.Story{Kind: hostile, ID: hostile, Reference: hostile, Counted: []string{hostile}, Events: []story.Event{{Text: hostile, Cost: hostile}}}, time.UTC)
	for _, terminal := range []bool{false, true} {
		c := &console{stream: stream{raw: file}, terminal: terminal}
		log := c.logger(slog.LevelDebug)
		log.Warn(hostile, "text", hostile, hostile, errors.New(hostile), "bytes", []byte(hostile), "group", slog.GroupValue(slog.String("in", hostile)))
	}
	logged := filepath.Join(t.TempDir(), "night.log")
	o := logOptions{file: logged}
	log, end, err := o.also(slog.New(slog.DiscardHandler), slog.LevelDebug)
	if err != nil {
		t.Fatal(err)
	}
	log.Warn(hostile, "text", hostile, hostile, errors.New(hostile), "bytes", []byte(hostile))
	if err := end(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(logged)
	if err != nil || !json.Valid(text) {
		t.Errorf("logged %q: %v", text, err)
	}
	cmdtest.Harmless(t, "logged", string(text))
	shown, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	cmdtest.Harmless(t, "printed", string(shown))
	cmdtest.Harmless(t, "bar", drawEndpoint(endpointView{batch.EndpointProgress{Endpoint: "id", Total: 3, State: hostile}, 1}, 200))
}

// TestPrintedJSON: cleaning leaves JSON what it was.
func TestPrintedJSON(t *testing.T) {
	file, err := os.Create(filepath.Join(t.TempDir(), "out"))
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ToValidUTF8(hostile, "?") + "\U000E0041\ufeff"
	stream{raw: file}.json([]string{text})
	(&console{stream: stream{raw: file}}).logger(slog.LevelInfo).Info(text)
	shown, err := os.ReadFile(file.Name())
	if err != nil {
		t.Fatal(err)
	}
	d := json.NewDecoder(bytes.NewReader(shown))
	var value []string
	var record struct{ Msg string }
	if err := errors.Join(d.Decode(&value), d.Decode(&record)); err != nil || value[0] != text || record.Msg != text {
		t.Errorf("%v: %q and %q, want %q", err, value, record.Msg, text)
	}
}

// printers are the functions that may be given a stream of ours, since what they print is cleaned or no text of others.
var printers = []string{"fprintf", "typedTo", "printError", "guarded", "SetOut", "SetErr", "WithOutput"}

// TestNothingPrintsPastAStream finds code below this directory that prints in another way than streams and the console do.
func TestNothingPrintsPastAStream(t *testing.T) {
	files := token.NewFileSet()
	err := filepath.WalkDir(".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return err
		}
		if path == filepath.Join("internal", "early", "early.go") { // before there is a stream; it prints a signal's name
			return nil
		}
		parsed, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			return err
		}
		for _, at := range printsPast(parsed) {
			t.Errorf("%s prints past a stream", files.Position(at))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for past, source := range map[string]string{
		"fmt.Println": `fmt.Println(x)`, "a stream": `fmt.Fprintf(os.Stderr, "%s", x)`, "its method": `p.out.raw.WriteString(x)`,
		"a writer of it": `w := bufio.NewWriter(p.out.raw)`, "the console's file": `io.WriteString(c.raw, x)`, "println": `println(x)`,
		"a copy": `stream := os.Stdout`, "log": `log.Print(x)`,
	} {
		parsed, err := parser.ParseFile(files, past+".go", "package main\nfunc (c *console) f() { "+source+" }", 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(printsPast(parsed)) == 0 {
			t.Errorf("%s is not found", past)
		}
	}
}

// printsPast returns where a file uses a stream other than by giving it to a printer, or prints without one.
func printsPast(file *ast.File) (past []token.Pos) {
	fine := map[ast.Node]bool{}
	ast.Inspect(file, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.CallExpr:
			name := nameOf(n.Fun)
			_, last, _ := strings.Cut(name, ".")
			if slices.Contains(printers, name) || slices.Contains(printers, last) {
				for _, arg := range n.Args {
					fine[arg] = true
				}
			}
			if strings.HasSuffix(name, ".Fd") {
				ast.Inspect(n.Fun, func(in ast.Node) bool { fine[in] = true; return true })
			}
			if name == "println" || name == "print" || strings.HasPrefix(name, "fmt.Print") || strings.HasPrefix(name, "log.Print") || strings.HasPrefix(name, "log.Fatal") || strings.HasPrefix(name, "log.Panic") {
				past = append(past, n.Pos())
			}
		case *ast.CompositeLit:
			if name := nameOf(n.Type); name == "stream" || name == "noting" {
				fine[n.Elts[0]] = true
			}
		case *ast.SelectorExpr:
			switch name := nameOf(n); {
			case fine[n]:
			case name == "os.Stdout", name == "os.Stderr", strings.HasSuffix(name, ".raw"):
				past = append(past, n.Pos())
			}
		}
		return true
	})
	return past
}

// nameOf is a name as it stands in the source: a, a.b or a.b.c.
func nameOf(n ast.Node) string {
	switch n := n.(type) {
	case *ast.Ident:
		return n.Name
	case *ast.SelectorExpr:
		return nameOf(n.X) + "." + n.Sel.Name
	}
	return ""
}
