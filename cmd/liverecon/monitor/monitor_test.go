package monitor

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"liverecon/batch"
	"liverecon/batch/list"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/internal/cmdtest"
	"liverecon/store"
)

// monitor records what it is told.
type monitor struct {
	*httptest.Server
	mu   sync.Mutex
	told []string
}

func newMonitor(t *testing.T, answer http.HandlerFunc) *monitor {
	t.Helper()
	m := &monitor{}
	m.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			return // the run did not wait
		}
		m.mu.Lock()
		m.told = append(m.told, strings.TrimSpace(r.Method+" "+r.URL.String()+" "+string(body)))
		m.mu.Unlock()
		answer(w, r)
	}))
	t.Cleanup(m.Close)
	return m
}

func (m *monitor) heard() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	return slices.Clone(m.told)
}

func fine(http.ResponseWriter, *http.Request) {}

func TestPings(t *testing.T) {
	m := newMonitor(t, fine)
	for _, c := range []struct {
		notify  config.Notify
		err     error
		summary batch.Summary
		want    []string
	}{
		{config.Notify{PingURL: m.URL + "/key?a=b"}, nil, batch.Summary{Verdict: "DONE: all"}, []string{"POST /key/start?a=b", "POST /key?a=b DONE: all"}},
		{config.Notify{PingURL: m.URL + "/key"}, &config.Error{Code: batch.ExitPartial, Err: config.ErrSilent, Hint: ""}, batch.Summary{ExitCode: batch.ExitPartial, Verdict: "PARTIAL: some"}, []string{"POST /key/start", "POST /key PARTIAL: some"}},
		{config.Notify{PingURL: m.URL + "/key/"}, &config.Error{Code: batch.ExitStopped, Err: config.ErrSilent, Hint: ""}, batch.Summary{ExitCode: batch.ExitStopped, Verdict: "STOPPED: cap"}, []string{"POST /key/start", "POST /key/fail STOPPED: cap"}},
		{config.Notify{PingURL: m.URL + "/key"}, &config.Error{Code: batch.ExitRejected, Err: config.ErrSilent, Hint: ""}, batch.Summary{ExitCode: batch.ExitRejected, Verdict: "BAD LISTS: one"}, []string{"POST /key/start", "POST /key/fail BAD LISTS: one"}},
		{config.Notify{PingURL: m.URL + "/key"}, &config.Error{Code: batch.ExitUnanswered, Err: config.ErrSilent, Hint: ""}, batch.Summary{ExitCode: batch.ExitUnanswered, Verdict: "NO ANSWER: 0 of 5"}, []string{"POST /key/start", "POST /key/fail NO ANSWER: 0 of 5"}},
		{config.Notify{PingURL: m.URL + "/key", PingFailure: m.URL + "/other"}, config.Usage("hint", "bad list"), batch.Summary{}, []string{"POST /key/start", "POST /other REFUSED INPUT: bad list"}},
		{config.Notify{PingFailure: m.URL + "/other"}, errors.Join(errors.New("one"), errors.New("two")), batch.Summary{}, []string{"POST /other FAILED: one (and 1 more)"}},
		{config.Notify{PingFailure: m.URL + "/other"}, nil, batch.Summary{Verdict: "DONE: all"}, nil},
		{config.Notify{}, errors.New("one"), batch.Summary{}, nil},
		// The run went well, what came after it did not.
		{config.Notify{PingURL: m.URL + "/key"}, &config.Error{Code: batch.ExitFailed, Err: errors.New("retention: disk gone"), Hint: ""}, batch.Summary{Verdict: "DONE: all"}, []string{"POST /key/start", "POST /key/fail FAILED: retention: disk gone; the run itself came to DONE: all"}},
		// The run that has the lock tells.
		{config.Notify{PingURL: m.URL + "/key"}, &config.Error{Code: batch.ExitLocked, Err: errors.New("locked"), Hint: ""}, batch.Summary{}, []string{"POST /key/start"}},
	} {
		m.told = nil
		n := New(&config.Config{Notify: c.notify}, Sources{}, slog.New(slog.DiscardHandler))
		n.ping.start()
		if n.ping.begun != nil {
			<-n.ping.begun
		}
		n.End(t.Context(), c.summary, c.err)
		if got := m.heard(); !slices.Equal(got, c.want) {
			t.Errorf("%v, %v: told %q, want %q", c.notify, c.err, got, c.want)
		}
	}
}

