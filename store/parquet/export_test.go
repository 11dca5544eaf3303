package parquet

import (
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/shopspring/decimal"

	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/storetest"
)

var regions = []string{"ID", "PH", "TH"}

// books is a database with calls of three months and three regions, and all else that a month can have. Its times are
// about the ends of months in a zone eight hours before UTC.
func books(t *testing.T, seed uint64) (*store.Store, *sql.DB) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "liverecon.db")
	s := storetest.OpenAt(t, path)
	storetest.Fill(t, s, 1) // a run and a list
	db := storetest.Raw(t, path)
	dice := rand.New(rand.NewPCG(seed, 1))
	ends := []time.Time{time.Date(2026, 8, 31, 16, 0, 0, 0, time.UTC), time.Date(2026, 9, 30, 16, 0, 0, 0, time.UTC),
		time.Date(2026, 10, 31, 16, 0, 0, 0, time.UTC)}
	at := func() int64 {
		return ends[dice.IntN(len(ends))].Add(time.Duration(dice.IntN(7_200_000)-3_600_000) * time.Millisecond).UnixMilli()
	}
	storetest.Exec(t, db, "UPDATE runs SET started_at = ?, ended_at = ?, verdict = 'DONE: all of it', exit_code = 0",
		ends[0].Add(-time.Hour).UnixMilli(), ends[2].Add(2*time.Hour).UnixMilli())
	storetest.Exec(t, db, "UPDATE lists SET read_at = ?", at())
	for i := 1; i <= 300; i++ {
		region, sent := regions[dice.IntN(3)], at()
		state := []string{"done", "done", "absent", "pending", "held"}[dice.IntN(5)]
		storetest.Exec(t, db, `INSERT INTO checks (check_id, id_hash, kind, id, reference, region, endpoint, list_id, line, state,
			changed_at) VALUES (?, ?, 'livenessId', ?, ?, ?, 'id', 1, ?, ?, ?)`, 100+i, []byte(fmt.Sprint("hash", i)),
			fmt.Sprint("secret-id-", i), fmt.Sprintf(`{"Campaign X":"c%d","mail":"who%d@example.com"}`, i%3, i), region, i, state, sent)
		storetest.Exec(t, db, "INSERT INTO calls VALUES (?, ?, 1, 1, 'first', 'id', ?, ?)", 100+i, 100+i, region, sent-5)
		if state != "done" {
			if dice.IntN(4) > 0 { // the others are in flight
				storetest.Exec(t, db, `INSERT INTO outcomes (call_id, outcome, sent_at, ended_at, tag)
					VALUES (?, 'unanswered', ?, ?, 'unknown')`, 100+i, sent, sent+100)
			}
			continue
		}
		storetest.Exec(t, db, `INSERT INTO outcomes (call_id, outcome, sent_at, ended_at, http_status, code, class, pricing, tag,
			transaction_id) VALUES (?, 'answered', ?, ?, 200, 'SUCCESS', 'done', 'PAY', 'pay', ?)`, 100+i, sent, sent+100,
			fmt.Sprint("t", i))
		storetest.Exec(t, db, `INSERT INTO usage VALUES (?, 'id', ?, 'answered', 'SUCCESS', 'PAY', 'pay', 1)
			ON CONFLICT DO UPDATE SET calls = calls + 1`, sent/900_000, region)
		var score any
		if dice.IntN(10) > 0 {
			score = float64(dice.IntN(10_000)) / 100
		}
		storetest.Exec(t, db, `INSERT INTO answers (call_id, check_id, answered_at, region, endpoint, standing, score, attack_type,
			message, body) VALUES (?, ?, ?, ?, 'id', 1, ?, ?, 'secret message', 'secret body')`, 100+i, 100+i, sent+100, region,
			score, []string{"", "1", "2", "9"}[dice.IntN(4)])
	}
	storetest.Exec(t, db, "INSERT INTO decision_files VALUES (1, 'f', x'01', 1)")
	storetest.Exec(t, db, `INSERT INTO decisions SELECT call_id, call_id, answered_at, 'attack', 'secret reviewer', answered_at, 0,
		'secret comment', 1, 's', 1 FROM answers WHERE call_id % 7 = 0`)
	storetest.Exec(t, db, "INSERT INTO statements VALUES (1, 'secret/path.csv', x'01', x'02', 1, 0, 3, 0, '2026-09', '', '', '')")
	for line, amount := range []string{"0.000000000001", "-999999999999999.999999999999", "12.5"} {
		storetest.Exec(t, db, `INSERT INTO statement_lines (statement_id, line, kind, transaction_id, charged_at, month, endpoint,
			region, pricing, quantity, unit_price, amount, currency) VALUES (1, ?, 'usage', 'x', NULL, '2026-09', 'id', ?, 'PAY', 3,
			NULL, ?, ?)`, line, []string{"", "ID", "ID"}[line], amount, []string{"USD", "USD", "IDR"}[line])
	}
	storetest.Exec(t, db, `INSERT INTO statement_parts VALUES (1, '2026-09', 'id', 'USD', 1, 2, 1, NULL),
		(1, '2026-09', 'id', 'IDR', 1, 1, 1, NULL)`)
	return s, db
}

