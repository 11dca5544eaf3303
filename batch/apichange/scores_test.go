package apichange_test

import (
	"testing"

	"liverecon/batch/apichange"
	"liverecon/store"
)

func scores(n int64, lowest, highest float64) store.EndpointNight {
	return store.EndpointNight{Endpoint: "sg", Scores: n, Lowest: lowest, Highest: highest}
}

// A night's scores are odd beside a night that had others, and only then.
func TestOddScores(t *testing.T) {
	usual := scores(500, 0, 99.87)
	for _, c := range []struct {
		tonight store.EndpointNight
		before  []store.EndpointNight
		want    string
	}{
		{scores(412, 0, 0), []store.EndpointNight{usual}, "sg's 412 scores are all 0, after a night of scores from 0 to 99.87: it looks as if the vendor has changed its API"},
		{scores(20, 100, 100), []store.EndpointNight{usual}, "sg's 20 scores are all 100, after a night of scores from 0 to 99.87: it looks as if the vendor has changed its API"},
		{scores(20, 0.001, 0.999), []store.EndpointNight{usual}, "sg's 20 scores all lie within 0 and 1, after a night of scores from 0 to 99.87: it looks as if the vendor has changed its API"},
		{scores(19, 0, 0), []store.EndpointNight{usual}, ""},                     // too few to tell
		{scores(20, 0, 1.1), []store.EndpointNight{usual}, ""},                   // a bad night
		{scores(20, 99, 100), []store.EndpointNight{usual}, ""},                  // a good one
		{scores(20, -1, 0), []store.EndpointNight{usual}, ""},                    // not within
		{scores(412, 0, 0), nil, ""},                                             // nothing to compare with
		{scores(412, 0, 0), []store.EndpointNight{scores(19, 0, 99)}, ""},        // nor here
		{scores(412, 100, 100), []store.EndpointNight{scores(50, 100, 100)}, ""}, // it was so before
		{scores(412, 0, 1), []store.EndpointNight{scores(50, 0.2, 0.9)}, ""},     // as it was
		{scores(412, 0, 0), []store.EndpointNight{scores(412, 0, 0), usual}, "sg's 412 scores are all 0, after a night of scores from 0 to 99.87: it looks as if the vendor has changed its API"}, // as long as a good night is near
		{scores(40, 100, 100), []store.EndpointNight{scores(40, 0, 0), usual}, "sg's 40 scores are all 100, after a night of scores from 0 to 99.87: it looks as if the vendor has changed its API"},
		{scores(40, 100, 100), []store.EndpointNight{scores(40, 0, 0)}, "sg's 40 scores are all 100, after a night of nothing but 0: it looks as if the vendor has changed its API"},
	} {
		if got := apichange.OddScores(c.tonight, c.before); got != c.want {
			t.Errorf("%+v after %+v: %q, want %q", c.tonight, c.before, got, c.want)
		}
	}
}
