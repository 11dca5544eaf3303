package simulator_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"liverecon/batch/liveness/simulator"
)

func isDNS(err error) bool     { _, ok := errors.AsType[*net.DNSError](err); return ok }
func isTLS(err error) bool     { _, ok := errors.AsType[tls.RecordHeaderError](err); return ok }
func isRefused(err error) bool { return errors.Is(err, syscall.ECONNREFUSED) }
func isReset(err error) bool   { return errors.Is(err, syscall.ECONNRESET) }
func isBroken(err error) bool  { return isReset(err) || errors.Is(err, io.EOF) }
func isLate(err error) bool    { return errors.Is(err, context.DeadlineExceeded) }

// outcome represents what a fault must look like to the client and in the ledger.
type outcome struct {
	rows, charged int                  // of one call; -1 if drawn
	delivered     string               // of the row
	err           func(error) bool     // of the round trip, nil for none
	check         func(a answer) error // of the answer, nil for none
	envelope      bool                 // a whole envelope arrives
}

func has(parts ...string) func(answer) error {
	return func(a answer) error {
		for _, part := range parts {
			if !strings.Contains(string(a.body), part) {
				return fmt.Errorf("%q not in %d %.300s", part, a.status, a.body)
			}
		}
		return nil
	}
}

func bodyEnds(want error) func(answer) error {
	return func(a answer) error {
		if !errors.Is(a.bodyErr, want) {
			return fmt.Errorf("body ended with %w, want %w", a.bodyErr, want)
		}
		return nil
	}
}

func free(parts ...string) outcome {
	return outcome{rows: 1, delivered: simulator.Whole, envelope: true, check: has(append(parts, `"pricingStrategy":"FREE"`, `"data":null`)...)}
}

func paid(parts ...string) outcome {
	return outcome{rows: 1, charged: 1, delivered: simulator.Whole, envelope: true, check: has(parts...)}
}

func lost(f simulator.Fault, err func(error) bool) outcome {
	return outcome{rows: 1, charged: 1, delivered: string(f), err: err}
}

