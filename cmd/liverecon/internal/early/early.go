// Package early hears signals from the first moment that a program can. Go's runtime ends a process with code 2 where a
// signal's default does nothing, as for the first process of a container; whoever restarts it must be able to tell that
// from a crash.
package early

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// exitSignal holds the code of a program that a signal has ended.
const exitSignal = 130

var (
	signals = make(chan os.Signal, 4)
	taken   = make(chan struct{})
)

// tellingPatience bounds how long a run that is told to end has to begin to tell how it ends; milliseconds are usual.
const tellingPatience = 5 * time.Second

func init() {
	Notify(signals)
	go func() {
		select {
		case s := <-signals:
			if len(os.Args) > 1 && os.Args[1] == "run" { // its last line, its pings and its metrics say how it ends
				await(s)
				return
			}
			_, _ = fmt.Fprintf(os.Stderr, "liverecon: stopped by a signal (%v)\n", s) // it may be nobody's
			os.Exit(exitSignal)
		case <-taken:
		}
	}()
}

// await hands a signal that came before anybody took the signals to whoever takes them. Where nobody does, it says
// itself how the run ended.
func await(s os.Signal) {
	select {
	case <-taken:
		signals <- s // it came from there, and there is room for more
	case <-time.After(tellingPatience):
		_, _ = fmt.Fprintf(os.Stdout, "STOPPED: stopped by signal (%v) before anything was read; resumes next run\n", s)
		os.Exit(exitSignal)
	}
}

// Notify relays the signals that tell a program to end. SIGQUIT is among them: what Go does by itself is to end with
// code 2, and to tell nobody. Whoever wants the goroutines has SIGABRT.
func Notify(to chan<- os.Signal) {
	signal.Notify(to, os.Interrupt, syscall.SIGTERM, syscall.SIGQUIT)
	if !signal.Ignored(syscall.SIGHUP) { // nohup means that it is to outlive its terminal
		signal.Notify(to, syscall.SIGHUP)
	}
}

// Take hands the signals over: from now on they end nothing by themselves, and come in through the channel.
var Take = sync.OnceValue(func() <-chan os.Signal {
	close(taken)
	return signals
})

// OneOrder sets how long after the first signal another one is the same order: timeout and its like signal a process
// and at once its group.
const OneOrder = time.Second

// Drain returns a context that the first signal cancels: the order to begin no new call, let those in flight finish and
// write the reports. A second one, not of the same moment, calls last, and ends the process with code 130; what was in
// flight is found and classified by the next start. stop has signals do nothing from then on; it does not return where
// last was called already.
func Drain(parent context.Context, log *slog.Logger, last func()) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancelCause(parent)
	// With a reader of stdout or stderr gone, writing must fail, not kill a run with calls in flight.
	signal.Ignore(syscall.SIGPIPE)
	signals, ended, gone := Take(), make(chan struct{}), make(chan struct{})
	go func() {
		defer close(gone)
		select {
		case s := <-signals:
			log.Warn("stopping: calls in flight finish, reports are written; once more ends at once, "+
				"but not within a second", "signal", s.String())
			cancel(fmt.Errorf("signal %v", s))
		case <-ended:
			return
		}
		for first := time.Now(); ; {
			select {
			case s := <-signals:
				if time.Since(first) >= OneOrder {
					log.Error("stopped at once by a second signal: what was in flight is in doubt", "signal",
						s.String())
					last()
					os.Exit(exitSignal)
				}
				log.Warn("a signal within a second of the first is the same order: calls still finish", "signal",
					s.String())
			case <-ended:
				return
			}
		}
	}()
	return ctx, func() {
		close(ended)
		<-gone
		cancel(nil)
	}
}
