package store_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"liverecon/store"
	"liverecon/store/storetest"
)

// guessedRows draws rows of few IDs, each with a region that it gives or that is guessed.
func guessedRows(rng *rand.Rand) (rows []store.ListedRow) {
	for line := range 1 + rng.IntN(9) {
		r := rowOf(line+2, fmt.Sprintf("%016x", rng.IntN(8)))
		r.Region = []string{"PH", "VN", "MX"}[rng.IntN(3)]
		r.Endpoint, r.Guessed = "of "+r.Region, rng.IntN(2) == 0
		rows = append(rows, r)
	}
	return rows
}

// placeOf returns where an ID is asked that nobody was asked for: where the first row says that gives a region, else the
// first row.
func placeOf(id string, rows []store.ListedRow) (region string) {
	for _, guessed := range []bool{true, false} {
		for _, r := range slices.Backward(rows) {
			if r.ID == id && r.Guessed == guessed {
				region = r.Region
			}
		}
	}
	return region
}

// TestGivenPlaceGoesBeforeGuess: whatever the order of rows and lists, an ID that was not asked is asked where a row says
// that gives a region, and no ID that was asked is taken elsewhere; a plan foretells it, with every word about it. An
// ID with another region than before is never lost in silence.
func TestGivenPlaceGoesBeforeGuess(t *testing.T) {
	for seed := range uint64(40) {
		ctx := context.Background()
		rng := rand.New(rand.NewPCG(seed, 45))
		s := open(t)
		runID, _, err := s.Runs().Open(ctx, "test", true)
		check(t, err)
		var all []store.ListedRow // of IDs that were never asked, in the order that they are read
		asked := map[string]string{}
		for night := range 3 {
			p, err := store.OpenPreview(ctx, s)
			check(t, err)
			var lists [][]store.ListedRow
			for n := range 1 + rng.IntN(4) {
				rows := guessedRows(rng)
				check(t, storetest.Preview(p, fmt.Sprint(n), rows, nil, nil))
				lists, all = append(lists, rows), append(all, rows...)
			}
			_, err = p.Lists(ctx)
			check(t, err)
			foretold, err := p.Move(ctx, 100)
			check(t, err)
			backlog, err := p.Backlog(ctx, store.Rules{})
			check(t, err)
			check(t, p.Close())
			for n, rows := range lists {
				in := stage(t, s, rows, nil)
				in.Move(100)
				l, err := in.Commit(ctx, runID, listOf(fmt.Sprint(night, n)))
				check(t, err)
				f := foretold[n]
				if f.New != l.New || f.Known != l.Known || f.Duplicate != l.Duplicate || f.Moved != l.Moved || !reflect.DeepEqual(f.Places, l.Places) {
					t.Errorf("seed %d, night %d, list %d: foretold %+v, came %+v", seed, night, n, f, l)
				}
			}
			came, err := s.Checks().Backlog(ctx)
			if err != nil || !slices.Equal(backlog, came) {
				t.Errorf("seed %d, night %d: backlog was foretold as %+v, came as %+v, %v", seed, night, backlog, came, err)
			}
			for _, r := range all {
				want, was := asked[r.ID]
				if !was {
					want = placeOf(r.ID, all)
				}
				if got := lines(t, s.ReadDB(), fmt.Sprintf("SELECT region, endpoint FROM checks WHERE id = '%s'", r.ID)); got[0] != want+" of "+want && got[0] != want+"|of "+want {
					t.Errorf("seed %d, night %d: %s is asked in %q, want %s", seed, night, r.ID, got[0], want)
				}
			}
			if n := count(t, s.ReadDB(), `SELECT count(*) FROM (SELECT list_id, region, new FROM list_regions WHERE new <> 0
				EXCEPT SELECT list_id, region, count(*) FROM checks GROUP BY 1, 2)`); n != 0 {
				t.Errorf("seed %d: regions of lists do not count their checks", seed)
			}
			runID, _, err = s.Runs().Open(ctx, "test", true)
			check(t, err)
			for _, id := range []string{"1", "2", "3"}[:rng.IntN(4)] { // answered, or asked without an answer
				id = fmt.Sprintf("%016s", id)
				state := []string{"done", "pending", "in_doubt"}[rng.IntN(3)]
				execSQL(t, s.WriteDB(), fmt.Sprintf("UPDATE checks SET state = '%s', attempts = 1 WHERE id = '%s'", state, id))
				if region := placeOf(id, all); region != "" && asked[id] == "" {
					asked[id] = region
				}
			}
		}
	}
}

