// Package history makes the months before a demonstration: their lists, the calls of the simulated vendor for them, and
// the books that those leave, on a clock of their own. Nothing waits and nothing is sent, so that months take seconds.
package history

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
	"golang.org/x/sync/errgroup"

	"liverecon/batch"
	"liverecon/batch/apichange"
	"liverecon/batch/liveness"
	"liverecon/batch/liveness/simulator"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/decisions"
)

// hour sets when a night's calls begin, in the zone of the reports; between two calls passes callEvery.
const (
	hour      = 2
	callEvery = 250 * time.Millisecond
)

// lost holds the share of calls whose answer is lost on its way.
const lost = .0015

// Past describes the months to be made.
type Past struct {
	Plan    *Plan
	Store   *store.Store // without any run
	Ledger  io.Writer    // of the vendor
	Seed    uint64       // of the vendor
	Version string
	Zone    *time.Location // of the reports
	Clock   calendar.Clock
	Policy  batch.Policy
	Routes  func(region string) string // the endpoint of a region
	// Suspicious reports whether a score is for a person to look at.
	Suspicious func(score float64) bool
}

// Make makes the months, and returns the vendor's ledger of them.
func Make(ctx context.Context, p Past) (_ []simulator.Entry, err error) {
	vendor, err := simulator.New(simulator.Config{Seed: p.Seed, Zone: p.Zone, Ledger: p.Ledger, Story: p.Plan.Story})
	if err != nil {
		return nil, err
	}
	m := &maker{Past: p, vendor: vendor, random: rand.New(rand.NewPCG(p.Seed, 1))} //nolint:gosec // a demonstration
	for night := p.Plan.First; night.Before(p.Plan.Tonight); night = night.AddDate(0, 0, 1) {
		if err := m.night(ctx, night); err != nil {
			return nil, fmt.Errorf("night of %s: %w", night.Format(time.DateOnly), err)
		}
	}
	if err := m.decide(ctx); err != nil {
		return nil, err
	}
	return vendor.Entries(), nil
}

type maker struct {
	Past
	vendor *simulator.Vendor
	random *rand.Rand
	queue  []queued
}

// queued represents an answer that a person may have decided about.
type queued struct {
	call       int64
	at         time.Time
	attack, id string
}

// night makes one night: a run, its lists, its calls.
func (m *maker) night(ctx context.Context, day time.Time) (err error) {
	at := day.Add(hour * time.Hour)
	run, err := m.Store.Runs().OpenPast(ctx, m.Version, at)
	if err != nil {
		return err
	}
	for _, l := range m.Plan.lists(day) {
		if err := m.list(ctx, run, at, l); err != nil {
			return err
		}
	}
	open, err := m.open(ctx)
	if err != nil {
		return err
	}
	j, err := m.Store.Journal().Open(ctx, everything{}, len(open))
	if err != nil {
		return err
	}
	answered, err := m.calls(j, run, at, open)
	if err := errors.Join(err, j.Close()); err != nil {
		return err
	}
	code, word := batch.ExitDone, "DONE"
	if answered < len(open) {
		code, word = batch.ExitPartial, "PARTIAL"
	}
	err = errors.Join(m.Store.Books().RollUp(ctx, calendar.Calendar{Zone: m.Zone, Clock: m.Clock}),
		m.Store.Lists().Told(ctx, run))
	if err != nil {
		return err
	}
	return m.Store.Runs().ClosePast(ctx, run, at.Add(time.Duration(len(open)+1)*callEvery), code,
		fmt.Sprintf("%s: %s of %s answered", word, humanize.Comma(int64(answered)), humanize.Comma(int64(len(open)))))
}

// list takes one list.
func (m *maker) list(ctx context.Context, run int64, at time.Time, l list) error {
	in, err := m.Store.Lists().Begin(ctx)
	if err != nil {
		return err
	}
	line := 1
	for _, region := range l.regions() {
		for i := range l.rows[region] {
			line++
			id := l.id(m.Seed, region, i)
			if err := in.Row(store.ListedRow{Line: line, Kind: "signatureId", ID: id, Region: region,
				Endpoint: m.Routes(region), Reference: l.reference(id)}); err != nil {
				return errors.Join(err, in.Abort())
			}
		}
	}
	for i, id := range l.damaged {
		if err := in.Reject(store.Reject{Line: line + 1 + i, Column: "signatureId", Reason: "excel_damaged",
			Value: id}); err != nil {
			return errors.Join(err, in.Abort())
		}
	}
	_, err = in.Commit(ctx, run, store.List{Path: l.name, SHA256: sha256.Sum256([]byte(l.name)), Fingerprint: l.name,
		Bytes: int64(17 * line), ReadAt: at})
	return err
}

// open returns the checks that a night has to ask for.
func (m *maker) open(ctx context.Context) ([]store.Check, error) {
	var all []store.Check
	for _, region := range m.Plan.Regions() {
		for _, state := range []store.State{store.Pending, store.InDoubt} {
			open, err := m.Store.Checks().Open(ctx, m.Routes(region), region, state, 0, math.MaxInt32)
			if err != nil {
				return nil, err
			}
			all = append(all, open...)
		}
	}
	return all, nil
}

