package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"
	"github.com/dustin/go-humanize"

	"liverecon/batch"
	"liverecon/batch/clock"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/owner"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

// checkTimes prints which clocks a night goes by. s is nil before the first run.
func checkTimes(ctx context.Context, f *Findings, c *config.Config, s *store.Store, now time.Time) {
	const what = "time"
	text := fmt.Sprintf("days are those of %s; cron and timers go by this machine's %s", c.Zone,
		now.Format("MST (-07:00)"))
	if c.BillingZone.String() != c.Zone.String() {
		text = fmt.Sprintf("days are those of %s, the vendor's those of %s; cron and timers go by this machine's %s",
			c.Zone, c.BillingZone, now.Format("MST (-07:00)"))
	}
	if s != nil {
		switch doubt, err := clock.Doubt(ctx, s, now); {
		case err != nil:
			f.bad(what, batch.ExitFailed, err)
		case doubt != "":
			f.warn(what, "set this machine's clock, if it is the one that is wrong; an answer of the vendor's tells",
				"%s: nothing old is removed", doubt)
		}
	}
	if _, here := now.Zone(); c.Deadline != nil && here != offset(now, c.Zone) {
		f.warn(what, "write the line for cron by the machine's clock: the deadline is "+
			c.Deadline.Next(now, c.Zone).In(now.Location()).Format("15:04 MST")+" there", "%s", text)
	} else {
		f.good(what, "%s", text)
	}
	if c.Deadline == nil {
		f.good("deadline", "none is set: a run goes on until its work is done")
		return
	}
	last, err := c.LastCallAfter(ctx, s, now)
	if err != nil {
		f.bad("deadline", batch.ExitFailed, err)
		return
	}
	at := c.Deadline.Next(now, c.Zone)
	if day, shown, skipped := c.Deadline.Skipped(now, c.Zone); skipped {
		f.warn("deadline", "choose a time that every day has", "on %s clocks skip %v in %s: the deadline is then %s",
			day, *c.Deadline, c.Zone, shown)
		return
	}
	f.good("deadline", "the next is %s, in %s; the last call before it begins at %s", words.Moment(at, c.Zone),
		words.Duration(at.Sub(now)), last.In(c.Zone).Format("15:04:05"))
}

// offset returns how many seconds a zone is ahead of UTC.
func offset(at time.Time, zone *time.Location) int {
	_, seconds := at.In(zone).Zone()
	return seconds
}

func checkBackups(f *Findings, c *config.Config, now time.Time) {
	const what = "backups"
	if copies, err := database.MigrationCopies(c); err != nil {
		f.bad(what, batch.ExitFailed, err)
	} else if len(copies) > 0 {
		f.good(what, "%s from before migrations beside the database, the newest %s",
			words.Plural(int64(len(copies)), "copy", "copies"), filepath.Base(copies[len(copies)-1]))
	}
	if c.Backup.Directory == "" {
		f.warn(what, "set backup.directory, best on another disk", "none are made: what was paid for is on one disk")
		return
	}
	files, err := database.Backups(c)
	if err != nil {
		f.bad(what, batch.ExitFailed, err)
		return
	}
	if len(files) == 0 {
		f.good(what, "%s has none yet: the next run makes one", c.Backup.Directory)
		return
	}
	if ahead := database.DatedAhead(c, files, now); len(ahead) > 0 {
		f.warn(what, "ls -l "+c.Backup.Directory+" tells when they were made; rename or remove them",
			"%s dated later than now, the last %s: a clock was wrong", words.Plural(int64(len(ahead)), "copy is", "copies are"),
			filepath.Base(ahead[len(ahead)-1]))
		if files = files[:len(files)-len(ahead)]; len(files) == 0 {
			return
		}
	}
	newest, err := os.Stat(files[len(files)-1])
	if err != nil {
		f.bad(what, batch.ExitFailed, err)
		return
	}
	text := fmt.Sprintf("%s in %s, the newest %s old", words.Plural(int64(len(files)), "copy", "copies"),
		c.Backup.Directory, words.Duration(now.Sub(newest.ModTime())))
	if now.Sub(newest.ModTime()) > staleAfter {
		f.warn(what, "`liverecon backup` makes one now", "%s", text)
		return
	}
	f.good(what, "%s", text)
}

// leastRoom sets how many bytes a night should find free: for the database, its log, its spill file and workbooks.
const leastRoom = 512 << 20

// checkDisks looks at every directory that a run writes to. The database's needs room for the database once more: a
// migration copies it first.
func checkDisks(f *Findings, c *config.Config) {
	room := uint64(leastRoom)
	if info, err := os.Stat(c.Database); err == nil {
		room += uint64(max(0, info.Size()))
	}
	checkDisk(f, "disk", filepath.Dir(database.File(c)), room)
	checkDisk(f, "reports", c.Reports, leastRoom)
	if c.Backup.Directory != "" {
		checkDisk(f, "backups", c.Backup.Directory, room)
	}
	if c.Evidence.Download != batch.DownloadNone {
		checkDisk(f, "images", c.Evidence.Dir, leastRoom)
		checkWayOfImages(f, c)
	}
}

