package stats

import "math"

// Interval represents a closed range. The unit is that of the estimate it belongs to:
// a fraction for a rate, a difference of fractions for a change.
type Interval struct {
	Low  float64 `json:"low"`
	High float64 `json:"high"`
}

// Excludes reports whether x lies outside the interval.
func (i Interval) Excludes(x float64) bool {
	return x < i.Low || x > i.High
}

// Proportion represents Count of Total: 56 suspicious checks of 70 scored ones. It is
// usable when Total > 0 and 0 <= Count <= Total.
type Proportion struct {
	Count, Total int64
}

func (p Proportion) usable() bool {
	return p.Total > 0 && p.Count >= 0 && p.Count <= p.Total
}

// Rate returns Count/Total as a fraction. It does not exist (0, false) when Total
// is zero or the counts contradict each other.
func (p Proportion) Rate() (float64, bool) {
	if !p.usable() {
		return 0, false
	}
	return p.rate(), true
}

// Wilson returns the 95 % Wilson score interval of the rate, without continuity
// correction. It contains the rate and lies in [0, 1]. Without a usable
// proportion nothing is known of the rate: the interval is then [0, 1] and the
// second result is false.
//
// Source: E. B. Wilson, Probable inference, the law of succession, and
// statistical inference, JASA 22 (1927) 209-212; recommended over the Wald
// interval by Brown, Cai and DasGupta, Interval estimation for a binomial
// proportion, Statistical Science 16 (2001) 101-133.
func (p Proportion) Wilson() (Interval, bool) {
	if !p.usable() {
		return Interval{0, 1}, false
	}
	return p.share().wilson(z95), true
}

func (p Proportion) rate() float64 { return float64(p.Count) / float64(p.Total) }

// share holds counts that need not be whole, as those divided by a design effect are not.
type share struct{ count, total float64 }

func (p Proportion) share() share { return share{float64(p.Count), float64(p.Total)} }

func (s share) rate() float64 { return s.count / s.total }

func (s share) usable() bool { return s.total > 0 && s.count >= 0 && s.count <= s.total }

// wilson returns the score interval z standard errors wide to each side. The upper
// limit is the mirror image of the lower one, so exchanging the outcomes
// mirrors the interval to the last bit.
func (s share) wilson(z float64) Interval {
	rate, other := s.rate(), (s.total-s.count)/s.total
	return Interval{Low: wilsonLow(rate, other, s.total, z), High: 1 - wilsonLow(other, rate, s.total, z)}
}

// wilsonLow returns the smaller root t of (p-t)^2 = z^2 t(1-t)/n, where p = 1-q is
// the rate seen in n observations, written as the product of the roots over the
// larger one. The textbook form (centre minus half-width) subtracts nearly
// equal numbers when p is small.
func wilsonLow(p, q, n, z float64) float64 {
	if p == 0 {
		return 0
	}
	h := z * z / (2 * n)
	return p * p / (p + h + z*math.Sqrt((p*q+h/2)/n))
}
