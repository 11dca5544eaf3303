package record

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"time"
)

// Known holds what is known of all histories of a database together: of each run, whichever copy of the database it was
// made in, how many calls it made; and every list that was read. It only grows. What a copy lacks is what is known less
// what the copy has, whatever was put in whose place before.
//
// It stands behind the slots of a record, in lines that are only added: the CRC-32 of what follows, in hex, a space,
// and JSON. A later line about a run adds to the earlier ones.
type Known struct {
	Runs  map[string]KnownRun // by nonce
	Lists Lists               // in any order, each once
	IDs   IDs                 // that these lists brought, in any order, each once
}

// KnownRun tells of one run of any history. Of everything that is a number the most that was ever said is kept.
type KnownRun struct {
	ID    int64  `json:"run"`
	Nonce string `json:"nonce"`
	Calls int64  `json:"calls,omitempty"`
	From  int64  `json:"from,omitempty"`  // when it began, epoch milliseconds; 0: not known
	Until int64  `json:"until,omitempty"` // no later than this it made its last call; 0: not known

	// A run may have taken an older copy into use.
	Restoration bool     `json:"restoration,omitempty"`
	Lost        int64    `json:"lost,omitempty"`    // calls that the copy was known to lack, of runs that nobody knows
	Guessed     bool     `json:"guessed,omitempty"` // there may have been more
	Held        int64    `json:"held,omitempty"`    // IDs of the copy that were held
	Lacked      []string `json:"lacked,omitempty"`  // nonces of the runs for which they were
}

// Unnumbered replaces the nonce of all runs from before runs had random numbers.
const Unnumbered = "-"

// Add adds what is said of a run.
func (k *Known) Add(r KnownRun) {
	if k.Runs == nil {
		k.Runs = map[string]KnownRun{}
	}
	if old, ok := k.Runs[r.Nonce]; ok {
		r = old.with(r)
	}
	k.Runs[r.Nonce] = r
}

func (r KnownRun) with(o KnownRun) KnownRun {
	r.ID, r.Calls, r.Until = max(r.ID, o.ID), max(r.Calls, o.Calls), max(r.Until, o.Until)
	if r.From == 0 || o.From > 0 && o.From < r.From {
		r.From = o.From
	}
	r.Restoration, r.Guessed = r.Restoration || o.Restoration, r.Guessed || o.Guessed
	r.Lost, r.Held = max(r.Lost, o.Lost), max(r.Held, o.Held)
	if len(o.Lacked) > len(r.Lacked) {
		r.Lacked = o.Lacked
	}
	return r
}

func (r KnownRun) equal(o KnownRun) bool {
	lacked := slices.Equal(r.Lacked, o.Lacked)
	r.Lacked, o.Lacked = nil, nil
	return lacked && fmt.Sprint(r) == fmt.Sprint(o)
}

// Merge adds everything that another one knows.
func (k *Known) Merge(o Known) {
	for _, r := range o.Runs {
		k.Add(r)
	}
	k.Lists += o.Lists.Beyond(k.Lists)
	k.IDs += o.IDs.Beyond(k.IDs)
}

// Clone returns one that can be added to.
func (k Known) Clone() Known { return Known{maps.Clone(k.Runs), k.Lists, k.IDs} }

// Beyond returns what another one does not know.
func (k Known) Beyond(o Known) (more Known) {
	for nonce, r := range k.Runs {
		if old, ok := o.Runs[nonce]; !ok || !old.equal(old.with(r)) {
			more.Add(r)
		}
	}
	more.Lists, more.IDs = k.Lists.Beyond(o.Lists), k.IDs.Beyond(o.IDs)
	return more
}

// Lack holds what a copy of a database does not have of what is known.
type Lack struct {
	Runs    []KnownRun // by their beginnings
	Calls   int64      // that these made, at least
	Guessed bool       // there may have been more
	Again   bool       // between them an older copy was taken into use
	// Ahead is how much further than by Calls the queues of open IDs may have been gone through: runs asked behind what
	// was held.
	Ahead int64
	// From and Until bound the time of the calls; the zero time: not known.
	From, Until time.Time
	Lists       Lists
	IDs         IDs
}

// Lack compares what is known with what a copy has: its own runs, and those for which it holds IDs already, or counts
// their calls as lost.
func (k Known) Lack(have Known) (l Lack) {
	calls := map[string]int64{} // that the copy lacks, by run
	var from, until int64
	unbounded := false
	for nonce, r := range k.Runs {
		had, ok := have.Runs[nonce]
		beyond, lost := max(0, r.Calls-had.Calls), max(0, r.Lost-had.Lost)
		if ok && beyond+lost == 0 {
			continue
		}
		l.Runs = append(l.Runs, r)
		calls[nonce] = beyond
		l.Calls += beyond + lost
		l.Guessed = l.Guessed || r.Guessed && !had.Guessed
		l.Again = l.Again || r.Restoration && !ok
		if unbounded = unbounded || r.From == 0 || r.Until == 0; from == 0 || r.From < from {
			from = r.From
		}
		until = max(until, r.Until)
	}
	for _, r := range l.Runs {
		ahead := r.Held
		for _, nonce := range r.Lacked {
			ahead -= calls[nonce]
		}
		if _, ok := have.Runs[r.Nonce]; !ok {
			l.Ahead += max(0, ahead)
		}
	}
	if len(l.Runs) > 0 && !unbounded {
		l.From, l.Until = time.UnixMilli(from), time.UnixMilli(until)
	}
	slices.SortFunc(l.Runs, func(a, b KnownRun) int {
		if a.From != b.From {
			return int(min(1, max(-1, a.From-b.From)))
		}
		return strings.Compare(a.Nonce, b.Nonce)
	})
	l.Lists, l.IDs = k.Lists.Without(have.Lists), k.IDs.Beyond(have.IDs)
	return l
}

