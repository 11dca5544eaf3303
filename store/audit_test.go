package store_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/dbfile"
)

// TestLawsCanFail breaks every conservation law behind the store's back, and wants its name in the error.
func TestLawsCanFail(t *testing.T) {
	const (
		oneOutcome = "every intent has one outcome"
		answers    = "every answered call keeps its answer, no other has one"
		left       = "an asked check has left its first state or says why not"
		chain      = "rows = rejected + duplicate + known + new, by list and by region"
		usage      = "usage counts every outcome once"
		pay        = "usage counts every PAY once"
		quarters   = "usage holds what the calls of each quarter hour came to"
		isCheck    = "every new row of a list is a check"
		standing   = "a check is done exactly when it has a standing answer"
		regions    = "a list's regions count its new checks"
		scores     = "counts of scores hold every standing answer up to their mark"
		paid       = "paid transactions are those of the calls up to their mark"
		calls      = "counts of calls hold every call up to their mark"
		origins    = "kept origins are those of the answers of their day"
	)
	tests := []struct {
		name, text string
		broken     []string
	}{
		{"outcome lost", "DROP TRIGGER outcomes_no_delete; DELETE FROM outcomes WHERE call_id = 3", []string{oneOutcome, calls, usage, calls, quarters}},
		{"intent without outcome", "INSERT INTO calls VALUES (99, 6, 1, 1, 'first', 'ph', 'PH', 0)", []string{oneOutcome, left}},
		{"answer lost", "DELETE FROM answers WHERE call_id = 2", []string{answers}},
		{"answer of an unanswered call", "INSERT INTO answers (call_id, check_id, answered_at, region, endpoint, standing) VALUES (3, 3, 0, 'PH', 'ph', 0)", []string{answers}},
		{"attempts not counted", "UPDATE checks SET attempts = 0 WHERE check_id = 4", []string{left}},
		{"result not shown", "UPDATE checks SET state = 'pending' WHERE check_id = 1", []string{left, standing}},
		{"done without a result", "UPDATE checks SET state = 'done' WHERE check_id = 2", []string{left, standing}},
		{"never asked and done", "UPDATE checks SET state = 'done' WHERE check_id = 6", []string{standing}},
		{"reject lost", "DELETE FROM rejects", []string{chain}},
		{"region miscounted", "UPDATE list_regions SET new = new + 1", []string{chain, regions}},
		{"region lost", "DELETE FROM list_regions", []string{chain}},
		{"check lost", "PRAGMA foreign_keys = OFF; DELETE FROM checks WHERE check_id = 6", []string{isCheck, regions}},
		{"usage counted twice", "UPDATE usage SET calls = calls + 1 WHERE tag = 'free'", []string{usage, quarters}},
		{"usage lost", "DELETE FROM usage", []string{usage, pay, quarters}},
		{"check moved", "UPDATE checks SET region = 'SG' WHERE check_id = 6", []string{regions}},
		{"answer counted twice", "UPDATE score_counts SET answers = answers + 1", []string{scores, scores}},
		{"answer not counted", "DELETE FROM score_counts", []string{scores, scores}},
		{"answer counted with another score", "UPDATE score_counts SET scores = x'405900000000000001'", []string{scores}},
		{"answer counted with another region", "UPDATE score_counts SET region = 'SG'", []string{scores}},
		{"answer changed after it was counted", "UPDATE answers SET standing = 0 WHERE call_id = 1", []string{left, scores, standing, scores}},
		{"call counted twice", "UPDATE call_counts SET calls = calls + 1 WHERE outcome = 'unsent'", []string{calls, calls}},
		{"call counted at another time", "UPDATE call_counts SET last_at = last_at + 1 WHERE outcome = 'unsent'", []string{calls, calls}},
		{"calls not counted", "DELETE FROM call_counts", []string{calls, calls}},
		{"counted to another mark", "UPDATE rollups SET up_to = 0", []string{calls, scores, calls, scores, paid}},
		{"paid transaction lost", "DELETE FROM paid_transactions", []string{paid}},
		{"paid transaction of another call", "UPDATE paid_transactions SET ids = CAST(substr(ids, 1, 11) || x'63' AS BLOB)", []string{paid}},
		{"paid transaction at another time", "UPDATE paid_transactions SET last_at = 0", []string{paid}},
		{"origin kept of another answer", "UPDATE origin_days SET origins = CAST(origins || x'0000000000' AS BLOB)", []string{origins}},
		{"day kept twice", "INSERT INTO origin_days SELECT day + 1, ends, 0, -1, 0, origins FROM origin_days", []string{origins}},
		{"PAY counted as FREE", "UPDATE usage SET tag = 'free' WHERE tag = 'pay'", []string{pay, quarters}},
	}
	sound, runID := withLists(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			ctx := context.Background()
			copied := image(t, sound.Path())
			execSQL(t, rawDB(t, copied), test.text)
			s := openAt(t, copied)
			var got []string
			for _, err := range []error{s.Books().AuditRun(ctx, runID), s.Books().Audit(ctx)} {
				got = append(got, laws(err)...)
			}
			if !slices.Equal(got, test.broken) {
				t.Errorf("laws broken: %q, want %q", got, test.broken)
			}
		})
	}
	check(t, sound.Books().AuditRun(context.Background(), runID))
	check(t, sound.Books().Audit(context.Background()))
}

