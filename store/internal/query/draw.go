package query

import "fmt"

// The order in which checks are drawn for a sample: by the fractional part of number * golden ratio, plus a turn's, in
// integers. What stands first in it lies at even distances among the numbers (Knuth 6.4, theorem S). It depends on
// nothing but the number and the turn, so that what a lost night may have drawn can be told without knowing that night.
const (
	drawModulus = 1<<31 - 1
	drawStep    = 1327217885 // drawModulus / golden ratio
	drawTurn    = 889516852  // drawModulus * (sqrt(2) - 1)
)

// DrawOrder returns the order of the checks c of a turn; turn is SQL.
func DrawOrder(turn string) string {
	return fmt.Sprintf("(c.check_id %% %[1]d * %[2]d + %[4]s %% %[1]d * %[3]d) %% %[1]d, c.check_id", drawModulus,
		drawStep, drawTurn, turn)
}
