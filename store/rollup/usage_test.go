package rollup_test

import (
	"strings"
	"testing"
	"time"

	"liverecon/store/storetest"
)

// TestMendUsage: what an earlier version took from a wrong row of usage is said by the laws, and counted again from the
// calls where these are as many; where they are not, it stays, and the laws say so.
func TestMendUsage(t *testing.T) {
	ctx := t.Context()
	for name, c := range map[string]struct {
		wrong string
		mends bool
	}{
		"whole": {"", true},
		"of another spelling": {"UPDATE usage SET calls = -1, pricing = 'pay' WHERE tag = 'pay'; " +
			"INSERT INTO usage SELECT quarter, endpoint, region, outcome, code, 'PAY', tag, 3 FROM usage WHERE calls < 0", true},
		"fewer calls": {"UPDATE usage SET calls = -1 WHERE tag = 'pay'", false},
	} {
		t.Run(name, func(t *testing.T) {
			s, run := storetest.WithChecks(t, 2)
			j := storetest.Journal(t, s, storetest.AdmitAll{})
			for id := range int64(2) {
				in := storetest.Intent(run, id+1, 1)
				in.At = time.Date(2026, time.November, 27, 2, 0, 0, 0, time.UTC)
				r := storetest.Paid(in, 80)
				r.Pricing, r.SentAt = "PAY", in.At
				storetest.Check(t, j.Finish(storetest.Begin(t, j, in), in, r)())
			}
			storetest.Check(t, j.Close())
			raw := storetest.Raw(t, s.Path())
			usage := func() string { return strings.Join(storetest.Lines(t, raw, "SELECT * FROM usage"), "; ") }
			whole := usage()
			if c.wrong != "" {
				storetest.Exec(t, raw, c.wrong)
				below, err := s.Books().BelowZero(ctx)
				if err != nil || below != 1 {
					t.Errorf("%d below zero, %v", below, err)
				}
				for what, err := range map[string]error{"the run": s.Books().AuditRun(ctx, run), "all": s.Books().Audit(ctx)} {
					if err == nil || !strings.Contains(err.Error(), "law broken: no count of usage stands below zero (1 rows)") {
						t.Errorf("%s: %v", what, err)
					}
				}
			}
			mended, err := s.Books().MendUsage(ctx)
			if want := c.mends && c.wrong != ""; err != nil || (mended == 1) != want {
				t.Errorf("%d mended, %v", mended, err)
			}
			if got := usage(); c.mends != (got == whole) {
				t.Errorf("usage is %q, was %q", got, whole)
			}
			if err := s.Books().Audit(ctx); c.mends != (err == nil) {
				t.Errorf("afterwards: %v", err)
			}
		})
	}
}
