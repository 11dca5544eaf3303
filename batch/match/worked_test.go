package match

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/batch/billing"
)

// worked is an example with what the bridge of each currency comes to: the steps that are not zero, and what is
// proposed for payment.
type worked struct {
	matchCase
	rounding string
	steps    []string // "step amount"
	pay      string   // "USD 20"
	open     []string // "class call/line issue" of the rows that are open
}

func (w *worked) check(t *testing.T) {
	t.Helper()
	m := w.matcher(t)
	var err error
	if m.month.Rounding, err = billing.ParseRounding(w.rounding); err != nil {
		t.Fatal(err)
	}
	result, rows := match(t, m)
	var steps, pay, open, settled []string
	for _, b := range result.Bridge {
		if !b.Amount.IsZero() {
			steps = append(steps, b.Step+" "+b.Amount.String())
		}
	}
	for _, v := range result.Verdicts {
		pay = append(pay, v.Currency+" "+v.Pay.String())
	}
	for _, r := range rows {
		if r.Class.Open() {
			open = append(open, fmt.Sprintf("%s %d/%d %s", r.Class, r.CallID, r.Line, r.Issue))
		}
	}
	for _, r := range result.Resolutions {
		settled = append(settled, fmt.Sprint(r.CallID, map[bool]string{true: " billed", false: " not billed"}[r.Billed]))
	}
	compare(t, "steps", steps, w.steps)
	compare(t, "pay", []string{strings.Join(pay, ", ")}, []string{w.pay})
	compare(t, "open rows", open, w.open)
	compare(t, "resolutions", settled, w.settled)
}

// paid is so many calls of an endpoint one minute apart, from a number and a time on, and their lines at an amount each.
func paid(n, first int, place, start, amount string) (calls, lines []string) {
	at, err := time.Parse("01-02T15:04:05", start)
	if err != nil {
		panic(err)
	}
	for i := range n {
		when := at.Add(time.Duration(i) * time.Minute).Format("01-02T15:04:05")
		calls = append(calls, fmt.Sprintf("%d %s %s PAY t%d", first+i, place, when, first+i))
		lines = append(lines, fmt.Sprintf("usage %s %s t%d 1 %s USD", place, when, first+i, amount))
	}
	return calls, lines
}

func withMinimum(p billing.Price, minimum string) billing.Price {
	p.Minimum = dec(minimum)
	return p
}

func tiered(kind billing.TierKind, quota int64, list ...billing.Tier) billing.Price {
	p := flat("sg", "*", "2026-01-01", "0")
	p.Kind, p.FreeQuota, p.Tiers = kind, quota, list
	return p
}

func replaceFrom(lines []string, from int, old, with string) []string {
	lines = slices.Clone(lines)
	for i := from; i < len(lines); i++ {
		lines[i] = strings.Replace(lines[i], old, with, 1)
	}
	return lines
}

