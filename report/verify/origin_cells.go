package verify

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// titles lists what the first sheet's title says of each kind, before the period's label.
var titles = map[string]string{"risk": page.RiskTitle, "finance": page.FinanceTitle, "dispute": page.DisputeTitle}

// comparedWith finds the label of the period compared with in the definition of a change.
var comparedWith = regexp.MustCompile(`^Rate of this period minus that of (\S+), in percentage points`)

// originFromCells recognises a workbook by its first sheet's title and its sheet of definitions.
func originFromCells(f *excelize.File) (o xlsx.Origin, err error) {
	sheets := f.GetSheetList()
	title, err := f.GetCellValue(sheets[0], "B2")
	if err != nil {
		return o, err
	}
	for kind, begins := range titles {
		if label, found := strings.CutPrefix(title, begins); found {
			o.Kind, o.Label = kind, label
		}
	}
	if _, err := calendar.ParsePeriod(o.Label, time.UTC); err != nil || o.Kind == "" {
		return o, ErrNotOurs
	}
	o.FromCells = true
	if o.Kind == "dispute" {
		return o, nil
	}
	if o.Verdict, err = f.GetCellValue(sheets[0], "A1"); err != nil {
		return o, err
	}
	if !slices.Contains(sheets, "Definitions") {
		return o, ErrNotOurs
	}
	rows, err := f.GetRows("Definitions")
	if err != nil {
		return o, err
	}
	return o, define(&o, rows)
}

// define takes what the sheet of definitions says of the workbook. When its newest fact was is left to the database.
func define(o *xlsx.Origin, rows [][]string) error {
	said := map[string]string{}
	for _, row := range rows {
		if name := at(row, 1); said[name] == "" {
			said[name] = at(row, 2)
		}
	}
	var errFrom, errTo error
	o.From, errFrom = time.Parse(time.DateTime, said["From (UTC)"])
	o.To, errTo = time.Parse(time.DateTime, said["To, not included (UTC)"])
	if errFrom != nil || errTo != nil {
		return ErrNotOurs
	}
	o.Version = strings.TrimSpace(strings.TrimPrefix(said["Made by"], xlsx.GeneratorName))
	if m := comparedWith.FindStringSubmatch(said["Change"]); m != nil {
		o.Compare = m[1]
	}
	o.NoDetail = !slices.ContainsFunc(rows, func(row []string) bool { return slices.Contains(row, page.DetailCheck) })
	return nil
}

// ReadOrigin returns what the workbook at path says about itself: in its property, or in its cells when a program that
// keeps no properties has saved it. ErrNotOurs, wrapped, when it says nothing.
func ReadOrigin(path string) (o xlsx.Origin, err error) {
	f, err := excelize.OpenFile(path)
	if err != nil {
		return o, fmt.Errorf("%w: %w", ErrNotOurs, err)
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	properties, err := f.GetCustomProps()
	if err != nil {
		return o, fmt.Errorf("%w: %w", ErrNotOurs, err)
	}
	for _, p := range properties {
		if text, ok := p.Value.(string); ok && p.Name == xlsx.OriginProperty {
			if err := json.Unmarshal([]byte(text), &o); err != nil {
				return o, fmt.Errorf("%w: property %s: %w", ErrNotOurs, xlsx.OriginProperty, err)
			}
			return o, nil
		}
	}
	return originFromCells(f)
}

// ErrNotOurs reports that a file is no workbook this program wrote.
var ErrNotOurs = errors.New("not a workbook of liverecon")
