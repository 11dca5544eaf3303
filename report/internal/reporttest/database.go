// Package reporttest has what the tests of the reports share: databases filled through the store's own writers on
// a clock of their own, a reconciled month, and how a written workbook is read back and compared. Only tests import it.
package reporttest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/store"
	"liverecon/store/apichanges"
	"liverecon/store/calendar"
	"liverecon/store/storetest"
)

// Singapore returns the zone of the test reports: eight hours ahead of UTC, without clock changes.
func Singapore() *time.Location { return time.FixedZone("Asia/Singapore", 8*3600) }

// Check represents a check of the tests: what was asked, and what came back.
type Check struct {
	Region, Endpoint string
	Outcome          store.Outcome
	State            store.State
	Code, Pricing    string
	Tag              store.Tag
	Cause            string
	Score            *float64
	Attack           string
	ID, Transaction  string        // "" for one made up
	NewCode          string        // a code the vendor had not shown before
	Captured         time.Duration // before the answer; 0: the vendor does not say
	Reference        string        // other columns of its row, JSON
	Platform         string
	Gap              *int64 // milliseconds between its images
}

// listedAs returns the ID of the i-th check of a list.
func (c *Check) listedAs(list, i int) string {
	if c.ID != "" {
		return c.ID
	}
	return fmt.Sprintf("%d-%d", list, i)
}

// Database represents a database filled through the store's own writers, on a clock of its own.
type Database struct {
	T     *testing.T
	Store *store.Store
	Lists int
}

// Run runs a test inside a bubble whose clock begins at a date, 01:00 UTC.
func Run(t *testing.T, date string, test func(*Database)) {
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
		test(&Database{T: t, Store: s})
	})
}

// Must ends the test with an error.
func (f *Database) Must(err error) {
	f.T.Helper()
	if err != nil {
		f.T.Fatal(err)
	}
}

// Night reads one list of the checks given and asks for each of them; a check without an outcome stays pending. It ends
// at the same hour of the next day.
func (f *Database) Night(path string, checks []Check) {
	f.T.Helper()
	f.NightOf(ReadList{path, checks})
}

// ReadList represents a list of a night with the checks of its rows.
type ReadList struct {
	Path   string
	Checks []Check
}

// NightOf makes a night of several lists.
func (f *Database) NightOf(lists ...ReadList) {
	f.T.Helper()
	began := time.Now()
	ctx := context.Background()
	run, _, err := f.Store.Runs().Open(ctx, "test", true)
	f.Must(err)
	j, err := f.Store.Journal().Open(ctx, storetest.AdmitAll{}, 1)
	f.Must(err)
	for _, l := range lists {
		numbers := f.List(run, l.Path, l.Checks)
		for i, c := range l.Checks {
			if c.Outcome != "" {
				f.Call(j, run, numbers[c.listedAs(f.Lists, i)], c)
			}
		}
	}
	f.Must(j.Close())
	f.Must(f.Store.Runs().Close(ctx, run, 0, "DONE", nil))
	time.Sleep(time.Until(began.Add(24 * time.Hour)))
}

// List takes the checks as one list, with one row twice and one rejected, and returns their numbers by ID.
func (f *Database) List(run int64, path string, checks []Check) map[string]int64 {
	ctx := context.Background()
	in, err := f.Store.Lists().Begin(ctx)
	f.Must(err)
	f.Lists++
	for i, c := range checks {
		f.Must(in.Row(store.ListedRow{Line: i + 2, Kind: "signatureId", ID: c.listedAs(f.Lists, i), Region: c.Region,
			Endpoint: c.Endpoint, Reference: c.Reference}))
	}
	f.Must(in.Row(store.ListedRow{Line: len(checks) + 2, Kind: "signatureId", ID: checks[0].listedAs(f.Lists, 0),
		Region: checks[0].Region, Endpoint: checks[0].Endpoint}))
	f.Must(in.Reject(store.Reject{Line: len(checks) + 3, Column: "signatureId", Reason: "no_id"}))
	sum := sha256.Sum256([]byte(path))
	l, err := in.Commit(ctx, run, store.List{Path: path, SHA256: sum, Fingerprint: path, ReadAt: time.Now()})
	f.Must(err)
	if l.New != int64(len(checks)) {
		f.T.Fatalf("list %s: %d new, want %d", path, l.New, len(checks))
	}
	numbers, seen := map[string]int64{}, map[string]bool{}
	for _, c := range checks {
		if seen[c.Endpoint+c.Region] {
			continue
		}
		seen[c.Endpoint+c.Region] = true
		open, err := f.Store.Checks().Open(ctx, c.Endpoint, c.Region, store.Pending, 0, math.MaxInt32)
		f.Must(err)
		for _, one := range open {
			numbers[one.Text] = one.ID
		}
	}
	return numbers
}

