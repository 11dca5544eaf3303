package simulator

import (
	"fmt"
	"maps"
	"slices"

	"liverecon/batch/liveness/simulator/internal/dice"
)

// Fault names one way a call goes wrong. Each is drawn for one try of one ID.
//
// "Served" means the vendor has answered the request and written it to its ledger, charged if the answer is one it
// charges for, whatever then happens to the answer. A fault that only changes the answer's content is delivered whole.
type Fault string

// Faults on the way in: the vendor has never seen the request, nothing is charged and the ledger has no row. A listener
// cannot fail a dial, so there the first three close the connection as ResetBefore does.
const (
	DNS         Fault = "dns"          // the host does not resolve (*net.DNSError); no connection
	Refused     Fault = "refused"      // ECONNREFUSED in a *net.OpError; no connection
	TLS         Fault = "tls"          // tls.RecordHeaderError; no connection usable for a request
	ResetBefore Fault = "reset_before" // connection made, then closed before the vendor read the request
)

// Faults of the gateway in front of the vendor.
const (
	HTML502 Fault = "html502" // HTTP 502 with a page; drawn: served behind the gateway, or never passed on
	HTML200 Fault = "html200" // HTTP 200 with a page; drawn as for html502
	// 307, or drawn 301, 302, 303, 308, to another host, which serves what follows it; not served
	Redirect Fault = "redirect"
)

// Faults on the way out: the request is served, and charged if it would have been. The answer is lost or mangled.
const (
	ResetAfter Fault = "reset_after" // the connection breaks instead of the answer
	Timeout    Fault = "timeout"     // the answer never comes
	Late       Fault = "late"        // the answer comes after twice Config.Patience
	Truncated  Fault = "truncated"   // the body ends early, against its Content-Length
	Empty200   Fault = "empty200"    // HTTP 200 with no body
	Oversize   Fault = "oversize"    // a valid envelope of more than 32 MiB, blanks for the most part
	GzipBomb   Fault = "gzip_bomb"   // the same under Content-Encoding: gzip, some 40 KiB on the wire
	SlowBody   Fault = "slow_body"   // the body drips; drawn: done in half of Config.Patience, or in twice as long
	Naked      Fault = "naked"       // the data, without the envelope around it
)

// Faults in the answer's code: served; free unless the comment says charged.
const (
	UnknownCode         Fault = "unknown_code"         // a code no page lists, tagged FREE
	UnknownCodePaid     Fault = "unknown_code_paid"    // the same tagged PAY: charged
	ErrorFree           Fault = "error"                // ERROR, FREE
	ErrorPaid           Fault = "error_paid"           // ERROR tagged PAY: charged
	RetryLater          Fault = "retry_later"          // RETRY_LATER with Retry-After in one of four forms
	Processing          Fault = "processing"           // REQUEST_IN_PROCESSING
	Busy                Fault = "busy"                 // SERVICE_BUSY in the configured style
	IAMOnce             Fault = "iam_once"             // IAM_FAILED on the ID's first try, nothing later
	IAMAlways           Fault = "iam_always"           // IAM_FAILED
	ParamError          Fault = "param_error"          // PARAMETER_ERROR
	EmptyParam          Fault = "empty_param"          // EMPTY_PARAMETER_ERROR
	NotFound            Fault = "not_found"            // RESULT_NOT_FOUND
	NotExist            Fault = "not_exist"            // LIVENESS_ID_NOT_EXISTED
	NotExistPaid        Fault = "not_exist_paid"       // the same tagged PAY: charged
	NotFoundPaid        Fault = "not_found_paid"       // RESULT_NOT_FOUND tagged PAY: charged
	InsufficientBalance Fault = "insufficient_balance" // INSUFFICIENT_BALANCE
	OverQueryLimit      Fault = "over_query_limit"     // OVER_QUERY_LIMIT
	AccountDisabled     Fault = "account_disabled"     // ACCOUNT_DISABLED
	ServiceDisabled     Fault = "service_disabled"     // SERVICE_DISABLED
	AccessDenied        Fault = "access_denied"        // ACCESS_DENIED
	ClientError         Fault = "client_error"         // CLIENT_ERROR
)

