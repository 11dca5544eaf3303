package store

import (
	"bufio"
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"liverecon/store/dbfile"
	"liverecon/store/images"
	"liverecon/store/internal/sqlrow"
)

// The spill file keeps outcomes that the database could not take, most often because the disk is full. It is written
// full of zeros when a journal opens, so that overwriting it later needs no free block. A record is one line: the
// CRC-32 of what follows, in hex, a space, and JSON, whose fields may be more than an older program knows, or fewer.
// Zeros, or a line whose sum is wrong (torn by a crash), end it.

// spillRecordRoom holds the room set aside for what one call in flight can leave: its outcome, and the next intent of
// the same worker, which may share the failed commit. An answer without image links is under 1 KiB; of links there are
// four at most, of up to 2 KiB each.
const spillRecordRoom = 12 << 10

// spillFile represents an *os.File.
type spillFile interface {
	io.WriterAt
	Sync() error
	Close() error
}

// spill must be used by one goroutine at a time.
type spill struct {
	file spillFile
	path string
	end  int64
	lost error // of a sync that failed: the system may say of the next that it did not, so there is none
}

type spillRecord struct {
	Intent   Intent
	Result   Result
	Suspects *suspicion `json:",omitempty"` // instead of the others
}

// createSpill refuses to touch a file that holds records: Recover imports and removes it first.
func createSpill(path string, records int) (*spill, error) {
	old, damaged, err := readSpill(path)
	if err != nil {
		return nil, err
	}
	if len(old) > 0 || damaged {
		return nil, fmt.Errorf("spill file %s holds %d outcomes that were not imported", path, len(old))
	}
	file, err := dbfile.OpenRegular(path, os.O_RDWR|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, fmt.Errorf("create spill file: %w", err)
	}
	room := make([]byte, spillRecordRoom)
	for range records + 1 {
		if _, err = file.Write(room); err != nil {
			break
		}
	}
	if err = errors.Join(err, file.Sync(), dbfile.SyncPath(filepath.Dir(path))); err != nil {
		return nil, errors.Join(fmt.Errorf("set aside %d KiB for the spill file: %w", (records+1)*spillRecordRoom>>10,
			err), file.Close(), os.Remove(path))
	}
	return &spill{file: file, path: path}, nil
}

func (s *spill) append(in Intent, r Result) error {
	if err := s.add(spillRecord{Intent: in, Result: withoutImageData(r)}); err != nil {
		return fmt.Errorf("spill attempt %d of check %d: %w", in.Attempt, in.CheckID, err)
	}
	return nil
}

func (s *spill) add(r spillRecord) error {
	line, err := encodeSpill(r)
	if err != nil {
		return err
	}
	if s.lost != nil {
		return s.lost
	}
	if _, err := s.file.WriteAt(line, s.end); err != nil {
		return err
	}
	if s.lost = s.file.Sync(); s.lost != nil {
		return s.lost
	}
	s.end += int64(len(line))
	return nil
}

// withoutImageData gives up images that came with the answer itself: there is no room set aside for them, and what was
// paid for is the answer.
func withoutImageData(r Result) Result {
	if r.Answer == nil || !slices.ContainsFunc(r.Answer.Images, func(i images.Image) bool { return i.Data != nil }) {
		return r
	}
	answer := *r.Answer
	answer.Images = slices.Clone(answer.Images)
	for i := range answer.Images {
		if answer.Images[i].Data != nil {
			answer.Images[i].Data, answer.Images[i].Refused = nil, "lost_with_journal"
		}
	}
	r.Answer = &answer
	return r
}

func (s *spill) close() error {
	if s.end > 0 {
		return s.file.Close()
	}
	return errors.Join(s.file.Close(), os.Remove(s.path))
}

func encodeSpill(r spillRecord) ([]byte, error) {
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false) // would make six bytes of one
	if err := enc.Encode(r); err != nil {
		return nil, fmt.Errorf("encode spill record: %w", err)
	}
	text := bytes.TrimSuffix(out.Bytes(), []byte("\n"))
	return fmt.Appendf(nil, "%08x %s\n", crc32.ChecksumIEEE(text), text), nil
}

// spillLimit bounds what is read of a spill file, in bytes: far more than any number of calls in flight leaves.
const spillLimit = 1 << 28

// readSpill returns the whole records of a spill file, none when there is no file. damaged says that something other
// than zeros stands behind them: a record that was torn, or what no journal wrote.
func readSpill(path string) (records []spillRecord, damaged bool, err error) {
	file, err := dbfile.OpenRegular(path, os.O_RDONLY, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("open spill file: %w", err)
	}
	defer file.Close() //nolint:errcheck // opened for reading
	limited := &io.LimitedReader{R: file, N: spillLimit}
	lines := bufio.NewReader(limited)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, false, fmt.Errorf("read spill file: %w", err)
		}
		record, ok := decodeSpill(line)
		if !ok {
			return records, len(bytes.Trim(line, "\x00")) > 0 || limited.N == 0, nil
		}
		records = append(records, record)
	}
}

