package main

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/batch/list"
	"liverecon/batch/reconcile"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/demo"
	"liverecon/cmd/liverecon/export"
	"liverecon/cmd/liverecon/hint"
	"liverecon/cmd/liverecon/housekeeping"
	"liverecon/cmd/liverecon/internal/early"
	"liverecon/cmd/liverecon/internal/memory"
	"liverecon/cmd/liverecon/monitor"
	"liverecon/cmd/liverecon/monthend"
	"liverecon/cmd/liverecon/night"
	"liverecon/cmd/liverecon/reports"
	"liverecon/cmd/liverecon/words"
	"liverecon/report/publish"
	"liverecon/store"
	"liverecon/store/panics"
)

// source describes which configuration and database a verb works with. Every verb but simulate and version has it.
type source struct {
	file     string
	simulate bool
	out      string
}

func (s *source) flags(cmd *cobra.Command, simulated string) {
	cmd.Flags().StringVar(&s.file, "config", "", "configuration `FILE` (default $LIVERECON_CONFIG, liverecon.toml,\n/etc/liverecon/liverecon.toml)")
	cmd.Flags().BoolVar(&s.simulate, "simulate", false, simulated)
	cmd.Flags().StringVar(&s.out, "out", "out",
		"`DIR` of a simulated run: its database, reports and the vendor's ledger")
}

// settings loads the configuration.
func (s *source) settings() (*config.Config, error) {
	switch {
	case s.simulate:
		return demo.Settings(s.file, s.out)
	case s.out != "out":
		return nil, config.Usage("", "--out goes with --simulate")
	case s.file != "":
		return config.Load(s.file)
	}
	return config.Load(config.Default())
}

// unpack makes the lists ready that a simulated run reads where none are given.
func (s *source) unpack(c *config.Config, given []string) error {
	if !s.simulate || len(given) > 0 {
		return nil
	}
	return demo.Unpack(c)
}

// read opens the database for a verb that only reads it.
func (s *source) read(ctx context.Context, do func(*config.Config, *store.Store) error) (err error) {
	c, err := s.settings()
	if err != nil {
		return err
	}
	db, err := database.OpenExisting(ctx, c)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return do(c, db)
}

// write opens the database for a verb that changes it, under the lock. A database that is not there is not made.
func (s *source) write(
	ctx context.Context, p *program, verb string, do func(*config.Config, *store.Store) error,
) (err error) {
	c, err := s.settings()
	if err != nil {
		return err
	}
	if _, err := os.Lstat(c.Database); errors.Is(err, fs.ErrNotExist) {
		if err := store.Missed(c.Database, database.Places(c)); err != nil {
			return database.WithCode(err)
		}
		return database.Missing(c)
	}
	db, closeAll, err := database.OpenLocked(ctx, c, verb, announcer(p.err))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	if _, err := db.Journal().Recover(ctx); err != nil { // of a run that was cut short
		return err
	}
	return do(c, db)
}

type runOptions struct {
	source
	lists   []string
	again   againOptions
	parked  bool     // ask endpoints, too, that are parked
	reprice bool     // count the month at today's prices
	absent  []string // endpoints to believe
	json    bool
	log     logOptions

	vendor *demo.Simulation // nil for sockets
}

