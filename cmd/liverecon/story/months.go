package story

import (
	"context"
	"errors"
	"fmt"

	"liverecon/batch/billing"
	"liverecon/store"
	"liverecon/store/accounts"
	"liverecon/store/snapshot"
)

// Months holds what people decided about months: when they were closed, and what was worked out of their exceptions.
type Months struct {
	Closures []accounts.Closure
	Work     []accounts.Work
}

// ReadMonths reads the same of all months.
func ReadMonths(ctx context.Context, s *store.Store) (m Months, err error) {
	if m.Closures, err = s.Months().Closures(ctx); err != nil {
		return m, err
	}
	snap, err := snapshot.Open(ctx, s)
	if err != nil {
		return m, err
	}
	m.Work, err = snap.Months().Work(ctx, "")
	return m, errors.Join(err, snap.Close())
}

// workEvents returns what was decided about rows of the ID's calls, or of lines with their transactions.
func (m Months) workEvents(f store.Story) (all []Event) {
	for i := range m.Work {
		for k := range f.Calls {
			w, c := &m.Work[i], &f.Calls[k]
			if w.CallID == c.CallID || w.CallID == 0 && w.TransactionID != "" && w.TransactionID == c.TransactionID {
				all = append(all, workEvent(w, c.CallID))
				break
			}
		}
	}
	return all
}

func workEvent(w *accounts.Work, call int64) Event {
	text := fmt.Sprintf("%s in the accounts of %s, %s at issue, about call %d (%s, %s row %d)", w.Status, w.Month,
		amount(w.Issue, w.Currency), call, w.File, w.Sheet, w.Row)
	if w.Owner != "" {
		text = w.Owner + ": " + text
	}
	for _, part := range []struct{ text, name string }{{w.Disputed, "disputed"}, {w.Accepted, "accepted"}} {
		if part.text != "" {
			text += "; " + amount(part.text, w.Currency) + " " + part.name
		}
	}
	if w.Comment != "" {
		text += ": " + w.Comment
	}
	return Event{At: w.DecidedAt, Kind: "accounts", Text: text}
}

// amount writes a decimal text for people.
func amount(text, currency string) string {
	if a, err := billing.ParseMoney(text + " " + currency); err == nil {
		return a.String()
	}
	return text + " " + currency
}
