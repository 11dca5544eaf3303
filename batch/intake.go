package batch

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"time"

	"liverecon/batch/list"
	"liverecon/batch/rejects"
	"liverecon/store"
	"liverecon/store/held"
	"liverecon/store/record"
)

// Intake holds what reading the lists brought.
type Intake struct {
	Read     []store.List                               // read in this run, with their chains
	Untold   []store.List                               // read by earlier runs that were interrupted
	Skipped  int                                        // lists read already, with the same content and the same settings
	Rejected int64                                      // rows of all these
	Aside    []*list.Error                              // lists that could not be taken; the next run looks at them again
	Unmended []store.List                               // of Skipped, those of which too many rows were rejected
	Words    []rejects.Word                             // about the lists that were read
	Here     record.Lists                               // all that can be read
	Doubtful record.Lists                               // those set aside, and those whose last row waits
	erased   interface{ Clean(text, by string) string } // nil: there is no database yet
}

// readLists takes every list that was not taken before. One that cannot be taken is set aside with its reason, and the
// others are served; nothing is stored of it.
func readLists(ctx context.Context, job *Job, runID int64, rule held.Rule) (in Intake, err error) {
	if in.erased, err = job.Store.Lists().Erased(ctx); err == nil {
		in.Untold, err = job.Store.Lists().Untold(ctx, runID)
	}
	if err != nil {
		return in, err
	}
	for _, l := range in.Untold {
		job.Log.Info("list read by a run that was interrupted", "run", l.RunID, "list", l.Path, "rows", l.Rows,
			"rejected", l.Rejected)
		in.Rejected += l.Rejected
	}
	read, err := job.Store.Lists().LookUp(ctx)
	if err != nil {
		return in, err
	}
	defer func() { err = errors.Join(err, read.Close()) }()
	var moved int64
	for _, path := range job.Lists {
		found, err := in.lookUp(ctx, job, path, read.Known)
		if err == nil && found.known {
			in.skip(job, runID, found.list)
			continue
		}
		var l store.List
		var word rejects.Word
		if err == nil {
			l, word, err = storeList(ctx, job, runID, path, found, rule, job.MisplacedPerRun-moved)
		}
		if err == nil {
			moved += l.Moved
			word.Tell(l, job.RejectRows, ExitRejected)
			word.Path, word.Region = in.clean(word.Path), in.clean(word.Region)
			for i, note := range word.Notes {
				word.Notes[i] = in.clean(note)
			}
			in.Read, in.Words = append(in.Read, l), append(in.Words, word)
			in.Rejected += l.Rejected
			if l.Fingerprint == waiting(found.fingerprint) {
				in.Doubtful += record.OneList(path, "")
			}
			logList(job.Log, l, word)
		} else if err = in.setAside(path, err); err != nil {
			return in, err
		}
	}
	for _, l := range in.Aside {
		job.Log.Warn("list set aside", "list", l.File, "why", l.Error(), "hint", l.Hint)
	}
	for _, l := range in.Unmended {
		job.Log.Warn("list is as it was when too many of its rows were rejected", "list", l.Path, "rows", l.Rows,
			"rejected", l.Rejected, "hint", "mend it or take it away; its bad rows are in the view v_rejects")
	}
	return in, nil
}

// skip counts a list that is not read again. One of which too many rows were rejected is told of by every run that finds
// it, unless that one has read it, or tells for one that could not.
func (in *Intake) skip(job *Job, runID int64, l store.List) {
	in.Skipped++
	told := l.RunID == runID || slices.ContainsFunc(in.Untold, func(u store.List) bool { return u.ID == l.ID })
	if l.Path = in.clean(l.Path); !told && job.RejectRows.Exceeded(l) {
		in.Unmended = append(in.Unmended, l)
	}
}

func logList(log *slog.Logger, l store.List, word rejects.Word) {
	log.Info("list read", "list", l.Path, "rows", l.Rows, "rejected", l.Rejected, "duplicate", l.Duplicate, "known",
		l.Known, "new", l.New, "region", word.Region)
	for _, note := range word.Notes {
		log.Warn("about a list", "list", l.Path, "note", note)
	}
	if l.Held > 0 {
		log.Warn("its new IDs are held: what the restored database lacks may have read the list, and asked for them",
			"list", l.Path, "ids", l.Held)
	}
}

