package risk_test

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"liverecon/report/claims"
	"liverecon/report/internal/reporttest"
	"liverecon/report/risk"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/storetest"
)

// readMonth reads the checks of a month and of the one before it: a row a check.
func readMonth(t *testing.T, name string) (all []storetest.Laid) {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", "months", name+".csv.gz"))
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err := errors.Join(err, z.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	codes := map[string]string{"none": "", "unclassified": "", "presentation": "1", "injection": "2", "unsure": "3",
		"other": "9", "": ""}
	moment := func(text string) (at time.Time) {
		if text == "" {
			return at
		}
		at, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return at
	}
	for _, row := range rows[1:] {
		code, known := codes[row[4]]
		if !known {
			t.Fatalf("attack type %q", row[4])
		}
		c := storetest.Laid{AnsweredAt: moment(row[0]), CapturedAt: moment(row[1]), Region: row[2], AttackType: code,
			List: row[5]}
		if row[3] != "" {
			score, err := strconv.ParseFloat(row[3], 64)
			if err != nil {
				t.Fatal(err)
			}
			c.Score = &score
		}
		all = append(all, c)
	}
	return all
}

// inMonth makes a database of the checks of a month and those before it.
func inMonth(t *testing.T, name string) *store.Store {
	t.Helper()
	path := filepath.Join(t.TempDir(), "liverecon.db")
	if err := storetest.Lay(context.Background(), path, reporttest.Singapore(), readMonth(t, name)); err != nil {
		t.Fatal(err)
	}
	return storetest.OpenAt(t, path)
}

// TestMonthsOfOthers reads what October 2026 says beside the nights before it, of checks that were made elsewhere: the
// headline, what is claimed and in which order, and that the workbook says the same as programs read.
func TestMonthsOfOthers(t *testing.T) {
	october := calendar.Month(2026, time.October, reporttest.Singapore())
	for _, tt := range []struct {
		month         string
		claimed, says []string // says in the headline
		never         []string // in the headline or a finding
	}{
		{"1-injection-tripled", []string{"type PH", "type PH"}, []string{"injection attacks in the Philippines rose to 61% of " +
			"the suspicious from 24% (157 of 259)"}, []string{"rate rose", "the Philippines rose to 9", "Philippines since"}},
		{"2-mix-only", nil, []string{"(+2.62 pp against ", "the mix of regions changed (Nigeria: 7% → 27% of checks), their own " +
			"rates not clearly"}, []string{"rose", "fell", "above"}},
		{"3-region-fell", []string{"rate MX"}, []string{"Mexico fell to 1.03% from 7.34% (15 of 1,457, 107 expected)"},
			[]string{"rose"}},
		{"4-last-five-nights", []string{"ramp PH", "now PH"}, []string{"the Philippines since 24 Oct: 93 suspicious on 5 " +
			"nights, 42 expected"}, []string{"fell", "rate rose"}},
		{"5-several-facts-and-a-burst", []string{"scores PH", "burst ID", "runs TH"}, []string{
			"passing scores moved in the Philippines: 75–90 0.7% → 17.1% of them", "Indonesia, 20 Oct, list " +
				"promo_campaign_ID_2026-10-20.csv, answered 14:04–15:59: 90 of 90 injection, 1.4 expected, nearly all of its rise",
			"and 1 more finding"}, []string{"Colombia", "Malaysia", "Indonesia rose", "Thailand rose"}},
	} {
		t.Run(tt.month, func(t *testing.T) {
			s := inMonth(t, tt.month)
			o := risk.Options{Period: october, Threshold: 50, Inclusive: true, NoDetail: true}
			c, err := risk.ReadClaims(context.Background(), s, o)
			if err != nil {
				t.Fatal(err)
			}
			w, err := risk.Build(context.Background(), s, o)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close() //nolint:errcheck // read only
			said := c.Headline
			var found []string
			for _, f := range c.Findings {
				found = append(found, f.Finding+" "+f.Region)
				said += "\n" + f.Sentence
			}
			t.Log(said)
			if !slices.Equal(found, tt.claimed) {
				t.Errorf("claimed %q, want %q", found, tt.claimed)
			}
			for _, want := range tt.says {
				if !strings.Contains(c.Headline, want) {
					t.Errorf("the headline lacks %q", want)
				}
			}
			for _, word := range tt.never {
				if strings.Contains(said, word) {
					t.Errorf("said %q", word)
				}
			}
			sameClaims(t, w, c)
			readable(t, w)
			if len(w.FailedChecks) > 0 {
				t.Error(w.FailedChecks)
			}
			if tt.month == "4-last-five-nights" {
				lastNights(t, s)
			}
		})
	}
}

// lastNights holds the pages of single nights to what goes on in the Philippines since the 24th: named on the night on
// which it is beyond chance, "still" on those after it, and nothing before.
func lastNights(t *testing.T, s *store.Store) {
	t.Helper()
	for day, want := range map[int]string{22: "", 23: "", 24: "", 25: "The Philippines since 24 Oct: 35 suspicious on 2 nights, ",
		26: "The Philippines still since 24 Oct: 53 suspicious on 3 nights, ",
		28: "The Philippines still since 24 Oct: 93 suspicious on 5 nights, "} {
		c, err := risk.ReadClaims(context.Background(), s, risk.Options{Threshold: 50, Inclusive: true,
			Period: calendar.Days(2026, time.October, day, 1, reporttest.Singapore())})
		if err != nil {
			t.Fatal(err)
		}
		got := slices.ContainsFunc(c.Findings, func(f claims.Claim) bool { return strings.HasPrefix(f.Sentence, want) })
		if want == "" && len(c.Findings) > 0 || want != "" && !got {
			t.Errorf("night of %d October: %+v, want %q", day, c.Findings, want)
		}
	}
}
