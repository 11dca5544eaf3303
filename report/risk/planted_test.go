package risk_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"liverecon/batch/liveness/simulator"
	"liverecon/batch/liveness/simulator/history"
	"liverecon/report/claims"
	"liverecon/report/internal/reporttest"
	"liverecon/report/risk"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
)

// planted is a month of 28 nights after as many others, in which something was planted.
type planted struct {
	name  string
	plant func(*history.Plan)
	// claimed are findings that there must be, each as family, region and direction; other findings only of these
	// regions, where any is set.
	claimed []string
	quiet   bool     // nothing may be claimed
	says    []string // in the headline
	never   []string // in the headline or a finding's sentence
}

// market represents what the vendor finds in a region, changed, on the nights of the month [from, to), counted from 0.
func market(p *history.Plan, region string, from, to int, change func(*simulator.Market)) *simulator.Chapter {
	m := simulator.MarketOf(plantedSeed, region)
	change(&m)
	p.Story = append(p.Story, simulator.Chapter{Region: region, From: p.Month.AddDate(0, 0, from),
		To: p.Month.AddDate(0, 0, to), Market: m})
	return &p.Story[len(p.Story)-1]
}

const plantedSeed = 15

// tripled has three injections where there was one, and so many fewer of the other attacks that the rate stays.
func tripled(m *simulator.Market) {
	more := 2 * m.Injection
	rest := m.Presentation + m.Unsure + m.Untyped
	m.Injection += more
	for _, share := range []*float64{&m.Presentation, &m.Unsure, &m.Untyped} {
		*share -= more * *share / rest
	}
}

func burst(p *history.Plan) {
	c := market(p, "ID", 19, 20, func(m *simulator.Market) { *m = simulator.Market{Injection: 1, Perfect: m.Perfect, Shape: m.Shape} })
	c.IDs, c.Minutes = "ca3b", [2]int{6 * 60, 8 * 60}
}

func slipped(m *simulator.Market) { m.Perfect, m.Shape = m.Perfect*.6, m.Shape*.6 }

func plantedMonths() []planted {
	return []planted{
		{name: "slow drift", plant: func(p *history.Plan) {
			for week, times := range []float64{1.5, 2.5, 4, 6} {
				market(p, "TH", 7*week, 7*week+7, func(m *simulator.Market) { m.Presentation *= times })
			}
		}, claimed: []string{"rate TH up"}, says: []string{"Thailand rose to "}, never: []string{"Mexico", "Vietnam"}},
		{name: "injection tripled", plant: func(p *history.Plan) { market(p, "PH", 0, 28, tripled) },
			claimed: []string{"type PH up"}, says: []string{"injection attacks in the Philippines rose to "},
			never: []string{"The Philippines rose", "the Philippines rose to 1", "suspicious rate rose"}},
		{name: "mix only", plant: func(p *history.Plan) {
			p.Shifts = []history.Shift{{Region: "NG", From: p.Month, To: p.Tonight, Times: 5}}
		}, quiet: true, says: []string{"the mix of regions changed (Nigeria: ", "their own rates not clearly"}},
		{name: "fall", plant: func(p *history.Plan) {
			market(p, "PH", 0, 28, func(m *simulator.Market) {
				m.Presentation, m.Injection, m.Unsure, m.Untyped = m.Presentation*.2, m.Injection*.2, m.Unsure*.2, m.Untyped*.2
			})
		}, claimed: []string{"rate PH down"}, says: []string{"the Philippines fell to "}, never: []string{"rose"}},
		{name: "nothing but an outage", plant: func(p *history.Plan) {
			p.Outage = history.Outage{Endpoint: "th", Night: p.Month.AddDate(0, 0, 12)}
		}, quiet: true,
			says: []string{"no change beyond chance against the 28 earlier nights with checks in "}},
		{name: "several facts", plant: func(p *history.Plan) {
			burst(p)
			market(p, "PH", 5, 28, slipped)
			market(p, "TH", 8, 28, func(m *simulator.Market) { m.Presentation *= 6 })
			market(p, "VN", 23, 28, func(m *simulator.Market) { m.Injection *= 8 })
		}, claimed: []string{"burst ID up", "scores PH", "runs TH up", "now VN up"},
			never: []string{"Nigeria", "Mexico", "Indonesia rose", "in Indonesia rose"}},
	}
}

