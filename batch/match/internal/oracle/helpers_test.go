package oracle

import (
	"fmt"
	"testing"
	"time"

	"github.com/shopspring/decimal"
)

var zone = time.FixedZone("SGT", 8*60*60)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

// at is an instant of September 2026 in the billing zone, "02 15:04:05.000".
func at(s string) time.Time {
	for _, form := range []string{"2006-01 02 15:04", "2006-01 02 15:04:05", "2006-01 02 15:04:05.000"} {
		if t, err := time.ParseInLocation(form, "2026-09 "+s, zone); err == nil {
			return t
		}
	}
	panic(s)
}

// story is the input of a case.
type story struct {
	calls  []Call
	prices []PriceRow
	lines  []Line
	set    Settings
}

func newStory(prices ...PriceRow) *story { return &story{prices: prices, set: DefaultSettings(zone)} }

func flat(endpoint, price string) PriceRow {
	return PriceRow{Endpoint: endpoint, Region: "*", Currency: "USD", Kind: Flat, Tiers: []Tier{{Unit: dec(price)}}}
}

func tiered(kind PriceKind, endpoint string, tiers ...Tier) PriceRow {
	return PriceRow{Endpoint: endpoint, Region: "*", Currency: "USD", Kind: kind, Tiers: tiers}
}

func tier(upTo int, price string) Tier { return Tier{upTo, dec(price)} }

// call adds a call; a tag of "?" is an unanswered one.
func (s *story) call(endpoint string, sent time.Time, tag string) Call {
	id := fmt.Sprintf("c%04d", len(s.calls))
	c := Call{ID: id, Sent: sent, Endpoint: endpoint, Region: "SG", Subject: "s" + id, Outcome: Answered,
		Code: "SUCCESS", Tag: tag, Transaction: "x" + id}
	if tag == "?" {
		c.Outcome, c.Code, c.Tag, c.Transaction = Unanswered, "", "", ""
	}
	s.calls = append(s.calls, c)
	return c
}

// paid adds so many PAY calls, 2 minutes apart.
func (s *story) paid(n int, endpoint string, from time.Time) []Call {
	var all []Call
	for i := range n {
		all = append(all, s.call(endpoint, from.Add(time.Duration(i)*2*time.Minute), "PAY"))
	}
	return all
}

// line adds a line.
func (s *story) line(l Line) {
	l.Number = len(s.lines) + 1
	if l.Kind == "" {
		l.Kind = Usage
	}
	if l.Currency == "" {
		l.Currency = "USD"
	}
	s.lines = append(s.lines, l)
}

// bill adds a line of a call, by its transaction and time.
func (s *story) bill(c Call, amount string) {
	s.line(Line{Transaction: c.Transaction, Time: c.Sent, Endpoint: c.Endpoint, Region: c.Region, Amount: dec(amount)})
}

// cell adds a line of a count.
func (s *story) cell(day, endpoint string, q int, amount string) {
	s.line(Line{Day: day, Month: "2026-09", Endpoint: endpoint, Quantity: &q, Amount: dec(amount)})
}

// fee adds a usage line of no call.
func (s *story) fee(endpoint, amount string) {
	q := 0
	s.line(Line{Endpoint: endpoint, Quantity: &q, Amount: dec(amount)})
}

// judge reconciles September.
func (s *story) judge(t *testing.T) *judged {
	t.Helper()
	return s.judgeFiles(t, Statement{Name: "s9", Invoice: "2026-09", Lines: s.lines})
}

func (s *story) judgeFiles(t *testing.T, files ...Statement) *judged {
	t.Helper()
	j := &judged{t, Reconcile("2026-09", s.calls, s.prices, files, s.set)}
	lawsOf(t, j.Result, s.calls, s.prices)
	return j
}

// judged is a result with expectations.
type judged struct {
	t *testing.T
	Result
}

func (j *judged) steps(currency string, want map[string]string) {
	j.t.Helper()
	for name, amount := range want {
		if got := stepOf(j.Money[currency], name); !got.Equal(dec(amount)) {
			j.t.Errorf("%s: %s, want %s", name, got, amount)
		}
	}
}

func stepOf(m *Money, name string) decimal.Decimal {
	for _, s := range m.Bridge {
		if s.Name == name {
			return s.Amount
		}
	}
	panic(name)
}

// headline expects the verdict of dollars.
func (j *judged) headline(dispute, notYet string) {
	j.t.Helper()
	m := j.Money["USD"]
	if !m.ToDispute.Equal(dec(dispute)) || !m.NotYetBilled.Equal(dec(notYet)) {
		j.t.Errorf("%s to dispute, %s not yet billed; want %s, %s", m.ToDispute, m.NotYetBilled, dispute, notYet)
	}
	if right := m.ToDispute.IsZero() && m.NotYetBilled.IsZero() && m.Unexplained.IsZero(); m.Right != right {
		j.t.Errorf("right is %v", m.Right)
	}
}

func (j *judged) pay(amount string) {
	j.t.Helper()
	if len(j.Payments) != 1 || j.Payments[0].Amount == nil || !j.Payments[0].Amount.Equal(dec(amount)) {
		j.t.Errorf("pays %+v, want %s", j.Payments, amount)
	}
}

// classes expects how many rows there are of each class.
func (j *judged) classes(want map[Class]int) {
	j.t.Helper()
	got := map[Class]int{}
	for _, r := range j.Rows {
		got[r.Class]++
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		j.t.Errorf("classes %v, want %v", got, want)
	}
}

func (j *judged) doubts(want map[string]Fate) {
	j.t.Helper()
	got := map[string]Fate{}
	for _, d := range j.Doubts {
		got[d.Call] = d.Fate
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		j.t.Errorf("doubts %v, want %v", got, want)
	}
}
