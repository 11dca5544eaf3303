package snapshot

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"math"
	"strings"
	"time"

	"liverecon/store/calendar"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/rollup"
)

// OriginWords holds what many answers share. A pointer to it may be kept and compared: equal ones hold the same words.
type OriginWords struct {
	Region     string
	AttackType string // as received
	SDKVersion string
	Platform   string
	Suspicious bool
}

// Origin describes where a standing answer with a score comes from, and how its pictures were taken. Without Places,
// it has its words alone.
type Origin struct {
	*OriginWords
	CapturedAt time.Time     // zero: the vendor does not say
	Delay      time.Duration // from the capture to the answer, where CapturedAt is known
	Gap        *int64        // milliseconds from the far image to the near one; nil: the vendor does not say
	ListID     int64
	Reference  []byte // other columns of its row, JSON; nil after they were erased, and where there are none
}

// OriginQuestion selects the scored standing answers of [From, To), and what of them is read.
type OriginQuestion struct {
	From, To  time.Time
	Threshold float64 // a score below it is suspicious, and one on it unless Inclusive
	Inclusive bool
	Places    bool  // read also when pictures were taken, and the list
	Reference bool  // read also the other columns of rows
	Answers   int64 // about how many there are
}

// originSlice sets about how many answers are read as one text; where most of a day's come within some hours, several
// times as many are.
const originSlice = 2_000

// originWords selects the columns of OriginWords, in their order.
const originWords = "a.region, a.attack_type, a.sdk_version, a.platform, a.score < ?3"

// below returns the number that exactly the suspicious scores are below.
func (q *OriginQuestion) below() float64 {
	if q.Inclusive {
		return q.Threshold
	}
	return math.Nextafter(q.Threshold, math.Inf(1))
}

// columns returns what is read of an answer and from where; a NULL is an empty text, and the number of the columns.
func (q *OriginQuestion) columns() (columns, from string, fields int) {
	columns, from, fields = originWords, "answers a", 5
	if q.Places || q.Reference {
		from += " CROSS JOIN checks c ON c.check_id = a.check_id"
		columns += ", coalesce(a.captured_at, ''), coalesce(a.answered_at - a.captured_at, ''), coalesce(a.gap_ms, ''), " +
			"c.list_id"
		fields += 4
	}
	if q.Reference {
		columns += ", coalesce(c.reference, '')"
		fields++
	}
	return columns, from, fields
}

// EachOrigin gives the answers of a question, in no order: of days whose origins are kept as they were kept, unless the
// other columns of rows are asked for; the others cost some 1 microsecond an answer: SQLite joins those of a slice of
// time into one text, parted by U+001E and U+001F, since every row and column that is passed on costs more than reading
// it. A row is valid during the call only, its words for ever.
func (a AnswerReader) EachOrigin(ctx context.Context, q OriginQuestion, each func(*Origin) error) error {
	r := originReader{view: a.view, q: q, words: map[string]*OriginWords{}, each: each}
	if a.Clock == calendar.ByCapture { // no index finds a slice by it
		return r.single(ctx, q.From, q.To)
	}
	from := q.From
	if !q.Reference {
		err := rollup.KeptOrigins(ctx, a.tx, q.From, q.To, func(d *rollup.KeptDay) error {
			if err := r.slices(ctx, from, d.From); err != nil {
				return err
			}
			from = d.To
			return r.kept(d)
		})
		if err != nil {
			return err
		}
	}
	return r.slices(ctx, from, q.To)
}

// slices reads the answers of a stretch of time slice by slice.
func (r *originReader) slices(ctx context.Context, from, to time.Time) error {
	span := r.q.To.Sub(r.q.From)/time.Duration(max(1, r.q.Answers/originSlice)) + time.Millisecond
	for ; from.Before(to); from = from.Add(span) {
		end := from.Add(span)
		if end.After(to) {
			end = to
		}
		if err := r.joined(ctx, from, end); err != nil {
			return err
		}
	}
	return nil
}

// kept reads the answers of a day that is kept.
func (r *originReader) kept(d *rollup.KeptDay) error {
	var words [][2]*OriginWords // passing and suspicious
	below := r.q.below()
	return d.Each(func(all []rollup.Words) {
		for _, w := range all {
			words = append(words, [2]*OriginWords{r.word(w, "0"), r.word(w, "1")})
		}
	}, func(word int, o *rollup.Origin) error {
		w := words[word][0]
		if o.Score < below {
			w = words[word][1]
		}
		r.row = Origin{OriginWords: w}
		if r.q.Places {
			r.row.ListID = o.ListID
			if o.Captured {
				r.row.CapturedAt, r.row.Delay = sqlrow.FromMillis(o.CapturedAt), time.Duration(o.Delay)*time.Millisecond
			}
			if o.Gap.Valid {
				r.gap = o.Gap.Int64
				r.row.Gap = &r.gap
			}
		}
		return r.each(&r.row)
	})
}

// word returns the words of an answer that is suspicious, "1", or not, "0".
func (r *originReader) word(w rollup.Words, suspicious string) *OriginWords {
	made := func() *OriginWords {
		return &OriginWords{w.Region, w.AttackType, w.SDKVersion, w.Platform, suspicious == "1"}
	}
	text := strings.Join([]string{w.Region, w.AttackType, w.SDKVersion, w.Platform, suspicious}, "\x1f")
	if strings.Count(text, "\x1f") > 4 { // one holds the separator, so that others could have the same text
		return made()
	}
	return r.remembered([]byte(text), made)
}

