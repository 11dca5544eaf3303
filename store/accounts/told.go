package accounts

import "fmt"

// Told names what standing reconciliations say of a check in doubt, once they have settled every lost call of it.
type Told int

// The answers, the weaker first: one call that was billed makes the check billed.
const (
	ToldNotBilled Told = iota // no call was billed, and the statements are whole for all of them
	ToldShort                 // none is on a statement, and for one of them that proves nothing
	ToldBilled
)

// ToldSQL returns the condition that a check c is in doubt, and what is told of it.
func ToldSQL(told Told) string {
	const open = ToldBilled + 1
	calls := fmt.Sprintf(`SELECT max(coalesce((SELECT CASE max(r.billed) WHEN 1 THEN %d
		WHEN 0 THEN min(r.short <> '') END FROM resolutions r JOIN reconciliations n USING (reconciliation_id)
			WHERE r.call_id = o.call_id AND n.superseded_by IS NULL), %d)) FROM calls k
			CROSS JOIN outcomes o USING (call_id)
		WHERE k.check_id = c.check_id AND (o.outcome = 'unanswered' OR o.tag = 'unknown')`, ToldBilled, open)
	return fmt.Sprintf("c.state = 'in_doubt' AND c.state IN ('pending', 'in_doubt') AND c.id IS NOT NULL AND (%s) = %d",
		calls, told)
}

// ShortSQL holds the shortfall, as billing.Shortfall, of a call whose number is k.call_id; "" where a statement is
// whole for it or shows it, and where none tells.
const ShortSQL = `coalesce((SELECT CASE max(x.billed) WHEN 0 THEN min(x.short) END FROM resolutions x
	JOIN reconciliations y USING (reconciliation_id) WHERE x.call_id = k.call_id AND y.superseded_by IS NULL), '')`

// ShortCount counts the checks in doubt of which a statement's silence proves nothing for one reason.
type ShortCount struct {
	Endpoint, Region, Short string // Short is a billing.Shortfall
	Checks                  int64
}