func singapore(t testing.TB) *time.Location {
	t.Helper()
	zone, err := time.LoadLocation("Asia/Singapore")
	if err != nil {
		t.Fatal(err)
	}
	return zone
}

func usual(t testing.TB) Options {
	zone := singapore(t)
	return Options{Months: calendar.Months{Zone: zone}, Zone: zone, Version: "9",
		Prices: func(calendar.Period, string) []Price {
			return []Price{{Endpoint: "id", Region: "*", Currency: "USD", From: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC),
				Kind: "graduated", Tier: 1, Unit: "0.035", Minimum: "100"}}
		}, Settings: Settings{Threshold: 50, Inclusive: true, Basis: "pay-tag", Clock: "answer"}}
}

func exported(t testing.TB, s *store.Store, root string, which Which, o Options) []Written {
	t.Helper()
	d, err := OpenDirectory(root)
	if err != nil {
		t.Fatal(err)
	}
	all, err := Export(t.Context(), s, d, which, o)
	if err := errors.Join(err, d.Close()); err != nil {
		t.Fatal(err)
	}
	return all
}

func manifestOf(t *testing.T, root string) *Manifest {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, ManifestName))
	if err != nil {
		t.Fatal(err)
	}
	m, err := ParseManifest(text)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// shown is a file read back: a text a row, of its columns' values.
