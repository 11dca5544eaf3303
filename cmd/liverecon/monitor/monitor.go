// Package monitor tells those who watch the job how it went: a metrics file, and pings.
package monitor

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

// Notifier tells those who watch the job how it went: the metrics file, and a monitor that waits for a ping. Neither
// can fail a run, nor hold it up for longer than pingPatience.
type Notifier struct {
	config  *config.Config
	sources Sources
	ping    *pinger
	log     *slog.Logger
	started time.Time
	Summary batch.Summary // of the run, once it has one
}

// Sources give a notifier what it tells of the database and its copies.
type Sources struct {
	Version string // of the program
	// open opens the database for reading, and returns how it is closed; the store is nil where there is none yet.
	Open func(ctx context.Context) (*store.Store, func() error, error)
	// NewestBackup returns when the newest copy in the directory of backups was made, the zero time for never.
	NewestBackup func() (time.Time, error)
}

// New returns the notifier of a run that begins now.
func New(c *config.Config, from Sources, log *slog.Logger) *Notifier {
	return &Notifier{config: c, sources: from, ping: newPinger(c.Notify, from.Version, log), log: log,
		started: time.Now()}
}

// Begin tells that a run begins. It does not wait.
func (n *Notifier) Begin() { n.ping.start() }

// End tells how an execution of run ended. One that found the lock taken tells nothing: the run that has it will.
func (n *Notifier) End(ctx context.Context, err error) {
	code := config.ExitCode(err)
	if code == batch.ExitLocked {
		return
	}
	n.metrics(context.WithoutCancel(ctx), ending{n.started, time.Now(), code, n.Summary})
	n.ping.end(batch.Succeeded(code), n.verdict(code, err))
}

// verdict returns the run's, or that of an execution which did not get as far as a run.
func (n *Notifier) verdict(code int, err error) string {
	if n.Summary.Verdict != "" && (code == n.Summary.ExitCode || err == nil) {
		return n.Summary.Verdict
	}
	word := "FAILED"
	if code == batch.ExitInput {
		word = "REFUSED INPUT"
	}
	var texts []string
	for _, e := range config.Flatten(err) {
		if text := e.Error(); text != "" {
			texts = append(texts, text)
		}
	}
	text, _, _ := strings.Cut(strings.Join(texts, "\n"), "\n")
	return word + ": " + text
}

// metrics writes the metrics file with what the database says, or without it what is known of the run.
func (n *Notifier) metrics(ctx context.Context, end ending) {
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

func (n *Notifier) readBooks(ctx context.Context, end ending) (metrics *exposition, err error) {
	s, closeStore, err := n.sources.Open(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	return n.newMetrics(ctx, s, end)
}
