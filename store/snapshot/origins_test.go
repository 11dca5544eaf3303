package snapshot_test

import (
	"context"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/mention"
	"liverecon/store/snapshot"
	"liverecon/store/storetest"
)

// originsOf reads the origins of a period as sorted lines.
func originsOf(t *testing.T, s *store.Store, q snapshot.OriginQuestion) (all []string, err error) {
	t.Helper()
	snap, err := snapshot.Open(context.Background(), s)
	storetest.Check(t, err)
	defer snap.Close() //nolint:errcheck // read only
	err = snap.Answers().EachOrigin(context.Background(), q, func(o *snapshot.Origin) error {
		gap := "none"
		if o.Gap != nil {
			gap = fmt.Sprint(*o.Gap)
		}
		all = append(all, fmt.Sprintf("%+v %s %s %s list %d", *o.OriginWords, o.CapturedAt.Format(time.RFC3339Nano), o.Delay,
			gap, o.ListID))
		return nil
	})
	slices.Sort(all)
	return all, err
}

// TestKeptOrigins: what is kept of days gives the same answers as the answers do, for all thresholds, while they come,
// stand no longer, and are masked; a day whose answers are others is read from them, and by the next run it is kept
// again.
func TestKeptOrigins(t *testing.T) {
	ctx := context.Background()
	random := rand.New(rand.NewPCG(8, 15))
	first := time.Date(2026, 10, 1, 0, 0, 0, 0, time.UTC)
	var checks []storetest.Laid
	for i := range 600 {
		score := []float64{0, 50, 100, 99.99, 33.333, -1, 100.01, float64(random.IntN(10_001)) / 100}[random.IntN(8)]
		c := storetest.Laid{AnsweredAt: first.Add(time.Duration(i) * 13 * time.Minute),
			Region: []string{"PH", "ID"}[i%2], Score: &score, AttackType: []string{"", "2", "new"}[random.IntN(3)],
			List: fmt.Sprint("l", i/90)}
		if random.IntN(3) > 0 {
			c.CapturedAt = c.AnsweredAt.Add(time.Duration(random.IntN(90_000)-3_000) * -time.Second)
		}
		if random.IntN(40) == 0 {
			c.Score = nil
		}
		checks = append(checks, c)
	}
	path := filepath.Join(t.TempDir(), "liverecon.db")
	storetest.Check(t, storetest.Lay(ctx, path, time.UTC, checks))
	s, db := storetest.OpenAt(t, path), storetest.Raw(t, path)
	storetest.Exec(t, db, `UPDATE answers SET sdk_version = iif(call_id % 3, '3.' || (call_id % 4), ''),
		platform = iif(call_id % 5, 'IOS', 'H5'), gap_ms = iif(call_id % 4, (call_id * 37) % 900 - 20, NULL)`)
	storetest.Exec(t, db, `UPDATE answers SET region = 'PH', platform = 'IOS', score = 50,
		attack_type = iif(call_id = 41, 'x' || char(31) || 'y', 'x'),
		sdk_version = iif(call_id = 41, '', 'y' || char(31))
		WHERE call_id IN (41, 42)`) // the same, put together by the separator
	var questions []snapshot.OriginQuestion
	for _, threshold := range []float64{0, 33.333, 50, 100} {
		for _, flag := range []bool{false, true} {
			questions = append(questions, snapshot.OriginQuestion{From: first.Add(-time.Hour),
				To: first.AddDate(0, 0, 9), Threshold: threshold, Inclusive: flag, Places: true,
				Answers: 600}, snapshot.OriginQuestion{From: first.Add(30 * time.Hour), To: first.AddDate(0, 0, 4), Threshold: threshold, Inclusive: !flag,
				Answers: 5_000})
		}
	}
	same := func(when string) {
		t.Helper()
		for _, q := range questions {
			kept, err := originsOf(t, s, q)
			storetest.Check(t, err)
			storetest.Exec(t, db, "UPDATE origin_days SET answers = -answers")
			read, err := originsOf(t, s, q)
			storetest.Check(t, err)
			storetest.Exec(t, db, "UPDATE origin_days SET answers = -answers")
			if len(read) == 0 || !slices.Equal(kept, read) {
				t.Errorf("%s, %+v: %d kept, %d read, or others", when, q, len(kept), len(read))
			}
		}
	}
	days := func(want int64, when string) {
		t.Helper()
		if n := storetest.Count(t, db, "SELECT count(*) FROM origin_days"); n != want {
			t.Errorf("%s: %d days are kept, want %d", when, n, want)
		}
		storetest.Check(t, s.Books().Audit(ctx))
	}
	rollUp := func() { storetest.Check(t, s.Books().RollUp(ctx, calendar.Calendar{Zone: time.UTC})) }
	same("nothing kept")
	rollUp()
	same("all kept")
	days(6, "all kept")
	storetest.Exec(t, db, "UPDATE answers SET standing = 0 WHERE call_id IN (7, 300)")
	same("two answers stand no longer")
	storetest.Exec(t, db, "UPDATE answers SET standing = 1 WHERE call_id IN (7, 300)")
	storetest.Exec(t, db, "UPDATE answers SET answered_at = answered_at + 86400000 WHERE call_id = 20")
	storetest.Exec(t, db, "DELETE FROM rollups WHERE name = 'scores'")
	same("an answer of another day")
	rollUp()
	same("kept again")
	days(6, "kept again")
	masking := func(mask func(*sql.Tx) error) {
		t.Helper()
		tx, err := db.BeginTx(ctx, nil)
		storetest.Check(t, err)
		storetest.Check(t, mask(tx))
		storetest.Check(t, tx.Commit())
	}
	masking(func(tx *sql.Tx) error { return mention.Replace(ctx, tx, []string{"H5"}, "(masked)") })
	days(0, "masked on all days")
	rollUp()
	same("masked")
	storetest.Exec(t, db, `UPDATE answers SET sdk_version = (SELECT id FROM checks WHERE check_id = 400)
		WHERE call_id = 400`)
	storetest.Exec(t, db, "DELETE FROM rollups WHERE name = 'scores'")
	rollUp()
	days(6, "an ID repeated")
	masking(func(tx *sql.Tx) error { return mention.MaskEchoes(ctx, tx, "400", "(masked)") })
	days(5, "a repeated ID masked")
	same("a repeated ID masked")
	rollUp()
	days(6, "kept without the ID")
	storetest.Exec(t, db, "UPDATE origin_days SET origins = x'0102'")
	if _, err := originsOf(t, s, questions[0]); err == nil {
		t.Error("a damaged day is read")
	}
	storetest.Exec(t, db, "DELETE FROM rollups WHERE name = 'scores'")
	rollUp()
	same("made anew with the counts")
	storetest.Exec(t, db, "UPDATE origin_days SET origins = x'0102'")
	questions[0].Reference = true
	if _, err := originsOf(t, s, questions[0]); err != nil {
		t.Errorf("the columns of rows are not kept: %v", err)
	}
	storetest.Check(t, s.Books().RollUp(ctx, calendar.Calendar{Zone: time.UTC, Clock: calendar.ByCapture}))
	days(0, "by the time of capture")
}
