// Package held counts the IDs that are not asked because an older copy of the database, taken into use, may have lost
// that they were, and what they and lost calls may have cost. It touches the holds of restorations and what they left
// in doubt; who holds and who releases is the store's.
package held

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"liverecon/store/internal/sqlrow"
)

// IDs describes how many IDs of one endpoint and region one restoration holds still, or has held. Each may have been
// asked, and paid for, once in [LostFrom, LostUntil].
type IDs struct {
	Restoration int64
	Endpoint    string
	Region      string
	LostFrom    time.Time
	LostUntil   time.Time
	Checks      int64
	Erased      int64 // of those that were held, the ones that are no longer since their IDs were erased
}

// Within returns the last moment in [from, to) at which they may have been asked; ok is false when there is none.
func (h IDs) Within(from, to time.Time) (at time.Time, ok bool) {
	return lastWithin(h.LostFrom, h.LostUntil, from, to)
}

// lastWithin returns the last moment of a lost time in [from, to); ok is false when there is none.
func lastWithin(lostFrom, lostUntil, from, to time.Time) (at time.Time, ok bool) {
	if at = lostUntil; !at.Before(to) {
		at = to.Add(-time.Millisecond)
	}
	return at, !at.Before(from) && !at.Before(lostFrom)
}

// Lost describes how many calls a restored copy is known to lack for which no ID is or was held: their IDs were asked
// more than once, or stand in lists that are gone. Nobody knows where they went, and each may have been paid for, in
// [LostFrom, LostUntil].
type Lost struct {
	LostFrom  time.Time
	LostUntil time.Time
	Calls     int64
}

// Within returns the last moment in [from, to) at which they may have been made; ok is false when there is none.
func (l Lost) Within(from, to time.Time) (at time.Time, ok bool) {
	return lastWithin(l.LostFrom, l.LostUntil, from, to)
}

// LostCalls returns the calls that copies are known to lack, less the IDs that are or were held: a held ID stands for
// one of them. What a later restoration of the same lost time holds, which knew of no further calls, stands for the
// earlier one's: lists came back meanwhile.
func LostCalls(ctx context.Context, db sqlrow.Queryer) (all []Lost, err error) {
	standsFor := map[int64]int64{}
	for _, read := range []func(context.Context, sqlrow.Queryer) ([]IDs, error){Read, Released} {
		some, err := read(ctx, db)
		if err != nil {
			return nil, err
		}
		for _, h := range some {
			standsFor[h.Restoration] += h.Checks
		}
	}
	rows, err := db.QueryContext(ctx, "SELECT restoration_id, lost_from, lost_until, lost_calls FROM restorations "+
		"ORDER BY restoration_id")
	_, err = sqlrow.Collect(rows, err, "count lost calls", func(*struct{}) error {
		var id, from, until, calls int64
		if err := rows.Scan(&id, &from, &until, &calls); err != nil {
			return err
		}
		l := Lost{sqlrow.FromMillis(from), sqlrow.FromMillis(until), calls - standsFor[id]}
		if last := len(all) - 1; calls == 0 && last >= 0 && !l.LostFrom.After(all[last].LostUntil) {
			all[last].Calls += l.Calls
		} else if calls > 0 {
			all = append(all, l)
		}
		return nil
	})
	return slices.DeleteFunc(all, func(l Lost) bool { return l.Calls <= 0 }), err
}

// heldSQL counts what is held. Its cost depends on that alone.
const heldSQL = `SELECT r.restoration_id, c.endpoint, c.region, r.lost_from, r.lost_until, count(*), 0
	FROM checks c INDEXED BY checks_held CROSS JOIN holds h ON h.check_id = c.check_id AND h.release_id IS NULL
	CROSS JOIN restorations r USING (restoration_id)
	WHERE c.state = 'held' GROUP BY r.restoration_id, c.endpoint, c.region
	ORDER BY c.endpoint, c.region, r.restoration_id`

// Read counts the IDs that are held now, by endpoint, region and restoration.
func Read(ctx context.Context, db sqlrow.Queryer) ([]IDs, error) {
	return selectHeld(ctx, db, heldSQL)
}

// Released counts the IDs that were held and are no longer, since they were released or erased, in the same way.
func Released(ctx context.Context, db sqlrow.Queryer) ([]IDs, error) {
	return selectHeld(ctx, db, `SELECT r.restoration_id, d.endpoint, d.region, r.lost_from, r.lost_until, d.checks,
		min(d.checks, (SELECT count(*) FROM holds h JOIN checks c USING (check_id)
			WHERE h.restoration_id = d.restoration_id AND h.release_id IS NULL AND c.state <> 'held' AND c.endpoint = d.endpoint AND c.region = d.region))
		FROM lost_doubts d JOIN restorations r USING (restoration_id) ORDER BY d.endpoint, d.region, r.restoration_id`)
}

// Doubt counts checks that are held, and will not be any more, as what they may have cost. condition selects them.
func Doubt(ctx context.Context, tx *sql.Tx, condition string, args ...any) error {
	_, err := tx.ExecContext(ctx, `INSERT INTO lost_doubts (restoration_id, endpoint, region, checks)
		SELECT h.restoration_id, c.endpoint, c.region, count(*) FROM checks c JOIN holds h USING (check_id)
		WHERE c.state = 'held' AND h.release_id IS NULL AND (`+condition+`) GROUP BY 1, 2, 3
		ON CONFLICT DO UPDATE SET checks = checks + excluded.checks`, args...)
	if err != nil {
		return fmt.Errorf("count what was held: %w", err)
	}
	return nil
}

func selectHeld(ctx context.Context, db sqlrow.Queryer, text string) ([]IDs, error) {
	rows, err := db.QueryContext(ctx, text)
	return sqlrow.Collect(rows, err, "count held IDs", func(h *IDs) error {
		var from, until int64
		err := rows.Scan(&h.Restoration, &h.Endpoint, &h.Region, &from, &until, &h.Checks, &h.Erased)
		h.LostFrom, h.LostUntil = sqlrow.FromMillis(from), sqlrow.FromMillis(until)
		return err
	})
}

// Grown returns by how much what is held has grown.
func Grown(before, after []IDs) []IDs {
	var all []IDs
	for _, h := range after {
		for _, b := range before {
			if b.Restoration == h.Restoration && b.Endpoint == h.Endpoint && b.Region == h.Region {
				h.Checks -= b.Checks
			}
		}
		if h.Checks > 0 {
			all = append(all, h)
		}
	}
	return all
}
