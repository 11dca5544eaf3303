package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"liverecon/batch"
	"liverecon/batch/usage"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/cmd/liverecon/night"
	"liverecon/cmd/liverecon/typed"
	"liverecon/cmd/liverecon/words"
	"liverecon/store"
	"liverecon/store/dbfile"
)

type restoredOptions struct {
	source
	lag, since, until string
	allLists          bool
	release, by       string
	yes, json         bool
}

func restoredVerb(p *program) *cobra.Command {
	var o restoredOptions
	cmd := &cobra.Command{
		Use: "restored [flags]", Args: cobra.NoArgs,
		Long: `Go on with an older copy of the database, once it is in its place. What was asked after the
copy was made is not in it, and would be asked, and paid for, again. So the IDs that may have
been asked are held: of each endpoint as many as the record knows of calls, or as its rate
allows in the time that was lost, in every order in which a run may have come to them; and
every ID that is new with a list whose content is from before now. The rate is the one that is
set, or the highest that the copy's own calls show; an endpoint that is not configured now
counts like the fastest. A held ID is not asked, and counts as paid for at most once.

A list that is here now was here before, whatever its time; with --until one of a later time
was not. One that comes back is known by its content, whatever its name, time or compression:
the records know every list that was read, whichever copy stood here then. Where they do not
tell, the time of its file does; one that is still to come tells nothing until a run has read
every list. Without a record every name that the copy knows counts, once each. Where that may
not do, --all-lists holds what is new with any list that the next run finds.

How much was lost the records tell, where they are there; else say how far the copy may be
behind: --lag for a replica that follows, --since for a backup. Without --yes it only says
what it would do.

--release ends the holding, of one ID, of a list or of all, and keeps who said so; it, too,
only says what it would do without --yes. The next run asks for them. What a statement bills
in the lost time, and our records do not know, is the most that was paid for; "reconcile"
counts it.`,
		Example: `    liverecon restored
    liverecon restored --lag 10s --yes                           # a replica, 10 s behind at most
    liverecon restored --since "2026-11-27 02:00" --yes          # a backup of that time
    liverecon restored --release lists/ids_PH.csv --by "A. Lim" --yes`,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.release != "" {
				return release(cmd.Context(), p, &o)
			}
			return holdLost(cmd.Context(), p, &o)
		},
	}
	o.flags(cmd, "a copy of the simulated run's database")
	cmd.Flags().StringVar(&o.lag, "lag", "",
		"how far behind the copy may be, in time that a run worked: `TIME` such as 10s, 2h or 1d")
	cmd.Flags().StringVar(&o.since, "since", "", "everything after `MOMENT` may be missing: \"2026-11-27 02:00\"")
	cmd.Flags().StringVar(&o.until, "until", "",
		"no call was made, and no list read, after `MOMENT` (default: now, or as the records know)")
	cmd.Flags().BoolVar(&o.allLists, "all-lists", false, "hold what is new with any list that the next run "+
		"finds: the times of their files are not those of their contents")
	cmd.Flags().StringVar(&o.release, "release", "", "hold no longer `WHAT`: an ID, a list's path, or all")
	cmd.Flags().StringVar(&o.by, "by", "",
		"`NAME` of who decides it (default for holding: the user's name on this machine)")
	cmd.Flags().BoolVar(&o.yes, "yes", false, "do it, instead of saying what would be done")
	cmd.Flags().BoolVar(&o.json, "json", false, "print the result as JSON")
	return cmd
}

