package store_test

import (
	"context"
	"database/sql"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"liverecon/store"
)

// TestModelIsDescribed: the package comment names every table, or the one that its own migration begins with.
func TestModelIsDescribed(t *testing.T) {
	source, err := os.ReadFile("store.go")
	check(t, err)
	comment, _, _ := strings.Cut(string(source), "\npackage store")
	statements, err := fs.ReadFile(store.Migrations(), "migrations/00004_statements.sql")
	check(t, err)
	head, _, _ := strings.Cut(string(statements), "-- +goose Up")
	for _, table := range lines(t, open(t).ReadDB(), "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'goose_db_version'") {
		if !regexp.MustCompile(`\b` + table + `\b`).MatchString(comment + head) {
			t.Errorf("the table %s is not in the data model", table)
		}
	}
}

// TestMoneyIsAppendOnly: no statement changes or removes a call or its outcome, on any connection.
func TestMoneyIsAppendOnly(t *testing.T) {
	s, _ := withCalls(t)
	before := slices.Concat(lines(t, s.ReadDB(), "SELECT * FROM calls"), lines(t, s.ReadDB(), "SELECT * FROM outcomes"))
	for name, db := range map[string]*sql.DB{"the store's": s.WriteDB(), "another": rawDB(t, s.Path())} {
		for _, table := range []string{"calls", "outcomes"} {
			for _, text := range []string{"UPDATE %s SET call_id = call_id", "DELETE FROM %s", "DELETE FROM %s WHERE call_id = 1"} {
				text = fmt.Sprintf(text, table)
				_, err := db.Exec(text)
				if err == nil || !strings.Contains(err.Error(), table+" are append-only") {
					t.Errorf("%s connection, %s: %v", name, text, err)
				}
			}
		}
	}
	after := slices.Concat(lines(t, s.ReadDB(), "SELECT * FROM calls"), lines(t, s.ReadDB(), "SELECT * FROM outcomes"))
	if !slices.Equal(before, after) {
		t.Errorf("money rows were\n%q, are\n%q", before, after)
	}
}