// Faults in the content of a SUCCESS: served and charged, except UnknownPricing and PricingTwice, where a draw decides
// what the vendor charges.
const (
	UnknownPricing Fault = "unknown_pricing" // pricingStrategy MAYBE
	MissingPricing Fault = "missing_pricing" // no pricingStrategy
	Score50        Fault = "score_50"        // exactly 50
	ScoreNegative  Fault = "score_neg"       // -1
	ScoreOver      Fault = "score_over"      // 100.01
	ScoreString    Fault = "score_string"    // "99"
	ScoreNull      Fault = "score_null"      // null
	ScoreMissing   Fault = "score_missing"   // no livenessScore
	AttackPassing  Fault = "attack_passing"  // attackType 1 beside a score of 87.5
	AttackString   Fault = "attack_string"   // "3", score 12.5
	AttackNumber   Fault = "attack_number"   // 3, score 12.5
	AttackOther    Fault = "attack_other"    // 7, score 12.5
	NewField       Fault = "new_field"       // a field of data that no page lists
	ScoreLater     Fault = "score_later"     // null on the ID's first two tries, its score from then on
	DataEmpty      Fault = "data_empty"      // data {}
	DataNull       Fault = "data_null"       // data null
	DataNulls      Fault = "data_nulls"      // every documented field of data null
	NoTransaction  Fault = "no_transaction"  // no transactionId
)

// Faults of spelling: served, and charged as without them.
const (
	LowerCode Fault = "lower_code" // the code, whatever it is, in lower case
	LowerKeys Fault = "lower_keys" // the names of all fields in lower case
)

// Faults of fields that come twice. Where the values differ the ledger's entry names the field, see Entry.Twice.
const (
	Repeated         Fault = "repeated"          // every field of the envelope and of data, with the same value: charged as without it
	ScoreTwice       Fault = "score_twice"       // livenessScore, the right one and another or null, in either order
	AttackTwice      Fault = "attack_twice"      // attackType 1 and 2, score 12.5
	DataTwice        Fault = "data_twice"        // data, and data with nothing but another score
	PricingTwice     Fault = "pricing_twice"     // pricingStrategy PAY and FREE in either order; drawn: charged or not
	TransactionTwice Fault = "transaction_twice" // transactionId
	CodeTwice        Fault = "code_twice"        // SUCCESS and ERROR: no envelope that tells what became of the call
)

// Faults of the scores alone: an ID without a result has none either way. Under Down they are a vendor that has changed
// its API.
const (
	Score0   Fault = "score_0"   // 0, whatever it was
	Score100 Fault = "score_100" // 100, whatever it was
	ScoreOne Fault = "score_one" // within 0..1 instead of 0..100
)

type stage int

const (
	onTheWay  stage = iota // never reaches the vendor
	atGateway              // answered in front of the vendor
	drawn                  // one of atGateway and served
	served
)

type effect struct {
	stage   stage
	mangles bool   // the envelope does not arrive whole
	code    string // forced on the answer; "" leaves it
	paid    bool   // the forced code is tagged PAY
	token   bool   // can also befall a token request
	surplus bool   // of the connection: see Copy
}

