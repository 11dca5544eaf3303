package batch_test

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/judge"
	"liverecon/batch/list"
	"liverecon/batch/liveness"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

var (
	seeds    = flag.Int("seeds", 70, "how many seeded histories TestNights plays")
	oneSeed  = flag.Uint64("seed", 0, "play this one history only")
	loudly   = flag.Bool("loud", false, "print every call of the histories")
	unitCost = decimal.RequireFromString("0.035")
)

// TestNights plays whole histories: lists that grow, nights with faults, limits, caps, signals and revoked tokens, then
// clean nights until nothing is left; in one of seven, copies of the database are put back in between. Everything
// random is drawn from the seed; the vendor's faults from seed, ID and attempt, so that the order of goroutines does
// not matter. After every night the vendor's ledger judges our books.
func TestNights(t *testing.T) {
	first, last := uint64(1), uint64(*seeds)
	if *oneSeed != 0 {
		first, last = *oneSeed, *oneSeed
	}
	for seed := first; seed <= last; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				defer func() {
					if t.Failed() {
						t.Logf("replay: go test ./batch -run TestNights -args -seed=%d -loud", seed)
					}
				}()
				h := newHistory(t, seed, dir, func(c *simulator.Config) { c.OneTransaction = seed%5 == 2 })
				if seed%7 == 3 {
					h.playPutBacks()
					return
				}
				h.play()
			})
		})
	}
}

// history is one seeded sequence of nights.
type history struct {
	t         *testing.T
	seed      uint64
	rng       *rand.Rand
	dir       string
	vendor    *simulator.Vendor
	perID     bool
	rate      float64
	endpoints []string
	ids       int // listed so far
	lists     []string
	budget    int // most paid calls a night, 0: no cap
	policy    batch.Policy
	before    int // ledger entries before the present night

	concurrency int           // of each lane; 0: 16
	publishing  time.Duration // that writing the reports takes
	askParked   bool
	again       []store.Asking
	believe     []string // endpoints, however few IDs they know
	rechecks    int      // nights on which RESULT_NOT_FOUND is asked again
	misplaced   int64    // most IDs that lists may move in a night
	fallback    string   // region of rows for which nothing gives one

	way       way  // how requests reach the vendor
	slowDials bool // it takes a while to connect
	dials     atomic.Uint64

	byHand int64 // most IDs that a person asks for again in a night; 0: nobody does
	caps   map[store.Reason]judge.Cap
	lost   []judge.Span // older copies went on: the books lack what was done then
	played []judge.Span // nights

	records bool          // are kept, as the program keeps them
	copies  int           // of the database, to be put back
	others  []judge.Books // of databases in whose place copies were put

	images     batch.Download // whose images are kept; "": nobody's
	resultType string
}

