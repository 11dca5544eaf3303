package store

import (
	"cmp"
	"context"
	"database/sql"
	"fmt"
	"time"

	"liverecon/store/accounts"
	"liverecon/store/alias"
	"liverecon/store/decisions"
	"liverecon/store/internal/query"
	"liverecon/store/internal/sqlrow"
)

// Story represents everything known about one check.
type Story struct {
	Check
	OtherID    string
	OtherAsked bool // it is a check of its own as well
	Reference  string
	Score      *float64
	Attack     string // as received
	Traces     []Trace
	Calls      []StoryCall
	Billed     map[int64][]BilledLine // what standing reconciliations say, by call
	Decisions  []decisions.WithFile
	Images     []StoryImage
	Erased     []time.Time // on request
	Why        string      // of its state, one of the Why constants; "" where the state says it all
	HasResult  bool        // an answer is its result, with a score or without
	Suspect    bool        // it still stands as a suspect answer left it
	Noted      bool        // absent, and asked once more if nights after it show that the endpoint knew nobody
	Holds      []StoryHold
}

// StoryHold describes one time that an ID was held because an older copy may have lost that it was asked.
type StoryHold struct {
	At         time.Time // when the copy was taken into use
	By         string
	LostFrom   time.Time
	LostUntil  time.Time
	ReleasedAt time.Time // zero: it is held still
	ReleasedBy string
}

// Trace describes one row of a list in which the ID stood.
type Trace struct {
	Path   string
	Line   int
	ReadAt time.Time
	First  bool // the place it was taken from
}

// StoryCall describes one request with what became of it.
type StoryCall struct {
	CallID        int64
	RunID         int64
	Attempt       int
	Reason        Reason
	At            time.Time
	Outcome       Outcome // "" while in flight
	Cause         string
	HTTPStatus    int
	Code          string
	Pricing       string
	Tag           Tag
	TransactionID string
	Latency       time.Duration
	Current       bool
	Resolution    string // of a call in doubt: billed, not billed, or "" while nothing tells
	Short         string // of a call that is not billed: why that proves nothing, as billing.Shortfall
	Repeats       Repeat // whose transaction ID an answer bears, believed or not
	Suspect       string // why the answer may be another ID's, as SuspectConnection; "" where nothing says so
	Received      string // the answer as it came, without images, while it is kept
}

// Explain returns the stories of the checks that are known under an ID: one, or two when it was listed under both
// kinds, or none.
func (p Personal) Explain(ctx context.Context, id string) ([]Story, error) {
	return p.explain(ctx, id, `c.check_id IN (SELECT check_id FROM checks WHERE id_hash IN (?1, ?2)
		UNION SELECT check_id FROM other_ids WHERE id_hash IN (?1, ?2)) ORDER BY c.kind DESC`,
		hashOf("signatureId", id), livenessHash(id))
}

// Named returns the ID that a person means by a text, see [alias.Named].
func (p Personal) Named(ctx context.Context, typed string) (string, error) {
	return alias.Named(ctx, p.read, typed, hashOf)
}

// NamedByLists returns the hashes of what the rows of lists mean, see [alias.NamedByLists].
func (p Personal) NamedByLists(ctx context.Context, rows []alias.Form) (hashes [][hashSize]byte, err error) {
	err = alias.NamedByLists(ctx, p.read, rows, hashOf, func(hash []byte) {
		hashes = append(hashes, [hashSize]byte(hash))
	})
	return hashes, err
}

// ExplainTransaction returns the story of the check whose call has a transaction, or none.
func (p Personal) ExplainTransaction(ctx context.Context, transaction string) ([]Story, error) {
	return p.explain(ctx, "", `c.check_id IN (SELECT k.check_id FROM transactions t CROSS JOIN calls k USING (call_id)
		JOIN outcomes o USING (call_id) WHERE t.key = ? AND o.transaction_id = ?)`,
		query.TransactionKey(transaction), transaction)
}

// explain returns the stories of the checks c that a condition selects; id is the ID that was asked for, "" for their
// own.
func (p Personal) explain(ctx context.Context, id, which string, args ...any) ([]Story, error) {
	rows, err := p.read.QueryContext(ctx, `SELECT c.check_id, c.kind, coalesce(c.id, ''), c.region, c.endpoint,
		c.state, c.attempts, c.doubts, c.rechecks,
		c.unfound, c.no_score, c.again, c.why, a.call_id IS NOT NULL, c.check_id IN (SELECT k.check_id
		FROM `+query.OpenSuspects+` AND k.check_id = c.check_id),
		c.state = 'absent' AND EXISTS (SELECT 1 FROM unconfirmed u WHERE u.check_id = c.check_id),
		coalesce(c.other_id, ''), coalesce(c.reference, ''), a.score, coalesce(a.attack_type, '')
		FROM checks c LEFT JOIN answers a ON a.check_id = c.check_id AND a.standing = 1 WHERE `+which, args...)
	found, err := sqlrow.Collect(rows, err, "explain", func(t *Story) error {
		return rows.Scan(&t.ID, &t.Kind, &t.Text, &t.Region, &t.Endpoint, &t.State, &t.Attempts, &t.Doubts,
			&t.Rechecks, &t.Unfound, &t.NoScores, &t.Again,
			&t.Why, &t.HasResult, &t.Suspect, &t.Noted, &t.OtherID, &t.Reference, &t.Score, &t.Attack)
	})
	if err != nil {
		return nil, err
	}
	for i := range found {
		other := HashID("livenessId", found[i].OtherID)
		err := p.read.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM checks WHERE id_hash = ?)", other[:]).
			Scan(&found[i].OtherAsked)
		if err != nil {
			return nil, fmt.Errorf("explain: %w", err)
		}
		if err := p.tell(ctx, &found[i], cmp.Or(id, found[i].Text)); err != nil {
			return nil, fmt.Errorf("explain: %w", err)
		}
	}
	return found, nil
}

