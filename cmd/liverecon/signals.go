package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"liverecon/batch"
)

// drainOnSignal returns a context that the first SIGINT, SIGTERM or SIGHUP cancels: the order to begin no new call, let
// those in flight finish and write the reports. The second one ends the process at once with code 130; what was in
// flight is found and classified by the next start.
func drainOnSignal(parent context.Context, log *slog.Logger) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	wanted := []os.Signal{syscall.SIGINT, syscall.SIGTERM}
	if !signal.Ignored(syscall.SIGHUP) { // nohup means that the run is to outlive its terminal
		wanted = append(wanted, syscall.SIGHUP)
	}
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, wanted...)
	// With a reader of stdout or stderr gone, writing must fail, not kill a run with calls in flight.
	signal.Ignore(syscall.SIGPIPE)
	go func() {
		s, ok := <-signals
		if !ok {
			return
		}
		log.Warn("stopping: calls in flight finish, reports are written; once more ends at once", "signal", s.String())
		cancel(fmt.Errorf("signal %v", s))
		if _, ok := <-signals; ok {
			os.Exit(batch.ExitSignal)
		}
	}()
	return ctx, func() { signal.Stop(signals); close(signals); cancel(nil) }
}
