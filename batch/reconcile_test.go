package batch_test

import (
	"cmp"
	"context"
	"encoding/csv"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/shopspring/decimal"

	"liverecon/batch/billing"
	"liverecon/batch/liveness"
	"liverecon/batch/liveness/simulator"
	"liverecon/batch/reconcile"
	"liverecon/batch/statement"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

var reconciled = flag.Uint64("reconciled", 16, "how many seeded histories the tests of reconciling play")

// TestReconcileNights plays histories with every kind of fault over the turn of a month and reconciles them with what
// the vendor's own ledger says it charged. Every charge is matched or explains a doubt, and every doubt turns out as
// the ledger has it.
func TestReconcileNights(t *testing.T) {
	for seed := uint64(1); seed <= *reconciled; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(30*24*time.Hour + 2*time.Hour) // to the last day of a month
				h := newHistory(t, seed, dir)
				h.play()
				newAudit(h).run()
			})
		})
	}
}

// audit reconciles a history.
type audit struct {
	*history
	store  *store.Store
	job    reconcile.Task
	charge []simulator.Entry // the vendor's charges, in the order of serving

	// shifted counts the calls that have an answer to another question, or to none. The statement has their charges
	// under transactions of other calls, or of none: each may leave a row that is ours alone, and settle one doubt
	// wrongly.
	shifted int
}

func newAudit(h *history) *audit {
	s, err := store.Open(context.Background(), filepath.Join(h.dir, "liverecon.db"))
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			h.t.Error(err)
		}
	})
	prices, err := billing.NewBook(h.prices(), time.UTC)
	if err != nil {
		h.t.Fatal(err)
	}
	a := &audit{history: h, store: s, job: reconcile.Task{Store: s, Version: "test", Prices: prices, Zone: time.UTC, Basis: billing.PayTag, Edge: 24 * time.Hour,
		Window: 15 * time.Minute, Options: statement.Options{Zone: time.UTC, BillingZone: time.UTC, Endpoints: names(h.endpoints)}, Settings: func(*billing.Book) string { return "{}" }, SendsRegion: func(name string) bool { e, _ := liveness.Lookup(name); return e.RegionRequired }}}
	if h.perID {
		a.job.Basis = billing.DistinctID
	}
	for _, e := range h.vendor.Entries() {
		if e.Charged {
			a.charge = append(a.charge, e)
		}
	}
	a.shifted = h.shifted(s)
	return a
}

// shifted counts the answered calls whose transaction the vendor's ledger has for another ID, or not at all.
func (h *history) shifted(s *store.Store) (n int) {
	type question struct{ transaction, id string }
	asked := map[question]bool{}
	for _, e := range h.vendor.Entries() {
		if e.Untold {
			e.TransactionID = ""
		}
		asked[question{e.TransactionID, e.ID}] = true
	}
	for _, c := range h.books(s).Calls {
		if c.Outcome == store.Answered && !asked[question{c.TransactionID, c.Text}] {
			n++
		}
	}
	return n
}

func names(all []string) map[string]string {
	m := map[string]string{}
	for _, name := range all {
		m[name] = name
	}
	return m
}

func (a *audit) run() {
	if len(a.charge) == 0 {
		a.t.Log("nothing was charged")
		return
	}
	for _, month := range a.months(time.UTC) {
		a.reconcile(a.statement("clean-"+month, func(e simulator.Entry) bool { return e.At.Format("2006-01") == month }))
	}
	a.checkSettled()
	a.checkDoubts()
}

