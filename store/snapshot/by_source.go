package snapshot

import (
	"bytes"
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"liverecon/store"
	"liverecon/store/internal/sqlrow"
)

// SourceUsage counts calls as Usage does, those of each source apart: of a list, and of
// what its row says beside the ID.
type SourceUsage struct {
	store.Usage
	ListID int64  // the list that brought the ID first
	Kept   string // what SourceQuestion.Kept made of the other columns of its row
	Apart  int64  // of the calls, those that SourceQuestion.Apart names
}

// SourceQuestion selects calls sent in [From, To).
type SourceQuestion struct {
	From, To time.Time
	LastCall int64                         // the newest that counts; 0: all count
	Kept     func(reference []byte) string // of the other columns of a row, JSON or empty; nil: they are not read
	Apart    []int64                       // calls
}

// sourceSlice sets how many calls are read as one text.
const sourceSlice = 2_000

// sourceFields counts the columns of sourceColumns.
const sourceFields = 8

// sourceColumns selects what calls are counted by. One that was begun and has no outcome yet counts as unanswered.
const sourceColumns = `coalesce(o.sent_at, k.intended_at) / 900000, k.endpoint, k.region,
	coalesce(o.outcome, 'unanswered'), coalesce(o.code, ''), coalesce(o.pricing, ''), coalesce(o.tag, 'unknown'),
	c.list_id`

// sourceTables selects calls k by their numbers and their time.
const sourceTables = ` FROM calls k CROSS JOIN checks c ON c.check_id = k.check_id
	LEFT JOIN outcomes o ON o.call_id = k.call_id WHERE k.call_id BETWEEN ?1 AND ?2
	AND coalesce(o.sent_at, k.intended_at) >= ?3 AND coalesce(o.sent_at, k.intended_at) < ?4`

// UsageBySource counts calls by their sources: those that Usage counts together stand in the order of their first call.
// It reads each call, some 1 microsecond each: SQLite joins those of a slice into one text, as it does for EachOrigin.
func (c CallReader) UsageBySource(ctx context.Context, q SourceQuestion) ([]*SourceUsage, error) {
	first, last, err := c.callRange(ctx, q.From, q.To)
	if err != nil {
		return nil, fmt.Errorf("count calls by list: %w", err)
	}
	if q.LastCall > 0 {
		last = min(last, q.LastCall)
	}
	r := sourceReader{view: c.view, q: q, found: map[string]map[string]*SourceUsage{}}
	for ; first <= last && err == nil; first += sourceSlice {
		err = r.joined(ctx, first, min(last, first+sourceSlice-1))
	}
	r.apart = true
	for _, call := range q.Apart {
		if err == nil && (q.LastCall == 0 || call <= q.LastCall) {
			err = r.single(ctx, call, call)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("count calls by list: %w", err)
	}
	return r.all, nil
}

// sourceReader counts calls that are read as texts.
type sourceReader struct {
	*view
	q     SourceQuestion
	found map[string]map[string]*SourceUsage // by the columns as a text, then by what is kept
	all   []*SourceUsage
	apart bool // what is read now was counted, and is named in the question
}

func (r *sourceReader) columns() (columns string, fields int) {
	if r.q.Kept == nil {
		return sourceColumns, sourceFields
	}
	return sourceColumns + ", coalesce(c.reference, '')", sourceFields + 1
}

// joined reads a slice of calls as one text. Where one of its words holds a separator, it reads them row by row.
func (r *sourceReader) joined(ctx context.Context, first, last int64) error {
	columns, fields := r.columns()
	var rows int64
	var text []byte
	err := r.tx.QueryRowContext(ctx, "SELECT count(*), CAST(group_concat(concat_ws(char(31), "+columns+
		"), char(30)) AS BLOB)"+sourceTables, first, last, sqlrow.Millis(r.q.From), sqlrow.Millis(r.q.To)).Scan(&rows, &text)
	if err != nil || rows == 0 {
		return err
	}
	if int64(bytes.Count(text, []byte{30})) != rows-1 || int64(bytes.Count(text, []byte{31})) != rows*int64(fields-1) {
		return r.single(ctx, first, last)
	}
	for more := true; more; {
		var row, reference []byte
		row, text, more = bytes.Cut(text, []byte{30})
		if fields > sourceFields {
			end := bytes.LastIndexByte(row, 31)
			row, reference = row[:end], row[end+1:]
		}
		r.count(row, reference, func() []string { return strings.Split(string(row), "\x1f") })
	}
	return nil
}

// single reads calls row by row.
func (r *sourceReader) single(ctx context.Context, first, last int64) error {
	columns, fields := r.columns()
	rows, err := r.tx.QueryContext(ctx, "SELECT "+columns+sourceTables+" ORDER BY k.call_id", first, last,
		sqlrow.Millis(r.q.From), sqlrow.Millis(r.q.To))
	if err != nil {
		return err
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	words := make([]string, sourceFields)
	var reference sql.RawBytes
	into := make([]any, 0, fields)
	for i := range words {
		into = append(into, &words[i])
	}
	if fields > sourceFields {
		into = append(into, &reference)
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		key := strings.Join(words, "\x1f")
		if strings.Count(key, "\x1f") >= sourceFields { // a word holds the separator
			key = fmt.Sprintf("%q", words)
		}
		r.count([]byte(key), reference, func() []string { return words })
	}
	return rows.Err()
}

// count counts a call; words returns its columns.
func (r *sourceReader) count(key, reference []byte, words func() []string) {
	kept := ""
	if r.q.Kept != nil {
		kept = r.q.Kept(reference)
	}
	u := r.found[string(key)][kept]
	if u == nil {
		u = newSourceUsage(words())
		u.Kept = kept
		if r.found[string(key)] == nil {
			r.found[string(key)] = map[string]*SourceUsage{}
		}
		r.found[string(key)][kept] = u
		r.all = append(r.all, u)
	}
	if r.apart {
		u.Apart++
		return
	}
	u.Calls++
}

// newSourceUsage reads the columns of sourceColumns.
func newSourceUsage(words []string) *SourceUsage {
	quarter, _ := strconv.ParseInt(words[0], 10, 64) // both are whole numbers in their tables
	list, _ := strconv.ParseInt(words[7], 10, 64)
	u := &SourceUsage{ListID: list}
	u.Quarter, u.Endpoint, u.Region = time.Unix(quarter*900, 0).UTC(), words[1], words[2]
	u.Outcome, u.Code, u.Pricing, u.Tag = store.Outcome(words[3]), words[4], words[5], store.Tag(words[6])
	return u
}
