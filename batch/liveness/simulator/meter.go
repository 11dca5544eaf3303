package simulator

import (
	"encoding/csv"
	"encoding/json"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// tally describes one line of the meter.
type tally struct {
	Served  int            `json:"served"`  // result calls, those refused as busy included
	Charged int            `json:"charged"` // of these
	Tokens  int            `json:"tokens"`  // token requests
	ByCode  map[string]int `json:"by_code"` // of result calls
}

func (t *tally) add(e *Entry) {
	if e.Token {
		t.Tokens++
		return
	}
	t.Served++
	if e.Charged {
		t.Charged++
	}
	t.ByCode[e.Code]++
}

// answerMeter answers GET /meter: what the ledger holds, in sums.
func answerMeter(v *Vendor) reply {
	type reading struct {
		Total      tally             `json:"total"`
		Endpoints  map[string]*tally `json:"endpoints"`
		Complaints map[string]int    `json:"complaints"`
	}
	m := reading{Total: tally{ByCode: map[string]int{}}, Endpoints: map[string]*tally{}}
	v.mu.Lock()
	for i := range v.ledger.entries {
		e := &v.ledger.entries[i]
		t, ok := m.Endpoints[e.Endpoint]
		if !ok {
			t = &tally{ByCode: map[string]int{}}
			m.Endpoints[e.Endpoint] = t
		}
		t.add(e)
		m.Total.add(e)
	}
	v.mu.Unlock()
	body, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return plain(v.now(), http.StatusInternalServerError, "simulator: meter: "+err.Error())
	}
	return reply{status: http.StatusOK, header: header(v.now(), "application/json"), body: append(body, '\n')}
}

var statementHeader = []string{
	"line", "transactionId", "time", "endpoint", "region", "code", "pricing", "quantity", "unit price", "amount",
	"currency",
}

// answerStatement answers GET /statement?month=2026-11[&reading=per-call|per-id]: a row for every call charged in that
// month of the vendor's zone, under the vendor's reading or the one asked for.
func answerStatement(v *Vendor, query url.Values) reply {
	from, err := time.ParseInLocation("2006-01", query.Get("month"), v.cfg.Zone)
	if err != nil {
		return plain(v.now(), http.StatusBadRequest, "statement: month: want one like 2026-11")
	}
	to := from.AddDate(0, 1, 0)
	charged := func(e *Entry) bool { return e.Charged }
	switch reading := query.Get("reading"); Basis(reading) {
	case "", v.cfg.Billing:
	case PerCall:
		charged = func(e *Entry) bool { return e.Billable }
	case PerID:
		charged = firstOfEachID()
	default:
		return plain(v.now(), http.StatusBadRequest, "statement: reading: want "+string(PerCall)+" or "+string(PerID))
	}

	var b strings.Builder
	w := csv.NewWriter(&b)
	rows := [][]string{statementHeader}
	for _, e := range v.Entries() {
		// The reading sees every entry: an ID first charged last month is not new in this one.
		if !charged(&e) || e.At.Before(from) || !e.At.Before(to) {
			continue
		}
		price := v.cfg.unitPrice(e.Endpoint)
		rows = append(rows, []string{
			strconv.Itoa(len(rows)), e.TransactionID, e.At.In(v.cfg.Zone).Format("2006-01-02T15:04:05.000Z07:00"),
			e.Endpoint, e.Region, e.Code, e.Pricing, "1", price, price, v.cfg.Currency,
		})
	}
	if err := w.WriteAll(rows); err != nil {
		return plain(v.now(), http.StatusInternalServerError, "simulator: statement: "+err.Error())
	}
	return reply{status: http.StatusOK, header: header(v.now(), "text/csv; charset=utf-8"), body: []byte(b.String())}
}

// firstOfEachID picks the first billable entry of each ID of a ledger.
func firstOfEachID() func(*Entry) bool {
	seen := map[string]bool{}
	return func(e *Entry) bool {
		first := e.Billable && !seen[e.ID]
		if first {
			seen[e.ID] = true
		}
		return first
	}
}

func (c *Config) unitPrice(ep string) string {
	if price := setting(c.UnitPrice, ep); price != "" {
		return price
	}
	return endpointNamed(ep).price
}
