package review

import (
	"context"
	"errors"
	"time"

	"liverecon/store"
)

// Unread reports whether something stands in a workbook that people have filled in and that was not read back yet, or
// cannot be.
func Unread(ctx context.Context, s *store.Store, path string, now time.Time) (bool, error) {
	finance, err := IsFinance(path)
	if err != nil {
		return false, err
	}
	news := 0
	if finance {
		var found FilledFinance
		found, err = ReadWorked(ctx, s, path, now)
		news = len(found.New) + len(found.Signed) + len(found.Moved) + len(found.Gone)
	} else {
		var found FilledQueue
		found, err = ReadDecisions(ctx, s, path, now)
		news = len(found.New)
	}
	switch {
	case err == nil:
		return news > 0, nil
	case errors.As(err, new(Mistake)), errors.Is(err, ErrNoQueue), errors.Is(err, ErrNoFinance), errors.Is(err, ErrColumns),
		errors.Is(err, ErrNotReconciled):
		return true, nil
	}
	return false, err
}
