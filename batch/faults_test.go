package batch_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptrace"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/judge"
	"liverecon/batch/liveness"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
)

// faultCase represents what one fault that befalls every request for one ID must come to, when doubts are held.
type faultCase struct {
	fault simulator.Fault
	first string      // outcome, cause, code and tag of the ID's first call
	calls int         // requests for the ID in the run
	state store.State // of the ID afterwards
	exit  int
}

var faultCases = []faultCase{
	// Never left: free, tried again, pending.
	{simulator.DNS, "unsent dns none", 4, store.Pending, batch.ExitPartial},
	{simulator.Refused, "unsent refused none", 4, store.Pending, batch.ExitPartial},
	{simulator.TLS, "unsent tls none", 4, store.Pending, batch.ExitPartial},
	// May have been served: in doubt, once.
	{simulator.ResetBefore, "unanswered reset unknown", 1, store.InDoubt, batch.ExitPartial},
	{simulator.ResetAfter, "unanswered reset unknown", 1, store.InDoubt, batch.ExitPartial},
	{simulator.Timeout, "unanswered timeout unknown", 1, store.InDoubt, batch.ExitPartial},
	{simulator.Late, "unanswered timeout unknown", 1, store.InDoubt, batch.ExitPartial},
	{simulator.Truncated, "unanswered truncated unknown", 1, store.InDoubt, batch.ExitPartial},
	{simulator.HTML502, "unanswered no_envelope unknown", 1, store.InDoubt, batch.ExitPartial},
	{simulator.HTML200, "unanswered no_envelope unknown", 1, store.InDoubt, batch.ExitPartial},
	{simulator.Empty200, "unanswered no_envelope unknown", 1, store.InDoubt, batch.ExitPartial},
	{simulator.Naked, "unanswered no_envelope unknown", 1, store.InDoubt, batch.ExitPartial},
	{simulator.Oversize, "unanswered oversize unknown", 1, store.InDoubt, batch.ExitPartial},
	{simulator.GzipBomb, "unanswered oversize unknown", 1, store.InDoubt, batch.ExitPartial},
	{simulator.Redirect, "unanswered redirect unknown", 1, store.InDoubt, batch.ExitPartial},
	// Answered with a code that asks for another try, free.
	{simulator.ErrorFree, "answered ERROR free", 4, store.Pending, batch.ExitPartial},
	{simulator.RetryLater, "answered RETRY_LATER free", 4, store.Pending, batch.ExitPartial},
	{simulator.Processing, "answered REQUEST_IN_PROCESSING free", 4, store.Pending, batch.ExitPartial},
	{simulator.Busy, "answered SERVICE_BUSY free", 8, store.Pending, batch.ExitPartial},
	// A code nobody knows: kept, asked on a later night; never when it may have cost something.
	{simulator.UnknownCode, "answered * free", 1, store.Pending, batch.ExitPartial},
	{simulator.UnknownCodePaid, "answered * pay", 1, store.GivenUp, batch.ExitDone},
	{simulator.ErrorPaid, "answered ERROR pay", 1, store.GivenUp, batch.ExitDone},
	// Final answers.
	{simulator.ParamError, "answered PARAMETER_ERROR free", 1, store.Refused, batch.ExitDone},
	{simulator.EmptyParam, "answered EMPTY_PARAMETER_ERROR free", 1, store.Refused, batch.ExitDone},
	{simulator.NotFound, "answered RESULT_NOT_FOUND free", 1, store.Absent, batch.ExitDone},
	{simulator.NotExist, "answered LIVENESS_ID_NOT_EXISTED free", 1, store.Absent, batch.ExitDone},
	{simulator.NotFoundPaid, "answered RESULT_NOT_FOUND pay", 1, store.Absent, batch.ExitDone},
	{simulator.NotExistPaid, "answered LIVENESS_ID_NOT_EXISTED pay", 1, store.Absent, batch.ExitDone},
	{simulator.UnknownPricing, "answered SUCCESS unknown", 1, store.Done, batch.ExitDone},
	{simulator.MissingPricing, "answered SUCCESS unknown", 1, store.Done, batch.ExitDone},
	{simulator.Score50, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	{simulator.ScoreNegative, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	{simulator.ScoreOver, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	{simulator.ScoreString, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	// An answer without a score may come again with one.
	{simulator.ScoreNull, "answered SUCCESS pay", 1, store.Pending, batch.ExitPartial},
	{simulator.ScoreMissing, "answered SUCCESS pay", 1, store.Pending, batch.ExitPartial},
	{simulator.AttackPassing, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	{simulator.AttackString, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	{simulator.AttackNumber, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	{simulator.AttackOther, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	{simulator.NewField, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	// What comes twice with one value is harmless. With two it has none: the score is none for good, the charge
	// uncertain.
	{simulator.Repeated, "answered * *", 1, store.Done, batch.ExitDone},
	{simulator.ScoreTwice, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	{simulator.DataTwice, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	{simulator.AttackTwice, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	{simulator.PricingTwice, "answered SUCCESS unknown", 1, store.Done, batch.ExitDone},
	{simulator.TransactionTwice, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	{simulator.CodeTwice, "unanswered no_envelope unknown", 1, store.InDoubt, batch.ExitPartial},
	{simulator.NoTransaction, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	{simulator.ScoreLater, "answered SUCCESS pay", 1, store.Pending, batch.ExitPartial},
	{simulator.DataEmpty, "answered SUCCESS pay", 1, store.GivenUp, batch.ExitDone},
	{simulator.DataNull, "answered SUCCESS pay", 1, store.GivenUp, batch.ExitDone},
	{simulator.DataNulls, "answered SUCCESS pay", 1, store.Pending, batch.ExitPartial},
	// Another spelling is another word: what it cost is known where the tag is, and the ID is left to a person.
	{simulator.LowerCode, "answered success pay", 1, store.GivenUp, batch.ExitDone},
	{simulator.LowerKeys, "answered SUCCESS unknown", 1, store.GivenUp, batch.ExitDone},
	{simulator.Score0, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	{simulator.Score100, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	{simulator.ScoreOne, "answered SUCCESS pay", 1, store.Done, batch.ExitDone},
	// The token: once is an accident, always is a refusal of the endpoint.
	{simulator.IAMOnce, "answered IAM_FAILED free", 2, store.Done, batch.ExitDone},
	{simulator.IAMAlways, "answered IAM_FAILED free", 2, store.Pending, batch.ExitRefused},
	// The account or the configuration.
	{simulator.InsufficientBalance, "answered INSUFFICIENT_BALANCE free", 1, store.Pending, batch.ExitRefused},
	{simulator.OverQueryLimit, "answered OVER_QUERY_LIMIT free", 1, store.Pending, batch.ExitRefused},
	{simulator.AccountDisabled, "answered ACCOUNT_DISABLED free", 1, store.Pending, batch.ExitRefused},
	{simulator.ServiceDisabled, "answered SERVICE_DISABLED free", 1, store.Pending, batch.ExitRefused},
	{simulator.AccessDenied, "answered ACCESS_DENIED free", 1, store.Pending, batch.ExitRefused},
	{simulator.ClientError, "answered CLIENT_ERROR free", 1, store.Pending, batch.ExitRefused},
}

// TestFaults lets each fault befall every request for one ID among many, looks at what became of it, and lets a clean
// night finish what was left.
func TestFaults(t *testing.T) {
	covered := map[simulator.Fault]bool{
		simulator.SlowBody:    true, // in time or too late, by a draw: played by TestNights
		simulator.CopyOther:   true, // it takes more than one connection: TestCopiesOfOthers
		simulator.CopyEarlier: true, // it takes more than one call: TestCopiesOfEarlier
	}
	for _, c := range unaskedCases { // they take a connection: TestUnasked
		covered[c.fault] = true
	}
	for _, c := range faultCases {
		covered[c.fault] = true
		t.Run(string(c.fault), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) { c.play(t, dir) })
		})
	}
	for _, f := range simulator.AllFaults() {
		if !covered[f] {
			t.Errorf("no case for fault %s", f)
		}
	}
}

const faultyID = "f302f5d2454a85c2"

func (c faultCase) play(t *testing.T, dir string) {
	h := quietHistory(t, dir, simulator.Config{Seed: 7, Latency: 100 * time.Millisecond, Patience: 10 * time.Second,
		Faults: simulator.Faults{Always: map[string]simulator.Fault{faultyID: c.fault}}})
	h.policy.RepeatInDoubt, h.policy.NoScoreNights = batch.RepeatHold, 2
	h.list(20, faultyID)
	sum := h.night(night{})
	calls := h.callsFor(faultyID)
	if len(calls) == 0 {
		t.Fatalf("no call for the faulty ID: %s", sum.Verdict)
	}
	if got := describe(calls[0]); !matches(got, c.first) {
		t.Errorf("first call: %s, want %s", got, c.first)
	}
	if len(calls) != c.calls || calls[0].State != c.state || sum.ExitCode != c.exit {
		t.Errorf("%d calls, state %s, exit %d (%s), want %d, %s, %d", len(calls), calls[0].State, sum.ExitCode, sum.Verdict, c.calls, c.state, c.exit)
	}
	h.vendor.SetFaults(simulator.Faults{})
	h.policy.RepeatInDoubt = batch.RepeatAlways
	time.Sleep(24 * time.Hour)
	if sum = h.night(night{}); sum.ExitCode != batch.ExitDone {
		t.Errorf("the clean night after it: %s", sum.Verdict)
	}
}

func describe(c store.CallRecord) string {
	parts := []string{string(c.Outcome), c.Cause, c.Code, string(c.Tag)}
	return strings.Join(strings.Fields(strings.Join(parts, " ")), " ")
}

// matches compares word by word; * stands for any word.
func matches(got, want string) bool {
	g, w := strings.Fields(got), strings.Fields(want)
	for i := range w {
		if len(g) != len(w) || w[i] != "*" && w[i] != g[i] {
			return false
		}
	}
	return true
}

// quietHistory is a history without anything random: one endpoint, id, at 100 calls a second.
func quietHistory(t *testing.T, dir string, cfg simulator.Config) *history {
	vendor, err := simulator.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return &history{t: t, seed: cfg.Seed, dir: dir, vendor: vendor, rate: 100, endpoints: []string{"id"}}
}

// list writes one list with n IDs, the extra ones in its middle.
func (h *history) list(n int, extra ...string) {
	var text strings.Builder
	text.WriteString("signatureId,livenessId,region\n")
	for i := range n {
		text.WriteString(row(h.seed, i))
		if i == n/2 {
			for _, id := range extra {
				fmt.Fprintf(&text, "%s,,ID\n", id)
			}
		}
	}
	name := filepath.Join(h.dir, "ids.csv")
	if err := os.WriteFile(name, []byte(text.String()), 0o600); err != nil {
		h.t.Fatal(err)
	}
	h.lists = []string{name}
}

// open opens the history's store for a look between nights.
func (h *history) open() *store.Store {
	s, err := store.OpenReader(context.Background(), filepath.Join(h.dir, "liverecon.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	return s
}

func (h *history) callsFor(id string) []store.CallRecord {
	s := h.open()
	defer s.Close() //nolint:errcheck // opened for reading
	var calls []store.CallRecord
	for _, c := range h.books(s).Calls {
		if c.Text == id {
			calls = append(calls, c)
		}
	}
	return calls
}

// TestTokenExpiresUnderway lets all tokens end while 50 workers are busy: exactly one new one is asked for.
func TestTokenExpiresUnderway(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: time.Second, TokenLatency: 200 * time.Millisecond})
		h.rate, h.concurrency = 1000, 50
		h.list(400)
		sum := h.night(night{revokeAfter: 2500 * time.Millisecond})
		tokens := 0
		for _, e := range h.vendor.Entries() {
			if e.Token {
				tokens++
			}
		}
		if tokens != 2 || sum.ExitCode != batch.ExitDone {
			t.Errorf("%d tokens asked for, want 2; %s", tokens, sum.Verdict)
		}
	})
}

// TestClockOff says by how much this clock is off when the vendor refuses its time.
func TestClockOff(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, ClockSkew: -10 * time.Minute})
		h.list(10)
		sum := h.night(night{})
		if sum.ExitCode != batch.ExitRefused || !strings.Contains(sum.Verdict, "10m0s ahead") {
			t.Errorf("exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		if n := len(h.vendor.Entries()); sum.Calls != 0 || n != 1 {
			t.Errorf("%d calls and %d requests, want none and the one for a token", sum.Calls, n)
		}
	})
}

// TestBalanceEndsUnderway stops the endpoint and finishes the next night.
func TestBalanceEndsUnderway(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond, Balance: -1})
		h.list(200)
		sum := h.night(night{balance: 60})
		if sum.ExitCode != batch.ExitRefused || sum.Paid != 60 || !strings.Contains(sum.Verdict, "INSUFFICIENT_BALANCE") {
			t.Errorf("exit %d, %d paid, %s", sum.ExitCode, sum.Paid, sum.Verdict)
		}
		h.vendor.SetBalance(-1)
		time.Sleep(24 * time.Hour)
		if sum = h.night(night{}); sum.ExitCode != batch.ExitDone {
			t.Errorf("next night: %s", sum.Verdict)
		}
	})
}

// TestWrongKey costs one call at the most, whatever the concurrency.
func TestWrongKey(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Faults: simulator.Faults{Down: map[string]simulator.Fault{"id": simulator.AccessDenied}}})
		h.list(200)
		sum := h.night(night{})
		if sum.ExitCode != batch.ExitRefused || sum.Calls > 1 {
			t.Errorf("exit %d after %d calls: %s", sum.ExitCode, sum.Calls, sum.Verdict)
		}
	})
}

