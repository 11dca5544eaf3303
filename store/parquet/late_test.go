package parquet

import (
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"liverecon/store"
	"liverecon/store/storetest"
)

// history lets things happen to a database in any order: months are closed and opened again, and calls, answers, lines
// and decisions of any month come in between.
type history struct {
	*testing.T
	db    *sql.DB
	dice  *rand.Rand
	clock int64 // milliseconds
	calls int64
	files int64
	shut  map[string]bool
}

var threeMonths = []string{"2026-08", "2026-09", "2026-10"}

func (h *history) exec(text string, args ...any) {
	h.Helper()
	storetest.Exec(h.T, h.db, text, args...)
}

// moment returns one of some month.
func (h *history) moment() int64 {
	return 1_785_600_000_000 + h.dice.Int64N(80*86_400_000) // from 1 August to 20 October 2026
}

func (h *history) happen() {
	h.clock += 1000
	month := threeMonths[h.dice.IntN(3)]
	switch h.dice.IntN(8) {
	case 0, 1:
		h.close(month)
	case 2:
		if h.shut[month] {
			h.exec("UPDATE closures SET reopened_at = ?, reopened_by = 'me', reason = 'x' WHERE month = ? AND reopened_at IS NULL",
				h.clock, month)
			delete(h.shut, month)
		}
	case 3, 4:
		h.call()
	case 5:
		h.decide()
	default:
		h.bill(month)
	}
}

func (h *history) close(month string) {
	if h.shut[month] {
		return
	}
	h.shut[month] = true
	p, err := usual(h.T).Months.Parse(month)
	if err != nil {
		h.Fatal(err)
	}
	h.exec(`INSERT INTO closures (month, closed_at, closed_by, version, last_call, settings, content_sha256, sealed_at)
		VALUES (?, ?, 'me', '9', (SELECT max(call_id) FROM calls), '', ?, ?)`, month, h.clock, fmt.Append(nil, h.clock), h.clock+1)
	h.exec(`INSERT INTO closed_usage SELECT (SELECT max(closure_id) FROM closures), quarter, endpoint, region, outcome, code,
		pricing, tag, calls FROM usage WHERE quarter >= ? AND quarter < ?`, p.From.UnixMilli()/900_000, p.To.UnixMilli()/900_000)
}

// call adds a call and its answer, of a new check or of one that had an answer.
func (h *history) call() {
	h.calls++
	id, check, sent, attempt := h.calls, h.calls, h.moment(), 1
	region := regions[h.dice.IntN(3)]
	if h.dice.IntN(3) == 0 {
		check, attempt = storetest.Count(h.T, h.db, "SELECT check_id FROM answers WHERE standing = 1 LIMIT 1"), int(id)
		h.exec("UPDATE answers SET standing = 0 WHERE check_id = ?", check)
	} else {
		h.exec(`INSERT INTO checks (check_id, id_hash, kind, id, region, endpoint, list_id, line, state, changed_at)
			VALUES (?1, ?2, 'livenessId', 'late' || ?1, ?3, 'id', 1, ?1, 'done', ?4)`, check, fmt.Append(nil, "late", id), region,
			sent)
	}
	h.exec("INSERT INTO calls VALUES (?, ?, ?, 1, 'first', 'id', ?, ?)", id, check, attempt, region, sent-5)
	h.exec(`INSERT INTO outcomes (call_id, outcome, sent_at, ended_at, http_status, code, class, pricing, tag, transaction_id)
		VALUES (?, 'answered', ?, ?, 200, 'SUCCESS', 'done', 'PAY', 'pay', ?)`, id, sent, sent+100, fmt.Sprint("t", id))
	h.exec(`INSERT INTO usage VALUES (?, 'id', ?, 'answered', 'SUCCESS', 'PAY', 'pay', 1)
		ON CONFLICT DO UPDATE SET calls = calls + 1`, sent/900_000, region)
	h.exec(`INSERT INTO answers (call_id, check_id, answered_at, region, endpoint, standing, score, attack_type, message, body)
		VALUES (?, ?, ?, ?, 'id', 1, ?, '', '', '')`, id, check, sent+100, region, h.dice.IntN(100))
}

