package personal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"

	"liverecon/batch/evidence"
	"liverecon/cmd/liverecon/config"
	"liverecon/store"
	"liverecon/store/images"
)

// removeImages deletes the files of images and then forgets them: a crash in between leaves rows to be forgotten again,
// and no file that nobody knows of.
func removeImages(ctx context.Context, c *config.Config, s *store.Store, stored []images.Wanted) (err error) {
	if len(stored) == 0 {
		return nil
	}
	if _, err := os.Stat(c.Evidence.Dir); err == nil {
		archive, err := evidence.OpenArchive(c.Evidence.Dir, nil)
		if err != nil {
			return fmt.Errorf("images: %w", err)
		}
		for _, image := range stored {
			err = errors.Join(err, archive.Remove(evidence.Ref{Folder: image.Folder, Call: image.CallID,
				Kind: evidence.Kind(image.Kind)}))
		}
		if err = errors.Join(err, archive.Close()); err != nil {
			return fmt.Errorf("images: %w", err)
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("images: %w", err)
	}
	ids := make([]int64, len(stored))
	for i, image := range stored {
		ids[i] = image.ID
	}
	return s.Images().Forget(ctx, ids, time.Now())
}

// imagesOf returns the images of checks that are stored or queued.
func imagesOf(ctx context.Context, s *store.Store, checks []int64) ([]images.Wanted, error) {
	var all []images.Wanted
	for _, check := range checks {
		wanted, err := s.Images().OfCheck(ctx, check)
		if err != nil {
			return nil, err
		}
		for _, image := range wanted {
			if image.State == images.Stored || image.State == images.Queued {
				all = append(all, image)
			}
		}
	}
	return all, nil
}

// imageStep bounds how many images are removed at a time.
const imageStep = 1000

// purgeImages removes the images stored before a time, and returns how many there were.
func purgeImages(ctx context.Context, c *config.Config, s *store.Store, before time.Time) (removed int64, err error) {
	for {
		old, err := s.Images().Before(ctx, before, imageStep)
		if err != nil || len(old) == 0 {
			return removed, err
		}
		if err := removeImages(ctx, c, s, old); err != nil {
			return removed, err
		}
		removed += int64(len(old))
	}
}
