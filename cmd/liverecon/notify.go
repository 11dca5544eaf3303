package main

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/store"
)

// notifier tells those who watch the job how it went: the metrics file, and a monitor that waits for a ping. Neither can
// fail a run, nor hold it up for longer than pingPatience.
type notifier struct {
	config  *config.Config
	sources sources
	ping    *pinger
	log     *slog.Logger
	started time.Time
	summary batch.Summary // of the run, once it has one
}

// sources are where a notifier's knowledge comes from.
type sources struct {
	version string // of the program
	// open opens the database for reading, and returns how it is closed; the store is nil where there is none yet.
	open func(ctx context.Context) (*store.Store, func() error, error)
	// newestBackup returns when the newest copy in the directory of backups was made, the zero time for never.
	newestBackup func() (time.Time, error)
}

func newNotifier(c *config.Config, from sources, log *slog.Logger) *notifier {
	return &notifier{config: c, sources: from, ping: newPinger(c.Notify, from.version, log), log: log, started: time.Now()}
}

// begin tells that a run begins. It does not wait.
func (n *notifier) begin() { n.ping.start() }

// end tells how an execution of run ended. One that found the lock taken tells nothing: the run that has it will.
func (n *notifier) end(ctx context.Context, err error) {
	code := config.ExitCode(err)
	if code == batch.ExitLocked {
		return
	}
	n.metrics(context.WithoutCancel(ctx), ending{n.started, time.Now(), code, n.summary})
	n.ping.end(batch.Succeeded(code), n.verdict(code, err))
}

// verdict is the run's, or that of an execution which did not get as far as a run.
func (n *notifier) verdict(code int, err error) string {
	if n.summary.Verdict != "" && (code == n.summary.ExitCode || err == nil) {
		return n.summary.Verdict
	}
	word := "FAILED"
	if code == batch.ExitInput {
		word = "REFUSED INPUT"
	}
	var texts []string
	for _, e := range config.Apart(err) {
		if text := e.Error(); text != "" {
			texts = append(texts, text)
		}
	}
	text, _, _ := strings.Cut(strings.Join(texts, "\n"), "\n")
	return word + ": " + text
}

// metrics writes the metrics file with what the database says, or without it what is known of the run.
func (n *notifier) metrics(ctx context.Context, end ending) {
	if n.config.Notify.MetricsFile == "" {
		return
	}
	metrics, err := n.readBooks(ctx, end)
	if err != nil {
		n.log.Warn("the metrics say nothing of the database", "error", err)
		metrics, err = n.newMetrics(ctx, nil, end)
	}
	if err == nil {
		err = metrics.write(n.config.Notify.MetricsFile)
	}
	if err != nil {
		n.log.Warn("metrics not written", "error", err)
	}
}

func (n *notifier) readBooks(ctx context.Context, end ending) (metrics *exposition, err error) {
	s, closeStore, err := n.sources.open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	return n.newMetrics(ctx, s, end)
}
