package config

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/list"
	"liverecon/batch/rejects"
	"liverecon/store"
)

// DoubtMinimum sets how many lost answers a run may ask for again however small it is.
const DoubtMinimum = 3

const maxCalls = 1_000_000_000

func readLimits(c *Config, t *table) {
	c.Concurrency = int(t.count("concurrency", 64, 1, 10_000))
	readDeadline(c, t)
	c.RetryBudget = t.count("retry_budget", 0, 0, maxCalls)
	c.MisplacedPerRun = t.count("misplaced_ids", 500, 0, maxCalls)
	c.RejectRows = readRowLimit(t, "rejected_rows", rejects.Limit{Share: 0.05})
	c.Caps = billing.Caps{Run: readCap(t, "run"), Day: readCap(t, "day"), Month: readCap(t, "month"),
		Basis: c.Reconciling.Basis}
	t.refuseUnknown()
	if c.Prices != nil {
		checkCaps(c, t)
	}
	shareConcurrency(c, t)
}

// readRowLimit reads how many rows of a list may be rejected: a share such as "5%", or a number.
func readRowLimit(t *table, name string, otherwise rejects.Limit) rejects.Limit {
	switch v, _ := t.value(name); v.(type) {
	case nil:
		return otherwise
	case string:
		return rejects.Limit{Share: readShare(t, name, otherwise.Share)}
	case int64:
		return rejects.Limit{Rows: t.count(name, 0, 0, maxCalls)}
	default:
		t.wrong(name, `want a share such as "5%%" or a number of rows, not %s`, describe(v))
		return otherwise
	}
}

// readCap reads a scope's cap in money and the one in calls. The cap is named after the setting that makes it.
func readCap(t *table, scope string) billing.Cap {
	money, calls := "spend_per_"+scope, "calls_per_"+scope
	limit, err := billing.ParseCap(money, t.textsThat(money, `an amount and a currency in quotes, such as "500 USD"`)...)
	for _, e := range Flatten(err) {
		t.wrong(money, "%s", strings.TrimPrefix(e.Error(), money+": "))
	}
	if limit.Calls = t.count(calls, 0, 1, maxCalls); limit.Calls > 0 {
		limit.Name = calls
		if len(limit.Limit) > 0 {
			limit.Name = money + " or " + calls
		}
	}
	return limit
}

// checkCaps makes sure that a cap can count every call it is about.
func checkCaps(c *Config, t *table) {
	var names []string
	for _, e := range c.Endpoints {
		names = append(names, e.Name)
	}
	for _, e := range Flatten(c.Caps.Check(c.Prices, names)) {
		name, text, _ := strings.Cut(e.Error(), ": ")
		name, _, _ = strings.Cut(name, " or ")
		t.wrong(name, "%s", text)
	}
}

// shareConcurrency gives every endpoint without a concurrency of its own a fair share of what the others leave.
func shareConcurrency(c *Config, t *table) {
	left, open := c.Concurrency, 0
	for _, e := range c.Endpoints {
		left -= e.Concurrency
		if e.Concurrency == 0 {
			open++
		}
	}
	if left < open {
		t.wrong("concurrency", "%d calls at once are too few for the %d endpoints: %d are set aside for "+
			"endpoints with a number of their own", c.Concurrency, len(c.Endpoints), c.Concurrency-left)
		return
	}
	for i := range c.Endpoints {
		if e := &c.Endpoints[i]; e.Concurrency == 0 {
			e.Concurrency = left / open
			left -= e.Concurrency
			open--
		}
	}
}

func readBilling(c *Config, root *table) {
	t := root.table("billing")
	c.BillingZone = t.zone("time_zone", c.Zone)
	c.MonthStarts = int(t.count("month_starts", 1, 1, 28))
	readReconciling(c, t)
	t.refuseUnknown()
	var prices []billing.Price
	for _, p := range root.tables("price") {
		prices = append(prices, readPrice(c, p))
	}
	if slices.ContainsFunc(root.Doc.problems, func(p *problem) bool { return strings.HasPrefix(p.key, "price[") }) {
		return // a row that could not be read would only give further complaints about itself
	}
	book, err := billing.NewMonthlyBook(prices, billing.Months{Zone: c.BillingZone, Starts: c.MonthStarts})
	for _, e := range Flatten(err) {
		wrongPrice(root, e)
	}
	c.Prices = book
}

// reconciling holds how the vendor's statements are judged.
type reconciling struct {
	Basis     billing.Basis
	Edge      time.Duration // on either side of a month's bounds
	Window    time.Duration // on either side of a call in doubt
	Tolerance billing.Tolerance
	Rounding  billing.Rounding // what the contract says of it
	TaxGross  bool             // tax is on usage alone, credits do not lower it
	TaxRate   decimal.Decimal  // of the tax that amounts of usage include, as a share; zero: they include none
}

func readReconciling(c *Config, t *table) {
	var err error
	if c.Reconciling.Basis, err = billing.ParseBasis(t.text("reading", string(billing.PayTag))); err != nil {
		t.wrong("reading", "%v", err)
	}
	c.Reconciling.Edge = t.duration("edge", 24*time.Hour, 0, 15*24*time.Hour)
	c.Reconciling.Window = t.duration("doubt_window", 15*time.Minute, 0, 24*time.Hour)
	if t.has("tolerance_abs") {
		c.Reconciling.Tolerance.Abs = decimal.NewNullDecimal(readAmount(t, "tolerance_abs"))
	}
	if text := t.text("tolerance_rel", ""); t.has("tolerance_rel") {
		percent, err := parseAmount(strings.TrimSuffix(text, "%"))
		if err != nil || !strings.HasSuffix(text, "%") || percent.GreaterThan(decimal.NewFromInt(100)) {
			t.wrong("tolerance_rel", `%.40q: want a share of 0 to 100 %%, such as "0.1%%"`, text)
		}
		c.Reconciling.Tolerance.Rel = decimal.NewNullDecimal(percent.Shift(-2))
	}
}

