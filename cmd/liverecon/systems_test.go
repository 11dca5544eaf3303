package main

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// listed holds what `go list` says of a package.
type listed struct {
	ImportPath, Dir string
	GoFiles         []string
	ImportMap       map[string]string
	Standard        bool
	Module          *struct{ Main bool }
}

// TestOtherSystems checks the types of the program for systems that this one is not. A build would compile SQLite once
// for each of them, which takes minutes; of what is not ours only the declarations are read.
func TestOtherSystems(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ system, processor string }{{"windows", "amd64"}, {"darwin", "arm64"}, {"linux", "arm64"}} {
		t.Run(c.system+"/"+c.processor, func(t *testing.T) {
			ours := 0
			checked := map[string]*types.Package{"unsafe": types.Unsafe}
			for _, p := range dependencies(t, c.system, c.processor) {
				if p.ImportPath == "unsafe" {
					continue
				}
				own := p.Module != nil && p.Module.Main
				if own {
					ours++
				}
				config := types.Config{
					Importer:         importing{checked, p.ImportMap},
					Sizes:            types.SizesFor("gc", c.processor),
					IgnoreFuncBodies: !own,
					Error: func(err error) {
						if own {
							t.Error(err)
						}
					},
				}
				files := token.NewFileSet()
				// Errors of ours are told above; others' packages are somebody else's to build.
				checked[p.ImportPath], _ = config.Check(p.ImportPath, files, parsed(t, files, p), nil)
			}
			if ours < 50 {
				t.Errorf("%d packages of this module were checked", ours)
			}
		})
	}
}

// dependencies lists the program's packages for a system, each after those it imports.
func dependencies(t *testing.T, system, processor string) (packages []listed) {
	t.Helper()
	list := exec.CommandContext(t.Context(), "go", "list", "-deps", "-json=ImportPath,Dir,GoFiles,ImportMap,Standard,Module", ".")
	list.Env = append(os.Environ(), "GOOS="+system, "GOARCH="+processor, "CGO_ENABLED=0")
	list.Stderr = os.Stderr
	out, err := list.StdoutPipe()
	if err == nil {
		err = list.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	for decoder := json.NewDecoder(out); ; {
		var p listed
		if err = decoder.Decode(&p); errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if err := list.Wait(); err != nil {
		t.Fatal(err)
	}
	return packages
}

func parsed(t *testing.T, set *token.FileSet, p listed) (files []*ast.File) {
	t.Helper()
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// importing gives a package those that were checked before it.
type importing struct {
	checked map[string]*types.Package
	renamed map[string]string // the standard library's own copies of others
}

// Import takes a package by the path that stands in an import.
func (i importing) Import(path string) (*types.Package, error) {
	if renamed, is := i.renamed[path]; is {
		path = renamed
	}
	if p := i.checked[path]; p != nil {
		return p, nil
	}
	return nil, errors.New("not checked before: " + path)
}
