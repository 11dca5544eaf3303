package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"liverecon/store/alias"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/place"
)

// An ID that was asked in the wrong place is absent there. A person (Redirect), or a list that names it in another
// place than the one before (Intake), has it asked where it belongs. An endpoint that was asked for an ID before is
// never asked by that again, so that an ID moves as often at most as there are endpoints.

// Move represents an ID with the place where a list says it is to be asked.
type Move struct {
	Hash     [16]byte // HashID
	Region   string   // alpha-2
	Endpoint string
}

// Moved counts IDs that were asked in one place, absent there, and belong to another.
type Moved struct {
	From, FromRegion string
	To, ToRegion     string
	Checks           int64
}

// movable returns the condition that a check c is absent, also by its other ID, and that an endpoint, an expression, was never
// asked for it.
func movable(endpoint string) string {
	return `c.state = 'absent' AND c.id IS NOT NULL AND c.again = ''
		AND NOT EXISTS (SELECT 1 FROM calls k WHERE k.check_id = c.check_id AND k.endpoint = ` + endpoint +
		") AND NOT " + alias.Answered("c.id_hash")
}

// askedSince holds the condition that a check c was asked since the database last went on as an older copy: before that
// a list may have moved it, and the call for it be lost.
const askedSince = `(SELECT max(run_id) FROM calls k WHERE k.check_id = c.check_id) >
	(SELECT coalesce(max(run_id), 0) FROM restorations)`

// misplaced selects, of the moves in ?1 and at most ?2, the checks that are to be asked elsewhere.
var misplaced = `SELECT c.check_id, c.endpoint, c.region, j.value ->> 'e' AS to_endpoint, j.value ->> 'r' AS to_region
	FROM json_each(?1) j CROSS JOIN checks c ON c.id_hash = unhex(j.value ->> 'h')
	WHERE ` + movable("j.value ->> 'e'") + " ORDER BY j.key LIMIT ?2"

// Misplaced counts the absent checks that Redirect would move.
func (c Checks) Misplaced(ctx context.Context, moves []Move, limit int64) ([]Moved, error) {
	text, err := movesJSON(moves)
	if err != nil {
		return nil, err
	}
	rows, err := c.read.QueryContext(ctx, "SELECT endpoint, region, to_endpoint, to_region, count(*) FROM ("+misplaced+
		") GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4", text, limit)
	return sqlrow.Collect(rows, err, "count misplaced IDs", func(m *Moved) error {
		return rows.Scan(&m.From, &m.FromRegion, &m.To, &m.ToRegion, &m.Checks)
	})
}

// Redirect makes absent checks pending where they belong, and returns how many. The calls that were made keep their
// endpoint and region.
func (c Checks) Redirect(ctx context.Context, moves []Move, limit int64, now time.Time) (int64, error) {
	text, err := movesJSON(moves)
	if err != nil {
		return 0, err
	}
	tx, err := c.write.BeginTx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("redirect: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	moved, err := move(ctx, tx, misplaced, now, text, limit)
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return 0, fmt.Errorf("redirect: %w", err)
	}
	return moved, nil
}

// move makes the checks of a selection (check_id, to_endpoint, to_region) pending there. Its arguments are ?1 and so
// on.
func move(
	ctx context.Context, tx sqlrow.Execer, selection string, now time.Time, args ...any,
) (moved int64, err error) {
	chosen := "WITH m AS MATERIALIZED (" + selection + ") "
	// A list's regions count its new checks.
	_, err = tx.ExecContext(ctx, chosen+`UPDATE list_regions SET new = new - n
		FROM (SELECT c.list_id AS of_list, c.region AS of_region, count(*) AS n
		FROM m JOIN checks c USING (check_id) GROUP BY 1, 2) WHERE list_id = of_list AND region = of_region`, args...)
	if err == nil {
		_, err = tx.ExecContext(ctx, chosen+`INSERT INTO list_regions (list_id, region, duplicate, known, new)
			SELECT c.list_id, m.to_region, 0, 0, count(*) FROM m JOIN checks c USING (check_id) WHERE true GROUP BY 1, 2
			ON CONFLICT (list_id, region) DO UPDATE SET new = new + excluded.new`, args...)
	}
	if err != nil {
		return 0, err
	}
	return moved, sqlrow.ExecCount(ctx, tx, &moved, chosen+fmt.Sprintf(`UPDATE checks
		SET state = 'pending', guessed = 0, forced = 0, why = ?%d, doubts = 0, not_found = 0,
		no_score = 0, endpoint = m.to_endpoint, region = m.to_region, changed_at = ?%d FROM m
		WHERE checks.check_id = m.check_id`, len(args)+1, len(args)+2),
		append(args, WhyMisplaced, sqlrow.Millis(now))...)
}