// TestConstraints tries one violation of every rule the schema states; each must be refused for that rule.
func TestConstraints(t *testing.T) {
	const outcome = "INSERT INTO outcomes (call_id, outcome, tag, code, ended_at) VALUES "
	const check = "UPDATE checks SET "
	tests := []struct{ name, text, refusal string }{
		{"simulated is a truth value", "UPDATE runs SET simulated = 2", "CHECK"},
		{"the chain adds up", "UPDATE lists SET rows = rows + 1", "CHECK"},
		{"a list is read once", "INSERT INTO lists SELECT 99, run_id, path, sha256, fingerprint, bytes, read_at, 0, 0, 0, 0, 0 FROM lists", "UNIQUE"},
		{"a kind is known", check + "kind = 'selfieId'", "CHECK"},
		{"a state is known", check + "state = 'open'", "CHECK"},
		{"an ID is taken once", "INSERT INTO checks SELECT 99, id_hash, kind, id, NULL, NULL, region, endpoint, list_id, line, state, 0, 0, 0, 0, 0, 0, '', 0, '', 0, '', 0 FROM checks LIMIT 1", "UNIQUE"},
		{"a check has a list", check + "list_id = 99", "FOREIGN KEY"},
		{"attempts count from one", "INSERT INTO calls VALUES (99, 1, 0, 1, 'first', 'ph', 'PH', 0)", "CHECK"},
		{"an attempt is made once", "INSERT INTO calls VALUES (99, 1, 1, 1, 'first', 'ph', 'PH', 0)", "UNIQUE"},
		{"a call has a check", "INSERT INTO calls VALUES (99, 99, 1, 1, 'first', 'ph', 'PH', 0)", "FOREIGN KEY"},
		{"a call has a run", "INSERT INTO calls VALUES (99, 6, 1, 99, 'first', 'ph', 'PH', 0)", "FOREIGN KEY"},
		{"an outcome is known", outcome + "(5, 'maybe', 'unknown', '', 0)", "CHECK"},
		{"a tag is known", outcome + "(5, 'answered', 'gift', 'SUCCESS', 0)", "CHECK"},
		{"what was never sent costs nothing", outcome + "(5, 'unsent', 'pay', '', 0)", "CHECK"},
		{"what was sent may cost", outcome + "(5, 'answered', 'none', 'SUCCESS', 0)", "CHECK"},
		{"without an answer no price", outcome + "(5, 'unanswered', 'free', '', 0)", "CHECK"},
		{"without an answer no code", outcome + "(5, 'unanswered', 'unknown', 'SUCCESS', 0)", "CHECK"},
		{"one outcome a call", outcome + "(1, 'answered', 'pay', 'SUCCESS', 0)", "UNIQUE"},
		{"an outcome has a call", outcome + "(99, 'answered', 'pay', 'SUCCESS', 0)", "FOREIGN KEY"},
		{"standing is a truth value", "UPDATE answers SET standing = 2 WHERE call_id = 1", "CHECK"},
		{"one result a check", "INSERT INTO answers (call_id, check_id, answered_at, region, endpoint, standing) VALUES (5, 1, 0, 'PH', 'ph', 1)", "UNIQUE"},
		{"a statement is imported once", "INSERT INTO statements (path, sha256, fingerprint, imported_at, additional, lines, ignored) VALUES ('a', x'01', x'02', 0, 0, 1, 0), ('b', x'01', x'02', 0, 0, 1, 0)", "UNIQUE"},
		{"a line has a statement", "INSERT INTO statement_lines (statement_id, line, kind, month, quantity, amount, currency) VALUES (99, 1, 'usage', '2026-11', 1, '1', 'USD')", "FOREIGN KEY"},
		{"an image is queued or settled", "INSERT INTO evidence VALUES (99, 1, 1, 'far', 'PH', 'queued', '', 0, 0, '', NULL, NULL)", "CHECK"},
		{"a stored image has a file", "INSERT INTO evidence VALUES (99, 1, 1, 'far', 'PH', 'stored', '', 0, 0, '', NULL, NULL)", "CHECK"},
		{"an image has a call", "INSERT INTO evidence VALUES (99, 99, 1, 'far', 'PH', 'queued', '', 0, NULL, '', NULL, NULL)", "FOREIGN KEY"},
		{"a novelty was seen", "INSERT INTO novelties VALUES ('code', 'X', 'ph', 1, 0, 0, 0, 1)", "CHECK"},
		{"a novelty's kind is known", "INSERT INTO novelties VALUES ('colour', 'X', 'ph', 1, 0, 0, 1, 1)", "CHECK"},
		{"times are whole numbers", "UPDATE checks SET changed_at = '2026-11-21'", "cannot store TEXT value in INTEGER column"},
		{"scores are numbers", "UPDATE answers SET score = 'high'", "cannot store TEXT value in REAL column"},
	}
	s, _ := withCalls(t)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			_, err := s.WriteDB().Exec(test.text)
			if err == nil || !strings.Contains(err.Error(), test.refusal) {
				t.Errorf("%s: %v, want a refusal by %s", test.text, err, test.refusal)
			}
		})
	}
}

func TestTablesAreStrict(t *testing.T) {
	lax := lines(t, open(t).ReadDB(), "SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' AND NOT strict AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'goose_%'")
	if len(lax) > 0 {
		t.Errorf("tables without STRICT: %q", lax)
	}
}

