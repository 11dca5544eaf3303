package liveness

import (
	"context"
	"errors"
	"net/http"
	"time"
)

// exchangeOn exchanges over a connection of our own transport. Until it returns
// nobody else has the connection, and all that is decided about it is decided
// here: take, turn, look, write, read, judge, leave.
func (x *exchanger) exchangeOn(ctx context.Context, t *Transport, m message, w Watch) (r Reply) {
	conn, cause, err := x.connect(ctx, t, m)
	if err != nil {
		return unsent(cause, x.told(err, m))
	}
	next := broken
	release := conn.obey(ctx)
	defer func() {
		if !release() && next == kept {
			next = ended // what ended the call may reach for the connection once more
		}
		if conn != nil {
			t.leave(conn, next)
		}
	}()

	if err := w.turn(ctx); err != nil {
		next = kept // untouched
		return unsent(contextCause(ctx), err)
	}
	if conn.stale() { // it waited for its turn for too long
		release()
		if conn, cause, err = x.renew(ctx, t, conn, m); err != nil {
			return unsent(cause, x.told(err, m))
		}
		release = conn.obey(ctx)
	}
	switch conn.look() {
	case unasked:
		next = ended
		return unsent(CauseUnasked, toldError{"bytes came before the request", "it speaks before it is asked"})
	case over:
		conn.noteEnd()
		return unsent(CauseClosed, toldError{"the connection ended before the request",
			"it hangs up before it is asked"})
	}

	r = Reply{Delivery: Unanswered, Conn: conn.number, SentAt: time.Now()}
	conn.last = lastCall{ahead: w.Ahead, unproven: w.Unproven, limit: m.limit, until: r.SentAt.Add(x.timeout)}
	conn.until(conn.last.until)
	if err := ctx.Err(); err != nil {
		return unsent(contextCause(ctx), err)
	}
	alone := m.token == "" || t.options.OneCall
	req := x.request(ctx, m)
	req.Close = alone || len(conn.answers)+1 >= maxAnswers
	left, err := conn.send(req)
	if err != nil && left == 0 {
		return unsent(writeCause(ctx, err), x.told(err, m))
	}
	if w.Sent != nil {
		w.Sent(time.Now())
	}
	defer func() { r.EndedAt = time.Now() }()
	var resp *http.Response
	if err == nil {
		resp, err = conn.head() //nolint:bodyclose // see conn.head
	}
	if err != nil {
		switch {
		case isEnd(err):
			conn.noteEnd()
		case errors.As(err, new(malformedError)) && len(conn.answers) > 0: // it was sent behind the last answer
			conn.tell(w.Ahead)
		}
		r.Cause, r.Err = sentCause(ctx, err), x.told(err, m)
		return r
	}
	conn.heed(resp.Header)
	switch whole := x.receive(ctx, &r, resp, m); {
	case m.token != "" && r.namesNone() && t.unnamed.stale(&r, resp): // its own answer is still to come
		r.disbelieve(CauseStale, "an earlier call had this answer, which is older than the request")
		next = ended
		conn.owed++
		conn.linger = true
		conn.answers = append(conn.answers, markOf(&Envelope{}, r.BodySHA256))
	case r.Delivery == Answered:
		// a wrong token is refused, and costs nothing
		next = conn.judge(&r, resp, w, t.options.OneCall && m.token != "")
	case whole:
		next = ended                   // it may have been an earlier request's
		if r.Cause == CauseThrottled { // and where it is taken for a refusal, the own one may still come
			conn.answers = append(conn.answers, markOf(&Envelope{}, r.BodySHA256))
			conn.linger = true
		}
	}
	return r
}

// connect gets a connection for the message: one of its own for a token call. An
// error comes with its cause.
func (x *exchanger) connect(ctx context.Context, t *Transport, m message) (conn *conn, cause string, err error) {
	ctx, cancel := context.WithTimeout(ctx, x.timeout)
	defer cancel()
	if m.token == "" {
		conn, err = t.connect(ctx, m.to)
	} else {
		conn, err = t.take(ctx, m.to)
	}
	if err != nil {
		return nil, unsentCause(ctx, err, false), err
	}
	return conn, "", nil
}

// renew changes the connection of a message for another one.
func (x *exchanger) renew(ctx context.Context, t *Transport, old *conn, m message) (conn *conn, cause string, err error) {
	ctx, cancel := context.WithTimeout(ctx, x.timeout)
	defer cancel()
	if conn, err = t.renew(ctx, old, m.to); err != nil {
		return nil, unsentCause(ctx, err, false), err
	}
	return conn, "", nil
}

// judge decides, about a whole answer, whether it is believed, and whether its
// connection may be used again: only behind an answer that would be recognised
// in a copy (HTTP 200, with a transaction ID that is new), and with nothing
// behind it. An answer that an earlier call for the same ID had, byte for byte, may
// be that one once more, in front of one that costs something: it is believed where
// nothing else can come. Behind the answer to a single call the other side's end is waited
// for as long as for the answer: without it the answer is not believed.
func (c *conn) judge(r *Reply, resp *http.Response, w Watch, single bool) fate {
	r.Copied = c.gave(r)
	ofToken := c.host != nil && r.Envelope.ofToken() // and the call was a paid one
	switch seen := r.seen(w); {
	case r.Copied, seen == Elsewhere, seen == Retold && !single:
		r.disbelieve(CauseRepeated, "an earlier call had this answer already")
	case ofToken:
		r.disbelieve(CauseToken, "the answer is one to a token call")
	}
	if r.Envelope == nil {
		// Its own answer is still to come. One more besides would be the answer to an
		// earlier request; and so may be what came, where another connection had it
		// before: then the own one is one too many already.
		if r.Copied || ofToken {
			c.owed++
		}
		return ended
	}
	c.note(r)
	if single {
		c.judgeSingle(r)
		return broken
	}
	c.until(time.Time{})
	switch found := c.look(); {
	case found == unasked && c.surplus() == foreign:
		c.disbelieveForeign(r)
		return broken
	case found != quiet:
		return broken
	case r.Envelope.TransactionID == "", r.HTTPStatus != http.StatusOK, resp.Close:
		c.linger = r.Envelope.TransactionID == ""
		return ended
	}
	return kept
}

// judgeSingle decides about the answer of a connection's only call: whatever comes
// behind it before the end may be the true one.
func (c *conn) judgeSingle(r *Reply) {
	switch found, silent := c.toTheEnd(); {
	case found == foreign:
		c.disbelieveForeign(r)
	case !silent:
		r.disbelieve(CauseUnasked, "something else came behind the answer")
	case found == unended:
		r.disbelieve(CauseLeftOpen, "the connection did not end behind the answer")
	default:
		r.Alone = true
	}
}

func (c *conn) disbelieveForeign(r *Reply) {
	r.disbelieve(CauseUnasked, "something else came behind the answer")
	c.tell(c.last.ahead)
}
