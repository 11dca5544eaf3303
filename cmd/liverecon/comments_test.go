package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// riddle matches a comment that begins as a riddle does: "x is what ...", "x says whether ...". A comment begins with a
// verb, "x returns ...", or with a plain noun phrase.
var riddle = regexp.MustCompile(`^\w+(, \w+)*( and \w+)? (is|are|was|were|says?|has|have|stands?|comes? to)\b`)

// mostRiddles bounds the comments that still begin so. Lower it, never raise it.
const mostRiddles = 150

// TestCommentsBegin reads the comment of every name at package level, and of every method.
func TestCommentsBegin(t *testing.T) {
	var found []string
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != root):
			return fs.SkipDir
		case d.IsDir(), !strings.HasSuffix(path, ".go"), strings.HasSuffix(path, "_test.go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		for _, comment := range commentsOf(parsed) {
			text := strings.Join(strings.Fields(comment.Text()), " ")
			if begins := riddle.FindString(text); begins != "" {
				found = append(found, filepath.ToSlash(path)+": "+begins+" ...")
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) > mostRiddles {
		t.Errorf("%d comments begin with is, says, has or the like, %d may:\n\t%s", len(found), mostRiddles,
			strings.Join(found, "\n\t"))
	}
}

// commentsOf returns the comments of a file's declarations.
func commentsOf(f *ast.File) (all []*ast.CommentGroup) {
	for _, decl := range f.Decls {
		switch d := decl.(type) {
		case *ast.FuncDecl:
			all = append(all, d.Doc)
		case *ast.GenDecl:
			all = append(all, d.Doc)
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					all = append(all, s.Doc)
				case *ast.ValueSpec:
					all = append(all, s.Doc)
				}
			}
		}
	}
	return slices.DeleteFunc(all, func(c *ast.CommentGroup) bool { return c == nil })
}
