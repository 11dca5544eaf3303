package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/hint"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

// openLocked takes the lock of the configuration's database and opens it for writing, unless a record outside of it says
// that it is not whole. close gives both back.
func openLocked(ctx context.Context, c *config.Config, verb string, tell opening) (s *store.Store, closeAll func() error, err error) {
	s, closeAll, err = openUnproven(ctx, c, verb, tell.working)
	if err != nil {
		return nil, nil, err
	}
	if err := prove(ctx, c, s, tell.warn); err != nil {
		return nil, nil, errors.Join(databaseFault(err), closeAll())
	}
	return s, closeAll, nil
}

// opening is told what happens while a database is opened.
type opening struct {
	warn    func(error)    // what is wrong with records
	working store.Announce // what takes its time
}

// toLog tells a log.
func toLog(log *slog.Logger) opening {
	return opening{
		warn: func(err error) { log.Warn("a loss may go unnoticed", "why", err.Error()) },
		working: func(what string, rows int64) func() {
			log.Info("to be done first: "+what, "rows", rows)
			began := time.Now()
			return func() { log.Info("done: "+what, "took", time.Since(began).Round(time.Millisecond).String()) }
		},
	}
}

// toError tells standard error.
func toError() opening {
	return opening{warn: warnOfRecord, working: announceWork}
}

// announceWork tells standard error of work that takes its time.
func announceWork(what string, rows int64) func() {
	say(os.Stderr, "liverecon: to be done first: %s (about %s rows)\n", what, words.Comma(rows))
	began := time.Now()
	return func() { say(os.Stderr, "liverecon: done: %s, in %s\n", what, time.Since(began).Round(time.Second)) }
}

// openUnproven is openLocked for verbs that set the records right: a database that they speak against is opened, and where
// there is none and they tell of one, none is made.
func openUnproven(ctx context.Context, c *config.Config, verb string, working store.Announce) (s *store.Store, closeAll func() error, err error) {
	lock, err := acquire(c, verb)
	if err != nil {
		return nil, nil, err
	}
	if lock.Fresh() {
		if err := store.Missed(c.Database, places(c)); err != nil {
			return nil, nil, errors.Join(databaseFault(err), lock.Release())
		}
	}
	lock.Tell(working)
	s, err = lock.Open(ctx)
	if err != nil {
		return nil, nil, errors.Join(databaseFault(err), lock.Release())
	}
	closeAll = func() error { return errors.Join(s.Close(), lock.Release()) }
	if err := s.DropUnsealed(ctx); err != nil {
		return nil, nil, errors.Join(err, closeAll())
	}
	return s, closeAll, nil
}

// acquire takes the lock of the configuration's database, which need not be there yet.
func acquire(c *config.Config, verb string) (*store.Lock, error) {
	if err := requireDirectory(filepath.Dir(c.Database)); err != nil {
		return nil, err
	}
	if err := checkSite(c); err != nil {
		return nil, err
	}
	lock, err := store.Acquire(c.Database, verb)
	return lock, databaseFault(err)
}

// checkSite refuses a database on a file system that is not this machine's own, unless it was said to be fit.
func checkSite(c *config.Config) error {
	site, err := store.Locate(c.Database)
	if errors.Is(err, fs.ErrNotExist) { // nor is its directory, which is for others to say
		return nil
	}
	if err == nil {
		err = fits(c, site)
	}
	return databaseFault(err)
}

// fits refuses a site by the kind of its file system.
func fits(c *config.Config, site store.Site) error {
	if c.Network {
		return nil
	}
	return site.CheckLocal()
}

// databaseFile is where the database is, with symbolic links followed: beside it is what belongs to it.
func databaseFile(c *config.Config) string {
	if site, err := store.Locate(c.Database); err == nil {
		return site.Path
	}
	return c.Database
}

// databaseFault gives an error of opening a database its exit code.
func databaseFault(err error) error {
	var locked *store.LockedError
	var site *store.SiteError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &locked):
		return &config.Error{Code: batch.ExitLocked, Err: err, Hint: hint.For(err)}
	case errors.As(err, &site):
		return &config.Error{Code: batch.ExitInput, Err: err, Hint: hint.For(err)}
	case errors.Is(err, store.ErrForeign), errors.Is(err, store.ErrNewer), errors.Is(err, store.ErrOlder), errors.Is(err, store.ErrLost),
		errors.Is(err, store.ErrBehind), errors.Is(err, store.ErrReplaced):
		return &config.Error{Code: batch.ExitInput, Err: err, Hint: hint.For(err)}
	}
	return err
}

// refuseMixing keeps simulated answers out of the books of a real database, and real ones out of a simulated one's.
func refuseMixing(ctx context.Context, s *store.Store, simulated bool) error {
	newest, err := s.Runs().Latest(ctx, 1)
	if err != nil || len(newest) == 0 || newest[0].Simulated == simulated {
		return err
	}
	if simulated {
		return config.Usage("choose another directory: --out DIR", "%s holds real runs: a simulated one does not belong there", s.Path())
	}
	return config.Usage("set another database in the configuration", "%s holds simulated runs: a real one does not belong there", s.Path())
}

const (
	// A file of smallDatabase bytes is checked in a fraction of a second, so it always is. Of a large one the check reads
	// every page: done every night, a night would cost what history holds and not what the night is.
	smallDatabase = 256 << 20
	checkInterval = 7 * 24 * time.Hour
)

// checkDatabase reads the whole file and refuses a damaged one, when there is reason to: the last run did not end
// properly, it costs next to nothing, or it was not done for a week.
func checkDatabase(ctx context.Context, s *store.Store, now time.Time) error {
	unclean, err := s.Runs().Unclean(ctx)
	if err != nil {
		return err
	}
	checked, err := s.CheckedAt(ctx)
	if err != nil {
		return err
	}
	if !unclean && s.Size() > smallDatabase && now.Sub(checked) < checkInterval {
		return nil
	}
	if err := s.QuickCheck(ctx); err != nil {
		return fmt.Errorf("check database: %w", err)
	}
	return s.RememberCheck(ctx, now)
}
