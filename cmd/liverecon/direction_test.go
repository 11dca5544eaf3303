package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// allowed is the direction of the imports: what each package may take from this module, and from others. What is not
// here may not be imported. Tests are free.
var allowed = map[string]struct{ own, others []string }{
	"cmd/liverecon": {
		own:    []string{"batch", "batch/billing", "batch/evidence", "batch/liveness", "batch/liveness/simulator", "report", "store", "store/record"},
		others: []string{"cobra", "go-toml", "mpb", "go-pretty", "go-humanize", "decimal", "x/term", "x/sys"},
	},
	"batch": {
		own:    []string{"batch/billing", "batch/evidence", "batch/liveness", "store", "store/record"},
		others: []string{"gocsv", "x/sync/errgroup", "x/text", "x/time/rate", "countries", "backoff", "gobreaker", "go-humanize", "decimal"},
	},
	"batch/billing":            {others: []string{"decimal", "x/text"}},
	"batch/evidence":           {others: []string{"filippo.io/age", "x/time/rate"}},
	"batch/liveness":           {},
	"batch/liveness/simulator": {},
	"report":                   {own: []string{"report/stats", "store"}, others: []string{"excelize", "decimal", "klauspost/compress", "x/sync/errgroup", "countries"}},
	"report/stats":             {others: []string{"gonum"}},
	"store/record":             {},
	"store":                    {own: []string{"store/record"}, others: []string{"modernc.org/sqlite", "goose", "mountinfo", "x/sys/unix", "decimal"}},
}

type listedPackage struct {
	ImportPath string
	Standard   bool
	Imports    []string
}

func TestImportDirection(t *testing.T) {
	packages := listPackages(t)
	for path, p := range packages {
		name, own := strings.CutPrefix(path, "liverecon/")
		if !own {
			continue
		}
		rule, known := allowed[name]
		if !known {
			t.Errorf("package %s is not in the table", name)
			continue
		}
		for _, imported := range p.Imports {
			inside, isOwn := strings.CutPrefix(imported, "liverecon/")
			switch {
			case packages[imported].Standard || imported == "C":
			case isOwn && !slices.Contains(rule.own, inside):
				t.Errorf("%s imports %s: not in its direction", name, inside)
			case !isOwn && !slices.ContainsFunc(rule.others, func(library string) bool { return strings.Contains(imported, library) }):
				t.Errorf("%s imports %s: a library of another package", name, imported)
			}
		}
	}
	for name := range allowed {
		if _, built := packages["liverecon/"+name]; !built {
			t.Errorf("package %s of the table is not part of the program", name)
		}
	}
}

func listPackages(t *testing.T) map[string]listedPackage {
	t.Helper()
	cmd := exec.Command("go", "list", "-deps", "-json=ImportPath,Standard,Imports", ".")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	packages := map[string]listedPackage{}
	for d := json.NewDecoder(out); ; {
		var p listedPackage
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		packages[p.ImportPath] = p
	}
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	return packages
}
