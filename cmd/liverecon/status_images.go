package main

import (
	"context"
	"strings"

	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

// newestImages holds those whose refusals status counts: some nights' worth.
const newestImages = 10_000

// statusRefusal counts how many of the newest images were refused for a reason.
type statusRefusal struct {
	Reason string `json:"reason"`
	Images int64  `json:"images"`
}

func refusals(ctx context.Context, s *store.Store) ([]statusRefusal, error) {
	found, err := s.Images().Refusals(ctx, newestImages)
	all := make([]statusRefusal, len(found))
	for i, r := range found {
		all[i] = statusRefusal(r)
	}
	return all, err
}

func printRefusals(out stream, r statusResult) {
	if len(r.Refused) == 0 {
		return
	}
	texts := make([]string, len(r.Refused))
	for i, one := range r.Refused {
		texts[i] = words.Comma(one.Images) + " " + one.Reason
	}
	out.wrap("", "of the newest "+words.Comma(newestImages)+" images were refused: "+strings.Join(texts, ", "))
	out.printf("\n")
}