func decodeSpill(line []byte) (spillRecord, bool) {
	var r spillRecord
	sum, text, found := bytes.Cut(bytes.TrimSuffix(line, []byte("\n")), []byte(" "))
	if !found || string(sum) != fmt.Sprintf("%08x", crc32.ChecksumIEEE(text)) {
		return r, false
	}
	return r, json.Unmarshal(text, &r) == nil
}

// Recovery describes what a start found of an earlier end.
type Recovery struct {
	Spilled  int    // outcomes imported from the spill file
	Orphaned int    // intents without an outcome, now unanswered
	Suspects int64  // answers of earlier runs that share their transaction ID with another check's, not listed before
	Strange  int    // outcomes in the spill file of calls that the database lacks, as an older copy does
	Damaged  bool   // something in the spill file cannot be read: the calls it may tell of are orphaned
	Kept     string // file in which both are kept, "" where there are none
}

// Recover brings the database to a state in which every intent has its outcome: it imports the spill file, then gives
// every intent that still has none the outcome unanswered. Doing it twice does nothing the second time. A spill file
// with outcomes of calls that the database lacks, as an older copy does, is kept under another name, as they were paid
// for, and so is one that holds what cannot be read.
func (j Journal) Recover(ctx context.Context) (Recovery, error) {
	records, damaged, err := readSpill(j.spillPath())
	if err != nil {
		return Recovery{}, err
	}
	suspects, err := j.IndexTransactions(ctx)
	if err != nil {
		return Recovery{}, fmt.Errorf("recover: %w", err)
	}
	known, err := j.newTransactions(ctx)
	if err != nil {
		return Recovery{}, fmt.Errorf("recover: %w", err)
	}
	found, err := j.recover(ctx, records, known)
	err = errors.Join(err, known.close())
	found.Suspects = suspects
	if err != nil {
		return Recovery{}, fmt.Errorf("recover: %w", err)
	}
	if found.Damaged = damaged; found.Strange > 0 || damaged {
		found.Kept = fmt.Sprintf("%s.%s", j.spillPath(), time.Now().UTC().Format("20060102T150405.000"))
		err = os.Rename(j.spillPath(), found.Kept)
	} else if err = os.Remove(j.spillPath()); errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return Recovery{}, fmt.Errorf("recover: %w", err)
	}
	return found, nil
}

func (j Journal) recover(ctx context.Context, records []spillRecord, known *transactions) (Recovery, error) {
	var found Recovery
	conn, err := j.write.Conn(ctx)
	if err != nil {
		return found, err
	}
	defer conn.Close() //nolint:errcheck // returns it to the pool
	calls, err := prepareCalls(ctx, conn)
	if err != nil {
		return found, err
	}
	defer calls.close() //nolint:errcheck // statements of a connection that lives on
	if _, err := conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return found, err
	}
	if found, err = classifyOpenCalls(ctx, conn, calls, known, records); err == nil {
		_, err = conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		_, rollback := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return Recovery{}, errors.Join(err, rollback)
	}
	return found, nil
}

// recoverCopy gives calls their outcomes, in a copy, by the original's spill file, which stays as it is.
func (j Journal) recoverCopy(ctx context.Context, spill string) error {
	records, _, err := readSpill(spill)
	if err != nil {
		return err
	}
	known, err := j.newTransactions(ctx)
	if err != nil {
		return fmt.Errorf("recover: %w", err)
	}
	_, err = j.recover(ctx, records, known)
	return errors.Join(err, known.close())
}

// callKey holds what a call and its record in the spill file share. An older copy that goes on gives numbers a second
// time.
type callKey struct {
	check   int64
	attempt int
	run     int64
}

func keyOf(in Intent) callKey { return callKey{in.CheckID, in.Attempt, in.RunID} }

// ofThis returns the records about calls that the database has; strange is how many others there are.
func ofThis(ctx context.Context, conn *sql.Conn, records []spillRecord) (all []spillRecord, strange int, err error) {
	for _, r := range records {
		query, args := "SELECT count(*) = 1 FROM calls WHERE check_id = ? AND attempt = ? AND run_id = ?",
			[]any{r.Intent.CheckID, r.Intent.Attempt, r.Intent.RunID}
		if r.Suspects != nil {
			calls, err := json.Marshal(append([]int64{}, r.Suspects.Calls...))
			if err != nil {
				return nil, 0, err
			}
			query = "SELECT count(*) = 0 FROM json_each(?) j WHERE NOT EXISTS (SELECT 1 FROM calls k WHERE " +
				"k.call_id = j.value AND k.run_id <= ?)"
			args = []any{string(calls), r.Suspects.RunID}
		}
		var ours bool
		if err := conn.QueryRowContext(ctx, query, args...).Scan(&ours); err != nil {
			return nil, 0, fmt.Errorf("look for the call of an outcome: %w", err)
		}
		switch {
		case ours:
			all = append(all, r)
		case r.Suspects == nil && r.Result.Outcome == Unsent: // an intent whose commit failed: nothing became of it
		default:
			strange++
		}
	}
	return all, strange, nil
}

