package main

import (
	"context"
	"errors"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/store"
	"liverecon/store/dbfile"
)

// renewal represents the result of init --new, as it is printed.
type renewal struct {
	Database string   `json:"database"`
	There    bool     `json:"there"`           // false: the next run makes it
	Removed  []string `json:"removed_records"` // of what was there before
}

// initNew reports that the configuration's database is meant to be another one than records tell of.
func initNew(ctx context.Context, p *program, o *source, args []string, asJSON bool) error {
	if len(args) > 0 {
		return config.Usage("liverecon init --new --config FILE",
			"--new is about the configuration's database, and takes no directory")
	}
	c, err := o.settings()
	if err != nil {
		return err
	}
	done, err := renew(ctx, c, announcer(p.err))
	if err != nil {
		return err
	}
	if asJSON {
		p.out.json(done)
		return nil
	}
	for _, path := range done.Removed {
		p.out.printf("removed %s\n", path)
	}
	if done.There {
		p.out.printf("%s has a new identity; what it does not know is asked, and paid, again\n", c.Database)
	} else {
		p.out.printf("the next run makes %s anew, and buys every answer again\n", c.Database)
	}
	return nil
}

// renew gives the database a new identity where there is one, and takes away the records of another one.
func renew(ctx context.Context, c *config.Config, tell database.Announcer) (done renewal, err error) {
	done = renewal{Database: c.Database, Removed: []string{}}
	lock, err := database.Acquire(c, "init")
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	var removed []string
	if lock.Fresh() {
		removed, err = database.Places(c).Remove("")
	} else {
		removed, err = renewIdentity(ctx, c, lock, tell)
	}
	done.There, done.Removed = !lock.Fresh(), append(done.Removed, removed...)
	return done, err
}

func renewIdentity(
	ctx context.Context, c *config.Config, lock *dbfile.Lock, tell database.Announcer,
) (removed []string, err error) {
	s, err := store.OpenLocked(ctx, lock, tell.Working, 0)
	if err != nil {
		return nil, database.WithCode(err)
	}
	if removed, err = s.Records().NewIdentity(ctx, database.Places(c)); err == nil {
		err = database.Keep(ctx, c, s, tell.Warn)
	}
	return removed, errors.Join(err, s.Close())
}
