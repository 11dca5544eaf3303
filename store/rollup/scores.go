package rollup

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

	"liverecon/store/calendar"
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

// ScoreBin describes one score as received.
type ScoreBin struct {
	Score   float64
	Answers int64
}

// scoreKey represents a row of score_counts without what it counts.
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

// keys returns the groups in the order of the table's index.
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
	ctx context.Context, db sqlrow.Queryer, clock calendar.Clock, dayOf func(int64) (int64, int64), most int,
	flush func(*scoreCounts) error, from string, args ...any,
) error {
	rows, err := db.QueryContext(ctx, "SELECT "+At(clock)+", region, endpoint, attack_type, score FROM answers "+from,
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

// rollScores adds the standing answers of the calls in (from, to] to score_counts.
func rollScores(ctx context.Context, tx *sql.Tx, c calendar.Calendar, from, to int64) error {
	add := func(counts *scoreCounts) error {
		for _, k := range counts.keys() {
			if err := mergeScores(ctx, tx, k, counts.groups[k]); err != nil {
				return err
			}
		}
		return nil
	}
	return eachStanding(ctx, tx, c.Clock, c.DayOf(), math.MaxInt, add,
		"WHERE standing = 1 AND call_id > ? AND call_id <= ?", from, to)
}

// mergeScores adds to one row of score_counts; a row that comes to nothing goes.
func mergeScores(ctx context.Context, tx sqlrow.Execer, k scoreKey, g *scoreCount) error {
	var id sql.NullInt64
	var answers int64
	var text []byte
	err := tx.QueryRowContext(ctx, "SELECT rowid, answers, scores FROM score_counts WHERE day = ? AND region = ? "+
		"AND endpoint = ? AND attack_type = ?",
		k.day, k.region, k.endpoint, k.attackType).Scan(&id, &answers, &text)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	bins, err := decodeScores(text, nil)
	if err != nil {
		return err
	}
	for _, b := range bins {
		if g.scores[b.Score] += b.Answers; g.scores[b.Score] == 0 {
			delete(g.scores, b.Score)
		}
	}
	for _, n := range g.scores {
		if n < 0 {
			return errScores
		}
	}
	if g.answers += answers; g.answers == 0 {
		_, err = tx.ExecContext(ctx, "DELETE FROM score_counts WHERE rowid = ?", id)
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO score_counts (rowid, day, ends, region, endpoint, attack_type, answers,
		scores) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET answers = excluded.answers, scores = excluded.scores`,
		id, k.day, k.ends, k.region, k.endpoint, k.attackType, g.answers, encodeScores(g.sorted()))
	return err
}

// Answer represents an answer that does not stand any more. Its times are milliseconds since the Unix epoch.
type Answer struct {
	CallID, AnsweredAt           int64
	CapturedAt                   sql.NullInt64
	Region, Endpoint, AttackType string
	Score                        sql.NullFloat64
}

// Uncount takes an answer out of score_counts if it is in there. It was counted by its day, which begins with the last
// row of its kind that does not lie after it. Where the counts do not hold it they are worth nothing, and are given up:
// a cache does not stop what is paid for.
func Uncount(ctx context.Context, tx sqlrow.Execer, a Answer) error {
	_, err := tx.ExecContext(ctx, "DELETE FROM origin_days WHERE day <= ?1 AND ends > ?1", a.AnsweredAt)
	if err != nil {
		return err
	}
	var upTo int64
	var madeFor string
	err = tx.QueryRowContext(ctx, "SELECT up_to, made_for FROM rollups WHERE name = 'scores'").Scan(&upTo, &madeFor)
	if errors.Is(err, sql.ErrNoRows) || err == nil && a.CallID > upTo {
		return nil
	}
	if err != nil {
		return err
	}
	at := a.AnsweredAt
	if calendar.ClockOf(madeFor) == calendar.ByCapture && a.CapturedAt.Valid {
		at = a.CapturedAt.Int64
	}
	key := scoreKey{region: a.Region, endpoint: a.Endpoint, attackType: a.AttackType}
	err = tx.QueryRowContext(ctx, `SELECT day, ends FROM score_counts WHERE day <= ? AND region = ? AND endpoint `+
		`= ? AND attack_type = ? ORDER BY day DESC LIMIT 1`,
		at, a.Region, a.Endpoint, a.AttackType).Scan(&key.day, &key.ends)
	if err == nil {
		counts := scoreCounts{}
		counts.add(key, a.Score, -1)
		err = mergeScores(ctx, tx, key, counts.groups[key])
	}
	if errors.Is(err, sql.ErrNoRows) || errors.Is(err, errScores) {
		_, err = tx.ExecContext(ctx, "DELETE FROM rollups WHERE name = 'scores'")
	}
	return err
}

// scanBins sets how many scores EachScores holds at a time of what no rollup has counted.
const scanBins = 1 << 17

// EachScores gives the standing answers of [from, to), which begins and ends with a day of the calendar, counted by
// day, region, endpoint, type and score. What the last RollUp counted is read as it was counted, the rest from the
// answers; after a RollUp for another calendar everything is. The counts are valid during the call only.
func EachScores(
	ctx context.Context, db sqlrow.Queryer, c calendar.Calendar, from, to time.Time, each func(*Scores) error,
) error {
	upTo, known, err := Mark(ctx, db, "scores", c.String())
	if err != nil {
		return fmt.Errorf("read scores: %w", err)
	}
	give := func(counts *scoreCounts) error {
		for _, k := range counts.keys() {
			g := counts.groups[k]
			if err := each(&Scores{sqlrow.FromMillis(k.day), k.region, k.endpoint, k.attackType, g.answers,
				g.sorted()}); err != nil {
				return err
			}
		}
		return nil
	}
	within := Within(c.Clock)
	if !known {
		return eachStanding(ctx, db, c.Clock, c.DayOf(), scanBins, give, "WHERE "+within, sqlrow.Millis(from),
			sqlrow.Millis(to))
	}
	if err := eachCounted(ctx, db, from, to, each); err != nil {
		return err
	}
	return eachStanding(ctx, db, c.Clock, c.DayOf(), scanBins, give, "NOT INDEXED WHERE "+within+
		" AND call_id > ?3", sqlrow.Millis(from), sqlrow.Millis(to), upTo)
}

// eachCounted gives what the rollup holds of a period.
func eachCounted(ctx context.Context, db sqlrow.Queryer, from, to time.Time, each func(*Scores) error) error {
	rows, err := db.QueryContext(ctx, `SELECT day, region, endpoint, attack_type, answers, scores FROM score_counts
		WHERE day >= ? AND day < ? ORDER BY day, region, endpoint, attack_type`, sqlrow.Millis(from), sqlrow.Millis(to))
	if err != nil {
		return fmt.Errorf("read counts of scores: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	var found Scores
	for rows.Next() {
		var day int64
		var text []byte
		if err := rows.Scan(&day, &found.Region, &found.Endpoint, &found.AttackType, &found.Answers,
			&text); err != nil {
			return fmt.Errorf("read counts of scores: %w", err)
		}
		found.Day = sqlrow.FromMillis(day)
		if found.Bins, err = decodeScores(text, found.Bins[:0]); err != nil {
			return fmt.Errorf("read counts of scores: %w", err)
		}
		if err := each(&found); err != nil {
			return err
		}
	}
	return rows.Err()
}
