package table

import (
	"errors"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// FoldHeader brings names of columns together that differ in case, accents, blanks, hyphens, underscores, slashes,
// points and brackets only: "Transaction ID", "transaction_id" and "transactionId"; "Country/Region" and "country
// region".
func FoldHeader(name string) string {
	return strings.Map(func(r rune) rune {
		if unseen(r) || strings.ContainsRune("_-/\\.:()[]{}", r) || unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(name))
}

// unseen finds white space of every kind, control characters, zero-width characters and byte order marks.
func unseen(r rune) bool {
	if r < utf8.RuneSelf {
		return r <= ' ' || r == 0x7f
	}
	return unicode.IsSpace(r) || unicode.IsControl(r) || unicode.Is(unicode.Cf, r)
}

// FindHeader looks for a table's header among the first of its rows that hold something, at most so many: the first row
// that is certain to be it, else the one that fits best, of those that fit alike the first. One that fits with 0 is
// none, and a result without cells is none found. The rows above it are returned as they are.
func FindHeader(in Rows, most int, fit func(Row) (fits int, certain bool)) (header Row, above []Row, err error) {
	var rows []Row
	best, at := 0, -1
	for certain := false; !certain && len(rows) < most; {
		row, err := in.Next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return Row{}, nil, err
		}
		fits := 0
		if fits, certain = fit(row); row.Damage == "" && row.isEmpty() {
			continue
		}
		row.Cells = slices.Clone(row.Cells)
		if rows = append(rows, row); fits > best {
			best, at = fits, len(rows)-1
		}
	}
	if at < 0 {
		return Row{}, nil, nil
	}
	return rows[at], rows[:at], nil
}

func (r Row) isEmpty() bool {
	return !slices.ContainsFunc(r.Cells, func(c Cell) bool {
		return c.Broken != "" || strings.TrimFunc(c.Text, unseen) != ""
	})
}

// Ahead reads the text that is framed next, as far as it was read already (64 KiB and more of it), as rows of cells
// with a delimiter between them, and stays before it. A last row that goes on behind that is none.
func (f *Framer) Ahead(delimiter byte) Rows {
	ahead := &Framer{window: f.window[f.start:f.end], end: f.end - f.start, ended: io.EOF, line: f.line,
		delimiter: delimiter, extras: true}
	return &aheadRows{csvRows: csvRows{frames: ahead, comma: string(rune(delimiter))}, more: f.ended == nil}
}

type aheadRows struct {
	csvRows
	more bool // text stands behind what is read
}

func (a *aheadRows) Next() (Row, error) {
	row, err := a.csvRows.Next()
	if err == nil && a.more && a.frames.start == a.frames.end {
		return Row{}, io.EOF
	}
	return row, err
}
