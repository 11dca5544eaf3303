package xlsx

import (
	"strings"

	"github.com/xuri/excelize/v2"
)

// The colours, chosen to stay apart for colour-blind readers and in grey-scale print.
const (
	Ink      = "1B2A3D"
	muted    = "5B6573"
	Ruled    = "C9D2DE"
	Hairline = "E6EAF0"
	tile     = "F3F5F8"
	Navy     = "12355B"
	Orange   = "C24E00" // suspicious, presentation, needs action
	Blue     = "0B4F8A" // injection
	Slate    = "A9B8CC" // unsure, previous period
	Grey     = "8A94A3" // reference lines
	Amber    = "E69F00" // watch, FREE
	Teal     = "1B7F79" // ties, lower

	OrangeTint = "F0B48F" // the period before, of each colour
	BlueTint   = "9DBBDD"
	SlateTint  = "D8DFE8"
	RuledTint  = "EAEEF3"

	tealTint  = "8CC9C3" // fewer, behind a figure
	amberTint = "F0BF62" // more
	input     = "0000FF"
	inputBg   = "FFF9E5"
	alertBg   = "FDF0E6"
	white     = "FFFFFF"
)

// fontName holds the family of every cell and chart.
const fontName = "Calibri"

// Style represents a role and a format; every pair is one style of the file. Inset text stands a little to the right:
// it follows a column of numbers, which end where it begins.
type Style struct {
	Role   Role
	Format Format
	Inset  bool
	Wrap   bool // a text longer than its place runs on in further lines
}

// Role names the purpose of a cell; it decides its font, colours and borders.
type Role uint8

// The roles.
const (
	Body     Role = iota // a cell of a table
	Strong               // a cell of a table that carries the finding
	Quiet                // a cell of a table that explains
	Alert                // needs action
	Watch                // deserves a look
	Good                 // ties, lower
	Head                 // header of a table
	Total                // last row of a table
	TotalBad             // a check in the last row that does not tie
	TotalOK              // a check in the last row that ties
	Title
	TitleRule // a title's row, under which the rule runs
	Subtitle
	Headline
	Section
	Finding // above a chart
	Caption
	CaptionLong // of several lines
	Prose       // a line of text
	Wrapped
	TileLabel
	TileValue
	TileNote
	TileSpace // a tile's row for a sparkline
	LinkTo
	ListLink // a link in a list
	Input
	ListHead
	Counted    // what a figure above a list counts
	CountValue // and the figure
	SignValue  // a figure that is signed
	ChartData  // of columns beside the page, for a chart
)

// look represents the appearance of a role.
type look struct {
	size   float64
	bold   bool
	color  string
	fill   string
	bottom string // colour of the lower border
	top    string // colour of the upper border
	edge   int    // weight of both: 1 thin, 2 medium
	align  string // "" follows the format: text left, numbers right
	wrap   bool
	indent int
	split  bool // a white gap on the left, between tiles
	under  bool // underlined
	valign string
	open   bool // may be typed into on a protected sheet
}

// looks returns the table of roles. Body text is 10 points, headers 9.5, captions and axes 9.
func looks() map[Role]look {
	return map[Role]look{
		Body:   {size: 10, color: Ink, bottom: Hairline, edge: 1, valign: "center"},
		Strong: {size: 10, color: Ink, bold: true, bottom: Hairline, edge: 1, valign: "center"},
		Quiet:  {size: 10, color: muted, bottom: Hairline, edge: 1, valign: "center"},
		Alert:  {size: 10, color: Orange, bold: true, fill: alertBg, bottom: Hairline, edge: 1, valign: "center"},
		Watch:  {size: 10, color: Ink, bold: true, fill: inputBg, bottom: Hairline, edge: 1, valign: "center"},
		Good:   {size: 10, color: Teal, bold: true, bottom: Hairline, edge: 1, valign: "center"},
		Head: {size: 9.5, color: Navy, bold: true, fill: tile, top: Ruled, bottom: Navy, edge: 1, wrap: true,
			valign: "bottom"},
		Total: {size: 10, color: Ink, bold: true, top: Navy, bottom: Navy, edge: 1, valign: "center"},
		TotalBad: {size: 10, color: Orange, bold: true, fill: alertBg, top: Navy, bottom: Navy, edge: 1,
			valign: "center"},
		TotalOK:     {size: 10, color: Teal, bold: true, top: Navy, bottom: Navy, edge: 1, valign: "center"},
		Title:       {size: 18, color: Navy, bold: true, valign: "center"},
		TitleRule:   {size: 4, color: Navy, bottom: Navy, edge: 2},
		Subtitle:    {size: 10, color: muted, valign: "center"},
		Headline:    {size: 14, color: Ink, bold: true, valign: "center", wrap: true},
		Section:     {size: 12, color: Navy, bold: true},
		Finding:     {size: 11, color: Navy, bold: true, wrap: true, valign: "bottom"},
		Caption:     {size: 9, color: muted, valign: "center"},
		CaptionLong: {size: 9, color: muted, wrap: true, valign: "top"},
		Prose:       {size: 10, color: Ink},
		Wrapped:     {size: 10, color: Ink, bottom: Hairline, edge: 1, wrap: true, valign: "center", align: "left"},
		TileLabel:   {size: 10, color: muted, fill: tile, top: Navy, edge: 2, align: "left", indent: 1, split: true},
		TileValue: {size: 18, color: Navy, bold: true, fill: tile, align: "left", indent: 1, split: true,
			valign: "center"},
		TileNote:  {size: 9, color: muted, fill: tile, align: "left", indent: 1, split: true, valign: "center"},
		TileSpace: {size: 9, color: muted, fill: tile, split: true},
		LinkTo:    {size: 10, color: Blue, under: true, valign: "center"},
		ListLink:  {size: 10, color: Blue, under: true, bottom: Hairline, edge: 1, valign: "center"},
		Input: {size: 10, color: input, fill: inputBg, top: Ruled, bottom: Ruled, edge: 1, open: true,
			valign: "center"},
		ListHead:   {size: 9.5, color: white, bold: true, fill: Navy, valign: "center", wrap: true},
		Counted:    {size: 10, color: muted, align: "right", valign: "center"},
		CountValue: {size: 12, color: Navy, bold: true, align: "left", indent: 1, valign: "center"},
		SignValue:  {size: 10, color: Ink, bold: true, bottom: Hairline, edge: 1, align: "right", valign: "center"},
		ChartData:  {size: 9, color: Grey},
	}
}

