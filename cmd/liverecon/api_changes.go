package main

import (
	"context"
	"strings"
	"time"

	"liverecon/cmd/liverecon/words"
	"liverecon/store"
)

// shownAPIChanges sets how many of the vendor's latest API changes status shows.
const shownAPIChanges = 10

// statusAPIChange describes something that the vendor's page does not document, first seen in some run.
type statusAPIChange struct {
	Kind      string    `json:"kind"`
	Value     string    `json:"value"`
	Endpoint  string    `json:"endpoint"`
	FirstRun  int64     `json:"first_run"`
	FirstSeen time.Time `json:"first_seen"`
	LastSeen  time.Time `json:"last_seen"`
	Answers   int64     `json:"answers"`
	Example   int64     `json:"example_call"`
}

func latestAPIChanges(ctx context.Context, s *store.Store) ([]statusAPIChange, error) {
	found, err := s.APIChanges().Latest(ctx, shownAPIChanges)
	all := []statusAPIChange{}
	for _, n := range found {
		all = append(all, statusAPIChange{string(n.Kind), n.Value, n.Endpoint, n.FirstRun, n.FirstSeen, n.LastSeen,
			n.Answers, n.Example})
	}
	return all, err
}

func printAPIChanges(out stream, r statusResult, zone *time.Location) {
	if r.Images > 0 {
		out.printf("%s to be fetched\n\n", words.Plural(r.Images, "image waits", "images wait"))
	}
	if len(r.New) == 0 {
		return
	}
	t := newTable("new from the vendor", "", "endpoint", "first seen", "last seen", ">answers", ">example call")
	for _, n := range r.New {
		value := n.Value
		if short := []rune(value); len(short) > 60 {
			value = string(short[:59]) + "…"
		}
		t.row(strings.ReplaceAll(n.Kind, "_", " "), value, n.Endpoint, words.Moment(n.FirstSeen, zone),
			words.Moment(n.LastSeen, zone), words.Comma(n.Answers), words.Comma(n.Example))
	}
	out.table(t)
}
