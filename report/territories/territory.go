// Package territories makes head office's workbooks over the exports of several databases. Figures are made by the
// engines of the territories' own workbooks, from counts and prices that the exports have: no ID crosses a border.
package territories

import (
	"cmp"
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/report/finance/figures"
	"liverecon/report/risk/survey"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/parquet"
	"liverecon/store/parquet/load"
	"liverecon/store/rollup"
)

// territory holds one export, as far as a month goes.
type territory struct {
	name          string
	lake          *load.Lake
	label         string // the month
	month         parquet.Month
	zone, billing *time.Location
	starts        int
	rule          survey.Rule
	basis         billing.Basis
	clock         string
	version       string
}

// open reads what the figures of an export that is proven depend on.
func open(lake *load.Lake, dir, month string) (*territory, error) {
	t := &territory{name: filepath.Base(filepath.Clean(dir)), lake: lake, label: month}
	var known bool
	if t.month, known = lake.Manifest.Months[month]; !known {
		return nil, fmt.Errorf("%s has no month %s: it has %s", dir, month, strings.Join(lake.Months(), ", "))
	}
	if t.month.Schema != parquet.Schema {
		return nil, fmt.Errorf("%s has %s by schema version %d, and figures are made of version %d: let an up-to-date "+
			"program export it again", dir, month, max(t.month.Schema, 1), parquet.Schema)
	}
	err := lake.Each(month, "settings", func(r *load.Row) (err error) {
		if t.zone, err = time.LoadLocation(r.Text("time_zone")); err != nil {
			return err
		}
		if t.billing, err = time.LoadLocation(r.Text("billing_time_zone")); err != nil {
			return err
		}
		t.starts = int(r.Int("month_starts"))
		t.rule = survey.Rule{Threshold: r.Float("threshold"), Inclusive: r.Bool("threshold_inclusive")}
		t.basis, err = billing.ParseBasis(cmp.Or(r.Text("reading"), string(billing.PayTag)))
		t.clock, t.version = r.Text("clock"), r.Text("version")
		return err
	})
	if err == nil && t.zone == nil {
		err = fmt.Errorf("%s has no settings of %s", dir, month)
	}
	return t, err
}

// newestOfAll returns the newest month that every export has.
func newestOfAll(lakes []*load.Lake, dirs []string) (string, error) {
	months := lakes[0].Months()
	has := make([]string, len(lakes))
	for i, lake := range lakes {
		has[i] = fmt.Sprintf("%s has %s", dirs[i], strings.Join(lake.Months(), ", "))
		months = slices.DeleteFunc(months, func(month string) bool { return !slices.Contains(lake.Months(), month) })
	}
	if len(months) == 0 {
		return "", fmt.Errorf("there is no month that all of them have: %s", strings.Join(has, "; "))
	}
	return months[len(months)-1], nil
}

// openAll proves the exports and opens a month of them, "" for the newest that each of them has. Two of one database
// would be counted twice: that is an error.
func openAll(ctx context.Context, dirs []string, month string) (all []*territory, err error) {
	lakes := make([]*load.Lake, len(dirs))
	for i, dir := range dirs {
		if lakes[i], err = load.Open(ctx, dir); err != nil {
			return nil, err
		}
	}
	if month == "" {
		if month, err = newestOfAll(lakes, dirs); err != nil {
			return nil, err
		}
	}
	seen, names := map[string]string{}, map[string]int{}
	for i, dir := range dirs {
		t, err := open(lakes[i], dir, month)
		if err != nil {
			return nil, err
		}
		if other, twice := seen[t.lake.Manifest.Database]; twice {
			return nil, fmt.Errorf("%s and %s are exports of one database: it would be counted twice", other, dir)
		}
		seen[t.lake.Manifest.Database] = dir
		if names[strings.ToLower(t.name)]++; names[strings.ToLower(t.name)] > 1 {
			t.name = fmt.Sprintf("%s %d", t.name, names[strings.ToLower(t.name)])
		}
		all = append(all, t)
	}
	slices.SortStableFunc(all, func(a, b *territory) int { return cmp.Compare(a.name, b.name) })
	return all, nil
}