func (h *history) decide() {
	h.files++
	h.exec("INSERT INTO decision_files VALUES (?, 'f', ?, ?)", h.files, fmt.Append(nil, h.files), h.clock)
	h.exec(`INSERT INTO decisions (call_id, answered_at, decision, reviewer, decided_at, undated, file_id, sheet, row)
		SELECT call_id, answered_at, 'attack', 'r', ?, 0, ?, 's', 1 FROM answers ORDER BY call_id % 17 LIMIT 2`, h.moment(),
		h.files)
}

// bill imports a statement of two lines about a month, which may take the place of an earlier one.
func (h *history) bill(month string) {
	id := storetest.Count(h.T, h.db, "SELECT max(statement_id) + 1 FROM statements")
	h.exec("INSERT INTO statements VALUES (?, 'x.csv', ?, x'02', ?, 0, 2, 0, ?, '', '', '')", id, fmt.Append(nil, id), h.clock,
		threeMonths[h.dice.IntN(3)])
	for line := range 2 {
		h.exec(`INSERT INTO statement_lines (statement_id, line, kind, transaction_id, month, endpoint, region, pricing, quantity,
			amount, currency) VALUES (?, ?, 'usage', ?, ?, 'id', ?, 'PAY', 1, ?, 'USD')`, id, line, fmt.Sprint("t", id, line), month,
			regions[h.dice.IntN(3)], fmt.Sprintf("%d.%03d", h.dice.IntN(9)-4, h.dice.IntN(1000)))
	}
	h.exec("INSERT INTO statement_parts VALUES (?, ?, 'id', 'USD', 1, 2, 1, NULL)", id, month)
	switch h.dice.IntN(3) {
	case 0:
		h.exec(`UPDATE statement_parts SET superseded_by = ?1 WHERE statement_id = (SELECT max(statement_id) FROM statement_parts
			WHERE month = ?2 AND superseded_by IS NULL AND statement_id < ?1)`, id, month)
	case 1: // what stands is the better one
		h.exec(`UPDATE statement_parts SET superseded_by = (SELECT max(statement_id) FROM statement_parts WHERE month = ?2
			AND superseded_by IS NULL AND statement_id < ?1) WHERE statement_id = ?1`, id, month)
	}
}

// TestLateRows: whatever comes late and in whatever order, an export made after each event has the same files as one made
// at the end, each call is in one month, and what is billed adds up over the months.
func TestLateRows(t *testing.T) {
	for seed := range uint64(3) {
		s, db := books(t, seed)
		h := &history{T: t, db: db, dice: rand.New(rand.NewPCG(seed, 2)), clock: 1_793_000_000_000, calls: 1000, files: 10,
			shut: map[string]bool{}}
		h.exec(`INSERT INTO outcomes (call_id, outcome, sent_at, ended_at, tag) SELECT call_id, 'unanswered', intended_at,
			intended_at, 'unknown' FROM calls WHERE call_id NOT IN (SELECT call_id FROM outcomes)`)
		h.exec("DELETE FROM usage")
		h.exec(`INSERT INTO usage SELECT coalesce(o.sent_at, k.intended_at) / 900000, k.endpoint, k.region, o.outcome,
			coalesce(o.code, ''), coalesce(o.pricing, ''), o.tag, count(*) FROM calls k JOIN outcomes o USING (call_id)
			GROUP BY 1, 2, 3, 4, 5, 6, 7`)
		nightly := t.TempDir()
		for range 20 {
			h.happen()
			exported(t, s, nightly, Which{UnderWay: true}, usual(t))
		}
		once := t.TempDir()
		exported(t, s, once, Which{}, usual(t))
		compareLakes(t, seed, manifestOf(t, nightly), manifestOf(t, once))
		h.tallies(s, once)
	}
}

func compareLakes(t *testing.T, seed uint64, nightly, once *Manifest) {
	t.Helper()
	for name, m := range once.Months {
		if was := nightly.Months[name]; was.State != m.State || !reflect.DeepEqual(was.Files, m.Files) {
			t.Errorf("seed %d: %s, %s, is another each night than at once:\n%s", seed, name, m.State, differing(was.Files, m.Files))
		}
	}
}

