package oracle

import (
	"fmt"
	"testing"
	"time"
)

func TestRoundingOfLines(t *testing.T) {
	for _, test := range []struct {
		name, price, amount string
		lines               int
		dispute             string
		pay                 string
	}{
		{"to 4 decimals", "0.031237", "0.0312", 1, "0", "0.03"},
		{"a wrong one to 4 decimals", "0.031237", "0.0313", 1, "0.000063", "0.03"},
		{"14 % is a price", "0.035", "0.04", 9, "0.045", "0.32"},
		{"a digit more than printed", "0.056005", "0.0560", 10, "0", "0.56"},
	} {
		t.Run(test.name, func(t *testing.T) {
			s := newStory(flat("sg", test.price))
			for _, c := range s.paid(test.lines, "sg", at("10 06:00")) {
				s.bill(c, test.amount)
			}
			j := s.judge(t)
			j.headline(test.dispute, "0")
			j.pay(test.pay)
		})
	}
}

func TestRoundingOfCells(t *testing.T) {
	s := newStory(flat("sg", "5.910001"), flat("th", "5.919999"), flat("id", "5.914197"))
	for i, e := range []string{"sg", "th", "id"} {
		s.call(e, at("10 06:00"), "PAY")
		s.cell("", e, 1, []string{"5.91", "5.92", "5.91"}[i])
	}
	j := s.judge(t)
	j.headline("0", "0")
	j.steps("USD", map[string]string{StepOwed: "17.744197", StepRounding: "-0.004197"})
	j.pay("17.74")
}

func TestRoundingPerLine(t *testing.T) {
	s := newStory(flat("sg", "0.033094"), flat("th", "0.033"), flat("id", "0.033093"))
	for _, part := range []struct {
		endpoint, amount string
		n                int
	}{{"sg", "0.0331", 133}, {"th", "0.0330", 289}, {"id", "0.0331", 115}} {
		for i := range part.n {
			s.bill(s.call(part.endpoint, at("10 06:00").Add(time.Duration(i)*time.Minute), "PAY"), part.amount)
		}
	}
	j := s.judge(t)
	j.headline("0", "0")
	j.steps("USD", map[string]string{StepOwed: "17.744197", StepRounding: "0.001603", StepTheirs: "17.7458"})
	j.pay("17.75")
}

func TestRoundingOfTotal(t *testing.T) {
	s := newStory(flat("sg", "18.96952"))
	s.bill(s.call("sg", at("10 06:00"), "PAY"), "18.96952")
	s.line(Line{Kind: Total, Amount: dec("18.97")})
	j := s.judge(t)
	j.headline("0", "0")
	j.steps("USD", map[string]string{StepRounding: "0.00048", StepUnexplained: "0", StepTheirs: "18.97"})
	j.pay("18.97")
}

func TestTotalThatIsNotExplained(t *testing.T) {
	for total, pay := range map[string]string{"1.50": "1.00", "0.80": "0.80"} {
		s := newStory(flat("sg", "1"))
		s.bill(s.call("sg", at("10 06:00"), "PAY"), "1")
		s.line(Line{Kind: Total, Amount: dec(total)})
		j := s.judge(t)
		j.headline("0", "0")
		j.steps("USD", map[string]string{StepUnexplained: dec(total).Sub(dec("1")).String(), StepTheirs: total})
		j.pay(pay)
	}
}

func TestContradictionInALine(t *testing.T) {
	s := newStory(flat("sg", "0.035"))
	s.paid(10, "sg", at("10 06:00"))
	s.cell("", "sg", 10, "0.35")
	u := dec("0.025")
	s.lines[0].Unit = &u
	j := s.judge(t)
	j.headline("0", "0")
	if !j.Rows[0].Contradicts || j.Rows[0].Class != Matched {
		t.Errorf("row %+v", j.Rows[0])
	}
}

func TestRuleOfRounding(t *testing.T) {
	s := newStory(flat("sg", "0.0325"))
	s.set.Rounding = &Rounding{Level: LineLevel, Decimals: 3}
	s.paid(10, "sg", at("10 06:00"))
	s.cell("", "sg", 10, "0.33")
	s.judge(t).headline("0", "0")
	s.set.Rounding.HalfEven = true
	s.judge(t).headline("0.005", "0")
	s.set.Rounding = nil
	s.judge(t).headline("0", "0") // 0.325 is half way between two cents
}

func TestTaxIncluded(t *testing.T) {
	s := newStory(flat("sg", "1"))
	rate := dec("0.07")
	s.set.TaxIncluded = &rate
	calls := s.paid(3, "sg", at("10 06:00"))
	for _, c := range append(calls, calls[0]) {
		s.bill(c, "1.07")
	}
	j := s.judge(t)
	j.headline("1", "0")
	j.steps("USD", map[string]string{StepOwed: "3", StepTaxOwed: "0.21", StepTaxDisputed: "0.07", StepTheirs: "4.28"})
	j.pay("3.21")
}

// lateLines is two months of 150 and 195 calls; three of the first are on the second's invoice.
func lateLines() (s *story, files []Statement) {
	s = newStory(flat("sg", "0.035"))
	s9, s10 := Statement{Name: "s9"}, Statement{Name: "s10"}
	for i := range 345 {
		sent := at("05 06:00").Add(time.Duration(i) * 2 * time.Hour)
		if i >= 150 {
			sent = at("05 06:00").AddDate(0, 1, 0).Add(time.Duration(i-150) * 2 * time.Hour)
		}
		c := s.call("sg", sent, "PAY")
		f := &s9
		if i >= 147 {
			f = &s10
		}
		f.Lines = append(f.Lines, Line{Number: len(f.Lines) + 1, Kind: Usage, Transaction: c.Transaction, Time: c.Sent,
			Endpoint: "sg", Amount: dec("0.035"), Currency: "USD"})
	}
	return s, []Statement{s9, s10}
}

func TestLateLines(t *testing.T) {
	s, files := lateLines()
	j := s.judgeFiles(t, files...)
	j.headline("0", "0")
	j.classes(map[Class]int{Matched: 150})
	pays := fmt.Sprint(j.Payments[0].File, j.Payments[0].Amount, j.Payments[1].File, j.Payments[1].Amount)
	if pays != "s95.15s106.93" {
		t.Errorf("pays %s", pays)
	}
}