// Told returns what a record's entry says of the newest runs of its history and their lists. How many calls the oldest
// of these runs made is not known, unless there was none before.
func (e Entry) Told() (k Known) {
	line := e.Line()
	for i, r := range line {
		one := KnownRun{ID: r.ID, Nonce: r.Nonce}
		switch {
		case i+1 < len(line):
			one.Calls = r.Call - line[i+1].Call
		case r.ID == 1:
			one.Calls = r.Call
		}
		if i == 0 {
			if e.Before > 0 {
				one.Calls = r.Call - e.Before
			}
			one.Until = e.WrittenAt.UnixMilli()
		}
		one.Calls = max(0, one.Calls)
		k.Add(one)
	}
	k.Lists = e.Lists.Beyond("")
	return k
}

// line represents a line behind the slots. It is about a run, unless that has no nonce.
type line struct {
	KnownRun
	Lists Lists `json:"lists,omitempty"`
	IDs   IDs   `json:"ids,omitempty"`
}

// mostListsInLine bounds the length of a line.
const mostListsInLine = 1000

// lines returns what is to be added to a record for it to know k.
func (k Known) lines() (text []byte, err error) {
	var all []line
	for _, nonce := range slices.Sorted(maps.Keys(k.Runs)) {
		all = append(all, line{KnownRun: k.Runs[nonce]})
	}
	slices.SortStableFunc(all, func(a, b line) int { return int(min(1, max(-1, a.From-b.From))) })
	for rest := k.Lists; rest != ""; {
		n := min(len(rest), 2*markSize*mostListsInLine)
		all, rest = append(all, line{Lists: rest[:n]}), rest[n:]
	}
	for rest := k.IDs; rest != ""; {
		n := min(len(rest), idMark*mostListsInLine)
		all, rest = append(all, line{IDs: rest[:n]}), rest[n:]
	}
	for _, one := range all {
		said, err := json.Marshal(one)
		if err != nil {
			return nil, fmt.Errorf("encode record: %w", err)
		}
		text = fmt.Appendf(text, "%08x %s\n", crc32.ChecksumIEEE(said), said)
	}
	return text, nil
}

// addition represents the lines behind the slots of a record.
type addition struct {
	erased []Erased
	known  Known
	end    int64 // offset behind the last whole line
}

// readAddition reads what stands behind the slots. A line that is damaged costs itself alone.
func readAddition(path string) (a addition, err error) {
	a.end = slots * slotSize
	f, err := os.Open(path)
	if errors.Is(err, os.ErrNotExist) {
		return a, nil
	}
	if err != nil {
		return a, err
	}
	defer f.Close() //nolint:errcheck // opened for reading
	text, err := io.ReadAll(io.NewSectionReader(f, slots*slotSize, 1<<40))
	if err != nil {
		return a, fmt.Errorf("read record: %w", err)
	}
	at := a.end
	for one := range bytes.Lines(text) {
		at += int64(len(one))
		if a.take(one) {
			a.end = at
		}
	}
	return a, nil
}

// take reads one line, and reports that it is whole.
func (a *addition) take(text []byte) bool {
	if len(text) == erasedSize {
		var e Erased
		if _, err := hex.Decode(e[:], text[9:erasedSize-1]); err == nil && bytes.Equal(e.line(), text) {
			a.erased = append(a.erased, e)
			return true
		}
	}
	sum, said, found := bytes.Cut(bytes.TrimSuffix(text, []byte("\n")), []byte(" "))
	var one line
	if !found || text[len(text)-1] != '\n' || string(sum) != fmt.Sprintf("%08x", crc32.ChecksumIEEE(said)) ||
		json.Unmarshal(said, &one) != nil {
		return false
	}
	if one.Nonce != "" {
		a.known.Add(one.KnownRun)
	}
	a.known.Lists += one.Lists
	a.known.IDs += one.IDs
	return true
}

// Know adds to the record what it does not know of k, and waits until that is on the disk.
func (f *File) Know(k Known) error {
	a, err := readAddition(f.Path())
	if err != nil {
		return err
	}
	text, err := k.Beyond(a.known).lines()
	if err != nil || len(text) == 0 {
		return err
	}
	return f.add(text, a.end)
}

func (f *File) add(text []byte, end int64) error {
	if _, err := f.file.WriteAt(text, end); err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	return f.Sync()
}
