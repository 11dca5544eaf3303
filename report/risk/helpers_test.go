package risk_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/xuri/excelize/v2"

	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/apichanges"
	"liverecon/store/calendar"
)

// singapore is the zone of the test reports: eight hours ahead of UTC, without clock changes.
func singapore() *time.Location { return time.FixedZone("Asia/Singapore", 8*3600) }

// asked is a check of the tests: what was asked, and what came back.
type asked struct {
	region, endpoint string
	outcome          store.Outcome
	state            store.State
	code, pricing    string
	tag              store.Tag
	cause            string
	score            *float64
	attack           string
	id, transaction  string        // "" for one made up
	newCode          string        // a code the vendor had not shown before
	captured         time.Duration // before the answer; 0: the vendor does not say
}

// listedAs is the ID of the i-th check of a list.
func (c *asked) listedAs(list, i int) string {
	if c.id != "" {
		return c.id
	}
	return fmt.Sprintf("%d-%d", list, i)
}

type admitAll struct{}

func (admitAll) Admit(store.Intent) error { return nil }

func (admitAll) Confirm(store.Intent, store.Result, bool) {}
func (admitAll) Doubt(store.Doubted)                      {}

// fixture is a database filled through the store's own writers, on a clock of its own.
type fixture struct {
	t     *testing.T
	store *store.Store
	lists int
}

// inFixture runs a test inside a bubble whose clock begins at a date, 01:00 UTC.
func inFixture(t *testing.T, date string, test func(*fixture)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		start, err := time.Parse(time.DateOnly, date)
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Until(start.Add(time.Hour)))
		s, err := store.Open(context.Background(), filepath.Join(t.TempDir(), "liverecon.db"))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { // also after a fatal error: the bubble waits for the connections to end
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}()
		test(&fixture{t: t, store: s})
	})
}

func (f *fixture) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// night reads one list of the checks given and asks for each of them; a check without an outcome stays pending. It ends
// at the same hour of the next day.
func (f *fixture) night(path string, checks []asked) {
	f.t.Helper()
	began := time.Now()
	ctx := context.Background()
	run, _, err := f.store.Runs().Open(ctx, "test", true)
	f.must(err)
	numbers := f.list(run, path, checks)
	j, err := f.store.Journal().Open(ctx, admitAll{}, 1)
	f.must(err)
	for i, c := range checks {
		if c.outcome != "" {
			f.call(j, run, numbers[c.listedAs(f.lists, i)], c)
		}
	}
	f.must(j.Close())
	f.must(f.store.Runs().Close(ctx, run, 0, "DONE", nil))
	time.Sleep(time.Until(began.Add(24 * time.Hour)))
}

// list takes the checks as one list, with one row twice and one rejected, and returns their numbers by ID.
func (f *fixture) list(run int64, path string, checks []asked) map[string]int64 {
	ctx := context.Background()
	in, err := f.store.Lists().Begin(ctx)
	f.must(err)
	f.lists++
	for i, c := range checks {
		f.must(in.Row(store.ListedRow{Line: i + 2, Kind: "signatureId", ID: c.listedAs(f.lists, i), Region: c.region,
			Endpoint: c.endpoint}))
	}
	f.must(in.Row(store.ListedRow{Line: len(checks) + 2, Kind: "signatureId", ID: checks[0].listedAs(f.lists, 0),
		Region: checks[0].region, Endpoint: checks[0].endpoint}))
	f.must(in.Reject(store.Reject{Line: len(checks) + 3, Column: "signatureId", Reason: "no_id"}))
	sum := sha256.Sum256([]byte(path))
	l, err := in.Commit(ctx, run, store.List{Path: path, SHA256: sum, Fingerprint: path, ReadAt: time.Now()})
	f.must(err)
	if l.New != int64(len(checks)) {
		f.t.Fatalf("list %s: %d new, want %d", path, l.New, len(checks))
	}
	numbers, seen := map[string]int64{}, map[string]bool{}
	for _, c := range checks {
		if seen[c.endpoint+c.region] {
			continue
		}
		seen[c.endpoint+c.region] = true
		open, err := f.store.Checks().Open(ctx, c.endpoint, c.region, store.Pending, 0, math.MaxInt32)
		f.must(err)
		for _, one := range open {
			numbers[one.Text] = one.ID
		}
	}
	return numbers
}

