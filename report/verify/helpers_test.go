package verify

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"liverecon/batch/billing"
	"liverecon/batch/reconcile"
	"liverecon/batch/statement"
	"liverecon/report/finance"
	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/apichanges"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// testPrices is a price book with every kind of tiers, in two currencies.
func testPrices(t *testing.T) *billing.Book {
	t.Helper()
	from := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	unit := decimal.RequireFromString
	rows := []billing.Price{
		{Endpoint: "ph", Region: "*", From: from, Currency: "USD", Kind: billing.Flat, Tiers: []billing.Tier{{Unit: unit("0.045")}}},
		{Endpoint: "id", Region: "*", From: from, Currency: "USD", Kind: billing.Graduated, FreeQuota: 10, Tiers: []billing.Tier{{UpTo: 50, Unit: unit("0.043")}, {Unit: unit("0.0415")}}},
		{Endpoint: "sg", Region: "*", From: from, Currency: "SGD", Kind: billing.Volume, Tiers: []billing.Tier{{UpTo: 20, Unit: unit("0.06")}, {Unit: unit("0.05")}}, Minimum: unit("5")},
	}
	book, err := billing.NewBook(rows, singapore())
	if err != nil {
		t.Fatal(err)
	}
	return book
}

// settledMonth fills a database with a closed October, a November of three nights, two calls that reach the journal of
// October late, and a November statement with a row of every class.
func (f *fixture) settledMonth() {
	f.t.Helper()
	random := rand.New(rand.NewPCG(5, 6))
	f.night("lists/ids_2026-10-30.csv", append(mixed(random, "PH", "ph", 12, 0.1, 0.3), scored("SG", 99, "")))
	f.close("2026-10")
	time.Sleep(time.Until(time.Date(2026, 11, 1, 1, 0, 0, 0, time.UTC)))
	for night := range 3 {
		if night == 1 {
			time.Sleep(10 * 24 * time.Hour) // away from the month's bounds
		}
		all := mixed(random, "PH", "ph", 60, 0.1, 0.5)
		all = append(all, mixed(random, "ID", "id", 45, 0.05, 0.2)...)
		all = append(all, mixed(random, "VN", "sg", 20, 0.1, 0.3)...)
		all = append(all, mixed(random, "SG", "sg", 9, 0.1, 0.3)...)
		lost := asked{region: "PH", endpoint: "ph", outcome: store.Unanswered, state: store.InDoubt, tag: store.TagUnknown, cause: "timeout"}
		all = append(all, lost, lost)
		if night == 1 {
			all = append(all, oddities()...)
		}
		f.night(fmt.Sprintf("lists/ids_2026-11-%02d.csv", night+1), all)
	}
	f.late(1, time.Date(2026, 10, 30, 2, 0, 0, 0, time.UTC), scored("PH", 88, ""))
	time.Sleep(time.Until(time.Date(2026, 12, 3, 2, 0, 0, 0, time.UTC)))
	f.reconcile(f.statement())
}

// close closes a month without a statement.
func (f *fixture) close(month string) {
	f.t.Helper()
	p, err := calendar.ParseMonth(month, singapore())
	f.must(err)
	c, err := f.store.Months().Begin(context.Background(), accounts.Closure{Month: month, ClosedAt: time.Now(), ClosedBy: "test", Version: "0.1.0", Settings: "{}"}, p.From, p.To)
	f.must(err)
	f.must(f.store.Months().Seal(context.Background(), c.ID, time.Now(), nil))
}

// late makes a call of an earlier run, as a spill file brings them.
func (f *fixture) late(earlier int64, at time.Time, c asked) {
	f.t.Helper()
	ctx := context.Background()
	run, _, err := f.store.Runs().Open(ctx, "test", true)
	f.must(err)
	numbers := f.list(run, fmt.Sprintf("lists/late_%d.csv", f.lists), []asked{c})
	j, err := f.store.Journal().Open(ctx, admitAll{}, 1)
	f.must(err)
	in := store.Intent{CheckID: numbers[fmt.Sprintf("%d-0", f.lists)], Attempt: 1, RunID: earlier, Reason: store.ReasonFirst, Endpoint: c.endpoint, Region: c.region, At: at, From: store.Pending}
	id, err := j.Begin(in)
	f.must(err)
	f.must(j.Finish(id, in, store.Result{Outcome: c.outcome, SentAt: at, EndedAt: at.Add(time.Second), Code: c.code, Pricing: c.pricing, Tag: c.tag, State: c.state, HTTPStatus: 200,
		TransactionID: fmt.Sprintf("%016x", id), Answer: &store.Answer{Current: true, Score: c.score}})())
	f.must(j.Close())
	f.must(f.store.Runs().Close(ctx, run, 0, "DONE", nil))
}

