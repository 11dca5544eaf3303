package main

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/csv"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/cmd/liverecon/reconciled"
	"liverecon/store"
)

// casebook is a folder of testdata/cases: a configuration, statements, and the calls of a database, as v_calls shows them.
type casebook struct {
	t   *testing.T
	dir string
}

func openCase(t *testing.T, name string) *casebook {
	t.Helper()
	c := &casebook{t, t.TempDir()}
	if err := os.CopyFS(c.dir, os.DirFS(filepath.Join("testdata", "cases", name))); err != nil {
		t.Fatal(err)
	}
	c.lay("calls.csv")
	return c
}

// run is the program's output; want is its exit code.
func (c *casebook) run(want int, args ...string) string {
	c.t.Helper()
	cmd := exec.Command("liverecon", args...)
	cmd.Dir = c.dir
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		c.t.Fatal(err)
	}
	if code := cmd.ProcessState.ExitCode(); code != want {
		c.t.Fatalf("liverecon %s: exit code %d, want %d\n%s", strings.Join(args, " "), code, want, out)
	}
	return string(out)
}

// reconcile is the result of `reconcile --json`.
func (c *casebook) reconcile(args ...string) reconciled.Result {
	c.t.Helper()
	var r reconciled.Result
	cmd := exec.Command("liverecon", append([]string{"reconcile", "--json"}, args...)...)
	cmd.Dir, cmd.Stderr = c.dir, os.Stderr
	out, err := cmd.Output()
	if err == nil {
		err = json.Unmarshal(out, &r)
	}
	if err != nil {
		c.t.Fatalf("reconcile %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return r
}

// says fails unless a text holds all of the others.
func (c *casebook) says(text string, want ...string) {
	c.t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			c.t.Errorf("%q is not in\n%s", w, text)
		}
	}
}

// query is a query's only value.
func (c *casebook) query(query string) string {
	c.t.Helper()
	db := c.open()
	defer db.Close() //nolint:errcheck // only read from
	var v sql.NullString
	if err := db.QueryRow(query).Scan(&v); err != nil {
		c.t.Fatalf("%s: %v", query, err)
	}
	return v.String
}

func (c *casebook) open() *sql.DB {
	c.t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(c.dir, "l.db")+"?_pragma=foreign_keys(0)")
	if err != nil {
		c.t.Fatal(err)
	}
	return db
}

// lay adds the calls of a file to the database, as one run.
func (c *casebook) lay(file string) {
	c.t.Helper()
	s, err := store.Open(context.Background(), filepath.Join(c.dir, "l.db"))
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		c.t.Fatal(err)
	}
	in, err := os.Open(filepath.Join(c.dir, file))
	if err != nil {
		c.t.Fatal(err)
	}
	rows, err := csv.NewReader(in).ReadAll()
	if err = errors.Join(err, in.Close()); err != nil {
		c.t.Fatal(err)
	}
	db := c.open()
	defer db.Close() //nolint:errcheck // the commit has told
	tx, err := db.Begin()
	if err != nil {
		c.t.Fatal(err)
	}
	l := layer{t: c.t, tx: tx}
	l.begin()
	for _, row := range rows[1:] {
		call := map[string]string{}
		for i, name := range rows[0] {
			call[name] = row[i]
		}
		l.call(call)
	}
	l.end()
}

// layer writes calls past the journal, which takes none of the past.
type layer struct {
	t           *testing.T
	tx          *sql.Tx
	run         int64
	first, last int64
}

func (l *layer) exec(query string, args ...any) int64 {
	l.t.Helper()
	res, err := l.tx.Exec(query, args...)
	if err != nil {
		l.t.Fatalf("%s: %v", query, err)
	}
	id, err := res.LastInsertId()
	if err != nil {
		l.t.Fatal(err)
	}
	return id
}

