package liveness_test

import (
	"strings"
	"testing"

	"liverecon/batch/liveness"
)

func TestClassify(t *testing.T) {
	tests := []struct {
		code string
		want liveness.Class
	}{
		{"SUCCESS", liveness.Done},
		{"LIVENESS_ID_NOT_EXISTED", liveness.Absent},
		{"SIGNATURE_ID_NOT_EXIST", liveness.Absent},
		{"RESULT_NOT_FOUND", liveness.NotFound},
		{"PARAMETER_ERROR", liveness.Refused},
		{"EMPTY_PARAMETER_ERROR", liveness.Refused},
		{"ERROR", liveness.Retry},
		{"RETRY_LATER", liveness.Retry},
		{"REQUEST_IN_PROCESSING", liveness.Retry},
		{"SERVICE_BUSY", liveness.Busy},
		{"IAM_FAILED", liveness.Auth},
		{"CLIENT_ERROR", liveness.Configuration},
		{"ACCESS_DENIED", liveness.Configuration},
		{"SERVICE_DISABLED", liveness.Configuration},
		{"INSUFFICIENT_BALANCE", liveness.Account},
		{"OVER_QUERY_LIMIT", liveness.Account},
		{"ACCOUNT_DISABLED", liveness.Account},
		{"SOMETHING_NEW", liveness.Unknown},
		{"success", liveness.Unknown},
		{"", liveness.Unknown},
	}
	for _, tt := range tests {
		if got := liveness.Codes(nil).Classify(tt.code); got != tt.want {
			t.Errorf("Classify(%q) = %q, want %q", tt.code, got, tt.want)
		}
	}
}

func TestClassifyOverrides(t *testing.T) {
	codes := liveness.Codes{
		"SOMETHING_NEW":           liveness.Retry,
		"ERROR":                   liveness.Unknown,
		"LIVENESS_ID_NOT_EXISTED": liveness.Retry,
	}
	for code, want := range codes {
		if got := codes.Classify(code); got != want {
			t.Errorf("Classify(%q) = %q, want the override %q", code, got, want)
		}
	}
	if got := codes.Classify("SUCCESS"); got != liveness.Done {
		t.Errorf("Classify(SUCCESS) = %q, want the built-in %q", got, liveness.Done)
	}
}

func TestParseClass(t *testing.T) {
	for _, name := range []string{"done", "absent", "not_found", "refused", "retry", "busy", "auth", "configuration", "account", "unknown"} {
		class, err := liveness.ParseClass(name)
		if err != nil || string(class) != name {
			t.Errorf("ParseClass(%q) = %q, %v", name, class, err)
		}
	}
	for _, name := range []string{"", "Retry", "retry ", "later"} {
		class, err := liveness.ParseClass(name)
		if err == nil {
			t.Errorf("ParseClass(%q) = %q, want an error", name, class)
		} else if !strings.Contains(err.Error(), "not_found, refused") {
			t.Errorf("ParseClass(%q): error %q does not list the classes", name, err)
		}
	}
}