var effects = map[Fault]effect{
	DNS:         {stage: onTheWay, token: true},
	Refused:     {stage: onTheWay, token: true},
	TLS:         {stage: onTheWay, token: true},
	ResetBefore: {stage: onTheWay, token: true},

	HTML502:  {stage: drawn, mangles: true, token: true},
	HTML200:  {stage: drawn, mangles: true, token: true},
	Redirect: {stage: atGateway, token: true},

	ResetAfter: {stage: served, mangles: true, token: true},
	Timeout:    {stage: served, mangles: true, token: true},
	Late:       {stage: served, mangles: true, token: true},
	Truncated:  {stage: served, mangles: true, token: true},
	Empty200:   {stage: served, mangles: true, token: true},
	Oversize:   {stage: served, mangles: true, token: true},
	GzipBomb:   {stage: served, mangles: true, token: true},
	SlowBody:   {stage: served, mangles: true, token: true},
	Naked:      {stage: served, mangles: true, token: true},

	UnknownCode:         {stage: served, code: "LIVENESS_RESULT_ARCHIVED", token: true},
	UnknownCodePaid:     {stage: served, code: "LIVENESS_RESULT_ARCHIVED", paid: true},
	ErrorFree:           {stage: served, code: "ERROR", token: true},
	ErrorPaid:           {stage: served, code: "ERROR", paid: true},
	RetryLater:          {stage: served, code: codeRetryLater, token: true},
	Processing:          {stage: served, code: codeProcessing},
	Busy:                {stage: served, code: codeBusy, token: true},
	IAMOnce:             {stage: served, code: codeIAM},
	IAMAlways:           {stage: served, code: codeIAM},
	ParamError:          {stage: served, code: codeParameter, token: true},
	EmptyParam:          {stage: served, code: "EMPTY_PARAMETER_ERROR", token: true},
	NotFound:            {stage: served, code: codeNotFound},
	NotExist:            {stage: served, code: codeNotExisted},
	NotExistPaid:        {stage: served, code: codeNotExisted, paid: true},
	NotFoundPaid:        {stage: served, code: codeNotFound, paid: true},
	InsufficientBalance: {stage: served, code: codeInsufficient},
	OverQueryLimit:      {stage: served, code: "OVER_QUERY_LIMIT"},
	AccountDisabled:     {stage: served, code: "ACCOUNT_DISABLED", token: true},
	ServiceDisabled:     {stage: served, code: "SERVICE_DISABLED", token: true},
	AccessDenied:        {stage: served, code: "ACCESS_DENIED", token: true},
	ClientError:         {stage: served, code: "CLIENT_ERROR", token: true},

	UnknownPricing: {stage: served, code: codeSuccess, paid: true},
	MissingPricing: {stage: served, code: codeSuccess, paid: true},
	Score50:        {stage: served, code: codeSuccess, paid: true},
	ScoreNegative:  {stage: served, code: codeSuccess, paid: true},
	ScoreOver:      {stage: served, code: codeSuccess, paid: true},
	ScoreString:    {stage: served, code: codeSuccess, paid: true},
	ScoreNull:      {stage: served, code: codeSuccess, paid: true},
	ScoreMissing:   {stage: served, code: codeSuccess, paid: true},
	AttackPassing:  {stage: served, code: codeSuccess, paid: true},
	AttackString:   {stage: served, code: codeSuccess, paid: true},
	AttackNumber:   {stage: served, code: codeSuccess, paid: true},
	AttackOther:    {stage: served, code: codeSuccess, paid: true},
	NewField:       {stage: served, code: codeSuccess, paid: true},
	ScoreLater:     {stage: served, code: codeSuccess, paid: true},
	DataEmpty:      {stage: served, code: codeSuccess, paid: true},
	DataNull:       {stage: served, code: codeSuccess, paid: true},
	DataNulls:      {stage: served, code: codeSuccess, paid: true},
	NoTransaction:  {stage: served, code: codeSuccess, paid: true},

	Repeated:         {stage: served},
	ScoreTwice:       {stage: served, code: codeSuccess, paid: true},
	AttackTwice:      {stage: served, code: codeSuccess, paid: true},
	DataTwice:        {stage: served, code: codeSuccess, paid: true},
	PricingTwice:     {stage: served, code: codeSuccess, paid: true},
	TransactionTwice: {stage: served, code: codeSuccess, paid: true},
	CodeTwice:        {stage: served, mangles: true, code: codeSuccess, paid: true},

	LowerCode: {stage: served},
	LowerKeys: {stage: served},

	Score0:   {stage: served},
	Score100: {stage: served},
	ScoreOne: {stage: served},

	Copy:      {stage: served, surplus: true, token: true},
	CopyOther: {stage: served, surplus: true, token: true},
	CopyToken: {stage: served, surplus: true},
	// nothing comes before a first answer
	CopyEarlier: {stage: served, surplus: true},
	StrayNew:    {stage: served, surplus: true, token: true},
	StrayPage:   {stage: served, surplus: true, token: true},
	StrayEmpty:  {stage: served, surplus: true, token: true},
	Stray204:    {stage: served, surplus: true, token: true},
	StrayPart:   {stage: served, surplus: true, token: true},
	StrayByte:   {stage: served, surplus: true, token: true},
	StrayLine:   {stage: served, surplus: true, token: true},
	HangUp:      {stage: served, surplus: true, token: true},
}