var faultOutcomes = map[simulator.Fault]outcome{
	simulator.DNS:         {err: isDNS},
	simulator.Refused:     {err: isRefused},
	simulator.TLS:         {err: isTLS},
	simulator.ResetBefore: {err: isReset},

	simulator.HTML502:  {rows: -1, charged: -1, check: has("<html>", "Bad Gateway")},
	simulator.HTML200:  {rows: -1, charged: -1, check: has("<html>", "maintenance")},
	simulator.Redirect: {check: has("<html>")},

	simulator.ResetAfter: lost(simulator.ResetAfter, isBroken),
	simulator.Timeout:    lost(simulator.Timeout, isLate),
	simulator.Late:       lost(simulator.Late, isLate),
	simulator.Truncated:  {rows: 1, charged: 1, delivered: "truncated", check: bodyEnds(io.ErrUnexpectedEOF)},
	simulator.Empty200:   {rows: 1, charged: 1, delivered: "empty200", check: isEmpty},
	simulator.Oversize:   {rows: 1, charged: 1, delivered: "oversize", check: has(`"code":"SUCCESS"`, strings.Repeat(" ", 10000))},
	simulator.GzipBomb:   {rows: 1, charged: 1, delivered: "gzip_bomb", check: isBomb},
	simulator.SlowBody:   {rows: 1, charged: 1, delivered: "slow_body"},
	simulator.Naked:      {rows: 1, charged: 1, delivered: "naked", check: naked},

	simulator.UnknownCode:         free("LIVENESS_RESULT_ARCHIVED"),
	simulator.UnknownCodePaid:     paid("LIVENESS_RESULT_ARCHIVED", `"pricingStrategy":"PAY"`),
	simulator.ErrorFree:           free(`"code":"ERROR"`),
	simulator.ErrorPaid:           paid(`"code":"ERROR"`, `"pricingStrategy":"PAY"`, `"data":null`),
	simulator.NotFoundPaid:        paid("RESULT_NOT_FOUND", `"pricingStrategy":"PAY"`),
	simulator.NotExistPaid:        paid("LIVENESS_ID_NOT_EXISTED", `"pricingStrategy":"PAY"`),
	simulator.RetryLater:          free("RETRY_LATER"),
	simulator.Processing:          free("REQUEST_IN_PROCESSING"),
	simulator.Busy:                free("SERVICE_BUSY"),
	simulator.IAMOnce:             free("IAM_FAILED"),
	simulator.IAMAlways:           free("IAM_FAILED"),
	simulator.ParamError:          free(`"PARAMETER_ERROR"`),
	simulator.EmptyParam:          free("EMPTY_PARAMETER_ERROR"),
	simulator.NotFound:            free("RESULT_NOT_FOUND"),
	simulator.NotExist:            free("LIVENESS_ID_NOT_EXISTED"),
	simulator.InsufficientBalance: free("INSUFFICIENT_BALANCE"),
	simulator.OverQueryLimit:      free("OVER_QUERY_LIMIT"),
	simulator.AccountDisabled:     free("ACCOUNT_DISABLED"),
	simulator.ServiceDisabled:     free("SERVICE_DISABLED"),
	simulator.AccessDenied:        free("ACCESS_DENIED"),
	simulator.ClientError:         free("CLIENT_ERROR"),

	simulator.UnknownPricing:   {rows: 1, charged: -1, delivered: simulator.Whole, envelope: true, check: has(`"pricingStrategy":"MAYBE"`, `"SUCCESS"`)},
	simulator.MissingPricing:   {rows: 1, charged: 1, delivered: simulator.Whole, envelope: true, check: lacks("pricingStrategy")},
	simulator.Score50:          paid(`"livenessScore":50`, `"attackType":null`),
	simulator.ScoreNegative:    paid(`"livenessScore":-1`),
	simulator.ScoreOver:        paid(`"livenessScore":100.01,`),
	simulator.ScoreString:      paid(`"livenessScore":"99"`),
	simulator.ScoreNull:        paid(`"livenessScore":null`),
	simulator.ScoreMissing:     {rows: 1, charged: 1, delivered: simulator.Whole, envelope: true, check: lacks("livenessScore")},
	simulator.AttackPassing:    {rows: 1, charged: 1, delivered: simulator.Whole, envelope: true, check: attack("1", 87.5)},
	simulator.AttackString:     paid(`"attackType":"3"`, `"livenessScore":12.5`),
	simulator.AttackNumber:     paid(`"attackType":3`, `"livenessScore":12.5`),
	simulator.NewField:         {rows: 1, charged: 1, delivered: simulator.Whole, envelope: true, check: hasField("deviceRisk")},
	simulator.ScoreLater:       paid(`"livenessScore":null`, "detectionResult"),
	simulator.DataEmpty:        paid(`"data":{}`),
	simulator.DataNull:         paid(`"data":null`, `"pricingStrategy":"PAY"`),
	simulator.DataNulls:        paid(`"livenessScore":null`, `"detectionResult":null`, `"pricingStrategy":"PAY"`),
	simulator.Repeated:         paid(`"code":"SUCCESS","code":"SUCCESS"`, `"pricingStrategy":"PAY","pricingStrategy":"PAY"`, `"attackSubType":null,"attackSubType":null`),
	simulator.ScoreTwice:       {rows: 1, charged: 1, delivered: simulator.Whole, check: twice("livenessScore")},
	simulator.AttackTwice:      {rows: 1, charged: 1, delivered: simulator.Whole, check: twice("attackType")},
	simulator.DataTwice:        {rows: 1, charged: 1, delivered: simulator.Whole, check: twice("livenessScore")},
	simulator.PricingTwice:     {rows: 1, charged: -1, delivered: simulator.Whole, check: twice("pricingStrategy")},
	simulator.TransactionTwice: {rows: 1, charged: 1, delivered: simulator.Whole, check: twice("transactionId")},
	simulator.CodeTwice:        {rows: 1, charged: 1, delivered: "code_twice", check: twice("code")},
	simulator.LowerCode:        paid(`"code":"success"`, `"pricingStrategy":"PAY"`, `"livenessScore":`),
	simulator.LowerKeys:        {rows: 1, charged: 1, delivered: simulator.Whole, check: has(`"code":"SUCCESS"`, `"pricingstrategy":"PAY"`, `"transactionid":"`, `"livenessscore":`)},
	simulator.NoTransaction:    {rows: 1, charged: 1, delivered: simulator.Whole, check: lacks("transactionId")},
	simulator.Score0:           {rows: 1, charged: 1, delivered: simulator.Whole, envelope: true, check: scores(0, 0)},
	simulator.Score100:         {rows: 1, charged: 1, delivered: simulator.Whole, envelope: true, check: scores(100, 100)},
	simulator.ScoreOne:         {rows: 1, charged: 1, delivered: simulator.Whole, envelope: true, check: scores(.001, 1)},

	// What befalls connections is nothing without one: TestUnasked.
	simulator.Copy:        paid(`"code":"SUCCESS"`),
	simulator.CopyOther:   paid(`"code":"SUCCESS"`),
	simulator.CopyToken:   paid(`"code":"SUCCESS"`),
	simulator.CopyEarlier: paid(`"code":"SUCCESS"`),
	simulator.StrayNew:    paid(`"code":"SUCCESS"`),
	simulator.StrayPage:   paid(`"code":"SUCCESS"`),
	simulator.StrayEmpty:  paid(`"code":"SUCCESS"`),
	simulator.Stray204:    paid(`"code":"SUCCESS"`),
	simulator.StrayPart:   paid(`"code":"SUCCESS"`),
	simulator.StrayByte:   paid(`"code":"SUCCESS"`),
	simulator.StrayLine:   paid(`"code":"SUCCESS"`),
	simulator.HangUp:      paid(`"code":"SUCCESS"`),

	simulator.AttackOther: {rows: 1, charged: 1, delivered: simulator.Whole, envelope: true, check: attack("7", 12.5)},
}

