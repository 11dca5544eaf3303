package billing

import (
	"errors"
	"testing"
	"time"
)

func instant(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func usdCap(name, limit string) Cap { return Cap{Name: name, Limit: Amounts{"USD": dec(limit)}} }

// noon is one in Singapore, where nothing changes.
var noon = instant("2026-11-21T04:00:00Z")

func reserve(t *testing.T, m *Meter, at time.Time, n int) {
	t.Helper()
	for i := range n {
		if err := m.Reserve("sg", "SG", at); err != nil {
			t.Fatalf("call %d of %d: %v", i+1, n, err)
		}
	}
}

func TestMeterSpendsExactlyTheCap(t *testing.T) {
	book := mustBook(t, zone(t, "Asia/Singapore"), flat("sg", "*", "2026-01-01", "0.035"))
	m := NewMeter(book, Caps{Run: usdCap("spend_per_run", "0.35")}, noon)
	reserve(t, m, noon, 10)
	err := m.Reserve("sg", "SG", noon)
	var refusal *CapError
	if !errors.As(err, &refusal) || refusal.Cap != "spend_per_run" {
		t.Fatalf("call 11: %v", err)
	}
	if want := "spend_per_run: limit of USD 0.35 reached: up to USD 0.35 spent, next call USD 0.035"; err.Error() != want {
		t.Errorf("error %q, want %q", err, want)
	}
	if got := m.Run().String(); got != "USD 0.00-0.35" {
		t.Errorf("after the refusal: %s", got)
	}

	m.Confirm("sg", "SG", noon, Pay)
	m.Confirm("sg", "SG", noon, Unknown)
	if err := m.Reserve("sg", "SG", noon); err == nil {
		t.Error("paid and doubtful calls made room")
	}
	m.Confirm("sg", "SG", noon, Free)
	reserve(t, m, noon, 1)
	if err := m.Reserve("sg", "SG", noon); err == nil {
		t.Error("a free call made room for two")
	}
	r := m.Run()
	if r.String() != "USD 0.035-0.35" || r.FloorCalls != 1 || r.CeilingCalls != 10 {
		t.Errorf("run %v, %d to %d calls", r, r.FloorCalls, r.CeilingCalls)
	}
}

func TestMeterCountsDoubtsOfEarlierRuns(t *testing.T) {
	book := mustBook(t, zone(t, "Asia/Singapore"), flat("sg", "*", "2026-01-01", "1"))
	m := NewMeter(book, Caps{Day: usdCap("day", "10"), Month: usdCap("month", "20")}, noon)
	m.Seed("sg", "VN", noon.AddDate(0, 0, -3), 7, 4)
	m.Seed("sg", "SG", noon, 2, 1)
	m.Seed("sg", "SG", noon.AddDate(0, -1, 0), 1000, 1000)
	if d, mo := m.Day().String(), m.Month().String(); d != "USD 2.00-3.00" || mo != "USD 9.00-14.00" {
		t.Errorf("day %s, month %s", d, mo)
	}
	reserve(t, m, noon, 6)
	var refusal *CapError
	if err := m.Reserve("sg", "ID", noon); !errors.As(err, &refusal) || refusal.Cap != "month" {
		t.Errorf("call 7: %v, want the month's cap", err)
	}
	if got := m.Run(); got.String() != "USD 0.00-6.00" || got.CeilingCalls != 6 {
		t.Errorf("run %v, %d calls", got, got.CeilingCalls)
	}
}

func TestMeterWithoutPrices(t *testing.T) {
	book := mustBook(t, zone(t, "Asia/Singapore"))
	m := NewMeter(book, Caps{Run: Cap{Name: "calls_per_run", Calls: 1500}}, noon)
	reserve(t, m, noon, 1500)
	err := m.Reserve("th", "TH", noon)
	if err == nil || err.Error() != "calls_per_run: limit of 1,500 calls reached" {
		t.Errorf("call 1501: %v", err)
	}
	m.Confirm("sg", "SG", noon, Pay)
	r := m.Month()
	if r.String() != "" || r.FloorCalls != 1 || r.CeilingCalls != 1500 || r.Unpriced != 1500 {
		t.Errorf("month %+v", r)
	}
}

// The night runs over midnight, here also the end of the month: the caps of the
// day and the month begin anew, the run's goes on, and what is in flight stays
// with the day it was sent on.
func TestMeterOverMidnight(t *testing.T) {
	book := mustBook(t, zone(t, "Asia/Singapore"), flat("sg", "*", "2026-01-01", "1"))
	before, after := instant("2026-11-30T15:59:59Z"), instant("2026-11-30T16:00:00Z")
	m := NewMeter(book, Caps{Run: usdCap("run", "12"), Day: usdCap("day", "5"), Month: usdCap("month", "9")}, before)
	m.Seed("sg", "SG", before.AddDate(0, 0, -1), 4, 0)
	reserve(t, m, before, 5)
	var refusal *CapError
	if err := m.Reserve("sg", "SG", before); !errors.As(err, &refusal) || refusal.Cap != "month" {
		t.Errorf("before midnight: %v", err)
	}
	reserve(t, m, after, 5)
	if err := m.Reserve("sg", "SG", after); !errors.As(err, &refusal) || refusal.Cap != "day" {
		t.Errorf("after midnight: %v", err)
	}
	m.Confirm("sg", "SG", before, Pay)
	m.Confirm("sg", "SG", after, Unknown)
	if d, mo, r := m.Day().String(), m.Month().String(), m.Run().String(); d != "USD 0.00-5.00" || mo != d || r != "USD 1.00-10.00" {
		t.Errorf("day %s, month %s, run %s", d, mo, r)
	}
	// One second back: November is full still.
	if err := m.Reserve("sg", "SG", before); !errors.As(err, &refusal) || refusal.Cap != "month" {
		t.Errorf("clock set back: %v", err)
	}
}

// A clock set back into a month with room left says nothing about the month
// that was under way.
func TestMeterWithClockSetBack(t *testing.T) {
	book := mustBook(t, zone(t, "Asia/Singapore"), flat("sg", "*", "2026-01-01", "1"))
	before, after := instant("2026-11-30T15:59:59Z"), instant("2026-11-30T16:00:00Z")
	m := NewMeter(book, Caps{Month: usdCap("month", "9")}, before)
	reserve(t, m, after, 8)
	reserve(t, m, before, 2)
	reserve(t, m, after, 1)
	if err := m.Reserve("sg", "SG", after); err == nil {
		t.Errorf("December's tenth call passed: %v", m.Month())
	}
	if got := m.Run(); got.String() != "USD 0.00-11.00" {
		t.Errorf("run %v", got)
	}
}

func TestSeedTakesRoomAtAnyTime(t *testing.T) {
	book := mustBook(t, zone(t, "Asia/Singapore"), flat("sg", "*", "2026-01-01", "1"))
	m := NewMeter(book, Caps{Day: usdCap("day", "5")}, noon)
	reserve(t, m, noon, 1)
	m.Seed("sg", "SG", noon, 3, 1)
	if err := m.Reserve("sg", "SG", noon); err == nil {
		t.Errorf("a call passed over the cap: %v", m.Day())
	}
}

func TestMeterFollowsAPriceChange(t *testing.T) {
	old := flat("sg", "*", "2026-01-01", "1")
	old.To = date("2026-11-22")
	book := mustBook(t, zone(t, "Asia/Singapore"), old, flat("sg", "*", "2026-11-22", "0.1"))
	m := NewMeter(book, Caps{}, noon)
	reserve(t, m, instant("2026-11-21T15:59:59Z"), 3)
	reserve(t, m, instant("2026-11-21T16:00:00Z"), 4)
	if d, mo := m.Day().String(), m.Month().String(); d != "USD 0.00-0.40" || mo != "USD 0.00-3.40" {
		t.Errorf("day %s, month %s", d, mo)
	}
}

// Tiers are the month's: a run's money starts where the month stands, and the
// regions without a row of their own share the tiers of "*".
func TestMeterRunsTheMonthsTiers(t *testing.T) {
	p := flat("sg", "*", "2026-01-01", "0")
	p.Kind, p.Tiers, p.FreeQuota = Graduated, tiers(upTo(100, "0.5"), beyond("0.25")), 10
	book := mustBook(t, zone(t, "Asia/Singapore"), p, flat("sg", "VN", "2026-01-01", "2"))
	m := NewMeter(book, Caps{}, noon)
	m.Seed("sg", "SG", noon.AddDate(0, 0, -1), 60, 0)
	m.Seed("sg", "PH", noon.AddDate(0, 0, -1), 45, 0)
	for range 10 {
		reserve(t, m, noon, 1)
		m.Confirm("sg", "SG", noon, Pay)
	}
	if got := m.Run(); got.String() != "USD 3.75" { // 5 at 0.50 up to call 110, 5 at 0.25
		t.Errorf("run %v", got)
	}
	if err := m.Reserve("sg", "VN", noon); err != nil {
		t.Fatal(err)
	}
	m.Confirm("sg", "VN", noon, Pay)
	if r, mo := m.Run().String(), m.Month().String(); r != "USD 5.75" || mo != "USD 53.25" {
		t.Errorf("run %s, month %s", r, mo)
	}
}

// A run that reaches a cheaper volume tier lowers the month's bill, but gets no
// money back to spend.
func TestMeterGetsNoRefundFromVolumeTiers(t *testing.T) {
	p := flat("sg", "*", "2026-01-01", "0")
	p.Kind, p.Tiers = Volume, tiers(upTo(1000, "1"), beyond("0.5"))
	book := mustBook(t, zone(t, "Asia/Singapore"), p)
	m := NewMeter(book, Caps{Run: usdCap("run", "20")}, noon)
	m.Seed("sg", "SG", noon.AddDate(0, 0, -1), 990, 0)
	calls := 0
	for m.Reserve("sg", "SG", noon) == nil {
		m.Confirm("sg", "SG", noon, Pay)
		calls++
	}
	if calls != 40 {
		t.Errorf("%d calls of 0.50 under a cap of 20", calls)
	}
	if r, mo := m.Run().String(), m.Month().String(); r != "USD -475.00 to 20.00" || mo != "USD 515.00" {
		t.Errorf("run %s, month %s", r, mo)
	}
}

func TestSettleWithoutReserve(t *testing.T) {
	m := NewMeter(mustBook(t, time.UTC), Caps{}, noon)
	reserve(t, m, noon, 1)
	m.Confirm("sg", "SG", noon, Free)
	defer func() {
		if recover() == nil {
			t.Error("a second outcome for a call passed")
		}
	}()
	m.Confirm("sg", "SG", noon, Pay)
}

func BenchmarkMeter(b *testing.B) {
	z := zone(b, "Asia/Singapore")
	p := flat("sg", "*", "2026-01-01", "0")
	p.Kind, p.Tiers, p.FreeQuota = Graduated, tiers(upTo(100000, "0.035"), upTo(500000, "0.03"), beyond("0.028")), 1000
	v := flat("th", "*", "2026-01-01", "0")
	v.Kind, v.Tiers = Volume, tiers(upTo(100000, "0.035"), beyond("0.028"))
	book := mustBook(b, z, p, v)
	spend := usdCap("spend", "1000000000")
	routes := []Route{{"sg", "SG"}, {"th", "TH"}, {"sg", "VN"}, {"sg", "PH"}}
	outcomes := []Tag{Pay, Free, Pay, Unknown}
	m := NewMeter(book, Caps{Run: spend, Day: spend, Month: spend}, noon)
	m.Seed("sg", "SG", noon.AddDate(0, 0, -1), 200000, 50)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		at := noon.Add(time.Duration(i) * time.Microsecond)
		to := routes[i%len(routes)]
		if err := m.Reserve(to.Endpoint, to.Region, at); err != nil {
			b.Fatal(err)
		}
		m.Confirm(to.Endpoint, to.Region, at, outcomes[i%7%len(outcomes)])
	}
}