// holdLost holds the IDs that may have been asked after an older copy was made, or counts them without --yes.
func holdLost(ctx context.Context, p *program, o *restoredOptions) (err error) {
	c, err := o.settings()
	if err != nil {
		return err
	}
	endpoints, err := night.SilentEndpoints(c)
	if err != nil {
		return err
	}
	found, missing, err := night.ExpandLists(c, c.Lists, c.Base)
	if err != nil {
		return err
	}
	for _, one := range missing {
		p.err.printf("liverecon: warning: %v; one that comes later is looked at by the time of its file\n", one)
	}
	job := night.Job(c, found, endpoints, slog.New(slog.DiscardHandler))
	job.Simulated = o.simulate
	s, closeAll, err := o.open(ctx, c, announcer(p.err).Working)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, closeAll()) }()
	if err := database.RefuseMixing(ctx, s, o.simulate); err != nil {
		return err
	}
	job.Store = s
	lost, err := o.lost(ctx, c, job, time.Now())
	if err != nil {
		return err
	}
	done, err := o.hold(ctx, c, job, lost, recordWarner(p.err))
	if err != nil {
		return err
	}
	result := newRestoredResult(lost, done)
	if o.json {
		p.out.json(result)
		return nil
	}
	printRestored(p, result, lost, c.Zone)
	return nil
}

// open opens the database for writing with --yes, else for reading.
func (o *restoredOptions) open(
	ctx context.Context, c *config.Config, working store.Announce,
) (*store.Store, func() error, error) {
	if o.yes {
		if _, err := os.Lstat(c.Database); errors.Is(err, fs.ErrNotExist) {
			return nil, nil, noCopy(c)
		}
		return database.OpenUnproven(ctx, c, "restored", working)
	}
	s, closeStore, err := database.OpenAsItIs(ctx, c)
	switch {
	case err == nil && s == nil:
		return nil, nil, database.Missing(c)
	case errors.Is(err, dbfile.ErrOlder):
		return nil, nil, &config.Error{Code: batch.ExitInput, Err: err,
			Hint: "--yes brings it up to date, after a backup beside it, and does the rest; say --lag or --since"}
	case err != nil:
		return nil, nil, err
	}
	return s, closeStore, nil
}

func noCopy(c *config.Config) error {
	return config.Usage("put the copy there first", "there is no database %s", c.Database)
}

// hold stores the holding with --yes, else counts what would be held.
func (o *restoredOptions) hold(
	ctx context.Context, c *config.Config, job *batch.Job, lost *lostWork, warn func(error),
) (*batch.Restored, error) {
	if !o.yes {
		return batch.PreviewRestore(ctx, job, &lost.Restoring)
	}
	done, err := batch.Restore(ctx, job, &lost.Restoring)
	if err == nil {
		_, err = job.Store.Records().RemoveOthers(ctx, database.Places(c))
	}
	if err == nil {
		err = database.Keep(ctx, c, job.Store, warn)
	}
	return done, err
}

// lostWork holds how much a copy may lack, and how that is known.
type lostWork struct {
	batch.Restoring
	record string     // that tells, "" for none
	loss   store.Loss // as it tells
}

// recordSlack sets how much of its work a record may not know of after a power cut: the system writes it to the disk
// within half a minute.
const recordSlack = time.Minute

// lost works out how much the copy may lack: from what was said, or else from the records.
func (o *restoredOptions) lost(
	ctx context.Context, c *config.Config, job *batch.Job, now time.Time,
) (*lostWork, error) {
	at := database.Places(c)
	loss, behind, err := job.Store.Restorations().Loss(ctx, at)
	if err != nil {
		return nil, database.WithCode(err)
	}
	if o.by == "" {
		o.by = userName()
	}
	l := &lostWork{Restoring: batch.Restoring{By: o.by, Calls: -1, From: loss.From, Until: now, ListsBefore: now,
		AllLists: o.allLists, Records: at}}
	if behind {
		l.record, l.loss, l.Known, l.Ahead = loss.Record.Path, loss, loss.Calls, loss.Ahead
		l.Until = loss.Until
		if !loss.Exact {
			l.Until, l.Slack = loss.Until.Add(recordSlack), recordSlack
		}
	}
	if o.until != "" {
		if l.Until, err = parseMoment("--until", o.until, c.Zone); err != nil {
			return nil, err
		}
		l.ListsBefore, l.NewerHere = l.Until, true
	}
	if err := o.measure(ctx, c, job, l, loss, behind); err != nil {
		return nil, err
	}
	if l.From.After(l.Until) {
		l.From = l.Until
	}
	if o.lag+o.since == "" {
		return l, nil
	}
	return l, l.believable(ctx, job)
}

