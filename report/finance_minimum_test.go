package report

import (
	"strings"
	"testing"
)

// TestMinimumWithoutCalls: a month without a call owes its monthly minimum, and the first sentence says so.
func TestMinimumWithoutCalls(t *testing.T) {
	inFixture(t, "2026-11-01", func(f *fixture) {
		f.night("lists/ids_2026-11-01.csv", []asked{scored("PH", 99, "")})
		for _, c := range []struct {
			amounts []Amount
			want    string
		}{
			{[]Amount{{"sg", "*", "SGD", "5", "5"}}, "No call was sent in this period, and there is no statement: the monthly minimum of SGD 5.00 is owed"},
			{nil, "No call was sent in this period, and there is no statement: nothing is owed"},
		} {
			w := f.settledBook(12, func(o *FinanceOptions) { o.Amounts = c.amounts })
			var texts []string
			s := w.Sheet("Summary")
			for _, at := range s.Refs() {
				texts = append(texts, s.Cell(at).Text)
			}
			if !strings.Contains(strings.Join(texts, "\n"), c.want+"\n") {
				t.Errorf("the summary does not say %q:\n%s", c.want, strings.Join(texts, "\n"))
			}
			f.must(w.Close())
		}
	})
}
