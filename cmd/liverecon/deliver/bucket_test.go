package deliver

import (
	"net/http"
	"strings"
	"testing"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/internal/objects/objectstest"
)

// TestBucket: storage gets page and workbook with their types, and what it says of a wrong key tells no secret.
func TestBucket(t *testing.T) {
	server, err := objectstest.Start(false, "reports")
	if err != nil {
		t.Fatal(err)
	}
	defer server.Close()
	place, err := server.Place(t.TempDir(), "reports")
	if err != nil {
		t.Fatal(err)
	}
	place.Prefix = "daily"
	m := sample()
	m.files = []attachment{{"risk_2026-11-29.xlsx", []byte("book")}, {"risk_2026-11-29.xlsx.age", []byte("sealed")}}
	c := channelOf(&config.Config{}, config.Delivery{Bucket: place}, "1")
	if err := c.send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got, err := server.Objects("reports")
	if err != nil || len(got) != 3 ||
		!strings.Contains(got["daily/risk_2026-11-29.html"], "<title>Liveness risk report") ||
		got["daily/risk_2026-11-29.xlsx"] != "book" || got["daily/risk_2026-11-29.xlsx.age"] != "sealed" {
		t.Errorf("%v, %v", got, err)
	}
	for name, want := range map[string]string{"html": "text/html; charset=utf-8",
		"xlsx.age": "application/octet-stream", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"} {
		if kind := server.ContentType("reports", "daily/risk_2026-11-29."+name); kind != want {
			t.Errorf("%s is %s", name, kind)
		}
	}
	server.Answer(func(w http.ResponseWriter, _ *http.Request) bool {
		answer := "<Error><Code>AccessDenied</Code><Message>no " + objectstest.SecretKey + "\n here</Message></Error>"
		http.Error(w, answer, http.StatusForbidden)
		return true
	})
	if err = c.send(t.Context(), m); err == nil {
		t.Fatal("it is taken")
	}
	const want = "bucket reports: it answers HTTP 403 AccessDenied: no ... here"
	if text := said(err, c.secrets()); !strings.HasSuffix(text, want) {
		t.Errorf("%q", text)
	}
}
