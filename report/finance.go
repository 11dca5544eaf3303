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

// FinanceOptions say what a finance workbook is about.
type FinanceOptions struct {
	Period    Period
	Amounts   []Amount  // what the calls cost; without them quantities are reported and amounts stay empty
	Version   string    // of this program
	Verdict   string    // the run's verdict, when a run makes the report: the workbook's first cell
	Generated time.Time // the time the file bears; zero stands for that of the newest fact in the period
}

// Amount is what the calls of one endpoint and region cost in one currency. Floor counts the calls tagged PAY, Ceiling
// those in doubt as well. Both are decimal text; they are added up as decimals, never as floats.
type Amount struct {
	Endpoint, Region, Currency string
	Floor, Ceiling             string
}

// Finance makes the finance workbook of a period from the database and the amounts given. Close the workbook when it was
// written.
func Finance(ctx context.Context, s *store.Store, o FinanceOptions) (*Workbook, error) {
	facts, err := s.Facts(ctx)
	if err != nil {
		return nil, fmt.Errorf("finance report %s: %w", o.Period.Label, err)
	}
	f, err := takeFinance(ctx, facts, o)
	if err != nil {
		return nil, fmt.Errorf("finance report %s: %w", o.Period.Label, joinClose(err, facts))
	}
	return f.workbook(ctx), nil
}

// bill counts calls by what they cost as far as the vendor said.
type bill struct{ pay, free, unknown, unanswered, unsent int64 }

func (b *bill) add(u store.Usage) {
	switch {
	case u.Outcome == store.Unsent:
		b.unsent += u.Calls
	case u.Outcome == store.Unanswered:
		b.unanswered += u.Calls
	case u.Tag == store.TagPay:
		b.pay += u.Calls
	case u.Tag == store.TagFree:
		b.free += u.Calls
	default:
		b.unknown += u.Calls
	}
}

// plus adds the counts of another bill.
func (b *bill) plus(o bill) {
	b.pay, b.free, b.unknown = b.pay+o.pay, b.free+o.free, b.unknown+o.unknown
	b.unanswered, b.unsent = b.unanswered+o.unanswered, b.unsent+o.unsent
}

func (b bill) calls() int64   { return b.pay + b.free + b.unknown + b.unanswered + b.unsent }
func (b bill) doubt() int64   { return b.unknown + b.unanswered }
func (b bill) ceiling() int64 { return b.pay + b.doubt() }

// finance is everything the sheets of a finance workbook are made from.
type finance struct {
	FinanceOptions
	facts    *store.Facts
	usage    []store.Usage
	journal  bill // counted from the calls themselves
	all      bill
	codes    []codeLine
	matrix   []matrixLine
	days     []dayLine
	money    []currency
	places   financePlaces
	book     *Workbook
	newTypes map[string]int64 // pricing values nobody knows
}

type financePlaces struct{ matrix, codes, regions, days *table }

func takeFinance(ctx context.Context, facts *store.Facts, o FinanceOptions) (*finance, error) {
	f := &finance{FinanceOptions: o, facts: facts, newTypes: map[string]int64{}}
	var err error
	if f.usage, err = facts.Usage(ctx, o.Period.From, o.Period.To); err != nil {
		return nil, err
	}
	counts, err := facts.CallCounts(ctx, o.Period.From, o.Period.To)
	if err != nil {
		return nil, err
	}
	for _, c := range counts {
		f.journal.add(store.Usage{Outcome: c.Outcome, Tag: c.Tag, Calls: c.Calls})
	}
	if f.money, err = addAmounts(o.Amounts); err != nil {
		return nil, err
	}
	for _, u := range f.usage {
		f.all.add(u)
	}
	f.codes, f.matrix, f.days = codeLines(f.usage), f.matrixLines(), dayLines(f.usage, o.Period)
	f.Generated, err = generated(ctx, facts, o.Period, o.Generated)
	return f, err
}

// workbook builds the sheets. Summary stands first but is written last: it refers to the others.
func (f *finance) workbook(ctx context.Context) *Workbook {
	f.book = &Workbook{Title: "Liveness billing · " + f.Period.Label, Subject: "Calls to the liveness API and what they cost, " + f.Period.describe(),
		Generator: strings.TrimSpace("liverecon " + f.Version), Created: f.Generated, facts: f.facts,
		Origin: Origin{Kind: "finance", Label: f.Period.Label, From: f.Period.From, To: f.Period.To, Version: f.Version, Verdict: f.Verdict, Generated: f.Generated}}
	summary := newPage(f.book, "Summary", "Liveness billing — "+f.Period.Label, fmt.Sprintf("Calls sent %s · our records only, no vendor statement · a call is one request", f.Period.describe()))
	f.matrixSheet()
	f.codeSheet()
	f.daySheet()
	f.amountSheet()
	f.doubtSheet(ctx)
	checks := f.definitions()
	f.book.Untied = checks.untied()
	f.summary(summary, checks)
	return f.book
}

// codeLine counts the calls of one region that came back with one code.
type codeLine struct {
	region, code string
	bill         bill
}

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

// codeLines counts by region and code, each region's lines together, the region with the most to pay first.
func codeLines(usage []store.Usage) []codeLine {
	type key struct{ region, code string }
	counts, owed := map[key]*bill{}, map[string]*bill{}
	for _, u := range usage {
		k := key{u.Region, codeOf(u)}
		if counts[k] == nil {
			counts[k] = &bill{}
		}
		counts[k].add(u)
		if owed[u.Region] == nil {
			owed[u.Region] = &bill{}
		}
		owed[u.Region].add(u)
	}
	lines := make([]codeLine, 0, len(counts))
	for k, b := range counts {
		lines = append(lines, codeLine{k.region, k.code, *b})
	}
	slices.SortFunc(lines, func(a, b codeLine) int {
		return cmp.Or(cmp.Compare(owed[b.region].ceiling(), owed[a.region].ceiling()), strings.Compare(a.region, b.region), compareCodes(a.code, b.code))
	})
	return lines
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

// dayLine counts the calls of one day of the period's zone.
type dayLine struct {
	day  Period
	bill bill
}

func dayLines(usage []store.Usage, p Period) []dayLine {
	var lines []dayLine
	for _, d := range p.Days() {
		lines = append(lines, dayLine{day: d})
	}
	for i, all := range dayLinesOf(usage, p) {
		for _, u := range all {
			lines[i].bill.add(u)
		}
	}
	return lines
}
