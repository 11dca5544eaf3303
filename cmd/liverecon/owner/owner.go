// Package owner tells whose a file is, and what this user may do with it.
package owner

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"al.essio.dev/pkg/shellescape"
)

// Belongs names the owner of a file in parentheses, with a blank before; "" where that is this user, or unknown.
func Belongs(path string) string {
	name, other := Other(path)
	if !other {
		return ""
	}
	return " (it is " + name + "'s)"
}

// Chown returns the command that gives a file to the owner of its directory.
func Chown(path string) string {
	return fmt.Sprintf("chown --reference=%s %s", shellescape.Quote(filepath.Dir(path)), shellescape.Quote(path))
}

// Replaceable reports whether everybody may put another file in the place of one in a directory. On a file system that
// cannot be written, as a volume of Kubernetes, nobody may, whatever the mode.
func Replaceable(dir string) bool {
	info, err := os.Stat(dir)
	return err == nil && info.Mode().Perm()&0o002 != 0 && info.Mode()&fs.ModeSticky == 0 && MayAccess(dir, 2)
}

// Hint returns what to type about an error that a file of another user makes, or one that may not be changed by
// anybody; "" where it is neither.
func Hint(err error) string {
	if !errors.Is(err, fs.ErrPermission) {
		return ""
	}
	var link *os.LinkError
	var path *fs.PathError
	var paths []string
	if errors.As(err, &link) {
		paths = []string{link.New, link.Old}
	}
	if errors.As(err, &path) {
		paths = append(paths, path.Path)
	}
	for _, p := range paths {
		for _, p := range []string{p, filepath.Dir(p)} {
			if Fixed(p) {
				return fmt.Sprintf("nobody may change %s, whoever runs: chattr -ia %s", p, shellescape.Quote(p))
			}
		}
	}
	if link != nil && Stays(link.New) != "" {
		return link.New + " " + Stays(link.New)
	}
	if path == nil {
		return ""
	}
	name, other := Other(path.Path)
	if !other {
		return ""
	}
	return fmt.Sprintf("%s is %s's, not this user's: %s, and run every verb as one user", path.Path, name,
		Chown(path.Path))
}

// Unusable returns an error about the first of some files that is there and may not be read and written; nil where
// there is none. SQLite itself names no file that it cannot open.
func Unusable(files ...string) error {
	for _, path := range files {
		if _, other := Other(path); other && !MayAccess(path, 4|2) {
			return &fs.PathError{Op: "open", Path: path, Err: fs.ErrPermission}
		}
	}
	return nil
}
