package monitor

import (
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"

	"liverecon/cmd/liverecon/config"
)

// Pings go through the proxy of the endpoints, which is asked for CONNECT alone and never sees the path.
func TestPingsGoThroughTheProxy(t *testing.T) {
	asked := make(chan string, 2*pingTries)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked <- r.Method + " " + r.RequestURI
		w.WriteHeader(http.StatusForbidden)
	}))
	defer proxy.Close()
	to, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}
	p := newPinger(config.Notify{PingURL: "https://monitor.example/secret-key"},
		func(*url.URL) (*url.URL, error) { return to, nil }, "test", slog.New(slog.DiscardHandler))
	p.end(t.Context(), true, "DONE: all")
	if got, want := <-asked, "CONNECT "+net.JoinHostPort("monitor.example", "443"); got != want {
		t.Errorf("the proxy was asked %q, want %q", got, want)
	}
}
