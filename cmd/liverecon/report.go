package main

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/headoffice"
	"liverecon/cmd/liverecon/reports"
	"liverecon/report/publish"
	"liverecon/store/calendar"
	"liverecon/store/disk"
)

type reportOptions struct {
	source
	from, to, month string
	compare         string
	detail          string
	digest          string
	json, exports   bool
}

func reportVerb(p *program) *cobra.Command {
	var o reportOptions
	cmd := &cobra.Command{
		Use: "report [flags] risk|finance|focus|journal [DIR...]", Args: cobra.MinimumNArgs(1),
		Long: `Write a workbook again, from the database alone: the whole month, or the days from one
date to another, both included. Without dates it is the present month to date, over exports
the newest that all of them have. Dates are
days of the configuration's time zone, for finance of the billing time zone. Nobody is called.

A risk report compares with the period before, of equal length: the month before a whole
month. That of one day compares with the 28 nights before the last 7. --compare names
another one; the file's name then says so.

focus is the ledger of the finance report as CSV for programs that add up costs of many
providers, with the column names of FOCUS, the FinOps cost and usage specification.

journal is what to post for a month: the accrual of what is owed and not billed, what is
disputed, and the reversal of both of the month before, as CSV with the accounts of [accounts].

The list of every check is part of a risk workbook of days, and left out of a month's.
--detail csv writes it beside the workbook, as risk_<period>_detail.csv.

--digest writes, instead of the workbook, its first page as a page of HTML that can be sent
by mail: the same sentences, small charts of table cells, no ID and no name of a list.

--from-exports makes one workbook over the exports of several territories, for head office.`,
		Example: `    liverecon report risk --month 2026-11
    liverecon report risk --from 2026-11-21 --detail csv
    liverecon report risk --month 2026-11 --compare 2026-09
    liverecon report finance --from 2026-11-01 --to 2026-11-15
    liverecon report focus --month 2026-11
    liverecon report journal --month 2026-11
    liverecon report risk --month 2026-11 --digest risk.html
    liverecon report finance --month 2026-11 --from-exports /srv/lake/ID /srv/lake/PH`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if o.exports || len(args) > 1 {
				return o.writeTerritories(cmd.Context(), p, args)
			}
			return writeReport(cmd.Context(), p, args[0], &o)
		},
	}
	o.flags(cmd, "report about the simulated run")
	cmd.Flags().StringVar(&o.from, "from", "", "first `DAY`")
	cmd.Flags().StringVar(&o.to, "to", "", "last `DAY` (default: the first)")
	cmd.Flags().StringVar(&o.month, "month", "", "`MONTH`, such as 2026-11")
	cmd.Flags().StringVar(&o.compare, "compare", "", "`PERIOD` the risk report compares with: a month, a day, "+
		"or\nFROM..TO (default: the one before, of equal length; of a\nday the 28 nights before the last 7)")
	cmd.Flags().StringVar(&o.detail, "detail", "",
		"where the list of every check goes: `PLACE` is none, csv or\nxlsx (default xlsx, for a month none)")
	cmd.Flags().StringVar(&o.digest, "digest", "",
		"write the first page, as HTML for mail, to `FILE` instead of the\nworkbook; - is standard output")
	cmd.Flags().BoolVar(&o.exports, "from-exports", false, "over the exports in `DIR...`, without a database")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the written file as JSON")
	return cmd
}

func (o *reportOptions) writeTerritories(ctx context.Context, p *program, args []string) error {
	other := o.from+o.to+o.compare+o.detail+o.digest != "" || o.json || o.simulate
	file, err := headoffice.Write(ctx, headoffice.Request{Kind: args[0], Exports: args[1:], Month: o.month, Config: o.file,
		Given: o.exports, Other: other}, o.settings)
	if err == nil {
		p.out.printf("wrote %s\n", file)
	}
	return err
}

