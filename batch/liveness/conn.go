package liveness

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math"
	"net/http"
	"slices"
	"sync/atomic"
	"syscall"
	"time"
)

const (
	maxInterim    = 5 // answers of 1xx before the real one
	maxEmptyLines = 5 // that some servers send behind a body, before the head of the next answer
	emptyLine     = "\r\n"

	// partingTime sets what time the other side has at least to end a connection that is
	// read to its end, and at most once the caller is in a hurry.
	partingTime = 2 * time.Second
	// surplusTime sets how long the rest is waited for of bytes that nobody asked for:
	// those of a copy come together.
	surplusTime = 200 * time.Millisecond
	// lingerTime sets how long an answer is waited for behind one that names no transaction, before our own side is
	// ended: some servers drop then what they are about to answer.
	lingerTime = 200 * time.Millisecond
	// maxSurplus bounds how many pieces of what nobody asked for are looked at.
	maxSurplus = 100
)

// connNumber numbers the connections of the process: callers tell connections of
// different transports apart by it, so no transport can hold it.
var connNumber atomic.Uint64

// conn describes one connection. One goroutine at a time has it, from take to leave.
//
// # What can be known of it
//
// HTTP/1.1 has no number that joins an answer to its request: the k-th answer on
// a connection belongs to the k-th request, and one answer too many gives every
// later request its predecessor's. This much can be proven:
//
//   - An answer is a copy if its transaction ID has been seen (Watch.Seen), unless a
//     call for the same ID had it in an answer of other bytes.
//   - Bytes that are there before a request is written answer no request. So a
//     look goes before every write, and one goes behind every answer: an answer
//     with something else behind it is not believed.
//   - An answer without a transaction ID cannot be recognised in a copy, and one
//     that is not the vendor's says nothing about who wrote it: what comes behind
//     either is not taken for an answer, since the connection is not used again.
//
// What cannot be proven is a whole, new envelope that arrives after the request
// was written and before its true answer. From then on the connection is one
// answer ahead. A look that finds nothing does not prove the contrary: the
// answer that is left over may be still on its way, again and again, as long as
// the next request is written before it arrives. So a connection is provably
// empty at two moments only: before its first request, and when the other side
// has ended its sending behind the last answer: then as many answers have come
// as requests were sent, and none is left that could come. That second proof is
// had by asking for it: a connection is not just closed but its own side is
// ended first, and the other side read to its end (part), until the last request
// would have timed out. Where an answer other than a copy is found there, or by
// any look before, every ID the connection answered in its life is suspect
// (Watch.Ahead). maxAnswers bounds that life. An end that does not come proves
// nothing (Watch.Unproven), and a reset is no end: it destroys what was under way,
// and what is read behind it looks like one. A call to which nothing came until it
// timed out, or until an end, is a proof, too: an answer left over would have come.
type conn struct {
	number uint64
	host   *host // whose paid calls it carries; nil for other requests
	below  *socket
	wire   io.ReadWriter // TLS, or the socket itself
	in     *bufio.Reader
	out    bytes.Buffer

	allowance int64  // bytes that may still be read: the bound of an answer's head
	raw       []byte // what was read since a head began
	failure   error  // of the last read from the wire
	reset     bool   // it was: what was under way may be lost, and reads that follow see an end

	answers   []string // marks of them, see markOf; of those that are the vendor's
	owed      int      // answers still to come, to calls that got another's
	linger    bool     // the last answer names no transaction: nothing in it proves that it is the call's own
	last      lastCall
	idleSince time.Time
}

// lastCall holds what a connection has to know of the call that used it last.
type lastCall struct {
	ahead    func(conn uint64) // Watch.Ahead
	unproven func(conn uint64) // Watch.Unproven
	limit    int64             // bound on a body
	until    time.Time         // when its answer was due
}

// fate decides about a connection after a call.
type fate int

const (
	broken fate = iota // an answer is outstanding, or nothing can be said of what comes: closed
	ended              // its last answer came whole: read to its end, but not used again
	kept               // used again
)

func newConn(below *socket, wire io.ReadWriter) *conn {
	c := &conn{number: connNumber.Add(1), below: below, wire: wire, allowance: math.MaxInt64}
	c.in = bufio.NewReader(c)
	return c
}

// Read reads from the wire under the allowance; the buffer reads through it.
func (c *conn) Read(p []byte) (int, error) {
	if c.allowance <= 0 {
		return 0, errHeadTooLarge
	}
	if int64(len(p)) > c.allowance {
		p = p[:c.allowance]
	}
	n, err := c.wire.Read(p)
	if c.allowance <= maxHeaderBytes { // a head is read
		c.raw = append(c.raw, p[:n]...)
	}
	c.allowance -= int64(n)
	c.failure = err
	c.noteReset(err)
	return n, err
}

