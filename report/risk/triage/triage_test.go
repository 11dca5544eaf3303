package triage

import (
	"slices"
	"testing"

	"liverecon/report/risk/survey"
	"liverecon/store/decisions"
)

func decided(kind string, score float64, word string, n int) (all []decisions.Current) {
	for range n {
		all = append(all, decisions.Current{Decision: decisions.Decision{Decision: word}, Score: score, AttackType: kind})
	}
	return all
}

// TestOrder: without decisions the score decides, and injection goes before presentation of one band; decisions move a class
// by what they found, and unclear ones move none.
func TestOrder(t *testing.T) {
	scores := map[float64]int64{2: 10, 15: 4, 42: 3, 48: 3}
	o := New(nil, scores)
	injection, presentation := o.Of(survey.Injection, 2), o.Of(survey.Presentation, 2)
	if injection.Rank != 1 || presentation.Rank != 2 || o.Of(survey.Injection, 42).Rank < o.Of(survey.Other, 2).Rank {
		t.Errorf("without decisions: %+v, %+v", injection, presentation)
	}
	if got, want := o.Of(survey.Injection, 42).Worth(), .55; got < want-1e-9 || got > want+1e-9 {
		t.Errorf("worth %g, want %g: the mean of 42 and 48", got, want)
	}
	all := append(decided("2", 42, "attack", 30), decided("1", 3, "genuine", 20)...)
	all = append(all, decided("", 3, "unclear", 50)...)
	o = New(all, scores)
	if c := o.Of(survey.Injection, 44); c.Rank != 1 || c.Reason() != "Injection, score 40 to 50: 30 of 30 called attack or genuine before were attacks" {
		t.Errorf("confirmed: %+v, %s", c, c.Reason())
	}
	if c := o.Of(survey.Presentation, 3); c.Rank != len(o.Ranks()) || c.Reason() != "Presentation, score below 10: 0 of 20 called attack or genuine before were attacks" {
		t.Errorf("cleared: %+v, %s", c, c.Reason())
	}
	if c := o.Of(survey.Unclassified, 3); c.Calls != 0 || c.Reason() != "Unclassified, score below 10: nobody had decided about such checks before, so by the score" {
		t.Errorf("unclear: %+v, %s", c, c.Reason())
	}
	ranks := slices.Clone(o.Ranks())
	slices.Sort(ranks)
	for i, rank := range ranks {
		if rank != i+1 {
			t.Fatalf("ranks: %v", o.Ranks())
		}
	}
	if BandOf(-3) != 0 || BandOf(9.99) != 0 || BandOf(10) != 1 || BandOf(50) != 5 || BandOf(100) != 5 {
		t.Error("bands")
	}
}
