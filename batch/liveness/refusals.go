package liveness

import (
	"crypto/sha256"
	"io"
	"net/http"
	"sync"
	"time"
)

const (
	// clockStep sets after what time the Date of two answers differs: it counts seconds, and some servers write it once a second.
	clockStep = 2 * time.Second
	// keptRefusals bounds how many refusals are remembered.
	keptRefusals = 1024
)

// refusals remembers when the last refusals came that are no envelopes. They name no transaction, but nearly all of them
// have a Date: one that came before, byte for byte, and a while before the request was sent, is no answer to it. Its
// methods may be called from any goroutine. The zero refusals are empty.
type refusals struct {
	mu    sync.Mutex
	first map[[sha256.Size]byte]time.Time
	order [][sha256.Size]byte // in which they came
}

// stale notes a refusal, and reports whether it is older than the request that it came to.
func (f *refusals) stale(r *Reply, resp *http.Response) bool {
	if r.ServerDate.IsZero() {
		return false
	}
	h := sha256.New()
	_, _ = io.WriteString(h, resp.Status) // into memory, as all of it
	_ = resp.Header.Write(h)
	_, _ = h.Write(r.BodySHA256[:])
	mark := [sha256.Size]byte(h.Sum(nil))

	f.mu.Lock()
	defer f.mu.Unlock()
	if at, known := f.first[mark]; known {
		return r.SentAt.Sub(at) >= clockStep
	}
	if f.first == nil {
		f.first = map[[sha256.Size]byte]time.Time{}
	}
	if len(f.order) >= keptRefusals {
		delete(f.first, f.order[0])
		f.order = f.order[1:]
	}
	f.first[mark] = time.Now()
	f.order = append(f.order, mark)
	return false
}
