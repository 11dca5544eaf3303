// Package database opens the database that a configuration names: its place, its lock, its records, its copies.
package database

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"path/filepath"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/owner"
	"liverecon/store"
	"liverecon/store/dbfile"
)

// OpenLocked takes the lock of the configuration's database and opens it for writing, unless a record outside of it
// says that it is not whole. close gives both back.
func OpenLocked(
	ctx context.Context, c *config.Config, verb string, tell Announcer,
) (s *store.Store, closeAll func() error, err error) {
	s, closeAll, err = OpenUnproven(ctx, c, verb, tell.Working)
	if err != nil {
		return nil, nil, err
	}
	if err := prove(ctx, c, s, tell.Warn); err != nil {
		return nil, nil, errors.Join(WithCode(err), closeAll())
	}
	return s, closeAll, nil
}

// OpenForRun opens as OpenLocked does, for a run that may be simulated; it refuses as RefuseMixing does, before records
// are made.
func OpenForRun(
	ctx context.Context, c *config.Config, simulated bool, tell Announcer,
) (s *store.Store, closeAll func() error, err error) {
	s, closeAll, err = OpenUnproven(ctx, c, "run", tell.Working)
	if err != nil {
		return nil, nil, err
	}
	err = RefuseMixing(ctx, s, simulated)
	if err == nil {
		err = WithCode(prove(ctx, c, s, tell.Warn))
	}
	if err != nil {
		return nil, nil, errors.Join(err, closeAll())
	}
	return s, closeAll, nil
}

// Announcer hears what happens while a database is opened.
type Announcer struct {
	Warn    func(error)    // what is wrong with records
	Working store.Announce // what takes its time
}

// ToLog tells a log.
func ToLog(log *slog.Logger) Announcer {
	return Announcer{
		Warn: func(err error) {
			what := "a loss may go unnoticed"
			if isLater(err) {
				what = "not all is taken out that was erased"
			}
			log.Warn(what, "why", err.Error())
		},
		Working: func(what string, rows int64) func() {
			log.Info("to be done first: "+what, "rows", rows)
			began := time.Now()
			return func() { log.Info("done: "+what, "took", time.Since(began).Round(time.Millisecond).String()) }
		},
	}
}

// OpenUnproven opens as OpenLocked does, for verbs that set the records right: a database that they speak against is
// opened, and where there is none and they tell of one, none is made.
func OpenUnproven(
	ctx context.Context, c *config.Config, verb string, working store.Announce,
) (s *store.Store, closeAll func() error, err error) {
	lock, err := Acquire(c, verb)
	if err != nil {
		return nil, nil, err
	}
	if lock.Fresh() {
		if err := store.Missed(c.Database, Places(c)); err != nil {
			return nil, nil, errors.Join(WithCode(err), lock.Release())
		}
	}
	patience := time.Duration(0)
	if verb == "run" { // what it writes before, between and after its calls can wait
		patience = batch.LockPatience
	}
	s, err = store.OpenLocked(ctx, lock, working, patience)
	if err != nil {
		return nil, nil, errors.Join(WithCode(unopened(c, err)), lock.Release())
	}
	closeAll = func() error { return errors.Join(s.Close(), lock.Release()) }
	if err := s.Months().DropUnsealed(ctx); err != nil {
		return nil, nil, errors.Join(err, closeAll())
	}
	return s, closeAll, nil
}

// Acquire takes the lock of the configuration's database, which need not be there yet.
func Acquire(c *config.Config, verb string) (*dbfile.Lock, error) {
	if err := RequireDirectory(filepath.Dir(c.Database)); err != nil {
		return nil, err
	}
	if err := checkSite(c); err != nil {
		return nil, err
	}
	keepTemporary(filepath.Dir(File(c)))
	lock, err := acquire(c.Database, verb)
	return lock, WithCode(err)
}

const (
	// recovery names the verb by which a reader takes the lock, to note what became of the calls of a killed run.
	recovery = "recovery"
	// recoveryPatience bounds how long a run waits for one.
	recoveryPatience = 10 * time.Second
	// signPatience bounds how long a run does not yet believe who is said to have the lock: the name is written right
	// after the lock is taken, and until then it is that of the killed run.
	signPatience = 500 * time.Millisecond
)

