package risk

import (
	"crypto/sha256"
	"fmt"

	"liverecon/report/page"
)

// fingerprint tells two databases, and two states of what one says about a period, apart: 16 hexadecimal digits. It does not
// change with what other periods bring, so that a report made again later bears the same one.
func (r *risk) fingerprint() string {
	h := sha256.New()
	add := func(values ...any) { h.Write(fmt.Appendf(nil, "%q\n", fmt.Sprintln(values...))) }
	add("first run", r.first.ID, r.first.StartedAt.UnixMilli())
	for _, run := range r.runs {
		add("run", run.ID, run.StartedAt.UnixMilli())
	}
	for _, l := range r.lists {
		add("list", l.ListID, fmt.Sprintf("%x", l.SHA256), l.Rows, l.Rejected, l.Region, l.Duplicate, l.Known, l.New)
	}
	for _, region := range page.SortedKeys(r.coverage) {
		for _, state := range page.SortedKeys(r.coverage[region].states) {
			add("IDs", region, state, r.coverage[region].states[state])
		}
	}
	add("answers", r.count.Answers, r.count.Scored, r.count.Suspicious, r.count.Typed)
	add("decisions", r.queue.counts)
	if r.suspects > 0 {
		add("suspects", r.suspects)
	}
	return fmt.Sprintf("%x", h.Sum(nil)[:8])
}
