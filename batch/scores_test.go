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
