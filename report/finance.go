package report

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"liverecon/store"
)

// FinanceOptions say what a finance workbook is about, and what only the configuration knows.
type FinanceOptions struct {
	Period       Period         // a month is one of BillingZone
	Amounts      []Amount       // what the calls cost at least and at most; without them these two stay empty
	Prices       []Price        // the price book; without it quantities are reported and amounts stay empty
	Reading      string         // what is billed by contract; "" stands for pay-tag
	BillingZone  *time.Location // whose months quota, tiers and minimum are counted in; nil stands for the period's zone
	ToleranceAbs string         // how much a statement may differ, decimal text; "" for none
	ToleranceRel string         // the same as a share of our amount: 0.001 is 0.1 %
	Settings     string         // all that decides what a month comes to, as reconciling keeps it; "" where it is not known
	LinesInside  int64          // up to how many reconciled lines stand in the workbook; 0 stands for 100,000
	Version      string         // of this program
	Verdict      string         // the run's verdict, when a run makes the report: the workbook's first cell
	Generated    time.Time      // the time the file bears; zero stands for that of the newest fact in the period

	sheetRows int // of a list before it goes on in another sheet, fewer than listRows in tests
}

// Amount is what the calls of one endpoint and region cost in one currency. Floor counts the calls tagged PAY, Ceiling
// those in doubt as well. Both are decimal text; they are added up as decimals, never as floats.
type Amount struct {
	Endpoint, Region, Currency string
	Floor, Ceiling             string
}

// Finance makes the finance workbook of a period from the database and the options: with what the standing reconciliation
// of the month has found, or of our records alone. Close the workbook when it was written.
func Finance(ctx context.Context, s *store.Store, o FinanceOptions) (*Workbook, error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, fmt.Errorf("finance report %s: %w", o.Period.Label, err)
	}
	if o.Reading == "" {
		o.Reading = readingPay
	}
	if o.sheetRows == 0 {
		o.sheetRows = listRows
	}
	f := &finance{FinanceOptions: o, facts: facts, newTypes: map[string]int64{}, places: financePlaces{feeds: map[string]feed{}, bridges: map[string]bridgeSum{}}}
	if err := f.take(ctx); err != nil {
		return nil, fmt.Errorf("finance report %s: %w", o.Period.Label, joinClose(err, facts))
	}
	return f.workbook(ctx), nil
}

// finance is everything the sheets of a finance workbook are made from.
type finance struct {
	FinanceOptions
	account     // of the whole ledger; its amount mixes currencies and means nothing
	facts       *store.Facts
	usage       []store.Usage // of the period
	journal     bill          // counted from the calls themselves
	ledger      *ledger
	unpriced    int64    // billable calls without a price
	priced      []string // currencies of the price book and the statement, the one with the most calls first
	regions     []regionLine
	matrix      []matrixLine
	days        []dayLine
	money       []currency
	counted     []readingLine // the journal under every reading
	readings    []readingLine // the same where there is no statement, else what the statement was compared with
	limits      tolerance
	doubts      *doubts
	settled     *settled // nil: no statement was reconciled
	corrections []store.Correction
	closure     *store.Closure         // nil: the month is open
	scopes      []store.StatementScope // of the month, superseded ones too
	runs        []store.RunFact
	first       store.RunFact // the database's
	checks      *checkList
	places      financePlaces
	book        *Workbook
	newTypes    map[string]int64 // pricing values nobody knows
}

// financePlaces is where figures stand that other sheets refer to.
type financePlaces struct {
	matrix, codes, regions, days, rates, readings, readingSums *table
	classes, doubts, amounts, grosses                          *table
	feeds                                                      map[string]feed // of the waterfalls, by currency
	bridges                                                    map[string]bridgeSum
	exceptions, lines                                          *longList
}

// take reads everything but the long lists.
func (f *finance) take(ctx context.Context) error {
	rows, err := readPrices(f.Prices)
	if err != nil {
		return err
	}
	if f.money, err = addAmounts(f.Amounts); err != nil {
		return err
	}
	if f.Generated, err = generated(ctx, f.facts, f.Period, f.Generated); err != nil {
		return err
	}
	if err := f.takeSettled(ctx); err != nil {
		return err
	}
	if s := f.settled; s != nil { // what it was judged by
		f.ToleranceAbs, f.ToleranceRel = s.ToleranceAbs, s.ToleranceRel
	}
	if f.limits, err = readTolerance(f.ToleranceAbs, f.ToleranceRel); err != nil {
		return err
	}
	if err := f.takeUsage(ctx, rows); err != nil {
		return err
	}
	counts, err := f.facts.CallCounts(ctx, f.Period.From, f.Period.To)
	if err != nil {
		return err
	}
	for _, c := range counts {
		f.journal.add(store.Usage{Outcome: c.Outcome, Tag: c.Tag, Calls: c.Calls})
	}
	if err := f.takeDoubts(ctx); err != nil {
		return err
	}
	if err := f.takeClosed(ctx); err != nil {
		return err
	}
	f.rankCurrencies()
	if err := f.takeReadings(ctx); err != nil {
		return err
	}
	f.regions, f.matrix, f.days = f.regionLines(), f.matrixLines(), f.dayLines()
	return nil
}

