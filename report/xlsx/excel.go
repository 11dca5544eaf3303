package xlsx

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"liverecon/store/disk"
)

// Write writes w as an Excel workbook to path, whole or not at all, readable by its owner alone. The same workbook
// gives the same bytes.
func Write(w *Workbook, path string) error {
	return disk.Replace(path, func(out io.Writer) error { return encode(w, out) })
}

// encode builds the workbook with excelize and lets the finisher write it.
func encode(w *Workbook, out io.Writer) (err error) {
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	x := &encoder{file: f, book: w, styles: map[Style]int{}, looks: looks()}
	for i, s := range w.Sheets {
		if err := x.sheet(i, s); err != nil {
			return fmt.Errorf("sheet %q: %w", s.Name, err)
		}
	}
	if err := x.origin(); err != nil {
		return fmt.Errorf("origin: %w", err)
	}
	fin := newFinisher(w, out, x.styles)
	f.SetZipWriter(func(io.Writer) excelize.ZipWriter { return fin })
	return f.Write(io.Discard)
}

// encoder puts sheets into an excelize file.
type encoder struct {
	file   *excelize.File
	book   *Workbook
	styles map[Style]int
	looks  map[Role]look
}

func (x *encoder) style(s Style) (int, error) {
	if id, ok := x.styles[s]; ok {
		return id, nil
	}
	id, err := x.file.NewStyle(s.excel(x.looks[s.Role], x.book.Places))
	if err != nil {
		return 0, fmt.Errorf("style %v: %w", s, err)
	}
	x.styles[s] = id
	return id, nil
}

func (x *encoder) sheet(i int, s *Sheet) error {
	var err error
	if i == 0 {
		err = x.file.SetSheetName("Sheet1", s.Name)
	} else {
		_, err = x.file.NewSheet(s.Name)
	}
	if err != nil {
		return err
	}
	for _, step := range []func(*Sheet) error{x.columns, x.cells, x.list, x.intended, x.merges, x.shades, x.marks,
		x.choices, x.charts, x.page, x.lock, x.names} {
		if err := step(s); err != nil {
			return err
		}
	}
	return nil
}

func (x *encoder) columns(s *Sheet) error {
	for i, width := range s.fitted(x.book.Places) {
		name := ColumnName(i + 1)
		if err := x.file.SetColWidth(s.Name, name, name, width); err != nil {
			return err
		}
	}
	for row, height := range s.Heights {
		if err := x.file.SetRowHeight(s.Name, row, height); err != nil {
			return err
		}
	}
	return nil
}

func (x *encoder) cells(s *Sheet) error {
	for _, at := range s.Refs() {
		if err := x.cell(s, at, s.cells[at]); err != nil {
			return fmt.Errorf("cell %s: %w", at, err)
		}
	}
	return nil
}

// cell sets a value or a formula; the finisher puts the formula's value beside it.
func (x *encoder) cell(s *Sheet, at Ref, c Cell) error {
	name := at.String()
	var err error
	switch {
	case c.Formula != "":
		err = x.file.SetCellFormula(s.Name, name, c.Formula)
	case c.Kind == Text && c.Text != "":
		err = x.file.SetCellStr(s.Name, name, escapeUnderscores(fit(c.Text), markedUnderscore))
	case c.Kind == Number:
		err = x.file.SetCellDefault(s.Name, name, c.Number)
	}
	if err == nil && c.Link != "" {
		err = x.link(s, name, c)
	}
	if err != nil {
		return err
	}
	id, err := x.style(c.Style)
	if err != nil {
		return err
	}
	return x.file.SetCellStyle(s.Name, name, name, id)
}

// link makes a cell jump to another place of the same workbook.
func (x *encoder) link(s *Sheet, name string, c Cell) error {
	return x.file.SetCellHyperLink(s.Name, name, c.Link, "Location")
}

