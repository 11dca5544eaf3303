package monitor

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/usage"
	"liverecon/cmd/liverecon/clean"
	"liverecon/cmd/liverecon/config"
	"liverecon/store"
	"liverecon/store/disk"
	"liverecon/store/held"
)

// exposition represents a file in Prometheus's text format, as node_exporter's textfile collector reads it.
// https://prometheus.io/docs/instrumenting/exposition_formats/
type exposition struct{ text strings.Builder }

// family begins a metric; its samples follow.
func (e *exposition) family(name, kind, help string) {
	fmt.Fprintf(&e.text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind)
}

var labelEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// sample writes one value; labels are names and values in turn.
func (e *exposition) sample(name, value string, labels ...string) {
	e.text.WriteString(name)
	for i := 0; i+1 < len(labels); i += 2 {
		sep := ","
		if i == 0 {
			sep = "{"
		}
		fmt.Fprintf(&e.text, `%s%s="%s"`, sep, labels[i], labelEscapes.Replace(clean.Text(labels[i+1])))
	}
	if len(labels) > 0 {
		e.text.WriteString("}")
	}
	fmt.Fprintf(&e.text, " %s\n", value)
}

// single writes a metric of one value.
func (e *exposition) single(name, help, value string) {
	e.family(name, "gauge", help)
	e.sample(name, value)
}

func whole(n int64) string { return strconv.FormatInt(n, 10) }

func seconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'f', 3, 64) }

func unixSeconds(t time.Time) string {
	if t.IsZero() {
		return "0"
	}
	return strconv.FormatFloat(float64(t.UnixMilli())/1000, 'f', 3, 64)
}

const successMetric = "liverecon_last_success_timestamp_seconds"

// ending represents the outcome of an execution of run, also of one that failed before it had a row.
type ending struct {
	started, ended time.Time
	exitCode       int
	summary        batch.Summary
}

// about writes what is known of the run itself.
func (e *exposition) about(end ending, version, lastSuccess string) {
	e.family("liverecon_build_info", "gauge", "Version of the program that wrote this file.")
	e.sample("liverecon_build_info", "1", "version", version)
	e.single("liverecon_last_run_timestamp_seconds", "When the last run ended.", unixSeconds(end.ended))
	e.single("liverecon_last_run_duration_seconds", "How long the last run took, reports included.",
		seconds(end.ended.Sub(end.started)))
	e.single("liverecon_last_run_exit_code", "Exit code of the last run.", strconv.Itoa(end.exitCode))
	e.single("liverecon_rejected_rows", "Rows of lists that the last run rejected, or that stand rejected in unchanged "+
		"lists for which it ended with 5.", whole(end.summary.Rejected+end.summary.StillRejected()))
	e.single("liverecon_lists_set_aside", "Lists that the last run could not take.",
		strconv.Itoa(len(end.summary.Aside)))
	e.single("liverecon_empty_results", "Answers of the last run with SUCCESS and nothing in them: their IDs "+
		"were given up.", whole(end.summary.Empty))
	e.single("liverecon_done_without_score_ids", "IDs that the last run made done without a score.",
		whole(end.summary.Scoreless))
	e.single("liverecon_repeated_answers",
		"Answers of the last run that repeat a transaction ID, and were not believed.", whole(end.summary.Repeated))
	e.single(successMetric, "When the last run with exit code 0 or 3 ended; 0 for never.", lastSuccess)
}

// books writes what the database says.
func (e *exposition) books(ctx context.Context, c *config.Config, s *store.Store, end ending) error {
	return errors.Join(e.open(ctx, c, s, end.ended), e.answers(ctx, s), e.givenUp(ctx, c, s), e.calls(ctx, s),
		e.money(ctx, c, s, end), e.rates(ctx, c, s))
}

func (e *exposition) open(ctx context.Context, c *config.Config, s *store.Store, now time.Time) error {
	backlog, err := s.Checks().Backlog(ctx)
	if err != nil {
		return err
	}
	oldest, err := s.Checks().OldestPending(ctx)
	if err != nil {
		return err
	}
	for _, m := range []struct {
		name, help string
		state      store.State
	}{{"liverecon_pending_ids", "IDs that wait to be asked.", store.Pending},
		{"liverecon_in_doubt_ids", "IDs whose last answer was lost.", store.InDoubt}} {
		open := map[string]int64{}
		for _, b := range backlog {
			if b.State == m.state {
				open[b.Endpoint] += b.Checks
			}
		}
		e.family(m.name, "gauge", m.help)
		for _, name := range withConfigured(c, open) {
			e.sample(m.name, whole(open[name]), "endpoint", name)
		}
	}
	if err := e.held(ctx, c, s); err != nil {
		return err
	}
	e.ages(c, "liverecon_oldest_pending_age_seconds",
		"How long ago the list was read in which the longest waiting ID stands; 0 when none waits.", oldest, now)
	if oldest, err = s.Checks().OldestOpen(ctx); err != nil {
		return err
	}
	e.ages(c, "liverecon_oldest_open_age_seconds",
		"The same for IDs that are pending or in doubt; 0 when none is open.", oldest, now)
	return nil
}