// months are those in which the vendor charged, on the clocks of a zone.
func (a *audit) months(zone *time.Location) []string {
	var all []string
	for _, e := range a.charge {
		all = append(all, e.At.In(zone).Format("2006-01"))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// statement writes the wanted charges as an itemised statement.
func (a *audit) statement(name string, wanted func(simulator.Entry) bool) string {
	rows := [][]string{{"transactionId", "time", "endpoint", "region", "pricing", "quantity", "unit price", "amount", "currency"}}
	for _, e := range a.charge {
		if wanted(e) {
			rows = append(rows, []string{e.TransactionID, e.At.Format("2006-01-02T15:04:05.000Z07:00"), e.Endpoint, e.Region, "PAY", "1", unitCost.String(), unitCost.String(), "USD"})
		}
	}
	return a.write(name, rows)
}

func (a *audit) write(name string, rows [][]string) string {
	file := filepath.Join(a.dir, name+".csv")
	f, err := os.Create(file)
	if err == nil {
		err = cmp.Or(csv.NewWriter(f).WriteAll(rows), f.Close())
	}
	if err != nil {
		a.t.Fatal(err)
	}
	return file
}

func (a *audit) reconcile(file string) *reconcile.Result {
	a.t.Helper()
	job := a.job
	job.Statement = file
	got, err := reconcile.Run(context.Background(), &job)
	if err != nil {
		a.t.Fatal(err)
	}
	for _, m := range got.Months {
		a.t.Log(m.Verdict)
		a.checkBridge(m)
	}
	return got
}

// checkBridge asserts that the steps lead from one end to the other exactly, sums on the way apart.
func (a *audit) checkBridge(m reconcile.Month) {
	a.t.Helper()
	var sum, theirs decimal.Decimal
	for _, b := range m.Result.Bridge {
		switch b.Step {
		case billing.StepTheirs:
			theirs = theirs.Add(b.Amount)
		case billing.StepOwed, billing.StepToDispute, billing.StepNotYetBilled:
		default:
			sum = sum.Add(b.Amount)
		}
	}
	if !sum.Equal(theirs) {
		a.t.Errorf("%s: the bridge leads to %s, theirs is %s", m.Month, sum, theirs)
	}
}

// checkSettled asserts that the standing reconciliations leave nothing open, and that their rows name every charge
// once.
func (a *audit) checkSettled() {
	a.t.Helper()
	snap := a.snapshot()
	defer a.close(snap)
	named, open := map[string]int{}, 0
	for _, month := range a.months(time.UTC) {
		r, err := snap.Reconciliations().Current(context.Background(), month)
		if err != nil || r == nil {
			a.t.Fatalf("reconciliation of %s: %v, %v", month, r, err)
		}
		err = snap.Reconciliations().Each(context.Background(), r.ID, false, 0, 1_000_000, func(row *accounts.ReconciledRow) error {
			named[row.TheirTransactionID]++
			switch billing.Class(row.Class) {
			case billing.Matched, billing.ExplainedByDoubt, billing.OtherPeriod:
			default:
				if open++; open > 2*a.shifted { // an envelope of nobody's is ours only, the answer that it pushed out theirs
					a.t.Errorf("%s: %+v", month, *row)
				}
			}
			return nil
		})
		if err != nil {
			a.t.Fatal(err)
		}
	}
	for _, e := range a.charge {
		if named[e.TransactionID] != 1 {
			a.t.Errorf("charge %s of %s stands in %d rows", e.TransactionID, e.At, named[e.TransactionID])
		}
	}
}

// checkDoubts compares what became of each call in doubt with the ledger. Of calls at the same instant, to the same
// endpoint, nobody can say which was charged: there the number must be right. Where an ID is charged once the same goes
// for its calls, and what is left of them in doubt can raise nothing.
func (a *audit) checkDoubts() {
	a.t.Helper()
	resolution := a.resolutions()
	last, err := billing.ParsePeriod(a.months(time.UTC)[len(a.months(time.UTC))-1])
	if err != nil {
		a.t.Fatal(err)
	}
	_, end := last.Bounds(time.UTC)
	type instant struct {
		at       time.Time
		endpoint string
		id       string // where an ID is charged once, and nothing else
	}
	when := func(at time.Time, endpoint, id string) instant {
		if a.perID {
			return instant{id: id}
		}
		return instant{at: at.Truncate(time.Millisecond), endpoint: endpoint}
	}
	charged, billed, difference := map[instant]int{}, map[instant]int{}, 0
	type account struct{ month, endpoint string }
	stated := map[account]bool{} // a statement settles nothing of an endpoint that it does not name
	for _, e := range a.charge {
		stated[account{e.At.Format("2006-01"), e.Endpoint}] = true
	}
	ours := map[string]bool{}   // transactions whose answers came with a tag
	unnamed := map[string]int{} // answers with a tag that name no transaction, by ID
	charges := map[string]bool{}
	calls := a.books(a.store).Calls
	for _, c := range calls {
		charges[c.Text] = charges[c.Text] || a.perID && (c.Tag == store.TagPay || resolution[c.CallID] == "billed")
	}
	for _, c := range calls {
		switch {
		case c.Outcome != store.Answered || c.Tag == store.TagUnknown:
		case c.TransactionID != "":
			ours[c.TransactionID] = true
		default:
			unnamed[c.Text]++
		}
		late := c.At.Add(a.job.Edge).UTC() // the next month's statement may bill it, too, if it names the endpoint
		waits := !c.At.Before(end.Add(-a.job.Edge)) || !stated[account{late.Format("2006-01"), c.Endpoint}]
		if c.Tag == store.TagUnknown && resolution[c.CallID] == "" && !waits && !charges[c.Text] && stated[account{c.At.UTC().Format("2006-01"), c.Endpoint}] {
			a.t.Errorf("call %d of %s is still in doubt", c.CallID, c.At)
		}
		if resolution[c.CallID] == "billed" {
			billed[when(c.At, c.Endpoint, c.Text)]++
			difference++
		}
	}
	for _, e := range a.charge {
		switch {
		case ours[e.TransactionID]:
		case e.Untold && unnamed[e.ID] > 0: // it came all the same
			unnamed[e.ID]--
		default:
			charged[when(e.At, e.Endpoint, e.ID)]++
			difference--
		}
	}
	if a.shifted > 0 { // which of several doubts it was nobody can say then
		if max(difference, -difference) > a.shifted {
			a.t.Errorf("%d more doubts are resolved as billed than the vendor charged, of %d answers that were shifted", difference, a.shifted)
		}
		return
	}
	for at, n := range charged {
		if billed[at] != n {
			a.t.Errorf("%v: the vendor charged %d calls in doubt, %d are resolved as billed", at, n, billed[at])
		}
	}
	for at, n := range billed {
		if charged[at] != n {
			a.t.Errorf("%v: %d calls in doubt are resolved as billed, the vendor charged %d", at, n, charged[at])
		}
	}
}

// resolutions returns what the standing reconciliations say of calls in doubt.
func (a *audit) resolutions() map[int64]string {
	snap := a.snapshot()
	defer a.close(snap)
	all := map[int64]string{}
	for _, month := range a.months(time.UTC) {
		r, err := snap.Reconciliations().Current(context.Background(), month)
		if err != nil || r == nil {
			a.t.Fatalf("reconciliation of %s: %v, %v", month, r, err)
		}
		found, err := snap.Reconciliations().Resolutions(context.Background(), r.ID)
		if err != nil {
			a.t.Fatal(err)
		}
		for _, s := range found {
			if s.Billed || all[s.CallID] == "" {
				all[s.CallID] = map[bool]string{true: "billed", false: "not billed"}[s.Billed]
			}
		}
	}
	return all
}

func (a *audit) snapshot() *snapshot.Snapshot {
	snap, err := snapshot.Open(context.Background(), a.store)
	if err != nil {
		a.t.Fatal(err)
	}
	return snap
}

func (a *audit) close(snap *snapshot.Snapshot) {
	if err := snap.Close(); err != nil {
		a.t.Error(err)
	}
}

// TestReconcileAnotherCutOff: the vendor ends its months eight hours before we do. The calls in between stand on the
// next month's statement; once both are there nothing is open.
func TestReconcileAnotherCutOff(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*60*60)
	for seed := uint64(1); seed <= max(6, *reconciled/4); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(29*24*time.Hour + 18*time.Hour)
				h := newHistory(t, seed, dir)
				h.play()
				a := newAudit(h)
				for _, month := range a.months(zone) {
					a.reconcile(a.statement("cut-"+month, func(e simulator.Entry) bool { return e.At.In(zone).Format("2006-01") == month }))
				}
				a.checkSettled()
				a.checkDoubts()
			})
		})
	}
}