// list makes room for a long list: its header is an ordinary row, its rows are written by the finisher.
func (x *encoder) list(s *Sheet) error {
	if s.List == nil {
		return nil
	}
	for i, c := range s.List.Columns {
		head := T(c.Head).WithRole(ListHead)
		if c.Format.Numeric() {
			head.Style.Format = c.Format
		}
		head.Style.Inset = s.List.inset(i)
		if err := x.cell(s, s.List.at(i, s.List.First), head); err != nil {
			return err
		}
		if err := x.file.SetColWidth(s.Name, ColumnName(s.List.Left+i+1), ColumnName(s.List.Left+i+1),
			c.Width+float64(c.Format.more(x.book.Places))); err != nil {
			return err
		}
		for _, role := range append([]Role{Body}, s.List.Roles...) {
			if _, err := x.style(Style{Role: role, Format: c.Format, Inset: s.List.inset(i), Wrap: c.Wrap}); err != nil {
				return err
			}
		}
	}
	all := Area{From: s.List.at(0, s.List.First), To: s.List.at(len(s.List.Columns)-1, s.List.First+s.List.Count)}
	return x.file.AutoFilter(s.Name, all.From.String()+":"+all.To.String(), nil)
}

// intended marks text that may look like a number as meant, so that no reader is asked to convert IDs, and writes the
// extent of the sheet.
func (x *encoder) intended(s *Sheet) error {
	last := s.last
	var areas []string
	for _, at := range s.Refs() {
		if c := s.cells[at]; c.Kind == Text && c.Style.Format == Literal {
			areas = append(areas, at.String())
		}
	}
	if s.List != nil {
		last.Row, last.Col = s.List.First+s.List.Count, max(last.Col, s.List.Left+len(s.List.Columns))
		for i, c := range s.List.Columns {
			if c.Format == Literal && s.List.Count > 0 {
				a := s.List.Column(i)
				areas = append(areas, a.From.String()+":"+a.To.String())
			}
		}
	}
	if err := x.file.SetSheetDimension(s.Name, "A1:"+last.String()); err != nil || len(areas) == 0 {
		return err
	}
	return x.file.AddIgnoredErrors(s.Name, strings.Join(areas, " "), excelize.IgnoredErrorsNumberStoredAsText)
}

func (x *encoder) merges(s *Sheet) error {
	for _, a := range s.Merged {
		if err := x.file.MergeCell(s.Name, a.From.String(), a.To.String()); err != nil {
			return err
		}
	}
	return nil
}

// shades colours cells by their size. The few largest numbers, which would leave all others white, share one colour.
func (x *encoder) shades(s *Sheet) error {
	for _, a := range s.Shaded {
		err := x.file.SetConditionalFormat(s.Name, a.From.String()+":"+a.To.String(),
			[]excelize.ConditionalFormatOptions{{Type: "2_color_scale", Criteria: "=", MinType: "num", MinValue: "0",
				MinColor: "#" + white, MaxType: "percentile", MaxValue: "90", MaxColor: "#" + Slate}})
		if err != nil {
			return err
		}
	}
	for _, a := range s.Changed {
		err := x.file.SetConditionalFormat(s.Name, a.From.String()+":"+a.To.String(),
			[]excelize.ConditionalFormatOptions{{Type: "3_color_scale", Criteria: "=", MinType: "num", MinValue: "-6",
				MinColor: "#" + tealTint, MidType: "num", MidValue: "0", MidColor: "#" + white, MaxType: "num", MaxValue: "6",
				MaxColor: "#" + amberTint}})
		if err != nil {
			return err
		}
	}
	return nil
}

// marks colours cells by how their text begins.
func (x *encoder) marks(s *Sheet) error {
	if len(s.Marks) == 0 {
		return nil
	}
	l := x.looks[Alert]
	id, err := x.file.NewConditionalStyle(&excelize.Style{Font: &excelize.Font{Bold: true, Color: l.color},
		Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{l.fill}}})
	if err != nil {
		return fmt.Errorf("mark: %w", err)
	}
	for _, m := range s.Marks {
		rule := excelize.ConditionalFormatOptions{Type: "formula", Format: &id,
			Criteria: fmt.Sprintf("LEFT(%s,%d)=%q", m.At.From, utf8.RuneCountInString(m.Begins), m.Begins)}
		if err := x.file.SetConditionalFormat(s.Name, m.At.From.String()+":"+m.At.To.String(),
			[]excelize.ConditionalFormatOptions{rule}); err != nil {
			return fmt.Errorf("mark %s: %w", m.At, err)
		}
	}
	return nil
}

// origin writes where a workbook comes from into its file.
func (x *encoder) origin() error {
	text, err := json.Marshal(x.book.Origin)
	if err != nil {
		return err
	}
	return x.file.SetCustomProps(excelize.CustomProperty{Name: OriginProperty, Value: string(text)})
}
