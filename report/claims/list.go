package claims

import (
	"fmt"
	"strings"
	"time"

	"liverecon/report/findings"
	"liverecon/report/page"
	"liverecon/report/stats"
	"liverecon/report/xlsx"
	"liverecon/store/calendar"
)

// Report holds the findings of a period as the first page says them.
type Report struct {
	Headline  string  `json:"headline"`
	Against   string  `json:"against"`   // the baseline, in words; "" where there is none
	Questions int     `json:"questions"` // asked
	Findings  []Claim `json:"findings"`  // the one that concerns most checks first
}

// Claim describes one finding. Shares, changes and p are fractions.
type Claim struct {
	Finding  string          `json:"finding"`
	Sentence string          `json:"sentence"`
	Region   string          `json:"region,omitempty"`
	Type     string          `json:"type,omitempty"` // of attack
	Now      Count           `json:"now"`
	Before   Count           `json:"before"`
	Expected float64         `json:"expected"`           // count now at the baseline's rate
	Estimate float64         `json:"estimate"`           // change of the share
	Interval *stats.Interval `json:"interval,omitempty"` // 95 %, by itself
	P        float64         `json:"p"`                  // by itself
	Adjusted float64         `json:"p_of_page"`
	Checks   float64         `json:"checks"`          // concerned
	Since    string          `json:"since,omitempty"` // first night
	Until    string          `json:"until,omitempty"` // last night
	Still    bool            `json:"still,omitempty"` // claimed on one of the six nights before, too
}

// Count represents a count of a total.
type Count struct {
	Count int64 `json:"count"`
	Total int64 `json:"total"`
}

// List returns the findings as data, the one that concerns most checks first.
func (c *Claims) List() []Claim {
	all := []Claim{}
	for _, f := range c.Findings {
		all = append(all, c.claim(f))
	}
	return all
}

func (c *Claims) claim(f *findings.Finding) Claim {
	now, before := f.Shares()
	x := Claim{Finding: f.Family.String(), Sentence: c.Sentence(f), Region: f.Region,
		Now: Count{f.Now.Count, f.Now.Total}, Before: Count{f.Before.Count, f.Before.Total}, Expected: f.Expected,
		Estimate: now - before, P: f.P, Adjusted: f.Adjusted, Checks: f.Checks, Still: f.Still}
	if i, ok := f.Interval(); ok && HasInterval(f) {
		x.Interval = &i
	}
	if f.Family == findings.Type || f.Injected() {
		x.Type = f.Kind.String()
	}
	if Dated(f) {
		x.Since, x.Until = c.day(f.From).Format(time.DateOnly), c.day(f.To).Format(time.DateOnly)
	}
	return x
}

// HasInterval reports whether the interval of the difference of two shares is that of the finding.
func HasInterval(f *findings.Finding) bool {
	return f.Family != findings.Scores && f.Family != findings.Ramp && f.Family != findings.Sources
}

// Dated reports whether a finding is about some nights of the period.
func Dated(f *findings.Finding) bool {
	switch f.Family {
	case findings.Now, findings.Sinking, findings.Together, findings.Runs, findings.Bursts:
		return true
	}
	return false
}

// Sheet returns the sheet that shows a finding's figures.
func Sheet(f *findings.Finding) string {
	if Dated(f) {
		return "Daily trend"
	}
	switch f.Family {
	case findings.Ramp:
		return "Daily trend"
	case findings.Scores:
		return "Drift"
	case findings.Heaps:
		return "Score distribution"
	case findings.Sources:
		return "Sources"
	}
	return "Attack types"
}

// Title heads the findings wherever they are listed.
const Title = "What changed"

// Shown sets how many findings a first page lists; the rest is counted.
const Shown = 6

// Caption describes what is a finding.
func (c *Claims) Caption() string {
	return fmt.Sprintf("Beyond chance against %s, taking into account that nights vary and that %s "+
		"were asked; most checks concerned first. p: of the whole page. Intervals are of each by itself.", c.Against(),
		page.Plural(int64(len(c.All)), "question", "questions"))
}

// Nothing reports that nothing is claimed.
func (c *Claims) Nothing() string {
	none := c.None()
	return strings.ToUpper(none[:1]) + none[1:] + "."
}

// PartsTitle heads the parts of the change of the overall rate.
const PartsTitle = "Why the overall rate changed"

// PartsCaption describes what they are.
func (c *Claims) PartsCaption() string {
	of := "Against"
	if c.night {
		of = fmt.Sprintf("The last %d nights against", len(c.nights)-c.from)
	}
	return fmt.Sprintf("%s %s (%s; without nights of vendor trouble and "+
		"bursts): what each region contributes by its share of the checks (mix) and by its own rate, in percentage "+
		"points; the two add up to the change exactly (Kitagawa 1955).", of, c.Against(), c.held().Describe())
}

// held returns the nights that findings are held against: those of the baseline, without those that only tell what goes on.
func (c *Claims) held() calendar.Period {
	if !c.night {
		return c.baseline
	}
	y, m, d := c.day(0).Date()
	return calendar.Days(y, m, d-c.against, c.against, c.period.Zone)
}

// AdjustedCell returns a finding's p of the page.
func AdjustedCell(f *findings.Finding) xlsx.Cell { return xlsx.F(f.Adjusted, xlsx.PValue) }
