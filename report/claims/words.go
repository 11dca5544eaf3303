package claims

import (
	"fmt"
	"math"
	"strings"

	"github.com/dustin/go-humanize"

	"liverecon/report/findings"
	"liverecon/report/page"
	"liverecon/report/stats"
)

// Against names the baseline of the findings.
func (c *Claims) Against() string {
	days := len(c.baseline.Days())
	switch {
	case c.chosen:
		return c.baseline.Label
	case c.night && c.Nights < c.against*9/10:
		return fmt.Sprintf("the %d nights with checks before the last 7", c.Nights)
	case c.night:
		return fmt.Sprintf("the %d weeks before the last 7 nights", c.against/7)
	case c.Nights < days*9/10:
		return fmt.Sprintf("the %d earlier nights with checks", c.Nights)
	}
	return fmt.Sprintf("the %d weeks before", days/7)
}

// Sentence words one finding.
func (c *Claims) Sentence(f *findings.Finding) string {
	text := c.statement(f)
	if f.MostOfRise {
		text += ", nearly all of its rise"
	}
	if f.Missing > 0 {
		text += fmt.Sprintf("; %.1f%% not answered could undo this", 100*f.Missing)
	}
	return text
}

func (c *Claims) statement(f *findings.Finding) string {
	switch f.Family {
	case findings.Overall:
		return c.overallWords(f)
	case findings.Rate:
		return fmt.Sprintf("%s %s to %s from %s (%s of %s, %s expected)", subject(f), rose(f.Up), rateWords(f.Now),
			rateWords(f.Before), humanize.Comma(f.Now.Count), humanize.Comma(f.Now.Total), expected(f))
	case findings.Ramp:
		verb := "sank"
		if f.Up {
			verb = "climbed"
		}
		return fmt.Sprintf("%s %s through the period: %s → %s; %s before", subject(f), verb,
			page.Percent(f.Thirds[0]), page.Percent(f.Thirds[1]), rateWords(f.Before))
	case findings.Type:
		return fmt.Sprintf("%s in %s %s to %s of the suspicious from %s (%s of %s)", kindWords(f.Kind), f.Name,
			rose(f.Up), shareWords(f.Now), shareWords(f.Before), humanize.Comma(f.Now.Count),
			humanize.Comma(f.Now.Total))
	case findings.Now, findings.Sinking, findings.Together:
		return c.runWords(f)
	case findings.Runs:
		return fmt.Sprintf("%s, %s to %s: %s suspicious, %s expected", subject(f), c.date(f.From), c.date(f.To),
			humanize.Comma(f.Now.Count), expected(f))
	case findings.Scores:
		return scoresWords(f)
	case findings.Bursts:
		return c.burstWords(f)
	case findings.Sources:
		return sourceWords(f)
	case findings.Heaps:
		return fmt.Sprintf("%s checks in %s score exactly %g, %s expected", humanize.Comma(f.Now.Count), f.Name,
			f.Score, expected(f))
	}
	return subject(f)
}

// sourceWords describes a value of a column beside the others of its regions.
func sourceWords(f *findings.Finding) string {
	against := "beside the others of its regions, and what it was before"
	if f.Fresh {
		against = "beside the others of its regions; hardly any before"
	}
	moved := rose(f.Up)
	if f.Fresh {
		moved = map[bool]string{true: "is high", false: "is low"}[f.Up]
	}
	return fmt.Sprintf("%s %s %s: %s of %s suspicious, %s expected %s", f.Name, f.Place, moved,
		humanize.Comma(f.Now.Count), humanize.Comma(f.Now.Total), expected(f), against)
}

// subject names a finding's region at the beginning of a sentence.
func subject(f *findings.Finding) string {
	if f.Name == "" {
		return ""
	}
	return strings.ToUpper(f.Name[:1]) + f.Name[1:]
}

func (c *Claims) date(night int) string { return c.day(night).Format("2 Jan") }