// TestAllRefused stops an endpoint whose first answers all refuse their IDs: the configuration is wrong, not the IDs.
func TestAllRefused(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 10 * time.Millisecond, Faults: simulator.Faults{Script: func(_, id string, _ int) simulator.Fault {
			if id == "" {
				return ""
			}
			return simulator.ParamError
		}}})
		h.concurrency = 1
		h.list(200)
		sum := h.night(night{})
		if sum.ExitCode != batch.ExitRefused || sum.Calls != 5 || !strings.Contains(sum.Verdict, "refused the first 5 IDs") {
			t.Errorf("exit %d after %d calls: %s", sum.ExitCode, sum.Calls, sum.Verdict)
		}
	})
}

// TestHardlyAnyResult stops an endpoint of whose answers hardly any is a result, whatever came in front: what they cost is
// spent for nothing. One that has many is asked to the end, and the verdict says what was refused.
func TestHardlyAnyResult(t *testing.T) {
	for _, c := range []struct {
		name  string
		fault simulator.Fault
		good  int // of ten IDs
		code  int
		most  int64 // calls
		says  string
	}{
		{"refused, after some that are not", simulator.ParamError, 0, batch.ExitRefused, 42, "REFUSED: 42 of 300 answered, 0 in doubt, USD 0.14, id refused 37 of 41 IDs: PARAMETER_ERROR"},
		{"empty results", simulator.DataEmpty, 0, batch.ExitUnanswered, 42, "FEW RESULTS: 5 of 300 answered, 37 given up (37 empty results, 37 paid for), 0 in doubt, USD 1.435, id gave 4 results for 41 IDs: the last said SUCCESS"},
		{"a code of the vendor's own, paid", simulator.UnknownCodePaid, 0, batch.ExitUnanswered, 42, "FEW RESULTS: 5 of 300 answered, 37 given up (37 paid for), 0 in doubt, USD 1.435, id gave 4 results for 41 IDs: the last said "},
		{"half of them are refused", simulator.ParamError, 5, batch.ExitDone, 300, "IDs were refused"},
		{"half of them are empty", simulator.DataEmpty, 5, batch.ExitDone, 300, "DONE: "},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				asked := 0
				h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 10 * time.Millisecond, Faults: simulator.Faults{Script: func(_, id string, _ int) simulator.Fault {
					if id == "" {
						return ""
					}
					if asked++; asked <= 5 || asked%10 < c.good {
						return ""
					}
					return c.fault
				}}})
				h.concurrency = 1
				h.list(300)
				sum := h.night(night{})
				if sum.ExitCode != c.code || sum.Calls > c.most || !strings.Contains(sum.Verdict, c.says) {
					t.Errorf("exit %d after %d calls: %s; want %d, %q", sum.ExitCode, sum.Calls, sum.Verdict, c.code, c.says)
				}
				if c.code != batch.ExitDone && sum.Pending != 258 {
					t.Errorf("%d IDs are pending: %s", sum.Pending, sum.Verdict)
				}
			})
		})
	}
}