// call makes one call for a check.
func (f *fixture) call(j *store.JournalWriter, run, check int64, c asked) {
	f.t.Helper()
	in := store.Intent{CheckID: check, Attempt: 1, RunID: run, Reason: store.ReasonFirst, Endpoint: c.endpoint,
		Region: c.region, At: time.Now(), From: store.Pending}
	id, err := j.Begin(in)
	f.must(err)
	time.Sleep(20 * time.Millisecond)
	r := store.Result{Outcome: c.outcome, Cause: c.cause, EndedAt: time.Now(), Code: c.code, Pricing: c.pricing,
		Tag: c.tag, State: c.state}
	if c.outcome != store.Unsent {
		r.SentAt = in.At
	}
	if c.outcome == store.Answered {
		r.HTTPStatus, r.TransactionID = 200, fmt.Sprintf("%016x", id)
		r.Answer = &store.Answer{Current: c.state == store.Done, Score: c.score, AttackType: c.attack}
		if c.captured != 0 {
			r.Answer.CapturedAt = r.EndedAt.Add(-c.captured)
		}
		if c.transaction != "" {
			r.TransactionID = c.transaction
		}
		if c.newCode != "" {
			r.APIChanges = []apichanges.Change{{Kind: apichanges.Code, Value: c.newCode}}
		}
	}
	f.must(j.Finish(id, in, r)())
}

// scored is a paid answer with a score.
func scored(region string, score float64, attack string) asked {
	return asked{region: region, endpoint: "sg", outcome: store.Answered, state: store.Done, code: "SUCCESS",
		pricing: "PAY", tag: store.TagPay, score: &score, attack: attack}
}

// mixed makes n checks of a region as the vendor might answer them: most scores high, a tail of attacks, and some of
// everything that goes wrong.
func mixed(random *rand.Rand, region, endpoint string, n int, suspicious float64, injection float64) []asked {
	var all []asked
	for range n {
		c := asked{region: region, endpoint: endpoint, outcome: store.Answered, state: store.Done, code: "SUCCESS",
			pricing: "PAY", tag: store.TagPay}
		switch x := random.Float64(); {
		case x < 0.02:
			c.state, c.code, c.pricing, c.tag = store.Absent, "LIVENESS_ID_NOT_EXISTED", "FREE", store.TagFree
		case x < 0.024:
			c.state, c.code, c.pricing, c.tag = store.Refused, "PARAMETER_ERROR", "FREE", store.TagFree
		case x < 0.027:
			c.state, c.code, c.pricing, c.tag = store.Pending, "ERROR", "PAY", store.TagPay
		case x < 0.03:
			c.state, c.outcome, c.code, c.pricing, c.tag, c.cause = store.InDoubt, store.Unanswered, "", "",
				store.TagUnknown, "timeout"
		case x < 0.034:
			c = asked{region: region, endpoint: endpoint}
		case x < 0.037:
			c.state, c.outcome, c.code, c.pricing, c.tag, c.cause = store.Pending, store.Unsent, "", "", store.TagNone,
				"dial"
		default:
			score, attack := risk.Sample(random, suspicious, injection)
			c.score, c.attack = &score, attack
		}
		all = append(all, c)
	}
	return all
}

// hostile are texts that a spreadsheet might run, change, cut or refuse.
func hostile() []string {
	return []string{
		`=HYPERLINK("http://example.com","x")`, "+1", "-1", "@x", "\t=1", "\r\n=1", "_x0041_", "_x005F_x0041_", "a_x0",
		strings.Repeat("long ", 8000),
		"\u202egnp.exe", "\u200fabc", "😀 emoji", "\x00\x01\x1f\x7f\u0085", "\xff\xfe", "<b>&amp;\"'</b>", "' leading",
		" spaces ", "\ufffe\uffff", "1e5", "6817604601234e12", "{=1}", "[link]", "&L&\"Arial\"&P",
	}
}