func classifyOpenCalls(
	ctx context.Context, conn *sql.Conn, calls *callWriter, known *transactions, records []spillRecord,
) (Recovery, error) {
	records, strange, err := ofThis(ctx, conn, records)
	found := Recovery{Strange: strange}
	if err != nil {
		return found, err
	}
	spilled := make(map[callKey]Result, len(records))
	for _, r := range records {
		if r.Suspects == nil {
			spilled[keyOf(r.Intent)] = r.Result
		}
	}
	open, err := openCalls(ctx, conn)
	if err != nil {
		return found, err
	}
	counts, closed := map[usageKey]int64{}, map[int64]Repeat{}
	for _, c := range open {
		result, ok := spilled[keyOf(c.intent)]
		if ok {
			found.Spilled++
		} else {
			found.Orphaned++
			result = Result{Outcome: Unanswered, Cause: "crash", SentAt: c.intent.At, EndedAt: time.Now(),
				Tag:   TagUnknown,
				State: c.intent.From.AfterLoss(), Doubtful: true, NoScores: c.noScores}
		}
		first, seen, err := known.claim(ctx, c.id, result.TransactionID)
		if err != nil {
			return found, err
		}
		if seen {
			told, err := result.repeated(ctx, conn, c.id, c.intent, first)
			if err != nil {
				return found, fmt.Errorf("call %d: %w", c.id, err)
			}
			result = *told
		}
		if err := calls.insertResult(c.id, c.intent, &result); err != nil {
			return found, fmt.Errorf("call %d: %w", c.id, err)
		}
		counts[usageOf(c.intent, result)]++
		calls.countChanges(c.id, c.intent, result)
		closed[c.id] = result.Repeats
	}
	if err := errors.Join(calls.addUsage(counts), calls.changes.Write()); err != nil {
		return found, err
	}
	for _, r := range records {
		if r.Suspects != nil {
			if err := calls.insertSuspects(r.Suspects); err != nil {
				return found, err
			}
		}
	}
	if err := suspectFirsts(ctx, conn, calls, closed); err != nil {
		return found, err
	}
	if _, err := calls.drainDoubted(ctx); err != nil {
		return found, err
	}
	_, err = conn.ExecContext(ctx, `INSERT INTO settings (key, value)
		SELECT 'classified_to', CAST(coalesce(max(call_id), 0) AS TEXT) FROM calls WHERE true
		ON CONFLICT (key) DO UPDATE SET value = excluded.value`)
	return found, err
}

// suspectFirsts lists the first holders of what came to another check's call, where a start has just closed one of the
// two; closed are those calls, with what they repeat. Of two that were not closed together nobody knows any more
// whether one connection brought both.
func suspectFirsts(ctx context.Context, conn *sql.Conn, calls *callWriter, closed map[int64]Repeat) error {
	if len(closed) == 0 {
		return nil
	}
	rows, err := conn.QueryContext(ctx, "SELECT call_id, first_call FROM repeated_answers WHERE first_call <> 0") // few
	pairs, err := sqlrow.Collect(rows, err, "read repeated answers", func(p *[2]int64) error {
		return rows.Scan(&p[0], &p[1])
	})
	if err != nil {
		return err
	}
	for _, p := range pairs {
		repeat, second := closed[p[0]]
		if _, first := closed[p[1]]; !first && !second || repeat.Copy {
			continue
		}
		if err := calls.suspectFirst(p[0], p[1]); err != nil {
			return err
		}
	}
	return nil
}

type openCall struct {
	id       int64
	intent   Intent
	noScores int // of its check
}

// openCallsSQL holds the intents k without outcome, with their checks c. Everything up to the mark classified_to was
// closed by an earlier start, and everything that the rollups count has an outcome, so the search costs no more than
// what the last run did, not what history holds.
const openCallsSQL = `calls k CROSS JOIN checks c USING (check_id)
	WHERE k.call_id > max(coalesce((SELECT CAST(value AS INTEGER) FROM settings WHERE key = 'classified_to'), 0),
		coalesce((SELECT max(up_to) FROM rollups), 0))
	AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.call_id = k.call_id)`

// openCalls lists the intents without outcome.
func openCalls(ctx context.Context, conn *sql.Conn) ([]openCall, error) {
	rows, err := conn.QueryContext(ctx, `SELECT k.call_id, k.check_id, k.attempt, k.run_id, k.reason, k.endpoint,
		k.region, k.intended_at,
		c.state, c.no_score FROM `+openCallsSQL)
	return sqlrow.Collect(rows, err, "read open calls", func(c *openCall) error {
		var at int64
		err := rows.Scan(&c.id, &c.intent.CheckID, &c.intent.Attempt, &c.intent.RunID, &c.intent.Reason,
			&c.intent.Endpoint, &c.intent.Region, &at, &c.intent.From, &c.noScores)
		c.intent.At = sqlrow.FromMillis(at)
		return err
	})
}
