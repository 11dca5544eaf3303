// Package labels reads files of ground truth: IDs with what is known of them from elsewhere, bona fide or attack.
package labels

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"liverecon/batch/table"
	"liverecon/store"
	"liverecon/store/decisions"
)

// Filled holds what a file of labels says.
type Filled struct {
	File     decisions.File
	Rows     int64 // with an ID
	New      []decisions.Label
	Changed  int64 // of the new ones, those whose check had another label
	Known    int64 // labels that stand already
	Twice    int64 // rows that say the same as another row of the file
	Erased   int64 // rows left out because their ID was erased
	Refused  int64 // rows with a mistake
	Mistakes []Mistake
	Before   time.Time // when this very file was read already; zero: it was not
}

// Mistake describes a row that cannot be taken.
type Mistake struct {
	Line int
	Text string
}

func (m Mistake) Error() string { return fmt.Sprintf("line %d: %s", m.Line, m.Text) }

const (
	mostMistakes = 100 // named; the rest is counted
	headRows     = 20  // within which the header must stand
	longest      = 60  // bytes of an attack type
	mostBytes    = 256 << 20
)

// form describes where the columns stand.
type form struct {
	ids     map[int]string // kind by column; "" where the head does not tell
	label   int
	species int // -1 for none
}

// fold brings a head or a word to the form in which it is compared: bona_fide is Bona fide.
func fold(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, text)
}

// newForm reads a row as the header, nil when it is none. A manual queue, which has a decision and a key, is none.
func newForm(cells []table.Cell) *form {
	f := &form{ids: map[int]string{}, label: -1, species: -1}
	for i, c := range cells {
		switch fold(c.Text) {
		case "id":
			f.ids[i] = ""
		case "signatureid":
			f.ids[i] = "signatureId"
		case "livenessid":
			f.ids[i] = "livenessId"
		case "label", "truth", "groundtruth":
			f.label = i
		case "attacktype", "species", "paispecies":
			f.species = i
		case "decision", "key":
			return nil
		}
	}
	if f.label < 0 || len(f.ids) == 0 {
		return nil
	}
	return f
}

// open finds the header of delimited text, whatever parts its cells; nil when there is none.
func open(file io.ReaderAt, size int64) (table.Rows, *form) {
	for _, comma := range []rune{',', ';', '\t'} {
		rows, err := table.OpenCSV(file, size, comma)
		if err != nil {
			return nil, nil
		}
		for range headRows {
			row, err := rows.Next()
			if err != nil {
				break
			}
			if f := newForm(row.Cells); f != nil {
				shape := table.Shape{Fields: len(row.Cells), Used: make([]bool, len(row.Cells))}
				for i := range f.ids {
					shape.IDs, shape.Used[i] = append(shape.IDs, i), true
				}
				shape.Used[f.label] = true
				if f.species >= 0 {
					shape.Used[f.species] = true
				}
				rows.Below(shape)
				return rows, f
			}
		}
	}
	return nil, nil
}

// Read reads a file of labels and compares it with those that the database has, false when it is none: a text with a
// column of IDs (ID, signatureId or livenessId) and one named Label. Rows with a mistake are named and not taken.
func Read(ctx context.Context, s *store.Store, path string, now time.Time) (f Filled, is bool, err error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > mostBytes {
		return f, false, nil // whoever reads other files says what is the matter
	}
	text, err := os.Open(path)
	if err != nil {
		return f, false, nil
	}
	defer text.Close() //nolint:errcheck // opened for reading
	rows, columns := open(text, info.Size())
	if columns == nil {
		return f, false, nil
	}
	h := sha256.New()
	if _, err := io.Copy(h, io.NewSectionReader(text, 0, info.Size())); err != nil {
		return f, true, err
	}
	f.File = decisions.File{Name: filepath.Base(path), SHA256: [sha256.Size]byte(h.Sum(nil)), ImportedAt: now}
	if f.Before, _, err = s.Decisions().KnownFile(ctx, f.File.SHA256); err != nil {
		return f, true, err
	}
	r := &reader{Filled: &f, form: columns, log: s.Decisions(), taken: map[int64]*taken{}}
	return f, true, r.read(ctx, rows)
}

