// Package triage puts the suspicious checks that wait for people in the order of what a decision about them is worth.
package triage

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"liverecon/report/risk/survey"
	"liverecon/store/decisions"
)

// Bands sets into how many bands of ten points the score parts classes; the last is open upwards.
const Bands = 6

// Types lists the attack types that part classes, in the order in which classes of equal worth stand: an injection
// means a source that can be stopped, a type that the vendor is not sure of says least.
func Types() []survey.Attack {
	return []survey.Attack{survey.Injection, survey.Presentation, survey.Unsure, survey.Unclassified, survey.Other}
}

// Class holds what is known of the checks of one type and band.
type Class struct {
	Attack         survey.Attack
	Band           int
	Attacks, Calls int64   // decided attack; decided attack or genuine
	Prior          float64 // share of attacks as the vendor's score says
	Rank           int     // 1 for the class whose decisions are worth most
}

// Worth returns the attacks that a decision about a check of the class is expected to find: the share of attacks among
// those that people have called attack or genuine, starting from the vendor's score as if it were one decision.
//
// Source: expected value as the order of review, Elkan, The foundations of cost-sensitive learning, IJCAI 2001, where
// every attack costs alike; a prior as strong as one observation, Kass and Wasserman, A reference Bayesian test for
// nested hypotheses and its relationship to the Schwarz criterion, JASA 90 (1995) 928-934.
func (c Class) Worth() float64 { return (float64(c.Attacks) + c.Prior) / (float64(c.Calls) + 1) }

// Order holds the classes by type, then band.
type Order struct{ classes []Class }

// BandOf returns the band of a score.
func BandOf(score float64) int { return int(min(max(math.Floor(score/10), 0), Bands-1)) }

// New ranks the classes by the decisions about suspicious checks of the baseline. scores counts the
// suspicious checks of the period: the prior of a band is one less the mean of its scores in hundredths.
func New(decided []decisions.Current, scores map[float64]int64) *Order {
	var sums, counts [Bands]float64
	for score, n := range scores {
		sums[BandOf(score)] += score * float64(n)
		counts[BandOf(score)] += float64(n)
	}
	o := &Order{}
	for _, a := range Types() {
		for band := range Bands {
			mean := float64(10*band + 5)
			if counts[band] > 0 {
				mean = sums[band] / counts[band]
			}
			o.classes = append(o.classes, Class{Attack: a, Band: band, Prior: min(max(1-mean/100, 0), 1)})
		}
	}
	for _, d := range decided {
		c := &o.classes[o.index(survey.AttackOf(d.AttackType, survey.Suspicious), d.Score)]
		switch d.Decision.Decision {
		case "attack":
			c.Attacks, c.Calls = c.Attacks+1, c.Calls+1
		case "genuine":
			c.Calls++
		}
	}
	byWorth := make([]int, len(o.classes))
	for i := range byWorth {
		byWorth[i] = i
	}
	slices.SortStableFunc(byWorth, func(a, b int) int {
		return cmp.Compare(o.classes[b].Worth(), o.classes[a].Worth())
	})
	for rank, i := range byWorth {
		o.classes[i].Rank = rank + 1
	}
	return o
}

func (o *Order) index(a survey.Attack, score float64) int {
	return max(slices.Index(Types(), a), 0)*Bands + BandOf(score)
}

// Of returns the class of a check.
func (o *Order) Of(a survey.Attack, score float64) Class { return o.classes[o.index(a, score)] }

// Ranks returns the ranks of the classes, by type as in Types, then band.
func (o *Order) Ranks() []int {
	ranks := make([]int, len(o.classes))
	for i, c := range o.classes {
		ranks[i] = c.Rank
	}
	return ranks
}

// Reason words why a check of the class stands where it does.
func (c Class) Reason() string {
	band := fmt.Sprintf("%d to %d", 10*c.Band, 10*c.Band+10)
	switch c.Band {
	case 0:
		band = "below 10"
	case Bands - 1:
		band = fmt.Sprintf("%d and more", 10*c.Band)
	}
	text := fmt.Sprintf("%s, score %s: ", c.Attack, band)
	if c.Calls == 0 {
		return text + "nobody had decided about such checks before, so by the score"
	}
	return text + fmt.Sprintf("%d of %d called attack or genuine before were attacks", c.Attacks, c.Calls)
}
