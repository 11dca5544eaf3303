package batch_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness/simulator"
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
		if got := batch.OddScores(c.tonight, c.before...); got != c.want {
			t.Errorf("%+v after %+v: %q, want %q", c.tonight, c.before, got, c.want)
		}
	}
}

// shrunk is a vendor that has begun to send scores as shares.
type shrunk struct{ http.RoundTripper }

var sentScore = regexp.MustCompile(`"livenessScore":\s*([0-9.]+)`)

func (s shrunk) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := s.RoundTripper.RoundTrip(r)
	if err != nil {
		return res, err
	}
	body, err := io.ReadAll(res.Body)
	if err != nil {
		return nil, err
	}
	body = sentScore.ReplaceAllFunc(body, func(field []byte) []byte {
		score, err := strconv.ParseFloat(string(sentScore.FindSubmatch(field)[1]), 64)
		if err != nil {
			return field
		}
		return fmt.Appendf(nil, `"livenessScore":%.4f`, score/100)
	})
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	res.Header.Set("Content-Length", strconv.Itoa(len(body)))
	return res, nil
}

// A night of shares instead of scores is told as what it is, and does not change the exit code; a night of scores is not.
func TestScoresBecomeShares(t *testing.T) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		h := quietHistory(t, dir, simulator.Config{Seed: 3, Latency: 50 * time.Millisecond})
		for n, c := range []struct {
			shares bool
			says   bool
		}{{false, false}, {true, true}, {true, true}, {false, false}} {
			h.list(60 * (n + 1))
			s, err := store.Open(t.Context(), filepath.Join(dir, "liverecon.db"))
			if err != nil {
				t.Fatal(err)
			}
			job := h.job(s)
			if c.shares {
				job.Endpoints[0].Client = h.clientOver("id", shrunk{h.vendor.Transport()})
			}
			sum, err := batch.Run(t.Context(), job)
			if err != nil || sum.ExitCode != batch.ExitDone {
				t.Errorf("night %d: exit %d, %s, %v", n, sum.ExitCode, sum.Verdict, err)
			}
			says := strings.Contains(sum.Verdict, " scores all lie within 0 and 1, after a night of scores from 0") &&
				strings.HasSuffix(sum.Verdict, ": it looks as if the vendor has changed its API")
			if says != c.says {
				t.Errorf("night %d: %s", n, sum.Verdict)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			time.Sleep(24 * time.Hour)
		}
	})
}
