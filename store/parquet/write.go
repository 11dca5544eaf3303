package parquet

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
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

// fileWriter writes the rows of one file after the other.
type fileWriter struct {
	columns []column
	shared  []bool // by column
	schema  *parquet.Schema
	writer  *parquet.GenericWriter[any]
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

func newFileWriter(columns []column) *fileWriter {
	shares := make([]bool, len(columns))
	for i, c := range columns {
		shares[i] = c.shared()
	}
	return &fileWriter{columns: columns, shared: shares, schema: schemaOf(columns)}
}

// begin begins a file.
func (w *fileWriter) begin(to io.Writer, f File) {
	w.out = &countingHash{to: to, Hash: sha256.New()}
	w.file, w.sums, w.ints = f, map[string]map[string]decimal.Decimal{}, map[string]int64{}
	// A new one each: one that is used again forgets the names of its columns, which some readers go by.
	w.writer = parquet.NewGenericWriter[any](w.out, w.schema, parquet.Compression(&zstd.Codec{}),
		parquet.MaxRowsPerRowGroup(groupRows), parquet.PageBufferSize(pageBytes),
		parquet.CreatedBy("liverecon", strconv.Itoa(Schema), ""), // not the program's: the same rows are the same bytes
		parquet.KeyValueMetadata("liverecon.schema_version", strconv.Itoa(Schema)))
}

// shared holds what rows have in the columns that are shared, as the file has it, and what of it is summed.
type shared struct {
	values   []parquet.Value
	amounts  []amount
	currency string
}

type amount struct {
	column string
	decimal.Decimal
}

// newShared makes it of the values of the columns that are shared, in their order.
func newShared(columns []column, values []datum) (*shared, error) {
	s := &shared{}
	for i, c := range columns {
		if !c.shared() {
			continue
		}
		d := values[len(s.values)]
		v, err := c.value(d, i)
		if err != nil {
			return nil, err
		}
		s.values = append(s.values, v)
		if c.name == "currency" {
			s.currency = string(d.text)
		}
		if c.kind == money && c.summed && d.form != nothing {
			s.amounts = append(s.amounts, amount{c.name, FromDecimal(v.ByteArray())})
		}
	}
	return s, nil
}

// add takes one row: what is shared, and the values of the other columns.
func (w *fileWriter) add(together *shared, own []datum) error {
	if len(w.rows) < cap(w.rows) {
		w.rows = w.rows[:len(w.rows)+1]
	} else {
		w.rows = append(w.rows, make(parquet.Row, 0, len(w.columns)))
	}
	last := len(w.rows) - 1
	row := w.rows[last][:0]
	values := together.values
	for i := range w.columns {
		if w.shared[i] {
			row, values = append(row, values[0]), values[1:]
			continue
		}
		c, d := &w.columns[i], own[0]
		own = own[1:]
		if d.form == texts {
			d.text = keep(&w.arena, d.text)
		}
		v, err := c.value(d, i)
		if err != nil {
			return err
		}
		row = append(row, v)
		if c.summed {
			w.ints[c.name] += d.whole
		}
	}
	w.rows[last] = row
	w.file.Rows++
	w.sum(together)
	if len(w.rows) == batchRows {
		return w.flush()
	}
	return nil
}

// sum adds the amounts of a row to the sums of the file.
func (w *fileWriter) sum(together *shared) {
	for _, a := range together.amounts {
		if w.sums[a.column] == nil {
			w.sums[a.column] = map[string]decimal.Decimal{}
		}
		by := w.sums[a.column]
		by[together.currency] = by[together.currency].Add(a.Decimal)
	}
}

func keep(arena *[]byte, text []byte) []byte {
	from := len(*arena)
	*arena = append(*arena, text...)
	return (*arena)[from:len(*arena):len(*arena)]
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

// finish takes over a file that is whole.
type finish func(File) error

// writeTable writes the rows of a table, a file a region.
func writeTable(
	ctx context.Context, tx *sql.Tx, t table, m month, b *bearings, begin begin, finish finish,
) (err error) {
	s := newSpool(t.columns)
	defer func() {
		if err = errors.Join(err, s.close()); err != nil {
			err = fmt.Errorf("export %s of %s: %w", t.name, m.name, err)
		}
	}()
	for _, args := range b.arguments(t, m) {
		if err := readTable(ctx, tx, t, b.moves(t, m), args, s); err != nil {
			return err
		}
	}
	w := newFileWriter(t.columns)
	for _, region := range s.names() {
		if err := ctx.Err(); err != nil {
			return err
		}
		err := w.write(File{Table: t.name, Region: region}, m, begin, finish, func() error { return s.each(region, w.add) })
		if err != nil {
			return err
		}
	}
	return nil
}

// readTable reads the rows of one query of a table.
func readTable(ctx context.Context, tx *sql.Tx, t table, moved bool, args []any, s *spool) error {
	rows, err := tx.QueryContext(ctx, t.sql(moved), args...)
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var together sql.RawBytes
	targets := []any{&together}
	own := make([]any, len(t.columns)-countShared(t.columns))
	for i := range own {
		targets = append(targets, &own[i])
	}
	for rows.Next() {
		if err := rows.Scan(targets...); err != nil {
			return err
		}
		if err := s.add(together, own); err != nil {
			return err
		}
	}
	return rows.Err()
}

func countShared(columns []column) (n int) {
	for _, c := range columns {
		if c.shared() {
			n++
		}
	}
	return n
}

// write writes a file of the rows that are added meanwhile.
func (w *fileWriter) write(f File, m month, begin begin, finish finish, rows func() error) error {
	to, err := begin(f.folder(m.name))
	if err != nil {
		return err
	}
	w.begin(to, f)
	if err := rows(); err != nil {
		return err
	}
	if f, err = w.end(); err != nil {
		return err
	}
	f.Path = f.path(m.name)
	return finish(f)
}

// writeFixed writes a file of rows that are not the database's own, such as prices.
func writeFixed(t table, m month, rows [][]any, begin begin, finish finish) error {
	if len(rows) == 0 {
		return nil
	}
	w := newFileWriter(t.columns)
	err := w.write(File{Table: t.name}, m, begin, finish, func() error {
		for _, row := range rows {
			if err := w.addFixed(row); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("export %s of %s: %w", t.name, m.name, err)
	}
	return nil
}

// addFixed takes a row of all columns; nil is nothing.
func (w *fileWriter) addFixed(row []any) error {
	var same, own []datum
	for i, v := range row {
		if w.shared[i] {
			same = append(same, datumOf(v))
		} else {
			own = append(own, datumOf(v))
		}
	}
	together, err := newShared(w.columns, same)
	if err != nil {
		return err
	}
	return w.add(together, own)
}