// Format names the number format of a value.
type Format uint8

// The formats.
const (
	General Format = iota
	Literal        // text that stays text, as IDs do
	Count
	SignedCount
	Rate
	Share
	Points // percentage points; the value is in points, 0.5 for half a point
	Score
	Signed // a difference of scores
	PSI
	PValue  // a probability, by its three decimals
	Amount2 // an amount of money, to the cent
	Amount4 // an amount that is made of unit prices, to a hundredth of a cent
	Moment
	Date         // a day, without a time
	Unit         // the price of one call
	SignedAmount // a difference between amounts
	SignedAmount4
	SignedShare
	Plain // a number with its own decimals
)

// decimals returns how many an amount of the format is shown with where the workbook's amounts have no more, 0 for what is
// none.
func (f Format) decimals() int {
	switch f {
	case Amount2, SignedAmount:
		return 2
	case Amount4, SignedAmount4, Unit:
		return 4
	default:
		return 0
	}
}

// pattern returns a format as Excel writes it. Amounts are shown with their format's decimals, or with places where
// those are more.
func (f Format) pattern(places int) string {
	amount := "#,##0." + strings.Repeat("0", max(f.decimals(), places))
	switch f {
	case Literal:
		return "@"
	case Count:
		return "#,##0"
	case SignedCount:
		return "+#,##0;-#,##0;0"
	case Rate:
		return "0.00%"
	case Share:
		return "0.0%"
	case Points:
		return `+0.00" pp";-0.00" pp"`
	case Score:
		return "0.0"
	case Signed:
		return "+0.0;-0.0;0.0"
	case PSI:
		return "0.000"
	case PValue:
		return `[<0.0005]"< 0.001";0.000`
	case Amount2, Amount4:
		return amount + ";(" + amount + `);"–"`
	case Moment:
		return "yyyy-mm-dd hh:mm:ss"
	case Date:
		return "yyyy-mm-dd"
	case Unit:
		return strings.TrimPrefix(amount, "#,##")
	case SignedAmount, SignedAmount4:
		return "+" + amount + ";-" + amount + `;"–"`
	case SignedShare:
		return `+0.00%;-0.00%;"–"`
	default:
		return ""
	}
}

// Numeric reports whether values of the format are aligned to the right.
func (f Format) Numeric() bool { return f != General && f != Literal }

// excel returns the style as excelize describes it, with so many decimals of amounts.
func (s Style) excel(l look, places int) *excelize.Style {
	style := &excelize.Style{
		Font:       &excelize.Font{Family: fontName, Size: l.size, Bold: l.bold, Color: l.color},
		Alignment:  &excelize.Alignment{Horizontal: l.align, Vertical: l.valign, WrapText: l.wrap, Indent: l.indent},
		Protection: &excelize.Protection{Locked: !l.open},
	}
	if l.under {
		style.Font.Underline = "single"
	}
	if l.align == "" {
		style.Alignment.Horizontal = "left"
		if s.Format.Numeric() {
			style.Alignment.Horizontal = "right"
		}
	}
	if s.Wrap {
		style.Alignment.WrapText = true
	}
	if s.Inset {
		style.Alignment.Indent = 1
	}
	if pattern := s.Format.pattern(places); pattern == "@" {
		style.NumFmt = 49 // built in; a custom "@" would be a second style of the same meaning
	} else if pattern != "" {
		style.CustomNumFmt = &pattern
	}
	if l.fill != "" {
		style.Fill = excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.fill}}
	}
	style.Border = l.borders()
	return style
}

func (l look) borders() []excelize.Border {
	var borders []excelize.Border
	if l.split {
		borders = append(borders, excelize.Border{Type: "left", Color: white, Style: 5})
	}
	if l.top != "" {
		borders = append(borders, excelize.Border{Type: "top", Color: l.top, Style: l.edge})
	}
	if l.bottom != "" {
		borders = append(borders, excelize.Border{Type: "bottom", Color: l.bottom, Style: l.edge})
	}
	return borders
}