// The examples of matching by time.
func TestWorkedTimes(t *testing.T) {
	var calls, lines []string
	for i := range 10 {
		when := time.Date(2026, 11, 5, 10, 2*i, 0, 0, time.UTC).Format("01-02T15:04:05")
		calls = append(calls, fmt.Sprintf("%d sg/SG %s PAY t%d", i+1, when, i+1))
		if i != 2 {
			lines = append(lines, fmt.Sprintf("usage sg/SG %s - 1 0.035 USD", when))
		}
	}
	lines = append(lines, "usage sg/SG 11-05T10:28:00 - 1 0.035 USD")
	th, id := flat("th", "*", "2026-01-01", "1.10"), flat("id", "*", "2026-01-01", "480")
	th.Currency, id.Currency = "THB", "IDR"
	for name, w := range map[string]*worked{
		"a forgotten call and a ghost": {
			matchCase: matchCase{prices: []billing.Price{flat("sg", "*", "2026-01-01", "0.035")}, calls: calls, lines: lines},
			steps: []string{"ours 0.35", "owed 0.35", "theirs only 0.035", "to dispute 0.035", "ours only -0.035",
				"not yet billed -0.035", "theirs 0.35"},
			pay:  "USD 0.32",
			open: []string{"theirs only 0/10 0.035", "ours only 3/0 -0.035"},
		},
		"a doubt of another currency": {
			matchCase: matchCase{prices: []billing.Price{th, id}, imported: []Scope{{billedMonth.Plus(1), ""}},
				calls:   []string{"1 th/TH 11-12T05:57:00 LOST -", "2 id/ID 11-12T05:59:00 LOST -"},
				lines:   []string{"usage -/- 11-12T05:58:30 - 1 1.10 THB"},
				settled: []string{"1 billed", "2 not billed"}},
			steps: []string{"explained by doubt 1.1", "owed 1.1", "theirs 1.1"}, pay: "THB 1.1",
		},
		"a charge never precedes its request": {
			matchCase: matchCase{prices: []billing.Price{flat("sg", "*", "2026-01-01", "0.03")},
				calls:   []string{"1 sg/SG 11-12T06:00:00 LOST -"},
				lines:   []string{"usage sg/SG 11-12T05:59:28 x1 1 0.03 USD"},
				settled: []string{"1 not billed"}},
			steps: []string{"theirs only 0.03", "to dispute 0.03", "theirs 0.03"}, pay: "USD 0",
			open: []string{"theirs only 0/1 0.03"},
		},
		"but for the clocks": {
			matchCase: matchCase{prices: []billing.Price{flat("sg", "*", "2026-01-01", "0.03")},
				calls:   []string{"1 sg/SG 11-12T06:00:00 LOST -"},
				lines:   []string{"usage sg/SG 11-12T05:59:31 x1 1 0.03 USD"},
				settled: []string{"1 billed"}},
			steps: []string{"explained by doubt 0.03", "owed 0.03", "theirs 0.03"}, pay: "USD 0.03",
		},
		"the vendor's own price explains a doubt": {
			matchCase: matchCase{prices: []billing.Price{flat("sg", "*", "2026-01-01", "0.03")},
				calls: []string{"1 sg/SG 11-12T06:00:00 LOST -", "2 sg/SG 11-12T08:00:00 PAY t2"},
				lines: []string{"usage sg/SG 11-12T06:00:01 x1 1 0.04 USD",
					"usage sg/SG 11-12T08:00:01 t2 1 0.04 USD"},
				settled: []string{"1 billed"}},
			steps: []string{"ours 0.03", "explained by doubt 0.03", "owed 0.06", "price differs, more 0.02", "to dispute 0.02",
				"theirs 0.08"},
			pay: "USD 0.06", open: []string{"price differs 2/2 0.01", "price differs 1/1 0.01"},
		},
	} {
		t.Run(name, func(t *testing.T) { w.check(t) })
	}
}