// measure works out the time that was lost: from --lag or --since, the record, or an earlier restoration.
func (o *restoredOptions) measure(
	ctx context.Context, c *config.Config, job *batch.Job, l *lostWork, loss store.Loss, behind bool,
) (err error) {
	switch {
	case o.lag != "" && o.since != "":
		return config.Usage("--lag for a replica that follows, --since for a backup",
			"--lag and --since are two ways to say one thing")
	case o.lag != "":
		l.Lag, err = parseLag(o.lag)
		return err
	case o.since != "":
		if l.From, err = parseMoment("--since", o.since, c.Zone); err != nil {
			return err
		}
		if l.Lag = l.Until.Sub(l.From); l.Lag <= 0 {
			return config.Usage("", "--since %s is not before %s: nothing can have been lost in between", o.since,
				words.Moment(l.Until, c.Zone))
		}
		return nil
	case behind && !loss.Counted && (l.From.IsZero() || !l.From.Before(l.Until)):
		return config.Usage(`say since when the two went apart: --since "2026-11-27 02:00"`,
			"%s is of another history than %s, in which another copy went on: nobody knows how many calls this one lacks",
			l.record, c.Database)
	case behind:
		l.Lag = min(max(l.Until.Sub(l.From), time.Second), longestLag)
		if loss.Counted {
			l.Runs, l.Calls, l.Again = loss.Runs, l.Known, loss.Again
		}
		return nil
	}
	if done, err := job.Store.Restorations().All(ctx); err != nil {
		return database.WithCode(err)
	} else if len(done) > 0 && o.allLists { // nothing more was lost than was said then
		l.From, l.Until, l.Calls = done[0].LostFrom, done[0].LostUntil, 0
		return nil
	}
	const say = `say how far it may be behind: --lag 10s, or --since "2026-11-27 02:00"`
	if err := job.Store.Records().Check(ctx, l.Records); errors.Is(err, store.ErrReplaced) {
		return &config.Error{Code: batch.ExitInput, Err: fmt.Errorf("%w, and cannot tell how far this one is behind",
			err), Hint: say}
	} else if err != nil && !errors.Is(err, store.ErrMidRun) {
		return database.WithCode(err)
	}
	found, err := job.Store.Records().Found(ctx, l.Records)
	if err != nil {
		return database.WithCode(err)
	}
	for _, f := range found {
		if f.Err != nil {
			return config.Usage(say, "%s is not there, and cannot tell what %s lacks", f.Path, c.Database)
		}
	}
	return config.Usage(say, "no record says that %s lacks anything", c.Database)
}

// believable refuses a span in which the calls that a record knows of could not have been made.
func (l *lostWork) believable(ctx context.Context, job *batch.Job) error {
	most, err := l.MostCalls(ctx, job)
	if err != nil {
		return err
	}
	if l.Known > most {
		return config.Usage("`liverecon restored` without --lag and --since goes by the record",
			"%s knows of %s that the copy lacks: more than the rates make in %s (%s)",
			l.record, words.Plural(l.Known, "call", "calls"), words.ShortDuration(l.Lag), words.Comma(most))
	}
	return nil
}

// longestLag bounds a lag: more than anything that is kept.
const longestLag = 10 * 366 * 24 * time.Hour

// parseLag reads a span of time such as 10s or 2d.
func parseLag(text string) (time.Duration, error) {
	var lag time.Duration
	var err error
	if days, ok := strings.CutSuffix(text, "d"); ok {
		var n int64
		if n, err = parseDays(days); err == nil {
			lag = time.Duration(min(n, int64(longestLag/(24*time.Hour)))) * 24 * time.Hour
		}
	} else {
		lag, err = time.ParseDuration(text)
	}
	if err != nil || lag <= 0 || lag > longestLag {
		return 0, config.Usage("such as --lag 10s, 5m, 2h or 1d", "--lag %.40q: want how far behind the copy may be",
			text)
	}
	return lag, nil
}

