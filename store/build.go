package store

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"liverecon/store/dbfile"
)

// build writes a whole database into an empty file, and leaves no log beside it: what has not come out of the log into
// the file would be lost under the file's next name.
func build(ctx context.Context, fresh string, files fs.FS) error {
	s, err := openFresh(ctx, fresh, files)
	if err != nil {
		return err
	}
	// Close empties it, too, but does not tell when it cannot
	if err := errors.Join(s.emptyLog(ctx), s.Close()); err != nil {
		return err
	}
	for _, suffix := range []string{"-wal", "-journal"} {
		if info, err := os.Stat(fresh + suffix); err == nil && info.Size() > 0 {
			return fmt.Errorf("%s was not emptied", fresh+suffix)
		}
	}
	return checkBuilt(ctx, fresh, files)
}

// checkBuilt reads the file as the next start will.
func checkBuilt(ctx context.Context, fresh string, files fs.FS) error {
	s, err := openOnly(ctx, fresh, files)
	if err != nil {
		return err
	}
	return errors.Join(s.Soundness().Check(ctx), s.Close(), dbfile.RemoveLogs(fresh))
}
