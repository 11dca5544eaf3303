package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"liverecon/batch"
	"liverecon/batch/evidence"
	"liverecon/cmd/liverecon/config"
	"liverecon/store"
)

// removeImages deletes the files of images and then forgets them: a crash in between leaves rows to be forgotten again,
// and no file that nobody knows of.
func removeImages(ctx context.Context, c *config.Config, s *store.Store, images []store.Evidence) (err error) {
	if len(images) == 0 {
		return nil
	}
	if _, err := os.Stat(c.Evidence.Dir); err == nil {
		archive, err := evidence.OpenArchive(c.Evidence.Dir, nil)
		if err != nil {
			return fmt.Errorf("images: %w", err)
		}
		for _, image := range images {
			err = errors.Join(err, archive.Remove(evidence.Ref{Folder: image.Folder, Call: image.CallID, Kind: evidence.Kind(image.Kind)}))
		}
		if err = errors.Join(err, archive.Close()); err != nil {
			return fmt.Errorf("images: %w", err)
		}
	} else if !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("images: %w", err)
	}
	ids := make([]int64, len(images))
	for i, image := range images {
		ids[i] = image.ID
	}
	return s.ForgetEvidence(ctx, ids, time.Now())
}

// imagesOf are the images of checks that are stored or on their way.
func imagesOf(ctx context.Context, s *store.Store, checks []int64) ([]store.Evidence, error) {
	var all []store.Evidence
	for _, check := range checks {
		images, err := s.EvidenceOf(ctx, check)
		if err != nil {
			return nil, err
		}
		for _, image := range images {
			if image.State == store.EvidenceStored || image.State == store.EvidenceQueued {
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
		images, err := s.EvidenceBefore(ctx, before, imageStep)
		if err != nil || len(images) == 0 {
			return removed, err
		}
		if err := removeImages(ctx, c, s, images); err != nil {
			return removed, err
		}
		removed += int64(len(images))
	}
}

// openEvidence makes ready what a run needs to keep images; nil when none are kept. The second client shares nothing with
// the one that has the token. transport stands for sockets in a simulated run; nil: sockets. leave ends the use of the
// directory.
func openEvidence(c *config.Config, transport http.RoundTripper) (e *batch.Evidence, leave func() error, err error) {
	leave = func() error { return nil }
	s := c.Evidence
	if s.Download == batch.DownloadNone {
		return nil, leave, nil
	}
	client, err := evidence.NewClient(evidence.Options{MaxBytes: s.MaxBytes, Timeout: s.Timeout, AllowedHosts: s.Hosts,
		UserAgent: "liverecon/" + config.Version(), Transport: transport})
	if err != nil {
		return nil, leave, &config.Error{Code: batch.ExitInput, Err: fmt.Errorf("evidence: %w", err), Hint: ""}
	}
	archive, err := evidence.OpenArchive(s.Dir, s.Recipients)
	if err != nil {
		return nil, leave, &config.Error{Code: batch.ExitInput, Err: fmt.Errorf("evidence: %w", err), Hint: "is evidence.dir right, and may this user write there?"}
	}
	return &batch.Evidence{Download: s.Download, Client: client, Archive: archive, Workers: s.Concurrency, Rate: s.Rate, Linger: s.Linger}, archive.Close, nil
}
