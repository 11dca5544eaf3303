// Package finance makes the finance workbook, and its lines and costs as CSV.
package finance

import (
	"context"
	"fmt"
	"strings"
	"time"

	"liverecon/batch/billing"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// Options say what a finance workbook is about, and what only the configuration knows.
type Options struct {
	Period      calendar.Period  // a month is one of BillingZone
	Amounts     []billing.Amount // what the calls cost at least and at most; without them these two stay empty
	Prices      *billing.Book    // nil stands for one without prices: quantities are reported and amounts stay empty
	Reading     billing.Reading  // what is billed by contract; "" stands for pay-tag
	BillingZone *time.Location   // whose months quota, tiers and minimum are counted in; nil stands for the period's zone
	Tolerance   billing.Tolerance
	Settings    string    // all that decides what a month comes to, as reconciling keeps it; "" where it is not known
	LinesInside int64     // up to how many reconciled lines stand in the workbook; 0 stands for 100,000
	Version     string    // of this program
	Verdict     string    // the run's verdict, when a run makes the report: the workbook's first cell
	Generated   time.Time // the time the file bears; zero stands for that of the newest fact in the period

	sheetRows int // of a list before it goes on in another sheet, fewer than page.ListRows in tests
}

// Workbook is a finance workbook and what it was made from.
type Workbook struct {
	*xlsx.Workbook
	finance *finance
}

// Build makes the finance workbook of a period from the database and the options: with what the standing reconciliation
// of the month has found, or of our records alone. Close the workbook when it was written.
func Build(ctx context.Context, s *store.Store, o Options) (*Workbook, error) {
	snap, err := s.Snapshot(ctx)
	if err != nil {
		return nil, fmt.Errorf("finance report %s: %w", o.Period.Label, err)
	}
	if o.Reading == "" {
		o.Reading = billing.PayTag
	}
	if o.sheetRows == 0 {
		o.sheetRows = page.ListRows
	}
	if o.BillingZone == nil {
		o.BillingZone = o.Period.Zone
	}
	if o.Prices == nil {
		o.Prices = &billing.Book{Location: o.BillingZone}
	}
	f := &finance{Options: o, snap: snap, newTypes: map[string]int64{}, places: financePlaces{feeds: map[string]feed{}, bridges: map[string]bridgeSum{}}}
	if err := f.take(ctx); err != nil {
		return nil, fmt.Errorf("finance report %s: %w", o.Period.Label, page.JoinClose(err, snap))
	}
	return &Workbook{f.workbook(ctx), f}, nil
}

// finance is everything the sheets of a finance workbook are made from.
type finance struct {
	Options
	account  // of the whole ledger; its amount mixes currencies and means nothing
	snap     *store.Snapshot
	usage    []store.Usage // of the period
	journal  bill          // counted from the calls themselves
	ledger   *ledger
	charges  []charge     // of which the ledger is made
	reasons  []reasonLine // empty where no ID was asked again
	unpriced int64        // billable calls without a price
	// charged: calls that may be charged, those in doubt too; unpricedMost: of them, those without a price
	charged, unpricedMost int64
	repriced              []store.PriceUse // with which the month changed
	priced                []string         // currencies of the price book and the statement, the one with the most calls first
	regions               []regionLine
	matrix                []matrixLine
	days                  []dayLine
	money                 []currency
	counted               []readingLine // the journal under every reading
	readings              []readingLine // the same where there is no statement, else what the statement was compared with
	doubts                *doubts
	suspects              int64    // calls whose answer, and with it the tag, may be another call's
	settled               *settled // nil: no statement was reconciled
	corrections           []store.Correction
	closure               *store.Closure         // nil: the month is open
	scopes                []store.StatementScope // of the month, superseded ones too
	runs                  []store.RunSpan
	first                 store.RunSpan // the database's
	checks                *page.Checks
	places                financePlaces
	book                  *xlsx.Workbook
	newTypes              map[string]int64 // pricing values nobody knows
}

// financePlaces is where figures stand that other sheets refer to.
type financePlaces struct {
	matrix, codes, regions, days, rates, readings, readingSums *page.Table
	classes, doubts, amounts, grosses, reasons                 *page.Table
	feeds                                                      map[string]feed // of the waterfalls, by currency
	bridges                                                    map[string]bridgeSum
	compared                                                   regionFeed
	exceptions, lines                                          *longList
}

// take reads everything but the long lists.
func (f *finance) take(ctx context.Context) error {
	var err error
	if f.money, err = addAmounts(f.Amounts); err != nil {
		return err
	}
	if err := f.takeStatement(ctx); err != nil {
		return err
	}
	if err := f.takeUsage(ctx); err != nil {
		return err
	}
	counts, err := f.snap.CallCounts(ctx, f.Period.From, f.Period.To)
	if err != nil {
		return err
	}
	for _, c := range counts {
		f.journal.add(store.Usage{Outcome: c.Outcome, Tag: c.Tag, Calls: c.Calls})
	}
	if err := f.takeDoubts(ctx); err != nil {
		return err
	}
	if f.suspects, err = f.snap.SuspectCalls(ctx, f.Period.From, f.Period.To); err != nil {
		return err
	}
	if err := f.takeClosed(ctx); err != nil {
		return err
	}
	f.rankCurrencies()
	if err := f.takeReasons(ctx); err != nil {
		return err
	}
	if err := f.takeReadings(ctx); err != nil {
		return err
	}
	f.regions, f.matrix, f.days = f.regionLines(f.ledger.lines), f.matrixLines(), f.dayLines()
	return nil
}

// takeStatement reads what reconciling has found, and by what tolerance it was judged.
func (f *finance) takeStatement(ctx context.Context) (err error) {
	if f.Generated, err = page.Generated(ctx, f.snap, f.Period, f.Generated); err != nil {
		return err
	}
	if err := f.takeSettled(ctx); err != nil {
		return err
	}
	if s := f.settled; s != nil {
		f.Tolerance, err = billing.ParseTolerance(s.ToleranceAbs, s.ToleranceRel)
	}
	return err
}

// takeClosed reads whether the month is closed, and what it bears for closed ones.
func (f *finance) takeClosed(ctx context.Context) (err error) {
	if f.corrections, err = f.snap.Corrections(ctx, f.Period.Label); err != nil {
		return err
	}
	if f.closure, err = f.snap.Closure(ctx, f.Period.Label); err != nil {
		return err
	}
	if f.repriced, err = f.snap.PriceChanges(ctx, f.Period.Label); err != nil {
		return err
	}
	f.first, f.runs, err = f.snap.Runs(ctx, f.Period.From, f.Period.To)
	return err
}

// financePages are the sheets that are written cell by cell; nil where a workbook has no such sheet.
type financePages struct {
	summary, reconciliation, readings, doubts, regions, days, matrix, rates, corrections, signOff, definitions *page.Page
}

// workbook builds the sheets. They get their places first, in the order in which people read; then they are written in
// the order in which one refers to another.
func (f *finance) workbook(ctx context.Context) *xlsx.Workbook {
	f.book = &xlsx.Workbook{Title: "Liveness billing · " + f.Period.Label, Subject: "Calls to the liveness API and what they cost, " + f.Period.Describe(),
		Generator: strings.TrimSpace("liverecon " + f.Version), Created: f.Generated, Source: f.snap,
		Origin: xlsx.Origin{Kind: "finance", Label: f.Period.Label, From: f.Period.From, To: f.Period.To, Version: f.Version, Verdict: f.Verdict, Generated: f.Generated}}
	p := f.place(ctx)
	f.doubtSheet(ctx, p.doubts)
	f.regionSheet(p.regions)
	f.daySheet(p.days)
	f.matrixSheet(ctx, p.matrix)
	f.rateSheet(p.rates)
	f.readingSheet(p.readings)
	if p.reconciliation != nil {
		f.reconciliationSheet(p.reconciliation)
	}
	if p.corrections != nil {
		f.correctionSheet(p.corrections)
	}
	f.summary(p.summary)
	f.signOffSheet(p.signOff)
	f.definitions(p.definitions)
	return f.book
}

// place begins all sheets, and writes those that are one long list.
func (f *finance) place(ctx context.Context) financePages {
	var p financePages
	sent := "Calls sent " + f.Period.Describe()
	p.summary = page.New(f.book, "Summary", page.FinanceTitle+f.Period.Label, sent+" · "+f.against()+" · a call is one request")
	if f.settled != nil {
		p.reconciliation = page.New(f.book, "Reconciliation", "Reconciliation with the vendor's statement", sent+" · "+f.against()+" · difference = theirs − ours", 24, 10, 10, 11, 11, 13, 13, 13, 10, 9, 17, 17, 17)
	}
	p.readings = page.New(f.book, "Billing readings", "Billing readings", sent+" · the same calls counted under every plausible reading of what is billed", 22, 12, 11, 12, 11, 14, 14, 13, 17, 12, 14, 18)
	if f.settled != nil {
		f.exceptionSheets(ctx)
	}
	p.doubts = page.New(f.book, "In doubt", "Calls in doubt", sent+" · calls that may have been charged without our knowing · liverecon explain ID tells a check's whole story", doubtWidths()...)
	p.regions = page.New(f.book, "By region and code", "Calls and amounts by region and code", sent+" · region of the list's row, not of the host", 20, 30, 6, 10, 10, 11, 10, 10, 10, 11, 10, 10, 15)
	p.days = page.New(f.book, "By day", "Calls and amounts by day", sent, f.dayWidths()...)
	p.matrix = page.New(f.book, "Code by pricing", "Code by pricing, as received", sent+", by endpoint · the vendor's page expects PAY on SUCCESS and FREE on everything else", matrixWidths()...)
	p.rates = page.New(f.book, "Rates", "Rates: the price book as used", sent+" · rates live in the configuration", 8, 11, 16, 10, 12, 13, 18, 11, 11, 11, 11, 11, 12, 10, 15)
	if len(f.corrections) > 0 {
		p.corrections = page.New(f.book, "Corrections", "Prior-period corrections", "What came to light about closed months and is borne by "+f.Period.Label, 16, 20, 14, 20, 10, 12, 12, 16)
	}
	p.signOff = page.New(f.book, "Sign-off", "Sign-off", "To be filled in when the exceptions have been worked · figures and checks are live", 40, 20, 14, 20, 20, 46)
	f.ledgerSheet(f.book.NewSheet("Ledger"))
	switch {
	case f.settled == nil:
	case f.rowsInside():
		f.lineSheets(ctx)
	default:
		f.book.Beside = "finance_" + f.Period.Label + "_lines.csv"
	}
	p.definitions = page.Definitions(f.book, f.Period)
	return p
}
