package personal

import (
	"bytes"
	"context"
	"slices"

	"liverecon/report/publish"
	"liverecon/store"
	"liverecon/store/accounts"
)

// closedBooks holds the workbooks that are kept in the database with closed months and hold a text: those of risk can
// be made anew without it, those of finance are what was signed and closed, and stay.
type closedBooks struct {
	risk    []accounts.KeptFile
	finance []accounts.KeptFile
}

// closedHolding looks into the workbooks that are kept with closed months.
func closedHolding(ctx context.Context, s *store.Store, texts []string, find finder) (b closedBooks, err error) {
	err = s.Months().EachFile(ctx, func(f accounts.KeptFile) error {
		holds, err := zipHolds(bytes.NewReader(f.Content), int64(len(f.Content)), texts, find)
		f.Content = nil
		switch {
		case !holds:
		case f.Kind == "risk":
			b.risk = append(b.risk, f)
		default:
			b.finance = append(b.finance, f)
		}
		return err
	})
	return b, err
}

// keeps reports whether a report on disk is the finance workbook of a closed month, as it is kept.
func (b closedBooks) keeps(f publish.ReportFile) bool {
	return f.Finance() && slices.ContainsFunc(b.finance, func(k accounts.KeptFile) bool {
		return k.Standing && k.Month == f.Period.Label
	})
}

// names returns what is said of the workbooks that stay.
func (b closedBooks) names() (all []string) {
	for _, f := range b.finance {
		name := f.Name + " as it is kept in the database"
		if !f.Standing {
			name += " from before the month was opened again"
		}
		all = append(all, name)
	}
	return all
}

// forget takes the workbooks out that can be made anew.
func (b closedBooks) forget(ctx context.Context, s *store.Store) error {
	for _, f := range b.risk {
		if err := s.Months().Forget(ctx, f); err != nil {
			return err
		}
	}
	return nil
}