// november are the calls that the statement is made from.
func (f *fixture) november() []snapshot.JournalCall {
	f.t.Helper()
	p := calendar.Month(2026, 11, singapore())
	snap, err := snapshot.Open(context.Background(), f.store)
	f.must(err)
	var calls []snapshot.JournalCall
	f.must(snap.Calls().EachOfMonth(context.Background(), p.Label, p.From, p.To, func(c *snapshot.JournalCall) error {
		if !c.SentAt.Before(p.From) {
			calls = append(calls, *c)
		}
		return nil
	}))
	f.must(snap.Close())
	return calls
}

// statement writes a statement of November that bills what we expect, but for one row of every kind of trouble.
func (f *fixture) statement() string {
	f.t.Helper()
	lines := []string{"transaction,time,month,endpoint,region,pricing,quantity,amount,currency,kind"}
	add := func(id string, at time.Time, c snapshot.JournalCall, pricing, amount, currency string) {
		lines = append(lines, fmt.Sprintf("%s,%s,2026-11,%s,%s,%s,1,%s,%s,usage", id, at.UTC().Format(time.RFC3339), c.Endpoint, c.Region, pricing, amount, currency))
	}
	price := map[string]string{"ph": "0.045", "id": "0.043", "sg": "0.05"}
	currencies := map[string]string{"ph": "USD", "id": "USD", "sg": "SGD"}
	billed, planted := map[string]int{}, map[string]bool{}
	once := func(name string) bool {
		first := !planted[name]
		planted[name] = true
		return first
	}
	middle := time.Date(2026, 11, 5, 0, 0, 0, 0, time.UTC)
	for _, c := range f.november() {
		unit, currency := price[c.Endpoint], currencies[c.Endpoint]
		switch {
		case c.Tag == store.TagPay:
			billed[c.Endpoint]++
			if n := billed[c.Endpoint]; c.Endpoint == "id" && n <= 10 {
				unit = "0"
			} else if c.Endpoint == "id" && n > 60 {
				unit = "0.0415"
			}
			inside := c.SentAt.After(middle)
			switch {
			case !inside && c.Endpoint == "ph" && once("other period"), inside && c.Endpoint == "ph" && once("ours only"), inside && c.Endpoint == "sg" && once("ours only, SGD"):
				continue
			case inside && c.Endpoint == "ph" && once("price differs"):
				unit = "0.055"
			case inside && c.Endpoint == "ph" && once("duplicate"):
				add(c.TransactionID, c.SentAt, c, "PAY", unit, currency)
			}
			add(c.TransactionID, c.SentAt, c, "PAY", unit, currency)
		case c.Tag == store.TagFree && c.Endpoint == "ph" && once("pricing differs"):
			add(c.TransactionID, c.SentAt, c, "PAY", unit, currency)
		case c.Outcome == store.Unanswered && c.SentAt.After(middle) && c.Endpoint == "ph" && once("explained by doubt"):
			add("00000000d0ab7001", c.SentAt.Add(2*time.Second), c, "PAY", unit, currency)
		case c.Outcome == store.Unanswered && c.SentAt.After(middle) && c.Endpoint == "ph" && once("doubt at another price"):
			add("00000000d0ab7002", c.SentAt.Add(2*time.Second), c, "PAY", "1.045", currency)
		}
	}
	odd := snapshot.JournalCall{Endpoint: "id", Region: "ID"}
	add("=SUM(A1)", time.Date(2026, 11, 20, 3, 0, 0, 0, time.UTC), odd, "PAY", "0.0415", "USD")
	lines = append(lines, ",2026-11-30T00:00:00Z,2026-11,,,,0,-0.25,USD,credit", ",2026-11-30T00:00:00Z,2026-11,,,,0,0.9137,USD,tax", "")
	path := filepath.Join(f.t.TempDir(), "statement_2026-11.csv")
	f.must(os.WriteFile(path, []byte(strings.Join(lines, "\n")), 0o600))
	return path
}

// reconcile lays the journal beside a statement.
func (f *fixture) reconcile(path string) {
	f.t.Helper()
	book := testPrices(f.t)
	f.reconcileWith(path, book)
}

func (f *fixture) reconcileWith(path string, book *billing.Book) {
	f.t.Helper()
	done, err := reconcile.Run(context.Background(), &reconcile.Task{Store: f.store, Version: "0.1.0", Statement: path, Options: statement.Options{Zone: time.UTC, BillingZone: singapore()},
		Prices: book, Zone: singapore(), Basis: billing.PayTag, Edge: 24 * time.Hour, Window: 15 * time.Minute, Settings: func(*billing.Book) string { return "{}" }})
	f.must(err)
	if len(done.Months) != 1 || done.Months[0].Month.String() != "2026-11" {
		f.t.Fatalf("reconciled %+v", done.Months)
	}
}