// twice finds two values of a field that differ.
func twice(field string) func(answer) error {
	return func(a answer) error {
		parts := strings.Split(string(a.body), `"`+field+`":`)
		if len(parts) != 3 || !json.Valid(a.body) || value(parts[1]) == value(parts[2]) {
			return fmt.Errorf("want two values of %s: %s", field, a.body)
		}
		return nil
	}
}

// value cuts the value of a member from what follows its name.
func value(text string) string { return text[:strings.IndexAny(text, ",}")] }

func lacks(field string) func(answer) error {
	return func(a answer) error {
		if strings.Contains(string(a.body), field) || a.code() != "SUCCESS" {
			return fmt.Errorf("want SUCCESS without %s: %s", field, a.body)
		}
		return nil
	}
}

func attack(kind string, score float64) func(answer) error {
	return func(a answer) error {
		if fmt.Sprint(a.data()["attackType"]) != kind || a.data()["livenessScore"] != score {
			return fmt.Errorf("want attack %s beside %v: %s", kind, score, a.body)
		}
		return nil
	}
}

func scores(least, most float64) func(answer) error {
	return func(a answer) error {
		if score, ok := a.data()["livenessScore"].(float64); !ok || score < least || score > most {
			return fmt.Errorf("want a score of %v to %v: %s", least, most, a.body)
		}
		return nil
	}
}

func hasField(name string) func(answer) error {
	return func(a answer) error {
		if a.data()[name] == nil {
			return fmt.Errorf("want a field %s: %s", name, a.body)
		}
		return nil
	}
}

func naked(a answer) error {
	if _, ok := a.m["livenessScore"].(float64); !ok || a.m["code"] != nil || a.m["data"] != nil {
		return fmt.Errorf("want a result without an envelope: %s", a.body)
	}
	return nil
}

func isEmpty(a answer) error {
	if a.status != http.StatusOK || len(a.body) != 0 || a.bodyErr != nil {
		return fmt.Errorf("want HTTP 200 and nothing: %d %q %w", a.status, a.body, a.bodyErr)
	}
	return nil
}

