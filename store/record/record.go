// Package record keeps, in small files outside of a database, how far that database had come: enough to notice that it
// is lost, or that an older copy or another one stands in its place, before everything is bought again.
//
// A record is a text file of two slots of 4 KiB, written in turn, so that one that a power cut tore leaves the one
// before it. A slot begins with one line, as the spill file has: the CRC-32 of what follows, in hex, a space, and JSON.
// What stands behind the line belongs to later formats and is left alone. Behind the slots stand lines that are only
// added, and survive every copy that is put in the database's place: IDs that were erased, and what is known of all
// histories of the database (Known).
//
// A record is overwritten after the commit that it tells of, and that commit is on disk. So whatever ends the program,
// or cuts the power, a record may be behind its database, and never ahead of it: a database that is behind has lost
// something.
package record

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"strings"
	"time"

	"liverecon/store/disk"
)

const (
	format   = 1
	slotSize = 4 << 10
	slots    = 2
)

// Errors of reading a record.
var (
	ErrUnreadable = errors.New("the record cannot be read")
	ErrNewer      = errors.New("the record was written by a newer liverecon")
)

// Entry holds what a record says. It names no person.
type Entry struct {
	Format   int    `json:"format"`
	Sequence uint64 `json:"sequence"` // one more with each write
	Identity string `json:"identity"` // of the database and its copies
	Epoch    string `json:"epoch"`    // of the history that the database goes on with
	Marks    Marks  `json:"marks"`
	Open     bool   `json:"open"`           // the program that wrote it had not ended
	Boot     string `json:"boot,omitempty"` // the machine's running at the time, "" unknown
	Database string `json:"database"`       // path from the record's directory
	// the same of the file that named the database, "" for none
	Configuration string    `json:"configuration,omitempty"`
	Lists         Lists     `json:"lists,omitempty"`  // the newest that it has read
	Runs          Runs      `json:"runs,omitempty"`   // the newest of its history
	Before        int64     `json:"before,omitempty"` // the last call before the newest run; 0: none, or not known
	Lost          Lost      `json:"lost,omitzero"`    // before, in that history
	WrittenAt     time.Time `json:"written_at"`
}

// Marks describes how far a database has come: the highest number of each kind of row that is never taken back, or how
// many there are. Zero: none.
type Marks struct {
	Run            int64 `json:"run"`
	Call           int64 `json:"call"`
	List           int64 `json:"list"`
	Statement      int64 `json:"statement"`
	Reconciliation int64 `json:"reconciliation"`
	Closure        int64 `json:"closure"` // closings and openings of months
	Decision       int64 `json:"decision"`
	Erasure        int64 `json:"erasure"`
	Release        int64 `json:"release"` // of held IDs
}

// Gap describes one kind of row of which a database has fewer than a record knows of.
type Gap struct {
	Kind       string // such as "call"
	Have, Want int64
}

// Missing compares a database's marks with what a record says, what costs money first. None: the database is not
// behind.
func (m Marks) Missing(recorded Marks) []Gap {
	var gaps []Gap
	for _, g := range []Gap{
		{"call", m.Call, recorded.Call}, {"run", m.Run, recorded.Run}, {"list", m.List, recorded.List},
		{"statement", m.Statement, recorded.Statement}, {"reconciliation", m.Reconciliation, recorded.Reconciliation},
		{"closing of a month", m.Closure, recorded.Closure}, {"decision", m.Decision, recorded.Decision},
		{"erasure", m.Erasure, recorded.Erasure}, {"release", m.Release, recorded.Release},
	} {
		if g.Have < g.Want {
			gaps = append(gaps, g)
		}
	}
	return gaps
}

// Read returns the newest whole entry of a record. It returns fs.ErrNotExist, ErrUnreadable or ErrNewer, wrapped.
func Read(path string) (Entry, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return Entry{}, err
	}
	if !info.Mode().IsRegular() {
		return Entry{}, fmt.Errorf("%s: %w: it is no file", path, ErrUnreadable)
	}
	f, err := os.Open(path)
	if err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	defer f.Close() //nolint:errcheck // opened for reading
	text, err := io.ReadAll(io.LimitReader(f, slots*slotSize))
	if err != nil {
		return Entry{}, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	e, err := newest(text)
	if err != nil {
		return Entry{}, fmt.Errorf("%s: %w", path, err)
	}
	return e, nil
}