// TestSignalDrains stops a healthy night: what is in flight is paid for, so it is waited for and kept.
func TestSignalDrains(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 2 * time.Second})
		h.list(300)
		sum := h.night(night{stopAfter: 5 * time.Second})
		if sum.ExitCode != batch.ExitSignal || sum.Doubts != 0 || sum.Answered == 0 {
			t.Errorf("exit %d: %s", sum.ExitCode, sum.Verdict)
		}
		if sum = h.night(night{}); sum.ExitCode != batch.ExitDone || sum.Doubts != 0 {
			t.Errorf("the run after it: %s", sum.Verdict)
		}
		served := map[string]int{}
		for _, e := range h.vendor.Entries() {
			if served[e.ID]++; served[e.ID] > 1 && !e.Token {
				t.Errorf("%s was asked for %d times", e.ID, served[e.ID])
			}
		}
	})
}

// TestCapIsUsedUp spends a cap to the last call, whatever is in flight, and nothing more.
func TestCapIsUsedUp(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: time.Second})
		h.list(300)
		h.budget = 101
		sum := h.night(night{})
		if sum.ExitCode != batch.ExitStopped || sum.Paid != 101 || !strings.Contains(sum.Verdict, "spend_per_run of USD 3.535 reached;") {
			t.Errorf("exit %d, %d paid: %s", sum.ExitCode, sum.Paid, sum.Verdict)
		}
	})
}