// TestViewColumns holds the views to what people's queries rely on: names and their order.
func TestViewColumns(t *testing.T) {
	views := map[string]string{
		"v_runs":            "run_id started_at ended_at version host pid simulated exit_code verdict error calls",
		"v_checks":          "check_id kind id other_id reference region endpoint state attempts score verdict attack_type attack_sub_type answered_at captured_at list_id line why",
		"v_calls":           "call_id run check attempt reason sent_at outcome cause http_status code pricing tag transaction_id latency_ms endpoint region resolution run_id check_id",
		"v_evidence":        "evidence_id check call kind state reason path sha256 bytes queued_at settled_at check_id call_id",
		"v_api_changes":     "kind value endpoint first_run_id answers example_call_id first_seen last_seen",
		"v_novelties":       "kind value endpoint first_run answers example_call first_seen last_seen",
		"v_probes":          "probe_id endpoint asked_at outcome cause http_status code tag transaction_id in_doubt",
		"v_suspects":        "call_id check_id run_id found_at why open",
		"v_lists":           "list_id run path sha256 bytes read_at rows rejected duplicate known new run_id",
		"v_decisions":       "decision_id check call decision reviewer decided_at comment standing file sha256 sheet row imported_at check_id call_id",
		"v_labels":          "label_id check_id label species standing file sha256 row imported_at",
		"v_rejects":         "list_id path line column reason detail value",
		"v_statement_lines": "month path statement_id line transaction_id charged_at endpoint region pricing quantity unit_price amount currency superseded kind product",
		"v_reconciled":      "month reconciliation_id class call transaction_id statement line at endpoint region currency our_quantity their_quantity our_amount their_amount note explained call_id",
	}
	s := open(t)
	for view, want := range views {
		got := strings.Join(lines(t, s.ReadDB(), "SELECT name FROM pragma_table_info(?) ORDER BY cid", view), " ")
		if got != want {
			t.Errorf("%s has columns\n%s, want\n%s", view, got, want)
		}
	}
	if n := count(t, s.ReadDB(), "SELECT count(*) FROM sqlite_schema WHERE type = 'view'"); n != int64(len(views)) {
		t.Errorf("%d views, %d documented", n, len(views))
	}
}

// TestViewNames: every column can be written without quotes, but for "check", which goes with the other names of before.
func TestViewNames(t *testing.T) {
	s := open(t)
	for _, view := range lines(t, s.ReadDB(), "SELECT name FROM sqlite_schema WHERE type = 'view'") {
		for _, column := range lines(t, s.ReadDB(), "SELECT name FROM pragma_table_info(?) WHERE name <> 'check'", view) {
			lines(t, s.ReadDB(), fmt.Sprintf("SELECT %s FROM %s", column, view))
		}
	}
}