// setAside notes a list that cannot be taken. It returns an error that is not the list's fault; one that is left for
// another time is none.
func (in *Intake) setAside(path string, err error) error {
	var refused *list.Error
	if errors.Is(err, held.ErrLeft) {
		return nil
	}
	if !errors.As(err, &refused) {
		return err
	}
	in.Doubtful += record.OneList(path, "")
	told := *refused
	told.File, told.Problem = in.clean(told.File), in.clean(told.Problem)
	in.Aside = append(in.Aside, &told)
	return nil
}

// clean leaves out of a text about a list the IDs that were erased.
func (in *Intake) clean(text string) string {
	if in.erased != nil {
		text = in.erased.Clean(text, store.Erased)
	}
	return text
}

// readingRule counts changes of how lists are read. A list that an earlier rule read is read again where its rows may
// change: where rows of it were rejected, or the region of its name is another. IDs of it that are known are not asked
// again.
const readingRule = 3

// lookedUp holds what the database knows of a list.
type lookedUp struct {
	sum         [sha256.Size]byte // of its content
	fingerprint string
	region      list.FileRegion
	known       bool       // it was read already
	list        store.List // that was read then
	waited      bool       // its last row waited in an earlier run, and it is unchanged
	earlier     string     // where earlier rules gave its rows another region: what that was, "" for none
	changed     bool
}

// lookUp looks a list up, and notes that it is here.
func (in *Intake) lookUp(ctx context.Context, job *Job, path string,
	known func(context.Context, string) (store.List, bool, error)) (lookedUp, error) {
	found, err := lookUp(ctx, job, path, known)
	if err == nil {
		in.Here += record.OneList(path, found.fingerprint)
	}
	return found, err
}

// lookUp computes a list's fingerprint and asks whether it was read already.
func lookUp(ctx context.Context, job *Job, path string,
	known func(context.Context, string) (store.List, bool, error)) (lookedUp, error) {
	content, err := list.Hash(path)
	if err != nil {
		return lookedUp{}, err
	}
	sum := content.SHA256
	region := job.ListOptions.FileRegion(path, content.Packed)
	found := lookedUp{sum: sum, region: region,
		fingerprint: listFingerprint(sum, region.BeforeDefault(), readingRule, job)}
	if found.list, found.known, err = known(ctx, found.fingerprint); err != nil || found.known {
		found.list.Path = path
		return found, err
	}
	if _, found.waited, err = known(ctx, waiting(found.fingerprint)); err != nil || found.waited {
		return found, err
	}
	if _, again, err := known(ctx, store.Unsettled(found.fingerprint)); err != nil || again {
		return found, err
	}
	return found, found.lookUpEarlier(ctx, job, path, known)
}

// lookUpEarlier asks whether earlier rules read a list: with the region of today, or under the same name with another.
func (l *lookedUp) lookUpEarlier(ctx context.Context, job *Job, path string,
	known func(context.Context, string) (store.List, bool, error)) error {
	same, others := l.region.Earlier(path, readingRule)
	for i, rule := range append(same, others...) {
		was, read, err := known(ctx, listFingerprint(l.sum, rule.Region, rule.Rule, job))
		switch {
		case err != nil:
			return err
		case !read:
		case i < len(same):
			l.known = was.Rejected == 0
			return nil
		case filepath.Base(was.Path) == filepath.Base(path):
			l.changed, l.earlier = true, rule.Region
			return nil
		}
	}
	return nil
}

// waiting returns the fingerprint of a list whose last row was not taken yet.
func waiting(fingerprint string) string { return fingerprint + " waits" }

// listFingerprint returns the fingerprint of a list that a rule reads by a job's settings.
func listFingerprint(sum [sha256.Size]byte, region string, rule int, job *Job) string {
	return job.ListOptions.Fingerprint(sum, region, rule, slices.Sorted(maps.Keys(job.Routes)))
}