// noteReset takes in an error of reading or writing.
func (c *conn) noteReset(err error) {
	c.reset = c.reset || errors.Is(err, syscall.ECONNRESET) || errors.Is(err, syscall.EPIPE)
}

var (
	errHeadTooLarge = fmt.Errorf("head of an answer over %d bytes", maxHeaderBytes)
	errInterim      = fmt.Errorf("over %d interim answers", maxInterim)
)

// hasLength reports whether the head that was read last has a Content-Length. In
// a chunked answer that is no answer of an orderly server's: where it ends would
// be one thing for one reader and another for the next, so its connection is not
// used again (RFC 9112, 6.1). net/http drops the field.
func (c *conn) hasLength() bool {
	for line := range bytes.Lines(c.raw) {
		name, _, found := bytes.Cut(line, []byte(":"))
		switch {
		case len(bytes.TrimSpace(line)) == 0:
			return false
		case found && bytes.EqualFold(bytes.TrimSpace(name), []byte("Content-Length")):
			return true
		}
	}
	return false
}

// malformedError represents an answer that is not HTTP.
type malformedError struct{ error }

func (e malformedError) Unwrap() error { return e.error }

// obey ends what is under way on the connection when ctx does. The returned
// function undoes that, and reports whether it still could.
func (c *conn) obey(ctx context.Context) (release func() bool) {
	if ctx.Done() == nil {
		return func() bool { return true }
	}
	return context.AfterFunc(ctx, func() {
		// Reads and writes fail from now on. That the socket is gone already would be as good.
		_ = c.below.SetDeadline(time.Unix(1, 0))
	})
}

// until sets the time by which reads and writes have to be done; zero: none.
func (c *conn) until(t time.Time) {
	// A socket that takes no deadline fails at the next read or write.
	_ = c.below.SetDeadline(t)
}

// sight names the findings of a look.
type sight int

const (
	quiet   sight = iota // nothing
	unasked              // bytes
	over                 // the other side's end, and nothing before it
)

// look reports, without waiting, what has come that no read has asked for.
func (c *conn) look() sight {
	c.below.looking = true
	_, err := c.in.Peek(1)
	c.below.looking = false
	switch {
	case err == nil:
		return unasked
	case errors.As(err, new(errQuiet)):
		return quiet
	}
	return over
}

// send writes a request. It returns how many bytes of it may have left.
func (c *conn) send(req *http.Request) (int64, error) {
	c.out.Reset()
	if err := req.Write(&c.out); err != nil {
		return 0, err
	}
	before := c.below.written
	_, err := c.wire.Write(c.out.Bytes())
	c.noteReset(err)
	return c.below.written - before, err
}

// head reads the head of the answer to a POST. The body is to be read from the
// response, not closed: closing would read it to an end that may never come.
func (c *conn) head() (*http.Response, error) {
	defer func() { c.allowance = math.MaxInt64 }()
	for range maxInterim + 1 {
		c.allowance, c.failure = maxHeaderBytes, nil
		if _, err := c.in.Peek(1); err != nil {
			return nil, err
		}
		for n := 0; n < maxEmptyLines && c.discardEmptyLine(); n++ {
			c.failure = nil // the answer is still to come
		}
		waiting, _ := c.in.Peek(c.in.Buffered()) // as much as is there: no error
		c.raw = append(c.raw[:0], waiting...)
		resp, err := http.ReadResponse(c.in, nil) //nolint:bodyclose // see above
		switch {
		case errors.Is(err, errHeadTooLarge):
			return nil, errHeadTooLarge
		case err != nil && c.failure == nil:
			return nil, malformedError{err}
		case err != nil && isEnd(c.failure): // in words of what is missing in the last line
			return nil, fmt.Errorf("%w: %w", io.ErrUnexpectedEOF, err)
		case err != nil:
			return nil, err
		case resp.StatusCode >= 200 || resp.StatusCode == http.StatusSwitchingProtocols:
			resp.Close = resp.Close || len(resp.TransferEncoding) > 0 && c.hasLength()
			return resp, nil
		}
	}
	return nil, malformedError{errInterim}
}

// gave reports whether an answer is a copy of an earlier one of the connection.
// Without a transaction ID two answers may say the same of two IDs.
func (c *conn) gave(r *Reply) bool {
	return r.Envelope.TransactionID != "" && slices.Contains(c.answers, markOf(r.Envelope, r.BodySHA256))
}

// note remembers an answer.
func (c *conn) note(r *Reply) { c.answers = append(c.answers, markOf(r.Envelope, r.BodySHA256)) }

// markOf returns what a copy of an answer shares with it: every byte. Another
// answer under the same transaction ID is none, as a vendor may give all calls for
// an ID the same one. Of two answers without any that say the same of two IDs it
// does not matter which came.
func markOf(e *Envelope, body [sha256.Size]byte) string {
	return e.TransactionID + "\x00" + string(body[:])
}