// TestReconcileTotals: a statement of totals alone lies between our floor and our ceiling, and leaves nothing open.
func TestReconcileTotals(t *testing.T) {
	for seed := uint64(1); seed <= *reconciled; seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				h := newHistory(t, seed, dir)
				h.play()
				a := newAudit(h)
				if len(a.charge) == 0 {
					return
				}
				counts := map[[2]string]int64{} // by endpoint and region
				for _, e := range a.charge {
					counts[[2]string{e.Endpoint, e.Region}]++
				}
				rows := [][]string{{"month", "endpoint", "region", "quantity", "amount", "currency"}}
				for g, n := range counts {
					rows = append(rows, []string{"2000-01", g[0], g[1], strconv.FormatInt(n, 10), unitCost.Mul(decimal.NewFromInt(n)).String(), "USD"})
				}
				slices.SortFunc(rows[1:], slices.Compare)
				got := a.reconcile(a.write("totals", rows))
				for _, v := range got.Months[0].Result.Verdicts {
					if !v.Within {
						t.Errorf("%s", got.Months[0].Verdict)
					}
				}
			})
		})
	}
}

// TestDoubtSettledLate: January is closed when February's statement, cut off elsewhere, bills calls of January that
// were in doubt. January stays as it is; February bears them as corrections, once.
func TestDoubtSettledLate(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*60*60)
	var settled int
	for seed := uint64(1); seed <= max(6, *reconciled/4); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(30*24*time.Hour + 17*time.Hour) // after the vendor's month has ended, before ours has
				h := newHistory(t, seed, dir)
				h.play()
				a := newAudit(h)
				if !slices.Contains(a.months(zone), "2000-02") {
					return
				}
				a.closeMonth(time.January)
				a.job.Month = billing.Period{Year: 2000, Month: time.February} // in case no call of February is on it
				a.reconcile(a.statement("february", func(e simulator.Entry) bool { return e.At.In(zone).Format("2006-01") == "2000-02" }))
				settled += a.checkCorrections()
				if err := reconcile.BookCorrections(context.Background(), &a.job); err != nil {
					t.Fatal(err)
				}
				a.checkCorrections()
			})
		})
	}
	if settled == 0 {
		t.Error("no doubt of a closed month was ever settled: the test tests nothing")
	}
}

