package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/batch/list"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/typed"
	"liverecon/store"
)

// againOptions describes which IDs are asked again because a person says so. The number is not optional: a repeat has
// its price.
type againOptions struct {
	states  []string // STATE=N
	noScore bool
	lists   []string // files
	ids     []string
	rows    []typed.Form // of the lists
}

func (o *againOptions) flags(cmd *cobra.Command) {
	cmd.Flags().StringArrayVar(&o.states, "again", nil, "ask again for so many IDs of a state, perhaps paying "+
		"twice: `STATE=N` with given_up, refused, absent, in_doubt, suspect (those that may hold another's "+
		"answer), or done with one of the next three (repeatable); none takes back what earlier runs were told "+
		"and have not done")
	cmd.Flags().BoolVar(&o.noScore, "no-score", false,
		"of --again done=N: those whose result has no score, and those that still wait for it")
	cmd.Flags().StringArrayVar(&o.lists, "list", nil,
		"of --again: the IDs that stand in this list (`FILE`; repeatable)")
	cmd.Flags().StringArrayVar(&o.ids, "id", nil, "of --again: this `ID` (repeatable)")
}

// againStates returns the words of --again.
func againStates() []string {
	return []string{string(store.GivenUp), string(store.Refused), string(store.Absent), string(store.InDoubt),
		string(store.Done), "suspect"}
}

// takesBack holds the word of --again that takes back what is not done yet.
const takesBack = "none"

// read sets what is asked for in a job.
func (o *againOptions) read(ctx context.Context, c *config.Config, job *batch.Job) (err error) {
	if slices.Contains(o.states, takesBack) {
		if len(o.states) > 1 || o.noScore || len(o.lists)+len(o.ids) > 0 {
			return config.Usage("liverecon run --again none", "--again none stands alone: it takes all of it back")
		}
		job.TakeBack = true
		return nil
	}
	job.Again, err = o.asking(ctx, c)
	return err
}

// asking reads what is asked for.
func (o *againOptions) asking(ctx context.Context, c *config.Config) ([]store.Asking, error) {
	if len(o.states) == 0 && (o.noScore || len(o.lists)+len(o.ids) > 0) {
		return nil, config.Usage("for example --again done=20 --no-score; lists to read are given with --lists",
			"--no-score, --list and --id say which IDs of --again STATE=N are meant")
	}
	var all []store.Asking
	for _, text := range o.states {
		a, err := o.one(text)
		if err != nil {
			return nil, err
		}
		if slices.ContainsFunc(all, func(b store.Asking) bool { return b.State == a.State }) {
			return nil, config.Usage("give one number for all", "--again %q: that state stands there twice", text)
		}
		all = append(all, a)
	}
	if len(o.lists)+len(o.ids) == 0 {
		return all, nil
	}
	if len(all) != 1 {
		return nil, config.Usage("one after the other", "--list and --id go with one --again")
	}
	return all, o.readLists(ctx, c)
}

// one reads a STATE=N.
func (o *againOptions) one(text string) (store.Asking, error) {
	name, count, _ := strings.Cut(text, "=")
	n, err := strconv.ParseInt(count, 10, 64)
	if err != nil || n < 1 || !slices.Contains(againStates(), name) {
		return store.Asking{}, config.Usage("for example --again given_up=20",
			"--again %q: want given_up, refused, absent, in_doubt, suspect or done, = and how many", text)
	}
	a := store.Asking{State: store.State(name), Limit: n, NoScore: o.noScore}
	switch {
	case name == "suspect":
		a.State = ""
	case name == string(store.Done) && !o.noScore && len(o.lists)+len(o.ids) == 0:
		return a, config.Usage("add --no-score, --list FILE or --id ID",
			"--again %q: an ID that has its result is asked again, and paid again, only where you say which", text)
	}
	if a.State != store.Done && o.noScore {
		return a, config.Usage("--again done=20 --no-score", "--no-score goes with --again done=N")
	}
	return a, nil
}

// name finds the IDs of the lists and those that stand on the command line.
func (o *againOptions) name(ctx context.Context, c *config.Config, s *store.Store, job *batch.Job) (err error) {
	if len(o.lists)+len(o.ids) > 0 {
		job.Again[0].Only, err = typed.Only(ctx, c, s, o.rows, o.ids)
	}
	return err
}

// readLists reads the IDs of the lists.
func (o *againOptions) readLists(ctx context.Context, c *config.Config) error {
	for _, file := range o.lists {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return config.Usage("is the path right? --list names a list that is there; it need not be one "+
				"of the configuration's", "--list %q: no such list", file)
		}
		row := func(r list.Row) error {
			o.rows = append(o.rows, typed.Form{Kind: r.Kind, ID: strings.Clone(r.ID)})
			return nil
		}
		options := c.ListOptions()
		// What no list brought is not asked; where an ID is asked is known.
		options.AnyForm, options.Route, options.Unplaced = true, nil, nil
		options.DefaultRegion = cmp.Or(options.DefaultRegion, "ID")
		before, rejected := len(o.rows), list.Reject{}
		_, err := list.Read(ctx, file, options, row, func(r list.Reject) error {
			rejected = cmp.Or(rejected, r)
			return nil
		})
		if err == nil && rejected.Line > 0 && len(o.rows) == before {
			return config.Usage("", "--list %q: no row has an ID; line %d: %s", file, rejected.Line, rejected.Detail)
		}
		if err != nil {
			var bad *list.Error
			if errors.As(err, &bad) {
				return &config.Error{Code: batch.ExitInput, Err: err, Hint: ""}
			}
			return err
		}
	}
	return nil
}
