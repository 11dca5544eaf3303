package main

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	"liverecon/batch/liveness/simulator"
)

// TestSumsTie follows a night with faults through the real program, and adds up its answers along four ways that share
// nothing: what the vendor's ledger says it told us, the rows of the database, the sheet of every check, and the sheets of
// totals.
func TestSumsTie(t *testing.T) {
	dir, vendor := t.TempDir(), newToldVendor(t)
	nightOf(t, dir, vendor)
	files, err := filepath.Glob(filepath.Join(dir, "reports", "risk_*..*.xlsx"))
	if err != nil || len(files) != 1 {
		t.Fatalf("reports %v (%v)", files, err)
	}
	x, err := excelize.OpenFile(files[0])
	if err != nil {
		t.Fatal(err)
	}
	defer x.Close() //nolint:errcheck // opened for reading
	detail := sheetRows(t, x, "Detail")
	ways := map[string]sums{
		"the vendor":   vendor.sums(t, detail),
		"the database": databaseSums(t, filepath.Join(dir, "liverecon.db")),
		"every check":  detailSums(t, detail),
		"the totals":   totalSums(t, x),
	}
	want := ways["every check"]
	for _, region := range []string{"PH", "TH"} {
		if c := want[region]; c.answered < 500 || c.suspicious == 0 || c.kinds["Injection"] == 0 || c.scored == c.answered {
			t.Errorf("%s: too little happened to prove anything: %+v", region, c)
		}
	}
	for way, got := range ways {
		if got.text() != want.text() {
			t.Errorf("%s says\n%s\nthe sheet of every check\n%s", way, got.text(), want.text())
		}
	}
	rows, err := x.GetRows("Definitions")
	if err != nil || !slices.ContainsFunc(rows, func(row []string) bool { return strings.Contains(strings.Join(row, " "), "✓ all ") }) {
		t.Errorf("the workbook's own checks do not tie (%v)", err)
	}
}

// sums are a night's answers by region.
type sums map[string]*regionSums

type regionSums struct {
	answered, scored, suspicious int
	kinds                        map[string]int // of the suspicious ones
}

func (s sums) of(region string) *regionSums {
	if s[region] == nil {
		s[region] = &regionSums{kinds: map[string]int{}}
	}
	return s[region]
}

// add counts an answer; score is nil when it had none.
func (s sums) add(region string, score *float64, attack string) {
	c := s.of(region)
	c.answered++
	if score == nil {
		return
	}
	c.scored++
	if *score >= 50 {
		return
	}
	c.suspicious++
	kind := map[string]string{"": "Unclassified", "1": "Presentation", "2": "Injection", "3": "Unsure"}[attack]
	if kind == "" {
		kind = "Other"
	}
	c.kinds[kind]++
}

