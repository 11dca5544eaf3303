package load

import (
	"errors"
	"io"
	"os"
	"time"

	parquetgo "github.com/parquet-go/parquet-go"
	"github.com/shopspring/decimal"

	"liverecon/store/parquet"
)

// Row represents one row of a file. Its columns are asked for by name; one that the file lacks, as an older version
// does, has nothing.
type Row struct {
	Region string
	values parquetgo.Row
	at     map[string]int
}

func (r *Row) value(column string) parquetgo.Value {
	if i, known := r.at[column]; known {
		return r.values[i]
	}
	return parquetgo.NullValue()
}

// Null reports whether a column has nothing.
func (r *Row) Null(column string) bool { return r.value(column).IsNull() }

// Int returns a whole number, 0 for nothing.
func (r *Row) Int(column string) int64 {
	switch v := r.value(column); v.Kind() {
	case parquetgo.Int32:
		return int64(v.Int32())
	case parquetgo.Int64:
		return v.Int64()
	default:
		return 0
	}
}

// Bool returns a truth, false for nothing.
func (r *Row) Bool(column string) bool {
	v := r.value(column)
	return v.Kind() == parquetgo.Boolean && v.Boolean()
}

// Float returns a score, 0 for nothing.
func (r *Row) Float(column string) float64 {
	if v := r.value(column); v.Kind() == parquetgo.Double {
		return v.Double()
	}
	return 0
}

// Text returns a text, "" for nothing.
func (r *Row) Text(column string) string {
	if v := r.value(column); v.Kind() == parquetgo.ByteArray {
		return string(v.ByteArray())
	}
	return ""
}

func (r *Row) money(column string) bool { return r.value(column).Kind() == parquetgo.FixedLenByteArray }

// Money returns an amount, zero for nothing.
func (r *Row) Money(column string) decimal.Decimal {
	if r.money(column) {
		return parquet.FromDecimal(r.value(column).ByteArray())
	}
	return decimal.Zero
}

// Time returns a moment.
func (r *Row) Time(column string) time.Time { return time.UnixMilli(r.Int(column)).UTC() }

// Date returns a date, as midnight UTC; zero for nothing.
func (r *Row) Date(column string) time.Time {
	if r.Null(column) {
		return time.Time{}
	}
	return time.Unix(r.Int(column)*86_400, 0).UTC()
}

func readRows(name string, each func(*Row) error) (err error) {
	file, err := os.Open(name)
	if err != nil {
		return err
	}
	defer file.Close() //nolint:errcheck // opened for reading
	r := parquetgo.NewReader(file)
	defer func() { err = errors.Join(err, r.Close()) }()
	row := &Row{at: map[string]int{}}
	for i, path := range r.Schema().Columns() {
		row.at[path[0]] = i
	}
	buffer := make([]parquetgo.Row, 256)
	for {
		n, err := r.ReadRows(buffer)
		for _, row.values = range buffer[:n] {
			if err := each(row); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}