// newest returns the entry of the slot that was written last.
func newest(text []byte) (Entry, error) {
	var best Entry
	for at := 0; at < len(text); at += slotSize {
		e, ok := decode(text[at:min(at+slotSize, len(text))])
		if ok && e.Format > format {
			return Entry{}, ErrNewer
		}
		if ok && (best.Format == 0 || e.Sequence > best.Sequence) {
			best = e
		}
	}
	if best.Format == 0 {
		return Entry{}, ErrUnreadable
	}
	return best, nil
}

func decode(slot []byte) (e Entry, ok bool) {
	line, _, found := bytes.Cut(slot, []byte("\n"))
	sum, text, parts := bytes.Cut(line, []byte(" "))
	if !found || !parts || string(sum) != fmt.Sprintf("%08x", crc32.ChecksumIEEE(text)) {
		return e, false
	}
	return e, json.Unmarshal(text, &e) == nil && e.Format > 0
}

func encode(e Entry) ([]byte, error) {
	text, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode record: %w", err)
	}
	line := fmt.Appendf(make([]byte, 0, len(text)+10), "%08x %s\n", crc32.ChecksumIEEE(text), text)
	if last := strings.LastIndexByte(string(e.Runs), ' '); len(line) > slotSize && last > 0 { // paths are long
		e.Runs = e.Runs[:last]
		return encode(e)
	}
	if len(line) > slotSize {
		return nil, fmt.Errorf("encode record: %d bytes have no room", len(line))
	}
	return line, nil
}

// File represents a record that is open to be overwritten. It is for one goroutine at a time.
type File struct {
	file     *os.File
	sequence uint64
}

// Open opens the record at path to overwrite it, makes it anew where there is none that can be read, and writes e to
// the disk. A record of a newer format is left alone: ErrNewer.
func Open(path string, e Entry) (*File, error) { return OpenKnowing(path, e, Known{}) }

// OpenKnowing opens a record as Open does, and adds k to what it knows before the entry that it had is overwritten.
func OpenKnowing(path string, e Entry, k Known) (*File, error) {
	old, err := Read(path)
	switch {
	case errors.Is(err, ErrNewer):
		return nil, err
	case err != nil:
		err = create(path, e)
	}
	if err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		return nil, err
	}
	f := &File{file: file, sequence: old.Sequence}
	if err := f.begin(e, k); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return f, nil
}

func (f *File) begin(e Entry, k Known) error {
	if err := f.Know(k); err != nil {
		return err
	}
	return errors.Join(f.Write(e), f.Sync())
}

// create puts a new record in the place of whatever is there but a directory: whole, or not at all. What a link leads to
// is left alone.
func create(path string, e Entry) (err error) {
	if info, err := os.Lstat(path); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a directory", path)
	}
	e.Format = format
	line, err := encode(e)
	if err != nil {
		return err
	}
	text := bytes.Repeat([]byte(" "), slots*slotSize) // so that no overwriting needs a free block
	for at := slotSize - 1; at < len(text); at += slotSize {
		text[at] = '\n'
	}
	copy(text, line)
	return disk.Replace(path, func(w io.Writer) error {
		_, err := w.Write(text)
		return err
	})
}

// Write overwrites the older slot with e. The system writes it to the disk when it likes.
func (f *File) Write(e Entry) error {
	e.Format, e.Sequence = format, f.sequence+1
	line, err := encode(e)
	if err != nil {
		return err
	}
	if _, err := f.file.WriteAt(line, int64(e.Sequence%slots)*slotSize); err != nil {
		return fmt.Errorf("write record: %w", err)
	}
	f.sequence = e.Sequence
	return nil
}

// Sync waits until what was written is on the disk.
func (f *File) Sync() error { return f.file.Sync() }

// Close gives the file back.
func (f *File) Close() error { return f.file.Close() }

// Path returns the record's.
func (f *File) Path() string { return f.file.Name() }

// remove takes a record away; one that is not there is fine.
func remove(path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// Max returns the further of two in everything.
func (m Marks) Max(o Marks) Marks {
	return Marks{Run: max(m.Run, o.Run), Call: max(m.Call, o.Call), List: max(m.List, o.List),
		Statement:      max(m.Statement, o.Statement),
		Reconciliation: max(m.Reconciliation, o.Reconciliation), Closure: max(m.Closure, o.Closure),
		Decision: max(m.Decision, o.Decision),
		Erasure:  max(m.Erasure, o.Erasure), Release: max(m.Release, o.Release)}
}
