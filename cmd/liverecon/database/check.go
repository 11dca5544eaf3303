package database

import (
	"context"
	"errors"
	"fmt"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/hint"
	"liverecon/store"
	"liverecon/store/dbfile"
)

// WithCode gives an error of opening a database its exit code.
func WithCode(err error) error {
	var locked *dbfile.LockedError
	var site *dbfile.SiteError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &locked):
		return &config.Error{Code: batch.ExitLocked, Err: err, Hint: hint.For(err)}
	case errors.As(err, &site):
		return &config.Error{Code: batch.ExitInput, Err: err, Hint: hint.For(err)}
	case errors.Is(err, dbfile.ErrForeign), errors.Is(err, dbfile.ErrNewer), errors.Is(err, dbfile.ErrOlder), errors.Is(err, dbfile.ErrInterrupted), errors.Is(err, dbfile.ErrReadOnly),
		errors.Is(err, dbfile.ErrLost),
		errors.Is(err, store.ErrBehind), errors.Is(err, store.ErrMidRun), errors.Is(err, store.ErrReplaced):
		return &config.Error{Code: batch.ExitInput, Err: err, Hint: hint.For(err)}
	}
	return err
}

// RefuseSimulating does what RefuseMixing does, for a simulated run before anything is written, so that a refused one
// leaves nothing behind. What cannot be read is for the opening to refuse.
func RefuseSimulating(ctx context.Context, c *config.Config) error {
	s, closeStore, err := OpenAsItIs(ctx, c)
	if err != nil || s == nil {
		return nil //nolint:nilerr // see above
	}
	return errors.Join(RefuseMixing(ctx, s, true), closeStore())
}

// RefuseMixing keeps simulated answers out of the books of a real database, and real ones out of a simulated one's.
func RefuseMixing(ctx context.Context, s *store.Store, simulated bool) error {
	newest, err := s.Runs().Latest(ctx, 1)
	if err != nil || len(newest) == 0 || newest[0].Simulated == simulated {
		return err
	}
	if simulated {
		return config.Usage("choose another directory: --out DIR",
			"%s holds real runs: a simulated one does not belong there", s.Path())
	}
	return config.Usage("set another database in the configuration",
		"%s holds simulated runs: a real one does not belong there", s.Path())
}

const (
	// A file of smallDatabase bytes is checked in a fraction of a second, so it always is. Of a large one the check
	// reads every page: done every night, a night would cost what history holds and not what the night is.
	smallDatabase = 256 << 20
	checkInterval = 7 * 24 * time.Hour
)

// Check reads the whole file and refuses a damaged one, when there is reason to: the last run did not end
// properly, it costs next to nothing, or it was not done for a week.
func Check(ctx context.Context, s *store.Store, now time.Time) error {
	unclean, err := s.Runs().Unclean(ctx)
	if err != nil {
		return err
	}
	checked, err := s.Soundness().LastCheck(ctx)
	if err != nil {
		return err
	}
	if !unclean && s.Size() > smallDatabase && now.Sub(checked) < checkInterval {
		return nil
	}
	if err := s.Soundness().Check(ctx); err != nil {
		return fmt.Errorf("check database: %w", err)
	}
	return s.Soundness().Remember(ctx, now)
}