func (s sums) text() string {
	var lines []string
	for _, region := range slices.Sorted(maps.Keys(s)) {
		c := s[region]
		line := fmt.Sprintf("%s: %d answered, %d scored, %d suspicious", region, c.answered, c.scored, c.suspicious)
		for _, kind := range []string{"Presentation", "Injection", "Unsure", "Unclassified", "Other"} {
			line += fmt.Sprintf(", %d %s", c.kinds[kind], kind)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// nightOf runs the program against a vendor until nothing is left to do, and reports about the days around now, so that
// midnight may fall anywhere.
func nightOf(t *testing.T, dir string, vendor *toldVendor) {
	t.Helper()
	config := "lists = [\"ids.csv\"]\ntime_zone = \"UTC\"\n[fetch]\nrepeat_in_doubt = \"always\"\nrecheck_no_score_nights = 0\ntimeout = \"5s\"\n"
	for _, name := range []string{"ph", "th"} {
		config += fmt.Sprintf("[endpoint.%[1]s]\nurl = \"%[2]s/%[1]s/%[1]s/openapi/face-identity/v1/liveness-detection\"\ntoken_url = \"%[2]s/%[1]s/openapi/auth/ticket/v1/generate-token\"\nrate = 10000\nconcurrency = 24\n", name, vendor.url)
	}
	list := "signatureId,region\n"
	for i := range 1500 {
		list += fmt.Sprintf("c%015x,%s\n", i, []string{"PH", "TH"}[i%2])
	}
	for name, text := range map[string]string{"liverecon.toml": config, "ids.csv": list} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	code := -1
	for tries := 0; code != 0 && tries < 10; tries++ {
		code = inDirectory(t, dir, "run")
	}
	now := time.Now().UTC()
	if code != 0 || inDirectory(t, dir, "report", "risk", "--from", now.AddDate(0, 0, -1).Format(time.DateOnly), "--to", now.AddDate(0, 0, 1).Format(time.DateOnly)) != 0 {
		t.Fatalf("the night did not end well: %d", code)
	}
}

// inDirectory runs the program and returns its exit code.
func inDirectory(t *testing.T, dir string, args ...string) int {
	t.Helper()
	cmd := exec.Command("liverecon", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "LIVERECON_ACCESS_KEY=any", "LIVERECON_SECRET_KEY="+simulator.DefaultCredential.SecretKey)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if code := cmd.ProcessState.ExitCode(); code != 0 && code != 3 {
		t.Fatalf("liverecon %s: exit code %d\n%s", strings.Join(args, " "), code, out)
	}
	return cmd.ProcessState.ExitCode()
}

// toldVendor is the simulated vendor with somebody listening at its door, who keeps every answer by its transaction.
type toldVendor struct {
	*simulator.Vendor
	url  string
	mu   sync.Mutex
	told map[string]json.RawMessage
}

func newToldVendor(t *testing.T) *toldVendor {
	t.Helper()
	vendor, err := simulator.New(simulator.Config{Seed: 77, Latency: time.Millisecond, LatencyJitter: 2 * time.Millisecond, Balance: -1,
		Faults: simulator.Faults{Probability: map[simulator.Fault]float64{
			simulator.ResetAfter: 0.004, simulator.Truncated: 0.004, simulator.HTML502: 0.004, simulator.ErrorFree: 0.004, simulator.Processing: 0.004, simulator.ResetBefore: 0.004,
			simulator.NotExist: 0.01, simulator.UnknownPricing: 0.01, simulator.Score50: 0.01, simulator.ScoreNegative: 0.01, simulator.ScoreNull: 0.01, simulator.ScoreString: 0.01,
			simulator.AttackPassing: 0.01, simulator.AttackOther: 0.01, simulator.AttackString: 0.01, simulator.NewField: 0.01,
		}}})
	if err != nil {
		t.Fatal(err)
	}
	v := &toldVendor{Vendor: vendor, told: map[string]json.RawMessage{}}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ear := &ear{ResponseWriter: w}
		defer func() { v.note(ear.heard.Bytes()) }() // the vendor breaks connections off by a panic
		vendor.ServeHTTP(ear, r)
	}))
	t.Cleanup(server.Close)
	v.url = server.URL
	return v
}

func (v *toldVendor) note(body []byte) {
	var envelope struct {
		TransactionID string          `json:"transactionId"`
		Data          json.RawMessage `json:"data"`
	}
	if json.Unmarshal(body, &envelope) != nil {
		return // a page of the gateway, or an answer cut short
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.told[envelope.TransactionID] = envelope.Data
}

// ear hears what is written to a client.
type ear struct {
	http.ResponseWriter
	heard bytes.Buffer
}

func (e *ear) Write(text []byte) (int, error) {
	e.heard.Write(text)
	return e.ResponseWriter.Write(text)
}

func (e *ear) Unwrap() http.ResponseWriter { return e.ResponseWriter }

func (e *ear) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	return http.NewResponseController(e.ResponseWriter).Hijack()
}

