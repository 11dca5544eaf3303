package config

import (
	"strings"
	"testing"
	"time"
)

// TestOddDays: a zone is refused in the years in which it leaves out a day, or is off the quarter hours.
func TestOddDays(t *testing.T) {
	for _, c := range []struct {
		zone, now, want string
	}{
		{"UTC", "2026-11-29", ""},
		{"Asia/Kathmandu", "2026-11-29", ""},
		{"Australia/Lord_Howe", "2026-11-29", ""},
		{"America/New_York", "2026-11-29", ""},
		{"Pacific/Apia", "2026-11-29", ""},
		{"Pacific/Apia", "2011-11-29", "leaves out a day"},
		{"Pacific/Apia", "2012-11-29", "leaves out a day"},
		{"Africa/Monrovia", "1971-06-01", "is no whole quarter hours from UTC"},
	} {
		now, err := time.Parse(time.DateOnly, c.now)
		if err != nil {
			t.Fatal(err)
		}
		if got := oddDays(MustZone(c.zone), now); !strings.HasPrefix(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s in %s: %q, want %q", c.zone, c.now, got, c.want)
		}
	}
}
