package rollup

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"liverecon/store/calendar"
	"liverecon/store/internal/sqlrow"
)

// KeptDays sets of how many days, the newest, origins are kept: two months and the nights that findings stand beside.
// Of older days reports read the answers.
const KeptDays = 120

// Words holds what many answers share, each as received.
type Words struct{ Region, AttackType, SDKVersion, Platform string }

// Origin describes where a scored standing answer comes from. Times are milliseconds, since the Unix epoch or long.
type Origin struct {
	Words
	Score             float64
	Captured          bool // the next two are known
	CapturedAt, Delay int64
	Gap               sql.NullInt64
	ListID            int64
}

// The column origins: the number of different words, and these, each of the four with its length; the number of
// different lists, and their numbers; then each answer: the places of its words and its list, its score, its gap and
// its capture. All numbers are varints as in protocol buffers, those with a sign zigzag. A score is 1 more than its
// hundredths, or 0 before the 8 bytes of one that has more decimals; a gap and a capture begin with 1, or are 0; a
// capture is its distance from the beginning of the day, and the delay.

// originWriter writes the column.
type originWriter struct {
	day    int64
	words  map[Words]uint64
	lists  map[int64]uint64
	heads  []byte // of the words
	places []byte // of the lists
	rows   []byte
}

func newOriginWriter(day int64) *originWriter {
	return &originWriter{day: day, words: map[Words]uint64{}, lists: map[int64]uint64{}}
}

func (w *originWriter) add(o *Origin) {
	word, known := w.words[o.Words]
	if !known {
		word = uint64(len(w.words))
		w.words[o.Words] = word
		for _, text := range []string{o.Region, o.AttackType, o.SDKVersion, o.Platform} {
			w.heads = append(binary.AppendUvarint(w.heads, uint64(len(text))), text...)
		}
	}
	list, known := w.lists[o.ListID]
	if !known {
		list = uint64(len(w.lists))
		w.lists[o.ListID] = list
		w.places = binary.AppendVarint(w.places, o.ListID)
	}
	w.rows = binary.AppendUvarint(binary.AppendUvarint(w.rows, word), list)
	if n := math.Round(o.Score * 100); n >= 0 && n <= 100_00 && n/100 == o.Score && !math.Signbit(o.Score) {
		w.rows = binary.AppendUvarint(w.rows, uint64(n)+1)
	} else {
		w.rows = binary.BigEndian.AppendUint64(append(w.rows, 0), math.Float64bits(o.Score))
	}
	if w.rows = append(w.rows, 0); o.Gap.Valid {
		w.rows[len(w.rows)-1] = 1
		w.rows = binary.AppendVarint(w.rows, o.Gap.Int64)
	}
	if w.rows = append(w.rows, 0); o.Captured {
		w.rows[len(w.rows)-1] = 1
		w.rows = binary.AppendVarint(binary.AppendVarint(w.rows, o.CapturedAt-w.day), o.Delay)
	}
}

func (w *originWriter) text() []byte {
	text := append(binary.AppendUvarint(nil, uint64(len(w.words))), w.heads...)
	text = append(binary.AppendUvarint(text, uint64(len(w.lists))), w.places...)
	return append(text, w.rows...)
}

var errOrigins = errors.New("origins of a day are damaged")

// originReader reads the column; after an error it gives zeros.
type originReader struct {
	text []byte
	err  error
}

func (r *originReader) take(n int) []byte {
	if r.err != nil || n < 0 || n > len(r.text) {
		r.err = errOrigins
		return nil
	}
	part := r.text[:n]
	r.text = r.text[n:]
	return part
}

func (r *originReader) count() uint64 {
	n, size := binary.Uvarint(r.text)
	if size <= 0 {
		r.err = errOrigins
		return 0
	}
	r.text = r.text[size:]
	return n
}

func (r *originReader) number() int64 {
	n, size := binary.Varint(r.text)
	if size <= 0 {
		r.err = errOrigins
		return 0
	}
	r.text = r.text[size:]
	return n
}

func (r *originReader) word() string {
	n := r.count()
	if n > uint64(len(r.text)) {
		r.err = errOrigins
		return ""
	}
	return string(r.take(int(n)))
}

