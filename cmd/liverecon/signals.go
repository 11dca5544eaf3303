package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/internal/early"
)

// takeSignals makes signals this verb's own; what has none ends at once by them, with code 130.
var takeSignals = sync.OnceValue(early.Take)

// oneOrder is how long a signal repeats the one before it: timeout and its like signal a process and at once its group.
const oneOrder = time.Second

// drainOnSignal returns a context that the first SIGINT, SIGTERM or SIGHUP cancels: the order to begin no new call, let
// those in flight finish and write the reports. A second one, not of the same moment, ends the process at once with code
// 130, after last has noted that; what was in flight is found and classified by the next start.
func drainOnSignal(
	parent context.Context, log *slog.Logger, last func(),
) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	// With a reader of stdout or stderr gone, writing must fail, not kill a run with calls in flight.
	signal.Ignore(syscall.SIGPIPE)
	signals, ended := takeSignals(), make(chan struct{})
	go func() {
		select {
		case s := <-signals:
			log.Warn("stopping: calls in flight finish, reports are written; once more ends at once", "signal", s.String())
			cancel(fmt.Errorf("signal %v", s))
		case <-ended:
			return
		}
		for first := time.Now(); ; {
			select {
			case s := <-signals:
				if time.Since(first) >= oneOrder {
					log.Error("stopped at once by a second signal: what was in flight is in doubt", "signal", s.String())
					last()
					os.Exit(batch.ExitSignal)
				}
			case <-ended:
				return
			}
		}
	}()
	return ctx, func() { close(ended); cancel(nil) }
}
