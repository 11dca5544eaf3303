package deliver

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/report/digest"
	"liverecon/report/publish"
	"liverecon/store"
)

// office is a courier with a database, runs in it, and a directory and a webhook to deliver to.
type office struct {
	t *testing.T
	*Courier
	share    string
	down     atomic.Bool // the webhook's receiver
	told     []string
	findings int64 // of every page
	broken   error // pages cannot be made
}

func newOffice(t *testing.T, deliveries ...config.Delivery) *office {
	t.Helper()
	t.Setenv("TMPDIR", os.TempDir())
	s, err := store.Open(t.Context(), filepath.Join(t.TempDir(), "liverecon.db"))
	if err != nil {
		t.Fatal(err)
	}
	o := &office{t: t, share: t.TempDir()}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if o.down.Load() {
			http.Error(w, "down", http.StatusServiceUnavailable)
			return
		}
		var said struct{ Text string }
		if err := json.NewDecoder(r.Body).Decode(&said); err != nil {
			t.Error(err)
		}
		first, _, _ := strings.Cut(said.Text, "\n")
		o.told = append(o.told, first)
	}))
	t.Cleanup(func() {
		server.Close()
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	for i := range deliveries {
		d := &deliveries[i]
		d.Workbooks, d.MaxBytes = config.WorkbooksNone, 1<<20
		if d.Directory != "" {
			d.Directory = o.share
		} else {
			d.Webhook = &config.Webhook{URL: server.URL + secretPath, Format: config.WebhookSlack}
		}
	}
	o.Courier = &Courier{Store: s, Version: "1", Page: o.page,
		Config: &config.Config{Zone: time.UTC, BillingZone: time.UTC, Reports: t.TempDir(), Deliver: deliveries}}
	return o
}

func (o *office) page(_ context.Context, kind string, f publish.RiskFile) (digest.Page, error) {
	return digest.Page{Title: kind + " " + f.Period.Label, Findings: o.findings}, o.broken
}

// run makes a run that has ended.
func (o *office) run(exitCode int, verdict string) Run {
	o.t.Helper()
	id, _, err := o.Store.Runs().Open(o.t.Context(), "1", false)
	if err == nil {
		err = o.Store.Runs().Close(o.t.Context(), id, exitCode, verdict, nil)
	}
	if err != nil {
		o.t.Fatal(err)
	}
	return Run{ID: id, Started: time.Now(), Good: batch.Succeeded(exitCode), Verdict: verdict}
}

// ended is a run's end and what is delivered then.
func (o *office) ended(exitCode int, verdict string) []Outcome {
	o.t.Helper()
	o.made = nil // as of another process
	outcomes, err := o.AfterRun(o.t.Context(), o.run(exitCode, verdict))
	if err != nil {
		o.t.Fatal(err)
	}
	return outcomes
}

func states(outcomes []Outcome) (all []string) {
	for _, o := range outcomes {
		all = append(all, o.Recipient+" "+o.Page+" "+o.State)
	}
	return all
}

func (o *office) expect(what string, got, want []string) {
	o.t.Helper()
	if !slices.Equal(got, want) {
		o.t.Errorf("%s: %q, want %q", what, got, want)
	}
}

// TestConditions: always is after good runs and bad ones, findings when a page has some, failure after bad runs alone.
func TestConditions(t *testing.T) {
	o := newOffice(t, config.Delivery{Name: "a", When: config.WhenAlways, Pages: []string{config.PageRisk}, Directory: "share"},
		config.Delivery{Name: "b", When: config.WhenFindings, Pages: []string{config.PageRiskMonth, config.PageFinance}},
		config.Delivery{Name: "c", When: config.WhenFailure, Pages: []string{config.PageVerdict}})
	o.expect("a good night without findings", states(o.ended(batch.ExitDone, "DONE: all")), []string{"a risk sent"})
	o.findings = 2
	o.expect("a good night with some", states(o.ended(batch.ExitPartial, "PARTIAL: most")),
		[]string{"a risk sent", "b risk-month sent", "b finance sent"})
	o.findings = 0
	o.expect("a bad night", states(o.ended(batch.ExitStopped, "STOPPED: by a cap")), []string{"a risk sent", "c verdict sent"})
	if last := o.told[len(o.told)-1]; last != "*STOPPED · liverecon, run 3*" {
		t.Errorf("told %q", last)
	}
	if !strings.HasPrefix(o.told[0], "*risk ") || !strings.HasSuffix(o.told[0], ": 2 findings*") {
		t.Errorf("told %q", o.told[0])
	}
	if _, err := os.Stat(filepath.Join(o.share, "risk_"+time.Now().UTC().Format(time.DateOnly)+".html")); err != nil {
		t.Error(err)
	}
}

// TestOwedIsSentLater: what a receiver does not take is owed, sent by the next run before its own, and never twice.
func TestOwedIsSentLater(t *testing.T) {
	o := newOffice(t, config.Delivery{Name: "a", When: config.WhenAlways, Pages: []string{config.PageVerdict, config.PageRisk}})
	o.down.Store(true)
	outcomes := o.ended(batch.ExitDone, "DONE: one")
	o.expect("down", states(outcomes), []string{"a verdict owed", "a risk owed"})
	if outcomes[0].Error != "it answers HTTP 503 Service Unavailable" || outcomes[1].Error != outcomes[0].Error {
		t.Errorf("why: %+v", outcomes)
	}
	o.down.Store(false)
	o.expect("up again", states(o.ended(batch.ExitDone, "DONE: two")),
		[]string{"a verdict sent", "a risk sent", "a verdict sent", "a risk sent"})
	o.expect("told", o.told, []string{"*liverecon, run 1*", o.told[1], "*liverecon, run 2*", o.told[3]})
	if outcomes, err := o.SendOwed(t.Context(), nil); err != nil || len(outcomes) != 0 {
		t.Errorf("nothing is owed: %+v, %v", outcomes, err)
	}
	// Again by hand: of the newest run, of another, to some alone.
	for _, c := range []struct {
		run   int64
		names []string
		want  []string
	}{{0, nil, []string{"*liverecon, run 2*", o.told[1]}}, {1, []string{"a"}, []string{"*liverecon, run 1*", o.told[1]}}} {
		o.told = nil
		if err := o.OweAgain(t.Context(), c.run, c.names); err != nil {
			t.Fatal(err)
		}
		if _, err := o.SendOwed(t.Context(), c.names); err != nil {
			t.Fatal(err)
		}
		o.expect("again", o.told, c.want)
	}
	var usage *config.Error
	if err := o.OweAgain(t.Context(), 99, nil); !errors.As(err, &usage) || !strings.Contains(err.Error(), "nothing was to be sent of run 99") {
		t.Errorf("of a run that is not there: %v", err)
	}
	if err := o.Know([]string{"z"}); err == nil || !strings.Contains(err.Error(), "[deliver.z]") {
		t.Errorf("a name that is not there: %v", err)
	}
}

// TestGivenUp: a page is sent for a week, and not to a recipient that the configuration has no more.
func TestGivenUp(t *testing.T) {
	o := newOffice(t, config.Delivery{Name: "a", When: config.WhenAlways, Pages: []string{config.PageVerdict}},
		config.Delivery{Name: "b", When: config.WhenAlways, Pages: []string{config.PageVerdict}})
	o.down.Store(true)
	r := o.run(batch.ExitDone, "DONE")
	for _, d := range o.Config.Deliver {
		if err := o.Store.Runs().Deliveries().Owe(t.Context(), r.ID, time.Now().Add(-oweFor+time.Hour), o.due(t.Context(), d, r)); err != nil {
			t.Fatal(err)
		}
	}
	o.Config.Deliver = o.Config.Deliver[:1]
	outcomes, err := o.SendOwed(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	o.expect("within the week", states(outcomes), []string{"a verdict owed", "b verdict given up"})
	all, err := o.Store.Runs().Deliveries().OfRun(t.Context(), r.ID)
	if err != nil || len(all) != 2 || all[0].Tries != 1 || all[1].GivenUpAt.IsZero() {
		t.Fatalf("%+v, %v", all, err)
	}
	r = o.run(batch.ExitDone, "DONE")
	if err := o.Store.Runs().Deliveries().Owe(t.Context(), r.ID, time.Now().Add(-oweFor-time.Hour), o.due(t.Context(), o.Config.Deliver[0], r)); err != nil {
		t.Fatal(err)
	}
	for range 2 { // one that was never tried is tried once
		if outcomes, err = o.SendOwed(t.Context(), []string{"a"}); err != nil {
			t.Fatal(err)
		}
	}
	if last := outcomes[len(outcomes)-1]; last.State != GivenUp || !strings.Contains(last.Error, "not taken for a week: it answers HTTP 503") {
		t.Errorf("%+v", last)
	}
}

// TestNothingFailsTheRun: pages that cannot be made, and a time that is up, leave all of it owed.
func TestNothingFailsTheRun(t *testing.T) {
	o := newOffice(t, config.Delivery{Name: "a", When: config.WhenFindings, Pages: []string{config.PageRisk}})
	o.broken = errors.New("disk is full")
	outcomes := o.ended(batch.ExitDone, "DONE: one")
	o.expect("no page", states(outcomes), []string{"a risk owed"})
	if outcomes[0].Error != "make its page: disk is full" {
		t.Errorf("%+v", outcomes)
	}
	o.broken, o.findings = nil, 1
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if outcomes, err := o.AfterRun(ctx, o.run(batch.ExitSignal, "STOPPED: by a signal")); err != nil || len(outcomes) != 0 {
		t.Errorf("stopped: %+v, %v", outcomes, err)
	}
	outcomes, err := o.SendOwed(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	o.expect("later", states(outcomes), []string{"a risk sent", "a risk sent"})
}

// TestTest: a test goes to those named, needs no database, and says that it is one.
func TestTest(t *testing.T) {
	o := newOffice(t, config.Delivery{Name: "a", When: config.WhenAlways, Pages: []string{config.PageRisk}},
		config.Delivery{Name: "b", When: config.WhenFailure, Pages: []string{config.PageVerdict}, Directory: "share"})
	c := &Courier{Config: o.Config}
	o.expect("both", states(c.Test(t.Context(), nil)), []string{"a test sent", "b test sent"})
	o.expect("told", o.told, []string{"*A test of liverecon's delivery*"})
	o.down.Store(true)
	o.expect("down", states(c.Test(t.Context(), []string{"a"})), []string{"a test not sent"})
}

// A page is about the month that its workbook is about: the business's, or the contract's, which may begin on any day.
func TestPeriodOf(t *testing.T) {
	zone := time.FixedZone("UTC+8", 8*3600)
	began := time.Date(2026, 11, 30, 22, 0, 0, 0, time.UTC) // the 1st of December there
	for _, test := range []struct {
		page   string
		starts int
		want   string
	}{
		{config.PageRisk, 26, "2026-12-01"}, {config.PageRiskMonth, 26, "2026-12"}, {config.PageFinance, 1, "2026-12"},
		{config.PageFinance, 26, "2026-12"}, {config.PageFinance, 1, "2026-12"}, {config.PageVerdict, 26, ""},
	} {
		c := &Courier{Config: &config.Config{Zone: zone, BillingZone: zone, MonthStarts: test.starts}}
		if got := c.periodOf(test.page, began); got != test.want {
			t.Errorf("%s of months that start on day %d: %s, want %s", test.page, test.starts, got, test.want)
		}
	}
	c := &Courier{Config: &config.Config{Zone: zone, BillingZone: zone, MonthStarts: 26}}
	if got := c.periodOf(config.PageFinance, began.AddDate(0, 0, -3)); got != "2026-12" {
		t.Errorf("the 28th of November is of %s, want 2026-12", got)
	}
	if got := c.periodOf(config.PageRiskMonth, began.AddDate(0, 0, -3)); got != "2026-11" {
		t.Errorf("to the business it is of %s, want 2026-11", got)
	}
}