// TestSavedQueries: after an upgrade the views answer to their old names and to their new ones alike, and SELECT * begins
// with the columns that it had.
func TestSavedQueries(t *testing.T) {
	path := filepath.Join(t.TempDir(), "liverecon.db")
	older, err := store.OpenWith(t.Context(), path, migrationsBefore(t, "00036"))
	check(t, err)
	execSQL(t, older.WriteDB(), "CREATE TABLE folds (small BLOB)")
	var run int64
	guessing(t, older, func() { run = fill(t, older, 2) })
	execSQL(t, older.WriteDB(), "DROP TABLE folds")
	for _, text := range []string{
		fmt.Sprintf("INSERT INTO calls VALUES (7, 2, 1, %d, 'first', 'ph', 'PH', 0)", run),
		"INSERT INTO outcomes VALUES (7, 'answered', '', 1, 2, 200, 'SUCCESS', 'done', 'PAY', 'pay', 't', NULL)",
		"INSERT INTO answers VALUES (7, 2, 2, NULL, 'PH', 'ph', 1, 80, '80', '', '', '', '', '')",
		"INSERT INTO evidence VALUES (1, 7, 2, 'far', 'PH', 'queued', '', 0, NULL, '', NULL, NULL)",
		fmt.Sprintf("INSERT INTO novelties VALUES ('code', 'X', 'ph', %d, 1, 1, 1, 7)", run),
		"INSERT INTO decision_files (file_id, name, sha256, imported_at) VALUES (1, 'f', x'00', 1)",
		"INSERT INTO decisions VALUES (1, 7, 1, 'attack', 'r', 1, 0, '', 1, 's', 2)",
		"INSERT INTO reconciliations VALUES (1, '2026-11', 1, '', '', '0', '0', '', 1, 1, 1, '', '', '', 0, 7, 0, 0, 0, x'00', NULL)",
		"INSERT INTO reconciled (reconciliation_id, row, class, call_id, at, endpoint, region, currency, transaction_id, our_quantity, their_quantity, our_amount, their_amount, note, explained) VALUES (1, 1, 'ours only', 7, 1, 'ph', 'PH', 'USD', 't', 1, 0, '1', '0', '', '0')",
	} {
		execSQL(t, older.WriteDB(), text)
	}
	renamed := []struct{ view, before, now string }{
		{"v_calls", `run, "check"`, "run_id, check_id"},
		{"v_lists", "run", "run_id"},
		{"v_evidence", `"check", call`, "check_id, call_id"},
		{"v_decisions", `"check", call`, "check_id, call_id"},
		{"v_reconciled", "call", "call_id"},
		{"v_novelties", "kind, first_run, example_call", "kind, first_run_id, example_call_id"},
	}
	want := map[string][]string{}
	for _, r := range renamed {
		for _, columns := range []string{r.before, "*"} {
			want[r.view+columns] = lines(t, older.ReadDB(), "SELECT "+columns+" FROM "+r.view)
		}
		if len(want[r.view+"*"]) != 1 {
			t.Fatalf("%s has %d rows", r.view, len(want[r.view+"*"]))
		}
	}
	check(t, older.Close())
	s := openAt(t, path)
	for _, r := range renamed {
		for _, columns := range []string{r.before, "*"} {
			got := lines(t, s.ReadDB(), "SELECT "+columns+" FROM "+r.view)
			if len(got) != 1 || !strings.HasPrefix(got[0], want[r.view+columns][0]) || columns != "*" && got[0] != want[r.view+columns][0] {
				t.Errorf("SELECT %s FROM %s: %q, was %q", columns, r.view, got, want[r.view+columns])
			}
		}
		now := strings.Replace(r.view, "v_novelties", "v_api_changes", 1)
		if got := lines(t, s.ReadDB(), "SELECT "+r.now+" FROM "+now); !slices.Equal(got, want[r.view+r.before]) {
			t.Errorf("SELECT %s FROM %s: %q, want %q", r.now, now, got, want[r.view+r.before])
		}
	}
}

