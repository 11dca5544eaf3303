package simulator_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"

	"liverecon/batch/liveness/simulator"
)

// BenchmarkTransport is a result call in process without latency: what a benchmark of the fetch path pays for the
// vendor.
func BenchmarkTransport(b *testing.B) {
	_, c := inProcess(b, simulator.Config{Seed: 1, Ledger: io.Discard})
	header := http.Header{"Content-Type": {"application/json"}, "X-Access-Token": {c.token("ph")}}
	req, err := http.NewRequest(http.MethodPost, "https://ph-api.advance.ai"+paths["ph"], nil)
	if err != nil {
		b.Fatal(err)
	}
	req.Header = header
	ids := make([]string, 1<<16)
	for i := range ids {
		ids[i] = fmt.Sprintf(`{"signatureId":"%016x","resultType":"IMAGE_URL","region":"PH"}`, i)
	}
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		s := ids[i%len(ids)]
		req.Body, req.ContentLength = io.NopCloser(strings.NewReader(s)), int64(len(s))
		res, err := c.rt.RoundTrip(req)
		if err != nil {
			b.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, res.Body); err != nil {
			b.Fatal(err)
		}
		if err := res.Body.Close(); err != nil {
			b.Fatal(err)
		}
	}
}
