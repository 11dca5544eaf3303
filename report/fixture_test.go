package report

import (
	"context"
	"crypto/sha256"
	"fmt"
	"math"
	"math/rand/v2"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/store"
	"liverecon/store/apichanges"
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

func (admitAll) Admit(store.Intent) error                 { return nil }
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
	f.nightOf(readList{path, checks})
}

// readList is a list of a night with the checks of its rows.
type readList struct {
	path   string
	checks []asked
}

// nightOf is a night of several lists.
func (f *fixture) nightOf(lists ...readList) {
	f.t.Helper()
	began := time.Now()
	ctx := context.Background()
	run, _, err := f.store.Runs().Open(ctx, "test", true)
	f.must(err)
	j, err := f.store.Journal().Open(ctx, admitAll{}, 1)
	f.must(err)
	for _, l := range lists {
		numbers := f.list(run, l.path, l.checks)
		for i, c := range l.checks {
			if c.outcome != "" {
				f.call(j, run, numbers[c.listedAs(f.lists, i)], c)
			}
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
