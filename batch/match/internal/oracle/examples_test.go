package oracle

import (
	"testing"
	"time"
)

// The examples of the semantics, with their numbers.

func TestChainIsNotShifted(t *testing.T) {
	s := newStory(flat("sg", "0.035"))
	calls := s.paid(10, "sg", at("10 06:00"))
	for i, c := range calls {
		if i != 2 {
			s.line(Line{Time: c.Sent, Amount: dec("0.035")})
		}
	}
	s.line(Line{Time: calls[9].Sent.Add(10 * time.Minute), Amount: dec("0.035")})
	j := s.judge(t)
	j.headline("0.035", "0.035")
	j.classes(map[Class]int{Matched: 9, OursOnly: 1, TheirsOnly: 1})
	for _, r := range j.Rows {
		if r.Class == OursOnly && r.Calls[0] != calls[2].ID {
			t.Errorf("%s is ours only", r.Calls[0])
		}
	}
}

func TestDoubtOfAnotherPriceIsNoCandidate(t *testing.T) {
	th, id := flat("th", "1.10"), flat("id", "480")
	th.Currency, id.Currency = "THB", "IDR"
	s := newStory(th, id)
	d1 := s.call("th", at("10 05:57"), "?")
	d2 := s.call("id", at("10 05:59"), "?")
	s.line(Line{Time: at("10 05:58:30"), Amount: dec("1.10"), Currency: "THB"})
	j := s.judge(t)
	j.doubts(map[string]Fate{d1.ID: Billed, d2.ID: NotBilled})
	j.classes(map[Class]int{ExplainedByDoubt: 1})
}

// TestDoubtOfNextMonth: a call of October in doubt that September's statement bills is in September's pool, whose price it
// has, and not at one that nothing reaches.
func TestDoubtOfNextMonth(t *testing.T) {
	for name, one := range map[string]struct {
		paid          int
		price, second string
		dispute       string
	}{
		"no other call":               {0, "0.030", "0.030", "0"},
		"the tier that it reaches":    {2, "0.020", "0.020", "0"},
		"the tier that both reach":    {1, "0.030", "0.020", "0"},
		"a tier that nothing reaches": {0, "0.030", "0.020", "0.020"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStory(tiered(Graduated, "sg", tier(2, "0.030"), tier(0, "0.020")))
			for _, c := range s.paid(one.paid, "sg", at("10 06:00")) {
				s.bill(c, "0.030")
			}
			for i, price := range []string{one.price, one.second} {
				c := s.call("sg", at("30 23:59:59").Add(time.Duration(2+i)*time.Second), "?")
				s.line(Line{Transaction: c.ID, Time: c.Sent.Add(-10 * time.Second), Endpoint: "sg", Amount: dec(price)})
			}
			s.judge(t).headline(one.dispute, "0")
		})
	}
}

func TestMinimumAndDoubt(t *testing.T) {
	for _, total := range []bool{false, true} {
		p := flat("sg", "0.032")
		p.Minimum = dec("20")
		s := newStory(p)
		calls := s.paid(10, "sg", at("10 06:00"))
		d := s.call("sg", at("10 09:00"), "?")
		if total {
			s.cell("", "", 11, "20")
		} else {
			for _, c := range calls {
				s.bill(c, "0.032")
			}
			s.line(Line{Time: d.Sent.Add(time.Second), Endpoint: "sg", Amount: dec("0.032")})
			s.fee("sg", "19.648")
		}
		j := s.judge(t)
		j.headline("0", "0")
		j.doubts(map[string]Fate{d.ID: Billed})
		j.steps("USD", map[string]string{StepOurs: "0.320", StepDoubt: "0.032", StepMinimum: "19.648",
			StepOwed: "20", StepTheirs: "20"})
		j.pay("20.00")
	}
}

func TestMinimumAndWrongPrice(t *testing.T) {
	p := flat("sg", "0.032")
	p.Minimum = dec("20")
	s := newStory(p)
	for i, c := range s.paid(11, "sg", at("10 06:00")) {
		s.bill(c, map[bool]string{true: "0.040", false: "0.032"}[i == 5])
	}
	s.fee("sg", "19.640")
	j := s.judge(t)
	j.headline("0", "0")
	j.steps("USD", map[string]string{StepOver + string(PriceDiffers): "0.008", StepNettedOver: "-0.008",
		StepUnder + string(MinimumNotBilled): "-0.008"})
	j.pay("20.00")
}