// parseMoment reads a moment on the clocks of a zone, or with a zone of its own.
func parseMoment(flag, text string, zone *time.Location) (time.Time, error) {
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05", "2006-01-02T15:04:05", "2006-01-02 15:04",
		"2006-01-02T15:04", time.DateOnly} {
		if t, err := time.ParseInLocation(layout, text, zone); err == nil {
			return t.UTC(), nil
		}
	}
	return time.Time{}, config.Usage(fmt.Sprintf(`such as %s "2026-11-27 02:00", on the clocks of %s`, flag, zone),
		"%s %.40q: want a moment", flag, text)
}

// restoredResult counts the IDs that a restoration holds, as it is printed.
type restoredResult struct {
	Done   bool       `json:"done"`
	From   time.Time  `json:"lost_from"`
	Until  time.Time  `json:"lost_until"`
	Lag    string     `json:"lost_work"`
	Record string     `json:"record,omitempty"`   // that tells how far the copy is behind
	Calls  int64      `json:"calls_behind"`       // that the record knows of and the copy does not, at least
	Other  bool       `json:"of_another_history"` // the record is
	Known  bool       `json:"calls_known"`        // the calls behind are all of them
	Held   []heldRow  `json:"held"`               // of the IDs in the copy
	Lists  []heldList `json:"lists"`              // whose new IDs are held
	Aside  []string   `json:"lists_set_aside"`    // why
	IDs    int64      `json:"ids"`                // held, all together
	Cost   string     `json:"cost_at_most"`       // if each was paid for once
	// lost ones that the held IDs do not stand for
	Unheld  int64  `json:"calls_nothing_is_held_for"`
	Lost    string `json:"their_cost_at_most,omitempty"`
	Dropped int64  `json:"no_longer_asked_once"` // settled IDs
	// that the record knows of, and that are neither in the copy nor among the lists
	Missing int64 `json:"lists_missing"`
	Short   bool  `json:"held_fewer_than_calls"`
}

type heldRow struct {
	Endpoint string `json:"endpoint"`
	Region   string `json:"region"`
	Was      string `json:"was"`
	IDs      int64  `json:"ids"`
}

type heldList struct {
	Path string `json:"list"`
	IDs  int64  `json:"new_ids"`
}

func newRestoredResult(l *lostWork, done *batch.Restored) restoredResult {
	r := restoredResult{Done: done.RunID > 0, From: l.From, Until: l.Until, Lag: l.Lag.Round(time.Millisecond).String(),
		Record: l.record, Calls: l.Known, Other: l.loss.Other, Known: l.record != "" && l.loss.Counted,
		Held: []heldRow{}, Lists: []heldList{}, Aside: []string{}, IDs: done.Total.IDs, Cost: done.Total.Money(),
		Unheld: done.Lost.Calls, Lost: done.Lost.Money(), Dropped: done.Dropped}
	for _, h := range done.Held {
		r.Held = append(r.Held, heldRow{h.Endpoint, h.Region, string(h.Was), h.Checks})
	}
	for _, list := range done.Lists {
		if list.New > 0 {
			r.Lists = append(r.Lists, heldList{list.Path, list.New})
		}
	}
	for _, list := range done.Aside {
		r.Aside = append(r.Aside, list.Error())
	}
	r.Missing, r.Short = done.Missing, r.IDs < r.Calls
	if l.AllLists {
		r.Missing, r.Short = 0, false
	}
	return r
}

