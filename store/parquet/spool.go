package parquet

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"os"
	"slices"
	"strings"
)

// spool keeps the rows of a table apart by region, in the order in which they come: SQLite reads its pages once and
// sorts nothing, and one file is written after the other. What does not fit in memory is in a temporary file.
//
// A row is the number of what it shares with others and then its own values; 0 and the shared text stand for a number
// that it has none of.
type spool struct {
	columns []column
	room    int               // bytes in memory, at most
	most    int               // shared values that are remembered
	numbers map[string]uint64 // of shared values, from 1
	known   []*shared         // by number, less 1
	regions map[string]*regionRows
	held    int // bytes in memory
	file    *os.File
	end     int64 // of the file
}

// regionRows holds the rows of a region.
type regionRows struct {
	rows    []byte // the last ones
	spilled []extent
}

type extent struct{ from, bytes int64 }

// What bounds the memory of a spool: bytes of rows, and how many different shared values are remembered.
const (
	spoolBytes = 8 << 20
	mostShared = 10_000
)

func newSpool(columns []column) *spool {
	return &spool{columns: columns, room: spoolBytes, most: mostShared, numbers: map[string]uint64{},
		regions: map[string]*regionRows{}}
}

// add takes a row: its region and shared values as table.sql has them, and the others.
func (s *spool) add(together []byte, own []any) error {
	region, text, _ := bytes.Cut(together, []byte(between))
	at := s.regions[string(region)]
	if at == nil {
		at = &regionRows{}
		s.regions[string(region)] = at
	}
	number, known := s.numbers[string(text)]
	if !known && len(s.known) < s.most {
		is, err := sharedOf(s.columns, string(text))
		if err != nil {
			return err
		}
		s.known = append(s.known, is)
		number = uint64(len(s.known))
		s.numbers[string(text)] = number
	}
	before := len(at.rows)
	at.rows = binary.AppendUvarint(at.rows, number)
	if number == 0 {
		at.rows = appendText(at.rows, text)
	}
	for _, v := range own {
		at.rows = datumOf(v).append(at.rows)
	}
	if s.held += len(at.rows) - before; s.held >= s.room {
		return s.spill()
	}
	return nil
}

func appendText[T string | []byte](to []byte, text T) []byte {
	return append(binary.AppendUvarint(to, uint64(len(text))), text...)
}

func (d datum) append(to []byte) []byte {
	to = append(to, byte(d.form))
	switch d.form {
	case whole:
		return binary.AppendVarint(to, d.whole)
	case real:
		return binary.LittleEndian.AppendUint64(to, math.Float64bits(d.real))
	case texts:
		return appendText(to, d.text)
	default:
		return to
	}
}

// spill moves all rows into the file.
func (s *spool) spill() (err error) {
	if s.file == nil {
		if s.file, err = os.CreateTemp("", "liverecon-export-"); err != nil { // for its owner alone
			return err
		}
		_ = os.Remove(s.file.Name()) // where a system allows it nothing is left behind, whatever happens; else close does it
	}
	for _, name := range s.names() {
		at := s.regions[name]
		n, err := s.file.Write(at.rows)
		if err != nil {
			return err
		}
		at.spilled = append(at.spilled, extent{s.end, int64(n)})
		s.end += int64(n)
		at.rows = at.rows[:0]
	}
	s.held = 0
	return nil
}

func (s *spool) close() error {
	if s.file == nil {
		return nil
	}
	err := s.file.Close()
	_ = os.Remove(s.file.Name())
	return err
}

// names returns the regions in the order of their names.
func (s *spool) names() []string { return slices.Sorted(maps.Keys(s.regions)) }

// each gives the rows of a region. What it gives is valid during the call only.
func (s *spool) each(region string, row func(*shared, []datum) error) error {
	at := s.regions[region]
	var parts []io.Reader
	for _, e := range at.spilled {
		parts = append(parts, io.NewSectionReader(s.file, e.from, e.bytes))
	}
	r := spoolReader{Reader: bufio.NewReaderSize(io.MultiReader(append(parts, bytes.NewReader(at.rows))...), 64<<10)}
	var own []datum
	for {
		together, err := r.shared(s)
		if errors.Is(err, io.EOF) {
			return nil
		}
		own, r.texts = own[:0], r.texts[:0]
		for _, c := range s.columns {
			if err == nil && !c.shared() {
				var d datum
				d, err = r.datum()
				own = append(own, d)
			}
		}
		if err == nil {
			err = row(together, own)
		}
		if err != nil {
			return err
		}
	}
}

type spoolReader struct {
	*bufio.Reader
	texts []byte // of a row
}

func (r *spoolReader) shared(s *spool) (*shared, error) {
	number, err := binary.ReadUvarint(r)
	if err != nil {
		return nil, err
	}
	if number > 0 {
		return s.known[number-1], nil
	}
	text, err := r.text()
	if err != nil {
		return nil, err
	}
	return sharedOf(s.columns, string(text))
}

func (r *spoolReader) text() ([]byte, error) {
	n, err := binary.ReadUvarint(r)
	if err != nil {
		return nil, err
	}
	from := len(r.texts)
	r.texts = slices.Grow(r.texts, int(n))[:from+int(n)]
	text := r.texts[from:len(r.texts):len(r.texts)]
	_, err = io.ReadFull(r, text)
	return text, err
}

func (r *spoolReader) datum() (d datum, err error) {
	b, err := r.ReadByte()
	if err != nil {
		return d, err
	}
	d.form = form(b)
	switch d.form {
	case whole:
		d.whole, err = binary.ReadVarint(r)
	case real:
		var bits [8]byte
		_, err = io.ReadFull(r, bits[:])
		d.real = math.Float64frombits(binary.LittleEndian.Uint64(bits[:]))
	case texts:
		d.text, err = r.text()
	}
	return d, err
}

// sharedOf takes shared values apart.
func sharedOf(columns []column, text string) (*shared, error) {
	var values []datum
	var parts []string
	if text != "" || slices.ContainsFunc(columns, column.shared) {
		parts = strings.Split(text, between)
	}
	for _, c := range columns {
		if !c.shared() {
			continue
		}
		if len(values) == len(parts) {
			return nil, fmt.Errorf("column %s has nothing", c.name)
		}
		d, err := c.parse(parts[len(values)])
		if err != nil {
			return nil, fmt.Errorf("column %s: %w", c.name, err)
		}
		values = append(values, d)
	}
	if len(values) < len(parts) {
		return nil, fmt.Errorf("%d values where %d are shared", len(parts), len(values))
	}
	return newShared(columns, values)
}
