package parquet

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"fmt"
	"hash"
	"io"
	"strconv"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"
	"github.com/shopspring/decimal"
)

// What bounds the memory of a writer: rows of a group, whose columns wait in memory until it is full, and bytes of a
// page.
const (
	groupRows = 65_536
	pageBytes = 64 << 10
	batchRows = 256 // handed to the library at once
)

// fileWriter writes the rows of one file. Its memory is used again for the next one.
type fileWriter struct {
	columns []column
	writer  *parquet.Writer
	rows    []parquet.Row
	arena   []byte

	out  *countingHash
	file File
	sums map[string]map[string]decimal.Decimal
	ints map[string]int64
}

// countingHash passes on what is written, and knows how much it was and its SHA-256.
type countingHash struct {
	to io.Writer
	hash.Hash
	bytes int64
}

func (h *countingHash) Write(p []byte) (int, error) {
	n, err := h.to.Write(p)
	h.bytes += int64(n)
	_, _ = h.Hash.Write(p[:n]) // never fails
	return n, err
}

func newFileWriter(columns []column, version string) *fileWriter {
	return &fileWriter{columns: columns, writer: parquet.NewWriter(io.Discard, schemaOf(columns),
		parquet.Compression(&zstd.Codec{}), parquet.MaxRowsPerRowGroup(groupRows), parquet.PageBufferSize(pageBytes),
		parquet.CreatedBy("liverecon", version, ""),
		parquet.KeyValueMetadata("liverecon.schema_version", strconv.Itoa(Schema)))}
}

// begin begins a file.
func (w *fileWriter) begin(to io.Writer, f File) {
	w.out = &countingHash{to: to, Hash: sha256.New()}
	w.file, w.sums, w.ints = f, map[string]map[string]decimal.Decimal{}, map[string]int64{}
	w.writer.Reset(w.out)
}

// add takes one row.
func (w *fileWriter) add(cells []cell) error {
	if len(w.rows) < cap(w.rows) {
		w.rows = w.rows[:len(w.rows)+1]
	} else {
		w.rows = append(w.rows, make(parquet.Row, 0, len(w.columns)))
	}
	last := len(w.rows) - 1
	row := w.rows[last][:0]
	for i := range cells {
		v, err := cells[i].value(&w.arena)
		if err != nil {
			return err
		}
		row = append(row, v)
	}
	w.rows[last] = row
	w.file.Rows++
	if err := w.sum(cells); err != nil {
		return err
	}
	if len(w.rows) == batchRows {
		return w.flush()
	}
	return nil
}

// sum adds the row to the sums of the file.
func (w *fileWriter) sum(cells []cell) error {
	for i := range cells {
		c := &cells[i]
		if !c.summed || c.null() {
			continue
		}
		if c.kind != money {
			w.ints[c.name] += c.whole.Int64
			continue
		}
		amount, err := decimal.NewFromString(c.texts.String)
		if err != nil {
			return err
		}
		if w.sums[c.name] == nil {
			w.sums[c.name] = map[string]decimal.Decimal{}
		}
		currency := currencyOf(cells)
		w.sums[c.name][currency] = w.sums[c.name][currency].Add(amount)
	}
	return nil
}

func currencyOf(cells []cell) string {
	for i := range cells {
		if cells[i].name == "currency" {
			return cells[i].texts.String
		}
	}
	return ""
}

func (w *fileWriter) flush() error {
	_, err := w.writer.WriteRows(w.rows)
	w.rows, w.arena = w.rows[:0], w.arena[:0]
	return err
}

// end finishes the file.
func (w *fileWriter) end() (File, error) {
	if err := w.flush(); err != nil {
		return File{}, err
	}
	if err := w.writer.Close(); err != nil {
		return File{}, err
	}
	w.file.Bytes, w.file.SHA256 = w.out.bytes, hex.EncodeToString(w.out.Sum(nil))
	w.file.Sums = map[string]map[string]string{}
	for name, n := range w.ints {
		w.file.Sums[name] = map[string]string{"": strconv.FormatInt(n, 10)}
	}
	for name, by := range w.sums {
		w.file.Sums[name] = map[string]string{}
		for currency, amount := range by {
			w.file.Sums[name][currency] = amount.String()
		}
	}
	return w.file, nil
}

// begin begins a file in a place, and returns what takes its bytes.
type begin func(folder string) (io.Writer, error)

// finish is told of a file that is whole.
type finish func(File) error

// writeTable writes the rows of a table, a file a region.
func writeTable(
	ctx context.Context, tx *sql.Tx, t table, m month, version string, begin begin, finish finish,
) (err error) {
	rows, err := tx.QueryContext(ctx, t.sql(m.days()), m.args()...)
	if err != nil {
		return fmt.Errorf("read %s of %s: %w", t.name, m.name, err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	w, open := newFileWriter(t.columns, version), false
	defer func() {
		if err != nil {
			err = fmt.Errorf("export %s of %s: %w", t.name, m.name, err)
		}
	}()
	var region string
	cells, targets := cellsOf(t.columns, &region)
	done := func() error {
		f, err := w.end()
		if err != nil {
			return err
		}
		f.Path = f.path(m.name)
		return finish(f)
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if !open || region != w.file.Region {
			if open {
				if err := done(); err != nil {
					return err
				}
			}
			f := File{Table: t.name, Region: region}
			to, err := begin(f.folder(m.name))
			if err != nil {
				return err
			}
			w.begin(to, f)
			open = true
		}
		if err := w.add(cells); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if open {
		return done()
	}
	return nil
}

// cellsOf returns the cells of a row, and what its columns are read into.
func cellsOf(columns []column, region *string) (cells []cell, targets []any) {
	cells = make([]cell, len(columns))
	targets = []any{region}
	for i, c := range columns {
		cells[i] = cell{column: c, index: i}
	}
	for i := range cells {
		targets = append(targets, cells[i].target())
	}
	return cells, targets
}

// writeFixed writes a file of rows that are not the database's own, such as prices.
func writeFixed(t table, m month, version string, rows [][]cell, begin begin, finish finish) error {
	if len(rows) == 0 {
		return nil
	}
	f := File{Table: t.name}
	to, err := begin(f.folder(m.name))
	if err != nil {
		return err
	}
	w := newFileWriter(t.columns, version)
	w.begin(to, f)
	for _, cells := range rows {
		if err := w.add(cells); err != nil {
			return fmt.Errorf("export %s of %s: %w", t.name, m.name, err)
		}
	}
	if f, err = w.end(); err != nil {
		return err
	}
	f.Path = f.path(m.name)
	return finish(f)
}