// Call makes one call for a check.
func (f *Database) Call(j *store.JournalWriter, run, check int64, c Check) {
	f.T.Helper()
	in := store.Intent{CheckID: check, Attempt: 1, RunID: run, Reason: store.ReasonFirst, Endpoint: c.Endpoint,
		Region: c.Region, At: time.Now(), From: store.Pending}
	id, err := j.Begin(in)
	f.Must(err)
	time.Sleep(20 * time.Millisecond)
	r := store.Result{Outcome: c.Outcome, Cause: c.Cause, EndedAt: time.Now(), Code: c.Code, Pricing: c.Pricing,
		Tag: c.Tag, State: c.State}
	if c.Outcome != store.Unsent {
		r.SentAt = in.At
	}
	if c.Outcome == store.Answered {
		r.HTTPStatus, r.TransactionID = 200, fmt.Sprintf("%016x", id)
		r.Answer = &store.Answer{Current: c.State == store.Done, Score: c.Score, AttackType: c.Attack,
			Platform: c.Platform, Gap: c.Gap}
		if c.Captured != 0 {
			r.Answer.CapturedAt = r.EndedAt.Add(-c.Captured)
		}
		if c.Transaction != "" {
			r.TransactionID = c.Transaction
		}
		if c.NewCode != "" {
			r.APIChanges = []apichanges.Change{{Kind: apichanges.Code, Value: c.NewCode}}
		}
	}
	f.Must(j.Finish(id, in, r)())
}

// Scored returns a paid answer with a score.
func Scored(region string, score float64, attack string) Check {
	return Check{Region: region, Endpoint: "sg", Outcome: store.Answered, State: store.Done, Code: "SUCCESS",
		Pricing: "PAY", Tag: store.TagPay, Score: &score, Attack: attack}
}

// Mixed makes n checks of a region as the vendor might answer them: most scores high, a tail of attacks, and some of
// everything that goes wrong.
func Mixed(random *rand.Rand, region, endpoint string, n int, suspicious float64, injection float64) []Check {
	var all []Check
	for range n {
		c := Check{Region: region, Endpoint: endpoint, Outcome: store.Answered, State: store.Done, Code: "SUCCESS",
			Pricing: "PAY", Tag: store.TagPay}
		switch x := random.Float64(); {
		case x < 0.02:
			c.State, c.Code, c.Pricing, c.Tag = store.Absent, "LIVENESS_ID_NOT_EXISTED", "FREE", store.TagFree
		case x < 0.024:
			c.State, c.Code, c.Pricing, c.Tag = store.Refused, "PARAMETER_ERROR", "FREE", store.TagFree
		case x < 0.027:
			c.State, c.Code, c.Pricing, c.Tag = store.Pending, "ERROR", "PAY", store.TagPay
		case x < 0.03:
			c.State, c.Outcome, c.Code, c.Pricing, c.Tag, c.Cause = store.InDoubt, store.Unanswered, "", "",
				store.TagUnknown, "timeout"
		case x < 0.034:
			c = Check{Region: region, Endpoint: endpoint}
		case x < 0.037:
			c.State, c.Outcome, c.Code, c.Pricing, c.Tag, c.Cause = store.Pending, store.Unsent, "", "", store.TagNone,
				"dial"
		default:
			score, attack := Sample(random, suspicious, injection)
			c.Score, c.Attack = &score, attack
		}
		all = append(all, c)
	}
	return all
}

// Sample draws the score of an answer, and the type of attack that goes with it.
func Sample(random *rand.Rand, suspicious, injection float64) (score float64, attack string) {
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

// TwoNights fills a database with two nights of a few regions, the second worse than the first.
func (f *Database) TwoNights() {
	random := rand.New(rand.NewPCG(1, 2))
	for night, rate := range []float64{0.04, 0.12} {
		all := Mixed(random, "PH", "ph", 90, rate, 0.5)
		all = append(all, Mixed(random, "ID", "id", 110, 0.05, 0.2)...)
		all = append(all, Mixed(random, "VN", "sg", 40, 0.1, 0.3)...)
		all = append(all, Mixed(random, "SG", "sg", 12, 0.1, 0.3)...)
		if night == 1 {
			all = append(all, Oddities()...)
		}
		f.Night(fmt.Sprintf("lists/ids_2026-11-%02d.csv", night+1), all)
	}
}

// Oddities returns answers that the vendor's page does not foresee.
func Oddities() []Check {
	below, above := Scored("VN", -1, "9"), Scored("VN", 100.01, "2")
	none, strange, missing, free, paidFailure := Scored("VN", 0, ""), Scored("VN", 90, ""), Scored("VN", 91, ""),
		Scored("VN", 92, ""), Scored("VN", 0, "")
	none.Score = nil
	strange.Pricing, strange.Tag = "MAYBE", "unknown"
	missing.Pricing, missing.Tag = "", "unknown"
	free.Pricing, free.Tag = "FREE", "free"
	paidFailure.Code, paidFailure.Score, paidFailure.State = "ERROR", nil, "given_up"
	return []Check{below, above, Scored("VN", 50, ""), Scored("VN", 50, "1"), none, strange, missing, free, paidFailure}
}

// Verdict ends the night of a filled database.
const Verdict = "PARTIAL: 253 of 261 answered, 2 in doubt, USD 12.46-12.59; resumes next run"

// SecondNight returns the period of the last of two nights that began on 2026-11-01.
func SecondNight() calendar.Period { return calendar.Days(2026, 11, 2, 1, Singapore()) }

// Hostile returns texts that a spreadsheet might run, change, cut or refuse.
func Hostile() []string {
	return []string{
		`=HYPERLINK("http://example.com","x")`, "+1", "-1", "@x", "\t=1", "\r\n=1", "_x0041_", "_x005F_x0041_", "a_x0",
		strings.Repeat("long ", 8000),
		"\u202egnp.exe", "\u200fabc", "😀 emoji", "\x00\x01\x1f\x7f\u0085", "\xff\xfe", "<b>&amp;\"'</b>", "' leading",
		" spaces ", "\ufffe\uffff", "1e5", "6817604601234e12", "{=1}", "[link]", "&L&\"Arial\"&P",
	}
}
