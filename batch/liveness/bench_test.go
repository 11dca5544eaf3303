package liveness_test

import (
	"io"
	"net/http"
	"testing"

	"liverecon/batch/liveness"
)

func BenchmarkDecodeEnvelope(b *testing.B) {
	body := wireFile(b, "success_score_100.json")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := liveness.DecodeEnvelope(body); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStripImages(b *testing.B) {
	body := wireFile(b, "success_score_100.json")
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		if liveness.StripImages(body) == nil {
			b.Fatal("not JSON")
		}
	}
}

// BenchmarkDetect is a whole call but for the wire.
func BenchmarkDetect(b *testing.B) {
	body := string(wireFile(b, "success_score_100.json"))
	c := newClient(b, "id", liveness.Options{Transport: roundTrip(func(req *http.Request) (*http.Response, error) {
		if _, err := io.Copy(io.Discard, req.Body); err != nil {
			return nil, err
		}
		return answer(200, body, "Date", "Sat, 21 Nov 2026 03:12:00 GMT"), nil
	})})
	token := liveness.IssueToken(c, "token-value")
	query := liveness.Query{SignatureID: "f302f5d2454a85c2"}
	b.ReportAllocs()
	for b.Loop() {
		if r := c.Detect(b.Context(), token, query, liveness.Watch{}); r.Delivery != liveness.Answered {
			b.Fatal(r.Err)
		}
	}
}
