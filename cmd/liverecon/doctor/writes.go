package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/reports"
)

const hintOwner = "run as the user who owns it, or change its owner"

// tryWrite does in a directory what a run does with each of its files: it makes one, renames it and removes it.
func tryWrite(dir string) (err error) {
	f, err := os.CreateTemp(dir, ".liverecon-doctor-*.tmp")
	if err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	renamed := f.Name() + ".renamed"
	if err := os.Rename(f.Name(), renamed); err != nil {
		return errors.Join(err, os.Remove(f.Name()))
	}
	return os.Remove(renamed)
}

// whyUnwritable adds to what is said of a directory where it is more than a matter of permissions.
func whyUnwritable(err error) string {
	switch {
	case errors.Is(err, syscall.EROFS):
		return " (a read-only file system)"
	case errors.Is(err, fs.ErrPermission):
		return ""
	}
	return " (" + err.Error() + ")"
}

func hintUnwritable(err error) string {
	if errors.Is(err, syscall.EROFS) {
		return "mount a volume there that may be written"
	}
	return hintOwner
}

// checkFiles looks for files that a run of another user has left, and that one of this user will not be able to read or
// write.
func checkFiles(f *Findings, c *config.Config, now time.Time) {
	const what = "files"
	file := database.File(c)
	needed := map[string]uint32{} // read 4, write 2
	for _, suffix := range []string{"", "-wal", "-shm", ".lock", ".spill", ".record"} {
		needed[file+suffix] = 4 | 2
	}
	for _, path := range reports.New(c, nil, config.Version(), nil).NightFiles(now) {
		needed[path] = 4
	}
	looked := 0
	for _, path := range slices.Sorted(maps.Keys(needed)) {
		if _, err := os.Stat(path); err != nil {
			continue // a run makes it
		}
		looked++
		if !mayAccess(path, needed[path]) {
			f.fail(what, fmt.Sprintf("chown --reference=%s %s", filepath.Dir(path), path),
				"%s may not be used by this user%s: another one's run has left it", path, belongsTo(path))
		}
	}
	if looked > 0 && !f.failed(what) {
		f.good(what, "those of tonight that are there may be read and written by this user")
	}
	if name, other := othersDatabase(file); other {
		f.warn(what, "sudo -u "+name+" liverecon doctor", "the database is %s's, and this is root: what root's run "+
			"leaves, %s's cannot read", name, name)
	}
}