// ages writes how long ago something was, by endpoint.
func (e *exposition) ages(c *config.Config, name, help string, since map[string]time.Time, now time.Time) {
	e.family(name, "gauge", help)
	for _, endpoint := range withConfigured(c, since) {
		age := time.Duration(0)
		if at, waits := since[endpoint]; waits {
			age = max(0, now.Sub(at))
		}
		e.sample(name, seconds(age), "endpoint", endpoint)
	}
}

// givenUp writes what was paid for nothing so far.
func (e *exposition) givenUp(ctx context.Context, c *config.Config, s *store.Store) error {
	paid, err := s.Checks().GivenUpPaid(ctx)
	if err != nil {
		return err
	}
	const name = "liverecon_given_up_paid_ids"
	e.family(name, "gauge", "IDs that were given up though an answer for them was paid for: a person decides.")
	for _, endpoint := range withConfigured(c, paid) {
		e.sample(name, whole(paid[endpoint]), "endpoint", endpoint)
	}
	return nil
}

// held counts what is not asked because an older copy of the database may have lost that it was.
func (e *exposition) held(ctx context.Context, c *config.Config, s *store.Store) error {
	still, err := s.Checks().Held(ctx)
	if err != nil {
		return err
	}
	released, err := s.Checks().Released(ctx)
	if err != nil {
		return err
	}
	erased := slices.Clone(released)
	for i := range released {
		erased[i].Checks = released[i].Erased
		released[i].Checks -= released[i].Erased
	}
	for _, m := range []struct {
		name, help string
		ids        []held.IDs
	}{{"liverecon_held_ids", "IDs that may have been paid for in what an older copy lost, and wait for a person.", still},
		{"liverecon_released_ids", "IDs that were held so and are no longer: each may have been paid for once then, " +
			"besides what asking again costs.", released},
		{"liverecon_erased_held_ids", "IDs that were held so and were erased: each may have been paid for once then.",
			erased}} {
		ids := map[string]int64{}
		for _, h := range m.ids {
			ids[h.Endpoint] += h.Checks
		}
		e.family(m.name, "gauge", m.help)
		for _, endpoint := range withConfigured(c, ids) {
			e.sample(m.name, whole(ids[endpoint]), "endpoint", endpoint)
		}
	}
	lost, err := s.Checks().LostCalls(ctx)
	var calls int64
	for _, l := range lost {
		calls += l.Calls
	}
	e.single("liverecon_lost_calls", "Calls that an older copy is known to have lost, and for which no ID was held.",
		whole(calls))
	return err
}