// TestBilledTwiceBesideAClosedMonth: February's statement, cut off elsewhere, bills the last calls of January, and
// February is closed. Then January's bills them as well: February stays as it is, and what is billed twice is said.
func TestBilledTwiceBesideAClosedMonth(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*60*60)
	said := int64(0)
	for seed := uint64(1); seed <= max(6, *reconciled/4); seed++ {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			dir := t.TempDir()
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(30*24*time.Hour + 17*time.Hour)
				h := newHistory(t, seed, dir)
				h.play()
				a := newAudit(h)
				month := func(e simulator.Entry, zone *time.Location, month string) bool {
					return e.At.In(zone).Format("2006-01") == month
				}
				var want int64
				same := true // the two statements are one file
				for _, e := range a.charge {
					january, february := month(e, time.UTC, "2000-01"), month(e, zone, "2000-02")
					same = same && january == february
					if january && february {
						want++
					}
				}
				if want == 0 || same {
					return
				}
				a.job.Month = billing.Period{Year: 2000, Month: time.February}
				a.reconcile(a.statement("february", func(e simulator.Entry) bool { return month(e, zone, "2000-02") }))
				a.closeMonth(time.February)
				a.job.Month = billing.Period{Year: 2000, Month: time.January}
				got := a.reconcile(a.statement("january", func(e simulator.Entry) bool { return month(e, time.UTC, "2000-01") }))
				again := got.Months[0].Result.Verdicts[0].Over // lines about doubts that February has settled
				for _, b := range got.Twice {
					again = again.Add(b.Amounts["USD"])
				}
				if !again.Equal(unitCost.Mul(decimal.NewFromInt(want))) {
					t.Errorf("%s is said to be billed twice, want %d calls: %+v", again, want, got.Twice)
				}
				said += want
			})
		})
	}
	if said == 0 {
		t.Error("nothing was ever billed twice: the test tests nothing")
	}
}

func (a *audit) closeMonth(month time.Month) {
	a.t.Helper()
	ctx := context.Background()
	period := billing.Period{Year: 2000, Month: month}
	from, to := period.Bounds(time.UTC)
	c, err := a.store.Months().Begin(ctx, accounts.Closure{Month: period.String(), ClosedAt: time.Now(), ClosedBy: "test", Settings: "{}"}, from, to)
	if err == nil {
		err = a.store.Months().Seal(ctx, c.ID, time.Now(), nil)
	}
	if err != nil {
		a.t.Fatal(err)
	}
	time.Sleep(time.Hour)
}

// checkCorrections compares the corrections that February bears with what its reconciliation settled of January.
func (a *audit) checkCorrections() (settled int) {
	a.t.Helper()
	ctx := context.Background()
	snap := a.snapshot()
	defer a.close(snap)
	february, err := snap.Reconciliations().Current(ctx, "2000-02")
	if err != nil || february == nil {
		a.t.Fatalf("reconciliation of February: %v, %v", february, err)
	}
	resolved, err := snap.Reconciliations().Resolutions(ctx, february.ID)
	if err != nil {
		a.t.Fatal(err)
	}
	calls := map[int64]store.CallRecord{}
	for _, c := range a.books(a.store).Calls {
		calls[c.CallID] = c
	}
	type account struct{ endpoint, region, currency string }
	want := map[account]int64{}
	for _, r := range resolved {
		c := calls[r.CallID]
		if r.Billed && c.At.UTC().Month() == time.January {
			want[account{c.Endpoint, c.Region, "USD"}]++
		}
	}
	sums, err := snap.Months().Corrections(ctx, "2000-02")
	if err != nil {
		a.t.Fatal(err)
	}
	got := map[account]int64{}
	for _, c := range sums {
		amount := unitCost.Mul(decimal.NewFromInt(c.Quantity)).String()
		if c.Kind == accounts.DoubtNotBilled && c.Quantity == 0 && c.Amount == "0" {
			continue
		}
		if c.Month != "2000-01" || c.Kind != accounts.DoubtBilled || c.Quantity != c.Calls || c.Amount != amount {
			a.t.Errorf("%+v", c)
		}
		got[account{c.Endpoint, c.Region, c.Currency}] += c.Calls
		settled += int(c.Calls)
	}
	if !maps.Equal(got, want) {
		a.t.Errorf("corrections of January are %v, want %v", got, want)
	}
	return settled
}
