package list

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Expand finds the lists that patterns name: files, globs as of
// [filepath.Match], and directories, which stand for their *.csv, *.tsv and
// *.txt files, compressed (.gz) or not. Relative patterns are taken from
// baseDir. Hidden files, a spreadsheet's lock files and the rejects_* files of
// earlier runs are no lists. The result has each file once, in natural order
// (ids_2 before ids_10), and apart from them the patterns that name no list.
func Expand(patterns []string, baseDir string) (lists []string, missing []*NotFoundError, err error) {
	for _, pattern := range patterns {
		found, err := expandList(pattern, baseDir)
		if err != nil {
			return nil, nil, fmt.Errorf("lists %q: %w", pattern, err)
		}
		if len(found) == 0 {
			missing = append(missing, &NotFoundError{Pattern: pattern, baseDir: baseDir})
		}
		lists = append(lists, found...)
	}
	slices.SortFunc(lists, compareNatural)
	return slices.Compact(lists), missing, nil
}

// NotFoundError is a pattern that names no list.
type NotFoundError struct {
	Pattern string // as it was given
	baseDir string
}

// Error says why there is none.
func (e *NotFoundError) Error() string {
	path, _ := locateLists(e.Pattern, e.baseDir)
	return fmt.Sprintf("lists %q: %s", e.Pattern, nothingIn(path))
}

// Named reports whether the pattern would name a list at path, were it there. A
// relative path may be one from the working directory or from the pattern's
// base: which of them it was when the list was read is not known any more.
func (e *NotFoundError) Named(path string) bool {
	here, err := os.Getwd()
	if err != nil {
		return false
	}
	literal, glob := locateLists(e.Pattern, e.baseDir)
	literal, _ = locateLists(literal, here)
	_, glob = locateLists(glob, here)
	base, _ := locateLists(e.baseDir, here)
	for _, from := range []string{here, base} {
		list, _ := locateLists(path, from)
		fits, err := filepath.Match(glob, list)
		if err == nil && fits || list == literal || filepath.Dir(list) == literal {
			return true
		}
	}
	return false
}

// nothingIn says why a path names no list.
func nothingIn(path string) string {
	if stat, err := os.Stat(path); err == nil && stat.IsDir() {
		return "no list is in this directory"
	}
	return "no such list"
}

// locateLists takes a relative pattern from baseDir: as the name of a file or
// directory, and as a glob.
func locateLists(pattern, baseDir string) (path, glob string) {
	path = filepath.Clean(pattern)
	if filepath.IsAbs(path) {
		return path, path
	}
	return filepath.Join(baseDir, path), filepath.Join(escapeGlob(baseDir), path)
}

func expandList(pattern, baseDir string) ([]string, error) {
	path, glob := locateLists(pattern, baseDir)
	stat, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return globLists(glob, isListName)
	case err != nil: // for whoever reads it to say
		return []string{path}, nil
	case stat.IsDir():
		return globLists(filepath.Join(escapeGlob(path), "*"), func(name string) bool {
			return isListName(name) && hasListSuffix(name)
		})
	case !isListName(filepath.Base(path)):
		return nil, errors.New("a hidden file or a file of rejects, not a list")
	}
	return []string{path}, nil
}

// globLists returns the regular files a glob matches and keep accepts, and with
// them what nothing can be known of, such as a link that leads nowhere.
func globLists(glob string, keep func(name string) bool) ([]string, error) {
	matches, err := filepath.Glob(glob)
	if err != nil {
		return nil, err
	}
	var lists []string
	for _, path := range matches {
		if !keep(filepath.Base(path)) {
			continue
		}
		stat, err := os.Stat(path)
		if err != nil || stat.Mode().IsRegular() {
			lists = append(lists, path)
		}
	}
	return lists, nil
}

// escapeGlob makes a directory's own name literal within a glob.
func escapeGlob(path string) string {
	return strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
}

func isListName(name string) bool {
	return !strings.HasPrefix(name, ".") && !strings.HasPrefix(name, "~$") && !strings.HasPrefix(name, "rejects_")
}

func hasListSuffix(name string) bool {
	switch filepath.Ext(strings.TrimSuffix(strings.ToLower(name), ".gz")) {
	case ".csv", ".tsv", ".txt":
		return true
	}
	return false
}

// compareNatural orders texts as people do: runs of digits by their value.
func compareNatural(a, b string) int {
	x, y := a, b
	for x != "" && y != "" {
		dx, dy := leadingDigits(x), leadingDigits(y)
		if dx == "" || dy == "" {
			if c := cmp.Compare(x[0], y[0]); c != 0 {
				return c
			}
			x, y = x[1:], y[1:]
			continue
		}
		nx, ny := strings.TrimLeft(dx, "0"), strings.TrimLeft(dy, "0")
		if c := cmp.Or(cmp.Compare(len(nx), len(ny)), cmp.Compare(nx, ny)); c != 0 {
			return c
		}
		x, y = x[len(dx):], y[len(dy):]
	}
	return cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(a, b))
}

func leadingDigits(s string) string {
	return s[:len(s)-len(strings.TrimLeft(s, "0123456789"))]
}