// takeClosed reads whether the month is closed, and what it bears for closed ones.
func (f *finance) takeClosed(ctx context.Context) (err error) {
	if f.corrections, err = f.facts.Corrections(ctx, f.Period.Label); err != nil {
		return err
	}
	if f.closure, err = f.facts.Closure(ctx, f.Period.Label); err != nil {
		return err
	}
	f.first, f.runs, err = f.facts.Runs(ctx, f.Period.From, f.Period.To)
	return err
}

// takeUsage reads the usage from the beginning of the billing month and prices it under every reading.
func (f *finance) takeUsage(ctx context.Context, rows []*priceRow) error {
	first := f.Period.From.In(f.zone())
	month := Month(first.Year(), first.Month(), f.zone())
	all, err := f.facts.Usage(ctx, month.From, f.Period.To)
	if err != nil {
		return err
	}
	for _, u := range all {
		if !u.Quarter.Before(f.Period.From) {
			f.usage = append(f.usage, u)
		}
	}
	p := pricing{rows: rows, zone: f.zone(), period: f.Period}
	for _, reading := range readings() {
		billable, err := f.billableUnder(ctx, reading, month.From)
		if err != nil {
			return err
		}
		charges, terms := p.charges(all, billable)
		f.addReading(reading, charges)
		if reading == f.Reading {
			f.ledger = newLedger(charges, terms, f.Period)
		}
	}
	if f.ledger == nil {
		return fmt.Errorf("there is no reading %q", f.Reading)
	}
	for _, l := range f.ledger.lines {
		f.post(l)
		if l.term == 0 {
			f.unpriced += l.billable
		}
	}
	return nil
}

// billableUnder returns how many of some calls count under a reading. Two of them need the journal.
func (f *finance) billableUnder(ctx context.Context, reading string, from time.Time) (func(store.Usage) int64, error) {
	once := f.facts.PaidChecks
	switch reading {
	case readingTransaction:
		once = f.facts.PaidTransactions
	case readingDistinct:
	default:
		return func(u store.Usage) int64 {
			if billedUnder(reading, u) {
				return u.Calls
			}
			return 0
		}, nil
	}
	paid, err := once(ctx, from, f.Period.To)
	if err != nil {
		return nil, err
	}
	count := map[store.Usage]int64{}
	for _, u := range paid {
		key := u
		key.Calls = 0
		count[key] += u.Calls
	}
	return func(u store.Usage) int64 {
		u.Calls = 0
		return count[u]
	}, nil
}

// rankCurrencies puts the currency with the most billable calls first.
func (f *finance) rankCurrencies() {
	calls := map[string]int64{}
	for _, t := range f.ledger.terms {
		calls[t.row.Currency] += t.calls
	}
	if f.settled != nil {
		for _, name := range f.settled.currencies() {
			calls[name] += f.settled.in(name).theirCalls
		}
	}
	f.priced = sortedKeys(calls)
	slices.SortStableFunc(f.priced, func(a, b string) int { return cmp.Compare(calls[b], calls[a]) })
}

// rank is where a currency stands among the others; what has no price comes last.
func (f *finance) rank(currency string) int {
	if i := slices.Index(f.priced, currency); i >= 0 {
		return i
	}
	return len(f.priced)
}

