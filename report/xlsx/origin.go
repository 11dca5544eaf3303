package xlsx

import (
	"time"

	"liverecon/store/calendar"
)

// Origin describes how a workbook was made, in a property of the file that a spreadsheet program keeps when it saves
// it: enough to make it again from the database and the configuration.
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
	LastWork  int64     `json:"last_decision,omitempty"`  // that a finance workbook shows
	LastSign  int64     `json:"last_signature,omitempty"` // the same
	LastNote  int64     `json:"last_note,omitempty"`      // about a dispute, the same
	FromCells bool      `json:"-"`                        // the property is lost: what the workbook's cells tell stands for it
}

// OriginProperty holds the name of the file's property.
const OriginProperty = "liverecon"

// Period returns the period of the workbook, of a zone.
func (o *Origin) Period(zone *time.Location) calendar.Period {
	return periodOf(o.Label, o.From, o.To, zone)
}

// Compared returns the period a risk workbook compares with, of a zone.
func (o *Origin) Compared(zone *time.Location) calendar.Period {
	return periodOf(o.Compare, o.CompareAt, o.CompareTo, zone)
}

// periodOf returns a period of a zone; where its bounds are not known its label gives them.
func periodOf(label string, from, to time.Time, zone *time.Location) calendar.Period {
	if p, err := calendar.ParsePeriod(label, zone); err == nil && from.IsZero() {
		return p
	}
	return calendar.Period{From: from.UTC(), To: to.UTC(), Label: label, Zone: zone}
}