// Whatever a monitor does, a run waits for it a few seconds at most, and its URL is not logged.
func TestPingsNeverHoldUpARun(t *testing.T) {
	forever := make(chan struct{})
	hanging := newMonitor(t, func(http.ResponseWriter, *http.Request) { <-forever })
	t.Cleanup(func() { close(forever) })
	elsewhere := newMonitor(t, fine)
	moved := newMonitor(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, elsewhere.URL+"/stolen", http.StatusTemporaryRedirect)
	})
	broken := newMonitor(t, func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) })
	nobody := newMonitor(t, fine)
	nobody.Close()
	for name, c := range map[string]struct{ url, complaint string }{
		"hangs":     {hanging.URL, "context deadline exceeded"},
		"redirects": {moved.URL, "it redirects, which is not followed"},
		"breaks":    {broken.URL, "it answers HTTP 502"},
		"is away":   {nobody.URL, "connection refused"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			n := New(&config.Config{Notify: config.Notify{PingURL: c.url + "/canary-ping-key"}}, Sources{}, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
			ctx, cancel := context.WithTimeout(t.Context(), 3*pingPatience)
			defer cancel()
			ended := make(chan struct{})
			go func() {
				n.ping.start()
				n.End(ctx, batch.Summary{}, nil)
				close(ended)
			}()
			select {
			case <-ended:
			case <-ctx.Done():
				t.Fatal("the run is held up")
			}
			if text := log.String(); strings.Contains(text, "canary") || !strings.Contains(text, c.complaint) {
				t.Errorf("log %q, want %q and no key", text, c.complaint)
			}
		})
	}
	t.Cleanup(func() {
		if told := elsewhere.heard(); len(told) > 0 {
			t.Errorf("a redirect was followed: %q", told)
		}
	})
}

// A network that stumbles once is asked again.
func TestPingIsTriedAgain(t *testing.T) {
	first := true
	m := newMonitor(t, func(w http.ResponseWriter, _ *http.Request) {
		if first {
			w.WriteHeader(http.StatusBadGateway)
		}
		first = false
	})
	var log bytes.Buffer
	p := newPinger(config.Notify{PingURL: m.URL + "/key"}, nil, "test", slog.New(slog.NewTextHandler(&log, nil)))
	p.end(t.Context(), true, "DONE")
	if told := m.heard(); len(told) != 2 || log.Len() > 0 {
		t.Errorf("told %q, log %q", told, log.String())
	}
}