// TestSignalWhileReadingLists is no failure: nothing was sent, and the next run begins again.
func TestSignalWhileReadingLists(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3})
		h.list(300)
		s, err := store.Open(context.Background(), filepath.Join(dir, "liverecon.db"))
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		stop()
		sum, err := batch.Run(ctx, h.job(s))
		if err != nil || sum.ExitCode != batch.ExitSignal || len(h.vendor.Entries()) != 0 {
			t.Errorf("exit %d, %s, error %v", sum.ExitCode, sum.Verdict, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if sum = h.night(night{}); sum.ExitCode != batch.ExitDone {
			t.Errorf("the run after it: %s", sum.Verdict)
		}
	})
}

// TestSlowCountryHoldsUpNobody compares a night of two countries, one of them hanging, with a night of one.
func TestSlowCountryHoldsUpNobody(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond, Faults: simulator.Faults{Down: map[string]simulator.Fault{"th": simulator.Timeout}}})
		h.endpoints = []string{"id", "th"}
		h.list(400)
		start := time.Now()
		sum := h.night(night{})
		var last time.Time
		for _, e := range h.vendor.Entries() {
			if e.Endpoint == "id" {
				last = e.At
			}
		}
		if took := last.Sub(start); took > 5*time.Second {
			t.Errorf("id took %s at 100 calls a second beside a hanging th (%s)", took, sum.Verdict)
		}
		if sum.ExitCode != batch.ExitPartial || !strings.Contains(sum.Verdict, "th not answering") {
			t.Errorf("exit %d: %s", sum.ExitCode, sum.Verdict)
		}
	})
}

