package match

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/statement"
)

// What the silence of a statement about a call in doubt proves.
func TestSilence(t *testing.T) {
	sure := []string{
		"1 sg/SG 11-10T01:00:00 PAY a1", "2 sg/SG 11-10T01:10:00 PAY a2", "3 sg/SG 11-12T01:00:00 PAY a3",
		"4 sg/VN 11-10T01:00:00 PAY b1",
	}
	lines := []string{
		"usage sg/SG 11-10T01:00:00 a1 1 0.03 USD", "usage sg/SG 11-10T01:10:00 a2 1 0.03 USD", "usage sg/SG 11-12T01:00:00 a3 1 0.03 USD",
		"usage sg/VN 11-10T01:00:00 b1 1 0.03 USD",
	}
	const december = "2026-12-02T00:00:00+08:00" // the edge of 24 h is over
	for name, c := range map[string]struct {
		read, lost        string
		sure, lines, next []string
		want              billing.Shortfall
	}{
		"a whole month":                         {december, "sg/SG 11-10T01:05:00", nil, lines, nil, billing.Whole},
		"an hour before the edge is over":       {"2026-12-01T23:00:00+08:00", "sg/SG 11-10T01:05:00", nil, lines, nil, billing.ShortEarly},
		"half of the month":                     {"2026-11-15T00:00:00+08:00", "sg/SG 11-20T01:05:00", nil, lines, nil, billing.ShortEarly},
		"a region that is not on it":            {december, "sg/VN 11-10T01:00:30", nil, lines[:3], nil, billing.ShortPlace},
		"the other region of that file":         {december, "sg/SG 11-10T01:05:00", nil, lines[:3], nil, billing.Whole},
		"a sure call of that day is missing":    {december, "sg/SG 11-10T01:05:00", nil, []string{lines[0], lines[2]}, nil, billing.ShortCalls},
		"a sure call of another day":            {december, "sg/SG 11-12T00:55:00", nil, []string{lines[0], lines[2]}, nil, billing.Whole},
		"a day without sure calls":              {december, "sg/SG 11-11T01:00:00", nil, lines, nil, billing.ShortDay},
		"later than the last line":              {december, "sg/SG 11-12T01:05:00", nil, lines, nil, billing.ShortLast},
		"a line about no call":                  {december, "sg/SG 11-10T01:05:00", nil, append([]string{"usage sg/SG 11-10T09:00:00 x9 1 0.03 USD"}, lines...), nil, billing.ShortLines},
		"a line about no call of another day":   {december, "sg/SG 11-10T01:05:00", nil, append([]string{"usage sg/SG 11-12T09:00:00 x9 1 0.03 USD"}, lines...), nil, billing.ShortLines},
		"a line of the next day, without an ID": {december, "sg/SG 11-10T01:05:00", nil, append([]string{"usage sg/SG 11-11T03:05:00 - 1 0.03 USD"}, lines...), nil, billing.ShortLines},
		"a line of the month's last minute":     {december, "sg/SG 11-10T01:05:00", nil, append([]string{"usage sg/SG 11-30T23:59:00 - 1 0.03 USD"}, lines...), nil, billing.ShortLines},
		"a day line of the last day":            {december, "sg/SG 11-10T01:05:00", nil, append([]string{"usage sg/SG 11-30 - 1 0.03 USD"}, lines...), nil, billing.ShortLines},
		"a line of the next month's first hour": {december, "sg/SG 11-10T01:05:00", nil, append([]string{"usage sg/SG 12-01T00:10:00 x9 1 0.03 USD"}, lines...), nil, billing.ShortLines},
		"a line about no call of another place": {december, "sg/SG 11-10T01:05:00", nil, append([]string{"usage sg/VN 11-12T09:00:00 x9 1 0.03 USD"}, lines...), nil, billing.Whole},
		"a total that says more":                {december, "sg/SG 11-10T01:05:00", nil, append([]string{"total sg/- - - 9 0.27 USD"}, lines...), nil, billing.ShortTotal},
		"a total that ties":                     {december, "sg/SG 11-10T01:05:00", nil, append([]string{"total sg/- - - 4 0.12 USD"}, lines...), nil, billing.Whole},
		"a sum over all sure calls":             {december, "sg/SG 11-10T01:05:00", nil, []string{"usage sg/- - - 4 0.12 USD"}, nil, billing.Whole},
		"a sum over all, late in the month":     {december, "sg/SG 11-25T01:05:00", nil, []string{"usage sg/- - - 4 0.12 USD"}, nil, billing.Whole},
		"a sum below our floor":                 {december, "sg/SG 11-10T01:05:00", nil, []string{"usage sg/- - - 3 0.09 USD"}, nil, billing.ShortCalls},
		"a sum of a day over all":               {december, "sg/SG 11-10T01:05:00", nil, []string{"usage sg/SG 11-10 - 2 0.06 USD"}, nil, billing.Whole},
		"at the month's end, nothing beyond":    {december, "sg/SG 11-30T12:00:00", []string{"5 sg/SG 11-30T12:10:00 PAY a5"}, append([]string{"usage sg/SG 11-30T12:10:00 a5 1 0.03 USD"}, lines...), nil, billing.ShortBound},
		"at the month's end, with December's":   {december, "sg/SG 11-30T12:00:00", []string{"5 sg/SG 11-30T12:10:00 PAY a5", "6 sg/SG 12-01T01:00:00 PAY a6"}, append([]string{"usage sg/SG 11-30T12:10:00 a5 1 0.03 USD"}, lines...), []string{"2026-12 usage sg/SG 12-01T01:00:00 a6 1 0.03 USD"}, billing.Whole},
		"at the month's end, December is short": {december, "sg/SG 11-30T12:00:00", []string{"5 sg/SG 11-30T12:10:00 PAY a5", "6 sg/SG 12-01T01:00:00 PAY a6"}, append([]string{"usage sg/SG 11-30T12:10:00 a5 1 0.03 USD"}, lines...), []string{"2026-12 usage sg/SG 12-05T01:00:00 a7 1 0.03 USD"}, billing.ShortBound},
	} {
		t.Run(name, func(t *testing.T) {
			m := matchCase{imported: []Scope{{billedMonth.Plus(1), "sg"}}, lines: c.lines, neighbours: c.next,
				calls: append(slices.Concat(sure, c.sure), "9 "+c.lost+" LOST -")}
			matcher := m.matcher(t)
			read, err := time.Parse(time.RFC3339, c.read)
			if err != nil {
				t.Fatal(err)
			}
			matcher.month.Invoices = map[int64]Invoice{9: {Read: read}}
			result, _ := match(t, matcher)
			if want := []Resolution{{CallID: 9, Short: c.want}}; !slices.Equal(result.Resolutions, want) {
				t.Errorf("%+v, want %+v", result.Resolutions, want)
			}
		})
	}
}