func TestMinimumAndGhosts(t *testing.T) {
	p := flat("sg", "0.032")
	p.Minimum = dec("20")
	for _, cell := range []bool{false, true} {
		s := newStory(p)
		s.set.Force = true
		calls := s.paid(11, "sg", at("10 06:00"))
		if cell {
			s.cell("", "sg", 1011, "32.352")
		} else {
			for _, c := range calls {
				s.bill(c, "0.032")
			}
			for range 1000 {
				s.line(Line{Transaction: "ghost", Endpoint: "sg", Amount: dec("0.032")})
			}
		}
		j := s.judge(t)
		j.headline("12.352", "0")
		if got := j.Pools[0]; !got.Over.Equal(dec("32")) || !got.Under.Equal(dec("19.648")) || !got.Net.Equal(dec("19.648")) {
			t.Errorf("pool %+v", got)
		}
		j.pay("20.00")
	}
}

func TestMinimumNotBilled(t *testing.T) {
	p := flat("sg", "0.032")
	p.Minimum = dec("20")
	s := newStory(p, flat("th", "0.035"), flat("id", "0.040"))
	for _, c := range s.paid(153, "sg", at("10 06:00")) {
		s.bill(c, "0.032")
	}
	for _, c := range s.paid(215, "th", at("12 06:00")) {
		s.bill(c, "0.035")
	}
	for _, c := range s.paid(140, "id", at("13 06:00")) {
		s.bill(c, "0.040")
	}
	j := s.judge(t)
	j.headline("0", "15.104")
	j.steps("USD", map[string]string{StepOwed: "33.125", StepTheirs: "18.021"})
	j.pay("18.02")
}

func TestShiftAndWrongTier(t *testing.T) {
	s := newStory(tiered(Graduated, "sg", tier(50, "0.030"), tier(100, "0.026"), tier(0, "0.020")))
	for i := range 4 {
		d := s.call("sg", at("09 06:00").Add(time.Duration(i)*time.Hour), "?")
		s.line(Line{Time: d.Sent, Endpoint: "sg", Amount: dec("0.030")})
	}
	for i, c := range s.paid(110, "sg", at("10 06:00")) {
		switch {
		case i < 46, i >= 107:
			s.bill(c, "0.030")
		case i < 96:
			s.bill(c, "0.026")
		default:
			s.bill(c, "0.020")
		}
	}
	j := s.judge(t)
	j.headline("0.030", "0")
	j.steps("USD", map[string]string{StepOurs: "3", StepDoubt: "0.12", StepShift: "-0.04", StepOwed: "3.08",
		StepOver + string(WrongTier): "0.03", StepTheirs: "3.11"})
	j.pay("3.08")
}

func TestTotalsByDay(t *testing.T) {
	s := newStory(tiered(Graduated, "sg", tier(50, "0.030"), tier(0, "0.026")))
	s.paid(40, "sg", at("10 06:00"))
	s.call("sg", at("10 03:00"), "?")
	s.call("sg", at("10 04:00"), "?")
	s.paid(40, "sg", at("11 06:00"))
	s.cell("2026-09-10", "sg", 42, "1.260")
	s.cell("2026-09-11", "sg", 40, "1.072")
	j := s.judge(t)
	j.headline("0", "0")
	j.steps("USD", map[string]string{StepOurs: "2.28", StepDoubt: "0.06", StepShift: "-0.008", StepOwed: "2.332"})
	j.classes(map[Class]int{Matched: 1, ExplainedByDoubt: 1})
}

func TestGhostsMoveTiers(t *testing.T) {
	s := newStory(tiered(Graduated, "sg", tier(50, "0.030"), tier(0, "0.026")))
	for i, c := range s.paid(55, "sg", at("10 06:00")) {
		s.bill(c, map[bool]string{true: "0.030", false: "0.026"}[i < 47])
	}
	for i := range 3 {
		s.line(Line{Transaction: "ghost" + string(rune('a'+i)), Endpoint: "sg", Time: at("10 06:30"), Amount: dec("0.030")})
	}
	j := s.judge(t)
	j.headline("0.078", "0")
	j.steps("USD", map[string]string{StepOwed: "1.63", StepOver + string(TheirsOnly): "0.09",
		StepUnder + string(WrongTier): "-0.012", StepNettedOver: "-0.012", StepTheirs: "1.708"})
	j.pay("1.63")
}