func printRestored(p *program, r restoredResult, l *lostWork, zone *time.Location) {
	p.out.wrap("", lostSentence(r, l, zone))
	verb := "would be held"
	if r.Done {
		verb = "held"
	}
	if len(r.Held)+len(r.Lists) > 0 {
		p.out.printf("\n")
		t := newTable("endpoint", "region", "IDs that were", ">"+verb)
		for _, h := range r.Held {
			t.row(h.Endpoint, h.Region, strings.ReplaceAll(h.Was, "_", " "), words.Comma(h.IDs))
		}
		for _, list := range r.Lists {
			t.row("", "", "new with "+list.Path, words.Comma(list.IDs))
		}
		p.out.table(t)
	}
	for _, why := range r.Aside {
		p.err.printf("liverecon: warning: %s: its IDs are held when it can be read\n", why)
	}
	cost := ""
	if r.Cost != "" {
		cost = ", " + r.Cost + " at most"
	}
	p.out.printf("%s %s that may have been paid for%s\n", words.Plural(r.IDs, "ID", "IDs"), verb, cost)
	if r.Unheld > 0 {
		cost := ""
		if r.Lost != "" {
			cost = ", " + r.Lost + " at most"
		}
		p.out.printf("%s for which no ID is held %s as paid for at most once%s\n",
			words.Plural(r.Unheld, "lost call", "lost calls"), words.CountsCount(r.Unheld), cost)
	}
	printMissing(p, r)
	if r.Dropped > 0 {
		p.out.wrap("", fmt.Sprintf("%s not asked once more, as somebody had wanted: that may have been done; "+
			"`liverecon run --again` says so anew", words.Plural(r.Dropped, "settled ID is", "settled IDs are")))
	}
	if !r.Done {
		p.out.printf("nothing was changed; add --yes to do it\n")
		return
	}
	p.out.printf("done: `liverecon run` goes on")
	if r.IDs > 0 {
		p.out.printf("; `liverecon restored --release` ends the holding")
	}
	p.out.printf("\n")
}

// lostSentence describes how much the copy lacks, and who knows it.
func lostSentence(r restoredResult, l *lostWork, zone *time.Location) string {
	calls := words.Plural(r.Calls, "call", "calls")
	switch {
	case l.Lag == 0:
		return "nothing more is lost than was said before: this is about lists alone"
	case l.record != "" && !l.loss.Counted:
		least, why := "", "is of another history, in which another copy went on"
		if !l.loss.Other {
			why = "knows that an older copy was taken into use, of which nobody knew all that it lacks"
		}
		if r.Calls > 0 {
			least = fmt.Sprintf(", but %s at least", calls)
		}
		return fmt.Sprintf("%s %s: nobody knows how many calls this one lacks%s. It may lack %s of work, up to %s",
			r.Record, why, least, words.ShortDuration(l.Lag), words.Moment(r.Until, zone))
	case l.Calls < 0:
		return fmt.Sprintf("the copy may lack %s of work, up to %s", words.ShortDuration(l.Lag),
			words.Moment(r.Until, zone))
	case l.loss.Other:
		return fmt.Sprintf("%s is of another history, in which another copy went on: this one lacks %s that it knows of, "+
			"made between %s and %s", r.Record, calls, words.Moment(r.From, zone), words.Moment(r.Until, zone))
	}
	behind, more := words.Duration(r.Until.Sub(r.From)), ""
	if l.Slack > 0 {
		more = ", and what the last minute before a power cut did"
	}
	if r.Calls == 0 {
		more = ", and lacks no call" + more
		for _, g := range l.loss.Gaps {
			behind = words.Plural(g.Want-g.Have, g.Kind, strings.Replace(g.Kind+"s", "closing of a months",
				"closings of months", 1)) + " and " + behind
		}
		return fmt.Sprintf("%s says that the copy is %s behind%s", r.Record, behind, more)
	}
	return fmt.Sprintf("%s says that the copy is %s and %s behind%s", r.Record, calls, behind, more)
}

// printMissing prints that a record knows of more than is held, and what to type.
func printMissing(p *program, r restoredResult) {
	if !r.Short && r.Missing == 0 {
		return
	}
	text, verb := "warning: ", "would be"
	if r.Done {
		verb = "are"
	}
	if r.Short {
		text += fmt.Sprintf("the copy lacks %s, and only %s %s held for them", words.Plural(r.Calls, "call", "calls"),
			words.Plural(r.IDs, "ID", "IDs"), verb)
	}
	if r.Missing > 0 {
		if r.Short {
			text += ": "
		}
		text += fmt.Sprintf("%s that the record knows of %s neither in the copy nor among the lists here",
			words.Plural(r.Missing, "list", "lists"), words.IsAre(r.Missing))
	}
	if r.Done {
		text += ". Before the next run, put them back and type `liverecon restored --all-lists --yes`: what is " +
			"new with any list that it finds is then held"
	} else {
		text += ". Put them back first, with the times of their files (cp -p); or type `liverecon restored " +
			"--all-lists --yes`, and what is new with any list that the next run finds is held"
	}
	p.out.wrap("", text)
}

