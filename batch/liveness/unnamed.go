package liveness

import (
	"crypto/sha256"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// clockStep sets after what time the Date of two answers differs: it counts seconds, and some servers write it once
	// a second.
	clockStep = 2 * time.Second
	// keptUnnamed bounds how many answers are remembered.
	keptUnnamed = 1024
)

// unnamed remembers when the last answers came that name no transaction: refusals of a gateway, and envelopes without
// one. Nearly all of them have a Date: one that came before, byte for byte, and a while before the request was sent, is
// no answer to it. Its methods may be called from any goroutine. The zero unnamed is empty.
type unnamed struct {
	mu    sync.Mutex
	first map[[sha256.Size]byte]time.Time
	order [][sha256.Size]byte // in which they came
}

// namesNone reports that an answer that counts for something names no transaction.
func (r *Reply) namesNone() bool {
	return r.Cause == CauseThrottled || r.Delivery == Answered && r.Envelope.TransactionID == ""
}

// stale notes an answer, and reports whether it is older than the request that it came to.
func (u *unnamed) stale(r *Reply, resp *http.Response) bool {
	if r.ServerDate.IsZero() {
		return false
	}
	h := sha256.New()
	_, _ = io.WriteString(h, resp.Status) // into memory, as all of it
	_ = resp.Header.Write(h)
	_, _ = h.Write(r.BodySHA256[:])
	mark := [sha256.Size]byte(h.Sum(nil))

	u.mu.Lock()
	defer u.mu.Unlock()
	if at, known := u.first[mark]; known {
		return r.SentAt.Sub(at) >= clockStep
	}
	if u.first == nil {
		u.first = map[[sha256.Size]byte]time.Time{}
	}
	if len(u.order) >= keptUnnamed {
		delete(u.first, u.order[0])
		u.order = u.order[1:]
	}
	u.first[mark] = time.Now()
	u.order = append(u.order, mark)
	return false
}
