package survey

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"liverecon/store/calendar"
)

// TestSpans reads no stretch of time twice and leaves none out.
func TestSpans(t *testing.T) {
	day := func(from, days int) Sink { return Sink{Period: calendar.Days(2026, 11, from, days, time.UTC)} }
	var got []string
	for _, p := range spans([]Sink{day(10, 5), day(1, 2), day(12, 1), day(3, 1), day(14, 3)}) {
		got = append(got, fmt.Sprint(p.From.In(time.UTC).Day(), "-", p.To.In(time.UTC).Day()))
	}
	if text := strings.Join(got, ", "); text != "1-4, 10-17" {
		t.Errorf("spans %s", text)
	}
}