// TestViewsAnswer reads each view over rows whose values are known.
func TestViewsAnswer(t *testing.T) {
	ctx := context.Background()
	s := open(t)
	db := s.WriteDB()
	for _, text := range []string{
		"INSERT INTO runs (run_id, started_at, ended_at, version, host, pid, simulated, exit_code, verdict, error) VALUES (1, 1763740800007, 1763740899999, 'v1', 'night', 77, 0, 3, 'PARTIAL', NULL)",
		"INSERT INTO lists VALUES (1, 1, 'lists/a.csv', x'AB', 'f', 42, 1763740801000, 2, 1, 0, 0, 1)",
		"INSERT INTO rejects VALUES (1, 3, 'region', 'unknown region', 'no such country', 'XX')",
		"INSERT INTO checks VALUES (1, x'01', 'livenessId', 'ddsd-9e6', 'f302f5d2454a85c2', '{}', 'VN', 'sg', 1, 2, 'done', 1, 0, 0, 0, 0, 0, '', 0, '', 0, '', 0)",
		"INSERT INTO calls VALUES (1, 1, 1, 1, 'first', 'sg', 'VN', 1763740802000), (2, 1, 2, 1, 'doubt', 'sg', 'VN', 1763740803000)",
		"INSERT INTO outcomes VALUES (1, 'answered', '', 1763740802001, 1763740802250, 200, 'SUCCESS', 'done', 'PAY', 'pay', 't1', NULL)",
		"INSERT INTO answers VALUES (1, 1, 1763740802250, 1763700000000, 'VN', 'sg', 1, 99.25, '99.25', '', 'x', '', 'OK', '{}', '', '', NULL)",
		"INSERT INTO statements (statement_id, path, sha256, fingerprint, imported_at, additional, lines, ignored) VALUES (1, 'nov.csv', x'01', x'00', 0, 0, 1, 0), (2, 'nov2.csv', x'02', x'00', 0, 0, 1, 0)",
		"INSERT INTO statement_parts VALUES (1, '2025-11', 'sg', 'USD', 1, 1, 1, 2), (2, '2025-11', 'sg', 'USD', 1, 1, 1, NULL)",
		"INSERT INTO statement_lines VALUES (1, 5, 'usage', 't1', 1763740802001, 0, '2025-11', 'sg', 'VN', 'PAY', 1, '0.035', '0.035', 'USD', '')",
		"INSERT INTO statement_lines VALUES (2, 6, 'usage', 't2', 1763740803001, 0, '2025-11', 'sg', 'VN', 'PAY', 1, '0.035', '0.035', 'USD', '')",
		"INSERT INTO reconciliations VALUES (1, '2025-11', 0, 'v1', 'pay-tag', '1.00', '0.001', '{}', 2, 1, 1, 'as billed', 'pay-tag', 'pay-tag', 2, 1, 1, 0, 0, x'03', NULL, NULL)",
		"INSERT INTO reconciled (reconciliation_id, row, class, call_id, statement_id, line, at, endpoint, region, currency, transaction_id, our_quantity, their_quantity, our_amount, their_amount, note, explained) VALUES (1, 1, 'explained by doubt', 2, 2, 6, 1763740803001, 'sg', 'VN', 'USD', 't2', 0, 1, '0', '0.035', '2 s away', '0')",
		"INSERT INTO resolutions VALUES (2, 1, 1, '')",
	} {
		execSQL(t, db, text)
	}
	want := map[string][]string{
		"v_runs":   {"1|2025-11-21T16:00:00.007Z|2025-11-21T16:01:39.999Z|v1|night|77|0|3|PARTIAL|-|2"},
		"v_checks": {"1|livenessId|ddsd-9e6|f302f5d2454a85c2|{}|VN|sg|done|1|99.25|pass|none|x|2025-11-21T16:00:02.250Z|2025-11-21T04:40:00.000Z|1|2|"},
		"v_calls": {"1|1|1|1|first|2025-11-21T16:00:02.001Z|answered||200|SUCCESS|PAY|pay|t1|249|sg|VN||1|1",
			"2|1|1|2|doubt|2025-11-21T16:00:03.000Z|-|-|-|-|-|-|-|-|sg|VN|billed|1|1"},
		"v_lists":   {"1|1|lists/a.csv|ab|42|2025-11-21T16:00:01.000Z|2|1|0|0|1|1"},
		"v_rejects": {"1|lists/a.csv|3|region|unknown region|no such country|XX"},
		"v_statement_lines": {"2025-11|nov.csv|1|5|t1|2025-11-21T16:00:02.001Z|sg|VN|PAY|1|0.035|0.035|USD|1|usage|",
			"2025-11|nov2.csv|2|6|t2|2025-11-21T16:00:03.001Z|sg|VN|PAY|1|0.035|0.035|USD|0|usage|"},
		"v_reconciled": {"2025-11|1|explained by doubt|2|t2|nov2.csv|6|2025-11-21T16:00:03.001Z|sg|VN|USD|0|1|0|0.035|2 s away|0|2"},
	}
	reader, err := store.OpenReader(ctx, s.Path())
	check(t, err)
	t.Cleanup(func() { check(t, reader.Close()) })
	for view, rows := range want {
		if got := lines(t, reader.ReadDB(), "SELECT * FROM "+view); !slices.Equal(got, rows) {
			t.Errorf("%s:\n%q, want\n%q", view, got, rows)
		}
	}
}