// taken represents what a row says about a check.
type taken struct {
	decisions.Label
	before  *decisions.Label
	against bool // another row says otherwise
}

type reader struct {
	*Filled
	*form
	log   decisions.Log
	taken map[int64]*taken
	order []*taken
}

func (r *reader) read(ctx context.Context, rows table.Rows) error {
	for {
		row, err := rows.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return fmt.Errorf("%s: %w", r.File.Name, err)
		}
		if row.Damage != "" {
			r.mistake(row.Line, "%s", row.Damage)
			continue
		}
		if err := r.row(ctx, row); err != nil {
			return err
		}
	}
	for _, t := range r.order {
		switch {
		case t.against:
			r.mistake(t.Row, "the same ID is labelled otherwise in another line: neither is taken")
		case t.before != nil && t.before.Attack == t.Attack && t.before.Species == t.Species:
			r.Known++
		default:
			r.New = append(r.New, t.Label)
			if t.before != nil {
				r.Changed++
			}
		}
	}
	slices.SortFunc(r.Mistakes, func(a, b Mistake) int { return cmp.Compare(a.Line, b.Line) })
	return nil
}

func (r *reader) mistake(line int, format string, args ...any) {
	if r.Refused++; len(r.Mistakes) < mostMistakes {
		r.Mistakes = append(r.Mistakes, Mistake{line, fmt.Sprintf(format, args...)})
	}
}

// cell returns the text of a column, "" of none.
func cell(row table.Row, at int) string {
	if at < 0 || at >= len(row.Cells) {
		return ""
	}
	return strings.TrimSpace(row.Cells[at].Text)
}

// row takes one row. An empty one is none.
func (r *reader) row(ctx context.Context, row table.Row) error {
	id, kind := "", ""
	for i := range row.Cells {
		if k, is := r.ids[i]; is && id == "" {
			id, kind = cell(row, i), k
		}
	}
	word, species := cell(row, r.label), cell(row, r.species)
	if id == "" && word == "" && species == "" {
		return nil
	}
	r.Rows++
	l := decisions.Label{Attack: fold(word) == "attack", Species: species, Row: row.Line}
	switch {
	case id == "":
		r.mistake(row.Line, "no ID")
	case !l.Attack && fold(word) != "bonafide":
		r.mistake(row.Line, "label %.40q: want bona fide or attack", word)
	case !l.Attack && species != "":
		r.mistake(row.Line, "bona fide, and attack type %.40q: an attack has one", species)
	case len(species) > longest:
		r.mistake(row.Line, "an attack type of %d bytes: at most %d", len(species), longest)
	default:
		return r.keep(ctx, l, id, kind)
	}
	return nil
}

// keep looks up the check that a row is about.
func (r *reader) keep(ctx context.Context, l decisions.Label, id, kind string) error {
	kinds := [2]string{kind, kind}
	if kind == "" {
		kinds = [2]string{"signatureId", "livenessId"}
	}
	hash, other := store.HashID(kinds[0], id), store.HashID(kinds[1], id)
	found, err := r.log.ChecksOf(ctx, hash[:], other[:])
	switch {
	case err != nil:
		return err
	case len(found) == 0:
		r.mistake(l.Row, "ID %.60q: this database has no such ID", id)
		return nil
	case len(found) > 1:
		r.mistake(l.Row, "ID %.60q stands for %d checks: name its column signatureId or livenessId", id, len(found))
		return nil
	case found[0].Erased:
		r.Erased++
		return nil
	}
	l.CheckID = found[0].CheckID
	t := r.taken[l.CheckID]
	switch {
	case t == nil:
		t = &taken{Label: l, before: found[0].Label}
		r.taken[l.CheckID], r.order = t, append(r.order, t)
	case t.Attack == l.Attack && t.Species == l.Species:
		r.Twice++
	default:
		t.against = true
		r.mistake(l.Row, "the same ID as in line %d, labelled otherwise: neither is taken", t.Row)
	}
	return nil
}
