package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/batch/list"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/night"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

type rerouteOptions struct {
	source
	limit     int64
	yes, json bool
}

func rerouteVerb(p *program) *cobra.Command {
	var o rerouteOptions
	cmd := &cobra.Command{
		Use: "reroute [flags] --limit N LIST ...", Args: cobra.MinimumNArgs(1),
		Long: `Mend a routing that was wrong: IDs of the lists that were asked elsewhere than the lists now
say, and are absent there, are asked where they belong by the next run, at most N of them.
An endpoint that was asked for an ID before is not asked for it once more by this. The
calls that were made stay as they are; the new ones bear the reason misplaced, and may cost.
A list that is new to a run does this by itself, within limits.misplaced_ids, for the rows whose
region a column, its pattern or its name gives; here default_region counts, too.

Without --yes it only says what it would do.`,
		Example: `    liverecon reroute --limit 500 lists/ids_PH_2026-11-27.csv
    liverecon reroute --yes --limit 500 lists/ids_PH_2026-11-27.csv`,
		RunE: func(cmd *cobra.Command, args []string) error { return reroute(cmd.Context(), p, args, &o) },
	}
	o.flags(cmd, "IDs of the simulated run")
	cmd.Flags().Int64Var(&o.limit, "limit", 0, "most IDs to ask again (`N`): each may be paid for")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do it, instead of saying what would be done")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the result as JSON")
	return cmd
}

// rerouted represents the result of a rerouting as JSON.
type rerouted struct {
	Moves    []rerouteMove `json:"moves"`
	IDs      int64         `json:"ids"`
	Rejected int64         `json:"rows_rejected"` // they have no place
	Done     bool          `json:"done"`
}

type rerouteMove struct {
	From       string `json:"from"`
	FromRegion string `json:"from_region"`
	To         string `json:"to"`
	ToRegion   string `json:"to_region"`
	IDs        int64  `json:"ids"`
}

func reroute(ctx context.Context, p *program, lists []string, o *rerouteOptions) error {
	if o.limit < 1 {
		return config.Usage("for example --limit 500", "--limit says how many IDs may be asked again, and paid for")
	}
	work := func(c *config.Config, s *store.Store) error {
		said, err := routesOf(ctx, c, lists)
		if err != nil {
			return err
		}
		found, err := s.Checks().Misplaced(ctx, said.moves, o.limit)
		if err == nil && o.yes {
			_, err = s.Checks().Redirect(ctx, said.moves, o.limit, time.Now())
		}
		if err == nil {
			printRerouted(p.out, found, said, o)
		}
		return err
	}
	if o.yes {
		return o.write(ctx, p, "reroute", work)
	}
	return o.read(ctx, work)
}

// listedRoutes holds what lists say about where their IDs are to be asked.
type listedRoutes struct {
	moves    []store.Move
	rejected int64       // rows without a place
	first    list.Reject // of these
}

func routesOf(ctx context.Context, c *config.Config, patterns []string) (listedRoutes, error) {
	found, missing, err := night.ExpandLists(c, patterns, ".")
	if err = errors.Join(err, missing.Refused()); err != nil {
		return listedRoutes{}, err
	}
	endpoints, err := night.SilentEndpoints(c)
	if err != nil {
		return listedRoutes{}, err
	}
	job := night.Job(c, found, endpoints, slog.New(slog.DiscardHandler))
	var said listedRoutes
	for _, path := range found.Lists {
		_, err := list.Read(ctx, path, job.ListOptions, func(r list.Row) error {
			said.moves = append(said.moves,
				store.Move{Hash: store.HashID(r.Kind, r.ID), Region: r.Region, Endpoint: r.Endpoint})
			return nil
		}, func(r list.Reject) error {
			if said.rejected++; said.rejected == 1 {
				said.first = r
			}
			return nil
		})
		if refused := new(list.Error); errors.As(err, &refused) {
			return listedRoutes{}, &config.Error{Code: batch.ExitInput, Err: err, Hint: ""}
		}
		if err != nil {
			return listedRoutes{}, err
		}
	}
	return said, nil
}

func printRerouted(out stream, found []store.Moved, said listedRoutes, o *rerouteOptions) {
	r := rerouted{Moves: []rerouteMove{}, Rejected: said.rejected, Done: o.yes}
	for _, m := range found {
		r.IDs += m.Checks
		r.Moves = append(r.Moves, rerouteMove{m.From, m.FromRegion, m.To, m.ToRegion, m.Checks})
	}
	if o.json {
		out.json(r)
		return
	}
	if said.rejected > 0 {
		out.wrap("", fmt.Sprintf("%s, and what is in them stays where it is; the first is %s:%d: %s",
			words.Plural(said.rejected, "row of these lists is rejected", "rows of these lists are rejected"),
			said.first.File, said.first.Line, said.first.Detail))
	}
	if r.IDs == 0 {
		out.wrap("", fmt.Sprintf("nothing to do: of the %s, no ID is absent that was never asked there",
			words.Plural(int64(len(said.moves)), "row that has a place", "rows that have a place")))
		return
	}
	t := newTable("asked at", "region", "belongs to", "region", ">IDs")
	for _, m := range r.Moves {
		t.row(m.From, m.FromRegion, m.To, m.ToRegion, words.Comma(m.IDs))
	}
	out.table(t)
	if !o.yes {
		out.printf("nothing was changed; add --yes to do it\n")
		return
	}
	out.printf("done: the next run asks for %s there\n", words.Plural(r.IDs, "ID", "IDs"))
}