func (p Personal) tell(ctx context.Context, t *Story, id string) error {
	var err error
	if t.Traces, err = tracesOf(ctx, p.read, t.ID); err != nil {
		return err
	}
	rows, err := p.read.QueryContext(ctx, `SELECT k.call_id, k.run_id, k.attempt, k.reason, coalesce(o.sent_at,
		k.intended_at), coalesce(o.outcome, ''), coalesce(o.cause, ''),
		coalesce(o.http_status, 0), coalesce(o.code, ''), coalesce(o.pricing, ''), coalesce(o.tag, ''),
		coalesce(o.transaction_id, ''),
		coalesce(o.ended_at - o.sent_at, 0), coalesce(a.standing, 0), v.resolution, coalesce(r.transaction_id, ''),
		coalesce(r.first_call, 0), coalesce(s.why, ''), coalesce(a.body, ''), `+accounts.ShortSQL+`
		FROM calls k JOIN v_calls v USING (call_id) LEFT JOIN outcomes o USING (call_id)
		LEFT JOIN answers a USING (call_id)
		LEFT JOIN repeated_answers r USING (call_id) LEFT JOIN suspects s USING (call_id) WHERE k.check_id = ?
		ORDER BY k.attempt`, t.ID)
	t.Calls, err = sqlrow.Collect(rows, err, "calls", func(c *StoryCall) error {
		var at, latency int64
		err := rows.Scan(&c.CallID, &c.RunID, &c.Attempt, &c.Reason, &at, &c.Outcome, &c.Cause, &c.HTTPStatus, &c.Code,
			&c.Pricing, &c.Tag, &c.TransactionID, &latency, &c.Current, &c.Resolution,
			&c.Repeats.TransactionID, &c.Repeats.FirstCall, &c.Suspect, &c.Received, &c.Short)
		c.At, c.Latency = sqlrow.FromMillis(at), time.Duration(latency)*time.Millisecond
		return err
	})
	if err != nil {
		return err
	}
	t.Billed = map[int64][]BilledLine{}
	for _, c := range t.Calls {
		if t.Billed[c.CallID], err = linesOf(ctx, p.read, c.CallID); err != nil {
			return err
		}
	}
	return p.tellAfterwards(ctx, t, HashID("", id))
}

// tracesOf returns the rows of lists in which a check's ID stood.
func tracesOf(ctx context.Context, db sqlrow.Queryer, check int64) ([]Trace, error) {
	rows, err := db.QueryContext(ctx, `SELECT l.path, p.line, l.read_at, p.first FROM
		(SELECT list_id, line, 1 AS first FROM checks WHERE check_id = ?1 UNION ALL SELECT list_id, line, 0
		FROM list_repeats WHERE check_id = ?1) p
		JOIN lists l USING (list_id) ORDER BY l.list_id, p.line`, check)
	return sqlrow.Collect(rows, err, "places", func(p *Trace) error {
		var at int64
		err := rows.Scan(&p.Path, &p.Line, &at, &p.First)
		p.ReadAt = sqlrow.FromMillis(at)
		return err
	})
}

// tellAfterwards adds what became of an ID after its calls. erased is the hash by which an erasure of the ID is known.
func (p Personal) tellAfterwards(ctx context.Context, t *Story, erased [hashSize]byte) error {
	var err error
	if t.Decisions, err = decisions.OfCheck(ctx, p.read, t.ID); err != nil {
		return err
	}
	rows, err := p.read.QueryContext(ctx, `SELECT call_id, kind, state, reason, path, queued_at, settled_at FROM `+
		`evidence WHERE check_id = ? ORDER BY evidence_id`, t.ID)
	t.Images, err = sqlrow.Collect(rows, err, "images", func(i *StoryImage) error {
		var queued int64
		var settled sql.NullInt64
		err := rows.Scan(&i.CallID, &i.Kind, &i.State, &i.Reason, &i.Path, &queued, &settled)
		i.QueuedAt, i.EndedAt = sqlrow.FromMillis(queued), sqlrow.FromNullMillis(settled)
		return err
	})
	if err != nil {
		return err
	}
	rows, err = p.read.QueryContext(ctx, "SELECT erased_at FROM erasures WHERE id_hash = ? ORDER BY erasure_id",
		erased[:])
	t.Erased, err = sqlrow.Collect(rows, err, "erasures", func(at *time.Time) error {
		var ms int64
		err := rows.Scan(&ms)
		*at = sqlrow.FromMillis(ms)
		return err
	})
	if err != nil {
		return err
	}
	return p.tellHolds(ctx, t)
}

// tellHolds adds when an ID was held, and who ended that.
func (p Personal) tellHolds(ctx context.Context, t *Story) error {
	rows, err := p.read.QueryContext(ctx, `SELECT r.restored_at, r.restored_by, r.lost_from, r.lost_until,
		l.released_at, coalesce(l.released_by, '')
		FROM holds h JOIN restorations r USING (restoration_id) LEFT JOIN releases l USING (release_id)
		WHERE h.check_id = ? ORDER BY restoration_id`, t.ID)
	t.Holds, err = sqlrow.Collect(rows, err, "holds", func(h *StoryHold) error {
		var at, from, until int64
		var released sql.NullInt64
		err := rows.Scan(&at, &h.By, &from, &until, &released, &h.ReleasedBy)
		h.At, h.LostFrom, h.LostUntil, h.ReleasedAt = sqlrow.FromMillis(at), sqlrow.FromMillis(from),
			sqlrow.FromMillis(until), sqlrow.FromNullMillis(released)
		return err
	})
	return err
}