// Near its cap the meter computes each call.
func BenchmarkMeterNearTheCap(b *testing.B) {
	p := flat("sg", "*", "2026-01-01", "0")
	p.Kind, p.Tiers = Graduated, tiers(upTo(100000, "0.035"), beyond("0.028"))
	book := mustBook(b, zone(b, "Asia/Singapore"), p)
	m := NewMeter(book, Caps{Run: usdCap("run", "0.03"), Month: usdCap("month", "10000")}, noon)
	m.Seed("sg", "SG", noon.AddDate(0, 0, -1), 200000, 50)
	for b.Loop() {
		if err := m.Reserve("sg", "SG", noon); err != nil {
			b.Fatal(err)
		}
		m.Confirm("sg", "SG", noon, Free)
	}
}

// TestMeterDoubtsWhatWasSettled: a call whose answer turns out to be perhaps another's lowers what is certain and never
// what is possible; one of an earlier run changes day and month, and nothing of what this run spends.
func TestMeterDoubtsWhatWasSettled(t *testing.T) {
	book := mustBook(t, zone(t, "Asia/Singapore"), flat("sg", "*", "2026-01-01", "1"))
	for _, c := range []struct {
		was        Tag
		earlier    bool
		run, month string
	}{
		{Pay, true, "USD 1.00", "USD 3.00-4.00"},
		{Free, true, "USD 1.00", "USD 4.00-5.00"},
		{Pay, false, "USD 0.00-1.00", "USD 3.00-4.00"},
		{Free, false, "USD 1.00-2.00", "USD 4.00-5.00"},
		{Unknown, true, "USD 1.00", "USD 4.00"},
	} {
		m := NewMeter(book, Caps{Month: usdCap("month", "20")}, noon)
		m.Seed("sg", "SG", noon.AddDate(0, 0, -3), 3, 0)
		reserve(t, m, noon, 1)
		m.Confirm("sg", "SG", noon, Pay)
		at := noon
		if c.earlier {
			at = noon.AddDate(0, 0, -3)
		}
		m.Doubt("sg", "SG", at, c.was, c.earlier)
		if run, month := m.Run().String(), m.Month().String(); run != c.run || month != c.month {
			t.Errorf("%s, earlier %t: run %s, month %s; want %s, %s", c.was, c.earlier, run, month, c.run, c.month)
		}
	}
}