// The examples of minimums.
func TestWorkedMinimums(t *testing.T) {
	th := withMinimum(flat("th", "*", "2026-01-01", "0.032"), "20")
	ten, tenLines := paid(10, 2, "th/TH", "11-05T10:00:00", "0.032")
	eleven, elevenLines := paid(11, 1, "th/TH", "11-05T10:00:00", "0.032")
	doubt := append([]string{"1 th/TH 11-05T06:00:00 LOST -"}, ten...)
	doubtLine := "usage th/TH 11-05T06:00:01 x1 1 0.032 USD"
	id3, th3 := flat("id", "*", "2026-01-01", "0.03"), withMinimum(flat("th", "*", "2026-01-01", "0.03"), "5")
	topUp := "usage th/- 11-20 - 0 19.648 USD"
	owed := []string{"ours 0.32", "explained by doubt 0.032", "minimum owed 19.648", "owed 20", "theirs 20"}
	for name, w := range map[string]*worked{
		"and a doubt": {
			matchCase: matchCase{prices: []billing.Price{th}, calls: doubt,
				lines: append(append([]string{doubtLine}, tenLines...), topUp), settled: []string{"1 billed"}},
			steps: owed, pay: "USD 20",
		},
		"and a doubt, in one total": {
			matchCase: matchCase{prices: []billing.Price{th}, calls: doubt, lines: []string{"usage th/- - - 11 20 USD"},
				settled: []string{"1 billed"}},
			steps: owed, pay: "USD 20",
		},
		"and a doubt, in the vendor's total": {
			matchCase: matchCase{prices: []billing.Price{th}, calls: doubt,
				lines: append(append([]string{doubtLine}, tenLines...), "total -/- - - 0 20 USD"), settled: []string{"1 billed"}},
			steps: owed, pay: "USD 20",
		},
		"and a wrong price": {
			matchCase: matchCase{prices: []billing.Price{th}, calls: eleven,
				lines: append(replaceFrom(elevenLines, 10, "0.032", "0.040"), "usage th/- 11-20 - 0 19.640 USD")},
			steps: []string{"ours 0.352", "minimum owed 19.648", "owed 20", "price differs, more 0.008", "netted, more -0.008",
				"minimum not billed -0.008", "netted, less 0.008", "theirs 20"},
			pay: "USD 20", open: []string{"price differs 11/11 0.008", "minimum not billed 0/0 -0.008"},
		},
		"and ghosts": {
			matchCase: matchCase{prices: []billing.Price{th}, calls: eleven,
				lines: append(slices.Clone(elevenLines), "usage th/- - g1 1 32.000 USD")},
			steps: []string{"ours 0.352", "minimum owed 19.648", "owed 20", "theirs only 32", "netted, more -19.648",
				"to dispute 12.352", "minimum not billed -19.648", "netted, less 19.648", "theirs 32.352"},
			pay: "USD 20", open: []string{"theirs only 0/12 32", "minimum not billed 0/0 -19.648"},
		},
		"not billed": {
			matchCase: matchCase{prices: []billing.Price{th}, calls: eleven, lines: elevenLines},
			steps: []string{"ours 0.352", "minimum owed 19.648", "owed 20", "minimum not billed -19.648",
				"not yet billed -19.648", "theirs 0.352"},
			pay: "USD 0.35", open: []string{"minimum not billed 0/0 -19.648"},
		},
		"not owed": {
			matchCase: matchCase{prices: []billing.Price{flat("th", "*", "2026-01-01", "0.032")}, calls: eleven,
				lines: append(slices.Clone(elevenLines), "usage th/- 11-20 - 0 5 USD")},
			steps: []string{"ours 0.352", "owed 0.352", "minimum not owed 5", "to dispute 5", "theirs 5.352"},
			pay:   "USD 0.35", open: []string{"minimum not owed 0/12 5"},
		},
		"more than is owed": {
			matchCase: matchCase{prices: []billing.Price{th}, calls: eleven,
				lines: append(slices.Clone(elevenLines), "usage th/- 11-20 - 0 20 USD")},
			steps: []string{"ours 0.352", "minimum owed 19.648", "owed 20", "minimum not owed 0.352", "to dispute 0.352",
				"theirs 20.352"},
			pay: "USD 20", open: []string{"minimum not owed 0/12 0.352"},
		},
		"decides which doubt is billed": {
			matchCase: matchCase{prices: []billing.Price{id3, th3},
				calls: []string{"1 id/ID 11-05T10:00:00 PAY t1", "2 id/ID 11-05T11:00:00 LOST -", "3 th/TH 11-05T10:00:00 PAY t3",
					"4 th/TH 11-05T11:00:00 LOST -"},
				lines: []string{"usage -/- - - 3 0.09 USD", "usage -/- - - 0 4.94 USD"}},
			steps: []string{"ours 0.06", "explained by doubt 0.03", "minimum owed 4.94", "owed 5.03", "theirs 5.03"},
			pay:   "USD 5.03",
		},
	} {
		t.Run(name, func(t *testing.T) { w.check(t) })
	}
}

