package simulator

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// What Entry.Delivered says beside the names of faults.
const (
	Whole      = "whole"   // the answer left as a whole envelope
	TurnedAway = "bare429" // HTTP 429 without an envelope
)

// Entry describes one row of the vendor's ledger: a request it served. Rows are only ever appended. Requests that died
// on the way in or at the gateway have none.
type Entry struct {
	Seq int `json:"seq"` // from 1, without gaps
	// arrival, by the vendor's clock, UTC: the instant it was served
	At       time.Time `json:"at"`
	Endpoint string    `json:"endpoint"` // name in the catalogue
	// signatureId or livenessId; empty for a token request or a body without an ID
	Kind          string `json:"kind,omitempty"`
	ID            string `json:"id,omitempty"`       //
	Region        string `json:"region,omitempty"`   // as the request says, else the endpoint's country
	Code          string `json:"code"`               // as decided, whether or not the answer arrived
	Pricing       string `json:"pricing,omitempty"`  // the tag as told; empty if the answer has none
	TransactionID string `json:"transactionId"`      // 16 hexadecimal digits
	Charged       bool   `json:"charged,omitempty"`  // under Config.Billing
	Billable      bool   `json:"billable,omitempty"` // charged under PerCall, whatever the reading
	Delivered     string `json:"delivered"`          // Whole, the fault that mangled the answer, or TurnedAway
	Fault         Fault  `json:"fault,omitempty"`    // the fault drawn, those of content included
	Attempt       int    `json:"attempt,omitempty"`  // n-th served request for this ID, from 1
	// number of this request among all made for it (tokens: at the endpoint), those never served included
	Try        int    `json:"try,omitempty"`
	HTTPStatus int    `json:"httpStatus,omitempty"` // 0 if no answer left
	Token      bool   `json:"token,omitempty"`      // a token request: never charged
	Untold     bool   `json:"untold,omitempty"`     // the envelope names no transaction
	Conn       uint64 `json:"conn,omitempty"`       // of the connection it came over, from 1; 0 where there was none
	Said       *Said  `json:"said,omitempty"`       // of a SUCCESS, whether or not the answer arrived
	Twice      string `json:"twice,omitempty"`      // the field that came twice, with different values: Said and Pricing hold the first one
}

// Sent describes something that the vendor sent over a connection without being asked for it. It is no row of the
// ledger, since no request was served, and charges nothing; but the ledger's file has a line of it.
type Sent struct {
	At            time.Time `json:"at"`                      // by the vendor's clock, UTC
	Conn          uint64    `json:"conn"`                    // number of the connection
	Endpoint      string    `json:"endpoint"`                // name in the catalogue
	Fault         Fault     `json:"fault"`                   // what it was
	TransactionID string    `json:"transactionId,omitempty"` // of a whole envelope
	New           bool      `json:"new,omitempty"`           // an envelope that answers no request at all
	Token         bool      `json:"token,omitempty"`         // a copy of a token's answer

	// Shown is set while the connection has carried every answer that it owes besides this: a client that took it for
	// one of those has been sent one answer more than it made requests, and can find that out. It is not set where the
	// vendor ended the connection by itself: the last answer may have been lost. It is not in the ledger's file.
	Shown bool `json:"-"`
}

// LoadLedger reads back what a vendor wrote to Config.Ledger: for Config.Resume, or to check another process's journal
// against. It refuses a ledger with a damaged line, a gap or a repetition, and names the line.
func LoadLedger(r io.Reader) ([]Entry, error) {
	var entries []Entry
	lines := bufio.NewReader(r)
	unasked := 0 // lines that are no entries
	for n := 1; ; n++ {
		line, err := lines.ReadBytes('\n')
		if err == io.EOF && len(line) == 0 {
			return entries, nil
		}
		if err != nil && err != io.EOF {
			return nil, fmt.Errorf("ledger line %d: %w", n, err)
		}
		var e struct {
			Entry
			Unasked *Sent `json:"unasked"`
		}
		if err := json.Unmarshal(line, &e); err != nil {
			return nil, fmt.Errorf("ledger line %d: %w", n, err)
		}
		if e.Unasked != nil {
			unasked++
			continue
		}
		if e.Seq != n-unasked {
			return nil, fmt.Errorf("ledger line %d: entry has number %d", n, e.Seq)
		}
		entries = append(entries, e.Entry)
	}
}

// ledger holds what a vendor has served and charged. Its methods are called under the vendor's lock.
type ledger struct {
	out     io.Writer // nil for none
	entries []Entry
	unasked []Sent
	err     error // once out has failed, nothing is served any more
	ids     map[string]history
	balance int // charged calls left, -1 without limit
}

// history holds what the vendor remembers of an ID.
type history struct {
	tries   int // requests made, those that never reached the vendor included
	served  int
	charged bool
	first   time.Time // of the first served request; zero before it
}

// try counts a request for an ID.
func (l *ledger) try(id string) int {
	h := l.ids[id]
	h.tries++
	l.ids[id] = h
	return h.tries
}

// record numbers an entry, makes it durable and only then believes it.
func (l *ledger) record(e *Entry) error {
	e.Seq = len(l.entries) + 1
	if err := l.write(e); err != nil {
		l.err = fmt.Errorf("ledger entry %d: %w", e.Seq, err)
		return l.err
	}
	l.entries = append(l.entries, *e)
	l.remember(e)
	return nil
}

// write makes one line of the ledger durable.
func (l *ledger) write(line any) error {
	if l.out == nil {
		return nil
	}
	text, err := json.Marshal(line)
	if err != nil {
		return err
	}
	_, err = l.out.Write(append(text, '\n'))
	return err
}

// remember charges an entry, and folds it into what the vendor knows of its ID.
func (l *ledger) remember(e *Entry) {
	if e.Charged && l.balance > 0 {
		l.balance--
	}
	if e.Token {
		return
	}
	h := l.ids[e.ID]
	h.served = e.Attempt
	h.tries = max(h.tries, e.Try)
	h.charged = h.charged || e.Charged
	if h.first.IsZero() {
		h.first = e.At
	}
	l.ids[e.ID] = h
}

// noteUnasked writes down what is about to be sent unasked, and returns its index. An error means that the ledger
// cannot be written: it is not sent.
func (l *ledger) noteUnasked(s Sent) (int, error) {
	if l.err != nil {
		return 0, errStopped
	}
	if err := l.write(struct {
		Unasked Sent `json:"unasked"`
	}{s}); err != nil {
		l.err = err
		return 0, err
	}
	l.unasked = append(l.unasked, s)
	return len(l.unasked) - 1, nil
}

// resume takes an earlier ledger as this vendor's own.
func (l *ledger) resume(entries []Entry, desks map[string]*desk) error {
	for i := range entries {
		e := &entries[i]
		d, ok := desks[e.Endpoint]
		if !ok {
			return fmt.Errorf("resume: entry %d: unknown endpoint %q", e.Seq, e.Endpoint)
		}
		if e.Seq != i+1 {
			return fmt.Errorf("resume: entry %d stands in place %d", e.Seq, i+1)
		}
		l.remember(e)
		d.resume(e)
	}
	l.entries = slices.Clone(entries)
	return nil
}

var errStopped = errors.New("the ledger cannot be written: nothing is served")
