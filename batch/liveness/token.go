package liveness

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"slices"
	"sync"
	"time"
)

// Token represents an access token, bound to the host of the client that got it.
// Printing, logging or marshalling it shows nothing of it. The zero value is no
// token.
type Token struct {
	data *tokenData // a pointer, so that no print of an enclosing struct shows it
}

type tokenData struct {
	value   string
	origin  string    // where it may be sent
	refresh time.Time // 80 % of its life: time for the next one
	expires time.Time
	skew    time.Duration
}

// refreshShare holds the part of a token's life after which it is replaced, in
// percent.
const refreshShare = 80

// String implements [fmt.Stringer] without the token.
func (Token) String() string { return redacted }

// GoString implements [fmt.GoStringer] without the token.
func (Token) GoString() string { return redacted }

// Format implements [fmt.Formatter] for every verb and flag without the token.
func (Token) Format(f fmt.State, _ rune) { writeRedacted(f) }

// LogValue implements [slog.LogValuer] without the token.
func (Token) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalText implements [encoding.TextMarshaler] without the token.
func (Token) MarshalText() ([]byte, error) { return []byte(redacted), nil }

// ClockSkew returns this machine's clock minus the vendor's when the token was
// issued, in whole seconds; positive when this clock is ahead, 0 when the vendor
// sent no date.
func (t Token) ClockSkew() time.Duration {
	if t.data == nil {
		return 0
	}
	return t.data.skew
}

// TokenError describes why there is no token.
type TokenError struct {
	Endpoint   string
	Class      Class         // what to do: Retry, Busy, Configuration, Account or Unknown
	Code       string        // the vendor's, "" when there was no envelope
	Message    string        // the vendor's, cut and free of secrets
	ClockSkew  time.Duration // this clock minus the vendor's, when that explains the refusal; else 0
	RetryAfter time.Duration // 0 when not asked for
	Err        error         // what else there is to say, or nil
}

// Error implements error.
func (e *TokenError) Error() string {
	text := "token for " + e.Endpoint
	if e.Code != "" {
		text += fmt.Sprintf(": %q %q", e.Code, e.Message)
	}
	switch {
	case e.ClockSkew > 0:
		text += fmt.Sprintf(": this clock is %v ahead of %s's", e.ClockSkew, e.Endpoint)
	case e.ClockSkew < 0:
		text += fmt.Sprintf(": this clock is %v behind %s's", -e.ClockSkew, e.Endpoint)
	}
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns Err.
func (e *TokenError) Unwrap() error { return e.Err }

// tokenSource gets the one token of a client, and holds it with the request for the next.
type tokenSource struct {
	exchanger *exchanger
	endpoint  string // its name
	keys      *Credentials
	url       *url.URL
	origin    string        // where its tokens may be sent
	asked     time.Duration // the life asked for a token

	mu      sync.Mutex
	current Token
	flight  *flight
	holdOff time.Time // after a failed refresh: no other one before this, while current lasts
	answers []string  // transaction IDs of the answers to token calls; a token lasts long, so they are few
}

// note remembers the answer to a token call, so that a copy of it on another
// connection is not taken for an ID's.
func (s *tokenSource) note(e *Envelope) {
	if e.TransactionID == "" {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = append(s.answers, e.TransactionID)
}

// had reports whether a transaction ID is one of a token call's answer.
func (s *tokenSource) had(transactionID string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.answers, transactionID)
}

// flight describes one token request that any number of callers wait for.
type flight struct {
	done  chan struct{} // closed when token and err are set
	token Token
	err   error
}

// Token returns a token for Detect: the cached one, or after 80 % of its life,
// or after Invalidate, a new one. However many goroutines ask, one request is
// made. A caller whose context ends returns at once; the request goes on for the
// others. If a refresh fails while the old token still lives, the old one is
// returned and the refresh is tried again after a twentieth of a token's life.
// The error is a *TokenError.
func (c *Client) Token(ctx context.Context) (Token, error) { return c.tokens.get(ctx) }

// get returns a token; see Client.Token.
func (s *tokenSource) get(ctx context.Context) (Token, error) {
	if err := ctx.Err(); err != nil {
		return Token{}, &TokenError{Endpoint: s.endpoint, Class: Retry, Err: err}
	}
	t, f := s.cached()
	if f == nil {
		return t, nil
	}
	select {
	case <-f.done:
		return f.token, f.err
	case <-ctx.Done():
		return Token{}, &TokenError{Endpoint: s.endpoint, Class: Retry, Err: ctx.Err()}
	}
}

// cached returns the cached token, or else the flight to wait for, which it
// starts if there is none.
func (s *tokenSource) cached() (Token, *flight) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.current.fresh(now) || s.current.alive(now) && now.Before(s.holdOff) {
		return s.current, nil
	}
	if s.flight == nil {
		s.flight = &flight{done: make(chan struct{})}
		go s.land(s.flight)
	}
	return Token{}, s.flight
}

// land makes the flight's request and hands out its result. It runs on its own
// clock, bounded by Options.Timeout: no single waiter may end it for the others.
func (s *tokenSource) land(f *flight) {
	token, err := s.request(context.Background())
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	switch {
	case err == nil:
		s.current, s.holdOff = token, time.Time{}
	case s.current.alive(now):
		token, err = s.current, nil
		s.holdOff = now.Add(s.asked / 20)
	}
	f.token, f.err = token, err
	s.flight = nil
	close(f.done)
}

func (t Token) fresh(now time.Time) bool { return t.data != nil && now.Before(t.data.refresh) }

func (t Token) alive(now time.Time) bool { return t.data != nil && now.Before(t.data.expires) }

// Invalidate drops the token, say after IAM_FAILED: the next call of Token gets
// a new one. A token that is no longer the cached one is ignored, so that many
// goroutines noticing the same dead token cause one refresh.
func (c *Client) Invalidate(t Token) { c.tokens.drop(t) }

// drop forgets the token, if it is the one that is held.
func (s *tokenSource) drop(t Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.data != nil && s.current == t {
		s.current = Token{}
	}
}

// check refuses a token that was not issued for an origin.
func (t Token) check(origin string) error {
	switch {
	case t.data == nil:
		return errors.New("no token")
	case t.data.origin != origin:
		return fmt.Errorf("token of %s is not for %s", t.data.origin, origin)
	}
	return nil
}
