package simulator

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"liverecon/batch/liveness/simulator/internal/dice"
)

// verdict holds what the vendor decides about a request.
type verdict struct {
	code, message string
	pricing       string // the tag told, "" for none
	billable      bool
	status        int
	bare          bool // no envelope
	retryAfter    string
	expires       time.Time // of a granted token
}

// sentence represents a verdict as it went into the ledger, with what its envelope needs.
type sentence struct {
	verdict verdict
	subject subject
	entry   Entry
	token   string
	photo   photo
}

var messages = map[string]string{
	codeSuccess:                "OK",
	codeNotExisted:             "Liveness id does not exist",
	codeNotFound:               "The requested resource was not found or has been deleted",
	codeParameter:              "Parameter error, please check your request whether has illegal parameters",
	"EMPTY_PARAMETER_ERROR":    "Parameter should not be empty",
	"ERROR":                    "Server error",
	codeRetryLater:             "Please try again later",
	codeProcessing:             "The request is being processed",
	codeIAM:                    "Certification failed, please check the token or the service's activation",
	codeInsufficient:           "Insufficient balance",
	"OVER_QUERY_LIMIT":         "Over query limit",
	"ACCOUNT_DISABLED":         "Account disabled",
	"SERVICE_DISABLED":         "Service disabled",
	"ACCESS_DENIED":            "Access denied",
	"CLIENT_ERROR":             "Client error",
	"LIVENESS_RESULT_ARCHIVED": "The result has been archived",
}

func refuse(code, message string) verdict {
	return verdict{code: code, message: message, pricing: "FREE"}
}

// decide judges a request and records it, at one instant under the lock.
func (v *Vendor) decide(x *exchange) (sentence, error) {
	region := x.ask.region
	if region == "" {
		region = x.ep.country
	}
	s := sentence{}
	transaction := x.throw(v.cfg.Seed, "transaction")
	if v.cfg.OneTransaction && x.route == routeResult && x.ask.id != "" {
		transaction = dice.Throw(v.cfg.Seed, "transaction", x.ask.id, 0)
	}
	e := Entry{
		Endpoint: x.ep.name, Kind: x.ask.kind, ID: x.ask.id, Region: region,
		TransactionID: transaction.Hex16(), Fault: x.fault, Try: x.try, Token: x.route == routeToken, Conn: x.conn,
		Untold: x.fault == NoTransaction || x.fault == LowerKeys || x.fault == TransactionTwice,
		Twice:  x.fault.twice(),
	}

	v.mu.Lock()
	defer v.mu.Unlock()
	now := v.now()
	if !x.past.IsZero() {
		now = x.past
	}
	d := v.desks[x.ep.name]
	if x.route == routeResult {
		d.arrive(x, now)
	}
	h := v.ledger.ids[e.ID]
	if h.first.IsZero() {
		h.first = now
	}
	var told *Chapter
	if x.route == routeResult && x.ask.wrong == "" {
		m := MarketOf(v.cfg.Seed, region)
		if told = v.chapterOf(h.first, e.ID, region); told != nil {
			m = told.Market
		}
		s.subject = examine(v.cfg.Seed, e.ID, m)
	}
	if v.ledger.err != nil {
		return s, errStopped
	}
	if e.Token {
		s.verdict, e.Region = v.tokens.judge(x, now), ""
	} else {
		s.verdict = v.judge(x, d, &s.subject, now)
		price(&v.cfg, h, &e, &s)
		s.photo = photograph(v.cfg.Seed, e.ID, told.taken(v.cfg.Seed, e.ID, h.first))
		e.Said = s.said(e.Fault)
	}
	if s.verdict.status == 0 {
		s.verdict.status = http.StatusOK
	}
	e.At, e.Code, e.Pricing = now.Round(0), s.verdict.code, s.verdict.pricing
	switch x.fault {
	case LowerCode:
		e.Code = strings.ToLower(e.Code)
	case LowerKeys: // under a name that says nothing
		e.Pricing = ""
	}
	e.Delivered, e.HTTPStatus = delivery(x.fault, s.verdict)
	if err := v.ledger.record(&e); err != nil {
		return s, err
	}
	if s.verdict.expires.After(now) {
		s.token = v.tokens.issue(x, s.verdict.expires)
	}
	s.entry = e
	return s, nil
}

