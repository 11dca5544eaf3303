// Package simulator is the vendor of the liveness detection API, simulated
// from its published page: eight endpoints, tokens, plausible results per
// market, hidden limits, faults, and an append-only ledger of what it served
// and charged, against which the job's own journal is checked.
//
// A request passes these stations, in this order:
//
//  1. the way (dns, refused, tls, reset_before): nothing has happened;
//  2. the gateway (redirect, pages of HTML): it counts as arrived, not as served;
//  3. the vendor, at one instant: token, rate limit, daily quota, parameters,
//     balance, result. The ledger row, with the charge, is written here, before
//     any latency passes and before a byte of the answer leaves;
//  4. the way back, which may lose or mangle the answer but undoes nothing.
//
// Everything random is drawn from the seed, the ID and the number of the try:
// the same calls in another order get the same answers.
package simulator

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"regexp"
	"sync"
	"sync/atomic"
	"time"
)

// Reading is the vendor's true billing rule, which its pricing tag does not
// show: a repeated call for one ID is tagged PAY under both.
type Reading string

// The two readings; the empty Reading is PerCall.
const (
	PerCall Reading = "per-call" // every call that found a result is charged
	PerID   Reading = "per-id"   // only the first such call of an ID
)

// BusyStyle is how the vendor says that a limit was exceeded.
type BusyStyle int

// The styles; Busy429Bare has a text body without an envelope.
const (
	BusyBody200 BusyStyle = iota // SERVICE_BUSY in an envelope on HTTP 200
	Busy429Envelope
	Busy429Bare
)

// Credential is a key pair of one account.
type Credential struct{ AccessKey, SecretKey string }

// DefaultCredential is the pair a vendor without Config.Credentials knows. Of
// it only the secret counts: any non-empty access key will do.
var DefaultCredential = Credential{AccessKey: "simulated-access-key", SecretKey: "simulated-secret-key"}

// Config describes a vendor. Its zero value answers at once, limits nothing
// and makes no mistakes.
type Config struct {
	Seed uint64

	Latency       time.Duration // of every result call
	LatencyJitter time.Duration // added, uniform in [0,LatencyJitter)
	TokenLatency  time.Duration // of every token call
	Patience      time.Duration // what a client is thought to wait for an answer; 30 s if zero. See Late and SlowBody

	// Rate is the hidden limit per endpoint: result calls served in any
	// half-open second. Calls above it are answered busy, free, and do not
	// count. "" stands for endpoints not named, 0 or no entry is no limit.
	Rate      map[string]int
	BusyStyle BusyStyle
	// DailyQuota is the number of result calls served per UTC day of the
	// vendor's clock, keyed as Rate is.
	DailyQuota map[string]int

	// Balance is the number of charged calls the account opens with, those of
	// Resume included; 0 or less is an account without limit. See SetBalance.
	Balance   int
	Billing   Reading
	UnitPrice map[string]string // decimal, per endpoint; a list price where there is none
	Currency  string            // USD if empty
	Zone      *time.Location    // of statement months and times; UTC+8 if nil

	TokenLife time.Duration // as the request's periodSecond asks if zero
	ClockSkew time.Duration // vendor's clock minus time.Now
	// Credentials per endpoint, "" for those not named; an endpoint without
	// any is one the account is not valid for. nil: see DefaultCredential.
	Credentials map[string]Credential

	Faults Faults
	// Ledger gets each entry as a line of JSON in one Write before the answer
	// leaves. When it fails the vendor serves nothing any more.
	Ledger io.Writer
	// Resume is an earlier ledger to continue: charges, attempts, daily
	// quota and numbering. It is not written to Ledger again. Tokens are not
	// in it: those of an earlier vendor are refused.
	Resume []Entry
}

// Vendor is a simulated vendor; its methods may be called from any goroutine.
type Vendor struct {
	cfg    Config
	faults atomic.Pointer[faultPlan]
	blanks func() []byte // gzip member of the padding of an oversize answer

	identity func() identity // for connections that speak TLS

	imageFaults atomic.Pointer[[]odds]

	mu         sync.Mutex // guards what follows; never held while time passes
	ledger     []Entry
	ledgerErr  error
	unasked    []Sent
	answered   map[string][]delivered // last whole answers of each endpoint, over connections
	accepted   uint64                 // connections
	live       []*connection
	ids        map[string]history
	desks      map[string]*desk
	tokens     map[string]grant
	balance    int // charged calls left, -1 without limit
	complaints map[string]int
	images     map[string]int // requests for each
}