func runVerb(p *program) *cobra.Command {
	var o runOptions
	cmd := &cobra.Command{
		Use: "run [flags] [LIST ...]", Short: "the nightly job",
		Long: `Do the nightly job: read the lists, ask the vendor for every ID that has no answer yet,
account for every call, write the workbooks, and say in one sentence how it went. Lists that
were read may be moved away: what is open of them is asked all the same.

Run it again after any end: it resumes, and no answer is paid for twice. SIGTERM and
Ctrl-C let the calls in flight finish; one more ends at once, unless it comes within a second.`,
		Example: `    liverecon run --simulate                    # without an account: the simulated vendor
    liverecon run --config /etc/liverecon.toml  # what cron runs
    liverecon run --lists 'new/*.csv.gz'        # these lists instead of the configured ones
    liverecon run --again given_up=20           # also ask again for 20 IDs that were given up
    liverecon run --again done=50 --no-score    # and for 50 whose result has no score
    liverecon run --again done=1 --id bbb139e9aedd920d`,
		RunE: func(cmd *cobra.Command, args []string) error {
			o.lists = append(o.lists, args...)
			return runAndTell(cmd.Context(), p, &o)
		},
	}
	o.flags(cmd, "ask the simulated vendor; needs no account and no configuration")
	cmd.Flags().StringArrayVar(&o.lists, "lists", nil,
		"lists, patterns or directories instead of the configured ones (`PATTERN`; repeatable)")
	o.again.flags(cmd)
	cmd.Flags().BoolVar(&o.parked, "parked", false,
		"ask endpoints, too, that are parked because their quota was used up")
	cmd.Flags().BoolVar(&o.reprice, "reprice", false,
		"count the month's calls at today's prices in caps, too, where they were dearer when they were made")
	cmd.Flags().StringArrayVar(&o.absent, "believe-absent", nil, "believe `ENDPOINT` when it knows hardly any of "+
		"its IDs, tonight and on later nights that are like it (repeatable)")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the result as JSON")
	o.log.flags(cmd)
	return cmd
}

// runAndTell does the nightly job, and says in the last line, whatever became of it, how it ended.
func runAndTell(ctx context.Context, p *program, o *runOptions) error {
	level, levelErr := o.log.parsed()
	e := &execution{program: p, json: o.json, console: newConsole(p.err)}
	log, closeLog, logErr := o.log.also(e.console.logger(level), level)
	e.log, levelErr = log, errors.Join(levelErr, logErr)
	defer func() { _ = closeLog() }() // what it was told is written
	p.libraries.logTo(e.log)
	memory.Spare()
	ctx, stop := early.Drain(ctx, e.log, e.endAtOnce)
	err := runNight(ctx, p, o, e, levelErr)
	stop() // what is left is done within seconds
	return e.finish(context.WithoutCancel(ctx), e.stoppedEarly(ctx, err))
}

// runNight does the nightly job. Everything that can be wrong before anything is sent is looked at first.
func runNight(ctx context.Context, p *program, o *runOptions, e *execution, levelErr error) (err error) {
	defer panics.Into(&err)
	keys, keysErr := config.TakeKeyring()
	c, err := o.settings()
	if err == nil {
		err = c.RefuseWritable()
	}
	if err != nil {
		return errors.Join(keysErr, levelErr, err)
	}
	log, tell := e.log, monitor.New(c, sourcesOf(c), e.log)
	if problem, hint := c.OpenDatabase(); problem != "" {
		log.Warn(problem, "hint", hint)
	}
	e.config = c
	e.tell.Store(tell)
	if err := errors.Join(keysErr, levelErr); err != nil {
		return err
	}
	if o.simulate {
		if err := database.RefuseSimulating(ctx, c); err != nil {
			return err
		}
	}
	endpoints, leave, err := o.endpoints(c, keys, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, leave()) }()
	if err := o.unpack(c, o.lists); err != nil {
		return err
	}
	job, missing, beside, err := night.New(c, o.lists, endpoints, log)
	if err != nil {
		return err
	}
	_, err = os.Lstat(c.Database)
	fresh := errors.Is(err, fs.ErrNotExist)
	if fresh { // before one is made
		if err := errors.Join(missing.Check(ctx, nil, job.Lists), c.CheckPrices(ctx, nil)); err != nil {
			return err
		}
	}
	job.Simulated, job.AskParked, job.Reprice = o.simulate, o.parked, o.reprice
	if job.BelieveAbsent, err = believed(c, o.absent); err != nil {
		return err
	}
	if err := o.again.read(ctx, c, job); err != nil {
		return err
	}

	keep, leaveArchive, err := night.OpenEvidence(c, o.images())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, leaveArchive()) }()
	job.Evidence = keep

	s, closeStore, err := database.OpenForRun(ctx, c, o.simulate, database.ToLog(log))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeStore()) }()
	if err := o.again.name(ctx, c, s, job); err != nil {
		return err
	}
	e.store.Store(s)
	defer e.store.Store(nil)
	tell.Begin()
	if err := database.Check(ctx, s, time.Now()); err != nil {
		return err
	}
	if err := errors.Join(missing.Check(ctx, s, job.Lists), c.CheckPrices(ctx, s)); err != nil {
		return err
	}
	if fresh && len(o.lists) == 0 {
		if err := o.remember(ctx, p, c, s, log, e); err != nil {
			return err
		}
	}
	missing.Warn(log)
	e.beside = beside
	night.NameNotTaken(beside, func(path, why string) { log.Warn("not taken for a list", "file", path, "why", why) })
	if s.Migrated != "" {
		log.Info("database brought up to date", "backup", s.Migrated)
	}
	if job.Deadline, err = c.LastCallAfter(ctx, s, time.Now()); err != nil {
		return err
	}
	if keep != nil && !job.Deadline.IsZero() {
		keep.Deadline = job.Deadline.Add(c.Timeout) // what is left after it is for the workbooks
	}
	return runJob(ctx, p, c, job, s, e)
}

