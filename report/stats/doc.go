// Package stats holds the statistics of the risk workbook: intervals of rates
// and of their differences, percentiles, drift of score distributions, tests
// of contingency tables, and the correction for asking many
// questions at once. It is pure: no clock, no randomness, no state.
//
// Rates and probabilities are fractions in [0, 1], never percent. Intervals
// and chance levels are at 95 %; they are not simultaneous, so whoever scans
// many of them passes the p-values through [Holm] before naming a finding.
//
// No function returns NaN or an infinity. Where a figure does not exist, for
// lack of observations or because the counts contradict one another, the
// second result is false; input that cannot be a measurement at all (a
// negative count, a value that is not finite, a ragged table) is an error.
package stats

import (
	"errors"
	"fmt"
)

// Alpha holds the error rate of every test and the complement of the confidence
// of every interval in this package.
const Alpha = 0.05

// z95 holds the 0.975 quantile of the standard normal distribution, the
// half-width of a two-sided 95 % interval in standard errors.
const z95 = 1.959963984540054

// maxCount holds the largest count that a float64 still holds exactly, 2^53.
const maxCount = 1 << 53

// ErrTooFew reports that a test was not made because there are not enough
// observations for its approximation to hold.
var ErrTooFew = errors.New("too few observations")

// addCount returns total+count, refusing what is no count and sums that
// float64 arithmetic could no longer represent.
func addCount(total, count int64) (int64, error) {
	if count < 0 || count > maxCount-total {
		return 0, fmt.Errorf("count %d outside 0..2^53", count)
	}
	return total + count, nil
}
