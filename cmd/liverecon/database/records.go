package database

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"liverecon/cmd/liverecon/config"
	"liverecon/report/publish"
	"liverecon/store"
	"liverecon/store/record"
)

// Places describes where the records of the configuration's database are: beside it, and in the directory of reports.
func Places(c *config.Config) record.Paths {
	at := record.Paths{Database: c.Database, Reports: c.Reports}
	if _, err := os.Stat(c.File); err == nil { // the built-in configuration is no file
		at.Configuration = c.File
	}
	return at
}

// prove holds an open database against its records, and keeps them from then on.
func prove(ctx context.Context, c *config.Config, s *store.Store, warn func(error)) error {
	at := Places(c)
	if err := s.Records().Check(ctx, at); err != nil {
		return err
	}
	return Keep(ctx, c, s, warn)
}

// Keep makes the records follow an open database, and takes out of it what they know to be erased since it was copied.
func Keep(ctx context.Context, c *config.Config, s *store.Store, warn func(error)) error {
	if err := publish.MakeReportDirectory(c.Reports); err != nil {
		warn(err)
	}
	if err := s.Records().Keep(ctx, Places(c), warn); err != nil {
		return err
	}
	err := s.Records().EraseAgain(ctx, Places(c), time.Now())
	if isLater(err) {
		warn(fmt.Errorf("what was erased since this copy was made stays in it until a later start: %w", err))
		return nil
	}
	return err
}

// isLater reports whether an error of taking out what was erased is one that a later start does not meet.
func isLater(err error) bool {
	return errors.Is(err, store.ErrSpilled) || errors.Is(err, store.ErrInUse)
}

// RefuseBehind keeps a database that records speak against from writing over what a better one has written.
func RefuseBehind(ctx context.Context, c *config.Config, s *store.Store) error {
	return WithCode(s.Records().Check(ctx, Places(c)))
}