// settledBook is the finance workbook of a month, with the test's prices.
func (f *fixture) settledBook(month time.Month, change func(*finance.Options)) *finance.Workbook {
	f.t.Helper()
	o := finance.Options{Period: calendar.Month(2026, month, singapore()), Prices: testPrices(f.t), Version: "0.1.0", Amounts: []billing.Amount{{Endpoint: "ph", Region: "PH", Currency: "USD", Floor: "7.74", Ceiling: "8.1"}}}
	if change != nil {
		change(&o)
	}
	w, err := finance.Build(context.Background(), f.store, o)
	f.must(err)
	return w
}

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
		f.must(in.Row(store.ListedRow{Line: i + 2, Kind: "signatureId", ID: c.listedAs(f.lists, i), Region: c.region, Endpoint: c.endpoint}))
	}
	f.must(in.Row(store.ListedRow{Line: len(checks) + 2, Kind: "signatureId", ID: checks[0].listedAs(f.lists, 0), Region: checks[0].region, Endpoint: checks[0].endpoint}))
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
	in := store.Intent{CheckID: check, Attempt: 1, RunID: run, Reason: store.ReasonFirst, Endpoint: c.endpoint, Region: c.region, At: time.Now(), From: store.Pending}
	id, err := j.Begin(in)
	f.must(err)
	time.Sleep(20 * time.Millisecond)
	r := store.Result{Outcome: c.outcome, Cause: c.cause, EndedAt: time.Now(), Code: c.code, Pricing: c.pricing, Tag: c.tag, State: c.state}
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
	return asked{region: region, endpoint: "sg", outcome: store.Answered, state: store.Done, code: "SUCCESS", pricing: "PAY", tag: store.TagPay, score: &score, attack: attack}
}

// mixed makes n checks of a region as the vendor might answer them: most scores high, a tail of attacks, and some of
// everything that goes wrong.
func mixed(random *rand.Rand, region, endpoint string, n int, suspicious float64, injection float64) []asked {
	var all []asked
	for range n {
		c := asked{region: region, endpoint: endpoint, outcome: store.Answered, state: store.Done, code: "SUCCESS", pricing: "PAY", tag: store.TagPay}
		switch x := random.Float64(); {
		case x < 0.02:
			c.state, c.code, c.pricing, c.tag = store.Absent, "LIVENESS_ID_NOT_EXISTED", "FREE", store.TagFree
		case x < 0.024:
			c.state, c.code, c.pricing, c.tag = store.Refused, "PARAMETER_ERROR", "FREE", store.TagFree
		case x < 0.027:
			c.state, c.code, c.pricing, c.tag = store.Pending, "ERROR", "PAY", store.TagPay
		case x < 0.03:
			c.state, c.outcome, c.code, c.pricing, c.tag, c.cause = store.InDoubt, store.Unanswered, "", "", store.TagUnknown, "timeout"
		case x < 0.034:
			c = asked{region: region, endpoint: endpoint}
		case x < 0.037:
			c.state, c.outcome, c.code, c.pricing, c.tag, c.cause = store.Pending, store.Unsent, "", "", store.TagNone, "dial"
		default:
			score, attack := sample(random, suspicious, injection)
			c.score, c.attack = &score, attack
		}
		all = append(all, c)
	}
	return all
}

func sample(random *rand.Rand, suspicious, injection float64) (score float64, attack string) {
	if random.Float64() < suspicious {
		score = math.Round(random.ExpFloat64()*800) / 100
		if score >= 50 || random.Float64() < 0.1 {
			score = 0
		}
		switch x := random.Float64(); {
		case x < injection:
			attack = "2"
		case x < injection+0.3:
			attack = "1"
		case x < injection+0.4:
			attack = "3"
		}
		return score, attack
	}
	score = 100 - math.Round(random.ExpFloat64()*300)/100
	if score < 50 || random.Float64() < 0.002 {
		score = 50
	}
	return score, ""
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
	none, strange, missing, free, paidFailure := scored("VN", 0, ""), scored("VN", 90, ""), scored("VN", 91, ""), scored("VN", 92, ""), scored("VN", 0, "")
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
	w, err := risk.Build(context.Background(), f.store, risk.Options{Period: p, Threshold: 50, Inclusive: true, Version: "0.1.0", Verdict: testVerdict})
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
