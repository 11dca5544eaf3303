package simulator

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// Faults of a connection: the answer to the request they are drawn for is served and arrives whole, and then the
// connection carries something that nobody asked for, or breaks. Each can be given its moment: see Fault.After,
// Fault.AtNext and Fault.AtAsked; without one it is drawn. They need a connection (Dial, Serve): in process, and behind
// ServeHTTP, nothing happens.
const (
	Copy      Fault = "copy"       // the answer once more
	CopyOther Fault = "copy_other" // an answer of the same endpoint that another connection had
	// the answer that the ID had before, in front of the one that is due, which comes at the fault's moment
	CopyEarlier Fault = "copy_earlier"
	CopyToken   Fault = "copy_token"  // a token's answer that another connection had
	StrayNew    Fault = "stray_new"   // a whole new envelope: SUCCESS, PAY, data of an ID that nobody listed
	StrayPage   Fault = "stray_page"  // HTTP 200 with a page
	StrayEmpty  Fault = "stray_empty" // HTTP 200 with no body
	Stray204    Fault = "stray_204"   // HTTP 204
	StrayPart   Fault = "stray_part"  // a part of a response
	StrayByte   Fault = "stray_byte"  // one byte
	StrayLine   Fault = "stray_line"  // an empty line
	HangUp      Fault = "hang_up"     // the connection ends; drawn: in order, or by a reset
)

// The moments of a fault of a connection that are no time after the answer.
const (
	next  = "next"
	asked = "asked"
)

// moments lists those that are drawn where a fault names none.
var moments = []string{"0ms", "1ms", "2ms", "4ms", "8ms", "50ms", next, asked}

// After gives a fault of a connection its moment: so long after the answer. At 0 both are one write, and most likely
// one segment.
func (f Fault) After(d time.Duration) Fault { return f + "+" + Fault(d.String()) }

// AtNext gives a fault of a connection its moment: as the next request goes out. In memory that is after the client
// began to write and before the vendor has read a byte; on a socket it is AtAsked.
func (f Fault) AtNext() Fault { return f + "+" + next }

// AtAsked gives a fault of a connection its moment: once the next request has come in, and before its answer.
func (f Fault) AtAsked() Fault { return f + "+" + asked }

// split takes a fault's moment from it, "" where it has none.
func (f Fault) split() (base Fault, moment string) {
	name, moment, _ := strings.Cut(string(f), "+")
	return Fault(name), moment
}

// effectOf finds the effect of a fault, whatever its moment.
func effectOf(f Fault) (effect, bool) {
	base, moment := f.split()
	e, known := effects[base]
	if moment == "" {
		return e, known
	}
	return e, known && e.surplus && readMoment(moment) != nil
}

// Known reports that there is such a fault, at such a moment.
func (f Fault) Known() bool {
	_, known := effectOf(f)
	return known
}

// due describes when something that nobody asked for is sent.
type due struct {
	at     time.Time     // zero where another event decides
	wait   time.Duration // until then, from the answer on
	moment string        // next or asked, "" for a time
}

