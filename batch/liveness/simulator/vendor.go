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
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"liverecon/batch/liveness/simulator/internal/body"
	"liverecon/batch/liveness/simulator/internal/pipe"
)

// Basis names the vendor's true billing rule, which its pricing tag does not show: a repeated call for one ID is tagged
// PAY under both.
type Basis string

// The two bases; the empty one is PerCall.
const (
	PerCall Basis = "per-call" // every call that found a result is charged
	PerID   Basis = "per-id"   // only the first such call of an ID
)

// BusyStyle names how the vendor says that a limit was exceeded.
type BusyStyle int

// The styles; Busy429Bare has a text body without an envelope.
const (
	BusyBody200 BusyStyle = iota // SERVICE_BUSY in an envelope on HTTP 200
	Busy429Envelope
	Busy429Bare
)

// Credential represents a key pair of one account.
type Credential struct{ AccessKey, SecretKey string }

// DefaultCredential holds the pair a vendor without Config.Credentials knows. Of it only the secret counts: any
// non-empty access key will do.
var DefaultCredential = Credential{AccessKey: "simulated-access-key", SecretKey: "simulated-secret-key"}

// Config describes a vendor. Its zero value answers at once, limits nothing and makes no mistakes.
type Config struct {
	Seed uint64

	Latency       time.Duration // of every result call
	LatencyJitter time.Duration // added, uniform in [0,LatencyJitter)
	TokenLatency  time.Duration // of every token call
	Patience      time.Duration // what a client is thought to wait for an answer; 30 s if zero. See Late and SlowBody

	// Rate is the hidden limit per endpoint: result calls served in any half-open second. Calls above it are answered
	// busy, free, and do not count. "" stands for endpoints not named, 0 or no entry is no limit.
	Rate      map[string]int
	BusyStyle BusyStyle
	// DailyQuota is the number of result calls served per UTC day of the vendor's clock, keyed as Rate is.
	DailyQuota map[string]int

	// Balance is the number of charged calls the account opens with, those of Resume included; 0 or less is an account
	// without limit. See SetBalance.
	Balance int
	Billing Basis
	// OneTransaction gives all calls for an ID the same transaction ID.
	OneTransaction bool
	UnitPrice      map[string]string // decimal, per endpoint; a list price where there is none
	Currency       string            // USD if empty
	Zone           *time.Location    // of statement months and times; UTC+8 if nil

	TokenLife time.Duration // as the request's periodSecond asks if zero
	ClockSkew time.Duration // vendor's clock minus time.Now
	// Credentials per endpoint, "" for those not named; an endpoint without any is one the account is not valid for.
	// nil: see DefaultCredential.
	Credentials map[string]Credential

	Faults Faults
	// Story changes what is found in some photos; of several chapters about one the first counts. A vendor that resumes
	// a ledger needs the same story: it answers as before.
	Story []Chapter
	// Ledger gets each entry as a line of JSON in one Write before the answer leaves. When it fails the vendor serves
	// nothing any more.
	Ledger io.Writer
	// Resume is an earlier ledger to continue: charges, attempts, daily quota and numbering. It is not written to
	// Ledger again. Tokens are not in it: those of an earlier vendor are refused.
	Resume []Entry
}

// Vendor represents a simulated vendor; its methods may be called from any goroutine.
type Vendor struct {
	cfg         Config
	faults      atomic.Pointer[faultPlan]
	blanks      func() []byte   // gzip member of the padding of an oversize answer
	identity    func() identity // for connections that speak TLS
	complaints  complaints
	images      images
	connections connections

	mu     sync.Mutex // guards what follows; never held while time passes
	ledger ledger
	desks  map[string]*desk
	tokens tokens
}

var decimalNumber = regexp.MustCompile(`^[0-9]+(\.[0-9]+)?$`)

