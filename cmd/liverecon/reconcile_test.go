package main

import (
	"bytes"
	"database/sql"
	"encoding/csv"
	"errors"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"liverecon/cmd/liverecon/config"
)

// vendorZone is the one whose months the simulated vendor bills.
var vendorZone = config.MustZone(config.DefaultZone)

// daysAgo is the instant so many days ago; it puts its month into the script's MONTH.
func daysAgo(ts *testscript.TestScript, args []string) time.Duration {
	days := 0
	if len(args) > 1 {
		var err error
		days, err = strconv.Atoi(args[1])
		ts.Check(err)
	}
	ts.Setenv("MONTH", time.Now().In(vendorZone).AddDate(0, 0, -days).Format("2006-01"))
	return time.Duration(days) * 24 * time.Hour
}

// fetchStatement is `statement FILE [DAYS]`: the vendor's statement of this month, as if everything had been so many days
// earlier.
func fetchStatement(ts *testscript.TestScript, _ bool, args []string) {
	earlier := daysAgo(ts, args)
	answer, err := http.Get(ts.Getenv("VENDOR") + "/statement?month=" + time.Now().In(vendorZone).Format("2006-01"))
	ts.Check(err)
	rows, err := csv.NewReader(answer.Body).ReadAll()
	ts.Check(errors.Join(err, answer.Body.Close()))
	for _, row := range rows[1:] {
		at, err := time.Parse(time.RFC3339Nano, row[2])
		ts.Check(err)
		row[2] = at.Add(-earlier).Format("2006-01-02T15:04:05.000Z07:00")
	}
	var text bytes.Buffer
	ts.Check(csv.NewWriter(&text).WriteAll(rows))
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), text.Bytes(), 0o600))
}

// keepTold is `told FROM.csv DATABASE TO.csv`: of a statement the lines about answers that the database has, on their day.
func keepTold(ts *testscript.TestScript, _ bool, args []string) {
	db, err := sql.Open("sqlite", ts.MkAbs(args[1]))
	ts.Check(err)
	rows, err := csv.NewReader(strings.NewReader(ts.ReadFile(args[0]))).ReadAll()
	ts.Check(err)
	kept := rows[:1]
	for _, row := range rows[1:] {
		at, err := time.Parse(time.RFC3339Nano, row[2])
		ts.Check(err)
		var told bool
		ts.Check(db.QueryRow("SELECT count(*) FROM outcomes WHERE transaction_id = ? AND abs(sent_at - ?) < 86400000", row[1], at.UnixMilli()).Scan(&told))
		if told {
			kept = append(kept, row)
		}
	}
	ts.Check(db.Close())
	var text bytes.Buffer
	ts.Check(csv.NewWriter(&text).WriteAll(kept))
	ts.Check(os.WriteFile(ts.MkAbs(args[2]), text.Bytes(), 0o600))
}

// backdate is `backdated DATABASE DAYS`: what the database holds happened so many days earlier, money rows included.
func backdate(ts *testscript.TestScript, _ bool, args []string) {
	ms := daysAgo(ts, args).Milliseconds()
	rewrite(ts, args[0], func(exec func(text string, args ...any)) {
		for _, columns := range []string{"calls SET intended_at = intended_at - ?1", "outcomes SET sent_at = sent_at - ?1, ended_at = ended_at - ?1",
			"answers SET answered_at = answered_at - ?1", "runs SET started_at = started_at - ?1, ended_at = ended_at - ?1", "lists SET read_at = read_at - ?1",
			"usage SET quarter = quarter - ?1 / 900000",
			"call_counts SET first_at = first_at - ?1, last_at = last_at - ?1", "score_counts SET day = day - ?1, ends = ends - ?1"} {
			exec("UPDATE "+columns, ms)
		}
	})
}

// journalAs is `journal DATABASE CALLS.csv`: the calls of each endpoint, in their order, were those of the file: their
// times, transaction IDs, codes and tags.
func journalAs(ts *testscript.TestScript, _ bool, args []string) {
	rows, err := csv.NewReader(strings.NewReader(ts.ReadFile(args[1]))).ReadAll()
	ts.Check(err)
	columns := map[string]int{}
	for i, name := range rows[0] {
		columns[name] = i
	}
	rewrite(ts, args[0], func(exec func(text string, args ...any)) {
		before := map[string]int{}
		for _, row := range rows[1:] {
			of := func(name string) string { return row[columns[name]] }
			at, err := time.Parse(time.RFC3339Nano, of("sent_at"))
			ts.Check(err)
			const call = "(SELECT call_id FROM calls WHERE endpoint = ?1 ORDER BY call_id LIMIT 1 OFFSET ?2)"
			n := before[of("endpoint")]
			before[of("endpoint")]++
			exec("UPDATE calls SET intended_at = ?3 WHERE call_id = "+call, of("endpoint"), n, at.UnixMilli())
			exec("UPDATE outcomes SET sent_at = ?3, ended_at = ?3, code = ?4, pricing = ?5, tag = ?6, transaction_id = ?7 WHERE call_id = "+call,
				of("endpoint"), n, at.UnixMilli(), of("code"), of("pricing"), of("tag"), of("transaction_id"))
		}
		exec(`UPDATE runs SET started_at = began, ended_at = over FROM (SELECT run_id AS of, min(intended_at) AS began,
			max(ended_at) AS over FROM calls JOIN outcomes USING (call_id) GROUP BY 1) WHERE run_id = of`)
		exec("DELETE FROM rollups") // what is counted ahead is counted again
		exec("DELETE FROM call_counts")
		exec("DELETE FROM usage")
		exec(`INSERT INTO usage SELECT sent_at / 900000, endpoint, region, outcome, code, pricing, tag, count(*)
			FROM calls JOIN outcomes USING (call_id) GROUP BY 1, 2, 3, 4, 5, 6, 7`)
	})
}

// rewrite changes a database whose money rows are append-only.
func rewrite(ts *testscript.TestScript, path string, change func(exec func(text string, args ...any))) {
	db, err := sql.Open("sqlite", ts.MkAbs(path))
	ts.Check(err)
	rows, err := db.Query("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger' AND tbl_name IN ('calls', 'outcomes')")
	ts.Check(err)
	triggers := map[string]string{}
	for rows.Next() {
		var name, text string
		ts.Check(rows.Scan(&name, &text))
		triggers[name] = text
	}
	ts.Check(rows.Err())
	exec := func(text string, args ...any) {
		_, err := db.Exec(text, args...)
		ts.Check(err)
	}
	for name := range triggers {
		exec("DROP TRIGGER " + name)
	}
	change(exec)
	for _, text := range triggers {
		exec(text)
	}
	ts.Check(db.Close())
}