// The examples of tiers, quotas and rounding.
func TestWorkedTiers(t *testing.T) {
	three := tiered(billing.Graduated, 0, upTo(50, "0.030"), upTo(100, "0.026"), beyond("0.020"))
	two := tiered(billing.Graduated, 0, upTo(50, "0.030"), beyond("0.026"))
	var calls, lines []string
	for i := range 4 {
		calls = append(calls, fmt.Sprintf("%d sg/SG 11-04T10:0%d:00 LOST -", i+1, i))
		lines = append(lines, fmt.Sprintf("usage sg/SG 11-04T10:0%d:00 x%d 1 0.030 USD", i, i+1))
	}
	more, moreLines := paid(110, 5, "sg/SG", "11-05T10:00:00", "0.030")
	moreLines = replaceFrom(moreLines, 46, "0.030", "0.026")
	moreLines = replaceFrom(moreLines, 96, "0.026", "0.020")
	moreLines = replaceFrom(moreLines, 107, "0.020", "0.030")
	one, _ := paid(40, 3, "sg/SG", "11-05T10:00:00", "0.030")
	other, _ := paid(40, 43, "sg/SG", "11-06T10:00:00", "0.030")
	days := slices.Concat([]string{"1 sg/SG 11-05T06:00:00 LOST -", "2 sg/SG 11-05T06:01:00 LOST -"}, one, other)
	ghosted, ghostedLines := paid(55, 1, "sg/SG", "11-05T10:00:00", "0.030")
	ghostedLines = slices.Concat([]string{"usage sg/SG - g1 1 0.030 USD", "usage sg/SG - g2 1 0.030 USD",
		"usage sg/SG - g3 1 0.030 USD"}, replaceFrom(ghostedLines, 47, "0.030", "0.026"))
	twelve, _ := paid(12, 2, "sg/SG", "11-05T10:00:00", "0.030")
	six, _ := paid(6, 2, "sg/SG", "11-05T10:00:00", "0.030")
	thirty, thirtyLines := paid(30, 1, "sg/SG", "11-05T10:00:00", "0.0312")
	thirtyLines = replaceFrom(thirtyLines, 29, "0.0312", "0.00")
	four := []string{"1 billed", "2 billed", "3 billed", "4 billed"}
	for name, w := range map[string]*worked{
		"shift and wrong tier": {
			matchCase: matchCase{prices: []billing.Price{three}, calls: append(slices.Clone(calls), more...),
				lines: append(slices.Clone(lines), moreLines...), settled: four},
			steps: []string{"ours 3", "explained by doubt 0.12", "tier shift -0.04", "owed 3.08", "wrong tier, more 0.03",
				"to dispute 0.03", "theirs 3.11"},
			pay:  "USD 3.08",
			open: []string{"wrong tier 112/112 0.01", "wrong tier 113/113 0.01", "wrong tier 114/114 0.01"},
		},
		"totals by day": {
			matchCase: matchCase{prices: []billing.Price{two}, calls: days,
				lines:   []string{"usage sg/- 11-05 - 42 1.260 USD", "usage sg/- 11-06 - 40 1.072 USD"},
				settled: []string{"1 billed", "2 billed"}},
			steps: []string{"ours 2.28", "explained by doubt 0.06", "tier shift -0.008", "owed 2.332", "theirs 2.332"},
			pay:   "USD 2.33",
		},
		"ghosts move tiers": {
			matchCase: matchCase{prices: []billing.Price{two}, calls: ghosted, lines: ghostedLines},
			steps: []string{"ours 1.63", "owed 1.63", "theirs only 0.09", "netted, more -0.012", "to dispute 0.078",
				"wrong tier, less -0.012", "netted, less 0.012", "theirs 1.708"},
			pay: "USD 1.63",
			open: []string{"wrong tier 48/51 -0.004", "wrong tier 49/52 -0.004", "wrong tier 50/53 -0.004",
				"theirs only 0/1 0.03", "theirs only 0/2 0.03", "theirs only 0/3 0.03"},
		},
		"rounded and in the vendor's order": {
			matchCase: matchCase{prices: []billing.Price{tiered(billing.Graduated, 1, beyond("0.031237"))}, calls: thirty,
				lines: thirtyLines},
			steps: []string{"ours 0.905873", "owed 0.905873", "rounding -0.001073", "theirs 0.9048"}, pay: "USD 0.9",
		},
		"volume": {
			matchCase: matchCase{prices: []billing.Price{tiered(billing.Volume, 0, upTo(12, "0.030"), beyond("0.026"))},
				calls: append([]string{"1 sg/SG 11-05T06:00:00 LOST -"}, twelve...),
				lines: []string{"usage sg/- - - 13 0.338 USD"}, settled: []string{"1 billed"}},
			steps: []string{"ours 0.36", "explained by doubt 0.026", "tier shift -0.048", "owed 0.338", "theirs 0.338"},
			pay:   "USD 0.34",
		},
		"quota": {
			matchCase: matchCase{prices: []billing.Price{tiered(billing.Graduated, 5, beyond("0.030"))},
				calls: append([]string{"1 sg/SG 11-05T06:00:00 LOST -"}, six...),
				lines: []string{"usage sg/- - - 7 0.060 USD"}, settled: []string{"1 billed"}},
			steps: []string{"ours 0.03", "tier shift 0.03", "owed 0.06", "theirs 0.06"}, pay: "USD 0.06",
		},
	} {
		t.Run(name, func(t *testing.T) { w.check(t) })
	}
}

