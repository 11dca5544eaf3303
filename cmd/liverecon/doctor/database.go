package doctor

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/dustin/go-humanize"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/hint"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
	"liverecon/store/dbfile"
)

// checkDatabase checks the lock, the file and the books. The store it returns is open; nil when there is nothing to
// read.
func checkDatabase(ctx context.Context, f *Findings, c *config.Config, simulated bool) *store.Store {
	checkLock(f, c)
	checkSite(f, c, simulated)
	s, closeStore, err := database.OpenToRead(ctx, c)
	if err != nil {
		f.bad("database", max(config.ExitCode(err), batch.ExitFailed), err)
		return nil
	}
	if s == nil {
		// a simulated run makes it
		if err := database.RequireDirectory(filepath.Dir(c.Database)); err != nil && !simulated {
			f.bad("database", batch.ExitInput, err)
			return nil
		}
		f.good("database", "%s is not there yet: the first run makes it", c.Database)
		return nil
	}
	if err := database.RefuseMixing(ctx, s, simulated); err != nil {
		f.bad("database", config.ExitCode(err), err)
	}
	if err := s.Soundness().Check(ctx); err != nil {
		f.bad("database", batch.ExitFailed, errors.Join(err, closeStore()))
		return nil
	}
	f.good("database", "%s: %s, structure sound", c.Database, humanize.IBytes(uint64(s.Size())))
	checkLog(f, database.LogOf(c))
	checkRecords(ctx, f, c, s)
	if err := s.Books().Audit(ctx); err != nil {
		f.bad("books", batch.ExitFailed, err)
	} else {
		f.good("books", "every conservation law holds")
	}
	return s
}

// checkLog warns of a log that somebody's open transaction keeps from being emptied.
func checkLog(f *Findings, l database.Log) {
	switch {
	case l.Bytes < database.LongLog:
		f.good("log", "%s", l)
	case len(l.Holders) == 0:
		f.warn("log", "end the programs that read the database: an open transaction keeps its log", "%s", l)
	default:
		f.warn("log", "end its transaction: it keeps the log of the database", "%s", l)
	}
}

// checkLock names who works with the database.
func checkLock(f *Findings, c *config.Config) {
	holder, held, err := dbfile.CurrentHolder(c.Database)
	switch {
	case errors.Is(err, dbfile.ErrUnlockable):
		f.bad("lock", batch.ExitInput, &dbfile.SiteError{Path: c.Database, Err: err})
	case held && holder.PID == 0:
		f.good("lock", "another process has it")
	case held:
		f.good("lock", "%s has it, process %d on %s, since %s", holder.Verb, holder.PID, holder.Host,
			words.Moment(holder.Since, c.Zone))
	case err == nil:
		f.good("lock", "free")
	} // else the file cannot be read, which the next check says
}

// checkSite warns of a database on a file system that does not last, and of one that other machines might open.
func checkSite(f *Findings, c *config.Config, simulated bool) {
	site, err := dbfile.Locate(c.Database)
	if err != nil || simulated {
		return
	}
	dir := filepath.Dir(site.Path)
	switch site.Fleeting {
	case "":
	case "tmpfs", "ramfs":
		f.warn("database", "name a directory on a disk: `database` in the configuration",
			"%s is in memory (%s): it is gone when this machine starts again", dir, site.Fleeting)
	default:
		f.warn("database", "mount a volume there: docker run -v liverecon:"+hint.Absolute(dir),
			"%s is in the container's own layer (%s): it is gone when the container is", dir, site.Fleeting)
	}
	if site.Network != "" && c.Network {
		f.warn("database", "better a disk of this machine",
			"%s is on %s, as database_on_network says it may: no other machine may ever open it", dir, site.Network)
	}
}

// staleAfter sets how old the last good night may be before something must have kept the next one from running.
const staleAfter = 26 * time.Hour

func checkLastRun(ctx context.Context, f *Findings, s *store.Store, now time.Time) {
	at, err := s.Runs().LastEnd(ctx, 0, batch.Successes()...)
	ago, ahead := words.Ago(at, now)
	switch {
	case err != nil:
		f.bad("last run", batch.ExitFailed, err)
	case at.IsZero():
		f.warn("last run", "`liverecon status` shows how they ended", "none was good so far")
	case now.Sub(at) > staleAfter:
		f.warn("last run", "does anything start it? systemctl list-timers liverecon.timer, or crontab -l",
			"the last good one %s", ago)
	case ahead:
		f.warn("last run", "is this machine's clock right, and was it then?", "the last good one %s", ago)
	default:
		f.good("last run", "the last good one %s", ago)
	}
}

// checkRecords looks at what is kept outside of the database, to notice its loss.
func checkRecords(ctx context.Context, f *Findings, c *config.Config, s *store.Store) {
	const what = "records"
	at := database.Places(c)
	if err := s.Records().Check(ctx, at); err != nil {
		f.bad(what, batch.ExitInput, err)
		return
	}
	found, err := s.Records().Found(ctx, at)
	if err != nil {
		f.bad(what, batch.ExitFailed, err)
		return
	}
	var missing, inTheWay []string
	for _, one := range found {
		switch info, err := os.Lstat(one.Path); {
		case err == nil && info.IsDir():
			inTheWay = append(inTheWay, one.Path)
		case err == nil && info.Mode().IsRegular() && checkPlace(f, what, one.Path, 4|2, false) > 0 && f.failed(what):
		case one.Err != nil: // a run puts another one in its place
			missing = append(missing, one.Path)
		}
	}
	if f.failed(what) {
		return
	}
	for _, path := range inTheWay {
		f.warn(what, away(path), "%s is a directory, where a run keeps a record: a loss of the database could go unnoticed",
			path)
	}
	if len(missing) > 0 {
		f.warn(what, "the next run makes it anew", "%s cannot be read: a loss of the database could go unnoticed",
			strings.Join(missing, " and "))
		return
	}
	if inTheWay != nil {
		return
	}
	f.good(what, "the database is as far as its records say: %s, %s", found[0].Path, found[1].Path)
}

// checkProbes names calls of earlier checks that the vendor may charge.
func checkProbes(ctx context.Context, f *Findings, s *store.Store) {
	doubts, err := s.Probes().InDoubt(ctx)
	if err != nil {
		f.bad("probes", batch.ExitFailed, err)
		return
	}
	if len(doubts) > 0 {
		f.warn("probes", "look for them on the vendor's statement; view v_probes", "%s of `doctor --ask` may be charged",
			words.Plural(int64(len(doubts)), "call", "calls"))
	}
}

// checkSuspects warns of what earlier runs found out about their answers.
func checkSuspects(ctx context.Context, f *Findings, s *store.Store) {
	n, err := s.Calls().Suspects(ctx, 0)
	switch {
	case err != nil:
		f.bad("answers", 1, err)
	case n.IDs > 0:
		f.warn("answers", hint.AskSuspects(n.IDs, "")+"; `liverecon explain ID` says why", "%s",
			hint.SuspectText(n.IDs))
	}
}