// sourcesOf returns what the notifier of a run asks for the state of the database and its copies.
func sourcesOf(c *config.Config) monitor.Sources {
	return monitor.Sources{
		Version:      config.Version(),
		Open:         func(ctx context.Context) (*store.Store, func() error, error) { return database.OpenToRead(ctx, c) },
		NewestBackup: func() (time.Time, error) { return database.NewestBackup(c, time.Now()) },
	}
}

// believed checks the names of endpoints given to --believe-absent.
func believed(c *config.Config, names []string) ([]string, error) {
	for _, name := range names {
		if !slices.ContainsFunc(c.Endpoints, func(e config.EndpointConfig) bool { return e.Name == name }) {
			return nil, config.Usage("for example --believe-absent "+c.Endpoints[0].Name,
				"--believe-absent %q: no endpoint has this name", name)
		}
	}
	return names, nil
}

// endpoints connects the endpoints, to the vendor or to the simulated one. leave ends what that needed.
func (o *runOptions) endpoints(
	c *config.Config, keys *config.Keyring, log *slog.Logger,
) (endpoints []batch.Endpoint, leave func() error, err error) {
	leave = func() error { return nil }
	if !o.simulate {
		endpoints, err = night.RealEndpoints(c, keys)
		return endpoints, leave, err
	}
	if o.vendor, err = demo.Open(filepath.Dir(c.Database)); err != nil {
		return nil, leave, err
	}
	endpoints, err = o.vendor.Endpoints(c)
	return endpoints, func() error { return o.vendor.Leave(log) }, err
}

// images returns what evidence is downloaded through, nil for sockets.
func (o *runOptions) images() http.RoundTripper {
	if o.vendor == nil {
		return nil
	}
	return o.vendor.Vendor.Transport()
}

// remember makes the months before a first simulated run: the last one that is over is reconciled and closed.
func (o *runOptions) remember(
	ctx context.Context, p *program, c *config.Config, s *store.Store, log *slog.Logger, e *execution,
) error {
	if o.vendor == nil {
		return nil
	}
	month, statement, err := o.vendor.Remember(ctx, c, s, log)
	if err != nil || month == "" {
		return err
	}
	task := reconcileTask(c, s)
	task.Statement = statement
	if _, err := reconcile.Run(ctx, task); err != nil {
		return err
	}
	closed, err := monthend.Close(ctx, c, s, monthend.Options{Month: month, By: "the demonstration",
		Reason: "a demonstration", Warn: reportWarner(p.err)})
	e.files = closed.Files
	return err
}

