package hint

import (
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"

	"liverecon/report/publish"
	"liverecon/store/dbfile"
)

// A name with blanks or marks of a shell is quoted, so that what a hint says can be pasted.
func TestQuoted(t *testing.T) {
	const name = "l's $(id).db"
	for _, err := range []error{&dbfile.LockedError{Path: name}, &publish.UnreadError{File: name},
		&dbfile.SiteError{Path: name, Err: dbfile.ErrLinked}} {
		if got := For(err); !strings.Contains(got, `'l'"'"'s $(id).db'`) || strings.Contains(got, " "+name) {
			t.Errorf("%T: %s", err, got)
		}
	}
}

// What the system refuses is told apart: a medium that cannot be written is no matter of who runs, nor of the path.
func TestRefusedBySystem(t *testing.T) {
	for err, want := range map[syscall.Errno]string{
		syscall.EROFS: "the file system is read-only: mount a volume", syscall.EACCES: "run as the user who owns",
		syscall.ENOENT: "is the path right", syscall.EMFILE: "raise ulimit -n", syscall.ENFILE: "raise ulimit -n",
	} {
		got := For(fmt.Errorf("lock: %w", &fs.PathError{Op: "open", Path: "l.db", Err: err}))
		if !strings.HasPrefix(got, want) {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}
