package monitor

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"liverecon/batch/liveness"
	"liverecon/cmd/liverecon/clean"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/internal/post"
)

const (
	// pingPatience holds the longest that a run waits for its monitor, at its end.
	pingPatience = 4 * time.Second
	// pingTries within that time, for a network that stumbles.
	pingTries = 3
	pingPause = 300 * time.Millisecond
)

// pinger tells a monitor that a run has begun and how it ended. Nothing it meets can fail a run, and no URL of it is
// logged: the path is the password.
type pinger struct {
	notify  config.Notify
	version string // of the program
	client  *http.Client
	log     *slog.Logger
	cancel  context.CancelFunc // ends the ping of the start, if it is still under way
	begun   chan struct{}      // closed when it has ended
}

// newPinger makes a pinger that goes through the proxy of the endpoints, where there is one: a machine that reaches
// those through it alone would else never be heard of. proxy may be nil.
func newPinger(
	n config.Notify, proxy func(*url.URL) (*url.URL, error), version string, log *slog.Logger,
) *pinger {
	stay := func(*http.Request, []*http.Request) error { return errors.New("it redirects, which is not followed") }
	return &pinger{notify: n, version: version,
		client: &http.Client{Transport: liveness.NewTransport(liveness.TransportOptions{MaxConns: 1, Proxy: proxy}),
			CheckRedirect: stay}, log: log}
}

// start tells that a run begins. It does not wait.
func (p *pinger) start() {
	target, _, _ := p.notify.PingURLs()
	if target == "" {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), pingPatience)
	p.cancel, p.begun = cancel, make(chan struct{})
	go func() {
		defer close(p.begun)
		p.send(ctx, "start", target, "")
	}()
}

// end reports how a run ended. A start that was not told by now never will be: it must not come after the end.
func (p *pinger) end(ctx context.Context, good bool, verdict string) {
	_, target, failure := p.notify.PingURLs()
	what := "success"
	if !good {
		what, target = "failure", failure
	}
	if p.cancel != nil {
		p.cancel()
		<-p.begun
	}
	if target == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, pingPatience)
	defer cancel()
	p.send(ctx, what, target, verdict)
}

func (p *pinger) send(ctx context.Context, what, target, body string) {
	err := p.post(ctx, target, body)
	for tries := 1; err != nil && tries < pingTries && pause(ctx, pingPause); tries++ {
		err = p.post(ctx, target, body)
	}
	switch {
	case err == nil:
		p.log.Debug("monitor told", "what", what)
	case !errors.Is(err, context.Canceled):
		p.log.Warn("the monitor was not told", "what", what, "error", err)
	}
}

// pause waits, and reports if there is still time.
func pause(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}

// post sends one ping. Its error never holds the URL.
func (p *pinger) post(ctx context.Context, target, body string) error {
	return post.Send(ctx, p.client, target, "text/plain", p.version, strings.NewReader(clean.Text(body)))
}
