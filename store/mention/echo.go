package mention

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"liverecon/store/internal/sqlrow"
)

// Stands reports whether one of the IDs stands in a text, in any spelling.
func Stands(text string, ids []string) bool { return Mask(text, ids, "") != text }

// Mask puts another text in the place of every spelling of some IDs that stands in a text.
func Mask(text string, ids []string, by string) string {
	plain := fold(text)
	var found []string
	for _, id := range ids {
		if id != "" && strings.Contains(plain, fold(id)) {
			found = append(found, id)
		}
	}
	if len(found) == 0 {
		return text
	}
	spelled, err := spellingsOf(found)
	if err != nil { // quoted letters make a right expression
		return by
	}
	return spelled.ReplaceAllLiteralString(text, by)
}

// echoed lists the columns of answers that stay when a check is too old to be named, and in which the vendor may have
// repeated its ID.
var echoed = []string{"attack_type", "attack_sub_type", "oddities", "platform", "score_text", "sdk_version"}

// MaskEchoes puts another text in the place of the IDs of checks, wherever the vendor repeated them in what is kept of
// their answers. checks selects the numbers of checks, which still have their IDs.
func MaskEchoes(ctx context.Context, tx *sql.Tx, checks, by string, args ...any) error {
	columns := "a." + strings.Join(echoed, ", a.")
	folded := "replace(lower(concat_ws(char(31), " + columns + ")), '-', '')"
	rows, err := tx.QueryContext(ctx, fmt.Sprintf(`SELECT a.call_id, coalesce(c.id, ''), coalesce(c.other_id, ''), %[1]s
		FROM checks c CROSS JOIN calls k USING (check_id) CROSS JOIN answers a USING (call_id)
		WHERE c.check_id IN (%[2]s) AND (instr(%[3]s, replace(lower(c.id), '-', ''))
			OR instr(%[3]s, replace(lower(nullif(c.other_id, '')), '-', '')))`, columns, checks, folded), args...)
	type answer struct {
		call  int64
		ids   [2]string
		cells [6]string
	}
	all, err := sqlrow.Collect(rows, err, "look for repeated IDs", func(a *answer) error {
		into := []any{&a.call, &a.ids[0], &a.ids[1]}
		for i := range a.cells {
			into = append(into, &a.cells[i])
		}
		return rows.Scan(into...)
	})
	for _, a := range all {
		if err != nil {
			break
		}
		if Mask(a.cells[0], a.ids[:], by) != a.cells[0] {
			if err = forgetCounts(ctx, tx, a.cells[0]); err != nil {
				break
			}
		}
		if err = forgetOrigins(ctx, tx, "call_id = ?1", a.call); err != nil {
			break
		}
		masked := []any{a.call}
		for _, cell := range a.cells {
			masked = append(masked, Mask(cell, a.ids[:], by))
		}
		_, err = tx.ExecContext(ctx, "UPDATE answers SET ("+strings.Join(echoed, ", ")+") = (?2, ?3, ?4, ?5, ?6, ?7) "+
			"WHERE call_id = ?1", masked...)
	}
	if err != nil {
		return fmt.Errorf("take out repeated IDs: %w", err)
	}
	return nil
}
