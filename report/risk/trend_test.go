package risk

import (
	"testing"
	"time"

	"liverecon/report/findings"
	"liverecon/report/page"
	"liverecon/report/xlsx"
	"liverecon/store"
	"liverecon/store/calendar"
	"liverecon/store/snapshot"
)

// TestTroubleLeavesBaseline keeps a day on which the vendor was down out of the limits.
func TestTroubleLeavesBaseline(t *testing.T) {
	for _, c := range []struct {
		all, trouble int64
		want         bool
	}{{0, 0, false}, {100, 5, false}, {100, 6, true}, {1, 1, true}} {
		if got := (trendDay{sent: c.all, trouble: c.trouble}).troubled(); got != c.want {
			t.Errorf("%d of %d calls without an answer: troubled %v", c.trouble, c.all, got)
		}
		if got := (trendDay{sent: 1000, listed: c.all, left: c.trouble}).troubled(); got != c.want {
			t.Errorf("%d of %d listed IDs without an answer: troubled %v", c.trouble, c.all, got)
		}
	}
	for code, want := range map[string]bool{"SUCCESS": true, "LIVENESS_ID_NOT_EXISTED": true, "RESULT_NOT_FOUND": true,
		"PARAMETER_ERROR": true, "SERVICE_BUSY": false, "ERROR": false, "": false, "IAM_FAILED": false} {
		if final(code) != want {
			t.Errorf("final(%q) = %v", code, !want)
		}
	}
}

// TestTroubleIsMarked puts a cross on the days with vendor trouble, and on no others.
func TestTroubleIsMarked(t *testing.T) {
	good, bad := trendDay{label: "2026-11-01", sent: 100}, trendDay{label: "2026-11-02", sent: 100, trouble: 20}
	for _, c := range []struct {
		days []trendDay
		want string
	}{{[]trendDay{good}, ""}, {[]trendDay{good, bad}, "; vendor trouble on 2026-11-02"},
		{[]trendDay{bad, good, bad}, "; 2 days with vendor trouble, the first on 2026-11-02"}} {
		d := emptyData()
		d.trend = &trend{days: c.days, control: &findings.Control{Nights: findings.MinimumNights}}
		if got, want := trendHeadline(d), "No day lies outside the control limits"+c.want; got != want {
			t.Errorf("got %s, want %s", got, want)
		}
		days := &page.Table{Page: page.New(&xlsx.Workbook{}, "Days", "Days", ""), First: 6, Rows: len(c.days)}
		series := rateSeries(d.trend, trendRefs{days}, false)
		if marked := series[len(series)-1].Mark == xlsx.Cross; marked != (c.want != "") {
			t.Errorf("%q: crosses %v", c.want, marked)
		}
	}
}

// TestLeftOver: a run that goes on after midnight makes up for what its day has left, and an answer to what was left
// from the day before does not.
func TestLeftOver(t *testing.T) {
	day, midnight := calendar.Days(2026, 11, 2, 1, time.UTC), calendar.Days(2026, 11, 3, 1, time.UTC).From
	lists := []snapshot.ListRegion{{ReadAt: midnight.Add(-40 * time.Minute), Region: "PH", New: 60},
		{ReadAt: midnight.Add(-40 * time.Minute), Region: "TH", New: 40},
		{ReadAt: midnight.Add(time.Hour), Region: "PH", New: 7}}
	calls := func(at time.Duration, region string, n int64) store.Usage {
		return store.Usage{Quarter: midnight.Add(at), Region: region, Outcome: store.Answered, Code: page.Success,
			Calls: n}
	}
	usage := []store.Usage{calls(-3*time.Hour, "TH", 40), calls(-45*time.Minute, "PH", 30),
		calls(-15*time.Minute, "PH", 50), calls(30*time.Minute, "TH", 25), calls(2*time.Hour, "TH", 15)}
	for _, c := range []struct {
		end         time.Duration
		fresh, left int64
	}{{0, 100, 40}, {time.Hour, 100, 15}, {3 * time.Hour, 100, 0}} {
		if fresh, left := leftOver(lists, usage, day, midnight.Add(c.end)); fresh != c.fresh || left != c.left {
			t.Errorf("runs ended %s after midnight: %d left of %d, want %d of %d", c.end, left, fresh, c.left, c.fresh)
		}
	}
}