// releaseResult counts the IDs that --release released.
type releaseResult struct {
	Done bool   `json:"done"`
	IDs  int64  `json:"released"` // or to be released
	By   string `json:"by"`
	Cost string `json:"cost_at_most"` // of asking for each once
}

// release ends the holding of IDs.
func release(ctx context.Context, p *program, o *restoredOptions) error {
	if o.by == "" {
		return config.Usage(`such as --by "A. Lim"`, "--release may pay for IDs twice: --by NAME says who decides it")
	}
	for flag, given := range map[string]bool{"--lag": o.lag != "", "--since": o.since != "", "--until": o.until != "",
		"--all-lists": o.allLists} {
		if given {
			return config.Usage("", "%s is about holding, not about releasing", flag)
		}
	}
	open := o.read
	if o.yes {
		open = func(ctx context.Context, do func(*config.Config, *store.Store) error) error {
			return o.write(ctx, p, "restored", do)
		}
	}
	return open(ctx, func(c *config.Config, s *store.Store) error {
		what, err := releasing(ctx, c, s, o.release)
		if err != nil {
			return err
		}
		what.By, what.At = o.by, time.Now()
		some, err := s.Restorations().Releasable(ctx, what.Releasing)
		if err != nil {
			return err
		}
		spent, err := usage.Read(ctx, s, c.Prices, c.BillingZone, what.At)
		if err != nil {
			return err
		}
		all := spent.HeldOf(some, c.Caps, what.At)
		if all.IDs == 0 {
			return config.Usage("`liverecon status` counts what is held; give an ID, a list's path as it was "+
				"read, or all", "--release %.128q: %s", o.release, what.nothing())
		}
		r := releaseResult{IDs: all.IDs, By: o.by, Cost: all.Money()}
		if o.yes {
			if r.IDs, err = s.Restorations().Release(ctx, what.Releasing); err != nil {
				return err
			}
			r.Done = true
		}
		printRelease(p.out, o, r)
		return nil
	})
}

func printRelease(out stream, o *restoredOptions, r releaseResult) {
	if o.json {
		out.json(r)
		return
	}
	verb, cost := " would be", ""
	if r.Done {
		verb = " " + words.IsAre(r.IDs)
	}
	if r.Cost != "" {
		cost = ", for " + r.Cost + " at most"
	}
	out.wrap("", fmt.Sprintf("%s%s released by %s: the next run asks for %s, and may pay a second time%s",
		words.Plural(r.IDs, "ID", "IDs"), verb, r.By, words.ItThem(r.IDs), cost))
	if !r.Done {
		out.printf("nothing was changed; add --yes to do it\n")
	}
}

// releasingWhat names the IDs to be released, as they were given.
type releasingWhat struct {
	store.Releasing
	path bool // it looks like a file's, and no list of that path was read
}

// nothing explains why nothing is released.
func (w releasingWhat) nothing() string {
	if w.path {
		return "no list of that path was read"
	}
	return "nothing of that is held"
}

// releasing takes what is given for all, for the path of a list that was read, or else for an ID.
func releasing(ctx context.Context, c *config.Config, s *store.Store, what string) (releasingWhat, error) {
	if what == "all" {
		return releasingWhat{}, nil
	}
	paths, err := s.Lists().Paths(ctx)
	if err != nil || slices.Contains(paths, what) {
		return releasingWhat{Releasing: store.Releasing{List: what}}, err
	}
	id, err := typed.ID(ctx, c, s, what)
	return releasingWhat{store.Releasing{ID: id}, strings.ContainsAny(what, "/.")}, err
}