// workbook builds the sheets. They get their places first, in the order in which people read; then they are written in
// the order in which one refers to another.
func (f *finance) workbook(ctx context.Context) *Workbook {
	f.book = &Workbook{Title: "Liveness billing · " + f.Period.Label, Subject: "Calls to the liveness API and what they cost, " + f.Period.describe(),
		Generator: strings.TrimSpace("liverecon " + f.Version), Created: f.Generated, facts: f.facts, finance: f,
		Origin: Origin{Kind: "finance", Label: f.Period.Label, From: f.Period.From, To: f.Period.To, Version: f.Version, Verdict: f.Verdict, Generated: f.Generated}}
	sent := "Calls sent " + f.Period.describe()
	summary := newPage(f.book, "Summary", "Liveness billing — "+f.Period.Label, sent+" · "+f.against()+" · a call is one request")
	var reconciliation *page
	if f.settled != nil {
		reconciliation = newPage(f.book, "Reconciliation", "Reconciliation with the vendor's statement", sent+" · "+f.against()+" · difference = theirs − ours", 24, 10, 10, 11, 11, 13, 13, 13, 10, 9, 17, 17, 17)
	}
	readings := newPage(f.book, "Billing readings", "Billing readings", sent+" · the same calls counted under every plausible reading of what is billed", 22, 12, 11, 12, 11, 14, 14, 13, 17, 12, 14, 18)
	if f.settled != nil {
		f.exceptionSheets(ctx)
	}
	doubts := newPage(f.book, "In doubt", "Calls in doubt", sent+" · calls that may have been charged without our knowing · liverecon explain ID tells a check's whole story", doubtWidths()...)
	regions := newPage(f.book, "By region and code", "Calls and amounts by region and code", sent+" · region of the list's row, not of the host", 20, 30, 6, 10, 10, 11, 10, 10, 10, 11, 10, 10, 15)
	days := newPage(f.book, "By day", "Calls and amounts by day", sent, f.dayWidths()...)
	matrix := newPage(f.book, "Code by pricing", "Code by pricing, as received", sent+", by endpoint · the vendor's page expects PAY on SUCCESS and FREE on everything else", matrixWidths()...)
	rates := newPage(f.book, "Rates", "Rates: the price book as used", sent+" · rates live in the configuration", 8, 11, 16, 10, 12, 13, 18, 11, 11, 11, 11, 11, 12, 10, 15)
	var corrections *page
	if len(f.corrections) > 0 {
		corrections = newPage(f.book, "Corrections", "Prior-period corrections", "What came to light about closed months and is borne by "+f.Period.Label, 12, 20, 14, 20, 10, 12, 12, 16)
	}
	signOff := newPage(f.book, "Sign-off", "Sign-off", "To be filled in when the exceptions have been worked · figures and checks are live", 40, 20, 14, 20, 20, 46)
	f.ledgerSheet(f.book.NewSheet("Ledger"))
	switch {
	case f.settled == nil:
	case f.rowsInside():
		f.lineSheets(ctx)
	default:
		f.book.Beside = "finance_" + f.Period.Label + "_lines.csv"
	}
	definitions := newDefinitions(f.book, f.Period)

	f.doubtSheet(ctx, doubts)
	f.regionSheet(regions)
	f.daySheet(days)
	f.matrixSheet(ctx, matrix)
	f.rateSheet(rates)
	f.readingSheet(readings)
	if reconciliation != nil {
		f.reconciliationSheet(reconciliation)
	}
	if corrections != nil {
		f.correctionSheet(corrections)
	}
	f.summary(summary)
	f.signOffSheet(signOff)
	f.definitions(definitions)
	return f.book
}

// bill counts calls by what they cost as far as the vendor said.
type bill struct{ pay, free, unknown, unanswered, unsent int64 }

func (b *bill) add(u store.Usage) {
	switch kindOf(u) {
	case kindUnsent:
		b.unsent += u.Calls
	case kindUnanswered:
		b.unanswered += u.Calls
	case kindPay:
		b.pay += u.Calls
	case kindFree:
		b.free += u.Calls
	default:
		b.unknown += u.Calls
	}
}

func (b bill) calls() int64   { return b.pay + b.free + b.unknown + b.unanswered + b.unsent }
func (b bill) doubt() int64   { return b.unknown + b.unanswered }
func (b bill) ceiling() int64 { return b.pay + b.doubt() }

// noAnswer and notSent stand where a call has no code.
const (
	noAnswer = "(no answer)"
	notSent  = "(not sent)"
)

func codeOf(u store.Usage) string {
	switch {
	case u.Outcome == store.Unanswered:
		return noAnswer
	case u.Outcome == store.Unsent:
		return notSent
	case u.Code == "":
		return "(no code)"
	}
	return u.Code
}

// compareCodes puts SUCCESS first and what has no code last.
func compareCodes(a, b string) int {
	rank := func(code string) int {
		switch {
		case code == success:
			return 0
		case strings.HasPrefix(code, "("):
			return 2
		}
		return 1
	}
	return cmp.Or(rank(a)-rank(b), strings.Compare(a, b))
}

// success is the only code that the vendor's page bills.
const success = "SUCCESS"