// newHistory draws a history and its vendor; change, where there is one, makes that another.
func newHistory(t *testing.T, seed uint64, dir string, change ...func(*simulator.Config)) *history {
	h := &history{t: t, seed: seed, rng: rand.New(rand.NewPCG(seed, 1)), dir: dir}
	h.perID = h.rng.IntN(4) == 0
	h.rate = []float64{5, 20, 100, 500}[h.rng.IntN(4)]
	all := []string{"id", "ph", "th", "sg"}
	h.endpoints = all[:1+h.rng.IntN(4)]
	h.policy.RepeatInDoubt = []batch.RepeatInDoubt{batch.RepeatOnce, batch.RepeatHold, batch.RepeatAlways}[h.rng.IntN(3)]
	if h.rng.IntN(3) == 0 {
		h.budget = 5 + h.rng.IntN(60)
	}
	cfg := simulator.Config{Seed: seed, Latency: time.Duration(h.rng.IntN(400)) * time.Millisecond, LatencyJitter: time.Duration(h.rng.IntN(300)) * time.Millisecond,
		TokenLatency: 50 * time.Millisecond, Patience: 10 * time.Second, BusyStyle: simulator.BusyStyle(h.rng.IntN(3)), Billing: simulator.PerCall, Balance: -1}
	if h.perID {
		cfg.Billing = simulator.PerID
	}
	for _, c := range change {
		c(&cfg)
	}
	if h.rng.IntN(3) == 0 { // a limit the vendor does not tell
		cfg.Rate = map[string]int{"": 2 + h.rng.IntN(int(h.rate))}
	}
	var err error
	if h.vendor, err = simulator.New(cfg); err != nil {
		t.Fatal(err)
	}
	h.way = wayOf(seed)
	h.slowDials = h.rng.IntN(2) == 0
	h.rechecks, h.policy.NoScoreNights = h.rng.IntN(3), h.rng.IntN(3)
	if h.rng.IntN(3) == 0 {
		h.byHand = 1 + h.rng.Int64N(5)
	}
	if seed%4 == 1 {
		h.misplaced = 2
	}
	h.caps = map[store.Reason]judge.Cap{
		store.ReasonMisplaced: {PerRun: int(cmp.Or(h.misplaced, -1)), PerID: cmp.Or(len(h.endpoints)-1, -1)},
		store.ReasonRecheck:   {PerID: cmp.Or(h.rechecks, -1)}, store.ReasonNoScore: {PerID: cmp.Or(h.policy.NoScoreNights, -1)},
		store.ReasonForced: {PerRun: int(cmp.Or(h.byHand, -1))}, store.ReasonSuspect: {PerRun: int(cmp.Or(h.byHand, -1))},
	}
	if seed%2 == 0 {
		h.policy.RepeatAfter = time.Hour
	}
	h.images = map[uint64]batch.Download{0: batch.DownloadManualCheck, 1: batch.DownloadAll}[seed%8] // "" otherwise
	if err := h.vendor.SetImageFaults(map[simulator.Fault]float64{simulator.ImageGone: .02, simulator.ImageBusy: .1, simulator.LinkPrivate: .02, simulator.Redirect: .02,
		simulator.ResetAfter: .05, simulator.Timeout: .02, simulator.Truncated: .05, simulator.ImageText: .02}); err != nil {
		t.Fatal(err)
	}
	return h
}

// play runs one to three bad nights, then clean ones until nothing is left.
func (h *history) play() {
	for range 1 + h.rng.IntN(3) {
		h.grow()
		h.vendor.SetFaults(h.faults())
		first := h.night(h.badNight())
		if h.seed%3 == 0 { // somebody, or something, starts it again
			second := h.night(night{})
			if first.ExitCode == batch.ExitUnanswered && second.Calls == 0 && batch.Succeeded(second.ExitCode) {
				h.t.Errorf("a night without an answer became a success without a call: %s", second.Verdict)
			}
		}
		time.Sleep(20 * time.Hour)
	}
	h.vendor.SetFaults(simulator.Faults{})
	h.vendor.SetBalance(-1)
	h.budget, h.byHand = 0, 0
	h.rechecks, h.policy.NoScoreNights = 0, 0
	h.policy.RepeatInDoubt = batch.RepeatAlways
	var sum batch.Summary
	// A gateway's 429 leaves some of them in doubt; an ID that is absent where one list has it goes to where the next
	// has it in the night after, so that the first night is not the last where lists differ.
	least := 1
	if h.misplaced > 0 {
		least = 2
	}
	for n := 0; n < 8 && (n < least || sum.ExitCode != batch.ExitDone || sum.Misplaced > 0); n++ {
		sum = h.night(night{})
		time.Sleep(24 * time.Hour)
	}
	if sum.ExitCode != batch.ExitDone || sum.Pending+sum.Waiting > 0 {
		h.t.Errorf("clean nights left work: %s", sum.Verdict)
	}
	h.quiet()
}

// quiet asserts that a night with the same lists makes no call at all, not even for a token.
func (h *history) quiet() {
	before := len(h.vendor.Entries())
	sum := h.night(night{})
	if n := len(h.vendor.Entries()) - before; n != 0 || sum.ExitCode != batch.ExitDone || !strings.Contains(sum.Verdict, "nothing to do") {
		h.t.Errorf("a night without work made %d requests: %s", n, sum.Verdict)
	}
}