// history is what the vendor remembers of an ID.
type history struct {
	tries   int // requests made, those that never reached the vendor included
	served  int
	charged bool
	day     int64 // of the first served request, days since 1970; 0 before it
}

var decimalNumber = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// New makes a vendor, or says what in the configuration it cannot use.
func New(cfg Config) (*Vendor, error) {
	if err := cfg.complete(); err != nil {
		return nil, fmt.Errorf("simulated vendor: %w", err)
	}
	v := &Vendor{
		cfg:        cfg,
		blanks:     sync.OnceValue(zipBlanks),
		identity:   sync.OnceValue(newIdentity),
		answered:   make(map[string][]delivered),
		ids:        make(map[string]history),
		desks:      make(map[string]*desk),
		tokens:     make(map[string]grant),
		balance:    -1,
		complaints: make(map[string]int),
		images:     make(map[string]int),
	}
	if cfg.Balance > 0 {
		v.balance = cfg.Balance
	}
	for _, ep := range catalogue {
		v.desks[ep.name] = newDesk(setting(cfg.Rate, ep.name), setting(cfg.DailyQuota, ep.name))
	}
	v.SetFaults(cfg.Faults)
	if err := v.resume(cfg.Resume); err != nil {
		return nil, fmt.Errorf("simulated vendor: %w", err)
	}
	v.cfg.Resume = nil
	return v, nil
}

func (c *Config) complete() error {
	switch c.Billing {
	case "":
		c.Billing = PerCall
	case PerCall, PerID:
	default:
		return fmt.Errorf("billing reading %q: want %s or %s", c.Billing, PerCall, PerID)
	}
	for ep, price := range c.UnitPrice {
		if !decimalNumber.MatchString(price) {
			return fmt.Errorf("unit price %q of endpoint %q is no decimal number", price, ep)
		}
	}
	if c.Latency < 0 || c.LatencyJitter < 0 || c.TokenLatency < 0 || c.TokenLife < 0 {
		return fmt.Errorf("a latency or token life is negative")
	}
	if c.Patience <= 0 {
		c.Patience = 30 * time.Second
	}
	if c.Currency == "" {
		c.Currency = "USD"
	}
	if c.Zone == nil {
		c.Zone = time.FixedZone("UTC+8", 8*60*60)
	}
	return c.Faults.check()
}

// setting looks an endpoint up in a table whose "" entry stands for the rest.
func setting[T any](table map[string]T, ep string) T {
	if x, ok := table[ep]; ok {
		return x
	}
	return table[""]
}

// Transport gives the vendor as an in-process round tripper: no sockets, no
// goroutines, so that it runs under a synctest clock.
func (v *Vendor) Transport() http.RoundTripper { return transport{v} }

// SetFaults replaces all faults from the next request on.
func (v *Vendor) SetFaults(f Faults) { v.faults.Store(newFaultPlan(f)) }

// SetBalance sets the number of charged calls left; below zero there is no limit.
func (v *Vendor) SetBalance(calls int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.balance = max(calls, -1)
}

// SetRate replaces the hidden limit of one endpoint, 0 for none.
func (v *Vendor) SetRate(endpoint string, perSecond int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if d, ok := v.desks[endpoint]; ok {
		d.setRate(perSecond)
	}
}

// RevokeTokens ends the life of all tokens at once, whatever they were
// promised.
func (v *Vendor) RevokeTokens() {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.tokens)
}

// Complaints counts what a client did that this API's clients must not do:
// both_ids (two IDs in one request), foreign_token (a token taken to another
// endpoint), shared_connection (a connection for token and result calls alike),
// idempotency_key (a header that makes Go repeat the request),
// replayable (in-process only: a result request with GetBody, which Go may
// send twice), redirect_followed, secrets_to_images (a token, a cookie or a
// referrer in a request for an image).
func (v *Vendor) Complaints() map[string]int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return maps.Clone(v.complaints)
}

// now reads the vendor's clock. It keeps the monotonic reading, so that the
// limits do not stumble over a wall clock that is set back.
func (v *Vendor) now() time.Time { return time.Now().Add(v.cfg.ClockSkew).UTC() }
