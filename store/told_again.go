package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"

	"liverecon/store/internal/sqlrow"
)

// A vendor may give every call for one ID the same transaction ID. A later answer under it, for the same ID, is an answer
// of that ID: it may have the score that the first one lacked. But where it is one that the ID had before, byte for byte,
// nobody can say whether it is that one once more, in front of one that costs something: it is not believed, unless no
// other can have come. And a transaction is at most one charge. Where an earlier answer under it was or may have been
// charged, the later one's PAY adds to what is in doubt alone, and the transaction ID stays on the earlier call: a second
// line of it on a statement is a duplicate. Where the earlier ones were free, the later one has both its tag and the ID.
// Either way repeated_answers names the first call.

const toldSQL = `SELECT count(*), EXISTS (SELECT 1 FROM calls k CROSS JOIN outcomes o USING (call_id)
		WHERE k.check_id = a.check_id AND k.call_id <> a.call_id AND o.body_sha256 = ?3)
	FROM calls a CROSS JOIN calls b USING (check_id) WHERE a.call_id = ?1 AND b.call_id = ?2`

// Told reports whether two calls, whose intents are stored, asked for one check, and whether that check was told the
// same before, byte for byte. It may be called from any goroutine. What cannot be looked up is taken for two checks.
func (j *JournalWriter) Told(call, first int64, body [sha256.Size]byte) (same, retold bool) {
	err := j.db.read.QueryRowContext(context.Background(), toldSQL, call, first, body[:]).Scan(&same, &retold)
	return same && err == nil, retold
}

// repeated turns an answer whose transaction ID stands on another call into what the books make of it: one that is not
// believed, or, where both calls asked for one check, perhaps one that is.
func (r *Result) repeated(ctx context.Context, db sqlrow.Queryer, call int64, in Intent, first int64) (*Result, error) {
	var same, retold bool
	err := db.QueryRowContext(ctx, toldSQL, call, first, r.BodySHA256[:]).Scan(&same, &retold)
	if err != nil || !same || retold && !r.Alone {
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