// checkWayOfImages warns where endpoints are reached through a proxy: images are not.
func checkWayOfImages(f *Findings, c *config.Config) {
	for _, e := range c.Endpoints {
		if name := c.Proxy.To(e.TokenURL); name != "" {
			f.warn("images", `where only the proxy leads out: evidence.download = "none"`, "they are downloaded directly, and "+
				"not through the proxy %s: the hosts of their links have to be within reach of this machine", name)
			return
		}
	}
}

func checkDisk(f *Findings, what, dir string, room uint64) {
	dir = existing(dir)
	free, err := owner.FreeBytes(dir)
	if err != nil {
		f.bad(what, batch.ExitFailed, fmt.Errorf("%s: %w", dir, err))
		return
	}
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		f.fail(what, "give another directory, or remove it", "%s: is no directory", dir)
		return
	}
	unwritable := tryWrite(dir)
	switch {
	case unwritable != nil:
		f.fail(what, hintUnwritable(dir, unwritable), "%s: may not be written by this user%s", dir,
			whyUnwritable(unwritable))
	case free < room:
		f.fail(what, "free some space: a full disk stops a run", "%s: %s free, a night should have %s", dir,
			humanize.IBytes(free), humanize.IBytes(room))
	default:
		f.good(what, "%s: %s free", dir, humanize.IBytes(free))
	}
}

// existing returns the nearest directory above that is there: reports is made by the first run.
func existing(dir string) string {
	for {
		if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) || dir == filepath.Dir(dir) {
			return dir
		}
		dir = filepath.Dir(dir)
	}
}

// checkWritable checks that a file can be put in its directory, which a run does not make.
func checkWritable(f *Findings, what, file string) {
	dir := filepath.Dir(file)
	switch info, err := os.Stat(dir); {
	case err != nil:
		f.fail(what, "mkdir -p "+dir, "%w", err)
	case !info.IsDir():
		f.fail(what, hintOwner, "%s: may not be written by this user", dir)
	default:
		if err := tryWrite(dir); err != nil {
			f.fail(what, hintUnwritable(dir, err), "%s: may not be written by this user%s", dir, whyUnwritable(err))
			return
		}
		f.good(what, "%s", file)
	}
}

// shownPaths sets how many paths with wrong permissions are named.
const shownPaths = 5

// checkPermissions looks at every file and directory of a run that is there: none is open to all, and of those with IDs
// only the reports to a group.
func checkPermissions(f *Findings, c *config.Config) {
	var wrong []Finding
	looked := 0
	look := func(path string, forbidden fs.FileMode) {
		info, err := os.Lstat(path)
		if err != nil || info.Mode()&fs.ModeSymlink != 0 {
			return // not there, or a link, whose own bits mean nothing
		}
		looked++
		mode := info.Mode().Perm()
		if mode&forbidden == 0 {
			return
		}
		word := "read"
		if mode&forbidden&0o022 != 0 {
			word = "read or change"
		}
		wrong = append(wrong, Finding{Text: fmt.Sprintf("%s: others than its owner may %s it (mode %04o)", path, word,
			mode),
			Hint: fmt.Sprintf("chmod %o %s", mode&^forbidden, shellescape.Quote(path))})
	}
	for _, path := range privatePaths(c) {
		look(path, 0o077)
	}
	for _, path := range within(c.Reports) {
		look(path, 0o027)
	}
	look(c.Reports, 0o022)
	for _, one := range wrong[:min(len(wrong), shownPaths)] {
		f.fail("permissions", one.Hint, "%s", one.Text)
	}
	switch more := len(wrong) - shownPaths; {
	case more > 0:
		f.fail("permissions", "", "and %s more like these", words.Plural(int64(more), "path", "paths"))
	case len(wrong) == 0 && looked > 0:
		f.good("permissions", "%s, none open to others", words.Plural(int64(looked), "path", "paths"))
	}
}

// privatePaths returns the files and directories that are nobody else's: IDs in clear, images, money.
func privatePaths(c *config.Config) []string {
	paths := []string{c.Evidence.Dir}
	file := database.File(c)
	for _, dir := range []string{filepath.Dir(file), c.Backup.Directory} {
		for _, path := range within(dir) {
			if strings.HasPrefix(filepath.Base(path), database.BackupStem(c)) ||
				strings.HasPrefix(filepath.Base(path), filepath.Base(file)) {
				paths = append(paths, path)
			}
		}
	}
	if c.Backup.Directory != "" {
		paths = append(paths, c.Backup.Directory)
	}
	if shadow := database.Shadow(c); shadow != "" {
		paths = append(paths, shadow)
	}
	return paths
}

// within returns the entries of a directory; none when it is not there or may not be read, which another check tells.
func within(dir string) []string {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil
	}
	var paths []string
	for _, e := range entries {
		paths = append(paths, filepath.Join(dir, e.Name()))
	}
	return paths
}