// isBomb unpacks a gzip bomb and finds an envelope of more than 32 MiB in it.
func isBomb(a answer) error {
	if a.header.Get("Content-Encoding") != "gzip" || len(a.body) >= 64<<10 {
		return fmt.Errorf("%d bytes of encoding %q", len(a.body), a.header.Get("Content-Encoding"))
	}
	z, err := gzip.NewReader(bytes.NewReader(a.body))
	if err != nil {
		return err
	}
	b, err := io.ReadAll(z)
	if err != nil {
		return err
	}
	if len(b) <= 32<<20 || b[0] != '{' || b[len(b)-1] != '}' {
		return fmt.Errorf("%d bytes, from %q to %q", len(b), b[0], b[len(b)-1])
	}
	return nil
}

func TestEveryFaultHasItsOutcome(t *testing.T) {
	for _, f := range simulator.AllFaults() {
		if _, ok := faultOutcomes[f]; !ok {
			t.Errorf("fault %s has no row in the table", f)
		}
	}
	id := idOf(t, 4, succeeds)
	for f, want := range faultOutcomes {
		t.Run(string(f), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v, c := inProcess(t, simulator.Config{Seed: 4, Latency: 100 * time.Millisecond})
				c.token("th")
				v.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{id: f}})
				a := c.ask("th", id)
				checkOutcome(t, want, a, calls(v))
			})
		})
	}
}

func checkOutcome(t *testing.T, want outcome, a answer, rows []simulator.Entry) {
	t.Helper()
	charged := 0
	for _, e := range rows {
		if e.Charged {
			charged++
		}
		if want.delivered != "" && e.Delivered != want.delivered {
			t.Errorf("delivered %q, want %q", e.Delivered, want.delivered)
		}
	}
	if want.rows >= 0 && len(rows) != want.rows || want.charged >= 0 && charged != want.charged {
		t.Errorf("%d rows, %d charged, want %d and %d", len(rows), charged, want.rows, want.charged)
	}
	switch {
	case want.err != nil:
		if a.err == nil || !want.err(a.err) {
			t.Errorf("round trip: %v", a.err)
		}
		return
	case a.err != nil:
		t.Fatalf("round trip: %v", a.err)
	}
	if want.envelope && (a.code() != rows[0].Code || a.m["transactionId"] != rows[0].TransactionID || a.status != rows[0].HTTPStatus) {
		t.Errorf("answer %d %s is not the ledger's %+v", a.status, a.body, rows[0])
	}
	if want.check != nil {
		if err := want.check(a); err != nil {
			t.Error(err)
		}
	}
}

// Across tries a drawn fault takes all its forms, and the ledger knows which.
func TestDrawnFaultsTakeEveryForm(t *testing.T) {
	for f, want := range map[simulator.Fault][]string{
		simulator.HTML502:        {"502 not served", "502 charged"},
		simulator.HTML200:        {"200 not served", "200 charged"},
		simulator.Redirect:       {"307 not served", "301 not served", "302 not served", "303 not served", "308 not served"},
		simulator.UnknownPricing: {"200 charged", "200 free"},
		simulator.PricingTwice:   {"200 charged", "200 free"},
		simulator.ResetAfter:     {"EOF charged", "reset charged"},
		simulator.SlowBody:       {"200 charged", "200 charged, cut off"},
	} {
		t.Run(string(f), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v, c := inProcess(t, simulator.Config{Seed: 4})
				c.token("th")
				v.SetFaults(simulator.Faults{Script: func(_, _ string, _ int) simulator.Fault { return f }})
				var seen []string
				for i := range 60 {
					before := len(v.Entries())
					a := c.ask("th", fmt.Sprint(i))
					seen = append(seen, form(a, v.Entries()[before:]))
				}
				for _, w := range want {
					if !slices.Contains(seen, w) {
						t.Errorf("never %q in %q", w, slices.Compact(seen))
					}
				}
			})
		})
	}
}

func form(a answer, rows []simulator.Entry) string {
	s := fmt.Sprint(a.status)
	switch {
	case errors.Is(a.err, io.EOF):
		s = "EOF"
	case a.err != nil:
		s = "reset"
	}
	switch {
	case len(rows) == 0:
		s += " not served"
	case rows[0].Charged:
		s += " charged"
	default:
		s += " free"
	}
	if a.bodyErr != nil {
		s += ", cut off"
	}
	return s
}