// AllFaults lists every fault in alphabetical order, those of connections without a moment.
func AllFaults() []Fault { return slices.Sorted(maps.Keys(effects)) }

// Faults describes which calls go wrong and how. For each try the first of Script, Down, Always and Probability that
// names a fault decides. A fault no list knows is answered with HTTP 500 and not served.
type Faults struct {
	// Probability of each fault per try of an ID, in [0,1], together at most 1.
	Probability map[Fault]float64
	// TokenProbability is the same for token requests, which Probability leaves alone.
	TokenProbability map[Fault]float64
	// Always gives every try of an ID the same fault.
	Always map[string]Fault
	// Down gives every call of an endpoint the same fault, token requests included as far as the fault can befall them
	// (not those of the IAM kind, nor those in a result's content).
	Down map[string]Fault
	// Script is asked for each try, token requests with an empty ID; "" leaves the choice to the others. attempt counts
	// from 1, per ID (token requests: per endpoint), tries that never reached the vendor included. It is called from
	// many goroutines at once.
	Script func(endpoint, id string, attempt int) Fault
}

func (f Faults) check() error {
	for _, table := range []map[Fault]float64{f.Probability, f.TokenProbability} {
		sum := 0.0
		for fault, p := range table {
			if !fault.Known() {
				return fmt.Errorf("unknown fault %q", fault)
			}
			if !(p >= 0 && p <= 1) {
				return fmt.Errorf("fault %s: probability %v outside 0..1", fault, p)
			}
			sum += p
		}
		if sum > 1+1e-9 {
			return fmt.Errorf("probabilities of faults sum to %v, more than 1", sum)
		}
	}
	for _, table := range []map[string]Fault{f.Always, f.Down} {
		for key, fault := range table {
			if !fault.Known() {
				return fmt.Errorf("unknown fault %q for %q", fault, key)
			}
		}
	}
	return nil
}

type odds struct {
	fault Fault
	upTo  float64
}

// faultPlan holds Faults made ready to draw from: maps have no order, a draw needs one.
type faultPlan struct {
	Faults
	result, token []odds
}

func newFaultPlan(f Faults) *faultPlan {
	f.Always, f.Down = maps.Clone(f.Always), maps.Clone(f.Down)
	return &faultPlan{Faults: f, result: cumulate(f.Probability), token: cumulate(f.TokenProbability)}
}

// mayDraw reports that a try may have a fault, at whatever moment.
func (p *faultPlan) mayDraw(f Fault) bool {
	is := func(of Fault) bool { base, _ := of.split(); return base == f }
	for _, table := range []map[string]Fault{p.Always, p.Down} {
		for _, fault := range table {
			if is(fault) {
				return true
			}
		}
	}
	return p.Script != nil || slices.ContainsFunc(p.result, func(o odds) bool { return is(o.fault) })
}

func cumulate(p map[Fault]float64) []odds {
	var table []odds
	sum := 0.0
	for _, fault := range slices.Sorted(maps.Keys(p)) {
		sum += p[fault]
		table = append(table, odds{fault, sum})
	}
	return table
}

// pick names the fault of one try, "" for none. key is the ID, or the endpoint's name for a token request.
func (p *faultPlan) pick(seed uint64, ep, id string, try int, token bool) Fault {
	key, table := id, p.result
	if token {
		key, table = "token/"+ep, p.token
	}
	fault := p.named(ep, id, try)
	if fault == "" && len(table) > 0 {
		d := dice.Throw(seed, "fault", key, try)
		u := d.Unit()
		i := slices.IndexFunc(table, func(o odds) bool { return u < o.upTo })
		if i >= 0 {
			fault = table[i].fault
		}
	}
	e, known := effectOf(fault)
	switch {
	case token && known && !e.token, fault == IAMOnce && try > 1, fault == ScoreLater && try > 2:
		return ""
	}
	return fault
}

func (p *faultPlan) named(ep, id string, try int) Fault {
	if p.Script != nil {
		if f := p.Script(ep, id, try); f != "" {
			return f
		}
	}
	if f := p.Down[ep]; f != "" {
		return f
	}
	return p.Always[id]
}
