package outlook

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
)

// TestVariances splits differences by hand, and random ones exactly.
func TestVariances(t *testing.T) {
	d := decimal.RequireFromString
	sg, ph := billing.Route{Endpoint: "sg", Region: "SG"}, billing.Route{Endpoint: "ph", Region: "PH"}
	for _, c := range []struct {
		name               string
		before, after      []Cost
		volume, mix, price string
	}{
		{"twice the calls", []Cost{{sg, 10, d("1")}}, []Cost{{sg, 20, d("2")}}, "1", "0", "0"},
		{"dearer", []Cost{{sg, 10, d("1")}}, []Cost{{sg, 10, d("1.5")}}, "0", "0", "0.5"},
		{"another place", []Cost{{sg, 10, d("1")}, {ph, 10, d("2")}}, []Cost{{sg, 5, d("0.5")}, {ph, 15, d("3")}}, "0", "0.5", "0"},
		{"a new place", []Cost{{sg, 10, d("1")}}, []Cost{{sg, 10, d("1")}, {ph, 10, d("2")}}, "1", "1", "0"},
		{"a minimum", []Cost{{sg, 10, d("1")}}, []Cost{{sg, 10, d("1")}, {billing.Route{Endpoint: "sg", Region: "*"}, 0, d("4")}}, "0", "0", "4"},
	} {
		var volume, mix, price decimal.Decimal
		for _, v := range Variances(c.before, c.after) {
			volume, mix, price = volume.Add(v.Volume), mix.Add(v.Mix), price.Add(v.Price)
		}
		if !volume.Equal(d(c.volume)) || !mix.Equal(d(c.mix)) || !price.Equal(d(c.price)) {
			t.Errorf("%s: volume %s, mix %s, price %s", c.name, volume, mix, price)
		}
	}
	r := rand.New(rand.NewPCG(5, 17))
	for range 1000 {
		var months [2][]Cost
		var sums [2]decimal.Decimal
		for m := range months {
			for _, region := range []string{"SG", "PH", "ID", "*"}[:r.IntN(5)] {
				c := Cost{billing.Route{Endpoint: "sg", Region: region}, r.Int64N(50), decimal.New(r.Int64N(9_999), -4)}
				months[m], sums[m] = append(months[m], c), sums[m].Add(c.Amount)
			}
		}
		var parts decimal.Decimal
		for _, v := range Variances(months[0], months[1]) {
			if !v.Volume.Add(v.Mix).Add(v.Price).Equal(v.Difference()) {
				t.Fatalf("the parts are not the difference: %+v", v)
			}
			parts = parts.Add(v.Volume).Add(v.Mix).Add(v.Price)
		}
		if want := sums[1].Sub(sums[0]); !parts.Equal(want) {
			t.Fatalf("parts of %s, want %s: %v", parts, want, months)
		}
	}
}

// TestForecastCovers plays months of several kinds from a day on, and counts how often what they come to lies in the
// interval that was forecast: 90 to 98 of 100.
func TestForecastCovers(t *testing.T) {
	for name, day := range map[string]func(r *rand.Rand, weekend bool) float64{
		"steady":        func(r *rand.Rand, _ bool) float64 { return 1000 + 60*r.NormFloat64() },
		"quiet weekend": func(r *rand.Rand, weekend bool) float64 { return level(weekend) * (1 + 0.15*r.NormFloat64()) },
		"skewed":        func(r *rand.Rand, weekend bool) float64 { return level(weekend) * math.Exp(0.4*r.NormFloat64()) },
		"few calls":     func(r *rand.Rand, weekend bool) float64 { return poisson(r, level(weekend)/100) },
	} {
		r := rand.New(rand.NewPCG(17, 5))
		for _, elapsed := range []int{3, 15, 27} {
			in, all := 0, 0
			for range 1000 {
				var past []Day
				var rest float64
				weekdays, weekends := 0, 0
				for i := range 28 + 30 {
					weekend := i%7 > 4
					cost := day(r, weekend)
					switch {
					case i < 28+elapsed:
						past = append(past, Day{cost, weekend})
						continue
					case weekend:
						weekends++
					default:
						weekdays++
					}
					rest += cost
				}
				f, known := Ahead(past, weekdays, weekends)
				if !known {
					t.Fatalf("%s: nothing known from %d days", name, len(past))
				}
				all++
				if f.Low <= rest && rest <= f.High {
					in++
				}
			}
			if covered := float64(in) / float64(all); covered < 0.90 || covered > 0.98 {
				t.Errorf("%s, day %d: the interval has %.3f of the months", name, elapsed, covered)
			}
		}
	}
}

func level(weekend bool) float64 {
	if weekend {
		return 300
	}
	return 1200
}

func poisson(r *rand.Rand, mean float64) float64 {
	n, p := 0, math.Exp(-mean)
	for x := r.Float64(); x > p; x *= r.Float64() {
		n++
	}
	return float64(n)
}

// TestTooFewDays: nothing is said from too few days, nor about a kind of day that there was none of.
func TestTooFewDays(t *testing.T) {
	var weekdays []Day
	for range 20 {
		weekdays = append(weekdays, Day{Cost: 10})
	}
	if _, known := Ahead(weekdays[:LeastDays-1], 3, 0); known {
		t.Error("known from too few days")
	}
	if _, known := Ahead(weekdays, 3, 2); known {
		t.Error("known of weekends from weekdays")
	}
	if f, known := Ahead(weekdays, 3, 0); !known || f != (Forecast{30, 30, 30}) {
		t.Errorf("of what never varies: %+v, %v", f, known)
	}
}