// acquire takes the lock. A run waits for a reader's recovery, which has it for a moment: no reader makes a run fail.
func acquire(path, verb string) (*dbfile.Lock, error) {
	began := time.Now()
	for other := began; ; time.Sleep(20 * time.Millisecond) { // other: since when it is not said to be a recovery's
		lock, err := dbfile.Acquire(path, verb)
		var locked *dbfile.LockedError
		if !errors.As(err, &locked) || verb != "run" {
			return lock, err
		}
		if locked.Holder.Verb == recovery {
			other = time.Now() // its name goes right before the lock does
		}
		if time.Since(other) >= signPatience || time.Since(began) >= recoveryPatience {
			return lock, err
		}
	}
}

// OpenToRead opens the configuration's database for reading; the store is nil when there is none yet. What became of
// the calls of a run that was cut short is noted first.
func OpenToRead(ctx context.Context, c *config.Config) (*store.Store, func() error, error) {
	s, closeStore, err := OpenAsItIs(ctx, c)
	if err != nil || s == nil {
		return nil, closeStore, err
	}
	if s, err = recovered(ctx, c, s); err != nil {
		return nil, nil, WithCode(err)
	}
	return s, s.Close, nil
}

// OpenAsItIs opens as OpenToRead does, for those who look at what a run that was cut short has left.
func OpenAsItIs(ctx context.Context, c *config.Config) (*store.Store, func() error, error) {
	if err := checkSite(c); err != nil {
		return nil, nil, err
	}
	keepTemporary(filepath.Dir(File(c)))
	s, err := store.OpenReader(ctx, c.Database)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, func() error { return nil }, WithCode(store.Missed(c.Database, Places(c)))
	}
	if err != nil {
		return nil, nil, WithCode(unopened(c, err))
	}
	return s, s.Close, nil
}

// recovered makes a reader see what became of the calls of a run that was cut short: whoever opens the database next,
// for whatever it is, notes it. Where that cannot be, a copy shows it.
func recovered(ctx context.Context, c *config.Config, s *store.Store) (*store.Store, error) {
	if interrupted, err := s.Interrupted(ctx); err != nil || !interrupted {
		return s, err
	}
	long, err := s.LongToRecover(ctx) // a run that begins would wait for it
	if err != nil {
		return nil, errors.Join(err, s.Close())
	}
	// Of another user's database nothing is written: a file of root's beside it would stop the next run of its own.
	if _, other := owner.Other(c.Database); !other && !long {
		if err := s.Close(); err != nil {
			return nil, err
		}
		refused := Recover(ctx, c)
		reopened, err := store.OpenReader(ctx, c.Database)
		if err != nil || refused == nil {
			return reopened, err
		}
		s = reopened
		if interrupted, err := s.Interrupted(ctx); err != nil || !interrupted {
			return s, err
		}
	}
	if err := s.ReadRecovered(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

// Recover opens the database for a moment, to note what became of the calls of a run that was cut short.
func Recover(ctx context.Context, c *config.Config) error {
	s, closeAll, err := OpenLocked(ctx, c, recovery, Announcer{
		Warn: func(error) {}, Working: func(string, int64) func() { return func() {} }})
	if err != nil {
		return err
	}
	_, err = s.Journal().Recover(ctx)
	return errors.Join(err, closeAll())
}

// unopened names the file of another user that keeps a database from being opened, where that is the matter.
func unopened(c *config.Config, err error) error {
	file := File(c)
	unusable := owner.Unusable(file, file+"-wal", file+"-shm")
	if unusable == nil || errors.Is(err, fs.ErrPermission) {
		return err
	}
	return fmt.Errorf("%w: %w", err, unusable)
}

// OpenExisting opens a database that a verb cannot do without.
func OpenExisting(ctx context.Context, c *config.Config) (*store.Store, error) {
	s, _, err := OpenToRead(ctx, c)
	if err == nil && s == nil {
		return nil, Missing(c)
	}
	return s, err
}

// Missing returns the error of a verb that needs a database where there is none yet.
func Missing(c *config.Config) error {
	return config.Usage("`liverecon run` makes it; is the path right?", "there is no database %s yet", c.Database)
}