func TestQuotaInVendorsOrder(t *testing.T) {
	p := flat("sg", "0.035")
	p.Quota = 5
	s := newStory(p)
	for i, c := range s.paid(30, "sg", at("10 06:00")) {
		s.bill(c, map[bool]string{true: "0", false: "0.035"}[i < 4 || i == 29])
	}
	j := s.judge(t)
	j.headline("0", "0")
	j.classes(map[Class]int{Matched: 30})
	if j.Rows[29].Note != anotherTierLawful || j.Rows[4].Note != anotherTierLawful || j.Rows[3].Note != "" {
		t.Errorf("notes %q, %q, %q", j.Rows[29].Note, j.Rows[4].Note, j.Rows[3].Note)
	}
}

// TestFeeBelowTheMinimum: the doubt that brings the top-up that is owed nearer to the fee is billed, though the cell alone
// would have the other.
func TestFeeBelowTheMinimum(t *testing.T) {
	th := flat("th", "0.035")
	th.Minimum = dec("0.25")
	s := newStory(flat("sg", "0.040"), th)
	s.paid(1, "sg", at("10 06:00"))
	s.paid(1, "th", at("10 07:00"))
	s.call("sg", at("11 06:00"), "?")
	s.call("th", at("11 07:00"), "?")
	s.cell("", "", 3, "1.115")
	s.fee("th", "0.05")
	j := s.judge(t)
	j.steps("USD", map[string]string{StepDoubt: "0.035", StepMinimum: "0.18"})
	j.headline("1.005", "0.13")
}

// TestTopUpInFirstCell: of two cells whose issue is the top-up the first by day has it, though it is on no call.
func TestTopUpInFirstCell(t *testing.T) {
	p := flat("sg", "0.03")
	p.Minimum = dec("0.06")
	s := newStory(p)
	s.paid(1, "sg", at("04 06:00"))
	s.cell("2026-09-04", "sg", 2, "0.06")
	s.cell("2026-09-03", "sg", 1, "0.03")
	for _, r := range s.judge(t).Rows {
		if want := map[int]Class{1: QuantityDiffers, 2: MonthlyMinimum}[r.Lines[0].Number]; r.Class != want {
			t.Errorf("line %d: %s, want %s", r.Lines[0].Number, r.Class, want)
		}
	}
}

// TestMinimumWithoutFee: a minimum that nothing bills decides nothing; of two doubts at one price the first row's is billed.
func TestMinimumWithoutFee(t *testing.T) {
	th := flat("th", "0.05")
	th.Minimum = dec("1")
	s := newStory(flat("sg", "0.05"), th)
	s.call("th", at("10 06:00"), "PAY")
	s.call("sg", at("11 06:00"), "?")
	s.call("th", at("11 07:00"), "?")
	s.cell("", "", 2, "0.10")
	j := s.judge(t)
	j.steps("USD", map[string]string{StepDoubt: "0.05", StepMinimum: "0.95", StepOwed: "1.05"})
	j.headline("0", "0.95")
}

func TestMinimumLineDecides(t *testing.T) {
	th := flat("th", "0.03")
	th.Minimum = dec("5")
	s := newStory(flat("id", "0.03"), th)
	for _, e := range []string{"id", "th"} {
		s.call(e, at("10 06:00"), "PAY")
		s.call(e, at("10 07:00"), "?")
	}
	s.cell("", "", 3, "0.09")
	s.fee("", "4.94")
	j := s.judge(t)
	j.headline("0", "0")
	if j.Pools[0].Lawful != 1 || j.Pools[1].Lawful != 2 {
		t.Errorf("pools %+v", j.Pools)
	}
	for _, d := range j.Doubts {
		if d.Fate != Counted || d.Billed != 1 || d.Among != 2 {
			t.Errorf("doubt %+v", d)
		}
	}
}

