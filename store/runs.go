package store

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"strings"
	"time"

	"liverecon/store/deliveries"
	"liverecon/store/internal/sqlrow"
)

// Run describes one row of runs: one execution of the nightly job.
type Run struct {
	ID        int64
	StartedAt time.Time
	EndedAt   time.Time // zero: still running, or interrupted
	Version   string
	Host      string
	PID       int
	Simulated bool
	ExitCode  int
	NoNight   bool // it is the row of a restoration, which has no exit code
	Verdict   string
	Error     string
}

// Runs holds the executions of the nightly job, and what one leaves to the next.
type Runs struct{ *db }

// Deliveries gives what was to be sent after runs.
func (r Runs) Deliveries() deliveries.Log { return deliveries.New(r.read, r.write) }

// Open writes the row of a run that starts now. A run without an end is closed first: holding the lock, the caller
// knows that it is dead; unclean tells how many there were.
func (r Runs) Open(ctx context.Context, version string, simulated bool) (id int64, unclean int64, err error) {
	now := sqlrow.Millis(time.Now())
	dead, err := r.write.ExecContext(ctx, `UPDATE runs SET ended_at = ?, exit_code = 1,
		verdict = 'FAILED: interrupted (crash, kill or power)',
		error = 'no end was recorded' WHERE ended_at IS NULL`, now)
	if err != nil {
		return 0, 0, fmt.Errorf("close dead runs: %w", err)
	}
	if unclean, err = dead.RowsAffected(); err != nil {
		return 0, 0, fmt.Errorf("close dead runs: %w", err)
	}
	id, err = r.insert(ctx, now, version, simulated)
	return id, unclean, err
}

func (r Runs) insert(ctx context.Context, startedAt int64, version string, simulated bool) (int64, error) {
	host, err := os.Hostname()
	if err != nil {
		host = ""
	}
	row, err := r.write.ExecContext(ctx, `INSERT INTO runs (started_at, version, host, pid, simulated) VALUES `+
		`(?, ?, ?, ?, ?)`, startedAt, version, host, os.Getpid(), simulated)
	if err != nil {
		return 0, fmt.Errorf("open run: %w", err)
	}
	return row.LastInsertId()
}

// OpenPast writes the row of a simulated run of an earlier day.
func (r Runs) OpenPast(ctx context.Context, version string, startedAt time.Time) (id int64, err error) {
	return r.insert(ctx, sqlrow.Millis(startedAt), version, true)
}

// ClosePast writes when and how a run of an earlier day ended.
func (r Runs) ClosePast(ctx context.Context, id int64, endedAt time.Time, exitCode int, verdict string) error {
	return r.end(ctx, id, endedAt, exitCode, verdict, nil)
}

// CutShort counts the calls of the run before one that have no outcome but that their process has ended.
func (r Runs) CutShort(ctx context.Context, runID int64) (calls int64, err error) {
	err = r.read.QueryRowContext(ctx, `SELECT count(*) FROM calls k INDEXED BY calls_by_run
		CROSS JOIN outcomes o USING (call_id)
		WHERE k.run_id = (SELECT max(run_id) FROM runs WHERE run_id < ?) AND o.cause = 'crash'`, runID).Scan(&calls)
	if err != nil {
		return 0, fmt.Errorf("count calls cut short: %w", err)
	}
	return calls, nil
}

// Close writes how a run ended.
func (r Runs) Close(ctx context.Context, id int64, exitCode int, verdict string, cause error) error {
	return r.end(ctx, id, time.Now(), exitCode, verdict, cause)
}

func (r Runs) end(ctx context.Context, id int64, at time.Time, exitCode int, verdict string, cause error) error {
	text := sql.NullString{}
	if cause != nil {
		text = sql.NullString{String: cause.Error(), Valid: true}
	}
	_, err := r.write.ExecContext(ctx, `UPDATE runs SET ended_at = ?, exit_code = ?, verdict = ?, error = ? `+
		`WHERE run_id = ?`, sqlrow.Millis(at), exitCode, verdict, text, id)
	if err != nil {
		return fmt.Errorf("close run %d: %w", id, err)
	}
	return nil
}

// EndAtOnce writes how the run ended that has no end yet, whose calls in flight are left to the next start.
func (r Runs) EndAtOnce(ctx context.Context, exitCode int, verdict string) error {
	_, err := r.write.ExecContext(ctx,
		"UPDATE runs SET ended_at = ?, exit_code = ?, verdict = ? WHERE ended_at IS NULL",
		sqlrow.Millis(time.Now()), exitCode, verdict)
	return err
}

// RememberPublishing keeps how long the reports of a run took to write.
func (r Runs) RememberPublishing(ctx context.Context, id int64, took time.Duration) error {
	if _, err := r.write.ExecContext(ctx, "UPDATE runs SET publish_ms = ? WHERE run_id = ?", took.Milliseconds(),
		id); err != nil {
		return fmt.Errorf("remember publishing of run %d: %w", id, err)
	}
	return nil
}

