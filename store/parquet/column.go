package parquet

import (
	"fmt"
	"math/big"
	"reflect"
	"strconv"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/shopspring/decimal"

	"liverecon/store/internal/sqlrow"
)

// kind names the type of a column.
type kind int

const (
	number  kind = iota // BIGINT
	small               // INTEGER
	boolean             // BOOLEAN
	score               // DOUBLE
	word                // text that many rows share: a dictionary
	text                // text
	moment              // TIMESTAMP of milliseconds, UTC
	day                 // DATE
	money               // DECIMAL(38, 12)
)

// What a DECIMAL has: digits in all, and behind the point. billing takes no amount with more.
const (
	decimalDigits   = 38
	decimalFraction = 12
	decimalBytes    = 16
)

// column describes a column of a table: its name, what it holds, and its SQL. A sum of it is kept in the manifest where
// summed is set; of money, by the currency of the row.
type column struct {
	name     string
	kind     kind
	optional bool
	summed   bool
	few      bool // of kinds that tell rows apart: this one does not, it has few values
	sql      string
}

// as returns the type and the tag by which the library knows a column.
func (c column) as() (reflect.Type, string) {
	var t reflect.Type
	tag, delta := c.name, ",delta"
	if c.optional { // the library has that encoding for what is never missing alone
		delta = ""
	}
	switch c.kind {
	case number:
		t, tag = reflect.TypeFor[int64](), tag+delta
	case small:
		t = reflect.TypeFor[int32]()
	case boolean:
		t = reflect.TypeFor[bool]()
	case score:
		t = reflect.TypeFor[float64]()
	case word:
		t, tag = reflect.TypeFor[string](), tag+",dict"
	case text:
		t = reflect.TypeFor[string]()
	case moment:
		t, tag = reflect.TypeFor[int64](), tag+delta+",timestamp(millisecond:utc)"
	case day:
		t, tag = reflect.TypeFor[int32](), tag+",date"
	case money:
		t = reflect.TypeFor[[decimalBytes]byte]()
		tag = fmt.Sprintf("%s,decimal(%d:%d)", tag, decimalFraction, decimalDigits)
	}
	if c.optional {
		t = reflect.PointerTo(t)
		tag += ",optional"
	}
	return t, `parquet:"` + tag + `"`
}

// schemaOf returns the schema of some columns, in their order.
func schemaOf(columns []column) *parquet.Schema {
	fields := make([]reflect.StructField, len(columns))
	for i, c := range columns {
		t, tag := c.as()
		fields[i] = reflect.StructField{Name: fmt.Sprintf("C%d", i), Type: t, Tag: reflect.StructTag(tag)}
	}
	// A type that was made here has no name, and some readers take a schema without a name for none.
	return parquet.NewSchema("row", parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Interface()))
}

// shared reports whether few rows have a value of their own: what all such columns of a row hold is read as one.
func (c column) shared() bool {
	switch c.kind {
	case word, small, boolean, money:
		return true
	default:
		return c.few
	}
}

// datum holds a value as the database has it.
type datum struct {
	form  form
	whole int64
	real  float64
	text  []byte // kept by others: copy it to keep it
}

// form names the type of a datum.
type form byte

const (
	nothing form = iota
	whole
	real
	texts
)

// datumOf takes what the driver of the database gives, or Go has.
func datumOf(v any) datum {
	switch v := v.(type) {
	case int64:
		return datum{form: whole, whole: v}
	case bool:
		return datum{form: whole, whole: int64(sqlrow.Bool(v))}
	case float64:
		return datum{form: real, real: v}
	case string:
		return datum{form: texts, text: []byte(v)}
	case []byte:
		return datum{form: texts, text: v}
	default:
		return datum{}
	}
}

// parse reads a value that came as text, among those that are shared.
func (c column) parse(part string) (d datum, err error) {
	switch {
	case part == missing && c.optional:
		return d, nil
	case c.kind == word || c.kind == text || c.kind == money:
		return datum{form: texts, text: []byte(part)}, nil
	default:
		n, err := strconv.ParseInt(part, 10, 64)
		return datum{form: whole, whole: n}, err
	}
}

// value returns what the file has in the column of that index. Its text is that of the datum.
func (c column) value(d datum, index int) (v parquet.Value, err error) {
	defined := 0
	if c.optional {
		defined = 1
	}
	if d.form == nothing {
		if !c.optional {
			return v, fmt.Errorf("column %s has nothing", c.name)
		}
		return parquet.NullValue().Level(0, 0, index), nil
	}
	switch c.kind {
	case number, moment:
		v = parquet.Int64Value(d.whole)
	case small, day:
		v = parquet.Int32Value(int32(d.whole))
	case boolean:
		v = parquet.BooleanValue(d.whole != 0)
	case score:
		v = parquet.DoubleValue(d.real)
	case money:
		fixed, err := toDecimal(string(d.text))
		if err != nil {
			return v, fmt.Errorf("column %s: %w", c.name, err)
		}
		v = parquet.FixedLenByteArrayValue(fixed[:])
	default:
		v = parquet.ByteArrayValue(d.text)
	}
	return v.Level(0, defined, index), nil
}

// toDecimal writes an amount as DECIMAL(38, 12) has it: a whole number of 10^-12, in two's complement, the highest byte
// first.
func toDecimal(amount string) (fixed [decimalBytes]byte, err error) {
	d, err := decimal.NewFromString(amount)
	if err != nil {
		return fixed, err
	}
	shifted := d.Shift(decimalFraction)
	n := shifted.BigInt()
	if !shifted.IsInteger() || len(new(big.Int).Abs(n).String()) > decimalDigits {
		return fixed, fmt.Errorf("%s does not fit DECIMAL(%d, %d)", amount, decimalDigits, decimalFraction)
	}
	if n.Sign() < 0 {
		n.Add(n, new(big.Int).Lsh(big.NewInt(1), decimalBytes*8))
	}
	n.FillBytes(fixed[:])
	return fixed, nil
}

// FromDecimal reads a DECIMAL(38, 12) as files have it.
func FromDecimal(fixed []byte) decimal.Decimal {
	n := new(big.Int).SetBytes(fixed)
	if len(fixed) > 0 && fixed[0] >= 0x80 {
		n.Sub(n, new(big.Int).Lsh(big.NewInt(1), uint(len(fixed)*8)))
	}
	return decimal.NewFromBigInt(n, -decimalFraction)
}

// hive writes a value as a partition of that name has it in its directory.
func hive(name, value string) string {
	if value == "" {
		return name + "=__HIVE_DEFAULT_PARTITION__" // Hive's word for none
	}
	var b strings.Builder
	for _, c := range []byte(value) {
		if c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02X", c)
		}
	}
	return name + "=" + b.String()
}
