package doctor

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"al.essio.dev/pkg/shellescape"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/owner"
	"liverecon/cmd/liverecon/reports"
)

const (
	hintOwner    = "run as the user who owns it, or change its owner"
	hintReadOnly = "mount a volume there that may be written"
)

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

func hintUnwritable(dir string, err error) string {
	if owner.Fixed(dir) {
		return "chattr -ia " + shellescape.Quote(dir)
	}
	if errors.Is(err, syscall.EROFS) {
		return hintReadOnly
	}
	return hintOwner
}

// checkFiles looks for what stands in the place of a file that a run writes, and for files that another user's has left
// and that this user will not be able to read or write.
func checkFiles(f *Findings, c *config.Config, now time.Time) {
	const what = "files"
	file := database.File(c)
	looked := 0
	for _, suffix := range []string{"", "-wal", "-shm", ".lock", ".spill"} { // these are written to
		looked += checkPlace(f, what, file+suffix, 4|2, false)
	}
	for _, path := range reports.New(c, nil, config.Version(), nil).NightFiles(now) { // these are read, and replaced
		looked += checkPlace(f, what, path, 4, true)
	}
	if c.Notify.MetricsFile != "" {
		looked += checkPlace(f, what, c.Notify.MetricsFile, 0, true)
	}
	looked += checkFolders(f, what, c, now)
	if looked > 0 && !f.failed(what) {
		f.good(what, "those of tonight that are there may be read and written by this user")
	}
	if name, other := owner.Other(file); other && owner.IsRoot() {
		f.warn(what, "sudo -u "+name+" liverecon doctor", "the database is %s's, and this is root: what root's run "+
			"leaves, %s's cannot read", name, name)
	}
}

// checkPlace looks at the place of a file that a run opens, or puts another one in the place of; bits are what it has
// to be able to do with it, read 4, write 2. It returns 1 where something is there.
func checkPlace(f *Findings, what, path string, bits uint32, replaced bool) int {
	_, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0 // a run makes it
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && replaced: // a link that leads nowhere
	case err == nil && !info.Mode().IsRegular():
		f.fail(what, away(path), "%s is %s, where a run writes a file", path, kindOf(info))
	case err == nil && owner.Fixed(path):
		f.fail(what, "chattr -ia "+shellescape.Quote(path), "%s: nobody may change it", path)
	case err == nil && bits&2 != 0 && owner.ReadOnly(path):
		f.fail(what, hintReadOnly, "%s: lies on a read-only file system", path)
	case err != nil, !owner.MayAccess(path, bits):
		f.fail(what, owner.Chown(path),
			"%s may not be used by this user%s: another one's run has left it", path, owner.Belongs(path))
	case replaced && owner.Stays(path) != "":
		f.fail(what, "it must be possible to put another file in its place", "%s %s", path, owner.Stays(path))
	}
	return 1
}

// away returns the command that clears a place.
func away(path string) string {
	return fmt.Sprintf("mv %s %s", shellescape.Quote(path), shellescape.Quote(path+".away"))
}

// kindOf names what is no file.
func kindOf(info fs.FileInfo) string {
	if info.IsDir() {
		return "a directory"
	}
	return "no ordinary file"
}

// checkFolders looks at the folders of images, which a run makes by region and day. It returns how many are there.
func checkFolders(f *Findings, what string, c *config.Config, now time.Time) (looked int) {
	if c.Evidence.Download == batch.DownloadNone {
		return 0
	}
	for _, region := range within(c.Evidence.Dir) {
		if name := filepath.Base(region); len(name) > 3 || strings.ToUpper(name) != name {
			continue
		}
		for _, path := range []string{region, filepath.Join(region, now.In(c.Zone).Format(time.DateOnly))} {
			info, err := os.Stat(path)
			if err != nil {
				continue
			}
			looked++
			switch {
			case !info.IsDir():
				f.fail(what, away(path), "%s is a file, where a run makes a directory", path)
			case !owner.MayAccess(path, 4|2|1):
				f.fail(what, fmt.Sprintf("chown -R --reference=%s %s", shellescape.Quote(c.Evidence.Dir),
					shellescape.Quote(path)),
					"%s may not be used by this user%s: another one's run has left it", path, owner.Belongs(path))
			}
		}
	}
	return looked
}