// LongestPublishing returns the longest that reports took within the last runs; zero when none is known.
func (r Runs) LongestPublishing(ctx context.Context, runs int) (time.Duration, error) {
	var ms int64
	err := r.read.QueryRowContext(ctx, `SELECT coalesce(max(publish_ms), 0) FROM (SELECT publish_ms FROM runs `+
		`ORDER BY run_id DESC LIMIT ?)`, runs).Scan(&ms)
	if err != nil {
		return 0, fmt.Errorf("read publishing times: %w", err)
	}
	return time.Duration(ms) * time.Millisecond, nil
}

// RememberClock keeps what the last word on this machine's clock spoke against it; "" is nothing.
func (r Runs) RememberClock(ctx context.Context, doubt string) error {
	return sqlrow.Remember(ctx, r.write, "clock_doubt", doubt)
}

// ClockDoubt returns what RememberClock was told last.
func (r Runs) ClockDoubt(ctx context.Context) (string, error) {
	return sqlrow.Remembered(ctx, r.read, "clock_doubt")
}

// RememberNights keeps how many more nights like it a run said that the rest needs.
func (r Runs) RememberNights(ctx context.Context, id, nights int64) error {
	return sqlrow.Remember(ctx, r.write, "more_nights", fmt.Sprintf("%d after run %d", nights, id))
}

// NightsAfter returns what RememberNights was told of a run; 0 when that was another run or none.
func (r Runs) NightsAfter(ctx context.Context, id int64) (int64, error) {
	text, err := sqlrow.Remembered(ctx, r.read, "more_nights")
	if err != nil || text == "" {
		return 0, err
	}
	var nights, of int64
	if _, err = fmt.Sscanf(text, "%d after run %d", &nights, &of); err != nil {
		return 0, fmt.Errorf("read nights of run %d: %w", id, err)
	}
	if of != id {
		return 0, nil
	}
	return nights, nil
}

// Latest returns the newest runs, newest first.
func (r Runs) Latest(ctx context.Context, limit int) ([]Run, error) {
	rows, err := r.read.QueryContext(ctx, `SELECT run_id, started_at, ended_at, version, host, pid, simulated,
		coalesce(exit_code, 0), exit_code IS NULL AND ended_at IS NOT NULL, coalesce(verdict, ''), coalesce(error, '')
		FROM runs ORDER BY run_id DESC LIMIT ?`, limit)
	return sqlrow.Collect(rows, err, "read runs", func(r *Run) error {
		var started int64
		var ended sql.NullInt64
		err := rows.Scan(&r.ID, &started, &ended, &r.Version, &r.Host, &r.PID, &r.Simulated, &r.ExitCode, &r.NoNight,
			&r.Verdict, &r.Error)
		r.StartedAt, r.EndedAt = sqlrow.FromMillis(started), sqlrow.FromNullMillis(ended)
		return err
	})
}

// Unclean reports whether a run has no end recorded: the last one crashed, or is running.
func (r Runs) Unclean(ctx context.Context) (bool, error) {
	var n int64
	err := r.read.QueryRowContext(ctx, "SELECT count(*) FROM runs WHERE ended_at IS NULL").Scan(&n)
	return n > 0, err
}

// SaveSettings keeps what the views need to know: the score threshold and whether a score equal to it passes.
func (r Runs) SaveSettings(ctx context.Context, threshold float64, inclusive bool) error {
	_, err := r.write.ExecContext(ctx, `INSERT INTO settings (key, value)
		VALUES ('threshold', ?), ('threshold_inclusive', ?)
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`, fmt.Sprintf("%g", threshold),
		fmt.Sprint(sqlrow.Bool(inclusive)))
	if err != nil {
		return fmt.Errorf("save settings: %w", err)
	}
	return nil
}

// CloseRestoring ends the row that a restoration has among the runs. It has no exit code: it was no night.
func (r Runs) CloseRestoring(ctx context.Context, runID int64, verdict string) error {
	if _, err := r.write.ExecContext(ctx, "UPDATE runs SET ended_at = ?, verdict = ? WHERE run_id = ?",
		sqlrow.Millis(time.Now()), verdict, runID); err != nil {
		return fmt.Errorf("close run %d: %w", runID, err)
	}
	return nil
}

// LastEnd returns when the newest run but one (0: of all) that ended with one of these exit codes did so; the zero time
// for never.
func (r Runs) LastEnd(ctx context.Context, but int64, exitCodes ...int) (time.Time, error) {
	var ended sql.NullInt64
	query := "SELECT max(ended_at) FROM runs WHERE run_id <> ? AND exit_code IN (NULL" +
		strings.Repeat(", ?", len(exitCodes)) + ")"
	args := []any{but}
	for _, code := range exitCodes {
		args = append(args, code)
	}
	err := r.read.QueryRowContext(ctx, query, args...).Scan(&ended)
	if err != nil {
		return time.Time{}, fmt.Errorf("read last end: %w", err)
	}
	return sqlrow.FromNullMillis(ended), nil
}