func differing(a, b []File) (all string) {
	has := map[string]bool{}
	for _, f := range a {
		has[f.Path] = true
	}
	for _, f := range b {
		if !has[f.Path] {
			all += fmt.Sprintln(" ", f.Path, f.Rows, "rows")
		}
	}
	return all
}

// tallies counts what the months of an export come to.
func (h *history) tallies(_ *store.Store, root string) {
	h.Helper()
	ids := map[string]int{}
	billed, calls, answers := decimal.Zero, int64(0), int64(0)
	for _, m := range manifestOf(h.T, root).Months {
		for _, f := range m.Files {
			switch f.Table {
			case "calls":
				for _, row := range shown(h.T, filepath.Join(root, f.Path)) {
					id, _, _ := strings.Cut(row, "|")
					ids[id]++
				}
			case "usage":
				calls += decimal.RequireFromString(f.Sums["calls"][""]).IntPart()
			case "score_counts":
				answers += decimal.RequireFromString(f.Sums["answers"][""]).IntPart()
			case "statement_lines":
				for _, row := range shown(h.T, filepath.Join(root, f.Path)) {
					if cells := strings.Split(row, "|"); cells[13] == "false" && cells[12] == "USD" {
						billed = billed.Add(decimal.RequireFromString(cells[11]))
					}
				}
			}
		}
	}
	if n := storetest.Count(h.T, h.db, "SELECT count(*) FROM calls"); int64(len(ids)) != n || calls != n {
		h.Errorf("%d calls and usage of %d, want %d", len(ids), calls, n)
	}
	for id, times := range ids {
		if times != 1 {
			h.Errorf("call %s is there %d times", id, times)
		}
	}
	// what stood in a month that was closed is there too
	if n := storetest.Count(h.T, h.db, "SELECT count(*) FROM answers WHERE standing = 1"); answers < n {
		h.Errorf("%d answers, want %d at least", answers, n)
	}
	want := decimal.Zero
	for _, amount := range storetest.Lines(h.T, h.db, `SELECT l.amount FROM statement_lines l JOIN statement_parts p
		ON p.statement_id = l.statement_id AND p.month = l.month AND p.endpoint = l.endpoint AND p.currency = l.currency
		WHERE p.superseded_by IS NULL AND l.currency = 'USD'`) {
		want = want.Add(decimal.RequireFromString(strings.TrimSpace(amount)))
	}
	if !billed.Equal(want) {
		h.Errorf("billed %s, want %s", billed, want)
	}
}

// TestDamaged: a file of a closed month that is missing or changed is written again where that gives the same bytes, and
// named with what restores it where it does not.
func TestDamaged(t *testing.T) {
	s, db := books(t, 3)
	root := t.TempDir()
	h := &history{T: t, db: db, clock: 1_793_000_000_000, shut: map[string]bool{}}
	h.close("2026-09")
	exported(t, s, root, oneMonth, usual(t))
	before := manifestOf(t, root)
	var path string
	for _, f := range before.Months["2026-09"].Files {
		if f.Table == "settings" {
			path = f.Path
		}
	}
	name := filepath.Join(root, path)
	for what, harm := range map[string]func() error{
		Missing: func() error { return os.Remove(name) },
		Changed: func() error { return os.WriteFile(name, []byte("x"), 0o600) },
	} {
		storetest.Check(t, harm())
		w := exported(t, s, root, oneMonth, usual(t))[0]
		if w.Kept || len(w.Restored) != 1 || w.Restored[0] != path+" "+what {
			t.Errorf("%+v", w)
		}
		if w := exported(t, s, root, oneMonth, usual(t))[0]; !w.Kept || !reflect.DeepEqual(before, manifestOf(t, root)) {
			t.Errorf("%+v", w)
		}
		storetest.Check(t, harm())
		o := usual(t)
		o.Settings.Threshold = 60
		d, err := OpenDirectory(root)
		storetest.Check(t, err)
		_, err = Export(t.Context(), s, d, oneMonth, o)
		storetest.Check(t, d.Close())
		want := "the export is damaged: " + path + " " + what + " of 2026-09: "
		if err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
		exported(t, s, root, oneMonth, usual(t))
	}
}
