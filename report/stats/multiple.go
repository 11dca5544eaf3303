package stats

import (
	"fmt"
	"sort"
)

// Holm adjusts p-values of tests made together, so that naming those at or
// below [Alpha] names anything wrongly in at most 5 % of reports, however many
// tests there are and whatever their dependence: the PSI and the change of rate
// of one region, which move together, may stand in one family. The result is
// in the order given, each value in [0, 1] and not below its original. Tests
// not made for want of observations do not belong in the family. A p-value
// outside [0, 1] or NaN is an error.
//
// The false discovery rate (Benjamini and Hochberg 1995) would allow one in
// twenty of the regions named to be named wrongly; a headline that names a
// single region promises more.
//
// Source: S. Holm, A simple sequentially rejective multiple test procedure,
// Scandinavian Journal of Statistics 6 (1979) 65-70.
func Holm(p []float64) ([]float64, error) {
	order := make([]int, len(p))
	for i, x := range p {
		if !(x >= 0 && x <= 1) { // written so that NaN fails
			return nil, fmt.Errorf("p-value %d is %v, want 0..1", i, x)
		}
		order[i] = i
	}
	sort.Slice(order, func(i, j int) bool { return p[order[i]] < p[order[j]] })
	adjusted, floor := make([]float64, len(p)), 0.0
	for rank, i := range order {
		floor = max(floor, min(1, p[i]*float64(len(p)-rank)))
		adjusted[i] = floor
	}
	return adjusted, nil
}