// sums takes, for every ID whose SUCCESS arrived whole, the last answer the ledger says it gave, and finds in detail no other.
func (v *toldVendor) sums(t *testing.T, detail []map[string]string) sums {
	t.Helper()
	last := map[string]simulator.Entry{}
	for _, e := range v.Entries() {
		if !e.Token && e.Code == "SUCCESS" && e.Delivered == simulator.Whole {
			last[e.ID] = e
		}
	}
	rows := map[string]string{}
	for _, row := range detail {
		rows[row["ID"]] = row["Transaction"] + " " + row["Code"] + " " + row["Pricing"]
	}
	s := sums{}
	for id, e := range last {
		if got, want := rows[id], e.TransactionID+" "+e.Code+" "+e.Pricing; got != want {
			t.Errorf("%s: sheet says %q, the ledger %q", id, got, want)
		}
		var data struct {
			Score  any `json:"livenessScore"`
			Attack any `json:"attackType"`
		}
		if err := json.Unmarshal(v.told[e.TransactionID], &data); err != nil {
			t.Fatalf("%s: %v", e.TransactionID, err)
		}
		var score *float64
		if x, err := strconv.ParseFloat(fmt.Sprint(data.Score), 64); err == nil && x >= 0 && x <= 100 { // else none
			score = &x
		}
		attack := ""
		if data.Attack != nil {
			attack = fmt.Sprint(data.Attack)
		}
		s.add(e.Region, score, attack)
	}
	return s
}

// sheetRows are the rows of a list by the heads of its columns.
func sheetRows(t *testing.T, x *excelize.File, sheet string) []map[string]string {
	t.Helper()
	rows, err := x.GetRows(sheet, excelize.Options{RawCellValue: true})
	if err != nil || len(rows) < 5 {
		t.Fatalf("%s: %d rows (%v)", sheet, len(rows), err)
	}
	var all []map[string]string
	for _, row := range rows[5:] {
		named := map[string]string{}
		for i, value := range row {
			named[rows[4][i]] = value
		}
		all = append(all, named)
	}
	return all
}

func detailSums(t *testing.T, detail []map[string]string) sums {
	t.Helper()
	s := sums{}
	for _, row := range detail {
		var score *float64
		if row["Score"] != "" {
			x, err := strconv.ParseFloat(row["Score"], 64)
			if err != nil {
				t.Fatal(err)
			}
			score = &x
		}
		s.add(row["Region"], score, row["Type received"])
	}
	return s
}

func databaseSums(t *testing.T, path string) sums {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path+"?mode=ro")
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close() //nolint:errcheck // opened for reading
	rows, err := db.Query("SELECT region, score, verdict, attack_type FROM v_checks WHERE state = 'done'")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	s := sums{}
	for rows.Next() {
		var region string
		var score sql.NullFloat64
		var verdict, attack sql.NullString
		if err := rows.Scan(&region, &score, &verdict, &attack); err != nil {
			t.Fatal(err)
		}
		c := s.of(region)
		c.answered++
		if score.Valid {
			c.scored++
		}
		if verdict.String == "manual_check" {
			c.suspicious++
			c.kinds[strings.ToUpper(attack.String[:1])+attack.String[1:]]++
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return s
}

// totalSums reads the table of answers by attack type.
func totalSums(t *testing.T, x *excelize.File) sums {
	t.Helper()
	rows, err := x.GetRows("Attack types", excelize.Options{RawCellValue: true})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(rows, func(row []string) bool { return len(row) > 1 && strings.HasPrefix(row[1], "2  Answers by attack type") })
	heads := rows[at+2]
	number := func(row []string, head string) int {
		n, err := strconv.Atoi(row[slices.Index(heads, head)])
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	s := sums{}
	for _, row := range rows[at+3:] {
		if row[1] == "All regions" {
			return s
		}
		c := s.of(map[string]string{"Philippines": "PH", "Thailand": "TH"}[row[1]])
		c.answered, c.scored, c.suspicious = number(row, "Answered"), number(row, "Scored"), number(row, "Suspicious")
		for _, kind := range []string{"Presentation", "Injection", "Unsure", "Unclassified", "Other"} {
			c.kinds[kind] = number(row, kind)
		}
	}
	t.Fatal("no total")
	return nil
}
