package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"time"

	"liverecon/batch"
	"liverecon/batch/list"
	"liverecon/batch/liveness"
	"liverecon/store"
)

const (
	// drainTime is the least that is left between the last call's answer and the deadline, for the outcomes to be committed
	// and the workbooks written; reportShare times what the workbooks took lately, where that is more: tonight's may be the
	// largest so far.
	drainTime   = 30 * time.Second
	reportShare = 2
	// reportRuns is how many runs back that is looked for.
	reportRuns = 14
)

// newJob turns a configuration into the job it describes. given are lists that stand for those of the configuration; they
// are relative to the working directory, and have to be there; of the configured ones it returns apart which are not.
func newJob(c *config, given []string, lanes []batch.Lane, log *slog.Logger) (*batch.Job, missingLists, error) {
	if len(c.endpoints) == 0 {
		return nil, nil, usage("add one, such as [endpoint.sg]", "%s: there is no endpoint to ask", c.file)
	}
	patterns, base := c.lists, c.base
	if len(given) > 0 {
		patterns, base = given, "."
	}
	if len(patterns) == 0 {
		return nil, nil, usage(`set lists = ["lists/*.csv"] there, or give them with --lists`, "%s: there are no lists to read", c.file)
	}
	lists, missing, err := expandLists(patterns, base)
	if err == nil && len(given) > 0 {
		err = missing.refused()
	}
	if err != nil {
		return nil, nil, err
	}
	return c.job(lists, lanes, log), missing, nil
}

// job is the job that the configuration describes, for lists that are there.
func (c *config) job(lists []string, lanes []batch.Lane, log *slog.Logger) *batch.Job {
	return &batch.Job{
		Version: version(), Lists: lists, Lanes: lanes, Routes: c.routes(), Log: log, Progress: batch.NewProgress(),
		ListOptions: c.listOptions(), RejectRows: c.rejectRows,
		Policy: batch.Policy{Codes: c.codes, RepeatInDoubt: c.repeatInDoubt, NoScoreNights: c.noScoreNights}, ResultType: c.resultType,
		Zone: c.zone, Clock: c.clock, Threshold: c.threshold, Inclusive: c.inclusive, Prices: c.prices, Caps: c.caps, BillingZone: c.billingZone,
		RetryBudget: c.retryBudget, DoubtBudgetMin: doubtMinimum, DoubtBudgetShare: c.doubtShare, RecheckNotFoundNights: c.recheckNights,
	}
}

// listOptions says how lists are read.
func (c *config) listOptions() list.Options {
	return list.Options{Columns: c.columns, DefaultRegion: c.defaultRegion, Route: c.route}
}

// lastCall is when the last call of a run begun at now may start, so that its answer and the workbooks, which lately took
// so long, are there at the deadline; the zero time where there is none.
func (c *config) lastCall(now time.Time, workbooks time.Duration) time.Time {
	if c.deadline == nil {
		return time.Time{}
	}
	return c.deadline.next(now, c.zone).Add(-c.timeout - max(drainTime, reportShare*workbooks))
}

// lastCallAfter is lastCall with what the database knows of the workbooks; s is nil before the first run.
func (c *config) lastCallAfter(ctx context.Context, s *store.Store, now time.Time) (time.Time, error) {
	if c.deadline == nil || s == nil {
		return c.lastCall(now, 0), nil
	}
	took, err := s.LongestPublishing(ctx, reportRuns)
	return c.lastCall(now, took), err
}

// realLanes gives every endpoint its client. The error joins what is missing for all of them.
func realLanes(c *config, keys *keyring) ([]batch.Lane, error) {
	return c.lanes(keys.of, func(e endpointConfig) http.RoundTripper {
		return liveness.NewTransport(liveness.TransportOptions{MaxConns: e.concurrency, OneCall: c.oneCall})
	})
}

// silentLanes gives every endpoint a client that cannot send, for verbs that only plan.
func silentLanes(c *config) ([]batch.Lane, error) {
	nobody := func(endpointConfig) (liveness.Credentials, error) {
		return liveness.Credentials{AccessKey: "none", SecretKey: "none"}, nil
	}
	return c.lanes(nobody, func(endpointConfig) http.RoundTripper { return silence{} })
}

// silence is a transport that sends nothing.
type silence struct{}

func (silence) RoundTrip(*http.Request) (*http.Response, error) {
	return nil, errors.New("this verb calls nobody")
}

func (c *config) lanes(keys func(endpointConfig) (liveness.Credentials, error), transport func(endpointConfig) http.RoundTripper) ([]batch.Lane, error) {
	var lanes []batch.Lane
	var problems []error
	for _, e := range c.endpoints {
		pair, err := keys(e)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		client, err := liveness.NewClient(e.Endpoint, pair, liveness.Options{
			Transport: transport(e), Timeout: c.timeout, UserAgent: "liverecon/" + version(), AllowedHosts: e.allowedHosts, ResultType: c.resultType,
		})
		if err != nil {
			problems = append(problems, &fault{batch.ExitInput, err, ""})
			continue
		}
		lanes = append(lanes, batch.Lane{Client: client, Rate: e.rate, Concurrency: e.concurrency, OneCall: c.oneCall})
	}
	return lanes, errors.Join(problems...)
}

// requireDirectory refuses to make the directory of a database: one that is missing is rather a slip in the path or a disk
// that is not mounted, and an empty database in its place would buy every answer again.
func requireDirectory(dir string) error {
	info, err := os.Stat(dir)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s is not a directory", dir)
	}
	if err != nil {
		return &fault{batch.ExitInput, fmt.Errorf("directory of the database: %w", err), "is the path right and the disk mounted? Make it yourself if it is new: mkdir -p " + dir}
	}
	return nil
}