func TestVolume(t *testing.T) {
	s := newStory(tiered(Volume, "sg", tier(12, "0.030"), tier(0, "0.026")))
	s.paid(12, "sg", at("10 06:00"))
	d := s.call("sg", at("11 06:00"), "?")
	s.cell("", "", 13, "0.338")
	j := s.judge(t)
	j.headline("0", "0")
	j.doubts(map[string]Fate{d.ID: Billed})
	j.steps("USD", map[string]string{StepOurs: "0.36", StepDoubt: "0.026", StepShift: "-0.048", StepOwed: "0.338"})
	if m := j.Money["USD"]; !m.AtLeast.Equal(dec("0.338")) || !m.AtMost.Equal(dec("0.36")) {
		t.Errorf("at least %s, at most %s", m.AtLeast, m.AtMost)
	}
}

func TestQuota(t *testing.T) {
	p := flat("sg", "0.030")
	p.Quota = 5
	s := newStory(p)
	s.call("sg", at("09 06:00"), "?")
	s.paid(6, "sg", at("10 06:00"))
	s.cell("", "", 7, "0.060")
	j := s.judge(t)
	j.headline("0", "0")
	j.steps("USD", map[string]string{StepOurs: "0.03", StepDoubt: "0", StepShift: "0.03"})
}

func TestTax(t *testing.T) {
	s := newStory(flat("sg", "1"))
	calls := s.paid(10, "sg", at("10 06:00"))
	for _, c := range append(calls, calls[3]) {
		s.bill(c, "1.00")
	}
	s.line(Line{Kind: Tax, Amount: dec("0.99")})
	j := s.judge(t)
	j.headline("1", "0")
	j.steps("USD", map[string]string{StepOver + string(Duplicate): "1", StepTaxOwed: "0.90", StepTaxDisputed: "0.09",
		StepTheirs: "11.99"})
	j.pay("10.90")
}

func TestReadingsExample(t *testing.T) {
	s := newStory(flat("sg", "0.035"))
	for i, c := range s.paid(20, "sg", at("10 06:00")) {
		s.bill(c, map[bool]string{true: "0.040", false: "0.035"}[i == 7])
	}
	s.call("sg", at("11 06:00"), "FREE")
	for i := range 2 {
		d := s.call("sg", at("12 06:00").Add(time.Duration(i)*time.Hour), "?")
		s.line(Line{Time: d.Sent, Amount: dec("0.035")})
	}
	j := s.judge(t)
	j.headline("0.005", "0")
	v := j.Readings[0]
	want := map[Reading][2]int{PayTag: {0, 0}, Success: {0, 1}, EveryCall: {0, 1}, Transaction: {0, 0}, DistinctID: {0, 0}}
	for _, f := range v.Fits {
		if w := want[f.Reading]; w != [2]int{f.Billed, f.Missing} || f.Refuted != (f.Billed+f.Missing > 0) {
			t.Errorf("%+v, want %v", f, w)
		}
	}
	if !v.AsAgreed || v.Names[0] != PayTag || v.Nearest != PayTag {
		t.Errorf("verdict %+v", v)
	}
}

func TestClockOfAnotherZone(t *testing.T) {
	s := newStory(flat("sg", "0.035"))
	for _, c := range s.paid(552, "sg", at("10 06:00")) {
		c.Sent = c.Sent.Add(8 * time.Hour)
		s.bill(c, "0.035")
	}
	for i := range 18 {
		s.call("sg", at("20 06:00").Add(time.Duration(i)*time.Hour), "?")
	}
	for i := range 22 {
		s.line(Line{Transaction: "unknown" + string(rune('a'+i)), Time: at("20 14:00").Add(time.Duration(i) * time.Hour),
			Amount: dec("0.035")})
	}
	j := s.judge(t)
	j.headline("0", "0")
	g := j.Gate
	if g.Known != 552 || g.Of != 574 || g.Shut || g.Doubtful || !g.Shifted || g.Shift != 8*time.Hour || !g.Zone {
		t.Errorf("gate %+v", g)
	}
	open := 0
	for _, d := range j.Doubts {
		if d.Fate == Open {
			open++
		}
	}
	if open != 18 {
		t.Errorf("%d doubts are open", open)
	}
}