// withConfigured returns the endpoints that are configured or have something, in alphabetical order.
func withConfigured[V any](c *config.Config, has map[string]V) []string {
	names := slices.Collect(maps.Keys(has))
	for _, e := range c.Endpoints {
		names = append(names, e.Name)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (e *exposition) calls(ctx context.Context, s *store.Store) error {
	totals, err := s.Calls().Totals(ctx)
	if err != nil {
		return err
	}
	doubts, err := s.Calls().InDoubt(ctx)
	if err != nil {
		return err
	}
	const name = "liverecon_calls_total"
	e.family(name, "counter", "Calls by outcome, and by what the vendor's tag says they cost.")
	for _, t := range totals {
		e.sample(name, whole(t.Calls), "endpoint", t.Endpoint, "outcome", string(t.Outcome), "tag", string(t.Tag))
	}
	e.single("liverecon_calls_in_doubt", "Calls that may have been charged without our knowing.", whole(doubts))
	return nil
}

func (e *exposition) money(ctx context.Context, c *config.Config, s *store.Store, end ending) error {
	known, err := usage.Read(ctx, s, c.Prices, c.BillingZone, end.ended)
	if err != nil {
		return err
	}
	meter := known.Meter(c.Caps, end.ended)
	periods := []struct {
		period string
		spent  billing.Range
	}{{"run", end.summary.Spent}, {"day", meter.Day()}, {"month", meter.Month()}}
	const name, unpriced = "liverecon_spend", "liverecon_spend_unpriced_calls"
	e.family(unpriced, "gauge", "Calls without a price, with every call in doubt counted: they are missing in "+
		"liverecon_spend.")
	for _, p := range periods {
		e.sample(unpriced, whole(p.spent.Unpriced), "period", p.period)
	}
	e.family(name, "gauge", "Spend of the last run and of the billing day and month so far, at least (min) and "+
		"with every call in doubt paid (max).")
	for _, p := range periods {
		for _, currency := range slices.Sorted(maps.Keys(p.spent.Ceiling)) {
			e.sample(name, p.spent.Floor[currency].String(), "period", p.period, "currency", currency, "bound", "min")
			e.sample(name, p.spent.Ceiling[currency].String(), "period", p.period, "currency", currency, "bound", "max")
		}
	}
	return nil
}

func (e *exposition) rates(ctx context.Context, c *config.Config, s *store.Store) error {
	memories, err := s.Endpoints().Memories(ctx)
	if err != nil {
		return err
	}
	e.family("liverecon_endpoint_rate", "gauge", "Calls a second that the endpoint settled at.")
	for _, name := range slices.Sorted(maps.Keys(memories)) {
		e.sample("liverecon_endpoint_rate", strconv.FormatFloat(memories[name].Rate, 'f', 3, 64), "endpoint", name)
	}
	e.family("liverecon_endpoint_quota_used_up", "gauge",
		"1 when the endpoint was left for the night because it stayed busy.")
	for _, name := range withConfigured(c, memories) {
		e.sample("liverecon_endpoint_quota_used_up", strconv.Itoa(btoi(memories[name].ParkedReason != "")), "endpoint",
			name)
	}
	return nil
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// newMetrics fills the metrics file. s is nil when the database cannot be read: then it tells of the run alone.
func (n *Notifier) newMetrics(ctx context.Context, s *store.Store, end ending) (*exposition, error) {
	e := &exposition{}
	lastSuccess, err := lastSuccess(ctx, s, n.config.Notify.MetricsFile, end)
	if err != nil {
		return nil, err
	}
	e.about(end, n.sources.Version, lastSuccess)
	if n.config.Backup.Directory != "" {
		e.backup(n.sources.NewestBackup())
	}
	if s == nil {
		return e, nil
	}
	return e, e.books(ctx, n.config, s, end)
}

// backup writes when the database was last copied, where it is to be. It is a time and no age, which would stand still
// while no run goes on.
func (e *exposition) backup(at time.Time, err error) {
	if err != nil {
		at = time.Time{} // one that nobody can see is none
	}
	e.single("liverecon_newest_backup_timestamp_seconds",
		"When the newest copy in backup.directory was made; 0 for never.", unixSeconds(at))
}

// write writes the metrics file, readable for everyone: the collector is another user, and nothing in it is personal.
func (e *exposition) write(file string) error {
	if err := disk.Replace(file, func(w io.Writer) error {
		_, err := io.WriteString(w, e.text.String())
		return err
	}); err != nil {
		return err
	}
	return os.Chmod(file, 0o644)
}

// lastSuccess returns when a run last went well: this one, or the later of what the database knows of others, whose
// reports came after its rows, and what the old file says. The row of this one may say that it went well where the process
// did not: giving back the lock comes after it.
func lastSuccess(ctx context.Context, s *store.Store, file string, end ending) (string, error) {
	if batch.Succeeded(end.exitCode) {
		return unixSeconds(end.ended), nil
	}
	told := toldSuccess(file)
	if s == nil {
		return told, nil
	}
	at, err := s.Runs().LastEnd(ctx, end.summary.RunID, batch.Successes()...)
	if err != nil {
		return "", err
	}
	known := unixSeconds(at)
	if float(told) > float(known) && float(told) <= float(unixSeconds(end.started)) { // not by a clock that was wrong
		return told, nil
	}
	return known, nil
}

// toldSuccess returns the last success that a metrics file tells; "0" where it tells none.
func toldSuccess(file string) string {
	old, err := os.ReadFile(file)
	if err != nil {
		return "0" // no file yet, or none that can be read: nothing is known
	}
	for line := range strings.Lines(string(old)) {
		if value, ok := strings.CutPrefix(line, successMetric+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return "0"
}

// float returns 0 for a text that is no number.
func float(text string) float64 {
	value, _ := strconv.ParseFloat(text, 64) // where it fails, 0 or infinite
	if math.IsInf(value, 0) {
		return 0
	}
	return value
}
