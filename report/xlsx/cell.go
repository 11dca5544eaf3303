package xlsx

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"
)

// Kind names the kind of a cell's value.
type Kind uint8

// The kinds of a cell.
const (
	Empty Kind = iota
	Text
	Number
)

// Cell represents a typed value with a style and, where there is a second route to it, a formula.
type Cell struct {
	Kind    Kind
	Text    string
	Number  string // decimal digits as they stand in the file, so that money is never a float here
	Formula string // without the equals sign
	Style   Style
	Link    string // a place in this workbook, 'Sheet'!A1, or a relative path
}

// T returns a cell of text.
func T(text string) Cell { return Cell{Kind: Text, Text: text} }

// N returns a count.
func N(n int64) Cell {
	return Cell{Kind: Number, Number: strconv.FormatInt(n, 10), Style: Style{Format: Count}}
}

// maxNumber holds the largest number that spreadsheets take.
const maxNumber = 9.99999999999999e307

// F returns a measure in a format; one that no spreadsheet holds as a number stands as text.
func F(x float64, f Format) Cell {
	if math.Abs(x) > maxNumber {
		return Cell{Kind: Text, Text: strconv.FormatFloat(x, 'g', -1, 64)}
	}
	return Cell{Kind: Number, Number: strconv.FormatFloat(x, 'g', 17, 64), Style: Style{Format: f}}
}

// D returns an amount given as decimal text.
func D(decimal string, f Format) Cell {
	return Cell{Kind: Number, Number: decimal, Style: Style{Format: f}}
}

// At returns a moment, shown in a zone, to the second.
func At(t time.Time, zone *time.Location) Cell {
	return Cell{Kind: Number, Number: serial(t, zone), Style: Style{Format: Moment}}
}

// serial returns a moment as spreadsheets count it: days since 1899-12-30 on the zone's clock.
func serial(t time.Time, zone *time.Location) string {
	local := t.In(zone)
	_, offset := local.Zone()
	const epoch = 25569 // 1970-01-01
	seconds := local.Unix() + int64(offset)
	return strconv.FormatFloat(epoch+float64(seconds)/86400, 'f', 10, 64)
}

// WithRole returns the cell in a role.
func (c Cell) WithRole(r Role) Cell {
	c.Style.Role = r
	return c
}

// WithFormat returns the cell in a format.
func (c Cell) WithFormat(f Format) Cell {
	c.Style.Format = f
	return c
}

// WithFormula returns the cell with the formula that leads to the same value. The formula has no equals sign.
func (c Cell) WithFormula(formula string) Cell {
	c.Formula = formula
	return c
}

// LinkTo returns the cell as a link to a place in this workbook or to a file beside it.
func (c Cell) LinkTo(place string) Cell {
	c.Link = place
	return c
}

// Amount returns the cell's number as a decimal, 0 when it has none.
func (c Cell) Amount() decimal.Decimal {
	d, err := decimal.NewFromString(c.Number)
	if err != nil {
		return decimal.Decimal{}
	}
	return d
}

// Float returns the cell's number, 0 when it has none.
func (c Cell) Float() float64 {
	x, err := strconv.ParseFloat(c.Number, 64)
	if err != nil {
		return 0
	}
	return x
}

// Value returns the raw value of the cell in the file.
func (c Cell) Value() string {
	if c.Kind == Number {
		return c.Number
	}
	return c.Text
}

// CellRef returns an area of one cell as a formula refers to it.
func CellRef(a Area) string { return QuoteSheet(a.Sheet) + "!" + a.From.Fixed() }

// Sum writes SUM over areas.
func Sum(areas ...Area) string {
	texts := make([]string, len(areas))
	for i, a := range areas {
		texts[i] = a.String()
	}
	return "SUM(" + strings.Join(texts, ",") + ")"
}
