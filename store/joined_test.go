package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"liverecon/store"
	"liverecon/store/storetest"
)

// permutations returns all orders of some words.
func permutations(words []string) (all [][]string) {
	if len(words) < 2 {
		return [][]string{words}
	}
	for i, first := range words {
		rest := slices.Delete(slices.Clone(words), i, i+1)
		for _, order := range permutations(rest) {
			all = append(all, append([]string{first}, order...))
		}
	}
	return all
}

// TestJoinedGoWhereOneSays: two IDs that are one by a row are asked once, where one of the rows gives a region that
// others guess, in whatever order the lists are read, in one night or in several; a plan foretells it.
func TestJoinedGoWhereOneSays(t *testing.T) {
	ctx := context.Background()
	row := func(word string) store.ListedRow { // X, Y or both; g guesses PH, e gives TH
		r := rowOf(2, "0000000000000001")
		r.Region, r.Guessed = "PH", strings.HasSuffix(word, "g")
		if !r.Guessed {
			r.Region = "TH"
		}
		r.Endpoint, r.Kind = "of "+r.Region, "signatureId"
		switch word[0] {
		case 'X':
			r.Kind, r.ID = "livenessId", "ddsd-1"
		case 'J':
			r.OtherID = "ddsd-1"
		}
		return r
	}
	for _, words := range [][]string{
		{"Xg", "Ye", "Jg"}, {"Yg", "Xe", "Jg"}, {"Xg", "Yg", "Je"}, {"Xg", "Je"}, {"Yg", "Je"}, {"Xg", "Ye", "Je"}, {"Xe", "Yg", "Je"},
		{"Jg", "Xe"}, {"Jg", "Ye"},
	} {
		for _, order := range permutations(words) {
			s := open(t)
			runID, _, err := s.Runs().Open(ctx, "test", true)
			check(t, err)
			p, err := store.OpenPreview(ctx, s)
			check(t, err)
			for n, word := range order {
				check(t, storetest.Preview(p, fmt.Sprint(n), []store.ListedRow{row(word)}, nil, nil))
			}
			_, err = p.Lists(ctx)
			check(t, err)
			_, err = p.Move(ctx, 100)
			check(t, err)
			foretold, err := p.Backlog(ctx, store.Rules{})
			check(t, err)
			check(t, p.Close())
			for n, word := range order {
				_, err := stage(t, s, []store.ListedRow{row(word)}, nil).Commit(ctx, runID, listOf(fmt.Sprint(n)))
				check(t, err)
			}
			came, err := s.Checks().Backlog(ctx)
			check(t, err)
			if want := []store.Backlog{{Endpoint: "of TH", Region: "TH", State: store.Pending, Checks: 1}}; !slices.Equal(came, want) {
				t.Errorf("%v: %+v", order, came)
			}
			if !slices.Equal(foretold, came) {
				t.Errorf("%v: foretold as %+v, came as %+v", order, foretold, came)
			}
		}
	}
}
