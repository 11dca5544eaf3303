package liveness_test

import (
	"net/http"
	"testing"
	"time"

	"liverecon/batch/liveness"
)

func TestParseRetryAfter(t *testing.T) {
	now := time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)
	tests := []struct {
		header string
		want   time.Duration
		ok     bool
	}{
		{"10", 10 * time.Second, true},
		{"10s", 10 * time.Second, true},
		{"10S", 10 * time.Second, true},
		{"10 s", 10 * time.Second, true},
		{" :10s", 10 * time.Second, true},
		{":10", 10 * time.Second, true},
		{" : 10s ", 10 * time.Second, true},
		{"0", 0, true},
		{"599", 599 * time.Second, true},
		{"600", liveness.MaxRetryAfter, true},
		{"601", liveness.MaxRetryAfter, true},
		{"86400", liveness.MaxRetryAfter, true},
		{"99999999999999999999999999", liveness.MaxRetryAfter, true},
		{now.Add(90 * time.Second).Format(http.TimeFormat), 90 * time.Second, true},
		{now.Add(-90 * time.Second).Format(http.TimeFormat), 0, true},
		{now.Add(24 * time.Hour).Format(http.TimeFormat), liveness.MaxRetryAfter, true},
		{"Saturday, 21-Nov-26 03:12:30 GMT", 30 * time.Second, true},
		{"Sat Nov 21 03:12:30 2026", 30 * time.Second, true},
		{"", 0, false},
		{" ", 0, false},
		{"s", 0, false},
		{":", 0, false},
		{"-5", 0, false},
		{"1.5", 0, false},
		{"10ss", 0, false},
		{"10ms", 0, false},
		{"soon", 0, false},
	}
	for _, tt := range tests {
		got, ok := liveness.ParseRetryAfter(tt.header, now)
		if got != tt.want || ok != tt.ok {
			t.Errorf("ParseRetryAfter(%q) = %v, %v, want %v, %v", tt.header, got, ok, tt.want, tt.ok)
		}
	}
}

func FuzzParseRetryAfter(f *testing.F) {
	now := time.Date(2026, 11, 21, 3, 12, 0, 0, time.UTC)
	for _, seed := range []string{"10", "10s", " :10s", "Sat, 21 Nov 2026 03:13:00 GMT", "9999999999999999999", "-1", ""} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, header string) {
		d, ok := liveness.ParseRetryAfter(header, now)
		if d < 0 || d > liveness.MaxRetryAfter {
			t.Errorf("ParseRetryAfter(%q) = %v, outside 0..%v", header, d, liveness.MaxRetryAfter)
		}
		if !ok && d != 0 {
			t.Errorf("ParseRetryAfter(%q) = %v with false", header, d)
		}
	})
}
