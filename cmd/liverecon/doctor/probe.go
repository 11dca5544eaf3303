package doctor

import (
	"context"
	"errors"
	"fmt"
	"time"

	"liverecon/batch"
	"liverecon/batch/billing"
	"liverecon/batch/liveness"
	"liverecon/cmd/liverecon/config"
	"liverecon/cmd/liverecon/database"
	"liverecon/store/accounts"
)

// askResult calls the result URL of an endpoint once, without an ID. The call is noted before it is sent: what the
// vendor does not call FREE may be charged.
func askResult(ctx context.Context, f *Findings, c *config.Config, client *liveness.Client) {
	what := "result " + client.Endpoint().Name
	token, err := client.Token(ctx)
	if err != nil {
		return // as was said
	}
	s, closeStore, err := database.OpenLocked(ctx, c, "doctor", database.Announcer{
		Warn:    func(err error) { f.warn(what, "", "%v", err) },
		Working: func(string, int64) func() { return func() {} },
	})
	if err != nil {
		f.bad(what, max(config.ExitCode(err), batch.ExitFailed), fmt.Errorf("not asked, as it could not be noted: %w", err))
		return
	}
	defer func() {
		if err := closeStore(); err != nil {
			f.bad(what, batch.ExitFailed, err)
		}
	}()
	one := accounts.Probe{Endpoint: client.Endpoint().Name}
	if one.ID, err = s.Probes().Begin(ctx, one.Endpoint, time.Now()); err != nil {
		f.bad(what, batch.ExitFailed, err)
		return
	}
	reply := client.Probe(ctx, token)
	one.EndedAt, one.Outcome, one.Cause, one.HTTPStatus = time.Now(), string(reply.Delivery), reply.Cause, reply.HTTPStatus
	one.Tag = "unknown"
	if reply.Delivery == liveness.Unsent {
		one.Tag = "none"
	}
	if e := reply.Envelope; e != nil {
		one.Code, one.TransactionID = e.Code, e.TransactionID
		switch billing.ParseTag(e.PricingStrategy) {
		case billing.Pay:
			one.Tag = "pay"
		case billing.Free:
			one.Tag = "free"
		}
	}
	if err := s.Probes().End(context.WithoutCancel(ctx), one); err != nil {
		f.bad(what, batch.ExitFailed, err)
	}
	judgeProbe(f, what, one, reply, c.Codes.Classify(one.Code))
}

// judgeProbe finds what the answer to a call without an ID means.
func judgeProbe(f *Findings, what string, one accounts.Probe, reply liveness.Reply, class liveness.Class) {
	charged := fmt.Sprintf("; the vendor may charge for it: it is in doubt, probe %d of v_probes", one.ID)
	switch {
	case reply.Delivery == liveness.Unsent:
		f.fail(what, reachHint(reply.Err), "a call without an ID was not sent: %w", reply.Err)
	case reply.Delivery != liveness.Answered:
		f.fail(what, "is the result URL right? "+reachHint(reply.Err), "a call without an ID got no answer of the "+
			"vendor's (HTTP status %d): %w%s", reply.HTTPStatus, reply.Err, charged)
	case class == liveness.Account || class == liveness.Auth:
		f.bad(what, batch.ExitRefused, &config.Error{Code: batch.ExitRefused,
			Err:  fmt.Errorf("a call without an ID is refused: %s", one.Code),
			Hint: "are the keys this account's, and is it valid for this endpoint's country?"})
	case one.InDoubt():
		f.fail(what, "look for it on the vendor's statement", "a call without an ID was answered %s, which is not "+
			"tagged FREE%s", one.Code, charged)
	case class == liveness.Done:
		f.bad(what, batch.ExitFailed, errors.New("a call without an ID was answered SUCCESS: is it the result URL?"))
	default:
		f.good(what, "answers a call without an ID with %s, FREE", one.Code)
	}
}