func shown(t *testing.T, name string) (rows []string) {
	t.Helper()
	file, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	r := parquet.NewReader(file)
	defer r.Close()
	if _, known := r.File().Lookup("liverecon.schema_version"); !known {
		t.Errorf("%s does not say its schema version", name)
	}
	for _, group := range r.File().Metadata().RowGroups {
		for i, c := range group.Columns {
			if got, want := []string(c.MetaData.PathInSchema), r.Schema().Columns()[i]; !slices.Equal(got, want) {
				t.Errorf("%s has a column %q, want %q", name, got, want)
			}
		}
	}
	buffer := make([]parquet.Row, 100)
	for {
		n, err := r.ReadRows(buffer)
		for _, row := range buffer[:n] {
			var texts []string
			for _, v := range row {
				text := v.String()
				if v.Kind() == parquet.FixedLenByteArray {
					text = FromDecimal(v.ByteArray()).String()
				}
				texts = append(texts, text)
			}
			rows = append(rows, strings.Join(texts, "|"))
		}
		if errors.Is(err, io.EOF) {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// TestEveryRowOnce: each row of the database is in one month and region, the one of its own time, and the manifest's rows
// and sums are those of the files.
func TestEveryRowOnce(t *testing.T) {
	for seed := range uint64(4) {
		s, db := books(t, seed)
		root := t.TempDir()
		o := usual(t)
		if seed%2 == 1 {
			o.Months.Starts = 26
		}
		exported(t, s, root, Which{}, o)
		m := manifestOf(t, root)
		rows := map[string]int64{}
		ids := map[string]bool{}
		for name, month := range m.Months {
			for _, f := range month.Files {
				read := shown(t, filepath.Join(root, f.Path))
				if sum, err := sumOf(filepath.Join(root, f.Path)); err != nil || sum != f.SHA256 || int64(len(read)) != f.Rows {
					t.Errorf("%s: %d rows of %d, %v", f.Path, len(read), f.Rows, err)
				}
				rows[f.Table] += f.Rows
				for _, row := range read {
					id, _, _ := strings.Cut(row, "|")
					if f.Table != "calls" && f.Table != "checks" {
						continue
					}
					if ids[f.Table+id] {
						t.Errorf("%s %s is there twice", f.Table, id)
					}
					ids[f.Table+id] = true
					var at int64
					var region string
					query := map[string]string{
						"calls": `SELECT coalesce(o.sent_at, k.intended_at), k.region FROM calls k LEFT JOIN outcomes o USING (call_id)
							WHERE call_id = ?`,
						"checks": `SELECT coalesce(a.answered_at, c.changed_at), c.region FROM checks c LEFT JOIN answers a
							ON a.check_id = c.check_id AND a.standing = 1 WHERE c.check_id = ?`}[f.Table]
					if err := db.QueryRow(query, id).Scan(&at, &region); err != nil {
						t.Fatal(err)
					}
					if own := o.Months.Of(time.UnixMilli(at)).Label; own != name || region != f.Region {
						t.Errorf("%s %s is of %s in %s, and stands in %s in %s", f.Table, id, own, region, name, f.Region)
					}
				}
			}
		}
		for table, query := range map[string]string{"runs": "SELECT count(*) FROM runs", "lists": "SELECT count(*) FROM lists",
			"checks": "SELECT count(*) FROM checks", "calls": "SELECT count(*) FROM calls",
			"decisions": "SELECT count(*) FROM decisions", "statement_lines": "SELECT count(*) FROM statement_lines"} {
			if want := storetest.Count(t, db, query); rows[table] != want {
				t.Errorf("%s has %d rows, want %d", table, rows[table], want)
			}
		}
		sums := map[string]decimal.Decimal{}
		for _, month := range m.Months {
			for _, f := range month.Files {
				for column, by := range f.Sums {
					for currency, amount := range by {
						key := f.Table + "." + column + " " + currency
						sums[key] = sums[key].Add(decimal.RequireFromString(amount))
					}
				}
			}
		}
		for key, want := range map[string]string{
			"usage.calls ": fmt.Sprint(storetest.Count(t, db, "SELECT sum(calls) FROM usage") +
				storetest.Count(t, db, "SELECT count(*) FROM calls LEFT JOIN outcomes o USING (call_id) WHERE o.call_id IS NULL")),
			"score_counts.answers ":      fmt.Sprint(storetest.Count(t, db, "SELECT count(*) FROM answers WHERE standing = 1")),
			"statement_lines.amount USD": "-999999999999999.999999999998", "statement_lines.amount IDR": "12.5",
		} {
			if got := sums[key].String(); got != want {
				t.Errorf("sum of %s is %s, want %s", key, got, want)
			}
		}
	}
}

// TestNothingPersonal: unless it is asked for, no file has an ID, a reference, a message, a body, a path, a reviewer or a
// comment, in any form; what of a list is named goes with its checks.
func TestNothingPersonal(t *testing.T) {
	s, _ := books(t, 7)
	secrets := []string{"secret-id-", "example.com", "secret message", "secret body", "secret reviewer", "secret comment",
		"secret/path", "hash", "Campaign"}
	told := func(o Options) (all string) {
		root := t.TempDir()
		exported(t, s, root, Which{}, o)
		for path := range manifestOf(t, root).Paths() {
			all += strings.Join(shown(t, filepath.Join(root, path)), "\n") + "\n"
		}
		return all
	}
	plain := told(usual(t))
	for _, secret := range secrets {
		if strings.Contains(plain, secret) {
			t.Errorf("%q is exported", secret)
		}
	}
	o := usual(t)
	o.Columns = []string{"Campaign X", `no "such' column`}
	if with := told(o); !strings.Contains(with, "|c2|") || strings.Contains(with, "example.com") {
		t.Error("the column of the list is not there, or others are")
	}
	o.WithIDs = true
	with := told(o)
	for _, asked := range []string{"secret-id-", "who1@example.com", "secret reviewer", "secret comment"} {
		if !strings.Contains(with, asked) {
			t.Errorf("%q was asked for, and is not there", asked)
		}
	}
	if strings.Contains(with, "secret body") || strings.Contains(with, "secret message") {
		t.Error("bodies and messages are exported")
	}
}

// TestClosedStays: a closed month is written once more, and then never again, whatever comes to light; opened again, it
// is. A place has months with IDs or without, of one database.
func TestClosedStays(t *testing.T) {
	s, db := books(t, 3)
	root := t.TempDir()
	september := func(o Options) Written {
		t.Helper()
		return exported(t, s, root, Which{First: "2026-09", Last: "2026-09"}, o)[0]
	}
	if w := september(usual(t)); w.State != MonthOpen || w.Kept {
		t.Errorf("%+v", w)
	}
	storetest.Exec(t, db, `INSERT INTO closures (closure_id, month, closed_at, closed_by, version, last_call, settings,
		content_sha256, sealed_at) VALUES (1, '2026-09', 5, 'me', '9', 1000, '', x'abcd', 6)`)
	if w := september(usual(t)); w.State != MonthClosed || w.Kept {
		t.Errorf("%+v", w)
	}
	before := manifestOf(t, root).Months["2026-09"]
	storetest.Exec(t, db, "UPDATE checks SET why = 'changed' WHERE state = 'pending'")
	if w := september(usual(t)); !w.Kept || w.State != MonthClosed {
		t.Errorf("%+v", w)
	}
	if after := manifestOf(t, root).Months["2026-09"]; after.ExportedAt != before.ExportedAt || before.Digest != "abcd" {
		t.Errorf("%v, then %v, %s", before.ExportedAt, after.ExportedAt, before.Digest)
	}
	o := usual(t)
	o.WithIDs = true
	for want, other := range map[error]func() (*store.Store, Options){
		ErrMixed:         func() (*store.Store, Options) { return s, o },
		ErrOtherDatabase: func() (*store.Store, Options) { s, _ := books(t, 4); return s, usual(t) },
	} {
		from, options := other()
		d, err := OpenDirectory(root)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := OpenDirectory(root); !errors.Is(err, ErrBusy) {
			t.Errorf("a second export at once: %v", err)
		}
		if _, err := Export(t.Context(), from, d, Which{}, options); !errors.Is(err, want) {
			t.Errorf("%v, want %v", err, want)
		}
		if err := d.Close(); err != nil {
			t.Fatal(err)
		}
	}
	storetest.Exec(t, db, "UPDATE closures SET reopened_at = 7, reopened_by = 'me', reason = 'x'")
	if w := september(usual(t)); w.Kept || w.State != MonthOpen {
		t.Errorf("%+v", w)
	}
}

// TestNewerSchema: what a later program has written is refused with both versions, and stays.
func TestNewerSchema(t *testing.T) {
	_, err := ParseManifest([]byte(`{"schema_version": 7, "months": {}}`))
	if err == nil || err.Error() != "_manifest.json has schema version 7, and this program knows up to 2: update it" {
		t.Errorf("%v", err)
	}
	if _, err := ParseManifest([]byte(`{"schema_version": 1, "months": {"2026-11": {"files": [{"path": "../x", "table": "calls"}]}}}`)); err == nil {
		t.Error("a path that leads elsewhere is taken")
	}
}

var oneMonth = Which{First: "2026-09", Last: "2026-09"}

var errKilled = errors.New("killed")

// TestKilledAnywhere: wherever an export dies, the manifest that stands is whole, every file of it is there, and who
// looks for *.parquet finds one file a table, month and region, the former or the new one. The next export ends it.
func TestKilledAnywhere(t *testing.T) {
	s, db := books(t, 5)
	former := t.TempDir()
	exported(t, s, former, oneMonth, usual(t))
	old := manifestOf(t, former)
	storetest.Exec(t, db, "UPDATE checks SET why = 'changed', region = CASE region WHEN 'TH' THEN 'VN' ELSE region END")
	storetest.Exec(t, db, "UPDATE answers SET region = 'VN' WHERE region = 'TH'")
	whole := t.TempDir()
	exported(t, s, whole, oneMonth, usual(t))
	want := manifestOf(t, whole)
	for n := 0; ; n++ {
		root := filepath.Join(t.TempDir(), "lake")
		if err := os.CopyFS(root, os.DirFS(former)); err != nil {
			t.Fatal(err)
		}
		killed := killedAt(t, s, root, n)
		standing(t, n, root, old, want)
		exported(t, s, root, oneMonth, usual(t))
		same(t, n, root, whole)
		if !killed {
			if n < 50 {
				t.Errorf("an export has but %d steps", n)
			}
			return
		}
	}
}

// killedAt is an export that dies before its nth step, and reports whether it did.
func killedAt(t *testing.T, s *store.Store, root string, n int) bool {
	t.Helper()
	d, err := OpenDirectory(root)
	if err != nil {
		t.Fatal(err)
	}
	d.step = func() error {
		if n--; n < 0 {
			return errKilled
		}
		return nil
	}
	_, err = Export(t.Context(), s, corpse{d}, oneMonth, usual(t))
	if err != nil && !errors.Is(err, errKilled) {
		t.Fatal(err)
	}
	if err := d.lock.Close(); err != nil { // as the end of its process does
		t.Fatal(err)
	}
	return err != nil
}

// corpse drops nothing.
type corpse struct{ *Directory }

func (corpse) Drop() error { return nil }

func standing(t *testing.T, n int, root string, old, want *Manifest) {
	t.Helper()
	m := manifestOf(t, root)
	for name, month := range m.Months {
		for _, f := range month.Files {
			found := false
			names, err := os.ReadDir(filepath.Join(root, filepath.Dir(f.Path)))
			if err != nil {
				t.Fatalf("killed at %d: %v", n, err)
			}
			for _, e := range names {
				sum, err := sumOf(filepath.Join(root, filepath.Dir(f.Path), e.Name()))
				found = found || err == nil && sum == f.SHA256
			}
			if !found {
				t.Errorf("killed at %d: nothing is %s of %s", n, f.Path, name)
			}
		}
	}
	folders := map[string]int{}
	for _, path := range find(t, root) {
		folders[filepath.Dir(path)]++
		sum, err := sumOf(filepath.Join(root, path))
		if err != nil {
			t.Fatal(err)
		}
		if !hasSum(old, sum) && !hasSum(want, sum) {
			t.Errorf("killed at %d: %s is neither the former file nor the new one", n, path)
		}
	}
	for _, month := range old.Months {
		for _, f := range month.Files {
			gone := !slices.ContainsFunc(slices.Collect(maps.Keys(want.Paths())), func(path string) bool {
				return filepath.Dir(path) == filepath.Dir(f.Path)
			})
			if count := folders[filepath.Dir(f.Path)]; count != 1 && (!gone || count != 0) {
				t.Errorf("killed at %d: %d files in %s", n, count, filepath.Dir(f.Path))
			}
		}
	}
}

func hasSum(m *Manifest, sum string) bool {
	for _, month := range m.Months {
		for _, f := range month.Files {
			if f.SHA256 == sum {
				return true
			}
		}
	}
	return false
}

// find lists what a reader finds that looks for *.parquet.
func find(t *testing.T, root string) (paths []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(path, ".parquet") {
			paths = append(paths, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return paths
}

// same compares all names below two roots, hidden ones as well.
func same(t *testing.T, n int, got, want string) {
	t.Helper()
	list := func(root string) (names []string) {
		_ = filepath.WalkDir(root, func(name string, e fs.DirEntry, err error) error {
			if err == nil && !e.IsDir() {
				names = append(names, strings.TrimPrefix(name, root))
			}
			return err
		})
		return names
	}
	if a, b := list(got), list(want); !slices.Equal(a, b) {
		t.Errorf("killed at %d: then there is\n%s\nwant\n%s", n, strings.Join(a, "\n"), strings.Join(b, "\n"))
	}
}

// TestDecimal: what is written is read back, and what does not fit is refused.
func TestDecimal(t *testing.T) {
	for _, text := range []string{"0", "-0.000000000001", "999999999999999.999999999999", "-1", "0.035", "1e3",
		"99999999999999999999999999.999999999999"} {
		fixed, err := toDecimal(text)
		if want := decimal.RequireFromString(text); err != nil || !FromDecimal(fixed[:]).Equal(want) {
			t.Errorf("%s: %s, %v", text, FromDecimal(fixed[:]), err)
		}
	}
	for _, text := range []string{"0.0000000000001", "100000000000000000000000000", "x"} {
		if _, err := toDecimal(text); err == nil {
			t.Errorf("%s is taken", text)
		}
	}
}