func rose(up bool) string {
	if up {
		return "rose"
	}
	return "fell"
}

func rateWords(p stats.Proportion) string {
	x, _ := p.Rate()
	return page.Percent(x)
}

func shareWords(p stats.Proportion) string {
	x, _ := p.Rate()
	return fmt.Sprintf("%.0f%%", 100*x)
}

func expected(f *findings.Finding) string {
	if f.Expected < 9.95 {
		return fmt.Sprintf("%.1f", f.Expected)
	}
	return humanize.Comma(int64(math.Round(f.Expected)))
}

// kindWords name a kind of attack at the beginning of a sentence.
func kindWords(k findings.Kind) string {
	switch k {
	case findings.Injection:
		return "Injection attacks"
	case findings.Presentation:
		return "Presentation attacks"
	case findings.Unsure:
		return "Unsure types"
	}
	return "Checks without a known type"
}

// overallWords reports that the regions' own rates changed, and what their mix did.
func (c *Claims) overallWords(f *findings.Finding) string {
	now, before := rateOf(f.Now), rateOf(f.Before)
	rates, mix := points(f.Parts.Rate), points(f.Parts.Mix)
	if (now > before) != f.Up {
		level := "lower"
		if now > before {
			level = "higher"
		}
		return fmt.Sprintf("The regions' own rates %s (%s pp); the overall rate stands %s by their mix: %s, %s in %s",
			rose(f.Up), rates, level, page.Percent(now), page.Percent(before), c.Against())
	}
	text := fmt.Sprintf("The suspicious rate %s to %s from %s in %s", rose(f.Up), page.Percent(now),
		page.Percent(before), c.Against())
	if len(c.Parts) == 1 { // one region has no mix
		return text
	}
	return fmt.Sprintf("%s: %s pp by the regions' own rates, %s pp by their mix", text, rates, mix)
}

func rateOf(p stats.Proportion) float64 {
	x, _ := p.Rate()
	return x
}

func points(x float64) string { return fmt.Sprintf("%+.2f", 100*x) }

// runWords describes what goes on up to the last night.
func (c *Claims) runWords(f *findings.Finding) string {
	name, still, verb := subject(f), "", "suspicious"
	if f.Family == findings.Together {
		name = "All regions"
	}
	if f.Still {
		still = " still"
	}
	nights := page.Plural(int64(f.Nights), "night", "nights")
	if f.Family == findings.Sinking {
		verb = "suspicious only"
	}
	return fmt.Sprintf("%s%s since %s: %s %s on %s, %s expected", name, still, c.date(f.From),
		humanize.Comma(f.Now.Count), verb, nights, expected(f))
}

// scoresWords describes which scores of those that passed are more or fewer; not up or down, which a bin does not tell.
func scoresWords(f *findings.Finding) string {
	return fmt.Sprintf("Passing scores moved in %s: %s %.1f%% → %.1f%% of them", f.Name, f.Moved.Bin,
		100*f.Moved.Before, 100*f.Moved.Now)
}

// burstWords describes where and when, and what of it is injection.
func (c *Claims) burstWords(f *findings.Finding) string {
	where := subject(f) + ", " + c.date(f.From)
	if f.Place != "" {
		where += ", " + f.Place
	}
	if f.When != "" {
		where += ", " + f.When
	}
	if f.Injected() {
		return fmt.Sprintf("%s: %s of %s injection, %s expected", where, humanize.Comma(f.Now.Count),
			humanize.Comma(f.Now.Total), expected(f))
	}
	text := fmt.Sprintf("%s: %s of %s suspicious, %s expected", where, humanize.Comma(f.Now.Count),
		humanize.Comma(f.Now.Total), expected(f))
	if f.Injections > 0 {
		text += fmt.Sprintf("; %s injection", humanize.Comma(f.Injections))
	}
	return text
}

// The headline tells the findings about so many regions or sources, of those behind the first one as long as it stays so
// short; it counts the others.
const (
	named       = 2
	longestHead = 400 // bytes
)

