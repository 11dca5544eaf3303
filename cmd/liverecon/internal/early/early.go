// Package early hears signals from the first moment that a program can. Go's runtime ends a process with code 2 where a
// signal's default does nothing, as for the first process of a container; whoever restarts it must be able to tell that
// from a crash.
package early

import (
	"os"
	"os/signal"
	"syscall"
)

// exitSignal is the code of a program that a signal has ended.
const exitSignal = 130

var (
	signals = make(chan os.Signal, 4)
	taken   = make(chan struct{})
)

func init() {
	Notify(signals)
	go func() {
		select {
		case <-signals:
			os.Exit(exitSignal)
		case <-taken:
		}
	}()
}

// Notify relays the signals that tell a program to end.
func Notify(to chan<- os.Signal) {
	signal.Notify(to, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // nohup means that it is to outlive its terminal
		signal.Notify(to, syscall.SIGHUP)
	}
}

// Take hands the signals over: from now on they end nothing by themselves, and come in through the channel.
func Take() <-chan os.Signal {
	close(taken)
	return signals
}