// Lost calls count on their day, as doubtful ones at the highest price, once; they use up no tier or quota of others, and with
// two currencies either may be what they cost.
func TestLostCalls(t *testing.T) {
	z := zone(t, "Asia/Singapore")
	quota, tiered, ended := flat("sg", "*", "2026-01-01", "0.03"), flat("id", "*", "2026-01-01", "0"), flat("th", "*", "2026-01-01", "9")
	quota.FreeQuota, ended.To = 5, date("2026-11-01")
	tiered.Kind, tiered.Tiers = Graduated, []Tier{{10, dec("0.05")}, {0, dec("0.01")}}
	other := flat("ph", "*", "2026-01-01", "2")
	other.Currency = "PHP"
	for name, c := range map[string]struct {
		rows []Price
		want string
	}{
		"one price":       {[]Price{flat("sg", "*", "2026-01-01", "0.03")}, "USD 0.06-0.18"},
		"behind a quota":  {[]Price{quota}, "USD 0.00-0.12"},
		"highest tier":    {[]Price{quota, tiered}, "USD 0.00-0.20"},
		"of those now":    {[]Price{quota, ended}, "USD 0.00-0.12"},
		"two currencies":  {[]Price{quota, other}, "PHP 0.00-8.00, USD 0.00-0.12"},
		"none in force":   {[]Price{ended}, "USD 0.00-36.00 and 2 calls without a price"},
		"no price at all": {nil, ""},
	} {
		m := NewMeter(mustBook(t, z, c.rows...), Caps{Day: Cap{Name: "day", Calls: 7}}, noon)
		m.Seed("sg", "SG", noon, 2, 0)
		m.SeedLost(noon, 4)
		m.SeedLost(noon.AddDate(0, 0, -1), 0)
		month := m.Month()
		if got := month.String(); got != c.want || month.FloorCalls != 2 || month.CeilingCalls != 6 || m.Day().CeilingCalls != 6 {
			t.Errorf("%s: %s, %d to %d calls, want %s", name, got, month.FloorCalls, month.CeilingCalls, c.want)
		}
		if run := m.Run(); run.CeilingCalls != 0 {
			t.Errorf("%s: the run has made %d", name, run.CeilingCalls)
		}
		reserve(t, m, noon, 1)
		if m.Reserve("sg", "SG", noon) == nil {
			t.Errorf("%s: a cap on calls forgets those that were lost", name)
		}
	}
}
