package simulator

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"liverecon/batch/liveness/simulator/internal/body"
	"liverecon/batch/liveness/simulator/internal/dice"
)

// followed holds the query by which a request shows that it came over a redirect.
const followed = "from=gateway"

// maxRequest bounds what the vendor reads of a request's body, in bytes.
const maxRequest = 64 << 10

type route int

const (
	routeNone route = iota
	routeResult
	routeToken
	routeMeter
	routeStatement
	routeImage
)

// exchange describes one request on its way through the vendor.
type exchange struct {
	route  route
	ep     *endpoint
	method string
	query  url.Values
	body   []byte // of a token request
	token  string
	ask    ask
	try    int
	fault  Fault
	behind bool      // a gateway's page hides an answer that was served
	moved  string    // where a redirect points
	images string    // where links to images begin
	image  string    // path of the image that is asked for
	conn   uint64    // number of the connection, 0 for none
	at     time.Time // when its last byte had come; zero: as it is served
	past   time.Time // when it was served, of a call of an earlier day; zero: now
}

// request holds what a transport or a listener hands over.
type request struct {
	method, host string
	url          *url.URL
	header       http.Header
	body         []byte
	moved        string
	images       string
	conn         uint64
	at           time.Time // when its last byte had come; zero: as it is served
}

// open reads a request, counts the try and draws its fault.
func (v *Vendor) open(r request) *exchange {
	x := &exchange{method: r.method, moved: r.moved, images: r.images, conn: r.conn, at: r.at}
	if r.url.RawQuery == followed {
		v.complaints.add("redirect_followed")
	}
	var path string
	x.ep, path = locate(r.host, r.url.Path)
	switch {
	case x.ep == nil && r.method == http.MethodGet && r.imagePath() != "":
		x.route, x.image, x.query = routeImage, r.imagePath(), r.url.Query()
		if r.header["X-Access-Token"] != nil || r.header["Authorization"] != nil || r.header["Cookie"] != nil ||
			r.header["Referer"] != nil {
			v.complaints.add("secrets_to_images")
		}
	case x.ep == nil && r.url.Path == "/meter":
		x.route = routeMeter
	case x.ep == nil && r.url.Path == "/statement":
		x.route, x.query = routeStatement, r.url.Query()
	case x.ep != nil && path == tokenPath:
		x.route, x.body = routeToken, r.body
	case x.ep != nil && path == x.ep.path:
		x.route = routeResult
		x.token = r.header.Get("X-ACCESS-TOKEN")
		x.ask = readAsk(x.ep, r.header.Get("Content-Type"), r.body)
	}
	if x.method != http.MethodPost || x.route != routeResult && x.route != routeToken {
		return x
	}
	v.count(x, r.header)
	x.fault = v.faults.Load().pick(v.cfg.Seed, x.ep.name, x.ask.id, x.try, x.route == routeToken)
	d := x.throw(v.cfg.Seed, "behind")
	x.behind = effects[x.fault].stage == drawn && d.Chance(.5)
	return x
}

// imagePath returns the path of an image below the host or root of images, "" for a request that is not for one.
func (r *request) imagePath() string {
	if r.host == imageHost {
		return r.url.Path
	}
	path, found := strings.CutPrefix(r.url.Path, imageRoot+"/")
	if !found {
		return ""
	}
	return "/" + path
}

// count numbers the try of a call and notes what its client does wrong.
func (v *Vendor) count(x *exchange, header http.Header) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if x.route == routeToken {
		d := v.desks[x.ep.name]
		d.tokenTries++
		x.try = d.tokenTries
		return
	}
	x.try = v.ledger.try(x.ask.id)
	if x.ask.bothIDs {
		v.complaints.add("both_ids")
	}
	if header["Idempotency-Key"] != nil || header["X-Idempotency-Key"] != nil {
		v.complaints.add("idempotency_key")
	}
}

// throw gives the dice of one decision about this try.
func (x *exchange) throw(seed uint64, subject string) dice.Dice {
	id := x.ask.id
	if x.route == routeToken {
		id = "token/" + x.ep.name
	}
	return dice.Throw(seed, subject, id, x.try)
}

// lostOnTheWay reports that the vendor never sees this request.
func (x *exchange) lostOnTheWay() bool {
	e, ok := effectOf(x.fault)
	return ok && e.stage == onTheWay
}

// reply holds what the vendor's side sends back for an exchange.
type reply struct {
	mangled Fault         // how the answer is lost or damaged, "" if not
	wait    time.Duration // before anything of it leaves
	status  int
	header  http.Header
	body    []byte
	closed  bool          // a broken connection ends in EOF, not in a reset
	cut     int           // bytes of a truncated body that arrive
	drip    time.Duration // duration of a slow body

	transaction string // of the envelope
}

