package parquet

import (
	"database/sql"
	"fmt"
	"math/big"
	"reflect"
	"strings"

	"github.com/parquet-go/parquet-go"
	"github.com/shopspring/decimal"
)

// kind is what a column holds.
type kind int

const (
	number kind = iota // BIGINT
	small              // INTEGER
	flag               // BOOLEAN
	score              // DOUBLE
	word               // text that many rows share: a dictionary
	text               // text
	moment             // TIMESTAMP of milliseconds, UTC
	day                // DATE
	money              // DECIMAL(38, 12)
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
	case flag:
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
	return parquet.SchemaOf(reflect.New(reflect.StructOf(fields)).Interface())
}

// cell takes one column of a row out of the database.
type cell struct {
	column
	index int
	whole sql.NullInt64
	real  sql.NullFloat64
	texts sql.NullString
}

func (c *cell) target() any {
	switch c.kind {
	case score:
		return &c.real
	case word, text, money:
		return &c.texts
	default:
		return &c.whole
	}
}

func (c *cell) null() bool {
	switch c.kind {
	case score:
		return !c.real.Valid
	case word, text, money:
		return !c.texts.Valid
	default:
		return !c.whole.Valid
	}
}

// value returns what the file has. Texts are kept in the arena until its rows are written.
func (c *cell) value(arena *[]byte) (v parquet.Value, err error) {
	defined := 0
	if c.optional {
		defined = 1
	}
	if c.null() {
		if !c.optional {
			return v, fmt.Errorf("column %s has nothing", c.name)
		}
		return parquet.NullValue().Level(0, 0, c.index), nil
	}
	switch c.kind {
	case number, moment:
		v = parquet.Int64Value(c.whole.Int64)
	case small, day:
		v = parquet.Int32Value(int32(c.whole.Int64))
	case flag:
		v = parquet.BooleanValue(c.whole.Int64 != 0)
	case score:
		v = parquet.DoubleValue(c.real.Float64)
	case money:
		fixed, err := toDecimal(c.texts.String)
		if err != nil {
			return v, fmt.Errorf("column %s: %w", c.name, err)
		}
		v = parquet.FixedLenByteArrayValue(keep(arena, string(fixed[:])))
	default:
		v = parquet.ByteArrayValue(keep(arena, c.texts.String))
	}
	return v.Level(0, defined, c.index), nil
}

func keep(arena *[]byte, s string) []byte {
	from := len(*arena)
	*arena = append(*arena, s...)
	return (*arena)[from:len(*arena):len(*arena)]
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

// fromDecimal reads what toDecimal wrote.
func fromDecimal(fixed []byte) decimal.Decimal {
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
