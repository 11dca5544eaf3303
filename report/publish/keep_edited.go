package publish

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"al.essio.dev/pkg/shellescape"

	"liverecon/report/review"
	"liverecon/report/verify"
)

// keepEdited moves a workbook aside that people have filled in, before it is written anew: what stands nowhere else
// would be lost. One of which everything was read has nothing to lose.
func (f *folder) keepEdited(ctx context.Context, file string) error {
	edited, err := verify.Edited(file)
	if errors.Is(err, fs.ErrPermission) {
		return f.keepUnreadable(file)
	}
	if err != nil || !edited {
		return err
	}
	unread, err := review.Unread(ctx, f.store, file, time.Now())
	switch {
	case err != nil:
		return err
	case !unread:
		return nil
	case f.renewing: // a copy would keep what is to be taken out
		return &UnreadError{file}
	}
	aside, asideErr := setAside(file, "edited")
	if asideErr != nil {
		return asideErr
	}
	f.warn(file+" was filled in by hand: kept as "+aside,
		"`liverecon decisions "+shellescape.Quote(aside)+"` reads what stands in it")
	return nil
}

// UnreadError represents the error of renewing a workbook that people have filled in and nobody has read.
type UnreadError struct{ File string }

func (e *UnreadError) Error() string {
	return e.File + " was filled in by hand, and was not read"
}

// keepUnreadable makes way for a report that another user has left here, root perhaps, and that this one may not read:
// nobody knows what was written into it.
func (f *folder) keepUnreadable(file string) error {
	if f.renewing {
		return &UnreadError{file}
	}
	aside, err := setAside(file, "unreadable")
	if err != nil {
		return err
	}
	f.warn(file+" may not be read by this user: kept as "+aside, "run every verb as one user")
	return nil
}

// setAside renames a report, and returns its new path.
func setAside(file, why string) (aside string, err error) {
	extension := filepath.Ext(file)
	aside = strings.TrimSuffix(file, extension) + "_" + why + "_" + time.Now().UTC().Format("20060102T150405Z") +
		extension
	return aside, os.Rename(file, aside)
}
