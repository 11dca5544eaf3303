package store

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
)

// OpenAfter stands for the pending checks of one region with numbers above one.
type OpenAfter struct {
	Region string `json:"region"`
	After  int64  `json:"after"`
}

// The order in which checks are drawn for a sample: by the fractional part of number * golden ratio, plus a turn's, in
// integers. What stands first in it lies at even distances among the numbers (Knuth 6.4, theorem S). It depends on
// nothing but the number and the turn, so that what a lost night may have drawn can be told without knowing that night.
const (
	drawModulus = 1<<31 - 1
	drawStep    = 1327217885 // drawModulus / golden ratio
	drawTurn    = 889516852  // drawModulus * (sqrt(2) - 1)
)

// drawOrder is the order of the checks of a turn; turn is SQL.
func drawOrder(turn string) string {
	return fmt.Sprintf("(c.check_id %% %[1]d * %[2]d + %[4]s %% %[1]d * %[3]d) %% %[1]d, c.check_id", drawModulus,
		drawStep, drawTurn, turn)
}

// Draw returns up to n of an endpoint's pending checks, evenly spread over all of them; turn chooses among the ways to
// do that. Erased ones are left out. Its cost depends on how many there are.
func (c Checks) Draw(ctx context.Context, endpoint string, from []OpenAfter, n int, turn int64) ([]Check, error) {
	places, err := json.Marshal(append([]OpenAfter{}, from...))
	if err != nil {
		return nil, err
	}
	type place struct {
		region string
		id     int64
	}
	rows, err := c.read.QueryContext(ctx, `SELECT c.region, c.check_id FROM (SELECT value ->> 'region' AS region, value ->> 'after' AS after FROM json_each(?2)) f
		CROSS JOIN checks c INDEXED BY checks_open ON c.endpoint = ?1 AND c.region = f.region AND c.state = 'pending' AND c.state IN ('pending', 'in_doubt')
		AND c.check_id > f.after ORDER BY `+drawOrder("?3")+" LIMIT ?4", endpoint, string(places), turn, n)
	drawn, err := collect(rows, err, "draw open checks", func(p *place) error { return rows.Scan(&p.region, &p.id) })
	if err != nil {
		return nil, err
	}
	var all []Check
	for _, p := range drawn {
		checks, err := c.Open(ctx, endpoint, p.region, Pending, p.id-1, 1)
		if err != nil {
			return nil, err
		}
		all = append(all, slices.DeleteFunc(checks, func(c Check) bool { return c.ID != p.id })...)
	}
	return all, nil
}
