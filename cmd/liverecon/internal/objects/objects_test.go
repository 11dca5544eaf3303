package objects

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/internal/objects/objectstest"
)

// storage is a bucket and the server that has it.
func storage(t *testing.T, secured bool, change func(*config.Bucket)) (*Bucket, *objectstest.Server) {
	t.Helper()
	server, err := objectstest.Start(secured, "reports")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	place, err := server.Place(t.TempDir(), "reports")
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(place)
	}
	b, err := Open(place, nil, "9")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(b.Close)
	if secured {
		known := server.Client().Transport.(*http.Transport).TLSClientConfig.RootCAs
		b.transport.TLSClientConfig = &tls.Config{RootCAs: known}
	}
	return b, server
}

func put(t *testing.T, b *Bucket, name, content string) error {
	t.Helper()
	return b.Put(t.Context(), name, strings.NewReader(content), int64(len(content)), "text/html")
}

// TestPut: what is put is there under its prefix, replaces what was, and is signed, with TLS and without, whether or
// not the region is said, in one request or in parts.
func TestPut(t *testing.T) {
	contents := map[string]string{"a.html": "second", "b c+ä.html": "odd", "none.html": "",
		"large.html": strings.Repeat("0123456789abcdef", (17<<20)/16)}
	for _, secured := range []bool{false, true} {
		for _, region := range []string{"", "ap-southeast-1"} {
			b, server := storage(t, secured, func(p *config.Bucket) { p.Prefix, p.Region = "risk/daily", region })
			if err := put(t, b, "a.html", "first"); err != nil {
				t.Fatal(err)
			}
			for name, content := range contents {
				if err := put(t, b, name, content); err != nil {
					t.Fatalf("secured %t, region %q, %s: %v", secured, region, name, err)
				}
			}
			got, err := server.Objects("reports")
			if err != nil {
				t.Fatal(err)
			}
			for name, want := range contents {
				if content, there := got["risk/daily/"+name]; !there || content != want {
					t.Errorf("secured %t, region %q, %s: %d bytes", secured, region, name, len(content))
				}
			}
			if kind := server.ContentType("reports", "risk/daily/a.html"); len(got) != 4 || kind != "text/html" {
				t.Errorf("%d objects of type %s", len(got), kind)
			}
			if agent := server.Agents()[0]; !strings.Contains(agent, "liverecon/9") {
				t.Errorf("it says that it is %s", agent)
			}
		}
	}
}

// TestTroubles: each is one line that says whose answer it was, without a secret, and leaves nothing half there.
func TestTroubles(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("it went elsewhere")
	}))
	defer elsewhere.Close()
	for want, c := range map[string]struct {
		change func(*config.Bucket)
		answer func(http.ResponseWriter, *http.Request) bool
	}{
		"it answers HTTP 403 SignatureDoesNotMatch: the signature is another one": {change: func(p *config.Bucket) {
			if err := os.WriteFile(p.SecretKeyFile, []byte("another-secret"), 0o600); err != nil {
				t.Fatal(err)
			}
		}},
		"bucket elsewhere: it answers HTTP 404 NoSuchBucket": {change: func(p *config.Bucket) { p.Name = "elsewhere" }},
		"it redirects (HTTP 307), which is not followed": {answer: func(w http.ResponseWriter, r *http.Request) bool {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
			return true
		}},
		"it answers HTTP 403": {answer: func(w http.ResponseWriter, _ *http.Request) bool {
			http.Error(w, "not xml", http.StatusForbidden)
			return true
		}},
		"storage 127.0.0.1": {answer: func(_ http.ResponseWriter, r *http.Request) bool {
			_, _ = io.CopyN(io.Discard, r.Body, 3)
			panic(http.ErrAbortHandler)
		}},
		"connection refused": {change: func(p *config.Bucket) { p.Endpoint = "http://127.0.0.1:1" }},
	} {
		b, server := storage(t, false, func(p *config.Bucket) {
			p.Region = "us-east-1"
			if c.change != nil {
				c.change(p)
			}
		})
		server.Answer(c.answer)
		err := put(t, b, "a.html", strings.Repeat("content", 1<<16))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "storage 127.0.0.1:") {
			t.Errorf("%v, want %s", err, want)
		}
		for _, secret := range []string{objectstest.SecretKey, "another-secret"} {
			if err != nil && strings.Contains(err.Error(), secret) {
				t.Errorf("a secret is told: %v", err)
			}
		}
		if got, err := server.Objects("reports"); err != nil || len(got) != 0 {
			t.Errorf("%s: there is %d, %v", want, len(got), err)
		}
	}
}

// TestTries: storage that is busy for a moment is asked again; one that hangs, until the time is up.
func TestTries(t *testing.T) {
	b, server := storage(t, false, func(p *config.Bucket) { p.Region = "us-east-1" })
	var asked atomic.Int64
	server.Answer(func(w http.ResponseWriter, _ *http.Request) bool {
		if asked.Add(1) < tries {
			w.WriteHeader(http.StatusServiceUnavailable)
			return true
		}
		return false
	})
	if err := put(t, b, "a.html", "content"); err != nil || asked.Load() != tries {
		t.Errorf("%v after %d tries", err, asked.Load())
	}
	server.Answer(func(_ http.ResponseWriter, r *http.Request) bool {
		_, _ = io.Copy(io.Discard, r.Body) // only then is it seen that nobody waits any more
		<-r.Context().Done()
		return true
	})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	err := b.Put(ctx, "b.html", bytes.NewReader([]byte("x")), 1, "")
	if err == nil || !strings.Contains(err.Error(), "deadline") {
		t.Errorf("storage that hangs: %v", err)
	}
}

// TestProxy: a proxy is on the way to https alone, as it is to endpoints.
func TestProxy(t *testing.T) {
	proxy := func(*url.URL) (*url.URL, error) { return url.Parse("http://proxy.example.com:3128") }
	b, _ := storage(t, false, nil)
	b, err := Open(b.place, proxy, "9")
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{"https://s3.example.com/x": true, "http://127.0.0.1/x": false} {
		r, err := http.NewRequest(http.MethodGet, address, nil)
		if err != nil {
			t.Fatal(err)
		}
		if by, err := b.transport.Proxy(r); err != nil || (by != nil) != want {
			t.Errorf("%s by %v, %v", address, by, err)
		}
	}
}