// grow adds a list, or rows to the last one, with duplicates of what was listed before.
func (h *history) grow() {
	name := filepath.Join(h.dir, fmt.Sprintf("ids_%d.csv", len(h.lists)))
	if len(h.lists) > 0 && h.rng.IntN(2) == 0 {
		name = h.lists[len(h.lists)-1]
	} else {
		h.lists = append(h.lists, name)
	}
	var text strings.Builder
	old, err := os.ReadFile(name)
	if err != nil {
		text.WriteString("signatureId,livenessId,region\n")
	}
	text.Write(old)
	for range 20 + h.rng.IntN(120) {
		n := h.ids
		h.ids++
		if h.rng.IntN(10) == 0 && n > 0 {
			n = h.rng.IntN(n)
		}
		line := row(h.seed, n)
		if h.misplaced > 0 && n != h.ids-1 { // it stands again, and elsewhere
			line = line[:len(line)-len("ID\n")] + "SG\n"
		}
		text.WriteString(line)
	}
	if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
		h.t.Fatal(err)
	}
}

// row is the n-th ID of a seed: always the same kind, text and region.
func row(seed uint64, n int) string {
	r := rand.New(rand.NewPCG(seed, uint64(n)+1000))
	region := []string{"ID", "PH", "TH", "VN"}[r.IntN(4)]
	if r.IntN(2) == 0 {
		return fmt.Sprintf("f%015x,,%s\n", r.Uint64()>>4, region)
	}
	id := r.Uint32()
	return fmt.Sprintf(",%04x-9e6-%04x-4ca1-bdfe-%012x,%s\n", id>>16, id&0xffff, r.Uint64()>>16, region)
}

// faults draws which faults the vendor has tonight, and how often.
func (h *history) faults() simulator.Faults {
	f := simulator.Faults{Probability: map[simulator.Fault]float64{}, TokenProbability: map[simulator.Fault]float64{}}
	if h.misplaced > 0 {
		f.Probability[simulator.NotExist] = 0.2
	}
	harmful := map[simulator.Fault]bool{simulator.InsufficientBalance: true, simulator.OverQueryLimit: true, simulator.AccountDisabled: true,
		simulator.ServiceDisabled: true, simulator.AccessDenied: true, simulator.ClientError: true, simulator.IAMAlways: true}
	all := simulator.AllFaults()
	for range h.rng.IntN(12) {
		fault := all[h.rng.IntN(len(all))]
		f.Probability[fault] = 0.005 + 0.05*h.rng.Float64()
		if harmful[fault] {
			f.Probability[fault] = 0.002
		}
	}
	if h.rng.IntN(6) == 0 {
		f.TokenProbability[simulator.Timeout] = 0.3
	}
	if h.way != inProcess {
		h.unasked(f)
	}
	if h.rng.IntN(8) == 0 {
		f.Down = map[string]simulator.Fault{h.endpoints[0]: []simulator.Fault{simulator.Timeout, simulator.Refused, simulator.HTML502, simulator.NotExist}[h.rng.IntN(4)]}
	}
	return f
}

// night represents what happens to one run from outside.
type night struct {
	stopAfter   time.Duration // SIGTERM; 0: none
	deadline    time.Duration // 0: none
	revokeAfter time.Duration // all tokens end
	balance     int           // paid calls left; 0: enough
}

func (h *history) badNight() night {
	var n night
	some := func(d time.Duration) time.Duration { return time.Duration(1 + h.rng.Int64N(int64(d))) }
	if h.rng.IntN(4) == 0 {
		n.stopAfter = some(20 * time.Second)
	}
	if h.rng.IntN(4) == 0 {
		n.deadline = some(30 * time.Second)
	}
	if h.rng.IntN(4) == 0 {
		n.revokeAfter = some(10 * time.Second)
	}
	if h.rng.IntN(6) == 0 {
		n.balance = 1 + h.rng.IntN(50)
	}
	return n
}

