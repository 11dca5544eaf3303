// Package hint has what a user can type about an error.
package hint

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"syscall"

	"al.essio.dev/pkg/shellescape"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/list"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/owner"
	"liverecon/report/publish"
	"liverecon/store"
	"liverecon/store/dbfile"
	"liverecon/store/panics"
)

// Absolute returns a path from the root, where that can be told.
func Absolute(path string) string {
	if abs, err := filepath.Abs(path); err == nil {
		return abs
	}
	return path
}

// For returns what to type about an error, "" when there is nothing to add.
func For(err error) string {
	var f *config.Error
	var list *list.Error
	var locked *dbfile.LockedError
	var recorded *store.RecordError
	var path *fs.PathError
	var unpriced *batch.UnpricedError
	var site *dbfile.SiteError
	var starts *billing.StartsError
	var unread *publish.UnreadError
	switch {
	case errors.As(err, new(*panics.Error)):
		return "run again: it resumes. Please report the text above"
	case errors.As(err, &f) && f.Hint != "":
		return f.Hint
	case errors.As(err, &list):
		return list.Hint
	case errors.As(err, &starts):
		return fmt.Sprintf("set it back; or `liverecon reconcile --month %s --reprice` cuts the month anew", starts.Month)
	case errors.As(err, &unpriced):
		return priceHint(unpriced)
	// the file that names it is gone, and the lock itself names nobody
	case errors.As(err, &locked) && locked.Holder.PID == 0:
		return fmt.Sprintf("`fuser -v %[1]s` or `lsof %[1]s` shows who has it open; wait until that has ended",
			shellescape.Quote(locked.Path))
	case errors.As(err, &locked):
		return "wait until it has ended; `liverecon status` shows how far it is"
	case errors.As(err, &unread):
		return "`liverecon decisions " + shellescape.Quote(unread.File) +
			"` reads it; or delete it, and run the same command again"
	case errors.As(err, &site):
		return siteHint(site)
	case errors.Is(err, dbfile.ErrDisplaced):
		return "what was stored since is in that file alone: if it was moved away, put it back, with -wal and " +
			".spill beside it, before the next run"
	case errors.Is(err, dbfile.ErrForeign):
		return "give liverecon a file of its own: `database` in the configuration names it"
	case errors.Is(err, dbfile.ErrNewer):
		return "install the newer liverecon again; `liverecon version` shows which one this is"
	case errors.Is(err, dbfile.ErrInterrupted):
		return "type it as the user who runs `liverecon run`, or where its directory can be written: there it is " +
			"noted first"
	case errors.Is(err, dbfile.ErrOlder):
		return "`liverecon run` brings it up to date, after a backup beside it"
	case errors.Is(err, store.ErrMidRun):
		return "put the newest file back, with its -wal and .record; where this is the newest there is, say how far " +
			"it may be behind: `liverecon restored --lag 10s`"
	case errors.As(err, &recorded) && errors.Is(err, store.ErrBehind) && len(recorded.Gaps) == 0:
		return "put back the file that went on, with its -wal; or `liverecon restored` goes on with this one and " +
			"holds what may have been asked since"
	case errors.Is(err, store.ErrBehind):
		return "put the newest file back, with its -wal; where this is the newest there is, `liverecon restored` " +
			"goes on with it and pays for nothing twice"
	case errors.As(err, &recorded) && recorded.Other() != "" && !errors.Is(err, store.ErrBehind):
		return fmt.Sprintf("the record is of %s: write database = %q again in the configuration; where %s is to "+
			"be another one, which buys every answer again, type `liverecon init --new` first",
			recorded.Other(), recorded.Other(), filepath.Base(recorded.Database))
	case errors.Is(err, store.ErrReplaced):
		return "put that one back; `liverecon restored` if this is an older copy of it, `liverecon init --new` " +
			"if this one is to take its place"
	case errors.As(err, &recorded):
		return "put it back, or the newest backup; where a new one is to be made, which buys every answer again, " +
			"type `liverecon init --new` first"
	case errors.Is(err, dbfile.ErrLost):
		return "put the newest backup in its place; remove what is left of it only where nothing was ever asked " +
			"with it: a new database buys every answer again"
	case dbfile.IsCorrupt(err):
		return "move the file and all beside it whose names begin with its own (-wal, -shm, .spill) elsewhere, " +
			"put the newest backup in its place, and ask the vendor for a statement of what is missing"
	case errors.Is(err, dbfile.ErrReadOnly):
		return "copy the database with its -wal into a directory that may be written, and read it there; a backup " +
			"has no log and can be read anywhere"
	case dbfile.IsBusy(err):
		return "another program is writing to the database (an SQL tool with an open transaction?): end it, and " +
			"run again"
	case dbfile.IsIO(err):
		return "the disk did not keep or give what it should: see the system's log (journalctl -k, dmesg), and " +
			"replace the disk or its cable before the next run; `liverecon doctor` checks the database"
	case dbfile.IsFull(err):
		return "free some space and run again: it resumes where it stopped"
	case errors.Is(err, syscall.EROFS):
		return "the file system is read-only: mount a volume there that may be written"
	case errors.Is(err, syscall.EMFILE), errors.Is(err, syscall.ENFILE):
		return "raise ulimit -n (LimitNOFILE= in a unit of systemd) and run again"
	case owner.Hint(err) != "":
		return owner.Hint(err)
	case errors.Is(err, fs.ErrPermission):
		return "run as the user who owns the database, the lists and the reports; `liverecon doctor` checks them"
	case errors.As(err, &path):
		return "is the path right, and the disk there? `liverecon doctor` checks files, directories and disks"
	}
	return ""
}

// siteHint returns how to move a database to where it is safe.
func siteHint(e *dbfile.SiteError) string {
	switch {
	case errors.Is(e, dbfile.ErrLinked):
		return fmt.Sprintf("while nothing runs: cp -p %[1]s %[1]s.own && mv %[1]s.own %[1]s; copies are made by "+
			"`liverecon backup FILE`, not by hard links (cp -al)", shellescape.Quote(e.Path))
	case errors.Is(e, dbfile.ErrMounted):
		return "mount the directory in its place: docker run -v " +
			shellescape.Quote("/srv/liverecon:"+Absolute(filepath.Dir(e.Path)))
	case errors.Is(e, dbfile.ErrSpecial):
		return "while nothing runs: move it away; if it leads to a file that liverecon wrote, put that in its place"
	case errors.Is(e, dbfile.ErrNetwork):
		return "move it to a disk of this machine; only if locks work there and no other machine ever opens it: " +
			"database_on_network = true"
	}
	return "move it to a disk of a Linux machine (ext4, xfs, btrfs, zfs)"
}