// TestViewTimes compares the views' text with Go's own for times all over the calendar, to the millisecond.
func TestViewTimes(t *testing.T) {
	s := open(t)
	rng := rand.New(rand.NewPCG(1, 1))
	tx, err := s.WriteDB().Begin()
	check(t, err)
	var want []string
	for n := range 2000 {
		ms := rng.Int64N(4_000_000_000_000)
		want = append(want, time.UnixMilli(ms).UTC().Format("2006-01-02T15:04:05.000Z"))
		_, err := tx.Exec("INSERT INTO runs (run_id, started_at, version, host, pid, simulated) VALUES (?, ?, '', '', 0, 0)", n+1, ms)
		check(t, err)
	}
	check(t, tx.Commit())
	got := lines(t, s.ReadDB(), "SELECT started_at FROM v_runs ORDER BY run_id")
	for n := range want {
		if got[n] != want[n] {
			t.Fatalf("%s, want %s", got[n], want[n])
		}
	}
}

// TestVerdicts derives verdict and attack type on both sides of the threshold.
func TestVerdicts(t *testing.T) {
	tests := []struct {
		score     any // nil: the answer had none
		attack    string
		threshold float64
		inclusive bool
		want      string
	}{
		{50.0, "", 50, true, "pass|none"},
		{50.0, "", 50, false, "manual_check|unclassified"},
		{50.01, "", 50, false, "pass|none"},
		{49.99, "", 50, true, "manual_check|unclassified"},
		{0.0, "", 50, true, "manual_check|unclassified"},
		{100.0, "", 50, false, "pass|none"},
		{12.0, "1", 50, true, "manual_check|presentation"},
		{12.0, "2", 50, true, "manual_check|injection"},
		{12.0, "3", 50, true, "manual_check|unsure"},
		{12.0, "7", 50, true, "manual_check|other"},
		{12.0, "DEEPFAKE", 50, true, "manual_check|other"},
		{88.0, "2", 50, true, "pass|injection"},
		{88.0, "7", 50, true, "pass|other"},
		{62.5, "", 62.5, true, "pass|none"},
		{62.5, "", 62.5, false, "manual_check|unclassified"},
		{60.0, "", 62.5, true, "manual_check|unclassified"},
		{nil, "", 50, true, "-|-"},
		{nil, "1", 50, true, "-|presentation"},
	}
	s, _ := withCalls(t)
	for _, test := range tests {
		check(t, s.Runs().SaveSettings(context.Background(), test.threshold, test.inclusive))
		execSQL(t, s.WriteDB(), "UPDATE answers SET score = ?, attack_type = ? WHERE call_id = 1", test.score, test.attack)
		got := lines(t, s.ReadDB(), "SELECT verdict, attack_type FROM v_checks WHERE check_id = 1")
		if !slices.Equal(got, []string{test.want}) {
			t.Errorf("score %v, type %q, threshold %g, inclusive %v: %q, want %s", test.score, test.attack, test.threshold, test.inclusive, got, test.want)
		}
	}
	want := []string{"2|-|-|-", "3|-|-|-", "4|-|-|-", "5|-|-|-", "6|-|-|-"}
	if got := lines(t, s.ReadDB(), "SELECT check_id, score, verdict, attack_type FROM v_checks WHERE check_id > 1"); !slices.Equal(got, want) {
		t.Errorf("checks without a result: %q, want %q", got, want)
	}
}

// TestEraseLeavesMoneyAlone removes everything personal of an ID, as the schema promises is possible.
func TestEraseLeavesMoneyAlone(t *testing.T) {
	ctx := context.Background()
	s, runID := withCalls(t)
	if _, err := s.Journal().Recover(ctx); err != nil {
		t.Fatal(err)
	}
	execSQL(t, s.WriteDB(), "UPDATE checks SET id = NULL, other_id = NULL, reference = NULL")
	execSQL(t, s.WriteDB(), "UPDATE answers SET message = NULL, body = NULL")
	check(t, s.Books().AuditRun(ctx, runID))
	check(t, s.Books().Audit(ctx))
	if n := count(t, s.ReadDB(), "SELECT count(*) FROM v_calls"); n != 5 {
		t.Errorf("%d calls left", n)
	}
}