// metricsOf parses a metrics file as Prometheus does: its sums by metric and labels.
func metricsOf(t *testing.T, file string) map[string]float64 {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close() //nolint:errcheck // opened for reading
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(f)
	if err != nil {
		t.Fatal(err)
	}
	values := map[string]float64{}
	for name, family := range families {
		if family.GetHelp() == "" {
			t.Errorf("%s has no help", name)
		}
		for _, m := range family.GetMetric() {
			key := name
			for _, l := range m.GetLabel() {
				key += " " + l.GetName() + "=" + l.GetValue()
			}
			values[key] = m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	return values
}

// reading returns sources that read the configuration's database.
func reading(c *config.Config) Sources {
	return Sources{Version: "test", Open: func(ctx context.Context) (*store.Store, func() error, error) {
		s, err := store.OpenReader(ctx, c.Database)
		if err != nil {
			return nil, nil, err
		}
		return s, s.Close, nil
	}}
}

func TestMetricsFile(t *testing.T) {
	ctx := t.Context()
	dir := t.TempDir()
	c, err := config.Parse("t", dir, []byte("[backup]\ndirectory = \"copies\"\n[notify]\nmetrics_file = \"m.prom\"\n[endpoint.id]\n[endpoint.sg]\n[[price]]\nendpoint = \"id\"\nfrom = 2020-01-01\ncurrency = \"USD\"\nunit = \"0.03\"\n"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(ctx, c.Database)
	if err != nil {
		t.Fatal(err)
	}
	cmdtest.MakeCalls(t, s, map[string]int{"id ID": 6})
	now := time.Now()
	var copied time.Time
	from := reading(c)
	from.NewestBackup = func() (time.Time, error) { return copied, nil }
	n := New(c, from, slog.New(slog.DiscardHandler))
	n.metrics(ctx, ending{now.Add(-90 * time.Second), now, batch.ExitPartial, batch.Summary{Rejected: 7, Unmended: []store.List{{Rejected: 4}, {Rejected: 1}}, Aside: make([]*list.Error, 2), Empty: 5, Scoreless: 6, Repeated: 3}})
	got := metricsOf(t, c.Notify.MetricsFile)
	for key, want := range map[string]float64{
		"liverecon_last_run_exit_code": 3, "liverecon_last_run_duration_seconds": 90, "liverecon_calls_in_doubt": 2,
		"liverecon_calls_total endpoint=id outcome=answered tag=pay":       4,
		"liverecon_calls_total endpoint=id outcome=unanswered tag=unknown": 2,
		"liverecon_spend period=month currency=USD bound=min":              0.12,
		"liverecon_spend period=month currency=USD bound=max":              0.18,
		"liverecon_pending_ids endpoint=sg":                                0,
		"liverecon_in_doubt_ids endpoint=id":                               2,
		"liverecon_oldest_pending_age_seconds endpoint=id":                 0,
		"liverecon_endpoint_quota_used_up endpoint=sg":                     0,
		"liverecon_oldest_open_age_seconds endpoint=sg":                    0,
		"liverecon_given_up_paid_ids endpoint=id":                          0,
		"liverecon_rejected_rows":                                          12,
		"liverecon_lists_set_aside":                                        2,
		"liverecon_empty_results":                                          5,
		"liverecon_repeated_answers":                                       3,
		"liverecon_done_without_score_ids":                                 6,
		"liverecon_no_score_ids":                                           0,
		"liverecon_suspect_ids":                                            0,
		"liverecon_deliveries_owed":                                        0,
		"liverecon_newest_backup_timestamp_seconds":                        0,
		successMetric: float64(now.UnixMilli()) / 1000,
	} {
		if value, there := got[key]; !there || value != want {
			t.Errorf("%s is %v (%v), want %v", key, value, there, want)
		}
	}
	if info, err := os.Stat(c.Notify.MetricsFile); err != nil || info.Mode().Perm() != 0o644 {
		t.Errorf("mode %v, %v, want that the collector can read it", info.Mode(), err)
	}

	// They follow what they tell of.
	made := time.Date(2026, 11, 20, 1, 2, 3, 0, time.UTC)
	copied = made
	cmdtest.ExecSQL(t, c.Database, "UPDATE lists SET read_at = read_at - 86400000", "UPDATE checks SET state = 'given_up' WHERE state = 'done'")
	n.metrics(ctx, ending{now, now, batch.ExitDone, batch.Summary{}})
	got = metricsOf(t, c.Notify.MetricsFile)
	for key, want := range map[string]float64{"liverecon_newest_backup_timestamp_seconds": float64(made.Unix()), "liverecon_given_up_paid_ids endpoint=id": 4,
		"liverecon_rejected_rows": 0, "liverecon_lists_set_aside": 0, "liverecon_oldest_pending_age_seconds endpoint=id": 0} {
		if got[key] != want {
			t.Errorf("%s is %v, want %v", key, got[key], want)
		}
	}
	if age := got["liverecon_oldest_open_age_seconds endpoint=id"]; age < 86000 || age > 87000 { // two are in doubt
		t.Errorf("the oldest open ID is %v s old, want a day", age)
	}

	// Without its database a failed run still says that it failed, and when the last one did not.
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(c.Database, []byte("scribbled over"), 0o600); err != nil {
		t.Fatal(err)
	}
	n.metrics(ctx, ending{now, now.Add(time.Hour), batch.ExitFailed, batch.Summary{}})
	got = metricsOf(t, c.Notify.MetricsFile)
	if _, there := got["liverecon_calls_in_doubt"]; there || got["liverecon_last_run_exit_code"] != 1 || got[successMetric] != float64(now.UnixMilli())/1000 {
		t.Errorf("metrics of a failed run: %v", got)
	}
	if left, err := filepath.Glob(filepath.Join(dir, ".*")); err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
}

// Label values are quoted as the format wants it, and hold no end of a line.
func TestMetricLabels(t *testing.T) {
	var e exposition
	e.family("m", "gauge", "Help.")
	e.sample("m", "1", "a", "quote \" slash \\ line \n end")
	file := filepath.Join(t.TempDir(), "m.prom")
	if err := os.WriteFile(file, []byte(e.text.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	e.sample("m", "1", "a", cmdtest.Hostile)
	cmdtest.Harmless(t, "metrics", e.text.String())
	if got := metricsOf(t, file); got["m a=quote \" slash \\ line \\n end"] != 1 {
		t.Errorf("parsed %v", got)
	}
}

// Every failure with an exit code of its own leaves the time of the last success where it was.
func TestLastSuccessIsLeft(t *testing.T) {
	ctx := t.Context()
	c, err := config.Parse("t", t.TempDir(), []byte("[notify]\nmetrics_file = \"m.prom\"\n[endpoint.id]\n"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(ctx, c.Database)
	if err != nil {
		t.Fatal(err)
	}
	n := New(c, reading(c), slog.New(slog.DiscardHandler))
	end := func(code int) float64 {
		run, _, err := s.Runs().Open(ctx, "test", false)
		if err == nil {
			err = s.Runs().Close(ctx, run, code, "", nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Millisecond) // the reports
		n.metrics(ctx, ending{time.Now(), time.Now(), code, batch.Summary{RunID: run, ExitCode: code}})
		return metricsOf(t, c.Notify.MetricsFile)[successMetric]
	}
	good := end(batch.ExitDone)
	for _, code := range []int{batch.ExitFailed, batch.ExitStopped, batch.ExitRejected, batch.ExitUnanswered, batch.ExitInput, batch.ExitRefused, batch.ExitSignal} {
		time.Sleep(2 * time.Millisecond)
		if at := end(code); at != good {
			t.Errorf("exit code %d: last success %v, want that of the good run, %v", code, at, good)
		}
	}
	time.Sleep(2 * time.Millisecond)
	if at := end(batch.ExitPartial); at <= good {
		t.Errorf("exit code 3: last success %v, want a later one than %v", at, good)
	}
	if err := os.WriteFile(c.Notify.MetricsFile, []byte(successMetric+" 99999999999.000\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if at := end(batch.ExitFailed); at > float64(time.Now().UnixMilli())/1000 || at < good {
		t.Errorf("a file of the future: last success %v, want a time since %v", at, good)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}