// night runs the job once on a store of its own opening, and judges the books afterwards.
func (h *history) night(n night) batch.Summary {
	ctx, stop := context.WithCancelCause(h.t.Context())
	defer stop(nil)
	if n.stopAfter > 0 {
		defer time.AfterFunc(n.stopAfter, func() { stop(errors.New("terminated")) }).Stop()
	}
	if n.revokeAfter > 0 {
		defer time.AfterFunc(n.revokeAfter, h.vendor.RevokeTokens).Stop()
	}
	if n.balance > 0 {
		h.vendor.SetBalance(n.balance)
	}
	h.before = len(h.vendor.Entries())
	s, err := store.Open(context.Background(), filepath.Join(h.dir, "liverecon.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	defer func() {
		if err := s.Close(); err != nil {
			h.t.Error(err)
		}
	}()
	if h.records {
		h.keepRecords(s)
	}
	job := h.job(s)
	if n.deadline > 0 {
		job.Deadline = time.Now().Add(n.deadline)
	}
	defer h.keepImages(job)()
	defer h.hangUp(job)
	begun := time.Now()
	sum, err := batch.Run(ctx, job)
	if err != nil {
		h.t.Errorf("run: %v", err)
	}
	h.played = append(h.played, judge.Span{From: begun, Until: time.Now()})
	h.t.Logf("night: exit %d, %s", sum.ExitCode, sum.Verdict)
	h.judge(s, sum)
	return sum
}

func (h *history) job(s *store.Store) *batch.Job {
	routes := map[string]string{"*": h.endpoints[0]}
	for _, l := range h.endpoints {
		if e, ok := liveness.Lookup(l); ok {
			routes[e.Country] = l
		}
	}
	prices, err := billing.NewBook(h.prices(), time.UTC)
	if err != nil {
		h.t.Fatal(err)
	}
	log := slog.New(slog.DiscardHandler)
	if *loudly {
		log = slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	job := &batch.Job{Store: s, Version: "test", Simulated: true, Lists: h.lists, Routes: routes, Policy: h.policy, Threshold: 50, Inclusive: true,
		Prices: prices, BillingZone: time.UTC, DoubtBudgetMin: 3, DoubtBudgetShare: 0.005, Log: log,
		ListOptions: list.Options{DefaultRegion: h.fallback, Route: func(region string) (string, bool) {
			if to, ok := routes[region]; ok {
				return to, true
			}
			return routes["*"], true
		}}}
	job.AskParked, job.Again, job.BelieveAbsent, job.RecheckNotFoundNights = h.askParked, h.again, h.believe, h.rechecks
	job.MisplacedPerRun = h.misplaced
	if h.byHand > 0 {
		job.Again = append(job.Again, h.asking())
	}
	if h.publishing > 0 {
		job.Publish = func(context.Context, batch.Summary) error { time.Sleep(h.publishing); return nil }
	}
	if h.budget > 0 {
		job.Caps.Run = billing.Cap{Name: "spend_per_run", Limit: billing.NewAmounts(billing.Money{Amount: unitCost.Mul(decimal.NewFromInt(int64(h.budget))), Currency: "USD"})}
	}
	for _, name := range h.endpoints {
		job.Endpoints = append(job.Endpoints, batch.Endpoint{Client: h.client(name), Rate: h.rate, Concurrency: cmp.Or(h.concurrency, 16)})
	}
	return job
}

// asking represents what a person wants to be asked again tonight.
func (h *history) asking() store.Asking {
	a := store.Asking{Limit: h.byHand}
	states := []store.State{store.GivenUp, store.Refused, store.Absent, store.InDoubt, store.Done, ""}
	a.State = states[h.rng.IntN(len(states))]
	a.NoScore = a.State == store.Done
	return a
}

func (h *history) client(name string) *liveness.Client {
	return h.clientOver(name, h.transport())
}

func (h *history) prices() []billing.Price {
	var prices []billing.Price
	for _, l := range h.endpoints {
		prices = append(prices, billing.Price{Endpoint: l, Region: "*", From: time.Date(1999, 1, 1, 0, 0, 0, 0, time.UTC), Currency: "USD", Kind: billing.Flat, Tiers: []billing.Tier{{Unit: unitCost}}})
	}
	return prices
}

// judge compares the two ledgers, and what else was promised about a night.
func (h *history) judge(s *store.Store, sum batch.Summary) {
	t := h.t
	entries := h.vendor.Entries()
	books := h.books(s)
	if n := books.Open(); n > 0 {
		t.Errorf("%d calls have no outcome after the run", n)
	}
	if err := (judge.Case{Entries: entries, Unasked: h.vendor.Unasked(), Books: books, PerID: h.perID, Caps: h.caps, Loss: h.loss(s)}).Check(); err != nil {
		t.Errorf("after %q:\n%v", sum.Verdict, err)
	}
	repeats, lost := 0, map[int64]bool{} // checks whose last call was lost: one lost before a free answer is pending
	for _, c := range books.Calls {
		if c.Outcome == store.Unsent {
			continue
		}
		if c.RunID == sum.RunID && c.Reason == store.ReasonDoubt && lost[c.CheckID] {
			repeats++
		}
		lost[c.CheckID] = c.Outcome == store.Unanswered
	}
	switch budget := max(3, int(0.005*float64(sum.Planned))); {
	case h.policy.RepeatInDoubt == batch.RepeatHold && repeats > 0:
		t.Errorf("%d lost answers were asked for again, the policy is hold", repeats)
	case h.policy.RepeatInDoubt == batch.RepeatOnce && repeats > 4*budget: // each within the budget may take free retries
		t.Errorf("%d calls repeat lost answers, the budget is %d", repeats, budget)
	}
	h.judgeRepeats(books)
	for _, l := range h.endpoints {
		if n := h.vendor.BusiestSecond(l); n > int(h.rate) {
			t.Errorf("%s had %d calls in one second, the set rate is %g", l, n, h.rate)
		}
	}
	// Nobody can know of a charge where a copy of a refusal came in front of its answer, which never did.
	unread := map[uint64]bool{}
	for _, s := range h.vendor.Unasked() {
		refused := slices.ContainsFunc(entries, func(e simulator.Entry) bool {
			return e.Delivered == simulator.TurnedAway && e.TransactionID == s.TransactionID
		})
		unread[s.Conn] = unread[s.Conn] || refused && !s.Shown
	}
	charged := 0
	for _, e := range slices.Backward(entries[h.before:]) {
		if e.Charged && !unread[e.Conn] {
			charged++
		}
		delete(unread, e.Conn)
	}
	if h.budget > 0 && charged > h.budget {
		t.Errorf("charged %d calls in one night, the cap is %d", charged, h.budget)
	}
	if c := h.vendor.Complaints(); len(c) > 0 {
		t.Errorf("the vendor complains: %v", c)
	}
	if err := s.Books().Audit(context.Background()); err != nil {
		t.Error(err)
	}
	h.judgeImages()
	if want := sum.Answered + sum.GivenUp + sum.Pending + sum.Waiting + sum.Kept; want != sum.Planned+sum.Reopened && sum.Unrouted == 0 {
		t.Errorf("the verdict does not add up: %+v", sum)
	}
}

// loss represents what the books lack, and count as paid at most once.
func (h *history) loss(s *store.Store) judge.Loss {
	held, err := s.Checks().Held(context.Background())
	if err != nil {
		h.t.Error(err)
	}
	l := judge.Loss{Times: h.lost, Others: h.others}
	for _, n := range held {
		l.Counted += n.Checks
	}
	if len(h.others) > 0 {
		l.Said, l.Counted = h.saidLost(s), l.Counted+h.lostBeside(s)
	}
	return l
}

// judgeRepeats asserts that no ID that was lost twice is asked again within the time for which it is to be left alone.
// What a person asks for begins anew.
func (h *history) judgeRepeats(books judge.Books) {
	type loss struct {
		times int
		last  time.Time
		open  bool // its last call was lost
	}
	losses := map[int64]loss{}
	for _, c := range books.Calls {
		l := losses[c.CheckID]
		if c.Reason == store.ReasonForced {
			l = loss{}
		}
		if gap := c.At.Sub(l.last); c.Reason == store.ReasonDoubt && l.open && l.times > 1 && gap < h.policy.RepeatAfter {
			h.t.Errorf("check %d was lost %d times, and asked again %v after the last", c.CheckID, l.times, gap)
		}
		if c.Outcome == store.Unanswered {
			losses[c.CheckID] = loss{l.times + 1, c.At, true}
		} else {
			l.open = l.open && c.Outcome == store.Unsent
			losses[c.CheckID] = l
		}
	}
}

func (h *history) books(s *store.Store) judge.Books {
	b, err := judge.Read(context.Background(), s)
	if err != nil {
		h.t.Fatal(err)
	}
	return b
}