func TestRetryAfterComesInFourForms(t *testing.T) {
	v, c := inProcess(t, simulator.Config{})
	c.token("ph")
	v.SetFaults(simulator.Faults{Down: map[string]simulator.Fault{"ph": simulator.RetryLater}})
	forms := map[string]int{}
	for i := range 60 {
		s := c.ask("ph", fmt.Sprint(i)).header.Get("Retry-After")
		switch {
		case strings.HasSuffix(s, "GMT"):
			forms["date"]++
		case strings.HasPrefix(s, " :") && strings.HasSuffix(s, "s"):
			forms[" :10s"]++
		case strings.HasSuffix(s, "s"):
			forms["10s"]++
		case s != "":
			forms["10"]++
		}
	}
	if len(forms) != 4 {
		t.Errorf("forms %v", forms)
	}
}

func TestFaultsOfAnIDsTries(t *testing.T) {
	v, c := inProcess(t, simulator.Config{Seed: 4})
	id := idOf(t, 4, succeeds)
	c.token("th")
	v.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{id: simulator.IAMOnce}})
	if a, b := c.ask("th", id), c.ask("th", id); a.code() != "IAM_FAILED" || b.code() != "SUCCESS" {
		t.Errorf("iam_once: %s, then %s", a.body, b.body)
	}
	v.SetFaults(simulator.Faults{Script: func(ep, id string, attempt int) simulator.Fault {
		if attempt == 3 {
			return simulator.DNS
		}
		return ""
	}})
	if a, b := c.ask("th", id), c.ask("th", id); !isDNS(a.err) || b.code() != "SUCCESS" {
		t.Errorf("script: %v, then %s", a.err, b.body)
	}
	rows := calls(v)
	last := rows[len(rows)-1]
	if len(rows) != 3 || last.Attempt != 3 || last.Try != 4 {
		t.Errorf("%d rows, the last %+v", len(rows), last)
	}
}

func TestTokenRequestsHaveFaultsToo(t *testing.T) {
	v, c := inProcess(t, simulator.Config{Seed: 4})
	body := func() []byte { return c.tokenBody("k", simulator.DefaultCredential.SecretKey, 60) }
	v.SetFaults(simulator.Faults{Down: map[string]simulator.Fault{"th": simulator.Refused, "ph": simulator.Score50, "my": simulator.AccountDisabled}})
	if a := c.askToken("th", body()); !isRefused(a.err) {
		t.Errorf("down: %v", a.err)
	}
	if a := c.askToken("ph", body()); a.code() != "SUCCESS" {
		t.Errorf("a fault of content: %s", a.body)
	}
	if a := c.askToken("my", body()); a.code() != "ACCOUNT_DISABLED" {
		t.Errorf("account: %s", a.body)
	}
	v.SetFaults(simulator.Faults{TokenProbability: map[simulator.Fault]float64{simulator.ErrorFree: 1}})
	if a := c.askToken("th", body()); a.code() != "ERROR" {
		t.Errorf("probability: %s", a.body)
	}
}

func TestUnknownFaults(t *testing.T) {
	for _, f := range []simulator.Faults{
		{Probability: map[simulator.Fault]float64{"flood": .1}},
		{Probability: map[simulator.Fault]float64{simulator.DNS: 1.5}},
		{TokenProbability: map[simulator.Fault]float64{simulator.DNS: .6, simulator.TLS: .6}},
		{Always: map[string]simulator.Fault{"a": "flood"}},
		{Down: map[string]simulator.Fault{"th": "flood"}},
		{Down: map[string]simulator.Fault{"th": "copy+soon"}},
		{Down: map[string]simulator.Fault{"th": "copy+-1ms"}},
		{Down: map[string]simulator.Fault{"th": "copy+1ms+1ms"}},
		{Down: map[string]simulator.Fault{"th": simulator.Timeout.AtNext()}},
	} {
		if _, err := simulator.New(simulator.Config{Faults: f}); err == nil {
			t.Errorf("%+v accepted", f)
		}
	}
	v, c := inProcess(t, simulator.Config{})
	c.token("th")
	v.SetFaults(simulator.Faults{Always: map[string]simulator.Fault{"a": "flood"}})
	if a := c.ask("th", "a"); a.status != 500 || len(calls(v)) != 0 {
		t.Errorf("got %d %s", a.status, a.body)
	}
}
