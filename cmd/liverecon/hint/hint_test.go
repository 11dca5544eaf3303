package hint

import (
	"fmt"
	"io/fs"
	"strings"
	"syscall"
	"testing"
)

// What the system refuses is told apart: a medium that cannot be written is no matter of who runs, nor of the path.
func TestRefusedBySystem(t *testing.T) {
	for err, want := range map[syscall.Errno]string{
		syscall.EROFS: "the file system is read-only: mount a volume", syscall.EACCES: "run as the user who owns",
		syscall.ENOENT: "is the path right",
	} {
		got := For(fmt.Errorf("lock: %w", &fs.PathError{Op: "open", Path: "l.db", Err: err}))
		if !strings.HasPrefix(got, want) {
			t.Errorf("%v: %q, want %q", err, got, want)
		}
	}
}
