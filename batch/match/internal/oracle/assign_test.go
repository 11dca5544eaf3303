package oracle

import (
	"cmp"
	"math/big"
	"slices"
)

// edge represents an eligible pair of a line and a call, both by their order.
type edge struct {
	line, call int
	gain, away int64 // ms
	charged    bool
}

// bestPairs returns the set of pairs in which every line and call is used at most once with the greatest gain, then
// most charges, then least squares of away, then lower line with lower call. Parts that share nothing are solved apart.
func bestPairs(edges []edge) []edge {
	var all []edge
	for _, part := range parts(edges) {
		all = append(all, assign(part)...)
	}
	return all
}

// parts splits edges by what hangs together.
func parts(edges []edge) [][]edge {
	root := map[[2]int][2]int{}
	var find func(v [2]int) [2]int
	find = func(v [2]int) [2]int {
		if up, ok := root[v]; ok && up != v {
			return find(up)
		}
		return v
	}
	for _, e := range edges {
		root[find([2]int{0, e.line})] = find([2]int{1, e.call})
	}
	var order [][2]int
	groups := map[[2]int][]edge{}
	for _, e := range edges {
		r := find([2]int{0, e.line})
		if groups[r] == nil {
			order = append(order, r)
		}
		groups[r] = append(groups[r], e)
	}
	all := make([][]edge, 0, len(order))
	for _, r := range order {
		all = append(all, groups[r])
	}
	return all
}

func distinct(edges []edge, of func(edge) int) []int {
	var all []int
	for _, e := range edges {
		all = append(all, of(e))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// assign solves one part exactly: the Hungarian method over weights in which each rule outweighs all later ones.
func assign(edges []edge) []edge {
	lines := distinct(edges, func(e edge) int { return e.line })
	calls := distinct(edges, func(e edge) int { return e.call })
	n := len(lines) + len(calls) // each line may stay alone, with a call of its own
	weight := make([][]*big.Int, len(lines))
	at := map[[2]int]edge{}
	for i := range weight {
		weight[i] = make([]*big.Int, n)
		weight[i][len(calls)+i] = new(big.Int)
	}
	for _, e := range edges {
		i, j := slices.Index(lines, e.line), slices.Index(calls, e.call)
		weight[i][j] = e.weight(i, j, len(lines), len(calls))
		at[[2]int{i, j}] = e
	}
	var chosen []edge
	for i, j := range maximum(weight) {
		if e, ok := at[[2]int{i, j}]; ok {
			chosen = append(chosen, e)
		}
	}
	slices.SortFunc(chosen, func(a, b edge) int { return cmp.Compare(a.line, b.line) })
	return chosen
}

// weight of line i with call j: gain, charge, squares and order in digits of one number.
func (e edge) weight(i, j, lines, calls int) *big.Int {
	base := big.NewInt(int64(calls + 1))
	order := new(big.Int).Exp(base, big.NewInt(int64(lines-1-i)), nil)
	order.Mul(order, big.NewInt(int64(calls-j)))
	above := new(big.Int).Exp(base, big.NewInt(int64(lines+1)), nil)
	squares := new(big.Int).Mul(above, big.NewInt(e.away))
	squares.Mul(squares, big.NewInt(e.away))
	above.Lsh(above, 80) // over any sum of squares
	total := new(big.Int).Sub(order, squares)
	if e.charged {
		total.Add(total, above)
	}
	above.Lsh(above, 20) // over any count of charges
	return total.Add(total, above.Mul(above, big.NewInt(e.gain)))
}

// maximum finds the column of each row with the greatest total weight; nil is not allowed. There are at least as many
// columns as rows, and an allowed choice for all.
func maximum(weight [][]*big.Int) []int {
	rows, columns := len(weight), len(weight[0])
	u, v := zeros(rows+1), zeros(columns+1)
	owner, way := make([]int, columns+1), make([]int, columns+1)
	for i := 1; i <= rows; i++ {
		owner[0] = i
		least, used := make([]*big.Int, columns+1), make([]bool, columns+1)
		j0 := 0
		for first := true; first || owner[j0] != 0; first = false {
			used[j0] = true
			i0, j1 := owner[j0], -1
			for j := 1; j <= columns; j++ {
				if used[j] {
					continue
				}
				if w := weight[i0-1][j-1]; w != nil {
					cost := new(big.Int).Neg(w)
					cost.Sub(cost, u[i0]).Sub(cost, v[j])
					if least[j] == nil || cost.Cmp(least[j]) < 0 {
						least[j], way[j] = cost, j0
					}
				}
				if least[j] != nil && (j1 < 0 || least[j].Cmp(least[j1]) < 0) {
					j1 = j
				}
			}
			shift(u, v, owner, least, used, new(big.Int).Set(least[j1]))
			j0 = j1
		}
		for j0 != 0 {
			owner[j0] = owner[way[j0]]
			j0 = way[j0]
		}
	}
	column := make([]int, rows)
	for j := 1; j <= columns; j++ {
		if owner[j] > 0 {
			column[owner[j]-1] = j - 1
		}
	}
	return column
}

func shift(u, v []*big.Int, owner []int, least []*big.Int, used []bool, by *big.Int) {
	for j := range used {
		switch {
		case used[j]:
			u[owner[j]].Add(u[owner[j]], by)
			v[j].Sub(v[j], by)
		case least[j] != nil:
			least[j] = new(big.Int).Sub(least[j], by)
		}
	}
}

func zeros(n int) []*big.Int {
	all := make([]*big.Int, n)
	for i := range all {
		all[i] = new(big.Int)
	}
	return all
}
