package main

import (
	"context"
	"errors"

	"liverecon/store"
)

// renewal is what init --new did.
type renewal struct {
	Database string   `json:"database"`
	There    bool     `json:"there"`           // false: the next run makes it
	Removed  []string `json:"removed_records"` // of what was there before
}

// initNew says that the configuration's database is meant to be another one than records tell of.
func (p *program) initNew(ctx context.Context, o *source, args []string, asJSON bool) error {
	if len(args) > 0 {
		return usage("liverecon init --new --config FILE", "--new is about the configuration's database, and takes no directory")
	}
	c, err := o.settings()
	if err != nil {
		return err
	}
	done, err := c.renew(ctx)
	if err != nil {
		return err
	}
	if asJSON {
		p.printJSON(done)
		return nil
	}
	for _, path := range done.Removed {
		say(p.out, "removed %s\n", path)
	}
	if done.There {
		say(p.out, "%s has a new identity; what it does not know is asked, and paid, again\n", c.database)
	} else {
		say(p.out, "the next run makes %s anew, and buys every answer again\n", c.database)
	}
	return nil
}

// renew gives the database a new identity where there is one, and takes away the records of another one.
func (c *config) renew(ctx context.Context) (done renewal, err error) {
	done = renewal{Database: c.database, Removed: []string{}}
	lock, err := c.acquire("init")
	if err != nil {
		return done, err
	}
	defer func() { err = errors.Join(err, lock.Release()) }()
	var removed []string
	if lock.Fresh() {
		removed, err = c.places().Remove("")
	} else {
		removed, err = c.renewIdentity(ctx, lock)
	}
	done.There, done.Removed = !lock.Fresh(), append(done.Removed, removed...)
	return done, err
}

func (c *config) renewIdentity(ctx context.Context, lock *store.Lock) (removed []string, err error) {
	lock.Tell(announceWork)
	s, err := lock.Open(ctx)
	if err != nil {
		return nil, databaseFault(err)
	}
	if removed, err = s.NewIdentity(ctx, c.places()); err == nil {
		err = c.keep(ctx, s, warnOfRecord)
	}
	return removed, errors.Join(err, s.Close())
}