// TestContradictingRegions: which rows are said to give another region than before, and whether their list is looked at
// again.
func TestContradictingRegions(t *testing.T) {
	given := func(region string) store.ListedRow {
		return store.ListedRow{Line: 2, Kind: "signatureId", ID: "aa", Region: region, Endpoint: region}
	}
	guess := func(region string) store.ListedRow {
		r := given(region)
		r.Guessed = true
		return r
	}
	for name, test := range map[string]struct {
		before        store.ListedRow
		state         string
		attempts      int
		row           store.ListedRow
		taken         int64
		contradicting int64
		open          bool
	}{
		"a guess gives way":                        {guess("PH"), "pending", 0, given("TH"), 1, 0, false},
		"a guess that is right":                    {guess("PH"), "pending", 0, given("PH"), 0, 0, false},
		"a guess is held":                          {guess("PH"), "held", 0, given("TH"), 1, 0, false},
		"a guess was asked":                        {guess("PH"), "pending", 1, given("TH"), 0, 1, true},
		"a guess was answered":                     {guess("PH"), "done", 1, given("TH"), 0, 1, false},
		"a guess is in doubt":                      {guess("PH"), "in_doubt", 1, given("TH"), 0, 1, true},
		"a given one stays":                        {given("PH"), "pending", 0, given("TH"), 0, 1, true},
		"a guess against a given one":              {given("PH"), "pending", 0, guess("TH"), 0, 0, false},
		"a guess against an answered one":          {given("PH"), "done", 1, guess("TH"), 0, 0, false},
		"the default has changed":                  {guess("PH"), "pending", 0, guess("TH"), 0, 1, true},
		"the default has changed after the answer": {guess("PH"), "done", 1, guess("TH"), 0, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			s := open(t)
			_, _ = storetest.Take(t, s, "first", test.before)
			execSQL(t, s.WriteDB(), fmt.Sprintf("UPDATE checks SET state = '%s', attempts = %d", test.state, test.attempts))
			p, err := store.OpenPreview(ctx, s)
			check(t, err)
			check(t, storetest.Preview(p, "second", []store.ListedRow{test.row}, nil, nil))
			_, err = p.Lists(ctx)
			check(t, err)
			foretold, err := p.Move(ctx, 100)
			check(t, err)
			check(t, p.Close())
			for range 2 { // the second time it is the same list again
				runID, l := storetest.Take(t, s, "second", test.row)
				f := l.Places
				if f.Taken != test.taken || f.Contradicting != test.contradicting || f.Open != test.open || !reflect.DeepEqual(f, foretold[0].Places) {
					t.Errorf("said %+v, foretold %+v", f, foretold[0].Places)
				}
				if (f.Contradicting > 0) != (len(f.Notes()) > 0) && f.Taken == 0 {
					t.Errorf("notes %q", f.Notes())
				}
				look, err := s.Lists().LookUp(ctx)
				check(t, err)
				_, settled, err := look.Known(ctx, listOf("second").Fingerprint)
				check(t, err)
				found, unsettled, err := look.Known(ctx, store.Unsettled(listOf("second").Fingerprint))
				check(t, err)
				check(t, look.Close())
				if settled == test.open || unsettled != test.open || unsettled && found.RunID != runID {
					t.Errorf("settled %v, unsettled %v (%+v), want it to be looked at again: %v", settled, unsettled, found, test.open)
				}
				if settled {
					break
				}
			}
		})
	}
}