// scores counts the answers of the month in the territory's own zone. A month of the export that is of other days, as
// where billing months begin later, has some of them; answers that came late for a closed month are no part of it, as
// they are none of its workbook.
func (t *territory) scores() (*survey.Survey, calendar.Period, error) {
	period, err := calendar.ParseMonth(t.label, t.zone)
	if err != nil {
		return nil, period, err
	}
	if t.clock != "" && t.clock != string(calendar.ByAnswer) {
		return nil, period, fmt.Errorf("%s: its risk goes by the time of capture, which exports do not count by",
			t.name)
	}
	v := survey.New()
	sink := v.Sink(period, t.rule)
	for _, name := range t.lake.Months() {
		m := t.lake.Manifest.Months[name]
		if !m.From.Before(period.To) || !period.From.Before(m.To) {
			continue
		}
		err := t.lake.Each(name, "score_counts", func(r *load.Row) error {
			y, mo, d := r.Date("answered_on").Date()
			day := calendar.BusinessDay(time.Date(y, mo, d, 12, 0, 0, 0, t.zone), t.zone)
			if day.From.Before(period.From) || !day.From.Before(period.To) || !day.From.Before(m.To) ||
				!m.From.Before(day.To) {
				return nil
			}
			s := rollup.Scores{Day: day.From, Region: r.Region, Endpoint: r.Text("endpoint"),
				AttackType: r.Text("attack_code"), Answers: r.Int("answers")}
			if !r.Null("score") {
				s.Bins = []rollup.ScoreBin{{Score: r.Float("score"), Answers: s.Answers}}
			}
			sink.Add(&s)
			return nil
		})
		if err != nil {
			return nil, period, err
		}
	}
	v.Sort(30)
	return v, period, nil
}

// account holds calls and what they cost, by endpoint, region and currency.
type account struct {
	endpoint, region, currency string
	figures.Account
}

// theirs holds what a statement has of a class, or of what is borne of a closed month.
type theirs struct {
	class, currency        string
	rows, ourN, theirN     int64
	ourAmount, theirAmount decimal.Decimal
}

// bill holds a territory's finance figures.
type bill struct {
	accounts    []*account
	reconciled  []*theirs
	corrections []*theirs
	billed      map[string]decimal.Decimal // lines of statements, by currency
	currencies  []string
}