// Every shortfall has a clause, and nothing else has.
func TestShortfallTexts(t *testing.T) {
	seen := map[string]bool{"": true}
	for _, s := range billing.Shortfalls() {
		if seen[s.Text()] {
			t.Errorf("%s: %q", s, s.Text())
		}
		seen[s.Text()] = true
	}
	if billing.Whole.Text() != "" || billing.Shortfall("other").Text() != "" {
		t.Error("a text for what is no shortfall")
	}
}

// Whatever part of the true statement is read, by region, by time, by day or at random, a charged call is not said to be
// safe to ask again, but where the part left out nothing of that day and region that we are sure of: such a file is just
// like one of a vendor that charged nothing.
func TestSilenceOfParts(t *testing.T) {
	tally := map[string]int{}
	for seed := range uint64(3000) {
		silenceOfPart(t, rand.New(rand.NewPCG(seed, 1)), tally)
	}
	t.Log(tally)
	if tally["whole"] < 500 || tally["alike"] == 0 {
		t.Error("the parts are not what they should be")
	}
}

func silenceOfPart(t *testing.T, r *rand.Rand, tally map[string]int) {
	t.Helper()
	zone := zone(t, "Asia/Singapore")
	m := NewMatcher(mustBook(t, zone, flat("sg", "*", "2026-01-01", "0.03")), Options{Month: billedMonth,
		Basis: billing.PayTag, Edge: 24 * time.Hour, Window: 15 * time.Minute, Imported: []Scope{{billedMonth.Plus(-1), "sg"}, {billedMonth.Plus(1), "sg"}},
		Invoices: map[int64]Invoice{}})
	type charge struct {
		Call
		line statement.Line
	}
	var charged, sure []charge
	lost := map[int64]bool{} // whether it was charged
	id := int64(0)
	for range 1 + r.IntN(5) {
		day := 1 + r.IntN(30)
		for n := range 1 + r.IntN(8) {
			id++
			at := time.Date(2026, 11, day, 1, n*20, 0, int(id), zone)
			c := Call{ID: id, CheckID: id, SentAt: at, Endpoint: "sg", Region: []string{"SG", "VN"}[r.IntN(2)], Outcome: Answered, Tag: billing.Pay, Pricing: "PAY",
				TransactionID: fmt.Sprintf("%016x", id), Success: true}
			line := statement.Line{Number: int(id), Kind: statement.Usage, TransactionID: c.TransactionID, Month: billedMonth, Quantity: 1, Amount: decimal.New(3, -2),
				Currency: "USD", Endpoint: "sg", Region: c.Region, ChargedAt: at.Add(time.Second)}
			isLost, isCharged := r.IntN(3) == 0, r.IntN(2) == 0
			if isLost {
				c.Outcome, c.Tag, c.Pricing, c.TransactionID, c.Success = Unanswered, billing.Unknown, "", "", false
				lost[id] = isCharged
			}
			m.Call(&c)
			switch {
			case !isLost:
				sure = append(sure, charge{c, line})
				fallthrough
			case isCharged:
				charged = append(charged, charge{c, line})
			}
		}
	}
	kind, region, until, share := r.IntN(4), []string{"SG", "VN"}[r.IntN(2)], time.Date(2026, 11, 1+r.IntN(30), 1, r.IntN(160), 0, 0, zone), r.Float64()
	days := r.Uint32()
	read := time.Date(2026, 12, 1+r.IntN(3), 0, 0, 0, 0, zone)
	on := map[int64]bool{}
	m.month.Invoices[1] = Invoice{Read: read}
	for _, c := range charged {
		switch kind {
		case 0:
			on[c.ID] = c.Region == region
		case 1:
			on[c.ID] = c.SentAt.Before(until)
		case 2:
			on[c.ID] = days>>c.SentAt.Day()&1 == 1
		default:
			on[c.ID] = r.Float64() < share
		}
		if on[c.ID] {
			if err := m.Line(1, &c.line); err != nil {
				t.Fatal(err)
			}
		}
	}
	result, _ := match(t, m)
	for _, s := range result.Resolutions {
		if s.Billed || s.Short != billing.Whole {
			continue
		}
		tally["whole"]++
		if !lost[s.CallID] {
			continue
		}
		at := slices.IndexFunc(charged, func(c charge) bool { return c.ID == s.CallID })
		one := charged[at]
		later := false
		for _, c := range sure {
			if c.Region != one.Region || c.SentAt.Day() != one.SentAt.Day() {
				later = later || c.Region == one.Region && c.SentAt.After(one.SentAt) && on[c.ID]
				continue
			}
			later = later || c.SentAt.After(one.SentAt)
			if !on[c.ID] {
				t.Errorf("call %d was charged, call %d of that day is not on the statement either: asked again", one.ID, c.ID)
			}
		}
		if kind < 3 || !later || read.Before(time.Date(2026, 12, 2, 0, 0, 0, 0, zone)) {
			t.Errorf("call %d was charged and is asked again after a part of kind %d, read %s", one.ID, kind, read)
		}
		tally["alike"]++
	}
}
