package main

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// A comment begins with a verb, "x returns ...", or with a plain noun phrase. riddle matches one that does not: "x is
// ...", "x says ...", "x tells whether ...". Of fields and of tests, only the worst are refused.
var (
	riddle = regexp.MustCompile(`^\w+(, \w+)*( and \w+)? ((is|are|was|were|says?|has|have|stands?|comes? to)\b|` +
		`tells? (what|which|where|who|why|how|when|whether)\b)`)
	worstRiddle = regexp.MustCompile(`^\w+ ((is|are) (what|whatever|whether|that which)\b|` +
		`(says?|tells?) (what|which|where|who|why|how|when|whether)\b)`)
)

// TestCommentsBegin reads the comment of every name at package level, of every method and of every field.
func TestCommentsBegin(t *testing.T) {
	var found []string
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != root):
			return fs.SkipDir
		case d.IsDir(), !strings.HasSuffix(path, ".go"):
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
		if err != nil {
			return err
		}
		path = filepath.ToSlash(path)
		declared, fields := commentsOf(parsed)
		if !strings.HasSuffix(path, "_test.go") {
			found = append(found, beginningAs(riddle, path, declared)...)
		}
		found = append(found, beginningAs(worstRiddle, path, append(fields, declared...))...)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(found) > 0 {
		t.Errorf("comments begin with is, says, has or the like:\n\t%s", strings.Join(found, "\n\t"))
	}
}

// beginningAs returns those of a file's comments that begin as a pattern does.
func beginningAs(pattern *regexp.Regexp, path string, comments []*ast.CommentGroup) (found []string) {
	for _, comment := range comments {
		text := strings.Join(strings.Fields(comment.Text()), " ")
		if begins := pattern.FindString(text); begins != "" {
			found = append(found, path+": "+begins+" ...")
		}
	}
	return found
}

// commentsOf returns the comments of a file's declarations, and those of fields.
func commentsOf(f *ast.File) (declared, fields []*ast.CommentGroup) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch d := n.(type) {
		case *ast.FuncDecl:
			declared = append(declared, d.Doc)
		case *ast.GenDecl:
			declared = append(declared, d.Doc)
		case *ast.TypeSpec:
			declared = append(declared, d.Doc)
		case *ast.ValueSpec:
			declared = append(declared, d.Doc)
		case *ast.Field:
			fields = append(fields, d.Doc)
		}
		return true
	})
	return declared, fields
}
