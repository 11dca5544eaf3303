package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"liverecon/batch"
	"liverecon/batch/list"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/monitor"
	"liverecon/cmd/liverecon/outcome"
	"liverecon/store"
)

// execution describes one execution of run. However it ends, but for a SIGKILL, its last line says how, and those who
// watch the job are told the same.
type execution struct {
	program *program
	json    bool
	console *console
	log     *slog.Logger

	config *config.Config                   // nil where it could not be read
	tell   atomic.Pointer[monitor.Notifier] // the same
	store  atomic.Pointer[store.Store]      // while it is open

	sum    batch.Summary
	files  []string        // written
	beside []list.NotTaken // files beside the lists
}

// atOncePatience holds the longest that a run which is to end at once takes to tell that it does.
const atOncePatience = 2 * time.Second

// endAtOnce tells of the end that a second signal makes, as far as that can be done in no time: where the row of the
// run cannot be written, the next start says that it was interrupted.
func (e *execution) endAtOnce() {
	ctx, cancel := context.WithTimeout(context.Background(), atOncePatience)
	defer cancel()
	sum := batch.Summary{ExitCode: batch.ExitSignal, Verdict: "STOPPED: ended at once by a second signal; calls in " +
		"flight are in doubt, and counted by the next run"}
	if s := e.store.Load(); s != nil {
		_ = s.Runs().EndAtOnce(ctx, sum.ExitCode, sum.Verdict)
	}
	if tell := e.tell.Load(); tell != nil {
		tell.End(ctx, sum, &config.Error{Code: sum.ExitCode, Err: config.ErrSilent, Hint: ""})
	}
	if e.json {
		e.program.out.json(outcome.Of(sum, nil, nil))
		return
	}
	e.program.out.printf("%s\n", sum.Verdict)
}

// stoppedEarly makes the error of what a signal has cut short, before the run had a row, that of a run that was
// stopped.
func (e *execution) stoppedEarly(ctx context.Context, err error) error {
	if ctx.Err() == nil || e.sum.RunID != 0 || !errors.Is(err, context.Canceled) {
		return err
	}
	e.sum.ExitCode = batch.ExitSignal
	e.sum.Verdict = "STOPPED: stopped by signal before any call was made; resumes next run"
	return &config.Error{Code: e.sum.ExitCode, Err: config.ErrSilent, Hint: ""}
}

// finish prints what an execution came to, and tells those who watch the job. The verdict is the last line of what cron
// mails, below what monitors make it say; where nothing can be printed, they hear of that.
func (e *execution) finish(ctx context.Context, err error) error {
	p := e.program
	printError(typedTo(p.err.raw, p.err.config), err)
	e.conclude(err)
	if e.json {
		p.out.json(outcome.Of(e.sum, e.files, e.beside))
	} else {
		for _, file := range e.files {
			p.out.printf("wrote %s\n", file)
		}
	}
	err = e.tellOf(ctx, e.unprinted(ctx, err))
	if !e.json {
		printed := p.unprinted == nil
		p.out.printf("%s\n", e.sum.Verdict)
		if printed && p.unprinted != nil { // it was the first line that could not be
			err = e.tellOf(ctx, e.unprinted(ctx, err))
		}
	}
	return &config.Error{Code: config.ExitCode(err), Err: config.ErrSilent, Hint: ""}
}

// conclude makes verdict and exit code what an error has left of them.
func (e *execution) conclude(err error) {
	e.sum.Verdict, e.sum.ExitCode = monitor.Verdict(e.sum, err), config.ExitCode(err)
}

// tellOf tells those who watch the job how it ended. It returns err.
func (e *execution) tellOf(ctx context.Context, err error) error {
	if tell := e.tell.Load(); tell != nil {
		tell.End(ctx, e.sum, err)
	}
	return err
}

// unprinted makes a run whose result could not be written to standard output a failed one, in its row as well, and says
// so. It returns err, or where nothing else is wrong one with that code.
func (e *execution) unprinted(ctx context.Context, err error) error {
	code := config.ExitCode(err)
	worse := e.program.withUnprinted(code)
	if worse == code {
		return err
	}
	err = &config.Error{Code: worse, Err: cmp.Or(err, config.ErrSilent), Hint: ""}
	e.sum.ExitCode = worse
	e.sum.Verdict = fmt.Sprintf("FAILED: %v; the run itself came to %s", e.program.unprinted, e.sum.Verdict)
	if e.sum.RunID == 0 {
		return err
	}
	s, closeAll, openErr := database.OpenLocked(ctx, e.config, "run", database.ToLog(e.log))
	if openErr == nil {
		openErr = errors.Join(s.Runs().Close(ctx, e.sum.RunID, worse, e.sum.Verdict, e.program.unprinted), closeAll())
	}
	if openErr != nil {
		e.log.Warn("status does not know that this run failed", "error", openErr.Error())
	}
	return err
}