// Headline returns what the first page says first: the claim about all regions, or what the rate is, and the first
// findings, in the order of the checks they concern.
func (c *Claims) Headline(all stats.Proportion) string {
	rate, _ := all.Rate()
	lead := fmt.Sprintf("%s of scored checks were suspicious", page.Percent(rate))
	groups := c.byRegion()
	switch {
	case !c.Compared():
		return lead + "; first period: fewer than 14 nights before it to compare with"
	case c.OverallClaimed():
		lead = c.Sentence(c.Overall)
	case len(groups) == 0 && c.mixMoved():
		return c.mixWords()
	case len(groups) == 0:
		return lead + "; " + c.None()
	case c.mixMoved():
		lead = c.mixWords()
	case c.differs():
		f := c.Overall
		lead += fmt.Sprintf(", %s pp against %s (%s pp within regions, %s pp by their mix)",
			points(rateOf(f.Now)-rateOf(f.Before)), c.Against(), points(f.Parts.Rate), points(f.Parts.Mix))
	}
	if len(groups) == 0 {
		return lead
	}
	text, said := lead, 0
	for i, group := range groups[:min(len(groups), named)] {
		line := "; " + within(c.line(group))
		if i > 0 && len(text)+len(line) > longestHead {
			break
		}
		text += line
		said += len(group)
	}
	if c.OverallClaimed() {
		said++
	}
	if more := len(c.Findings) - said; more > 0 {
		text += fmt.Sprintf("; and %s", page.Plural(int64(more), "more finding", "more findings"))
	}
	return text
}

// line words the findings about one region.
func (c *Claims) line(group []*findings.Finding) string {
	var parts []string
	for i, f := range group {
		text := c.Sentence(f)
		if i > 0 {
			text = within(text)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, "; ")
}

// within returns a sentence as it stands behind another one: a first word that is no name in lower case.
func within(text string) string {
	for _, word := range []string{"The ", "All ", "Passing ", "Checks ", "Injection ", "Presentation ", "Unsure "} {
		if strings.HasPrefix(text, word) {
			return strings.ToLower(text[:1]) + text[1:]
		}
	}
	return text
}

// None reports that nothing is claimed, and of how many questions.
func (c *Claims) None() string {
	if c.Covered < 0.5 {
		return fmt.Sprintf("most checks are of regions with too few to ask about a change against %s", c.Against())
	}
	return fmt.Sprintf("no change beyond chance against %s in %s", c.Against(),
		page.Plural(int64(len(c.All)), "question", "questions"))
}

// mixMoved reports whether the overall rate clearly differs although the regions' own rates are not said to.
func (c *Claims) mixMoved() bool {
	return c.differs() && math.Abs(c.Overall.Parts.Mix) > math.Abs(c.Overall.Parts.Rate)
}

// differs reports whether the overall rate clearly differs, and nothing is claimed about it.
func (c *Claims) differs() bool {
	if c.Overall == nil || c.OverallClaimed() {
		return false
	}
	i, ok := c.Overall.Interval()
	return ok && i.Excludes(0)
}

// mixWords name the region whose share of the checks did most of it.
func (c *Claims) mixWords() string {
	var largest findings.RegionPart
	for _, p := range c.Parts {
		if math.Abs(p.Part.Mix) > math.Abs(largest.Part.Mix) {
			largest = p
		}
	}
	now, before := rateOf(c.Overall.Now), rateOf(c.Overall.Before)
	w1 := float64(largest.Now.Checks) / float64(c.Overall.Now.Total)
	w0 := float64(largest.Before.Checks) / float64(c.Overall.Before.Total)
	return fmt.Sprintf("%s of scored checks were suspicious (%s pp against %s): the mix of regions changed (%s: %.0f%% → "+
		"%.0f%% of checks), their own rates not clearly", page.Percent(now), points(now-before), c.Against(),
		largest.Name, 100*w0, 100*w1)
}
