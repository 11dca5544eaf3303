package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
	"time"

	"liverecon/batch"
	"liverecon/cmd/liverecon/config"
	"liverecon/report/review"
	"liverecon/report/verify"
)

// keepEdited moves a workbook aside that people have filled in, before it is written anew: what stands nowhere else would
// be lost. A risk workbook whose decisions were all read has nothing to lose.
func (p *publisher) keepEdited(ctx context.Context, file string) error {
	edited, err := verify.Edited(file)
	if err != nil || !edited {
		return err
	}
	filled, err := review.ReadDecisions(ctx, p.store, file, time.Now())
	var mistake review.Mistake
	switch {
	case err == nil && len(filled.New) == 0:
		return nil
	case err != nil && !errors.Is(err, review.ErrNoQueue) && !errors.As(err, &mistake):
		return err
	case p.renewing: // a copy would keep what is to be taken out
		return &config.Error{Code: batch.ExitFailed, Err: fmt.Errorf("%s was filled in by hand, and was not read", file), Hint: "`liverecon decisions " + file + "` reads it; or delete it, and run the same command again"}
	}
	aside := strings.TrimSuffix(file, ".xlsx") + "_edited_" + time.Now().UTC().Format("20060102T150405Z") + ".xlsx"
	if err := os.Rename(file, aside); err != nil {
		return err
	}
	say(os.Stderr, "liverecon: warning: %s was filled in by hand: kept as %s\n", file, aside)
	if !errors.Is(err, review.ErrNoQueue) {
		say(os.Stderr, "liverecon: hint: `liverecon decisions %s` reads what stands in it\n", aside)
	}
	return nil
}