// The examples of rounding and tax.
func TestWorkedRounding(t *testing.T) {
	price := []billing.Price{flat("sg", "*", "2026-01-01", "0.031237")}
	single := func(amount, beside string) *worked {
		return &worked{matchCase: matchCase{prices: price,
			calls: []string{"1 sg/SG 11-05T10:00:00 PAY t1", "2 sg/SG 11-05T11:00:00 PAY t2"},
			lines: []string{"usage sg/SG - t1 1 " + amount + " USD", "usage sg/SG - t2 1 " + beside + " USD"}}}
	}
	up, down := single("0.0313", "0.0312"), single("0.0312", "0.0312")
	up.steps = []string{"ours 0.062474", "owed 0.062474", "price differs, more 0.000063", "to dispute 0.000063",
		"rounding -0.000037", "theirs 0.0625"}
	up.pay, up.open = "USD 0.06", []string{"price differs 1/1 0.000063"}
	down.steps, down.pay = []string{"ours 0.062474", "owed 0.062474", "rounding -0.000074", "theirs 0.0624"}, "USD 0.06"
	nine, nineLines := paid(9, 1, "sg/SG", "11-05T10:00:00", "0.04")
	var openNine []string
	for i := range 9 {
		openNine = append(openNine, fmt.Sprintf("price differs %d/%d 0.005", i+1, i+1))
	}
	trimmed, trimmedLines := paid(3, 1, "sg/SG", "11-05T10:00:00", "0.0560")
	ten, _ := paid(10, 1, "sg/SG", "11-05T10:00:00", "0.035")
	eleven, taxed := paid(10, 1, "sg/SG", "11-05T10:00:00", "1.00")
	taxed = append(taxed, "usage sg/SG 11-05T10:02:00 t3 1 1.00 USD", "tax -/- - - 0 0.99 USD")
	lines5, lines5Lines := paid(3, 1, "sg/SG", "11-05T10:00:00", "0.031237")
	for name, w := range map[string]*worked{
		"up is a price":      up,
		"down is a rounding": down,
		"to a cent is a price": {
			matchCase: matchCase{prices: []billing.Price{flat("sg", "*", "2026-01-01", "0.035")}, calls: nine, lines: nineLines},
			steps:     []string{"ours 0.315", "owed 0.315", "price differs, more 0.045", "to dispute 0.045", "theirs 0.36"},
			pay:       "USD 0.32", open: openNine,
		},
		"of what is printed": {
			matchCase: matchCase{prices: []billing.Price{flat("sg", "*", "2026-01-01", "0.056005")}, calls: trimmed,
				lines: trimmedLines},
			steps: []string{"ours 0.168015", "owed 0.168015", "rounding -0.000015", "theirs 0.168"}, pay: "USD 0.17",
		},
		"a total to a cent": {
			matchCase: matchCase{prices: price, calls: lines5, lines: append(lines5Lines, "total -/- - - 0 0.09 USD")},
			steps:     []string{"ours 0.093711", "owed 0.093711", "rounding -0.003711", "theirs 0.09"}, pay: "USD 0.09",
		},
		"a contract that rounds lines to a cent": {
			matchCase: matchCase{prices: []billing.Price{flat("sg", "*", "2026-01-01", "0.035")}, calls: nine, lines: nineLines},
			rounding:  "line:2:half-up",
			steps:     []string{"ours 0.315", "owed 0.315", "rounding 0.045", "theirs 0.36"}, pay: "USD 0.36",
		},
		"a total of rounded lines": {
			matchCase: matchCase{prices: price, calls: nine, lines: []string{"usage sg/- - - 9 0.2808 USD"}},
			rounding:  "line:4",
			steps:     []string{"ours 0.281133", "owed 0.281133", "rounding -0.000333", "theirs 0.2808"}, pay: "USD 0.28",
		},
		"a total of rounded lines, where nothing says so": {
			matchCase: matchCase{prices: price, calls: nine, lines: []string{"usage sg/- - - 9 0.2808 USD"}},
			steps: []string{"ours 0.281133", "owed 0.281133", "price differs, less -0.000333", "not yet billed -0.000333",
				"theirs 0.2808"},
			pay: "USD 0.28", open: []string{"price differs 0/1 -0.000333"},
		},
		"quantity times price": {
			matchCase: matchCase{prices: []billing.Price{flat("sg", "*", "2026-01-01", "0.035")}, calls: ten,
				lines: []string{"usage sg/- - - 10 0.35 USD - 0.025"}},
			steps: []string{"ours 0.35", "owed 0.35", "theirs 0.35"}, pay: "USD 0.35",
			open: []string{"contradicts itself 0/1 0"},
		},
		"tax on a line billed twice": {
			matchCase: matchCase{prices: []billing.Price{flat("sg", "*", "2026-01-01", "1.00")}, calls: eleven, lines: taxed},
			steps: []string{"ours 10", "owed 10", "duplicate on statement 1", "to dispute 1", "tax on what is owed 0.9",
				"tax on what is disputed 0.09", "theirs 11.99"},
			pay: "USD 10.9", open: []string{"duplicate on statement 3/11 1"},
		},
	} {
		t.Run(name, func(t *testing.T) { w.check(t) })
	}
}

