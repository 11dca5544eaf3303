package figures

import (
	"context"
	"strings"
	"time"

	"liverecon/batch/billing"
	"liverecon/batch/billing/accrual"
	"liverecon/batch/billing/contract"
	"liverecon/batch/billing/exchange"
	"liverecon/report/dispute/register"
	"liverecon/report/page"
	"liverecon/report/worked"
	"liverecon/report/xlsx"
	"liverecon/store/accounts"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// Options describes what a finance workbook is about, and what only the configuration knows.
type Options struct {
	Period  calendar.Period  // a month is one of BillingZone
	Amounts []billing.Amount // what the calls cost at least and at most; without them these two stay empty
	// returns Amounts as of the moment that is reported; nil: they are given
	Price func(context.Context, *snapshot.Snapshot) ([]billing.Amount, error)
	// returns the prices of an earlier month that is open, such as 2026-10; nil: the same
	BookOf   func(ctx context.Context, snap *snapshot.Snapshot, month string) (*billing.Book, error)
	Prices   *billing.Book   // nil stands for one without prices: quantities are reported and amounts stay empty
	MonthCap billing.Amounts // most that a month may cost; empty: no limit
	Accounts accrual.Chart   // where a journal posts to

	Contracts  []contract.Contract // with the vendor
	Functional exchange.Table      // rates for memo columns

	Keep      []string // columns of the lists that costs are told by
	FocusTags []string // what costs for other programs are parted by: ListTag, or columns of Keep; empty: by nothing

	Basis billing.Basis // what is billed by contract; "" stands for pay-tag
	// whose months quota, tiers and minimum are counted in; nil stands for the period's zone
	BillingZone *time.Location
	Tolerance   billing.Tolerance
	Settings    string    // all that decides what a month comes to, as reconciling keeps it; "" where it is not known
	OtherPrices bool      // the configuration has others than the month stays at
	AsClosed    bool      // a closed month has the counts and prices that it was closed with
	LinesInside int64     // up to how many reconciled lines stand in the workbook; 0 stands for 100,000
	Version     string    // of this program
	Verdict     string    // the run's verdict, when a run makes the report: the workbook's first cell
	Generated   time.Time // the time the file bears; zero stands for that of the newest fact in the period

	// the decisions and signatures that a workbook had when it was written, while the month was open; nil: those of now
	AsOf *worked.AsOf

	SheetRows int // of a list before it goes on in another sheet, fewer than page.ListRows in tests
}

func (o Options) withDefaults() Options {
	if o.Basis == "" {
		o.Basis = billing.PayTag
	}
	if o.BillingZone == nil {
		o.BillingZone = o.Period.Zone
	}
	if o.Prices == nil {
		o.Prices = &billing.Book{Location: o.BillingZone}
	}
	if o.LinesInside == 0 {
		o.LinesInside = 100_000
	}
	if o.SheetRows == 0 {
		o.SheetRows = page.ListRows
	}
	return o
}

// BillingMonths returns the months whose tiers and minimums the prices are of.
func (o *Options) BillingMonths() calendar.Months {
	return calendar.Months{Zone: o.BillingZone, Starts: o.Prices.Starts}
}

// Data holds the figures that the sheets show. Nothing changes it after Load. Of a reconciled month the tolerance is
// the reconciliation's, and Generated is not before it.
type Data struct {
	Options
	Snap       *snapshot.Snapshot // of which the long lists are read while the file is written
	Ledger     *Ledger
	Unpriced   Unpriced
	Currencies Currencies // of the price book and the statement, the one with the most calls first
	Regions    []RegionLine
	Days       []DayLine
	Matrix     Matrix
	Reasons    []ReasonLine // empty where no ID was asked again
	Costs      Costs        // of the lists, and of what their rows say
	Money      []Currency
	Bases      []BasisLine // where there is a statement, what it was compared with
	InDoubt    *InDoubt
	Reconciled *Reconciled      // nil: no statement was reconciled
	Covered    Coverage         // the endpoints that the statement is about
	Outlook    *Outlook         // nil: the period is no month
	Rolled     *RollForward     // nil: the period is no month
	Disputes   *register.Book   // of the month and of those before it
	FirstRun   snapshot.RunSpan // of the database
	Records
}

// Records holds what the database holds of the period beside its usage.
type Records struct {
	Journal    Bill // counted from the calls themselves
	Closing    Closing
	Provenance Provenance
	Suspects   int64 // calls whose answer, and with it the tag, may be another call's
}

// Load reads everything but the long lists.
func Load(ctx context.Context, snap *snapshot.Snapshot, o Options) (*Data, error) {
	o = o.withDefaults()
	if o.Price != nil {
		var err error
		if o.Amounts, err = o.Price(ctx, snap); err != nil {
			return nil, err
		}
	}
	money, err := addAmounts(o.Amounts)
	if err != nil {
		return nil, err
	}
	if o.Generated, err = page.Generated(ctx, snap, o.Period, o.Generated); err != nil {
		return nil, err
	}
	closure, o, err := asClosed(ctx, snap, o)
	if err != nil {
		return nil, err
	}
	o, found, err := loadReconciled(ctx, snap, o)
	if err != nil {
		return nil, err
	}
	usage, err := loadUsage(ctx, snap, o, closure)
	if err != nil {
		return nil, err
	}
	inDoubt, err := loadInDoubt(ctx, snap, o, usage.ledger)
	if err != nil {
		return nil, err
	}
	ranked := rankCurrencies(usage.ledger, found)
	if found != nil {
		found.Billed = ranked.of(found.currencies())
	}
	bases, err := loadBases(ctx, snap, found, usage.bases, inDoubt.may, ranked)
	if err != nil {
		return nil, err
	}
	reasons, err := loadReasons(ctx, snap, o, usage, ranked)
	if err != nil {
		return nil, err
	}
	costs, err := loadCosts(ctx, snap, o, usage, closure)
	if err != nil {
		return nil, err
	}
	records, err := loadRecords(ctx, snap, o.Period)
	if err != nil {
		return nil, err
	}
	if o.AsOf != nil {
		records.Closing.closure = nil
	}
	first, _, err := snap.Runs(ctx, time.Time{}, time.Time{})
	if err != nil {
		return nil, err
	}
	d := &Data{
		Options: o, Snap: snap, FirstRun: first, Ledger: usage.ledger, Unpriced: usage.ledger.unpriced(inDoubt.Unpriced),
		Currencies: ranked,
		Regions:    RegionLines(usage.ledger, ranked, usage.ledger.Lines), Days: dayLines(usage.ledger, o.Period),
		Matrix: countMatrix(usage.calls), Reasons: reasons, Costs: costs, Money: money, Bases: bases, InDoubt: inDoubt,
		Reconciled: found, Covered: coverageOf(usage.ledger, found), Records: records,
	}
	if err := d.loadDisputes(ctx, snap); err != nil {
		return nil, err
	}
	if d.Rolled, err = loadRollForward(ctx, snap, d); err != nil {
		return nil, err
	}
	d.Outlook, err = loadOutlook(ctx, snap, d)
	return d, err
}

// asClosed returns a closed month's closure, 0 for none, and the options with the prices that it was closed with.
func asClosed(ctx context.Context, snap *snapshot.Snapshot, o Options) (int64, Options, error) {
	if !o.AsClosed || !o.Period.IsMonth() {
		return 0, o, nil
	}
	closure, err := snap.Months().Closure(ctx, o.Period.Label)
	if err != nil || closure == nil {
		return 0, o, err
	}
	if strings.Contains(closure.Settings, `"prices"`) {
		o.Prices, err = billing.ParseBook(closure.Settings, time.LoadLocation)
	}
	return closure.ID, o, err
}

func loadRecords(ctx context.Context, snap *snapshot.Snapshot, p calendar.Period) (v Records, err error) {
	if v.Journal, err = loadJournal(ctx, snap, p); err != nil {
		return v, err
	}
	if v.Suspects, err = snap.Calls().CountSuspect(ctx, p.From, p.To); err != nil {
		return v, err
	}
	if v.Closing, err = loadClosing(ctx, snap, p); err != nil {
		return v, err
	}
	v.Provenance, err = loadProvenance(ctx, snap, p)
	return v, err
}

// Closing holds what the month bears for closed ones, and its own closure.
type Closing struct {
	Corrections []accounts.Correction
	Borne       []accounts.CorrectionRow // the same, item by item
	Invoices    map[int64]string         // of their lines: names by statement
	closure     *accounts.Closure        // nil: the month is open
	Repriced    []accounts.PriceUse      // prices of the configuration with which the month changed
}

func loadClosing(ctx context.Context, snap *snapshot.Snapshot, p calendar.Period) (c Closing, err error) {
	if c.Corrections, err = snap.Months().Corrections(ctx, p.Label); err != nil {
		return c, err
	}
	if c.Borne, err = snap.Months().Borne(ctx, p.Label); err != nil {
		return c, err
	}
	if len(c.Borne) > 0 {
		scopes, err := snap.Statements().Scopes(ctx, "")
		if err != nil {
			return c, err
		}
		c.Invoices = map[int64]string{}
		for _, s := range scopes {
			c.Invoices[s.StatementID] = InvoiceName(s)
		}
	}
	if c.closure, err = snap.Months().Closure(ctx, p.Label); err != nil {
		return c, err
	}
	c.Repriced, err = snap.Months().PriceChanges(ctx, p.Label)
	return c, err
}

// Text returns a sentence on since when the month is closed, "" for an open one.
func (c Closing) Text(zone *time.Location) string {
	if c.closure == nil {
		return ""
	}
	return "The month was closed at " + c.closure.ClosedAt.In(zone).Format("2006-01-02 15:04") +
		c.inSpite() + "; what comes to light now is borne by the next open month."
}

// inSpite words why the month was closed though it was not ready, and by whom; "" where it was.
func (c Closing) inSpite() string {
	if c.closure.InSpite == "" {
		return ""
	}
	return " by " + xlsx.Visible(c.closure.ClosedBy) + ", though it was not ready: " + xlsx.Visible(c.closure.InSpite)
}

// NoAmount names why there is no amount.
func (d *Data) NoAmount() string {
	if len(d.Prices.Prices) > 0 {
		return "no call with a price"
	}
	return "no price is set"
}

// Sent begins the line below a sheet's title.
func (d *Data) Sent() string { return "Calls sent " + d.Period.Describe() }