func writeReport(ctx context.Context, p *program, kind string, o *reportOptions) (err error) {
	c, err := o.settings()
	if err != nil {
		return err
	}
	months := calendar.Months{Zone: c.Zone}
	if kind != "risk" {
		months = c.BillingMonths()
	}
	period, err := reports.PeriodOf(o.month, o.from, o.to, months, time.Now())
	if err != nil {
		return config.Usage("such as --month 2026-11, or --from 2026-11-01 --to 2026-11-15", "%w", err)
	}
	if err := o.place(kind); err != nil {
		return err
	}
	compare, err := reports.Compared(kind, o.compare, period)
	if err != nil {
		return err
	}
	if err := database.RefuseOther(o.digest, "page of a report", "<!doctype html>"); err != nil {
		return err
	}
	s, err := database.OpenExisting(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := database.RefuseBehind(ctx, c, s); err != nil {
		return err
	}
	out := reports.New(c, s, config.Version(), reportWarner(p.err))
	file := publish.RiskFile{Period: period, Compare: compare, Detail: o.detail}
	if o.digest != "" {
		return o.writeDigest(ctx, p, kind, out, file)
	}
	switch kind {
	case "finance":
		err = out.Finance(ctx, period)
	case "focus":
		err = out.Focus(ctx, period)
	case "journal":
		if !c.Accounts.Complete() {
			return config.Usage("give accounts.expense, accounts.accrual and accounts.disputed",
				"the journal needs accounts to post to, and %s has none", c.File)
		}
		err = out.Journal(ctx, period)
	default:
		err = out.Risk(ctx, file)
	}
	var frozen *publish.FrozenError
	if errors.As(err, &frozen) {
		return config.Usage("leave --detail out", "%w", err)
	}
	if err != nil {
		return err
	}
	if o.json {
		return printReportJSON(ctx, p, kind, out, file)
	}
	for _, file := range out.Files() {
		p.out.printf("wrote %s\n", file)
	}
	return nil
}

// writeDigest writes a workbook's first page as a page for mail.
func (o *reportOptions) writeDigest(
	ctx context.Context, p *program, kind string, out *publish.Publisher, f publish.RiskFile,
) error {
	page, err := out.DigestOf(ctx, kind, f)
	if err != nil {
		return err
	}
	if o.digest == "-" {
		return page.WriteHTML(noting{p.out.raw, p.out.failed})
	}
	if err := disk.Replace(o.digest, page.WriteHTML); err != nil {
		return err
	}
	if o.json {
		p.out.json(map[string]any{"files": []string{o.digest}, "period": f.Period.Label})
		return nil
	}
	p.out.printf("wrote %s\n", o.digest)
	return nil
}

// printReportJSON prints the written files, and what a risk workbook claims.
func printReportJSON(ctx context.Context, p *program, kind string, out *publish.Publisher, f publish.RiskFile) error {
	result := map[string]any{"files": out.Files(), "period": f.Period.Label}
	if kind == "risk" {
		claims, err := out.Claims(ctx, f)
		if err != nil {
			return err
		}
		result["risk"] = claims
	}
	p.out.json(result)
	return nil
}

// place checks what is to be reported, and settles where a risk workbook's list of every check goes.
func (o *reportOptions) place(kind string) error {
	if !slices.Contains([]string{"risk", "finance", "focus", "journal"}, kind) {
		return config.Usage("liverecon report risk, finance, focus or journal",
			"there is no report %.40q", kind)
	}
	if kind != "risk" && o.detail != "" {
		return config.Usage("leave --detail out", "the %s report has no list of checks", kind)
	}
	if kind == "journal" && o.from != "" {
		return config.Usage("such as --month 2026-11", "a journal is of a month")
	}
	if o.digest != "" && (kind == "focus" || kind == "journal" || o.detail != "" || o.digest == "-" && o.json) {
		return config.Usage("liverecon report risk --digest FILE, or liverecon report finance --digest FILE",
			"--digest is the first page of a workbook, as HTML, and nothing else")
	}
	switch o.detail {
	case publish.DetailNone, publish.DetailCSV, publish.DetailXLSX:
	case "":
		o.detail = publish.DetailNone
		if o.from != "" {
			o.detail = publish.DetailXLSX
		}
	default:
		return config.Usage("such as --detail csv", "--detail %.40q: want none, csv or xlsx", o.detail)
	}
	return nil
}