// runJob runs the job with everything around it that makes it a program: progress, housekeeping, workbooks, the
// verdict.
func runJob(
	ctx context.Context, p *program, c *config.Config, job *batch.Job, s *store.Store, e *execution,
) error {
	log := e.log
	written := reports.New(c, s, job.Version, reportWarner(p.err))
	job.Store, job.Publish = s, func(ctx context.Context, sum batch.Summary) error {
		if err := reconcile.BookCorrections(ctx, reconcileTask(c, s)); err != nil {
			return err
		}
		return written.Night(ctx, reports.Told(sum))
	}
	stopWatching := e.console.watch(job.Progress, log)
	sum, err := batch.Run(ctx, job)
	stopWatching()
	remarks, after := followRun(context.WithoutCancel(ctx), c, job, written, &sum, err != nil, log)
	err = errors.Join(err, batch.FailAfter(context.WithoutCancel(ctx), job, &sum, after))
	if remark := database.BackupRemark(c, time.Now()); remark != "" {
		remarks = append(remarks, remark)
	}
	err = errors.Join(err, batch.Remark(context.WithoutCancel(ctx), job, &sum, strings.Join(remarks, "; "), err))
	e.sum, e.files = sum, append(e.files, written.Files()...)
	deliverRun(ctx, c, written, &sum, log)
	export.AfterRun(ctx, c, s, sum.RunID, log)
	if !e.console.terminal { // there the verdict on standard output is the next line
		log.Info("run ended", "run", sum.RunID, "exit_code", sum.ExitCode, "verdict",
			cmp.Or(sum.Verdict, monitor.Verdict(sum, err)))
	}
	warnOfAside(p.err, sum.Aside)
	if sum.ExitCode == batch.ExitRefused && err == nil {
		p.err.printf("liverecon: hint: `liverecon doctor` asks each endpoint for a token, which is free: are " +
			"keys, account and region right?\n")
	}
	for _, name := range sum.NobodyAt {
		p.err.printf("liverecon: hint: is it the right account of %s? `liverecon doctor` asks it for a token, "+
			"which is free; if these IDs do not exist, `liverecon run --believe-absent %s`, which holds for "+
			"later nights like this one\n", name, name)
	}
	if sum.GivenUpPaid > 0 {
		p.err.printf("liverecon: hint: given up though paid for: %s\n", hint.AskGivenUp(sum.GivenUpPaid))
	}
	for _, trouble := range sum.Trouble() {
		if sum.Pending+sum.Waiting == 0 { // nobody is left whom a later run would ask
			break
		}
		p.err.printf("liverecon: hint: %s: a later run asks again; `liverecon doctor` says whether the endpoint "+
			"can be reached now\n", trouble)
	}
	if sum.Repeats > 0 && sum.Waiting > sum.Repeats && len(sum.Trouble()) == 0 {
		p.err.printf("liverecon: hint: fetch.doubt_budget lets a run ask again for %s in doubt: raise it, or %s\n",
			words.Plural(sum.Repeats, "ID", "IDs"), hint.AskAgain(sum.Waiting))
	}
	if sum.Billed > 0 && c.RepeatInDoubt == batch.RepeatHold {
		p.err.printf("liverecon: hint: billed without an answer: %s\n", hint.AskBilled(sum.Billed, ""))
	}
	if sum.EarlierPrices() {
		p.err.printf("liverecon: hint: are the earlier prices wrong? `liverecon run --reprice` counts the " +
			"month's calls at today's in caps, too\n")
	}
	return &config.Error{Code: sum.ExitCode, Err: cmp.Or(err, config.ErrSilent), Hint: ""}
}

// followRun does what belongs to the night and comes after the run: rejects of one that failed, since what was read
// before its end was read, the copy of the database, retention. It returns what the verdict is to say of it.
func followRun(
	ctx context.Context, c *config.Config, job *batch.Job, written *publish.Publisher, sum *batch.Summary, failed bool,
	log *slog.Logger,
) (remarks []string, err error) {
	defer panics.Into(&err)
	var rejects error
	if failed && sum.RunID != 0 {
		rejects = written.Rejects(ctx, reports.Told(*sum))
	}
	remarks, err = housekeeping.Keep(ctx, c, job, written, sum, log)
	return remarks, errors.Join(rejects, err)
}

// warnOfAside names the lists that were set aside, each with what to do about it.
func warnOfAside(err stream, lists []*list.Error) {
	for _, l := range lists {
		err.printf("liverecon: warning: list set aside: %v\n", l)
		if l.Hint != "" {
			err.printf("liverecon: hint: %s\n", l.Hint)
		}
	}
}
