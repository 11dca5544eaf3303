// Package finance makes the finance workbook, and its lines and costs as CSV.
package finance

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"liverecon/report/finance/costs"
	"liverecon/report/finance/figures"
	"liverecon/report/finance/monthend"
	"liverecon/report/page"
	"liverecon/report/worked"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/snapshot"
)

// Options describes what a finance workbook is about, and what only the configuration knows.
type Options = figures.Options

// Workbook represents a finance workbook and what it was made from.
type Workbook struct {
	*xlsx.Workbook
	data    *figures.Data
	refs    sheetRefs
	summary summaryRefs
}

// Build makes the finance workbook of a period from the database and the options: with what the current reconciliation
// of the month has found, or of our records alone. Close the workbook when it was written.
func Build(ctx context.Context, s *store.Store, o figures.Options) (*Workbook, error) {
	snap, err := snapshot.Open(ctx, s)
	if err != nil {
		return nil, fmt.Errorf("finance report %s: %w", o.Period.Label, err)
	}
	d, err := figures.Load(ctx, snap, o)
	if err != nil {
		return nil, fmt.Errorf("finance report %s: %w", o.Period.Label, page.JoinClose(err, snap))
	}
	return write(ctx, d), nil
}

// sheetRefs holds the places that later sheets refer to. Reconciliation is the zero value without a statement.
type sheetRefs struct {
	ledgerRefs
	rowRefs
	inDoubt             inDoubtRefs
	regions             regionRefs
	days, matrix, rates *page.Table
	readings            *page.Table // by endpoint
	reconciliation      reconciliationRefs
	rolled              monthend.Rolled
	followed            monthend.Followed
	costs               costs.Tables
}

// write makes the sheets in the order in which one refers to another, and arranges them as people read.
func write(ctx context.Context, d *figures.Data) *Workbook {
	book := newBook(d)
	ledger := writeLedger(book, d)
	rows := writeRows(ctx, book, d)
	inDoubt := writeInDoubt(ctx, book, d, ledger, rows)
	regions := writeRegions(book, d, ledger)
	days := writeDays(book, d, ledger)
	matrix := writeMatrix(ctx, book, d, ledger)
	rates := writeRates(book, d, ledger)
	readings := writeBases(book, d, ledger)
	spent := ledger.costs(book, d).Write()
	reconciliation := writeReconciliation(book, d, rows)
	writeCorrections(book, d)
	rolled := ledger.sheets(book, d).RollForward()
	ledger.sheets(book, d).Change()
	followed := monthend.Disputes(ledger.sheets(book, d))
	writeFollowUp(book, d)
	refs := sheetRefs{ledger, rows, inDoubt, regions, days, matrix, rates, readings, reconciliation, rolled, followed,
		spent}
	summary := writeSummary(book, d, refs)
	writeSignOff(book, d, refs, summary)
	writeDefinitions(book, d)
	arrange(book)
	return &Workbook{book, d, refs, summary}
}

func newBook(d *figures.Data) *xlsx.Workbook {
	var last worked.AsOf
	if d.Reconciled != nil {
		last = d.Reconciled.Worked.Last
	}
	return &xlsx.Workbook{
		Title:     "Liveness billing · " + d.Period.Label,
		Subject:   "Calls to the liveness API and what they cost, " + d.Period.Describe(),
		Generator: strings.TrimSpace(xlsx.GeneratorName + " " + d.Version),
		Created:   d.Generated,
		Places:    d.Places(),
		Origin: xlsx.Origin{
			Kind: "finance", Label: d.Period.Label, From: d.Period.From, To: d.Period.To,
			Version: d.Version, Verdict: d.Verdict, Generated: d.Generated, LastWork: last.Work,
			LastSign: last.Signature,
			LastNote: d.Disputes.Last,
		},
		Source: d.Snap,
	}
}

// arrange puts the sheets in the order in which people read. The further sheets of a list follow its first.
func arrange(book *xlsx.Workbook) {
	order := []string{
		"Summary", "Reconciliation", "Billing readings", "Exceptions", "In doubt", "By region and code", "By day",
		"Code by pricing", "Costs", "Rates", "Roll-forward", "Change", "Corrections", "Disputes", "Follow-up", "Sign-off",
		"Ledger", "Lines", "Definitions",
	}
	place := func(s *xlsx.Sheet) int {
		name, _, _ := strings.Cut(s.Name, " (")
		return slices.Index(order, name)
	}
	slices.SortStableFunc(book.Sheets, func(a, b *xlsx.Sheet) int { return place(a) - place(b) })
}
