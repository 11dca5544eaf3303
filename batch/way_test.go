package batch_test

import (
	"context"
	"math/rand/v2"
	"net"
	"net/http"
	"net/url"
	"time"

	"liverecon/batch"
	"liverecon/batch/liveness"
	"liverecon/batch/liveness/simulator"
)

// way is how the requests of a history reach the vendor.
type way int

const (
	inProcess way = iota // no connection: faults of a connection cannot befall, those of a dial can
	plain                // connections in memory
	secure               // the same under TLS
	oneCall              // connections in memory, each for one call
)

// wayOf gives every other seed connections.
func wayOf(seed uint64) way {
	return map[uint64]way{1: plain, 3: plain, 5: plain, 7: oneCall, 9: plain, 11: plain, 13: plain, 15: secure}[seed%16]
}

// transport carries a lane's calls.
func (h *history) transport() http.RoundTripper {
	if h.way == inProcess {
		return h.vendor.Transport()
	}
	return liveness.NewTransport(liveness.TransportOptions{MaxConns: 16, OneCall: h.way == oneCall, Dial: h.dial, RootCAs: h.vendor.RootCAs()})
}

// slowestDial is how long it takes to connect at most, where dials take their time.
const slowestDial = 400 * time.Millisecond

// dial connects to the vendor, in some histories after a while: a call that has its turn before it has its connection then
// arrives beside those that had theirs later.
func (h *history) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if h.slowDials {
		r := rand.New(rand.NewPCG(h.seed, h.dials.Add(1)))
		select {
		case <-time.After(time.Duration(r.Int64N(int64(slowestDial)))):
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
	return h.vendor.Dial(ctx, network, address)
}

// onLoopback is a vendor's URL where plain HTTP may go.
func onLoopback(name, of string) string {
	u, err := url.Parse(of)
	if err != nil {
		panic(err)
	}
	return "http://127.0.0.1/" + name + u.Path
}

// hangUp ends the connections of a night.
func (h *history) hangUp(job *batch.Job) {
	for _, l := range job.Endpoints {
		l.Client.Close(context.Background())
	}
	h.vendor.CloseConnections()
}

// unasked draws what connections carry tonight that nobody asked for, and how often.
func (h *history) unasked(f simulator.Faults) {
	all := []simulator.Fault{simulator.Copy, simulator.Copy, simulator.Copy, simulator.CopyOther, simulator.CopyToken, simulator.StrayPage,
		simulator.StrayEmpty, simulator.Stray204, simulator.StrayPart, simulator.StrayByte, simulator.StrayLine, simulator.HangUp, simulator.CopyEarlier}
	for range h.rng.IntN(6) {
		f.Probability[all[h.rng.IntN(len(all))]] = 0.02 + 0.08*h.rng.Float64()
	}
	if h.rng.IntN(4) == 0 {
		f.Probability[simulator.StrayNew] = 0.01
	}
	if h.rng.IntN(3) == 0 {
		f.TokenProbability[simulator.Copy] = 0.5
	}
}