// readOne reads a list, and says what somebody should know of it.
func readOne(ctx context.Context, job *Job, path string, found lookedUp, row func(list.Row) error,
	reject func(list.Reject) error) (list.Info, rejects.Word, error) {
	o := job.ListOptions
	o.Settled = found.waited
	var word rejects.Word
	info, err := list.Read(ctx, path, o, row, func(bad list.Reject) error {
		word.Reject(bad)
		return reject(bad)
	})
	if err == nil && info.SHA256 != found.sum { // its rows may be of two files
		err = &list.Error{File: path, Problem: "it changed while it was read",
			Hint: "nothing of the list was taken; the next run looks at it again"}
	}
	word.Path, word.Region, word.Notes = path, info.Region, info.Notes
	if found.changed && info.Inherits {
		was := found.earlier
		if was == "" {
			was = "no region"
		}
		word.Notes = append(word.Notes, "by an earlier rule its name gave "+was+"; its region is now "+found.region.String())
	}
	return info, word, err
}

// storeList stores one list in one transaction. What is new with one that may have been read before a restoration is
// held.
func storeList(ctx context.Context, job *Job, runID int64, path string, found lookedUp,
	rule held.Rule, mayMove int64) (store.List, rejects.Word, error) {
	file, err := os.Stat(path)
	if err != nil {
		return store.List{}, rejects.Word{}, err
	}
	in, err := job.Store.Lists().Begin(ctx)
	if err != nil {
		return store.List{}, rejects.Word{}, err
	}
	in.Hold(rule, rule.Holds(path, found.fingerprint, file.ModTime(), time.Now()))
	in.Move(mayMove)
	in.Distinguish(job.ListOptions.CaseMatters, job.ListOptions.KindsShare)
	info, word, err := readOne(ctx, job, path, found,
		func(r list.Row) error { return in.Row(listed(r)) },
		func(r list.Reject) error { return in.Reject(rejected(r)) })
	if err != nil {
		return store.List{}, word, errors.Join(err, in.Abort())
	}
	if info.Waits > 0 {
		found.fingerprint = waiting(found.fingerprint)
	}
	l := store.List{Path: path, SHA256: info.SHA256, Fingerprint: found.fingerprint, Bytes: info.Size,
		ReadAt: time.Now(), Notes: word.Kept()}
	l, err = in.Commit(ctx, runID, l)
	return l, word, err
}

func listed(r list.Row) store.ListedRow {
	return store.ListedRow{Line: r.Line, Kind: r.Kind, ID: r.ID, OtherID: r.OtherID, Region: r.Region,
		Endpoint: r.Endpoint, Reference: r.Reference, Guessed: r.Guessed}
}

func rejected(r list.Reject) store.Reject {
	bad := store.Reject{Line: r.Line, Column: r.Column, Reason: r.Reason, Detail: r.Detail, Value: r.Value}
	if r.Row != nil {
		bad.Unplaced = &store.ListedRow{Line: r.Line, Kind: r.Row.Kind, ID: r.Row.ID, Region: r.Row.Region}
	}
	return bad
}

// previewLists reads what readLists would, into a database of its own that is thrown away.
func previewLists(ctx context.Context, job *Job, look *store.Preview, rule held.Rule) (Intake, error) {
	var in Intake
	look.Distinguish(job.ListOptions.CaseMatters, job.ListOptions.KindsShare)
	for _, path := range job.Lists {
		found, err := in.lookUp(ctx, job, path, look.KnownList)
		if err == nil && found.known {
			in.skip(job, 0, found.list)
			continue
		}
		var file os.FileInfo
		var word rejects.Word
		if err == nil {
			file, err = os.Stat(path)
		}
		if err == nil {
			err = look.List(path, rule, rule.Holds(path, found.fingerprint, file.ModTime(), time.Now()),
				func(row func(store.ListedRow) error, reject func(store.Reject) error) error {
					_, word, err = readOne(ctx, job, path, found, func(r list.Row) error {
						return row(listed(r))
					}, func(r list.Reject) error { return reject(rejected(r)) })
					return err
				})
		}
		if err == nil {
			in.Words = append(in.Words, word)
			continue
		}
		if err = in.setAside(path, err); err != nil {
			return in, err
		}
	}
	var err error
	if in.Read, err = look.Lists(ctx); err == nil {
		in.Read, err = look.Move(ctx, job.MisplacedPerRun)
	}
	for i, l := range in.Read {
		in.Words[i].Tell(l, job.RejectRows, ExitRejected)
		in.Rejected += l.Rejected
	}
	return in, err
}