// TestDailyQuota parks an endpoint that stays busy, and finishes the next day.
func TestDailyQuota(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond, DailyQuota: map[string]int{"": 150}})
		h.list(250)
		sum := h.night(night{})
		if sum.ExitCode != batch.ExitPartial || !strings.Contains(sum.Verdict, "id busy since 00:00") {
			t.Errorf("exit %d: %s", sum.ExitCode, sum.Verdict)
		}
		asked := len(h.vendor.Entries())
		time.Sleep(11 * time.Hour)
		if sum = h.night(night{}); sum.ExitCode != batch.ExitUnanswered || !strings.HasSuffix(sum.Verdict, ", id parked until 12:01 (id busy since 00:00); resumes next run") {
			t.Errorf("a second run of the day: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		if n := len(h.vendor.Entries()); n != asked {
			t.Errorf("a second run of the day made %d calls", n-asked)
		}
		h.askParked = true
		if sum = h.night(night{}); len(h.vendor.Entries()) == asked {
			t.Errorf("was asked for: %s", sum.Verdict)
		}
		h.askParked = false
		s, err := store.Open(context.Background(), filepath.Join(h.dir, "liverecon.db"))
		if err == nil { // by a run whose clock was a year ahead
			err = errors.Join(s.Endpoints().Remember(context.Background(), store.EndpointMemory{Endpoint: "id", ParkedReason: "id busy since 23:42",
				ParkedUntil: time.Now().AddDate(1, 0, 0), UpdatedAt: time.Now().AddDate(1, 0, 0)}), s.Close())
		}
		if err != nil {
			t.Fatal(err)
		}
		before := len(h.vendor.Entries())
		if sum = h.night(night{}); strings.Contains(sum.Verdict, "parked") || len(h.vendor.Entries()) == before {
			t.Errorf("parked for a year: exit %d, %s", sum.ExitCode, sum.Verdict)
		}
		time.Sleep(13 * time.Hour) // the vendor's next day begins sooner than half a day after the last run
		if sum = h.night(night{}); sum.ExitCode != batch.ExitDone {
			t.Errorf("next night: %s", sum.Verdict)
		}
	})
}

