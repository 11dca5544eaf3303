package held

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"liverecon/store/internal/sqlrow"
	"liverecon/store/record"
)

// AddHistories adds to what is known which runs and lists of other histories the restorations have counted as lost, and
// what each of them held; nonces are those of the database's runs, by number.
func AddHistories(
	ctx context.Context, db sqlrow.Queryer, nonces map[int64]string, have *record.Known,
) error {
	rows, err := db.QueryContext(ctx, `SELECT r.run_id, max(0, r.lost_calls - coalesce(h.calls, 0)),
		r.lost_runs IS NULL, coalesce(h.held, (SELECT count(*) FROM holds WHERE restoration_id = r.restoration_id)),
		coalesce(h.runs, '[]'), coalesce(h.lists, '')
		FROM restorations r LEFT JOIN lost_histories h USING (restoration_id)`)
	_, err = sqlrow.Collect(rows, err, "read restorations", func(*struct{}) error {
		run := record.KnownRun{Restoration: true}
		var text string
		var lists record.Lists
		if err := rows.Scan(&run.ID, &run.Lost, &run.Guessed, &run.Held, &text, &lists); err != nil {
			return err
		}
		var lost []record.KnownRun
		if err := json.Unmarshal([]byte(text), &lost); err != nil {
			return fmt.Errorf("lost histories: %w", err)
		}
		for _, r := range lost {
			have.Add(r)
			run.Lacked = append(run.Lacked, r.Nonce)
		}
		if run.Nonce = nonces[run.ID]; run.Nonce == record.Unnumbered {
			run.Nonce = fmt.Sprint(record.Unnumbered, run.ID)
		}
		have.Add(run)
		have.Lists += lists.Beyond(have.Lists)
		return nil
	})
	return err
}

// KeepHistories keeps with a restoration which runs and lists it counts as lost, and how many IDs of the copy, those of
// the temporary table lost, it holds for them.
func KeepHistories(ctx context.Context, conn *sql.Conn, restoration int64, lost record.Lack) error {
	text, err := json.Marshal(append([]record.KnownRun{}, lost.Runs...))
	if err != nil {
		return err
	}
	_, err = conn.ExecContext(ctx, `INSERT INTO main.lost_histories (restoration_id, runs, lists, calls, held)
		VALUES (?, ?, ?, ?, (SELECT count(*) FROM temp.lost))`, restoration, string(text), string(lost.Lists),
		lost.Calls)
	return err
}