// twoNights fills a database with two nights of a few regions, the second worse than the first.
func (f *fixture) twoNights() {
	random := rand.New(rand.NewPCG(1, 2))
	for night, rate := range []float64{0.04, 0.12} {
		all := mixed(random, "PH", "ph", 90, rate, 0.5)
		all = append(all, mixed(random, "ID", "id", 110, 0.05, 0.2)...)
		all = append(all, mixed(random, "VN", "sg", 40, 0.1, 0.3)...)
		all = append(all, mixed(random, "SG", "sg", 12, 0.1, 0.3)...)
		if night == 1 {
			all = append(all, oddities()...)
		}
		f.night(fmt.Sprintf("lists/ids_2026-11-%02d.csv", night+1), all)
	}
}

// oddities are answers that the vendor's page does not foresee.
func oddities() []asked {
	below, above := scored("VN", -1, "9"), scored("VN", 100.01, "2")
	none, strange, missing, free, paidFailure := scored("VN", 0, ""), scored("VN", 90, ""), scored("VN", 91, ""),
		scored("VN", 92, ""), scored("VN", 0, "")
	none.score = nil
	strange.pricing, strange.tag = "MAYBE", "unknown"
	missing.pricing, missing.tag = "", "unknown"
	free.pricing, free.tag = "FREE", "free"
	paidFailure.code, paidFailure.score, paidFailure.state = "ERROR", nil, "given_up"
	return []asked{below, above, scored("VN", 50, ""), scored("VN", 50, "1"), none, strange, missing, free, paidFailure}
}

const testVerdict = "PARTIAL: 253 of 261 answered, 2 in doubt, USD 12.46-12.59; resumes next run"

func (f *fixture) risk(p calendar.Period) *risk.Workbook {
	f.t.Helper()
	w, err := risk.Build(context.Background(), f.store, risk.Options{Period: p, Threshold: 50, Inclusive: true,
		Version: "0.1.0", Verdict: testVerdict})
	f.must(err)
	return w
}

// write writes a workbook, ends its reading and returns the file.
func (f *fixture) write(w *xlsx.Workbook) string {
	f.t.Helper()
	path := filepath.Join(f.t.TempDir(), "report.xlsx")
	f.must(xlsx.Write(w, path))
	f.must(w.Close())
	return path
}

// secondNight is the period of the last of two nights that began on 2026-11-01.
func secondNight() calendar.Period { return calendar.Days(2026, 11, 2, 1, singapore()) }

func reopen(t *testing.T, file string) *excelize.File {
	t.Helper()
	x, err := excelize.OpenFile(file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := x.Close(); err != nil {
			t.Error(err)
		}
	})
	return x
}

func compareFormula(t *testing.T, x *excelize.File, sheet string, at xlsx.Ref, c xlsx.Cell) {
	t.Helper()
	cached, err := x.GetCellValue(sheet, at.String(), excelize.Options{RawCellValue: true})
	if err != nil || cached != c.Value() {
		t.Errorf("%s!%s: file has %q (%v), model %q", sheet, at, cached, err, c.Value())
	}
	got, err := x.CalcCellValue(sheet, at.String(), excelize.Options{RawCellValue: true})
	if err != nil {
		t.Errorf("%s!%s: =%s: %v", sheet, at, c.Formula, err)
		return
	}
	if c.Kind == xlsx.Text {
		if got != c.Text {
			t.Errorf("%s!%s: =%s is %q, stored %q", sheet, at, c.Formula, got, c.Text)
		}
		return
	}
	x1, err := strconv.ParseFloat(got, 64)
	if err != nil || math.Abs(x1-c.Float()) > 1e-9*math.Max(1, math.Abs(c.Float())) {
		t.Errorf("%s!%s: =%s is %s, stored %s", sheet, at, c.Formula, got, c.Number)
	}
}

// rowOf are the values to the right of a text in column B, the figures beside the printed page left out.
func rowOf(s *xlsx.Sheet, label string) string {
	for row := range 100 {
		if s.Cell(xlsx.Ref{Col: 2, Row: row + 1}).Text != label {
			continue
		}
		var values []string
		for col := 3; col <= s.Print.To.Col; col++ {
			if v := s.Cell(xlsx.Ref{Col: col, Row: row + 1}).Value(); v != "" {
				values = append(values, v)
			}
		}
		return strings.Join(values, " ")
	}
	return ""
}

// headline is the finding of a sheet.
func headline(w *risk.Workbook, sheet string) string {
	return w.Sheet(sheet).Cell(xlsx.Ref{Col: 2, Row: 6}).Text
}
