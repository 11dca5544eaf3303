package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"liverecon/report"
)

type reportOptions struct {
	source
	from, to, month string
	detail          string
	json            bool
}

func (p *program) reportVerb() *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use: "report [flags] risk|finance", Args: cobra.ExactArgs(1),
		Long: `Write a workbook again, from the database alone: the whole month, or the days from one
date to another, both included. Without dates it is the present month to date. Dates are
business days of the configuration's time zone. Nobody is called.

The list of every check is part of a risk workbook of days, and left out of a month's.
--detail csv writes it beside the workbook, as risk_<period>_detail.csv.`,
		Example: `    liverecon report risk --month 2026-11
    liverecon report risk --from 2026-11-21 --detail csv
    liverecon report finance --from 2026-11-01 --to 2026-11-15`,
		RunE: func(cmd *cobra.Command, args []string) error { return p.report(cmd.Context(), args[0], &o) },
	}
	o.flags(cmd, "report about the simulated run")
	cmd.Flags().StringVar(&o.from, "from", "", "first `DAY`")
	cmd.Flags().StringVar(&o.to, "to", "", "last `DAY` (default: the first)")
	cmd.Flags().StringVar(&o.month, "month", "", "`MONTH`, such as 2026-11")
	cmd.Flags().StringVar(&o.detail, "detail", "", "where the list of every check goes: `PLACE` is none, csv or\nxlsx (default xlsx, for a month none)")
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
	if err := o.place(kind); err != nil {
		return err
	}
	s, err := openExisting(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	out := &publisher{config: c, store: s, version: version()}
	switch {
	case kind == "finance":
		err = out.finance(ctx, period)
	case o.detail == "csv":
		err = out.riskBesideDetail(ctx, period)
	default:
		err = out.risk(ctx, period, o.detail == "xlsx")
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

// place checks what is to be reported, and settles where a risk workbook's list of every check goes.
func (o *reportOptions) place(kind string) error {
	if kind != "risk" && kind != "finance" {
		return usage("liverecon report risk, or liverecon report finance", "there is no report %.40q", kind)
	}
	if kind == "finance" && o.detail != "" {
		return usage("leave --detail out", "the finance report has no list of checks")
	}
	switch o.detail {
	case "none", "csv", "xlsx":
	case "":
		o.detail = "none"
		if o.from != "" {
			o.detail = "xlsx"
		}
	default:
		return usage("such as --detail csv", "--detail %.40q: want none, csv or xlsx", o.detail)
	}
	return nil
}

// riskBesideDetail writes a risk workbook without its list of every check, and that list as CSV, both of one moment.
func (p *publisher) riskBesideDetail(ctx context.Context, period report.Period) error {
	w, err := report.Risk(ctx, p.store, report.RiskOptions{
		Period: period, Threshold: p.config.threshold, Inclusive: p.config.inclusive, Version: p.version, NoDetail: true,
	})
	if err != nil {
		return fmt.Errorf("risk %s: %w", period.Label, err)
	}
	if err := p.detail(ctx, w, "risk_"+period.Label+"_detail.csv"); err != nil {
		return errors.Join(err, w.Close())
	}
	return p.write(w, "risk_"+period.Label+".xlsx")
}

func (p *publisher) detail(ctx context.Context, w *report.Workbook, name string) error {
	if err := makeReportDirectory(p.config.reports); err != nil {
		return err
	}
	file := filepath.Join(p.config.reports, name)
	if err := report.WriteDetail(ctx, w, file); err != nil {
		return err
	}
	return p.done(file)
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