// rest names what was found behind a connection's last answer.
type rest int

const (
	unended rest = iota // nothing, or what is harmless, and no end
	spoken              // something, that is harmless where other calls have used the connection
	emptied             // the other side's end, and before it nothing, or what is harmless
	foreign             // what may be, or be a part of, the answer to another question
)

// surplus reads what has come behind the last answer: all that is there now.
func (c *conn) surplus() rest {
	by := time.Now().Add(surplusTime)
	for range maxSurplus {
		if c.look() != unasked {
			break
		}
		c.until(by) // a look on a pipe leaves no deadline
		if c.piece() == foreign {
			return foreign
		}
	}
	return unended
}

// toTheEnd reads what comes behind the last answer until the other side ends, or
// the deadline has passed and nothing is there to read. silent says that no byte
// came, but for empty lines.
func (c *conn) toTheEnd() (found rest, silent bool) {
	silent = true
	for range maxSurplus {
		_, err := c.in.Peek(1)
		switch {
		case c.reset:
			return unended, silent
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF): // TLS need not say goodbye
			return emptied, silent
		case err != nil:
			return unended, silent
		}
		switch c.piece() {
		case foreign:
			return foreign, false
		case spoken:
			silent = false
		}
	}
	return unended, silent
}

// discardEmptyLine reads an empty line, and reports whether there was one.
func (c *conn) discardEmptyLine() bool {
	first, _ := c.in.Peek(len(emptyLine)) // an error comes again
	if string(first) != emptyLine {
		return false
	}
	_, _ = c.in.Discard(len(emptyLine)) // as much is there: no error
	return true
}

// piece reads one piece of what nobody asked for. Harmless are an empty line, as
// some servers send behind a body, copies of answers that the connection gave
// before, an answer that it still owes, and the word of a server that gave up
// waiting for a request. Bytes that no answer begins with are not: a server that
// sends too much may as well send it wrongly.
func (c *conn) piece() rest {
	if c.discardEmptyLine() {
		return unended
	}
	resp, err := c.head() //nolint:bodyclose // see head
	if err != nil {
		return foreign
	}
	body, err := io.ReadAll(io.LimitReader(resp.Body, c.last.limit))
	if resp.StatusCode == http.StatusRequestTimeout {
		return spoken
	}
	if err != nil {
		return foreign
	}
	envelope, err := DecodeEnvelope(body)
	if err != nil {
		return foreign
	}
	mark := markOf(envelope, sha256.Sum256(body))
	switch {
	case slices.Contains(c.answers, mark):
		return spoken
	case c.owed > 0:
		c.owed--
		c.answers = append(c.answers, mark) // it may have a copy of its own
		return spoken
	}
	return foreign
}

// part proves, as far as the other side lets it, that the connection was empty
// behind its last answer, and closes it. Once hurry has ended the other side is
// not waited for much longer.
func (c *conn) part(hurry context.Context) {
	defer c.close()
	if len(c.answers) == 0 {
		return
	}
	if c.reset {
		c.tell(c.last.unproven)
		return
	}
	if c.linger {
		c.until(time.Now().Add(lingerTime))
		switch found, _ := c.toTheEnd(); found {
		case foreign:
			c.tell(c.last.ahead)
			return
		case emptied:
			return
		}
	}
	c.endSending()
	by := time.Now().Add(partingTime)
	if c.last.until.After(by) {
		by = c.last.until
	}
	c.until(by)
	defer context.AfterFunc(hurry, func() {
		if soon := time.Now().Add(partingTime); soon.Before(by) {
			c.until(soon)
		}
	})()
	switch found, _ := c.toTheEnd(); found {
	case foreign:
		c.tell(c.last.ahead)
	case unended:
		c.tell(c.last.unproven)
	}
}

// tell tells the call that used the connection last of what was found.
func (c *conn) tell(found func(conn uint64)) {
	if found != nil {
		found(c.number)
	}
}

// endSending tells the other side that no further request will come. Not every connection can.
func (c *conn) endSending() {
	type halfCloser interface{ CloseWrite() error }
	c.until(time.Now().Add(partingTime))
	for _, layer := range []any{c.wire, c.below.Conn} {
		if h, ok := layer.(halfCloser); ok {
			_ = h.CloseWrite() // where it fails, the other side's end is waited for as long
		}
	}
}

// drop ends at once a connection of which no further answer is looked for.
func (c *conn) drop() {
	c.close()
	if c.reset && len(c.answers) > 0 {
		c.tell(c.last.unproven)
	}
}

// close ends the connection at once.
func (c *conn) close() {
	// Nothing is left to tell: a failed close cannot take an answer back. TLS would
	// first say goodbye, and wait for that.
	_ = c.below.Close()
}
