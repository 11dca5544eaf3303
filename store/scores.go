package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"math"
	"slices"
	"time"

	"liverecon/store/internal/sqlrow"
)

// Scores counts standing answers that agree in everything but their score. A day may come in several parts.
type Scores struct {
	Day        time.Time // its first moment
	Region     string
	Endpoint   string
	AttackType string // as received, "" for null
	Answers    int64
	Bins       []ScoreBin // ascending; answers without a score are in none
}

// ScoreBin is one score as received.
type ScoreBin struct {
	Score   float64
	Answers int64
}

// scoreKey is a row of score_counts without what it counts.
type scoreKey struct {
	day, ends                    int64
	region, endpoint, attackType string
}

type scoreCount struct {
	answers int64
	scores  map[float64]int64
}

// scoreCounts adds up answers.
type scoreCounts struct {
	groups map[scoreKey]*scoreCount
	bins   int // over all groups
}

// add counts n answers of one score.
func (c *scoreCounts) add(k scoreKey, score sql.NullFloat64, n int64) {
	g := c.groups[k]
	if g == nil {
		if c.groups == nil {
			c.groups = map[scoreKey]*scoreCount{}
		}
		g = &scoreCount{scores: map[float64]int64{}}
		c.groups[k] = g
	}
	g.answers += n
	if score.Valid {
		before := len(g.scores)
		g.scores[score.Float64] += n
		c.bins += len(g.scores) - before
	}
}

// keys are the groups in the order of the table's index.
func (c *scoreCounts) keys() []scoreKey {
	return slices.SortedFunc(maps.Keys(c.groups), func(a, b scoreKey) int {
		return cmp.Or(cmp.Compare(a.day, b.day), cmp.Compare(a.region, b.region), cmp.Compare(a.endpoint, b.endpoint),
			cmp.Compare(a.attackType, b.attackType))
	})
}

func (g *scoreCount) sorted() []ScoreBin {
	bins := make([]ScoreBin, 0, len(g.scores))
	for _, score := range slices.Sorted(maps.Keys(g.scores)) {
		bins = append(bins, ScoreBin{score, g.scores[score]})
	}
	return bins
}

// encodeScores writes the column scores.
func encodeScores(bins []ScoreBin) []byte {
	text := make([]byte, 0, 10*len(bins))
	for _, b := range bins {
		text = binary.BigEndian.AppendUint64(text, math.Float64bits(b.Score))
		text = binary.AppendUvarint(text, uint64(b.Answers))
	}
	return text
}

var errScores = errors.New("counts of scores are damaged")

// decodeScores reads the column scores into bins, whose room is used again.
func decodeScores(text []byte, bins []ScoreBin) ([]ScoreBin, error) {
	for len(text) > 0 {
		if len(text) < 9 {
			return nil, errScores
		}
		score := math.Float64frombits(binary.BigEndian.Uint64(text))
		n, size := binary.Uvarint(text[8:])
		if size <= 0 || n == 0 || n > math.MaxInt64 {
			return nil, errScores
		}
		bins = append(bins, ScoreBin{score, int64(n)})
		text = text[8+size:]
	}
	return bins, nil
}

// eachStanding reads standing answers that a condition selects, and hands over what they add up to whenever that has
// grown to more scores than most, and at the end. dayOf gives the first moment of a moment's day and of the next.
func eachStanding(
	ctx context.Context, db sqlrow.Queryer, clock Clock, dayOf func(int64) (int64, int64), most int,
	flush func(*scoreCounts) error, from string, args ...any,
) error {
	rows, err := db.QueryContext(ctx, "SELECT "+clock.at()+", region, endpoint, attack_type, score FROM answers "+from,
		args...)
	if err != nil {
		return fmt.Errorf("read scores: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	counts := &scoreCounts{}
	var key scoreKey
	var at int64
	var score sql.NullFloat64
	for rows.Next() {
		if err := rows.Scan(&at, &key.region, &key.endpoint, &key.attackType, &score); err != nil {
			return fmt.Errorf("read scores: %w", err)
		}
		key.day, key.ends = dayOf(at)
		if counts.add(key, score, 1); counts.bins > most {
			if err := flush(counts); err != nil {
				return err
			}
			counts = &scoreCounts{}
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read scores: %w", err)
	}
	return flush(counts)
}