func (r *originReader) score() float64 {
	if n := r.count(); n > 0 {
		return float64(n-1) / 100
	}
	bits := r.take(8)
	if bits == nil {
		return 0
	}
	return math.Float64frombits(binary.BigEndian.Uint64(bits))
}

func (r *originReader) flag() bool {
	b := r.take(1)
	return b != nil && b[0] != 0
}

// decodeOrigins gives the answers of a day: the place of their words among those handed to words before, and the rest.
// The answer is valid during the call only.
func decodeOrigins(day int64, text []byte, words func([]Words), each func(word int, o *Origin) error) error {
	r := &originReader{text: text}
	var all []Words
	for n := r.count(); n > 0 && r.err == nil; n-- {
		all = append(all, Words{r.word(), r.word(), r.word(), r.word()})
	}
	var lists []int64
	for n := r.count(); n > 0 && r.err == nil; n-- {
		lists = append(lists, r.number())
	}
	words(all)
	var o Origin
	for len(r.text) > 0 && r.err == nil {
		word, list := r.count(), r.count()
		if word >= uint64(len(all)) || list >= uint64(len(lists)) {
			return errOrigins
		}
		o = Origin{Words: all[word], ListID: lists[list], Score: r.score()}
		if o.Gap.Valid = r.flag(); o.Gap.Valid {
			o.Gap.Int64 = r.number()
		}
		if o.Captured = r.flag(); o.Captured {
			o.CapturedAt, o.Delay = day+r.number(), r.number()
		}
		if r.err == nil {
			if err := each(int(word), &o); err != nil {
				return err
			}
		}
	}
	return r.err
}

// originCount tests whether a day's answers are those of its row.
type originCount struct{ answers, calls int64 }

// scoredWithin selects the scored standing answers of [?1, ?2), which one index alone can count.
const scoredWithin = "standing = 1 AND answered_at >= ?1 AND answered_at < ?2 AND score IS NOT NULL"

func countOrigins(ctx context.Context, db sqlrow.Queryer, day, ends int64) (n originCount, err error) {
	err = db.QueryRowContext(ctx, "SELECT count(*), coalesce(sum(call_id), 0) FROM answers "+
		"INDEXED BY answers_by_time WHERE "+scoredWithin, day, ends).Scan(&n.answers, &n.calls)
	return n, err
}

// readOrigins reads a day's answers into the column.
func readOrigins(ctx context.Context, db sqlrow.Queryer, day, ends int64) ([]byte, error) {
	rows, err := db.QueryContext(ctx, `SELECT a.region, a.attack_type, a.sdk_version, a.platform, a.score,
		a.captured_at, a.answered_at, a.gap_ms, c.list_id FROM answers a INDEXED BY answers_by_time CROSS JOIN checks c
		ON c.check_id = a.check_id WHERE `+scoredWithin+" ORDER BY a.answered_at, a.call_id", day, ends)
	if err != nil {
		return nil, err
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	w := newOriginWriter(day)
	for rows.Next() {
		var o Origin
		var captured sql.NullInt64
		var answered int64
		if err := rows.Scan(&o.Region, &o.AttackType, &o.SDKVersion, &o.Platform, &o.Score, &captured, &answered,
			&o.Gap, &o.ListID); err != nil {
			return nil, err
		}
		o.Captured, o.CapturedAt, o.Delay = captured.Valid, captured.Int64, answered-captured.Int64
		w.add(&o)
	}
	return w.text(), rows.Err()
}

// keepOrigins makes the rows of the newest days anew that are not those of their standing answers any more. Days are
// those of score_counts; by the time of capture no origins are kept.
func keepOrigins(ctx context.Context, db *sql.DB, c calendar.Calendar) error {
	if c.Clock == calendar.ByCapture {
		_, err := db.ExecContext(ctx, "DELETE FROM origin_days")
		return err
	}
	if _, err := db.ExecContext(ctx, `DELETE FROM origin_days WHERE NOT EXISTS (SELECT 1 FROM score_counts s
		WHERE s.day = origin_days.day AND s.ends = origin_days.ends)
		OR day < (SELECT max(day) FROM score_counts) - ?`, KeptDays*(24*time.Hour).Milliseconds()); err != nil {
		return err
	}
	type wanted struct{ day, ends, standing int64 }
	rows, err := db.QueryContext(ctx, `SELECT s.day, s.ends, sum(s.answers) AS n FROM score_counts s
		LEFT JOIN origin_days o ON o.day = s.day WHERE s.day >= (SELECT max(day) FROM score_counts) - ?
		GROUP BY s.day, s.ends HAVING n IS NOT max(o.standing)`, KeptDays*(24*time.Hour).Milliseconds())
	days, err := sqlrow.Collect(rows, err, "read days", func(d *wanted) error {
		return rows.Scan(&d.day, &d.ends, &d.standing)
	})
	if err != nil {
		return err
	}
	for _, d := range days {
		if err := keepDay(ctx, db, d.day, d.ends, d.standing); err != nil {
			return err
		}
	}
	return nil
}

// keepDay makes the row of a day.
func keepDay(ctx context.Context, db *sql.DB, day, ends, standing int64) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	n, err := countOrigins(ctx, tx, day, ends)
	if err != nil {
		return err
	}
	text, err := readOrigins(ctx, tx, day, ends)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, `INSERT INTO origin_days VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET
		ends = excluded.ends, standing = excluded.standing, answers = excluded.answers, calls = excluded.calls,
		origins = excluded.origins`, day, ends, standing, n.answers, n.calls, text); err != nil {
		return err
	}
	return tx.Commit()
}

