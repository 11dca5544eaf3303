// Package liveness is the client of the vendor's liveness detection API: the
// endpoint catalogue, the access token, one request for one ID, its answer and
// the classes of the vendor's codes.
//
// A call of [Client.Detect] may cost money and has no idempotency key, so the
// package promises three things about it:
//
//  1. At most one request reaches the wire: one write on one connection
//     ([Transport]), or one call of a round tripper that cannot rewind it (no
//     GetBody, no Idempotency-Key, HTTP/1.1). No redirect is followed.
//  2. Its fate is named: [Answered] (a whole, valid envelope that no earlier call
//     had), [Unsent] (provably never left: not one byte of it) or [Unanswered]
//     (it may have arrived, and only the vendor knows).
//  3. The token and the key pair go to the endpoint's own host and nowhere
//     else: not to another host, not into an error, a log or a kept body.
//
// The package decides nothing: verdicts on scores, repeats, rates and budgets
// belong to its caller.
package liveness