var lineOfPrice = regexp.MustCompile(`^line ([0-9]+): `)

// wrongPrice notes a complaint of the price book, which names the line of its row.
func wrongPrice(root *table, err error) {
	p := &problem{file: root.Doc.file, key: "price", text: err.Error()}
	if m := lineOfPrice.FindStringSubmatch(p.text); m != nil {
		p.line, _ = strconv.Atoi(m[1]) // digits, as the pattern says
		p.text = strings.TrimPrefix(p.text, m[0])
	}
	root.Doc.problems = append(root.Doc.problems, p)
}

func readPrice(c *Config, t *table) billing.Price {
	p := billing.Price{
		Endpoint: t.text("endpoint", ""), Region: t.text("region", "*"), From: t.date("from"), To: t.date("to"),
		Currency:  strings.ToUpper(t.text("currency", "")),
		FreeQuota: t.count("free_quota", 0, 0, maxCalls), Minimum: readAmount(t, "minimum"), Line: t.Doc.lineOf(t.path),
	}
	for _, name := range []string{"endpoint", "from", "currency"} {
		if !t.has(name) {
			t.wrong(name, "is missing")
		}
	}
	readPricedEndpoint(c, t, p.Endpoint)
	if region, ok := list.ParseRegion(p.Region); ok {
		p.Region = region
	}
	p.Tiers, p.Kind = readTiers(t)
	t.refuseUnknown()
	return p
}

// readPricedEndpoint takes any name that an endpoint can have: calls of the month may have been made to one that is
// called otherwise by now.
func readPricedEndpoint(c *Config, t *table, name string) {
	switch {
	case name == "" || c.Knows(name):
	case !endpointName.MatchString(name):
		t.wrong("endpoint", "there is no endpoint %.40q", name)
	default:
		c.former = append(c.former, formerEndpoint{name, &problem{t.Doc.file, t.Doc.lineOf(t.key("endpoint")),
			t.key("endpoint"), fmt.Sprintf("there is no endpoint %q", name)}})
	}
}

// formerEndpoint represents an endpoint that only a price names: one that was configured once, or a slip.
type formerEndpoint struct {
	name string
	slip *problem // what is wrong if it never was
}

const formerHint = "a price is for an endpoint of the configuration, of the catalogue, or for one that calls " +
	"were made to before"

// CheckPrices refuses prices of endpoints that are neither configured nor were ever called. s is nil before the first
// run.
func (c *Config) CheckPrices(ctx context.Context, s *store.Store) error {
	var all []error
	for _, one := range c.former {
		called := false
		if s != nil {
			var err error
			if called, err = s.Endpoints().Called(ctx, one.name); err != nil {
				return err
			}
		}
		if !called {
			all = append(all, Usage(formerHint, "%w", one.slip))
		}
	}
	return errors.Join(all...)
}

// readTiers reads either `unit` for one price or `tiers` for several.
func readTiers(t *table) ([]billing.Tier, billing.TierKind) {
	kind := billing.TierKind(t.text("tier_kind", ""))
	var tiers []billing.Tier
	for _, row := range t.tables("tiers") {
		tiers = append(tiers, billing.Tier{UpTo: row.count("up_to", 0, 1, maxCalls), Unit: readAmount(row, "unit")})
		if !row.has("unit") {
			row.wrong("unit", "is missing")
		}
		row.refuseUnknown()
	}
	if unit := readAmount(t, "unit"); t.has("unit") {
		if t.has("tiers") {
			t.wrong("unit", "stands beside tiers: give one of them")
		}
		tiers = []billing.Tier{{Unit: unit}}
	}
	switch {
	case len(tiers) == 0 && !t.has("tiers"):
		t.wrong("unit", "is missing: give unit, or tiers")
	case len(tiers) > 1 && kind == "":
		t.wrong("tier_kind", "is missing: want graduated or volume")
	case kind == "":
		kind = billing.Flat
	}
	return tiers, kind
}

// readAmount reads an exact amount. A TOML float is refused: 0.035 is none in binary.
func readAmount(t *table, name string) decimal.Decimal {
	v, found := t.value(name)
	if !found {
		return decimal.Decimal{}
	}
	d, err := decimal.Decimal{}, errors.New("want an amount in quotes")
	switch v := v.(type) {
	case string:
		d, err = parseAmount(v)
	case int64:
		d, err = decimal.NewFromInt(v), nil
	case float64:
		err = fmt.Errorf(`write %v in quotes: without them it is a binary number, not an exact amount`, v)
	}
	if err != nil {
		t.wrong(name, "%v", err)
	}
	return d
}

var amountForm = regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,12})?$`)

func parseAmount(text string) (decimal.Decimal, error) {
	if !amountForm.MatchString(text) {
		return decimal.Decimal{}, fmt.Errorf(`%.40q: want an amount such as "0.035"`, text)
	}
	return decimal.NewFromString(text)
}