// readMoment returns nil for what is no moment.
func readMoment(text string) *due {
	if text == next || text == asked {
		return &due{moment: text}
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 {
		return nil
	}
	return &due{wait: d}
}

// surplus describes one thing that a connection carries unasked.
type surplus struct {
	due
	what  Fault
	bytes []byte
	sent  Sent
	reset bool // of a connection that ends: not in order
	front bool // it comes in front of the answer
	owed  bool // it is the answer, which something came in front of
}

// delivered represents a whole answer that a connection has carried.
type delivered struct {
	at          time.Time
	conn        uint64
	bytes       []byte
	transaction string
	token       bool
	id          string // that it answers
}

// copyable sets how old an answer must be to be copied to another connection: a client has read it by then, so that its
// copy is one.
const copyable = 5 * time.Millisecond

// keptAnswers sets how many answers of an endpoint are kept for copies.
const keptAnswers = 64

// surplusOf makes what the fault of an exchange sends besides its answer; nil for nothing, also where there is no
// answer to copy yet.
func surplusOf(v *Vendor, x *exchange, own delivered) *surplus {
	base, moment := x.fault.split()
	if e := effects[base]; !e.surplus {
		return nil
	}
	d := x.throw(v.cfg.Seed, "surplus")
	if moment == "" {
		moment = moments[d.Below(len(moments))]
	}
	s := &surplus{due: *readMoment(moment), what: base, reset: d.Chance(.5)}
	s.sent = Sent{Conn: x.conn, Endpoint: x.ep.name, Fault: base}
	switch base {
	case Copy:
		s.copyOf(&own)
	case CopyOther, CopyToken:
		s.copyOf(v.connections.other(x.ep.name, x.conn, base == CopyToken, v.now()))
	case CopyEarlier:
		s.front = true
		s.copyOf(v.connections.earlier(x.ask.id))
	case StrayNew:
		s.bytes, s.sent.TransactionID = strayAnswer(v, x)
		s.sent.New = true
	case HangUp:
		return s
	default:
		s.bytes = stray(v, base, x)
	}
	if len(s.bytes) == 0 {
		return nil
	}
	return s
}

func (s *surplus) copyOf(d *delivered) {
	if d != nil {
		s.bytes, s.sent.TransactionID, s.sent.Token = d.bytes, d.transaction, d.token
	}
}

// stray makes bytes that are no envelope.
func stray(v *Vendor, f Fault, x *exchange) []byte {
	switch f {
	case StrayPage:
		return page(v.now(), http.StatusOK).wire()
	case StrayEmpty:
		return reply{status: http.StatusOK, header: header(v.now(), "application/json")}.wire()
	case Stray204:
		return []byte("HTTP/1.1 204 No Content\r\nDate: " + v.now().Format(http.TimeFormat) + "\r\n\r\n")
	case StrayPart:
		whole, _ := strayAnswer(v, x)
		d := x.throw(v.cfg.Seed, "part")
		return whole[:1+d.Below(len(whole)-1)]
	case StrayByte:
		return []byte("H")
	case StrayLine:
		return []byte("\r\n")
	}
	return nil
}

// strayAnswer makes a whole answer to a question that nobody asked.
func strayAnswer(v *Vendor, x *exchange) (answer []byte, transaction string) {
	d := x.throw(v.cfg.Seed, "stranger")
	of := &exchange{route: routeResult, ep: x.ep, ask: ask{kind: "signatureId", id: d.Hex16()}, try: 1,
		images: x.images}
	now := v.now()
	s := sentence{
		verdict: verdict{code: codeSuccess, message: messages[codeSuccess], pricing: "PAY", status: http.StatusOK},
		subject: subject{code: codeSuccess, score: cents(100 * d.Unit())},
		entry:   Entry{Code: codeSuccess, TransactionID: d.Hex16(), At: now},
		photo:   photograph(v.cfg.Seed, of.ask.id, now.Add(-24*time.Hour)),
	}
	rep := reply{status: http.StatusOK, header: header(v.now(), "application/json;charset=UTF-8"),
		body: envelope(&v.images, of, s)}
	return rep.wire(), s.entry.TransactionID
}

// showUnasked marks what was sent unasked as shown or not.
func showUnasked(v *Vendor, indexes []int, shown bool) {
	if len(indexes) == 0 {
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	for _, i := range indexes {
		v.ledger.unasked[i].Shown = shown
	}
}

// wire returns an answer as it stands on a connection, with what is whole of its body.
func (rep reply) wire() []byte {
	var b bytes.Buffer
	b.Grow(512 + len(rep.body))
	rep.head(&b, false)
	b.Write(rep.body)
	return b.Bytes()
}

// head writes an answer's status line and header.
func (rep reply) head(b *bytes.Buffer, last bool) {
	b.WriteString("HTTP/1.1 ")
	b.WriteString(strconv.Itoa(rep.status))
	b.WriteByte(' ')
	b.WriteString(http.StatusText(rep.status))
	b.WriteString("\r\nContent-Length: ")
	b.WriteString(strconv.FormatInt(rep.length(), 10))
	b.WriteString("\r\n")
	if last {
		b.WriteString("Connection: close\r\n")
	}
	_ = rep.header.Write(b) // into memory
	b.WriteString("\r\n")
}
