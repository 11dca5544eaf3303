package match

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// matchCase is a small reconciliation of November 2026 in words.
//
// A call is "number place time answer transaction [number of its ID, or billed on another month's statement]". The
// answer is PAY, FREE, ODD (a tag nobody knows) or LOST; with "!" the code is not the usual one (SUCCESS for PAY
// alone). A line is "kind place time transaction quantity amount currency [tag [unit price]]", a time without a clock being a date.
// A place is "endpoint/region"; "-" is empty everywhere.
type matchCase struct {
	basis      billing.Basis   // "": pay-tag
	prices     []billing.Price // none: 0.03 USD at sg
	unpriced   bool
	imported   []Scope
	tolerance  billing.Tolerance
	calls      []string
	lines      []string
	neighbours []string // "month-" and a line
	lost       []string // the bounds of a time that the database lost, ...
	lostCalls  int64    // ... and how many calls at most
	refuted    bool     // the contract's reading, looked at where times are lost

	rows    []string // "class call/line ours amount, theirs amount [issue amount] | note"
	bridge  []string // "currency step quantity amount", those that are not zero
	settled []string // "call billed" or "call not billed"
}

func (c *matchCase) matcher(t *testing.T) *Matcher {
	t.Helper()
	if c.prices == nil && !c.unpriced {
		c.prices = []billing.Price{flat("sg", "*", "2026-01-01", "0.03")}
	}
	if c.basis == "" {
		c.basis = billing.PayTag
	}
	m := NewMatcher(mustBook(t, zone(t, "Asia/Singapore"), c.prices...), Options{
		Month: billedMonth, Basis: c.basis, Edge: 24 * time.Hour, Window: 15 * time.Minute, Imported: c.imported, Tolerance: c.tolerance, Lost: lostTime(t, c),
	})
	for _, text := range c.calls {
		m.Call(parseCall(t, text))
	}
	for i, text := range c.lines {
		l := parseLine(t, text)
		l.Number = i + 1
		if err := m.Line(9, l); err != nil {
			t.Fatal(err)
		}
	}
	for _, text := range c.neighbours {
		month, rest, _ := strings.Cut(text, " ")
		l := parseLine(t, rest)
		l.Month = mustPeriod(t, month)
		m.Neighbour(8, l)
	}
	return m
}

func (c *matchCase) check(t *testing.T) *Result {
	t.Helper()
	result, rows := match(t, c.matcher(t))
	var got []string
	for _, r := range rows {
		text := fmt.Sprintf("%s %d/%d %d %s, %d %s", r.Class, r.CallID, r.Line, r.OurQuantity, r.OurAmount, r.TheirQuantity, r.TheirAmount)
		if !r.Priced {
			text += " not priced"
		}
		if !r.Issue.IsZero() {
			text += " issue " + r.Issue.String()
		}
		if r.Note != "" {
			text += " | " + r.Note
		}
		got = append(got, text)
	}
	compare(t, "rows", got, c.rows)
	got = nil
	for _, b := range result.Bridge {
		if b.Quantity != 0 || !b.Amount.IsZero() {
			got = append(got, fmt.Sprintf("%s %s %d %s", b.Currency, b.Step, b.Quantity, b.Amount))
		}
	}
	if c.bridge != nil {
		compare(t, "bridge", got, c.bridge)
	}
	got = nil
	for _, r := range result.Resolutions {
		got = append(got, fmt.Sprint(r.CallID, map[bool]string{true: " billed", false: " not billed"}[r.Billed]))
	}
	compare(t, "resolutions", got, c.settled)
	return result
}

func compare(t *testing.T, what string, got, want []string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n\t%s\nwant:\n\t%s", what, strings.Join(got, "\n\t"), strings.Join(want, "\n\t"))
	}
}

func parseCall(t *testing.T, text string) *Call {
	t.Helper()
	f := strings.Fields(text)
	c := &Call{ID: number(t, f[0]), CheckID: number(t, f[0]), Outcome: Answered, TransactionID: dash(f[4])}
	c.Endpoint, c.Region = parsePlace(f[1])
	c.SentAt, _ = parseTime(t, f[2])
	answer, unusual := strings.CutSuffix(f[3], "!")
	switch answer {
	case "PAY", "FREE":
		c.Tag, c.Pricing = billing.Tag(answer), answer
	case "LOST":
		c.Outcome, c.Tag = Unanswered, billing.Unknown
	default:
		c.Tag, c.Pricing = billing.Unknown, answer
	}
	c.Success = (answer == "PAY") != unusual
	switch {
	case len(f) > 5 && f[5] == "billed":
		c.Billed = true
	case len(f) > 5:
		c.CheckID = number(t, f[5])
	}
	return c
}

func parseLine(t *testing.T, text string) *statement.Line {
	t.Helper()
	f := strings.Fields(text)
	l := &statement.Line{
		Kind: statement.LineKind(f[0]), TransactionID: dash(f[3]), Month: billedMonth, Quantity: number(t, f[4]), Amount: dec(f[5]), Currency: f[6],
	}
	l.Endpoint, l.Region = parsePlace(f[1])
	l.ChargedAt, l.DateOnly = parseTime(t, f[2])
	if len(f) > 7 {
		l.Pricing = dash(f[7])
	}
	if len(f) > 8 {
		l.Unit = decimal.NewNullDecimal(dec(f[8]))
	}
	return l
}

func parsePlace(text string) (endpoint, region string) {
	endpoint, region, _ = strings.Cut(text, "/")
	return dash(endpoint), dash(region)
}

func parseTime(t *testing.T, text string) (at time.Time, dateOnly bool) {
	t.Helper()
	if text == "-" {
		return time.Time{}, false
	}
	layout, dateOnly := "2006-01-02T15:04:05.999", !strings.Contains(text, "T")
	if dateOnly {
		layout = "2006-01-02"
	}
	at, err := time.ParseInLocation(layout, "2026-"+text, zone(t, "Asia/Singapore"))
	if err != nil {
		t.Fatal(err)
	}
	return at.UTC(), dateOnly
}

func mustPeriod(t *testing.T, text string) billing.Period {
	t.Helper()
	p, err := billing.ParsePeriod(text)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func number(t *testing.T, text string) int64 {
	t.Helper()
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func dash(text string) string {
	if text == "-" {
		return ""
	}
	return text
}
