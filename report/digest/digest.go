// Package digest writes what a workbook's first page says as one page for mail: HTML of tables with coloured cells, and
// the same as text. It knows no database and no configuration; what is said comes from the packages of the workbooks.
//
// Mail programs decide the form. There is no script, no SVG, no image, no link and nothing from elsewhere; styles stand
// at their elements, since some programs drop a style sheet; what only a style sheet can do (dark colours, stacked tiles
// on a telephone) is no loss without one. A page stays below 102,400 bytes, above which Gmail cuts a message.
package digest

// Tone names the colour in which something is told. It never stands alone: a mark or a word says the same.
type Tone string

// The tones.
const (
	Plain Tone = "plain"
	Quiet Tone = "quiet" // within chance, or of the period before
	Alert Tone = "alert" // beyond chance, or to be acted on
	Watch Tone = "watch" // deserves a look
	Good  Tone = "good"  // ties
)

// Page represents a page for one audience. Empty parts are left out.
type Page struct {
	Audience string // "analysts"
	Title    string
	Subtitle string // what is measured, of when
	Headline string
	Tiles    []Tile
	Sections []Section
	Foot     string
	Findings int64 // things somebody should look at: findings of a risk page, open exceptions of a finance page
}

// Tile describes one figure.
type Tile struct{ Label, Value, Note string }

// Section represents a part of the page: a title that names or counts, a caption that says what is measured, and one or
// more of the forms below.
type Section struct {
	Title, Caption string
	Lines          []Line
	Table          *Table
	Bars           []Bar
	Ranges         []Range
	Columns        []Column
	Note           string
}

// Line represents a sentence with a mark before it.
type Line struct {
	Mark string // one character
	Tone Tone   // of the mark
	Text string
	More string // figures behind the sentence
}

// Table holds a text in the first column and figures in the others.
type Table struct {
	Heads []string
	Rows  []Row
}

// Row represents a row of a table; a strong one is a sum.
type Row struct {
	Cells  []string
	Strong bool
}

// Bar represents a bar from zero to the left or to the right.
type Bar struct {
	Name  string
	Value float64
	Text  string // the value as it is said
	Note  string // behind it
	Tone  Tone
}

// Range represents an estimate with its interval, and the same of the period before. All lie in 0..1.
type Range struct {
	Name        string
	Now, Before Interval
	Text, Note  string // the estimate, and how it changed
	Tone        Tone
}

// Interval represents an estimate with the ends of its interval.
type Interval struct {
	Low, Value, High float64
	Known            bool
}

// Column describes one of a row of bars from the bottom up, of a day.
type Column struct {
	Label string // below; "" leaves the place to the labels beside it
	Value float64
	Tone  Tone
}