// calls asks for each check once, and returns how many have their answer.
func (m *maker) calls(j *store.JournalWriter, run int64, at time.Time, open []store.Check) (answered int, err error) {
	intents, numbers := make([]store.Intent, len(open)), make([]int64, len(open))
	var begun errgroup.Group
	for i, c := range open {
		intents[i] = store.Intent{CheckID: c.ID, Attempt: c.Attempts + 1, RunID: run, Reason: reasonOf(c),
			Endpoint: c.Endpoint, Region: c.Region, At: at.Add(time.Duration(i) * callEvery), From: c.State}
		begun.Go(func() (err error) {
			numbers[i], err = j.Begin(intents[i])
			return err
		})
	}
	if err := begun.Wait(); err != nil {
		return 0, err
	}
	durable := make([]func() error, len(open))
	for i, c := range open {
		result, err := m.ask(c, intents[i])
		if err != nil {
			return 0, err
		}
		if a := result.Answer; a != nil && a.Score != nil && a.Current && m.Suspicious(*a.Score) {
			m.queue = append(m.queue, queued{numbers[i], result.EndedAt, a.AttackType, c.Text})
		}
		if result.State != store.Pending && result.State != store.InDoubt {
			answered++
		}
		durable[i] = j.Finish(numbers[i], intents[i], result)
	}
	for _, wait := range durable {
		if err := wait(); err != nil {
			return 0, err
		}
	}
	return answered, nil
}

func reasonOf(c store.Check) store.Reason {
	switch {
	case c.State == store.InDoubt:
		return store.ReasonDoubt
	case c.Attempts > 0:
		return store.ReasonRetry
	}
	return store.ReasonFirst
}

// ask makes one call.
func (m *maker) ask(c store.Check, in store.Intent) (store.Result, error) {
	fault := m.Plan.fault(c.Endpoint, in.At)
	if fault == "" && in.Reason == store.ReasonFirst && m.random.Float64() < lost {
		fault = simulator.ResetAfter
	}
	call := simulator.Entry{At: in.At, Endpoint: c.Endpoint, Kind: c.Kind, ID: c.Text, Fault: fault}
	if c.Endpoint == "sg" {
		call.Region = c.Region
	}
	body, err := m.vendor.Past(call)
	if err != nil {
		return store.Result{}, err
	}
	took := 90*time.Millisecond + time.Duration(m.random.IntN(80))*time.Millisecond
	reply := liveness.Reply{Delivery: liveness.Unanswered, Cause: liveness.CauseReset, SentAt: in.At,
		EndedAt: in.At.Add(took)}
	if body == nil {
		return m.Policy.FinalResult(c, in.Reason, reply), nil
	}
	reply.Delivery, reply.Cause, reply.HTTPStatus = liveness.Answered, "", 200
	reply.Body, reply.BodySHA256 = body, sha256.Sum256(body)
	if reply.Envelope, err = liveness.DecodeEnvelope(body); err != nil {
		return store.Result{}, err
	}
	result := m.Policy.FinalResult(c, in.Reason, reply)
	result.APIChanges = apichange.In(reply.Envelope, m.Policy.Codes, c.Text)
	return result, nil
}

// everything admits each call: the past has no caps.
type everything struct{}

func (everything) Admit(store.Intent) error                 { return nil }
func (everything) Confirm(store.Intent, store.Result, bool) {}
func (everything) Doubt(store.Doubted)                      {}

// reviewers decide in turn.
func reviewers() []string { return []string{"A. Lim", "D. Okafor", "M. Reyes"} }

// decide makes people decide about what has waited for two days, month by month.
func (m *maker) decide(ctx context.Context) error {
	files := map[string][]decisions.Decision{}
	for i, q := range m.queue {
		decided := q.at.Add(time.Duration(24+m.random.IntN(48)) * time.Hour).Add(7 * time.Hour)
		if !decided.Before(m.Plan.Tonight) || m.random.Float64() < .06 {
			continue
		}
		decision, comment := m.verdict(q)
		month := q.at.In(m.Zone).Format("2006-01")
		files[month] = append(files[month], decisions.Decision{CallID: q.call, Decision: decision, Comment: comment,
			Reviewer: reviewers()[i%len(reviewers())], DecidedAt: decided, Sheet: "Manual queue",
			Row: len(files[month]) + 6})
	}
	months := make([]string, 0, len(files))
	for month := range files {
		months = append(months, month)
	}
	slices.Sort(months)
	for _, month := range months {
		all := files[month]
		last := slices.MaxFunc(all, func(a, b decisions.Decision) int { return a.DecidedAt.Compare(b.DecidedAt) })
		name := "risk_" + month + ".xlsx"
		if err := m.Store.Decisions().Add(ctx, decisions.File{Name: name, SHA256: sha256.Sum256([]byte(name)),
			ImportedAt: last.DecidedAt}, all); err != nil {
			return err
		}
	}
	return nil
}

// verdict draws what a person decides, and what is remarked.
func (m *maker) verdict(q queued) (decision, comment string) {
	if strings.HasPrefix(q.id, campaignIDs) {
		return "attack", "same device model and background in all of this list"
	}
	attack := map[string]float64{"1": .90, "2": .94, "3": .55}[q.attack]
	if q.attack == "" {
		attack = .25
	}
	switch u := m.random.Float64(); {
	case u < attack:
		return "attack", map[string]string{"1": "replayed from a screen", "2": "", "3": ""}[q.attack]
	case u < attack+.6*(1-attack):
		return "genuine", "poor light"
	case u < attack+.9*(1-attack):
		return "unclear", ""
	}
	return "escalated", "asked for a second look"
}