// remembered returns the words of a text that many answers have in common.
func (r *originReader) remembered(text []byte, made func() *OriginWords) *OriginWords {
	w, known := r.words[string(text)]
	if !known {
		if len(r.words) >= mostWords {
			clear(r.words)
		}
		w = made()
		r.words[string(text)] = w
	}
	return w
}

// originReader gives answers that are read as texts.
type originReader struct {
	*view
	q     OriginQuestion
	words map[string]*OriginWords
	row   Origin
	gap   int64
	each  func(*Origin) error
}

// joined reads the answers of a slice of time as one text. Where one of its words holds a separator, it reads them row
// by row.
func (r *originReader) joined(ctx context.Context, from, to time.Time) error {
	columns, tables, fields := r.q.columns()
	var rows int64
	var text []byte
	err := r.tx.QueryRowContext(ctx, `SELECT count(*), CAST(group_concat(concat_ws(char(31), `+columns+`), char(30)) AS BLOB)
		FROM `+tables+` WHERE `+r.within()+` AND a.score IS NOT NULL`, sqlrow.Millis(from), sqlrow.Millis(to),
		r.q.below()).Scan(&rows, &text)
	if err != nil {
		return fmt.Errorf("read where answers come from: %w", err)
	}
	if rows == 0 {
		return nil
	}
	if int64(bytes.Count(text, []byte{30})) != rows-1 || int64(bytes.Count(text, []byte{31})) != rows*int64(fields-1) {
		return r.single(ctx, from, to)
	}
	for more := true; more; {
		var row []byte
		row, text, more = bytes.Cut(text, []byte{30})
		if err := r.give(row); err != nil {
			return err
		}
	}
	return nil
}

// give gives the answer of a text.
func (r *originReader) give(row []byte) error {
	end := len(row)
	if r.q.Places || r.q.Reference {
		end = 0
		for range 5 {
			end += bytes.IndexByte(row[end:], 31) + 1
		}
		end--
	}
	r.row = Origin{OriginWords: r.remembered(row[:end], func() *OriginWords {
		parts := bytes.Split(row[:end], []byte{31})
		return &OriginWords{string(parts[0]), string(parts[1]), string(parts[2]), string(parts[3]), string(parts[4]) == "1"}
	})}
	if end < len(row) {
		r.places(row[end+1:])
	}
	return r.each(&r.row)
}

// places reads what stands behind the words.
func (r *originReader) places(text []byte) {
	next := func() []byte {
		var field []byte
		field, text, _ = bytes.Cut(text, []byte{31})
		return field
	}
	if at := next(); len(at) > 0 {
		r.row.CapturedAt = sqlrow.FromMillis(number(at))
	}
	r.row.Delay = time.Duration(number(next())) * time.Millisecond
	if gap := next(); len(gap) > 0 {
		r.gap = number(gap)
		r.row.Gap = &r.gap
	}
	r.row.ListID = number(next())
	if len(text) > 0 {
		r.row.Reference = text
	}
}

// number reads a whole number as SQLite writes one.
func number(text []byte) (n int64) {
	negative := len(text) > 0 && text[0] == '-'
	for _, digit := range text {
		if digit != '-' {
			n = 10*n + int64(digit-'0')
		}
	}
	if negative {
		return -n
	}
	return n
}

// single reads the answers of a slice of time row by row.
func (r *originReader) single(ctx context.Context, from, to time.Time) error {
	rows, err := r.tx.QueryContext(ctx, `SELECT `+originWords+`, a.captured_at, a.answered_at - a.captured_at, a.gap_ms,
		c.list_id, c.reference FROM answers a CROSS JOIN checks c ON c.check_id = a.check_id
		WHERE `+r.within()+` AND a.score IS NOT NULL`, sqlrow.Millis(from), sqlrow.Millis(to), r.q.below())
	if err != nil {
		return fmt.Errorf("read where answers come from: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	known := map[OriginWords]*OriginWords{}
	for rows.Next() {
		var w OriginWords
		var captured, delay, gap sql.NullInt64
		var reference sql.RawBytes
		o := Origin{}
		if err := rows.Scan(&w.Region, &w.AttackType, &w.SDKVersion, &w.Platform, &w.Suspicious, &captured, &delay, &gap,
			&o.ListID, &reference); err != nil {
			return fmt.Errorf("read where answers come from: %w", err)
		}
		if o.OriginWords = known[w]; o.OriginWords == nil {
			if len(known) >= mostWords {
				clear(known)
			}
			o.OriginWords = &w
			known[w] = o.OriginWords
		}
		o.CapturedAt, o.Reference = sqlrow.FromNullMillis(captured), reference
		o.Delay = time.Duration(delay.Int64) * time.Millisecond
		if gap.Valid {
			o.Gap = &gap.Int64
		}
		if err := r.each(&o); err != nil {
			return err
		}
	}
	return rows.Err()
}

// ListPaths returns the paths of all lists, by their numbers.
func (a AnswerReader) ListPaths(ctx context.Context) (map[int64]string, error) {
	return a.listPaths(ctx)
}