// The example of readings: a wrong price and doubts that are billed contradict none, a call that is on no line does.
func TestWorkedReadings(t *testing.T) {
	calls, lines := paid(20, 3, "sg/SG", "11-05T10:00:00", "0.035")
	c := matchCase{prices: []billing.Price{flat("sg", "*", "2026-01-01", "0.035")},
		calls: append([]string{"1 sg/SG 11-06T06:00:00 LOST -", "2 sg/SG 11-06T06:20:00 LOST -",
			"30 sg/SG 11-05T12:00:00 FREE! t30"}, calls...),
		lines: append(replaceFrom(lines, 19, "0.035", "0.040"), "usage sg/SG 11-06T06:00:01 x1 1 0.035 USD",
			"usage sg/SG 11-06T06:20:01 x2 1 0.035 USD")}
	m := c.matcher(t)
	result, _ := match(t, m)
	if got := fmt.Sprint(result.Reproduces); got != "[pay-tag distinct-id transaction]" {
		t.Errorf("readings that nothing contradicts: %s", got)
	}
	for _, g := range result.Gaps {
		want := Contradictions{}
		if g.Basis == billing.Success || g.Basis == billing.EveryCall {
			want.Calls = 1
		}
		if g.Contradictions != want || g.Fits != want.none() {
			t.Errorf("%s: %+v, want %+v", g.Basis, g.Contradictions, want)
		}
	}
	if v := result.Verdicts[0]; v.Over.String() != "0.005" || !v.Under.IsZero() {
		t.Errorf("%+v", v)
	}
}
