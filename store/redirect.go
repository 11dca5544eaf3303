package store

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"
)

// Move is an ID with the place where a list says it is to be asked.
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

// misplaced selects, of the moves in ?1 and at most ?2, the absent checks that another endpoint was asked for. An
// endpoint that was asked for an ID before is never asked by a move again, so that there are as many at most as there
// are endpoints.
const misplaced = `SELECT c.check_id, c.endpoint, c.region, j.value ->> 'e' AS to_endpoint, j.value ->> 'r' AS to_region
	FROM json_each(?1) j CROSS JOIN checks c ON c.id_hash = unhex(j.value ->> 'h')
	WHERE c.state = 'absent' AND c.id IS NOT NULL AND c.again = ''
	AND NOT EXISTS (SELECT 1 FROM calls k WHERE k.check_id = c.check_id AND k.endpoint = j.value ->> 'e')
	ORDER BY j.key LIMIT ?2`

// Misplaced counts the absent checks that Redirect would move.
func (c Checks) Misplaced(ctx context.Context, moves []Move, limit int64) ([]Moved, error) {
	text, err := movesJSON(moves)
	if err != nil {
		return nil, err
	}
	rows, err := c.read.QueryContext(ctx, "SELECT endpoint, region, to_endpoint, to_region, count(*) FROM ("+misplaced+
		") GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4", text, limit)
	return collect(rows, err, "count misplaced IDs", func(m *Moved) error {
		return rows.Scan(&m.From, &m.FromRegion, &m.To, &m.ToRegion, &m.Checks)
	})
}

// Redirect makes absent checks pending where they belong, asked for by a person, and returns how many. The calls that
// were made keep their endpoint and region.
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
	// A list's regions count its new checks.
	const chosen = "WITH m AS MATERIALIZED (" + misplaced + ") "
	_, err = tx.ExecContext(ctx, chosen+`UPDATE list_regions SET new = new - n FROM (SELECT c.list_id AS of_list, c.region AS of_region, count(*) AS n
		FROM m JOIN checks c USING (check_id) GROUP BY 1, 2) WHERE list_id = of_list AND region = of_region`, text, limit)
	if err == nil {
		_, err = tx.ExecContext(ctx, chosen+`INSERT INTO list_regions (list_id, region, duplicate, known, new)
			SELECT c.list_id, m.to_region, 0, 0, count(*) FROM m JOIN checks c USING (check_id) WHERE true GROUP BY 1, 2
			ON CONFLICT (list_id, region) DO UPDATE SET new = new + excluded.new`, text, limit)
	}
	var moved int64
	if err == nil {
		err = execCount(ctx, tx, &moved, chosen+`UPDATE checks SET state = 'pending', forced = 1, why = '', doubts = 0, not_found = 0,
			no_score = 0, endpoint = m.to_endpoint, region = m.to_region, changed_at = ?3 FROM m WHERE checks.check_id = m.check_id`,
			text, limit, millis(now))
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return 0, fmt.Errorf("redirect: %w", err)
	}
	return moved, nil
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
