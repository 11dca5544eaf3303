package findings

import "sort"

// weighted describes one question of a page: its p-value and its share of the page's budget.
type weighted struct{ p, weight float64 }

// adjust returns, question by question, the smallest error rate of the whole page at which it is claimed, and the sum
// of the weights not yet passed when it is reached: with that sum, a p of alpha·weight/left is just claimed. Weights
// need not add up to one; what is missing is shared in proportion.
//
// Source: S. Holm, A simple sequentially rejective multiple test procedure, Scandinavian Journal of Statistics 6 (1979)
// 65-70, its weighted form.
func adjust(questions []weighted) (adjusted, left []float64) {
	order := make([]int, len(questions))
	var sum float64
	for i, q := range questions {
		order[i] = i
		sum += q.weight
	}
	sort.SliceStable(order, func(a, b int) bool {
		x, y := questions[order[a]], questions[order[b]]
		return x.p*y.weight < y.p*x.weight
	})
	adjusted, left = make([]float64, len(questions)), make([]float64, len(questions))
	floor := 0.0
	for _, i := range order {
		q := questions[i]
		left[i] = sum
		if q.weight > 0 {
			floor = max(floor, min(1, q.p/q.weight*sum))
		} else {
			floor = 1
		}
		adjusted[i] = floor
		sum -= q.weight
	}
	return adjusted, left
}