// answer carries an exchange through gateway and vendor. It returns at once; the delays are the reply's.
func (v *Vendor) answer(x *exchange) reply {
	switch x.route {
	case routeNone:
		return page(v.now(), http.StatusNotFound)
	case routeMeter:
		return answerMeter(v)
	case routeStatement:
		return answerStatement(v, x.query)
	case routeImage:
		return answerImage(v, x)
	}
	if x.method != http.MethodPost {
		return page(v.now(), http.StatusMethodNotAllowed)
	}
	e, known := effectOf(x.fault)
	switch {
	case x.fault != "" && !known:
		return plain(v.now(), http.StatusInternalServerError, "simulator: unknown fault "+string(x.fault))
	case e.stage == atGateway || e.stage == drawn && !x.behind:
		return v.gateway(x)
	}
	return v.serve(x)
}

// gateway answers in front of the vendor: the request has arrived, but nobody served it.
func (v *Vendor) gateway(x *exchange) reply {
	v.mu.Lock()
	if x.route == routeResult {
		d := v.desks[x.ep.name]
		d.arrive(x, v.now())
	}
	v.mu.Unlock()
	rep := page(v.now(), http.StatusBadGateway)
	switch x.fault {
	case HTML200:
		rep = page(v.now(), http.StatusOK)
	case Redirect:
		d := x.throw(v.cfg.Seed, "redirect")
		statuses := []int{307, 301, 307, 302, 307, 303, 307, 308}
		rep = page(v.now(), statuses[d.Below(len(statuses))])
		rep.header.Set("Location", x.moved)
	}
	rep.wait = v.cfg.latency(x)
	return rep
}

// serve lets the vendor decide and record the request, and makes its answer ready to leave.
func (v *Vendor) serve(x *exchange) reply {
	s, err := v.decide(x)
	if err != nil {
		return plain(v.now(), http.StatusInternalServerError, "simulator: "+err.Error())
	}
	rep := reply{
		wait:   v.cfg.latency(x),
		status: s.verdict.status,
		header: header(v.now(), "application/json;charset=UTF-8"),
		body:   envelope(&v.images, x, s),

		transaction: s.entry.TransactionID,
	}
	if s.verdict.retryAfter != "" {
		rep.header["Retry-After"] = []string{s.verdict.retryAfter}
	}
	if s.verdict.bare {
		rep.header.Set("Content-Type", "text/plain")
		rep.body = []byte("Too Many Requests\n")
	}
	if effects[x.fault].mangles {
		v.mangle(x, &rep)
	}
	return rep
}

// mangle applies a fault of the way back to a finished answer.
func (v *Vendor) mangle(x *exchange, rep *reply) {
	rep.mangled = x.fault
	d := x.throw(v.cfg.Seed, "mangle")
	switch x.fault {
	case HTML502, HTML200:
		status := map[Fault]int{HTML502: http.StatusBadGateway, HTML200: http.StatusOK}[x.fault]
		wait := rep.wait
		*rep = page(v.now(), status)
		rep.wait, rep.mangled = wait, x.fault
	case Empty200:
		rep.status, rep.body = http.StatusOK, nil
	case ResetAfter:
		rep.closed = d.Chance(.5)
	case Late:
		rep.wait = 2 * v.cfg.Patience
	case Truncated:
		rep.cut = d.Below(len(rep.body))
	case SlowBody:
		rep.drip = v.cfg.Patience / 2
		if d.Chance(.5) {
			rep.drip = 2 * v.cfg.Patience
		}
	case GzipBomb:
		rep.header.Set("Content-Encoding", "gzip")
		rep.body = body.Bomb(rep.body, v.blanks())
	}
}

// latency returns how long the answer to this try takes.
func (c *Config) latency(x *exchange) time.Duration {
	if x.route == routeToken {
		return c.TokenLatency
	}
	if c.LatencyJitter == 0 {
		return c.Latency
	}
	d := x.throw(c.Seed, "latency")
	return c.Latency + time.Duration(d.Unit()*float64(c.LatencyJitter))
}

func header(now time.Time, contentType string) http.Header {
	return http.Header{
		"Content-Type": {contentType},
		"Date":         {now.Format(http.TimeFormat)},
	}
}

func plain(now time.Time, status int, body string) reply {
	return reply{status: status, header: header(now, "text/plain; charset=utf-8"), body: []byte(body + "\n")}
}

// page returns HTML as a web server or gateway in front writes it.
func page(now time.Time, status int) reply {
	title := http.StatusText(status)
	if status == http.StatusOK {
		title = "Service maintenance"
	}
	return reply{
		status: status,
		header: header(now, "text/html; charset=utf-8"),
		body: []byte("<html>\r\n<head><title>" + title + "</title></head>\r\n<body><center><h1>" + title +
			"</h1></center></body>\r\n</html>\r\n"),
	}
}
