package report

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// titles are what the first sheet's title says of each kind, before the period's label.
var titles = map[string]string{"risk": riskTitle, "finance": financeTitle, "dispute": disputeTitle}

const (
	riskTitle    = "Liveness risk report — "
	financeTitle = "Liveness billing — "
	disputeTitle = "Billing dispute — "
)

// detailCheck is the check of the sheet of every check: a workbook without that sheet is without it.
const detailCheck = "Detail: rows = answered in the database"

// comparedWith finds the label of the period compared with in the definition of a change.
var comparedWith = regexp.MustCompile(`^Rate of this period minus that of (\S+), in percentage points`)

// originFromCells recognises a workbook by its first sheet's title and its sheet of definitions.
func originFromCells(f *excelize.File) (o Origin, err error) {
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
	if _, err := ParsePeriod(o.Label, time.UTC); err != nil || o.Kind == "" {
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
func define(o *Origin, rows [][]string) error {
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
	o.Version = strings.TrimSpace(strings.TrimPrefix(said["Made by"], generatorName))
	if m := comparedWith.FindStringSubmatch(said["Change"]); m != nil {
		o.Compare = m[1]
	}
	o.NoDetail = !slices.ContainsFunc(rows, func(row []string) bool { return slices.Contains(row, detailCheck) })
	return nil
}