// twice returns the field that a fault sends with two values, "" where it sends none.
func (f Fault) twice() string {
	switch f {
	case ScoreTwice, DataTwice:
		return "livenessScore"
	case AttackTwice:
		return "attackType"
	case PricingTwice:
		return "pricingStrategy"
	case TransactionTwice:
		return "transactionId"
	case CodeTwice:
		return "code"
	}
	return ""
}

// price applies the billing reading.
func price(cfg *Config, h history, e *Entry, s *sentence) {
	e.Attempt = h.served + 1
	e.Billable = s.verdict.billable
	e.Charged = e.Billable && (cfg.Billing == PerCall || !h.charged)
}

// judge decides a result call. The caller holds the lock.
func (v *Vendor) judge(x *exchange, d *desk, s *subject, now time.Time) verdict {
	forced := effects[x.fault].code
	switch {
	case forced == codeBusy:
		return forcedVerdict(&v.cfg, x, forced, now)
	case forced == codeIAM || x.past.IsZero() && !v.tokens.good(x, now):
		return refuse(codeIAM, messages[codeIAM])
	case x.past.IsZero() && d.overRate(now):
		return busy(&v.cfg, x, "Too many requests, please slow down")
	case d.overQuota(now):
		out := busy(&v.cfg, x, "The daily request limit has been reached")
		out.retryAfter = ""
		return out
	}
	d.admit(now)
	forceScore(x.fault, s)
	switch {
	case x.ask.wrong != "":
		return refuse(codeParameter, x.ask.wrong)
	case v.ledger.balance == 0:
		return refuse(codeInsufficient, messages[codeInsufficient])
	case forced == codeSuccess:
		forceContent(x.fault, s)
		return success(v.cfg.Seed, x)
	case forced != "":
		return forcedVerdict(&v.cfg, x, forced, now)
	case s.code == codeSuccess:
		return success(v.cfg.Seed, x)
	}
	return refuse(s.code, messages[s.code])
}

// success returns the verdict on a call that finds a result, with the tag and the charge of the pricing faults.
func success(seed uint64, x *exchange) verdict {
	out := verdict{code: codeSuccess, message: "OK", pricing: "PAY", billable: true}
	switch x.fault {
	case UnknownPricing:
		d := x.throw(seed, "maybe")
		out.pricing, out.billable = "MAYBE", d.Chance(.5)
	case MissingPricing:
		out.pricing = ""
	case PricingTwice:
		d := x.throw(seed, "twice")
		out.billable = d.Chance(.5)
		if d.Chance(.5) {
			out.pricing = "FREE"
		}
	}
	return out
}

// forcedVerdict returns the verdict a fault of the code brings.
func forcedVerdict(cfg *Config, x *exchange, code string, now time.Time) verdict {
	if code == codeBusy {
		return busy(cfg, x, "Service busy, please try again later")
	}
	out := refuse(code, messages[code])
	if effects[x.fault].paid {
		out.pricing, out.billable = "PAY", true
	}
	if code == codeRetryLater {
		out.retryAfter = retryAfter(cfg.Seed, x, now)
	}
	return out
}

func busy(cfg *Config, x *exchange, message string) verdict {
	out := refuse(codeBusy, message)
	d := x.throw(cfg.Seed, "busy")
	if cfg.BusyStyle != BusyBody200 {
		out.status = http.StatusTooManyRequests
		out.bare = cfg.BusyStyle == Busy429Bare
	}
	if d.Chance(.5) && !out.bare { // most gateways do not say for how long
		out.retryAfter = "1"
	}
	if out.bare {
		out.pricing = ""
	}
	return out
}

// retryAfter asks for 1 to 10 seconds in one of the forms the vendor uses.
func retryAfter(seed uint64, x *exchange, now time.Time) string {
	d := x.throw(seed, "retry-after")
	seconds := 1 + d.Below(10)
	digits := strconv.Itoa(seconds)
	switch d.Below(4) {
	case 0:
		return digits + "s"
	case 1:
		return " :" + digits + "s"
	case 2:
		return now.Add(time.Duration(seconds) * time.Second).Format(http.TimeFormat)
	}
	return digits
}

// delivery describes how an answer leaves, and under which HTTP status, 0 for none.
func delivery(f Fault, out verdict) (string, int) {
	switch f {
	case ResetAfter, Timeout:
		return string(f), 0
	case HTML502:
		return string(f), http.StatusBadGateway
	case HTML200, Empty200:
		return string(f), http.StatusOK
	}
	switch {
	case effects[f].mangles:
		return string(f), out.status
	case out.bare:
		return TurnedAway, out.status
	}
	return Whole, out.status
}