// New makes a vendor, or says what in the configuration it cannot use.
func New(cfg Config) (*Vendor, error) {
	if err := cfg.complete(); err != nil {
		return nil, fmt.Errorf("simulated vendor: %w", err)
	}
	v := &Vendor{
		cfg:         cfg,
		blanks:      sync.OnceValue(body.BombMiddle),
		identity:    sync.OnceValue(newIdentity),
		complaints:  complaints{counts: make(map[string]int)},
		images:      images{seed: cfg.Seed, requests: make(map[string]int)},
		connections: connections{answered: make(map[string][]delivered)},
		ledger:      ledger{out: cfg.Ledger, ids: make(map[string]history), balance: -1},
		desks:       make(map[string]*desk),
	}
	v.tokens = tokens{cfg: &v.cfg, complaints: &v.complaints, granted: make(map[string]grant)}
	if cfg.Balance > 0 {
		v.ledger.balance = cfg.Balance
	}
	for _, ep := range catalogue {
		v.desks[ep.name] = newDesk(setting(cfg.Rate, ep.name), setting(cfg.DailyQuota, ep.name))
	}
	v.SetFaults(cfg.Faults)
	if err := v.ledger.resume(cfg.Resume, v.desks); err != nil {
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

// Transport gives the vendor as an in-process round tripper: no sockets, no goroutines, so that it runs under a
// synctest clock.
func (v *Vendor) Transport() http.RoundTripper { return transport{v} }

// SetFaults replaces all faults from the next request on.
func (v *Vendor) SetFaults(f Faults) { v.faults.Store(newFaultPlan(f)) }

// SetBalance sets the number of charged calls left; below zero there is no limit.
func (v *Vendor) SetBalance(calls int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.ledger.balance = max(calls, -1)
}

// SetRate replaces the hidden limit of one endpoint, 0 for none.
func (v *Vendor) SetRate(endpoint string, perSecond int) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if d, ok := v.desks[endpoint]; ok {
		d.setRate(perSecond)
	}
}

// RevokeTokens ends the life of all tokens at once, whatever they were promised.
func (v *Vendor) RevokeTokens() {
	v.mu.Lock()
	defer v.mu.Unlock()
	clear(v.tokens.granted)
}

// Complaints counts what a client did that this API's clients must not do: both_ids (two IDs in one request),
// foreign_token (a token taken to another endpoint), shared_connection (a connection for token and result calls alike),
// idempotency_key (a header that makes Go repeat the request), replayable (in-process only: a result request with
// GetBody, which Go may send twice), redirect_followed, secrets_to_images (a token, a cookie or a referrer in a request
// for an image).
func (v *Vendor) Complaints() map[string]int { return v.complaints.all() }

// Unasked returns a copy of what was sent without being asked for, in that order.
func (v *Vendor) Unasked() []Sent {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.ledger.unasked)
}

// Entries returns a copy of the ledger in the order of serving.
func (v *Vendor) Entries() []Entry {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Clone(v.ledger.entries)
}

// Served returns the number of entries.
func (v *Vendor) Served() int {
	v.mu.Lock()
	defer v.mu.Unlock()
	return len(v.ledger.entries)
}

// BusiestSecond returns the largest number of result calls that arrived at an endpoint within any half-open second,
// those refused as busy and those answered by the gateway included.
func (v *Vendor) BusiestSecond(endpoint string) int {
	v.mu.Lock()
	defer v.mu.Unlock()
	if d, ok := v.desks[endpoint]; ok {
		return d.busiestSecond()
	}
	return 0
}

// SetImageFaults replaces the faults of images from the next request on: the probability of each per link (LinkPrivate)
// or per request for an image.
func (v *Vendor) SetImageFaults(probability map[Fault]float64) error {
	return v.images.setFaults(probability)
}

// ImageRequests counts the requests made for each image, by its path.
func (v *Vendor) ImageRequests() map[string]int { return v.images.counts() }

// RootCAs vouch for the vendor where Dial speaks TLS.
func (v *Vendor) RootCAs() *x509.CertPool { return v.identity().roots }

// Dial gives the vendor as a connection in memory, whatever the address; its port 443 speaks TLS (see RootCAs). It is a
// DialContext of net/http's Transport. Unlike Transport it has connections, with all the faults that can befall them,
// and a goroutine or two for each: they end when the client closes it, or with CloseConnections.
func (v *Vendor) Dial(ctx context.Context, _, addr string) (net.Conn, error) {
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	client, server := pipe.New()
	c := v.connections.add(v, server)
	client.GoingOut = func() { c.flush(next) }
	c.images = "https://" + imageHost
	if _, port, err := net.SplitHostPort(addr); err == nil && port == "443" {
		c.conn = tls.Server(server, v.identity().config)
	}
	go c.serve()
	return client, nil
}