// finance prices the calls of the month and reads what was billed of it.
func (t *territory) finance() (*bill, error) {
	book, err := t.book()
	if err != nil {
		return nil, err
	}
	month := calendar.Period{From: t.month.From, To: t.month.To, Label: t.label, Zone: t.billing}
	var usage []store.Usage
	err = t.lake.Each(t.label, "usage", func(r *load.Row) error {
		u := store.Usage{Quarter: r.Time("quarter_at"), Endpoint: r.Text("endpoint"), Region: r.Region,
			Outcome: store.Outcome(r.Text("outcome")), Code: r.Text("code"), Pricing: r.Text("pricing"),
			Tag: store.Tag(r.Text("tag")), Calls: r.Int("calls")}
		if !u.Quarter.Before(month.From) && u.Quarter.Before(month.To) { // others are late ones: see corrections
			usage = append(usage, u)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(usage, func(a, b store.Usage) int {
		return cmp.Or(a.Quarter.Compare(b.Quarter), cmp.Compare(a.Endpoint, b.Endpoint),
			cmp.Compare(a.Region, b.Region))
	})
	ledger, err := figures.LedgerOfMonth(usage, book, month, t.basis)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", t.name, err)
	}
	b := &bill{billed: map[string]decimal.Decimal{}}
	b.post(ledger)
	if err := t.readBilled(b); err != nil {
		return nil, err
	}
	b.listCurrencies()
	return b, nil
}

// post adds up the lines of a ledger.
func (b *bill) post(ledger *figures.Ledger) {
	found := map[[3]string]*account{}
	for _, l := range ledger.Lines {
		key := [3]string{l.Endpoint, l.Region, ledger.Currency(l)}
		if found[key] == nil {
			found[key] = &account{endpoint: key[0], region: key[1], currency: key[2]}
			b.accounts = append(b.accounts, found[key])
		}
		found[key].Post(l)
	}
	slices.SortFunc(b.accounts, func(a, z *account) int {
		return cmp.Or(cmp.Compare(a.endpoint, z.endpoint), cmp.Compare(a.region, z.region),
			cmp.Compare(a.currency, z.currency))
	})
}

// readBilled reads lines of statements, what reconciling found and what the month bears of closed ones.
func (t *territory) readBilled(b *bill) error {
	err := t.lake.Each(t.label, "statement_lines", func(r *load.Row) error {
		if r.Text("kind") != "total" && !r.Bool("superseded") {
			currency := r.Text("currency")
			b.billed[currency] = b.billed[currency].Add(r.Money("amount"))
		}
		return nil
	})
	if err != nil {
		return err
	}
	find := func(all *[]*theirs, class, currency string) *theirs {
		for _, has := range *all {
			if has.class == class && has.currency == currency {
				return has
			}
		}
		is := &theirs{class: class, currency: currency}
		*all = append(*all, is)
		return is
	}
	err = t.lake.Each(t.label, "reconciled", func(r *load.Row) error {
		find(&b.reconciled, r.Text("class"), r.Text("currency")).add(r.Int("our_quantity"), r.Int("their_quantity"),
			r.Money("our_amount"), r.Money("their_amount"))
		return nil
	})
	if err != nil {
		return err
	}
	err = t.lake.Each(t.label, "corrections", func(r *load.Row) error {
		find(&b.corrections, r.Text("closed_month")+", "+r.Text("kind"), r.Text("currency")).add(r.Int("quantity"),
			r.Int("their_quantity"), r.Money("amount"), r.Money("their_amount"))
		return nil
	})
	byName := func(a, z *theirs) int {
		return cmp.Or(cmp.Compare(a.class, z.class), cmp.Compare(a.currency, z.currency))
	}
	slices.SortFunc(b.reconciled, byName)
	slices.SortFunc(b.corrections, byName)
	return err
}

func (t *theirs) add(ourN, theirN int64, ours, amount decimal.Decimal) {
	t.rows, t.ourN, t.theirN = t.rows+1, t.ourN+ourN, t.theirN+theirN
	t.ourAmount, t.theirAmount = t.ourAmount.Add(ours), t.theirAmount.Add(amount)
}

// places returns the most decimals that an amount has.
func (b *bill) places() (most int) {
	count := func(d decimal.Decimal) {
		if _, fraction, has := strings.Cut(d.String(), "."); has {
			most = max(most, len(fraction))
		}
	}
	for _, a := range b.accounts {
		count(a.Amount)
	}
	for _, amount := range b.billed {
		count(amount)
	}
	for _, is := range slices.Concat(b.reconciled, b.corrections) {
		count(is.ourAmount)
		count(is.theirAmount)
	}
	return most
}

func (b *bill) listCurrencies() {
	for _, a := range b.accounts {
		b.currencies = append(b.currencies, a.currency)
	}
	for currency := range b.billed {
		b.currencies = append(b.currencies, currency)
	}
	slices.Sort(b.currencies)
	b.currencies = slices.Compact(b.currencies)
}

// book makes the price book of the month's tiers.
func (t *territory) book() (*billing.Book, error) {
	var prices []billing.Price
	err := t.lake.Each(t.label, "prices", func(r *load.Row) error {
		p := billing.Price{Endpoint: r.Text("endpoint"), Region: r.Text("region"), Currency: r.Text("currency"),
			From: r.Date("valid_from"), To: r.Date("valid_to"), Kind: billing.TierKind(r.Text("tier_kind")),
			FreeQuota: r.Int("free_quota"), Minimum: r.Money("minimum_amount")}
		tier := billing.Tier{UpTo: r.Int("up_to"), Unit: r.Money("unit_price")}
		if last := len(prices) - 1; r.Int("tier") > 1 && last >= 0 {
			prices[last].Tiers = append(prices[last].Tiers, tier)
			return nil
		}
		p.Tiers = []billing.Tier{tier}
		prices = append(prices, p)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return billing.NewMonthlyBook(prices, billing.Months{Zone: t.billing, Starts: t.starts})
}
