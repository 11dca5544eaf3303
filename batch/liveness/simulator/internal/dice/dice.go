// Package dice draws numbers that depend on nothing but what they are drawn for.
package dice

import (
	"math"
	"strconv"
)

// Dice holds a SplitMix64 generator (Steele, Lea, Flood: "Fast splittable pseudorandom number generators", OOPSLA
// 2014). Every decision of the vendor throws its own dice, keyed by what is decided, for whom and on which try, so that
// nothing depends on the order in which goroutines arrive.
type Dice uint64

// Throw keys dice by FNV-1a over the subject of the decision, the ID and n.
func Throw(seed uint64, subject, id string, n int) Dice {
	h := mix(seed) ^ 14695981039346656037
	h = fnv(fnv(h, subject), id)
	return Dice(mix(h ^ mix(uint64(n))))
}

func fnv(h uint64, s string) uint64 {
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return (h ^ 0xff) * 1099511628211 // a separator no UTF-8 text contains
}

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// Next draws 64 bits.
func (d *Dice) Next() uint64 {
	*d += 0x9e3779b97f4a7c15
	return mix(uint64(*d))
}

// Unit draws uniformly in [0,1).
func (d *Dice) Unit() float64 { return float64(d.Next()>>11) / (1 << 53) }

// Below draws uniformly in [0,n), n > 0; the bias of the modulus is under 2^-40 for every n used here.
func (d *Dice) Below(n int) int { return int(d.Next() % uint64(n)) }

// Chance reports true with a probability in [0,1].
func (d *Dice) Chance(p float64) bool { return d.Unit() < p }

// Hex16 returns the next draw as 16 hexadecimal digits, the shape of the vendor's transaction numbers.
func (d *Dice) Hex16() string {
	s := strconv.FormatUint(d.Next(), 16)
	return "0000000000000000"[len(s):] + s
}

// Kumaraswamy returns a number of Kumaraswamy's distribution on [0,1] (J. Hydrology 46, 1980): the shapes of a beta
// distribution with an inverse in closed form, x = (1 - (1-u)^(1/b))^(1/a).
func (d *Dice) Kumaraswamy(a, b float64) float64 { return math.Pow(1-math.Pow(1-d.Unit(), 1/b), 1/a) }