// inPlanted makes the months of a plan in a database of its own: their lists, the simulated vendor's answers to them,
// and what the books keep.
func inPlanted(t *testing.T, of planted) (*store.Store, risk.Options) {
	t.Helper()
	t.Setenv("TMPDIR", os.TempDir())
	ctx := context.Background()
	month := time.Date(2026, 9, 1, 0, 0, 0, 0, reporttest.Singapore())
	plan := &history.Plan{Seed: plantedSeed, First: month.AddDate(0, 0, -28), Month: month, Tonight: month.AddDate(0, 0, 28),
		Volumes: map[string]float64{"ID": 40, "PH": 80, "TH": 30, "NG": 20, "VN": 20, "MX": 15}}
	of.plant(plan)
	s, err := store.Open(ctx, filepath.Join(t.TempDir(), "liverecon.db"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	_, err = history.Make(ctx, history.Past{Plan: plan, Store: s, Seed: plantedSeed, Version: "test", Zone: reporttest.Singapore(),
		Suspicious: func(score float64) bool { return score < 50 },
		Routes: func(region string) string {
			if region == "VN" {
				return "sg"
			}
			return strings.ToLower(region)
		}})
	if err != nil {
		t.Fatal(err)
	}
	return s, risk.Options{Period: calendar.Days(2026, time.September, 1, 28, reporttest.Singapore()), Threshold: 50, Inclusive: true,
		NoDetail: true}
}

// TestPlantedMonths makes months in which something happened, from lists through the vendor to the workbook: what was
// planted is found and named, nothing is said that is not so, and the findings that programs read are the workbook's.
func TestPlantedMonths(t *testing.T) {
	for _, of := range plantedMonths() {
		t.Run(of.name, func(t *testing.T) {
			s, o := inPlanted(t, of)
			c, err := risk.ReadClaims(context.Background(), s, o)
			if err != nil {
				t.Fatal(err)
			}
			w, err := risk.Build(context.Background(), s, o)
			if err != nil {
				t.Fatal(err)
			}
			defer w.Close() //nolint:errcheck // read only
			of.judge(t, c)
			sameClaims(t, w, c)
			readable(t, w)
			if len(w.FailedChecks) > 0 {
				t.Error(w.FailedChecks)
			}
		})
	}
}

// readable holds every table to what other programs expect of one: no two columns have one head, and a column holds
// numbers or texts.
func readable(t *testing.T, w *risk.Workbook) {
	t.Helper()
	for _, s := range w.Sheets {
		for _, table := range s.Tables {
			heads := map[string]bool{}
			for col := table.At.From.Col; col <= table.At.To.Col; col++ {
				head := s.Cell(xlsx.Ref{Col: col, Row: table.At.From.Row}).Text
				if head != "" && heads[head] {
					t.Errorf("%s, %s: two columns %q", s.Name, table.Name, head)
				}
				heads[head] = true
				kinds := map[bool]int{}
				for row := table.At.From.Row + 1; row <= table.At.To.Row; row++ {
					if c := s.Cell(xlsx.Ref{Col: col, Row: row}); c.Value() != "" {
						kinds[c.Kind == xlsx.Number]++
					}
				}
				if len(kinds) > 1 {
					t.Errorf("%s, %s, %q: %d numbers and %d texts", s.Name, table.Name, head, kinds[true], kinds[false])
				}
			}
		}
	}
}

// TestOneBaseline: the first page's table of regions compares with what its headline does, also where that is longer
// than the period before.
func TestOneBaseline(t *testing.T) {
	months := plantedMonths()
	s, o := inPlanted(t, months[slices.IndexFunc(months, func(p planted) bool { return p.name == "mix only" })])
	for days, compared := range map[int]bool{28: true, 10: true, 55: false} { // to the month's end
		o.Period = calendar.Days(2026, time.September, 29-days, days, reporttest.Singapore())
		w, err := risk.Build(context.Background(), s, o)
		if err != nil {
			t.Fatal(err)
		}
		head := headline(w, "Summary")
		said := regexp.MustCompile(`\(([+-][0-9.]+) pp against `).FindStringSubmatch(head)
		change, of := allRegions(t, w.Sheet("Summary"))
		against, _, _ := strings.Cut(of, ".")
		switch {
		case strings.Contains(head, "against "+against) != compared:
			t.Errorf("%d days: the table stands beside %s: %s", days, against, head)
		case said != nil && change != said[1]:
			t.Errorf("%d days: the table says %s pp: %s", days, change, head)
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

// allRegions returns the change of all regions together on the first page, and what its table stands beside.
func allRegions(t *testing.T, s *xlsx.Sheet) (change, beside string) {
	t.Helper()
	i := slices.IndexFunc(s.Tables, func(n xlsx.Named) bool { return n.Name == "Regions" })
	if i < 0 {
		t.Fatalf("no table of regions: %v", s.Tables)
	}
	at := s.Tables[i].At
	for row := at.From.Row; row > 0 && beside == ""; row-- {
		_, beside, _ = strings.Cut(s.Cell(xlsx.Ref{Col: at.From.Col, Row: row}).Text, ", beside ")
	}
	total := at.To.Row
	for s.Cell(xlsx.Ref{Col: at.From.Col, Row: total}).Text != "All regions" {
		total++
	}
	for col := at.From.Col; col <= at.To.Col; col++ {
		if s.Cell(xlsx.Ref{Col: col, Row: at.From.Row}).Text == "Change" {
			number, err := strconv.ParseFloat(s.Cell(xlsx.Ref{Col: col, Row: total}).Number, 64)
			if err != nil {
				return "nothing", beside
			}
			return fmt.Sprintf("%+.2f", number), beside
		}
	}
	t.Fatalf("no column of changes in %v", at)
	return "", ""
}

// judge holds what a month claims against what was planted.
func (of planted) judge(t *testing.T, c claims.Report) {
	t.Helper()
	said := []string{c.Headline}
	var found []string
	for _, f := range c.Findings {
		said = append(said, f.Sentence)
		way := ""
		switch {
		case f.Finding == "scores":
		case f.Estimate > 0:
			way = " up"
		default:
			way = " down"
		}
		found = append(found, strings.TrimSpace(f.Finding+" "+f.Region)+way)
	}
	text := strings.Join(said, "\n")
	t.Log(text)
	for _, want := range of.claimed {
		if !slices.Contains(found, want) {
			t.Errorf("no finding %q: %q", want, found)
		}
	}
	if of.quiet && len(found) > 0 {
		t.Errorf("claimed: %q", found)
	}
	for _, want := range of.says {
		if !strings.Contains(c.Headline, want) {
			t.Errorf("the headline lacks %q: %s", want, c.Headline)
		}
	}
	never := of.never
	if of.quiet {
		never = append(never, "rose", "fell")
	}
	for _, word := range never {
		if strings.Contains(text, word) {
			t.Errorf("said %q:\n%s", word, text)
		}
	}
}

// sameClaims holds the findings for programs against the first page: the same headline, and in the same order the same
// sentences, as many as the page lists.
func sameClaims(t *testing.T, w *risk.Workbook, c claims.Report) {
	t.Helper()
	if h := headline(w, "Summary"); h != c.Headline {
		t.Errorf("headline for programs %q, of the page %q", c.Headline, h)
	}
	s := w.Sheet("Summary")
	var listed []string
	i := slices.IndexFunc(s.Tables, func(n xlsx.Named) bool { return n.Name == claims.Title })
	if i >= 0 {
		for at := s.Tables[i].At.From; at.Row < s.Tables[i].At.To.Row; {
			at.Row++
			listed = append(listed, s.Cell(at).Text)
		}
	}
	for k, f := range c.Findings[:min(len(c.Findings), claims.Shown)] {
		if k >= len(listed) || listed[k] != f.Sentence {
			t.Errorf("finding %d is %q, the page lists %q", k+1, f.Sentence, listed)
		}
	}
	if len(listed) != min(len(c.Findings), claims.Shown) {
		t.Errorf("%d findings, the page lists %q", len(c.Findings), listed)
	}
}
