package store

import (
	"context"
	"database/sql"
	"errors"

	"liverecon/store/internal/sqlrow"
)

// A vendor may give every call for one ID the same transaction ID. A later answer under it, for the same ID, is an answer
// of that ID: it may have the score that the first one lacked. But a transaction is at most one charge. Where an earlier
// answer under it was or may have been charged, the later one's PAY adds to what is in doubt alone, and the transaction ID
// stays on the earlier call: a second line of it on a statement is a duplicate. Where the earlier ones were free, the later
// one has both its tag and the ID. Either way repeated_answers names the first call.

const sameCheckSQL = `SELECT count(*) FROM calls a CROSS JOIN calls b USING (check_id)
	WHERE a.call_id = ? AND b.call_id = ?`

// SameCheck reports whether two calls, whose intents are stored, asked for one check. It may be called from any
// goroutine. What cannot be looked up is taken for two checks.
func (j *JournalWriter) SameCheck(call, other int64) bool {
	same, err := sameCheck(context.Background(), j.db.read, call, other)
	return same && err == nil
}

func sameCheck(ctx context.Context, db sqlrow.Queryer, call, other int64) (same bool, err error) {
	err = db.QueryRowContext(ctx, sameCheckSQL, call, other).Scan(&same)
	return same, err
}

// repeated turns an answer whose transaction ID stands on another call into what the books make of it: one that is not
// believed, or, where both calls asked for one check, one that is.
func (r *Result) repeated(ctx context.Context, db sqlrow.Queryer, call int64, in Intent, first int64) (*Result, error) {
	same, err := sameCheck(ctx, db, call, first)
	if err != nil || !same {
		return r.disbelieved(in, first), err
	}
	again := *r
	again.Repeats = Repeat{TransactionID: r.TransactionID, FirstCall: first}
	var charged int64
	err = db.QueryRowContext(ctx, `SELECT o.call_id FROM calls k CROSS JOIN outcomes o USING (call_id)
		WHERE k.check_id = ? AND k.call_id <> ? AND o.transaction_id = ? AND o.tag IN ('pay', 'unknown') LIMIT 1`,
		in.CheckID, call, r.TransactionID).Scan(&charged)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return &again, nil
	case err != nil:
		return nil, err
	}
	again.TransactionID = ""
	if again.Tag == TagPay {
		again.Tag = TagUnknown
	}
	return &again, nil
}