// Misplaced counts the IDs that a run asked where a list, or a person, said that they belong, and that were absent
// where they had been asked.
func (c Calls) Misplaced(ctx context.Context, runID int64) (n int64, err error) {
	err = c.read.QueryRowContext(ctx, `SELECT count(DISTINCT check_id) FROM calls INDEXED BY calls_by_run
		WHERE run_id = ? AND reason = ?`, runID, string(ReasonMisplaced)).Scan(&n)
	if err != nil {
		return 0, fmt.Errorf("count misplaced IDs of run %d: %w", runID, err)
	}
	return n, nil
}

func movesJSON(moves []Move) (string, error) {
	type move struct {
		Hash     string `json:"h"`
		Region   string `json:"r"`
		Endpoint string `json:"e"`
	}
	all, met := []move{}, map[[16]byte]bool{}
	for _, m := range moves { // of an ID that is listed twice the first row counts
		if !met[m.Hash] {
			met[m.Hash] = true
			all = append(all, move{hex.EncodeToString(m.Hash[:]), m.Region, m.Endpoint})
		}
	}
	text, err := json.Marshal(all)
	if err != nil {
		return "", fmt.Errorf("redirect: %w", err)
	}
	return string(text), nil
}

// misplacedRows selects the known checks that the list being taken names elsewhere, in the order of its rows.
var misplacedRows = `SELECT r.check_id, r.endpoint AS to_endpoint, r.region AS to_region FROM temp.repeated r
	CROSS JOIN checks c USING (check_id) WHERE NOT r.mine AND r.nth = 1 AND NOT r.guessed AND ` + movable("r.endpoint") +
	" AND " + askedSince + " ORDER BY r.line"

// Move lets the list move up to limit known IDs that are absent where they were asked, and that it names elsewhere.
func (in *Intake) Move(limit int64) { in.most = limit }

// moveMisplaced counts such IDs of the list, and moves as many as it may.
func (in *Intake) moveMisplaced(ctx context.Context, l *List) error {
	if in.holder > 0 {
		return nil
	}
	var all int64
	err := in.conn.QueryRowContext(ctx, "SELECT count(*) FROM ("+misplacedRows+")").Scan(&all)
	if err == nil && min(all, in.most) > 0 {
		l.Moved, err = move(ctx, in.conn, misplacedRows+" LIMIT ?1", l.ReadAt, in.most)
	}
	l.Unmoved = all - l.Moved
	return err
}

// Move computes which known IDs the staged lists would move, at most limit. It comes after Lists.
func (p *Preview) Move(ctx context.Context, limit int64) ([]List, error) {
	if p.empty {
		return p.lists, p.contradict(ctx)
	}
	_, err := p.conn.ExecContext(ctx, `INSERT INTO moved SELECT c.check_id, s.list, s.endpoint, s.region, 0
		FROM (SELECT hash, endpoint, region, list, min(list * (1 << 32) + line) AS place FROM (
			SELECT *, row_number() OVER (PARTITION BY hash, list ORDER BY line) AS nth FROM staged) n
			WHERE nth = 1 AND NOT guessed AND NOT held AND EXISTS (SELECT 1 FROM book.checks c
				WHERE c.id_hash = n.hash AND `+movable("n.endpoint")+` AND `+askedSince+`) GROUP BY hash) s
		JOIN book.checks c ON c.id_hash = s.hash ORDER BY s.place`)
	if err == nil {
		_, err = p.conn.ExecContext(ctx, "UPDATE moved SET goes = 1 WHERE rowid <= ?", limit)
	}
	if err != nil {
		return nil, fmt.Errorf("preview moves: %w", err)
	}
	rows, err := p.conn.QueryContext(ctx, "SELECT list, sum(goes), sum(NOT goes) FROM moved GROUP BY list")
	found, err := sqlrow.Collect(rows, err, "preview moves", func(l *List) error {
		return rows.Scan(&l.ID, &l.Moved, &l.Unmoved)
	})
	for _, l := range found {
		p.lists[l.ID-1].Moved, p.lists[l.ID-1].Unmoved = l.Moved, l.Unmoved
	}
	if err == nil {
		err = p.contradict(ctx)
	}
	return p.lists, err
}

func (p *Preview) contradict(ctx context.Context) error {
	return place.ContradictListed(ctx, p.conn, func(list int) *place.Found { return &p.lists[list-1].Places })
}
