package report

import (
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/xuri/excelize/v2"
)

// Origin is what a workbook says about how it was made, in a property of the file that stays when a spreadsheet program
// saves it: enough to make it again from the database and the configuration.
type Origin struct {
	Kind      string    `json:"kind"` // risk or finance
	Label     string    `json:"period"`
	From      time.Time `json:"from"`
	To        time.Time `json:"to"`
	Compare   string    `json:"compare,omitempty"` // label of the period compared with
	CompareAt time.Time `json:"compare_from,omitzero"`
	CompareTo time.Time `json:"compare_to,omitzero"`
	NoDetail  bool      `json:"no_detail,omitempty"`
	Version   string    `json:"version"`
	Verdict   string    `json:"verdict,omitempty"`
	Generated time.Time `json:"generated"`
	FromCells bool      `json:"-"` // the property is lost: what the workbook's cells tell stands for it
}

// originProperty is the name of the file's property.
const originProperty = "liverecon"

// ErrNotOurs says that a file is no workbook this program wrote.
var ErrNotOurs = errors.New("not a workbook of liverecon")

// Period is the period of the workbook, of a zone.
func (o *Origin) Period(zone *time.Location) Period { return periodOf(o.Label, o.From, o.To, zone) }

// Compared is the period a risk workbook compares with, of a zone.
func (o *Origin) Compared(zone *time.Location) Period {
	return periodOf(o.Compare, o.CompareAt, o.CompareTo, zone)
}

// periodOf is a period of a zone; where its bounds are not known its label gives them.
func periodOf(label string, from, to time.Time, zone *time.Location) Period {
	if p, err := ParsePeriod(label, zone); err == nil && from.IsZero() {
		return p
	}
	return Period{From: from.UTC(), To: to.UTC(), Label: label, Zone: zone}
}

// ReadOrigin returns what the workbook at path says about itself: in its property, or in its cells when a program that
// keeps no properties has saved it. ErrNotOurs, wrapped, when it says nothing.
func ReadOrigin(path string) (o Origin, err error) {
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
		if text, ok := p.Value.(string); ok && p.Name == originProperty {
			if err := json.Unmarshal([]byte(text), &o); err != nil {
				return o, fmt.Errorf("%w: property %s: %w", ErrNotOurs, originProperty, err)
			}
			return o, nil
		}
	}
	return originFromCells(f)
}

// origin writes where a workbook comes from into its file.
func (x *encoder) origin() error {
	text, err := json.Marshal(x.book.Origin)
	if err != nil {
		return err
	}
	return x.file.SetCustomProps(excelize.CustomProperty{Name: originProperty, Value: string(text)})
}