// TestRateIsUsed keeps at least 95 % of the allowed rate busy, and settles near a limit it was not told.
func TestRateIsUsed(t *testing.T) {
	for _, c := range []struct {
		name         string
		set, hidden  int
		away         float64 // share of calls that a gateway turns away
		least, calls float64
	}{
		{"set rate", 50, 0, 0, 0.95 * 50, 1000},
		{"hidden limit", 100, 30, 0, 0.75 * 30, 2000},
		{"hidden limit close to the set rate", 70, 60, 0, 0.75 * 60, 2400},
		{"a gateway that turns away one in twenty", 200, 0, 0.05, 150, 4000},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				latency := min(100*time.Millisecond, 10*time.Second/time.Duration(c.set)) // the calls in flight are few
				h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: latency, Rate: map[string]int{"": c.hidden}, BusyStyle: simulator.Busy429Bare})
				h.vendor.SetFaults(simulator.Faults{Probability: map[simulator.Fault]float64{simulator.Busy: c.away}})
				h.rate = float64(c.set)
				h.list(int(c.calls))
				start := time.Now()
				sum := h.night(night{})
				if rate := float64(sum.Planned) / time.Since(start).Seconds(); sum.ExitCode != batch.ExitDone || rate < c.least {
					t.Errorf("%.1f answers a second, want at least %.1f: %s", rate, c.least, sum.Verdict)
				}
			})
		})
	}
}

