// Package monitor tells those who watch the job how it went: a metrics file, and pings.
package monitor

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
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
	telling sync.Mutex // held while a start or an end is told
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
	return &Notifier{config: c, sources: from, ping: newPinger(c.Notify, c.Proxy.Of(), from.Version, log), log: log,
		started: time.Now()}
}

// Begin tells that a run begins. It does not wait.
func (n *Notifier) Begin() {
	n.telling.Lock()
	defer n.telling.Unlock()
	n.ping.start()
}

// End reports how an execution of run ended, with the summary of its run, if it had one. One that found the lock taken
// tells nothing: the run that has it will. Told again, the later end counts. ctx bounds how long it takes.
func (n *Notifier) End(ctx context.Context, sum batch.Summary, err error) {
	code := config.ExitCode(err)
	if code == batch.ExitLocked {
		return
	}
	n.telling.Lock()
	defer n.telling.Unlock()
	n.metrics(ctx, ending{n.started, time.Now(), code, sum})
	n.ping.end(ctx, batch.Succeeded(code), Verdict(sum, err))
}

// Verdict returns the run's, or that of an execution which did not get as far as a run, or failed behind it.
func Verdict(sum batch.Summary, err error) string {
	code := config.ExitCode(err)
	if sum.Verdict != "" && code == sum.ExitCode {
		return sum.Verdict
	}
	word := "FAILED"
	switch code {
	case batch.ExitInput:
		word = "REFUSED INPUT"
	case batch.ExitLocked:
		word = "LOCKED"
	}
	var texts []string
	for _, e := range config.Flatten(err) {
		if text := e.Error(); text != "" {
			texts = append(texts, text)
		}
	}
	text, _, _ := strings.Cut(strings.Join(texts, "\n"), "\n")
	if more := len(texts) - 1; more > 0 {
		text += fmt.Sprintf(" (and %d more)", more)
	}
	if sum.Verdict != "" {
		text += "; the run itself came to " + sum.Verdict
	}
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