// Serve serves the vendor on a listener until that is closed. Unlike a server of net/http with ServeHTTP it knows the
// faults of a connection.
func (v *Vendor) Serve(l net.Listener) error {
	for {
		conn, err := l.Accept()
		if err != nil {
			return err
		}
		go v.connections.add(v, conn).serve()
	}
}

// CloseConnections breaks all connections that Dial and Serve have made, and forgets the answers they carried: no copy
// of them will be sent.
func (v *Vendor) CloseConnections() {
	v.connections.forget()
	for _, c := range v.connections.list(func(*connection) bool { return true }) {
		c.end()
		_ = c.raw.Close() // that it breaks is the purpose
	}
}

// Shutdown ends connections as they become idle. When ctx ends before the last one did it breaks the others and returns
// ctx's error.
func (v *Vendor) Shutdown(ctx context.Context) error {
	for {
		for _, c := range v.connections.list(func(c *connection) bool { return !c.busy }) {
			c.end()
		}
		if len(v.connections.list(func(*connection) bool { return true })) == 0 {
			return nil
		}
		if err := pause(ctx, 10*time.Millisecond); err != nil {
			v.CloseConnections()
			return err
		}
	}
}

// Past serves a result call of an earlier day as it would have been served then, without a connection, a token, a limit
// or a wait. Of the entry it takes At, Endpoint, Kind, ID, Fault, and Region as the request says it. The body is nil
// where the answer was lost on its way. Calls may come in any order of time.
func (v *Vendor) Past(call Entry) (body []byte, err error) {
	x := &exchange{route: routeResult, ep: endpointNamed(call.Endpoint), method: http.MethodPost,
		images: "https://" + imageHost, ask: ask{kind: call.Kind, id: call.ID, region: call.Region}, fault: call.Fault,
		at: call.At, past: call.At}
	v.mu.Lock()
	x.try = v.ledger.try(call.ID)
	v.mu.Unlock()
	s, err := v.decide(x)
	if err != nil || effects[call.Fault].mangles {
		return nil, err
	}
	return envelope(&v.images, x, s), nil
}

// Continue takes an earlier ledger and the story it was told by as this vendor's own, as a new vendor does with
// Config.Resume and Config.Story. The vendor must not have served anything.
func (v *Vendor) Continue(entries []Entry, story []Chapter) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.cfg.Story = story
	return v.ledger.resume(entries, v.desks)
}

// chapterOf returns the chapter that an ID is of that was first asked for at a time, nil for none.
func (v *Vendor) chapterOf(first time.Time, id, region string) *Chapter {
	if two, ok := alpha3[region]; ok {
		region = two
	}
	for i := range v.cfg.Story {
		s := &v.cfg.Story[i]
		if s.Region == region && strings.HasPrefix(id, s.IDs) && !first.Before(s.From) && first.Before(s.To) {
			return s
		}
	}
	return nil
}

// ServeHTTP answers as the vendor behind a listener. The first path segment names the endpoint (/sg/intl/openapi/...);
// GET /meter and GET /statement stand beside them. Redirects go to the same listener by another name of this host, so
// that following them shows up in the ledger.
func (v *Vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxRequest+1))
	if err != nil {
		return // the client broke off in the middle of its request
	}
	x := v.open(request{method: r.Method, host: r.Host, url: r.URL, header: r.Header, body: body, images: "http://" +
		r.Host + imageRoot})
	if x.lostOnTheWay() {
		hangUp(w)
		return
	}
	if x.ep != nil {
		x.moved = "http://" + otherName(r.Host) + "/" + x.ep.name + x.path() + "?" + followed
	}
	rep := v.answer(x)
	if pause(r.Context(), rep.wait) != nil {
		return
	}
	switch rep.mangled {
	case Timeout:
		<-r.Context().Done()
	case ResetAfter:
		hangUp(w)
	case Truncated:
		breakOff(w, rep)
	default:
		send(r.Context(), w, rep)
	}
}

// now reads the vendor's clock. It keeps the monotonic reading, so that the limits do not stumble over a wall clock
// that is set back.
func (v *Vendor) now() time.Time { return time.Now().Add(v.cfg.ClockSkew).UTC() }

// complaints counts what clients did wrong.
type complaints struct {
	mu     sync.Mutex
	counts map[string]int
}

func (c *complaints) add(about string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.counts[about]++
}

func (c *complaints) all() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return maps.Clone(c.counts)
}