// TestPanicInWorker keeps the call in doubt, stops in order, and fails.
func TestPanicInWorker(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.list(100)
		s, err := store.Open(context.Background(), filepath.Join(dir, "liverecon.db"))
		if err != nil {
			t.Fatal(err)
		}
		job := h.job(s)
		calls := 0
		job.Endpoints[0].Client = h.clientOver("id", roundTrip(func(r *http.Request) (*http.Response, error) {
			if calls++; calls == 30 {
				httptrace.ContextClientTrace(r.Context()).GotConn(httptrace.GotConnInfo{})
				panic("a bug")
			}
			return h.vendor.Transport().RoundTrip(r)
		}))
		job.Endpoints[0].Concurrency = 1
		sum, err := batch.Run(t.Context(), job)
		if sum.ExitCode != batch.ExitFailed || err == nil || !strings.Contains(err.Error(), "panicked: a bug") {
			t.Errorf("exit %d, error %v", sum.ExitCode, err)
		}
		panicked := 0
		for _, c := range h.books(s).Calls {
			if c.Cause == "panic" && c.Outcome == store.Unanswered {
				panicked++
			}
		}
		if panicked != 1 {
			t.Errorf("%d calls in doubt for the panic, want 1", panicked)
		}
		if err := errors.Join(judge.Check(h.vendor.Entries(), h.books(s), false), s.Close()); err != nil {
			t.Error(err)
		}
		if sum := h.night(night{}); sum.ExitCode != batch.ExitDone {
			t.Errorf("the run after it: %s", sum.Verdict)
		}
	})
}

// TestPanicOutsideTheRequest ends the run in order as well: the program does not crash, the other calls are kept, and
// the next run makes up for it.
func TestPanicOutsideTheRequest(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		h.list(100)
		s, err := store.Open(context.Background(), filepath.Join(dir, "liverecon.db"))
		if err != nil {
			t.Fatal(err)
		}
		job := h.job(s)
		job.Log = slog.New(&panickyLog{Handler: slog.DiscardHandler, after: 20})
		sum, err := batch.Run(t.Context(), job)
		if sum.ExitCode != batch.ExitFailed || err == nil || !strings.Contains(err.Error(), "panicked: a bug in the log") {
			t.Errorf("exit %d, error %v", sum.ExitCode, err)
		}
		if err := errors.Join(judge.Check(h.vendor.Entries(), h.books(s), false), s.Close()); err != nil {
			t.Error(err)
		}
		if sum := h.night(night{}); sum.ExitCode != batch.ExitDone {
			t.Errorf("the run after it: %s", sum.Verdict)
		}
	})
}

// panickyLog panics at one of the lines about calls.
type panickyLog struct {
	slog.Handler
	after int32
	lines atomic.Int32
}

func (p *panickyLog) Enabled(context.Context, slog.Level) bool { return true }

func (p *panickyLog) Handle(_ context.Context, r slog.Record) error {
	if r.Message == "call" && p.lines.Add(1) == p.after {
		panic("a bug in the log")
	}
	return nil
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (h *history) clientOver(name string, transport http.RoundTripper) *liveness.Client {
	e, ok := liveness.Lookup(name)
	if !ok {
		h.t.Fatalf("no endpoint %s", name)
	}
	if h.way == plain || h.way == oneCall {
		e.ResultURL, e.TokenURL = onLoopback(name, e.ResultURL), onLoopback(name, e.TokenURL)
	}
	c, err := liveness.NewClient(e, liveness.Credentials{AccessKey: simulator.DefaultCredential.AccessKey, SecretKey: simulator.DefaultCredential.SecretKey},
		liveness.Options{Transport: transport, Timeout: 10 * time.Second})
	if err != nil {
		h.t.Fatal(err)
	}
	return c
}
