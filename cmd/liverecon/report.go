package main

import (
	"context"
	"errors"
	"time"

	"github.com/spf13/cobra"

	"liverecon/report"
)

type reportOptions struct {
	source
	from, to, month string
	json            bool
}

func (p *program) reportVerb() *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use: "report [flags] risk|finance", Args: cobra.ExactArgs(1),
		Long: `Write a workbook again, from the database alone: the whole month, or the days from one
date to another, both included. Without dates it is the present month to date. Dates are
business days of the configuration's time zone. Nobody is called.`,
		Example: `    liverecon report risk --month 2026-11
    liverecon report finance --from 2026-11-01 --to 2026-11-15`,
		RunE: func(cmd *cobra.Command, args []string) error { return p.report(cmd.Context(), args[0], &o) },
	}
	o.flags(cmd, "report about the simulated run")
	cmd.Flags().StringVar(&o.from, "from", "", "first `DAY`")
	cmd.Flags().StringVar(&o.to, "to", "", "last `DAY` (default: the first)")
	cmd.Flags().StringVar(&o.month, "month", "", "`MONTH`, such as 2026-11")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the written file as JSON")
	return cmd
}

func (p *program) report(ctx context.Context, kind string, o *reportOptions) (err error) {
	c, err := o.settings()
	if err != nil {
		return err
	}
	period, err := o.period(c.zone, time.Now())
	if err != nil {
		return usage("such as --month 2026-11, or --from 2026-11-01 --to 2026-11-15", "%w", err)
	}
	s, err := openExisting(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	out := &publisher{config: c, store: s, version: version()}
	switch kind {
	case "risk":
		err = out.risk(ctx, period, true)
	case "finance":
		err = out.finance(ctx, period)
	default:
		err = usage("liverecon report risk, or liverecon report finance", "there is no report %.40q", kind)
	}
	if err != nil {
		return err
	}
	if o.json {
		p.printJSON(map[string]any{"files": out.files, "period": period.Label})
		return nil
	}
	for _, file := range out.files {
		say(p.out, "wrote %s\n", file)
	}
	return nil
}

// period is the stretch of time that the flags name.
func (o *reportOptions) period(zone *time.Location, now time.Time) (report.Period, error) {
	switch {
	case o.month != "" && o.from+o.to != "":
		return report.Period{}, errors.New("--month goes without --from and --to")
	case o.month != "":
		return report.ParseMonth(o.month, zone)
	case o.from == "" && o.to != "":
		return report.Period{}, errors.New("--to goes with --from")
	case o.from == "":
		return report.MonthToDate(now, zone), nil
	case o.to == "":
		o.to = o.from
	}
	return report.Range(o.from, o.to, zone)
}
