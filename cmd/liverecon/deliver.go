package main

import (
	"context"
	"errors"
	"log/slog"

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/deliver"
	"liverecon/cmd/liverecon/reports"
	"liverecon/cmd/liverecon/words"
	"liverecon/report/publish"
	"liverecon/store"
	"liverecon/store/panics"
)

type deliverOptions struct {
	source
	test, resend, json bool
	run                int64
}

func deliverVerb(p *program) *cobra.Command {
	var o deliverOptions
	cmd := &cobra.Command{
		Use: "deliver [flags] [NAME ...]",
		Long: `Send what is owed: pages that could not be sent when a run ended, to all recipients of the
configuration or to those named. Every run does that, too, when its books are closed.

--resend sends the pages of the newest run once more, or of another one, whether or not they
were taken then. --test sends a page to each recipient that says that it is a test.`,
		Example: `    liverecon deliver --test analysts
    liverecon deliver
    liverecon deliver --resend --run 12 finance`,
		RunE: func(cmd *cobra.Command, names []string) error { return runDeliver(cmd.Context(), p, names, &o) },
	}
	o.flags(cmd, "deliveries of the simulated run")
	cmd.Flags().BoolVar(&o.test, "test", false, "send a page that says that it is a test")
	cmd.Flags().BoolVar(&o.resend, "resend", false, "send a run's pages once more")
	cmd.Flags().Int64Var(&o.run, "run", 0, "which run's (`N`; default: the newest)")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the result as JSON")
	return cmd
}

func runDeliver(ctx context.Context, p *program, names []string, o *deliverOptions) error {
	switch {
	case o.test && o.resend:
		return config.Usage("liverecon deliver --test, or liverecon deliver --resend", "--test goes without --resend")
	case o.run != 0 && !o.resend:
		return config.Usage("liverecon deliver --resend --run N", "--run goes with --resend")
	}
	c, err := o.settings()
	if err != nil {
		return err
	}
	if len(c.Deliver) == 0 {
		return config.Usage("`liverecon help delivery` shows a [deliver.NAME]", "%s names nobody to deliver to", c.File)
	}
	courier := &deliver.Courier{Config: c, Version: config.Version()}
	if err := courier.Know(names); err != nil {
		return err
	}
	if o.test {
		return printDelivered(p.out, courier.Test(ctx, names), o.json)
	}
	return o.write(ctx, p, "deliver", func(c *config.Config, s *store.Store) error {
		if err := database.RefuseBehind(ctx, c, s); err != nil {
			return err
		}
		courier.Config, courier.Store = c, s
		courier.Page = reports.New(c, s, config.Version(), reportWarner(p.err)).DigestOf
		if o.resend {
			if err := courier.OweAgain(ctx, o.run, names); err != nil {
				return err
			}
		}
		outcomes, err := courier.SendOwed(ctx, names)
		return errors.Join(err, printDelivered(p.out, outcomes, o.json))
	})
}

// printDelivered prints what became of each page. One that was not sent is a failure.
func printDelivered(out stream, outcomes []deliver.Outcome, asJSON bool) error {
	failed := false
	t := newTable("RECIPIENT", "CHANNEL", "PAGE", "PERIOD", "STATE", "WHY")
	for _, o := range outcomes {
		failed = failed || o.State != deliver.Sent
		t.row(o.Recipient, words.OrDash(o.Channel), o.Page, words.OrDash(o.Period), o.State, o.Error)
	}
	switch {
	case asJSON:
		out.json(map[string]any{"deliveries": append([]deliver.Outcome{}, outcomes...)})
	case len(outcomes) == 0:
		out.printf("nothing is owed\n")
	default:
		out.table(t)
	}
	if failed {
		return &config.Error{Code: batch.ExitFailed, Err: config.ErrSilent, Hint: ""}
	}
	return nil
}

// deliverRun sends what a run has to say that has ended, under its lock. Whatever becomes of that, the run ended as it
// did.
func deliverRun(ctx context.Context, c *config.Config, pages *publish.Publisher, sum *batch.Summary, log *slog.Logger) {
	if len(c.Deliver) == 0 || sum.RunID == 0 || pages.Store.Stopped() != nil {
		return
	}
	outcomes, err := func() (outcomes []deliver.Outcome, err error) {
		defer panics.Into(&err)
		courier := &deliver.Courier{Config: c, Store: pages.Store, Page: pages.DigestOf, Version: config.Version()}
		return courier.AfterRun(ctx, deliver.Run{ID: sum.RunID, Started: pages.Started, Verdict: sum.Verdict,
			Good: batch.Succeeded(sum.ExitCode)})
	}()
	for _, o := range outcomes {
		about := []any{"recipient", o.Recipient, "channel", o.Channel, "run", o.Run, "page", o.Page, "period", o.Period}
		if o.State == deliver.Sent {
			log.Info("delivered", about...)
			continue
		}
		log.Warn("not delivered", append(about, "state", o.State, "error", o.Error)...)
	}
	if err != nil {
		log.Error("deliveries could not be looked after", "error", err)
	}
}