// withLists is a recovered database, rolled up, whose one list had a rejected row, and whose calls became everything they can.
func withLists(t *testing.T) (*store.Store, int64) {
	t.Helper()
	s, runID := withCalls(t)
	if _, err := s.Journal().Recover(context.Background()); err != nil {
		t.Fatal(err)
	}
	_, err := stage(t, s, nil, []store.Reject{{Line: 8, Column: "region", Reason: "unknown region", Value: "XX"}}).Commit(context.Background(), runID, listOf("bad.csv"))
	check(t, err)
	check(t, s.Books().RollUp(context.Background(), calendar.Calendar{Zone: time.UTC}))
	return s, runID
}

// laws are the names in an audit's error.
func laws(err error) (names []string) {
	if err == nil {
		return nil
	}
	for line := range strings.Lines(err.Error()) {
		name, _, _ := strings.Cut(strings.TrimPrefix(line, "law broken: "), " (")
		names = append(names, name)
	}
	return names
}

// TestUsageOfAPeriod: half-open, by quarter hours.
func TestUsageOfAPeriod(t *testing.T) {
	ctx := context.Background()
	s, runID := withChecks(t, 4)
	j := journal(t, s, admitAll{})
	midnight := time.Date(2026, 11, 21, 16, 0, 0, 0, time.UTC) // in Singapore
	for c, at := range []time.Time{midnight.Add(-time.Millisecond), midnight, midnight.Add(24*time.Hour - time.Millisecond), midnight.Add(24 * time.Hour)} {
		in := intentFor(runID, int64(c+1), 1)
		in.At = at
		check(t, j.Finish(begin(t, j, in), in, paid(in, 80))())
	}
	day, err := s.Calls().Usage(ctx, midnight, midnight.Add(24*time.Hour))
	check(t, err)
	want := []store.Usage{
		{midnight, "ph", "PH", store.Answered, "SUCCESS", "PAY", store.TagPay, 1},
		{midnight.Add(24*time.Hour - 15*time.Minute), "ph", "PH", store.Answered, "SUCCESS", "PAY", store.TagPay, 1},
	}
	if !slices.Equal(day, want) {
		t.Errorf("usage of the day %+v, want %+v", day, want)
	}
}

// TestRunsAreClosed: a run that ended without a word is closed by the next one.
func TestRunsAreClosed(t *testing.T) {
	ctx := context.Background()
	s := open(t)
	first, unclean, err := s.Runs().Open(ctx, "v1", false)
	if err != nil || unclean != 0 {
		t.Fatalf("first run: %d unclean, %v", unclean, err)
	}
	if running, err := s.Runs().Unclean(ctx); err != nil || !running {
		t.Errorf("a running run: %v, %v", running, err)
	}
	second, unclean, err := s.Runs().Open(ctx, "v2", true)
	if err != nil || unclean != 1 {
		t.Fatalf("second run: %d unclean, %v", unclean, err)
	}
	check(t, s.Runs().Close(ctx, second, 12, "FAILED: refused", dbfile.ErrCorrupt))
	if running, err := s.Runs().Unclean(ctx); err != nil || running {
		t.Errorf("all runs are closed: %v, %v", running, err)
	}
	runs, err := s.Runs().Latest(ctx, 5)
	if err != nil || len(runs) != 2 {
		t.Fatalf("runs %+v, %v", runs, err)
	}
	if r := runs[0]; r.ID != second || r.Version != "v2" || !r.Simulated || r.ExitCode != 12 || r.Verdict != "FAILED: refused" || r.Error != dbfile.ErrCorrupt.Error() {
		t.Errorf("newest run %+v", r)
	}
	if r := runs[1]; r.ID != first || r.ExitCode != 1 || r.EndedAt.IsZero() || r.EndedAt.Before(r.StartedAt) || !strings.Contains(r.Verdict, "interrupted") {
		t.Errorf("dead run %+v", r)
	}
}