func (l *layer) begin() {
	l.run = l.exec("INSERT INTO runs (started_at, ended_at, version, host, pid, simulated, verdict, exit_code) VALUES (0, 0, '', 'h', 1, 0, 'DONE', 0)")
	l.exec(`INSERT OR IGNORE INTO lists (list_id, run_id, path, sha256, fingerprint, bytes, read_at, rows, rejected, duplicate, known, new)
		VALUES (1, ?, 'lists/a.csv', x'00', 'f', 1, 0, 0, 0, 0, 0, 0)`, l.run)
}

func (l *layer) call(c map[string]string) {
	sent, err := time.Parse("2006-01-02T15:04:05.000Z", c["sent_at"])
	if err != nil {
		l.t.Fatal(err)
	}
	at := sent.UnixMilli()
	if l.first == 0 {
		l.first = at
	}
	l.first, l.last = min(l.first, at), max(l.last, at)
	number := func(name string) any {
		n, err := strconv.ParseInt(c[name], 10, 64)
		if err != nil {
			return nil
		}
		return n
	}
	hash := sha256.Sum256([]byte(c["check"]))
	l.exec(`INSERT OR IGNORE INTO checks (check_id, id_hash, kind, id, region, endpoint, list_id, line, state, attempts, changed_at)
		VALUES (?, ?, 'signatureId', ?, ?, ?, 1, ?, 'done', ?, ?)`, number("check"), hash[:16], "c01d"+c["check"], c["region"], c["endpoint"], number("check"), number("attempt"), at)
	l.exec("INSERT INTO calls (call_id, check_id, attempt, run_id, reason, endpoint, region, intended_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		number("call"), number("check"), number("attempt"), l.run, c["reason"], c["endpoint"], c["region"], at)
	var sentAt any
	if c["outcome"] != "unsent" {
		sentAt = at
	}
	l.exec(`INSERT INTO outcomes (call_id, outcome, cause, sent_at, ended_at, http_status, code, pricing, tag, transaction_id) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		number("call"), c["outcome"], c["cause"], sentAt, at, number("http_status"), c["code"], c["pricing"], c["tag"], c["transaction_id"])
	l.exec(`INSERT INTO usage (quarter, endpoint, region, outcome, code, pricing, tag, calls) VALUES (?, ?, ?, ?, ?, ?, ?, 1)
		ON CONFLICT DO UPDATE SET calls = calls + 1`, at/900_000, c["endpoint"], c["region"], c["outcome"], c["code"], c["pricing"], c["tag"])
}

func (l *layer) end() {
	l.t.Helper()
	l.exec("UPDATE runs SET started_at = ?, ended_at = ? WHERE run_id = ?", l.first, l.last+1000, l.run)
	if err := l.tx.Commit(); err != nil {
		l.t.Fatal(err)
	}
}

// TestLateLines: a part of September in October's file adds to September, since it has none of its lines.
func TestLateLines(t *testing.T) {
	c := openCase(t, "02-late-lines-replace-month")
	c.reconcile("--statement", "s9.csv")
	out := c.run(0, "reconcile", "--statement", "s10.csv")
	c.says(out, "statement 2: 198 lines of 2026-09, 2026-10, imported, beside statement 1 (s9.csv)")
	c.bridge("2026-09", "ours 4.843, owed 4.843, theirs 4.843")
	c.bridge("2026-10", "ours 6.183, explained by doubt 0.262, owed 6.445, theirs 6.445")
	if got := c.query("SELECT count(*) || ' ' || sum(class = 'matched') FROM v_reconciled WHERE month = '2026-09'"); got != "150 150" {
		t.Errorf("rows of September, and those matched: %s", got)
	}
}

// TestLateLinesAfterClose: with September closed, October is taken all the same, and bears the late lines: they were
// accrued, so nothing of them is new.
func TestLateLinesAfterClose(t *testing.T) {
	c := openCase(t, "03-late-lines-after-close")
	c.reconcile("--statement", "s9.csv")
	c.run(0, "close", "--month", "2026-09", "--reason", "as far as it is known")
	before := c.query("SELECT group_concat(hex(sha256)) FROM closed_files")
	out := c.run(0, "reconcile", "--statement", "s10.csv")
	c.says(out, "2026-09 is closed: 3 items of it are borne by 2026-10 as late line: USD 0.105 billed, 0.105 owed\n", "2026-10: ")
	again := c.run(0, "reconcile", "--statement", "s10.csv")
	c.says(again, "nothing new since 2026-10 was reconciled last")
	if got := c.query("SELECT count(*) || ' ' || group_concat(DISTINCT amount || '/' || their_amount) FROM corrections"); got != "3 0/0.035" {
		t.Errorf("corrections %s", got)
	}
	if after := c.query("SELECT group_concat(hex(sha256)) FROM closed_files"); after != before {
		t.Error("a closed month's files have changed")
	}
	c.bridge("2026-10", "ours 6.183, explained by doubt 0.262, owed 6.445, prior periods 0.105, theirs 6.55")
	c.says(out, "2026-10: USD 6.55 is what our records support (with 0.105 prior periods)\n")
	c.tied("2026-10")
	c.focus()
}

// TestDearLateLine: of a late line of a closed month what is owed is of a prior period, and what is not is disputed.
func TestDearLateLine(t *testing.T) {
	c := openCase(t, "03-late-lines-after-close")
	c.reconcile("--statement", "s9.csv")
	c.run(0, "close", "--month", "2026-09", "--reason", "as far as it is known")
	c.rewrite("s10.csv", "dear.csv", func(row []string) {
		if row[0] == "1" {
			row[8], row[9] = "0.040", "0.040"
		}
	})
	c.reconcile("--statement", "dear.csv")
	c.bridge("2026-10", "ours 6.183, explained by doubt 0.262, owed 6.445, price differs, more 0.005, to dispute 0.005, "+
		"prior periods 0.105, theirs 6.555")
	c.tied("2026-10")
	c.run(0, "dispute", "--month", "2026-10")
	packet, err := os.ReadFile(filepath.Join(c.dir, "reports", "dispute_2026-10.csv"))
	if err != nil {
		t.Fatal(err)
	}
	c.says(string(packet), "fc6fa1eb4ff15ec4,dear.csv,2,", ",0.04,0.005,USD,", "of a closed month, 2026-09: late line")
}

// TestLineFarAway: a line about a call of ours that is dated a month early is of another period for both months, in
// whatever order they come; corrected, it is of neither.
func TestLineFarAway(t *testing.T) {
	c := openCase(t, "02-late-lines-replace-month")
	text, err := os.ReadFile(filepath.Join(c.dir, "s9.csv"))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(text), "\n")
	at := slices.IndexFunc(lines, func(l string) bool { return strings.Contains(l, ",2026-09-15T") && strings.Contains(l, ",th,") })
	const strange = "999,ffffffffffffffff,2026-07-11T04:15:00.026+08:00,th,TH,SUCCESS,PAY,1,0.032,0.032,USD\n"
	july := lines[0] + strings.Replace(lines[at], "2026-09-15T", "2026-07-10T", 1) + strange
	other := lines[0] + strange
	rest := strings.Join(slices.Delete(slices.Clone(lines), at, at+1), "")
	for name, text := range map[string]string{"july.csv": july, "other.csv": other, "rest.csv": rest} {
		if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	right := func() {
		t.Helper()
		if got := c.query(`SELECT group_concat(month || ' ' || class || ' ' || rows, ', ') FROM (SELECT month, class, count(*) AS rows
			FROM v_reconciled WHERE class = 'other period' OR class = 'theirs only' OR class = 'ours only' AND transaction_id = '` +
			strings.Split(lines[at], ",")[1] + `' GROUP BY month, class ORDER BY month, class)`); got != "2026-07 other period 1, 2026-07 theirs only 1, 2026-09 other period 1" {
			t.Errorf("got %s", got)
		}
	}
	c.reconcile("--statement", "rest.csv")
	out := c.run(0, "reconcile", "--statement", "july.csv")
	c.says(out, "reconciled again, since this statement bears on it: 2026-09: ")
	right()
	c.reconcile("--month", "2026-09")
	right()
	c.tied("2026-09")

	out = c.run(0, "reconcile", "--statement", "other.csv", "--replace")
	c.says(out, "reconciled again, since this statement bears on it: 2026-09: ")
	if got := c.query("SELECT count(*) FROM v_reconciled WHERE class = 'other period'"); got != "0" {
		t.Errorf("%s rows of other periods are left", got)
	}

	c = openCase(t, "02-late-lines-replace-month")
	for name, text := range map[string]string{"july.csv": july, "rest.csv": rest} {
		if err := os.WriteFile(filepath.Join(c.dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	c.reconcile("--statement", "july.csv")
	c.reconcile("--statement", "rest.csv")
	right()
}

// TestWithdrawnLine: a line that a closed month disputes stands no more: nothing of it is owed or to pay, and the month
// that bears it takes it off what is to dispute.
func TestWithdrawnLine(t *testing.T) {
	c := openCase(t, "03-late-lines-after-close")
	text, err := os.ReadFile(filepath.Join(c.dir, "s9.csv"))
	if err == nil {
		text = append(text, "999,ffffffffffffffff,2026-09-12T04:15:00.026+08:00,sg,SG,SUCCESS,PAY,1,0.035,0.035,USD\n"...)
		err = os.WriteFile(filepath.Join(c.dir, "ghost.csv"), text, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	c.reconcile("--statement", "ghost.csv")
	c.run(0, "close", "--month", "2026-09", "--reason", "as far as it is known")
	c.reconcile("--statement", "s10.csv")
	out := c.run(0, "reconcile", "--statement", "s9.csv", "--month", "2026-09", "--replace")
	c.says(out, "reconciled again, since this statement bears on it: 2026-10: ")
	c.bridge("2026-10", "ours 6.183, explained by doubt 0.262, owed 6.445, theirs only -0.035, to dispute -0.035, "+
		"prior periods 0.105, theirs 6.515")
	c.tied("2026-10")
}

// bridge compares the steps of a month that are not zero.
func (c *casebook) bridge(month, want string) {
	c.t.Helper()
	got := c.query(`SELECT group_concat(step || ' ' || amount, ', ') FROM (SELECT b.step, b.amount FROM bridge b
		JOIN reconciliations r USING (reconciliation_id) WHERE r.month = '` + month + `' AND r.superseded_by IS NULL
		AND b.amount <> '0' ORDER BY b.row)`)
	if got != want {
		c.t.Errorf("bridge of %s: %s\nwant %s", month, got, want)
	}
}

// tied makes a month's workbook, which fails unless its checks tie.
func (c *casebook) tied(month string) {
	c.t.Helper()
	c.run(0, "report", "finance", "--month", month)
}

// TestClosedDoubt: a doubt of a closed month that no statement bills is settled when the month after it is there, and the
// closed month's ceiling falls by its price.
func TestClosedDoubt(t *testing.T) {
	c := openCase(t, "10-closed-doubt-open")
	c.reconcile("--statement", "s10.csv")
	c.run(0, "close", "--month", "2026-10", "--reason", "as far as it is known")
	c.reconcile("--statement", "s11.csv")
	if got := c.query("SELECT resolution FROM v_calls WHERE call_id = 41"); got != "not billed" {
		t.Errorf("the doubt is %q", got)
	}
	if got := c.query("SELECT kind || ' ' || borne_by || ' ' || amount || ' ' || most FROM corrections"); got != "doubt not billed 2026-11 0 -0.032" {
		t.Errorf("corrections: %s", got)
	}
	c.bridge("2026-11", "ours 1.361, owed 1.361, theirs 1.361")
	if got := c.query("SELECT count(*) || max(class) || max(note) FROM v_reconciled WHERE month = '2026-11' AND class <> 'matched'"); got != "1prior periodof a closed month, 2026-10: doubt not billed" {
		t.Errorf("November's row: %s", got)
	}
	c.tied("2026-11")
}

// rewrite makes a statement of another one, its cells changed.
func (c *casebook) rewrite(from, to string, change func(row []string)) {
	c.t.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, from))
	if err != nil {
		c.t.Fatal(err)
	}
	rows, err := csv.NewReader(strings.NewReader(string(text))).ReadAll()
	if err != nil {
		c.t.Fatal(err)
	}
	var out strings.Builder
	for n, row := range rows {
		if n > 0 {
			change(row)
		}
		out.WriteString(strings.Join(row, ",") + "\n")
	}
	if err := os.WriteFile(filepath.Join(c.dir, to), []byte(out.String()), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// TestGate: from a statement that is not about our calls nothing follows, until somebody says so.
func TestGate(t *testing.T) {
	c := openCase(t, "02-late-lines-replace-month")
	c.rewrite("s9.csv", "foreign.csv", func(row []string) { row[1] = "f" + row[1][1:] + "0" })
	const shut = "2026-09: 0 of 147 transaction IDs are ours; nothing follows from this statement"
	out := c.run(0, "reconcile", "--statement", "foreign.csv")
	c.says(out, shut, "withheld: what became of calls in doubt, readings, dispute, payment (--force", "\n= withheld ")
	if strings.Contains(out, "to dispute") {
		t.Errorf("a shut gate withholds what is to dispute: %s", out)
	}
	c.run(13, "reconcile", "--month", "2026-09", "--fail-on-variance")
	c.says(c.run(10, "dispute", "--month", "2026-09"), "most transaction IDs of the statement are not ours", "--month 2026-09 --force")
	c.says(c.run(0, "status"), shut)
	if r := c.reconcile("--month", "2026-09"); !r.Months[0].Withheld || *r.Months[0].IDsOurs != 0 || r.Months[0].IDs != 147 || r.Months[0].Reproduces == nil {
		t.Errorf("%+v", r.Months[0])
	}
	if out := c.run(0, "reconcile", "--month", "2026-09", "--json"); strings.Contains(out, `"to dispute"`) {
		t.Errorf("a shut gate withholds what is to dispute: %s", out)
	}
	out = c.run(0, "reconcile", "--month", "2026-09", "--force")
	c.says(out, "2026-09: 0 of 147 transaction IDs are ours; USD ", "\n= to dispute ")
	if got := c.query("SELECT state || ' ' || ours || ' ' || lines FROM reconciliation_gates g JOIN reconciliations USING (reconciliation_id) WHERE superseded_by IS NULL"); got != "forced 0 147" {
		t.Errorf("kept: %s", got)
	}
	c.says(c.run(0, "dispute", "--month", "2026-09"), "wrote ")
}

// TestClockOffset: all lines stand eight hours late. That is said with the setting that mends it, and no time decides.
func TestClockOffset(t *testing.T) {
	c := openCase(t, "10-closed-doubt-open")
	c.rewrite("s10.csv", "late.csv", func(row []string) { row[2] = strings.Replace(row[2], "+08:00", "+00:00", 1) })
	c.says(c.run(0, "reconcile", "--statement", "late.csv"), "2026-10: all lines stand +8 h 00 min from our calls: set statement.time_zone; USD ")
}

// TestBilledAgain: four transactions of September are on October's invoice once more, with times of October.
func TestBilledAgain(t *testing.T) {
	c := openCase(t, "14-rebilled-next-month")
	c.reconcile("--statement", "s9.csv")
	c.reconcile("--statement", "s10.csv")
	if got := c.query("SELECT count(*) || ' ' || round(sum(their_amount), 3) || ' ' || max(note) FROM v_reconciled WHERE month = '2026-10' AND class = 'billed again'"); !strings.HasPrefix(got, "4 0.126 ") || !strings.Contains(got, "s9.csv") {
		t.Errorf("billed again: %s", got)
	}
	if got := c.query("SELECT count(*) FROM v_reconciled WHERE class = 'theirs only'"); got != "0" {
		t.Errorf("%s lines are of nobody", got)
	}
}

// focus exports both months, and holds the rows to FOCUS 1.2: what is mandatory is there, and what is billed of each invoice
// adds up to its lines.
func (c *casebook) focus() {
	c.t.Helper()
	billed := map[string]decimal.Decimal{}
	corrections := 0
	for _, month := range []string{"2026-09", "2026-10"} {
		c.run(0, "report", "focus", "--month", month)
		in, err := os.Open(filepath.Join(c.dir, "reports", "focus_"+month+".csv"))
		if err != nil {
			c.t.Fatal(err)
		}
		rows, err := csv.NewReader(in).ReadAll()
		if err = errors.Join(err, in.Close()); err != nil {
			c.t.Fatal(err)
		}
		for _, cells := range rows[1:] {
			row := map[string]string{}
			for i, name := range rows[0] {
				row[name] = cells[i]
			}
			c.checkFocus(month, row)
			billed[row["InvoiceId"]] = billed[row["InvoiceId"]].Add(decimal.RequireFromString(row["BilledCost"]))
			if row["ChargeClass"] == "Correction" {
				corrections++
				if month != "2026-10" || row["ChargePeriodStart"] != "2026-08-31T16:00:00Z" || row["BillingPeriodStart"] != "2026-09-30T16:00:00Z" || row["InvoiceId"] != "s10.csv" {
					c.t.Errorf("a correction: %v", row)
				}
			}
		}
	}
	for _, invoice := range []string{"s9.csv", "s10.csv"} {
		in, err := os.ReadFile(filepath.Join(c.dir, invoice))
		if err != nil {
			c.t.Fatal(err)
		}
		lines, err := csv.NewReader(strings.NewReader(string(in))).ReadAll()
		if err != nil {
			c.t.Fatal(err)
		}
		var sum decimal.Decimal
		for _, line := range lines[1:] {
			sum = sum.Add(decimal.RequireFromString(line[9]))
		}
		if !billed[invoice].Equal(sum) {
			c.t.Errorf("%s is billed at %s, want %s", invoice, billed[invoice], sum)
		}
	}
	if corrections != 3 {
		c.t.Errorf("%d corrections", corrections)
	}
}

func (c *casebook) checkFocus(month string, row map[string]string) {
	c.t.Helper()
	for _, name := range []string{
		"BilledCost", "BillingAccountId", "BillingAccountName", "BillingCurrency", "BillingPeriodEnd", "BillingPeriodStart", "ChargeCategory",
		"ChargeDescription", "ChargeFrequency", "ChargePeriodEnd", "ChargePeriodStart", "ContractedCost", "EffectiveCost", "InvoiceIssuerName",
		"ListCost", "ProviderName", "PublisherName", "ServiceCategory", "ServiceName",
	} {
		if row[name] == "" {
			c.t.Errorf("%s: %s is empty: %v", month, name, row)
		}
	}
	usage := row["ChargeCategory"] == "Usage" && row["ChargeClass"] == ""
	if usage != (row["ContractedUnitPrice"] != "") || usage != (row["PricingUnit"] == "Calls") || usage != (row["PricingQuantity"] != "") {
		c.t.Errorf("%s: unit price %q, unit %q, quantity %q", month, row["ContractedUnitPrice"], row["PricingUnit"], row["PricingQuantity"])
	}
	if row["ChargeClass"] != "" && row["ChargeClass"] != "Correction" || row["ListCost"] != row["ContractedCost"] {
		c.t.Errorf("%s: %v", month, row)
	}
}

// TestTaxBase: of the tax on ten calls, one of them billed twice, a share is disputed with that line: of what is billed
// less a credit, or without it.
func TestTaxBase(t *testing.T) {
	for text, want := range map[string]string{"": "0.099", `tax_base = "net"`: "0.099", `tax_base = "gross"`: "0.09"} {
		c := openCase(t, "16-tax-on-dispute")
		config, err := os.OpenFile(filepath.Join(c.dir, "liverecon.toml"), os.O_APPEND|os.O_WRONLY, 0)
		if err == nil {
			_, err = config.WriteString("\n[statement]\n" + text + "\n")
		}
		if err = errors.Join(err, config.Close()); err != nil {
			t.Fatal(err)
		}
		c.run(0, "reconcile", "--statement", "s.csv")
		if got := c.query("SELECT amount FROM bridge WHERE step = 'tax on what is disputed'"); got != want {
			t.Errorf("%q: %s disputed, want %s", text, got, want)
		}
	}
}
