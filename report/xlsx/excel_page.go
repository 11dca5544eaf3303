package xlsx

import (
	"fmt"

	"github.com/xuri/excelize/v2"
)

// lock keeps people from typing over figures by accident. Whoever means to can lift it: there is no password.
func (x *encoder) lock(s *Sheet) error {
	if !s.Locked {
		return nil
	}
	return x.file.ProtectSheet(s.Name, &excelize.SheetProtectionOptions{SelectLockedCells: true,
		SelectUnlockedCells: true, FormatColumns: true, FormatRows: true, AutoFilter: true, Sort: true})
}

// choices limits what may be typed into input cells.
func (x *encoder) choices(s *Sheet) error {
	for _, c := range s.Choices {
		v := excelize.NewDataValidation(true)
		v.SetSqref(c.At.From.String() + ":" + c.At.To.String())
		var err error
		switch {
		case c.Items != nil:
			err = v.SetDropList(c.Items)
		case c.From != (Area{}):
			v.SetSqrefDropList(c.From.String())
		default:
			v.Type, v.Formula1 = "custom", escape(c.Rule)
		}
		if c.Advice != "" {
			v.SetError(excelize.DataValidationErrorStyleStop, "Not possible", c.Advice)
		}
		if err == nil {
			err = x.file.AddDataValidation(s.Name, v)
		}
		if err != nil {
			return fmt.Errorf("choice at %s: %w", c.At, err)
		}
	}
	return nil
}

// charts reserves a place and a part for every chart; the finisher writes what is in the part.
func (x *encoder) charts(s *Sheet) error {
	for i, c := range s.Charts {
		err := x.file.AddChart(s.Name, c.At.String(), &excelize.Chart{
			Type:      excelize.Col,
			Series:    []excelize.ChartSeries{{Values: c.Series[0].Values.String()}},
			Dimension: excelize.ChartDimension{Width: uint(c.Width), Height: uint(c.Height)},
			Format: excelize.GraphicOptions{AltText: c.Alt, Name: fmt.Sprintf("%s %d", s.Name, i+1),
				Positioning: "oneCell"},
		})
		if err != nil {
			return fmt.Errorf("chart at %s: %w", c.At, err)
		}
	}
	return nil
}

// page sets how a sheet looks on paper and on the screen: A4 landscape, one page wide, a footer, no grid.
func (x *encoder) page(s *Sheet) error {
	size, landscape, wide, high := 9, "landscape", 1, 0
	if s.OnePage {
		high = 1
	}
	layout := &excelize.PageLayoutOptions{Size: &size, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &high}
	fit := s.Percent == 0
	if !fit {
		percent := uint(s.Percent)
		layout.FitToWidth, layout.FitToHeight, layout.AdjustTo = nil, nil, &percent
	}
	if err := x.file.SetPageLayout(s.Name, layout); err != nil {
		return err
	}
	for _, row := range s.Breaks {
		if err := x.file.InsertPageBreak(s.Name, Ref{1, row}.String()); err != nil {
			return err
		}
	}
	yes, no, side, top, foot := true, false, 0.4, 0.5, 0.3
	props := &excelize.SheetPropsOptions{FitToPage: &fit}
	if s.Tab != "" {
		color := "FF" + s.Tab
		props.TabColorRGB = &color
	}
	if err := x.file.SetSheetProps(s.Name, props); err != nil {
		return err
	}
	err := x.file.SetPageMargins(s.Name, &excelize.PageLayoutMarginsOptions{Left: &side, Right: &side, Top: &top,
		Bottom: &top, Header: &foot, Footer: &foot, Horizontally: &yes})
	if err != nil {
		return err
	}
	footer := `&L&"Calibri"&8` + x.book.Title + ` · Confidential&C&"Calibri"&8&A&R&"Calibri"&8Page &P of &N`
	if err := x.file.SetHeaderFooter(s.Name, &excelize.HeaderFooterOptions{OddFooter: footer}); err != nil {
		return err
	}
	return x.view(s, no)
}

func (x *encoder) view(s *Sheet, grid bool) error {
	if err := x.file.SetSheetView(s.Name, 0, &excelize.ViewOptions{ShowGridLines: &grid}); err != nil {
		return err
	}
	selected := []excelize.Selection{{SQRef: s.Selected.String(), ActiveCell: s.Selected.String()}}
	if s.Frozen == 0 {
		return x.file.SetPanes(s.Name, &excelize.Panes{Selection: selected})
	}
	selected[0].Pane = "bottomLeft"
	return x.file.SetPanes(s.Name, &excelize.Panes{Freeze: true, YSplit: s.Frozen,
		TopLeftCell: Ref{1, s.Frozen + 1}.String(), ActivePane: "bottomLeft", Selection: selected})
}
