package liveness_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"liverecon/batch/liveness"
)

// FuzzDecodeEnvelope holds for any body: no panic; an envelope has a code, which
// encoding/json finds as well; what is kept is valid JSON without URLs.
func FuzzDecodeEnvelope(f *testing.F) {
	for _, name := range []string{"success_score_100.json", "success_score_0.json", "liveness_id_not_existed.json", "result_not_found.json", "error.json"} {
		f.Add(wireFile(f, name))
	}
	for _, body := range []string{
		"", "null", "[]", `{"code":"X","code":"X"}`, `{"code":" ","data":[{}]}`, "\xef\xbb\xbf{\"code\":\"\\u0058\"}",
		`{"code":"X","data":{"livenessScore":"1e999","attackType":{"a":"\\\""},"farImageTime":1e18}}`,
		`{"a":["https:\/\/h",{"http://x":"\u0048TTPS://y"}]}`, "{\"code\":\"\xff\"}",
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if e, err := liveness.DecodeEnvelope(body); err == nil {
			checkEnvelope(t, body, e)
		}
		kept := liveness.StripImages(body)
		if kept == nil {
			return
		}
		if !json.Valid(kept) || !utf8.Valid(kept) {
			t.Fatalf("StripImages(%q) = %q: not valid", body, kept)
		}
		var v any
		if err := json.Unmarshal(kept, &v); err != nil {
			t.Fatal(err)
		}
		checkNoURL(t, string(kept))
		checkNoURL(t, v)
		if again := liveness.StripImages(kept); !bytes.Equal(again, kept) {
			t.Fatalf("StripImages twice: %q, then %q", kept, again)
		}
	})
}

func checkEnvelope(t *testing.T, body []byte, e *liveness.Envelope) {
	t.Helper()
	if e.Code == "" || !utf8.ValidString(e.Code+e.Message+e.TransactionID+e.PricingStrategy+e.Extra) {
		t.Fatalf("DecodeEnvelope(%q) = %+v", body, e)
	}
	if !slices.IsSorted(e.Unknown) {
		t.Fatalf("unknown fields not sorted: %q", e.Unknown)
	}
	var v map[string]any
	if err := json.Unmarshal(bytes.TrimPrefix(body, []byte("\xef\xbb\xbf")), &v); err != nil {
		t.Fatalf("DecodeEnvelope(%q) took what encoding/json refuses: %v", body, err)
	}
	if code, ok := v["code"].(string); !ok || strings.TrimSpace(code) != e.Code {
		t.Fatalf("code %q, encoding/json finds %v", e.Code, v["code"])
	}
	if d := e.Detection; d != nil && d.Score != nil && (*d.Score < 0 || *d.Score > 100) {
		t.Fatalf("score %v, outside 0-100", *d.Score)
	}
}

func checkNoURL(t *testing.T, v any) {
	t.Helper()
	switch v := v.(type) {
	case string:
		if low := strings.ToLower(v); strings.Contains(low, "http:/") || strings.Contains(low, "https:/") {
			t.Fatalf("kept a URL: %q", v)
		}
	case []any:
		for _, item := range v {
			checkNoURL(t, item)
		}
	case map[string]any:
		for key, item := range v {
			checkNoURL(t, key)
			checkNoURL(t, item)
		}
	}
}
