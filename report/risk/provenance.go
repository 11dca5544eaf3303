package risk

import (
	"fmt"

	"liverecon/report/page"
	"liverecon/report/xlsx"
)

// fingerprint tells two states of what a database says about a period apart. It does not change with what other periods bring, so that a report made again later bears the same one.
func (d *Data) fingerprint() string {
	f := page.NewFingerprint(d.first, d.runs)
	for _, l := range d.lists {
		f.Add("list", l.ListID, fmt.Sprintf("%x", l.SHA256), l.Rows, l.Rejected, l.Region, l.Duplicate, l.Known, l.New)
	}
	for _, region := range page.SortedKeys(d.listed.regions) {
		for _, c := range d.listed.regions[region].states {
			f.Add("IDs", region, c.State, c.Checks)
		}
	}
	f.Add("answers", d.count.Answers, d.count.Scored, d.count.Suspicious, d.count.Typed)
	f.Add("decisions", d.queue.counts)
	if d.suspects > 0 {
		f.Add("suspects", d.suspects)
	}
	return f.String()
}

// parameters returns the settings of a report, and what it was made from; by names the program.
func parameters(d *Data, by string) []page.Parameter {
	side := "a score equal to it passes"
	if !d.Inclusive {
		side = "a score equal to it is suspicious"
	}
	rows := fmt.Sprintf("%s, %s, %s", page.Plural(d.lists.count(), "list", "lists"),
		page.Plural(d.lists.brought(), "new ID", "new IDs"), page.Plural(d.count.Answers, "answer", "answers"))
	const utc = "2006-01-02 15:04:05"
	return []page.Parameter{
		{Name: "Period", Value: xlsx.T(d.Period.Describe())},
		{Name: "From (UTC)", Value: xlsx.T(d.Period.From.UTC().Format(utc))},
		{Name: "To, not included (UTC)", Value: xlsx.T(d.Period.To.UTC().Format(utc))},
		{Name: "Compared with", Value: xlsx.T(d.Compare.Describe())},
		{Name: "Threshold", Value: xlsx.T(fmt.Sprintf("%g; %s", d.Threshold, side))},
		{Name: "Minimum n", Value: xlsx.T(fmt.Sprint(d.MinimumN))},
		{Name: "Runs in the period", Value: xlsx.T(page.RunRanges(d.runs))},
		{Name: "Rows read", Value: xlsx.T(rows)},
		{Name: "Fingerprint of these facts", Value: xlsx.T(d.fingerprint() + ": SHA-256 over the database's first " +
			"run, the period's runs and lists, their IDs by region and state, and the counts of answers and " +
			"decisions")},
		{Name: "Newest fact (UTC)", Value: xlsx.T(d.Generated.UTC().Format(utc))},
		{Name: "Made by", Value: xlsx.Untrusted(by).WithFormat(xlsx.General)},
		{Name: "Clock", Value: xlsx.T(d.clockWords())},
	}
}
