package objectstest

import (
	"net/http"
	"strings"
	"testing"
)

// TestUnsigned: the example of the protocol's own page is signed, and is not when any part of it is another one.
func TestUnsigned(t *testing.T) {
	const access, secret = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
	request := func() *http.Request {
		r, err := http.NewRequest(http.MethodGet, "https://examplebucket.s3.amazonaws.com/test.txt", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Range", "bytes=0-9")
		r.Header.Set("X-Amz-Content-Sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
		r.Header.Set("X-Amz-Date", "20130524T000000Z")
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,"+
			"SignedHeaders=host;range;x-amz-content-sha256;x-amz-date,"+
			"Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
		return r
	}
	if why := Unsigned(request(), access, secret); why != "" {
		t.Errorf("the example: %s", why)
	}
	for name, change := range map[string]func(*http.Request){
		"method": func(r *http.Request) { r.Method = http.MethodPut },
		"path":   func(r *http.Request) { r.URL.Path = "/test.txt2" },
		"query":  func(r *http.Request) { r.URL.RawQuery = "acl=" },
		"header": func(r *http.Request) { r.Header.Set("Range", "bytes=0-10") },
		"host":   func(r *http.Request) { r.Host = "other.example.com" },
		"body":   func(r *http.Request) { r.Header.Set("X-Amz-Content-Sha256", "UNSIGNED-PAYLOAD") },
		"time":   func(r *http.Request) { r.Header.Set("X-Amz-Date", "20130525T000000Z") },
		"no key": func(r *http.Request) { r.Header.Del("Authorization") },
		"not signed": func(r *http.Request) {
			r.Header.Set("Authorization", strings.Replace(r.Header.Get("Authorization"), "host;range;", "range;", 1))
		},
	} {
		r := request()
		change(r)
		if Unsigned(r, access, secret) == "" {
			t.Errorf("another %s is taken", name)
		}
	}
	if Unsigned(request(), access, "another") == "" {
		t.Error("another secret is taken")
	}
}