// KeptDay represents a day whose origins are kept, and are those of its answers.
type KeptDay struct {
	From, To time.Time
	text     []byte
}

// Each gives the answers of the day, oldest first: words is told all of its words before, and each
// the place of an answer's among them. An answer is valid during the call only.
func (d *KeptDay) Each(words func([]Words), each func(word int, o *Origin) error) error {
	return decodeOrigins(sqlrow.Millis(d.From), d.text, words, each)
}

// KeptOrigins gives the days within [from, to) whose origins are kept, oldest first; one is valid during the call only.
func KeptOrigins(ctx context.Context, db sqlrow.Queryer, from, to time.Time, each func(*KeptDay) error) error {
	rows, err := db.QueryContext(ctx, "SELECT day, ends, answers, calls FROM origin_days WHERE day >= ? AND ends <= ? "+
		"ORDER BY day", sqlrow.Millis(from), sqlrow.Millis(to))
	type kept struct {
		day, ends int64
		originCount
	}
	days, err := sqlrow.Collect(rows, err, "read kept origins", func(d *kept) error {
		return rows.Scan(&d.day, &d.ends, &d.answers, &d.calls)
	})
	if err != nil {
		return err
	}
	for _, d := range days {
		n, err := countOrigins(ctx, db, d.day, d.ends)
		if err != nil {
			return fmt.Errorf("read kept origins: %w", err)
		}
		if n != d.originCount {
			continue
		}
		k := &KeptDay{From: sqlrow.FromMillis(d.day), To: sqlrow.FromMillis(d.ends)}
		err = db.QueryRowContext(ctx, "SELECT origins FROM origin_days WHERE day = ?", d.day).Scan(&k.text)
		if err != nil {
			return fmt.Errorf("read kept origins: %w", err)
		}
		if err := each(k); err != nil {
			return err
		}
	}
	return nil
}

// auditOrigins reads the answers of all days again whose row tells as many as there are: the rows must be the same. No
// moment may lie in two rows, or a report would count its answers twice.
func auditOrigins(ctx context.Context, db sqlrow.Queryer) error {
	var broken int64
	err := db.QueryRowContext(ctx, "SELECT count(*) FROM origin_days a JOIN origin_days b ON b.day > a.day "+
		"AND b.day < a.ends").Scan(&broken)
	if err != nil {
		return err
	}
	err = KeptOrigins(ctx, db, time.UnixMilli(math.MinInt32), time.UnixMilli(math.MaxInt64/4), func(d *KeptDay) error {
		want, err := readOrigins(ctx, db, sqlrow.Millis(d.From), sqlrow.Millis(d.To))
		if string(want) != string(d.text) {
			broken++
		}
		return err
	})
	return lawBroken(originsLaw, broken, err)
}
