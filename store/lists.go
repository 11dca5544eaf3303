package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"liverecon/store/alias"
	"liverecon/store/held"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/mention"
	"liverecon/store/place"
	"liverecon/store/record"
	"liverecon/store/remarks"
)

// hashSize holds the length of an ID's hash: 128 bits make a chance collision among 10^9 IDs less likely than 10^-20.
const hashSize = 16

// HashID returns the key by which an ID is recognised, also after its text was erased.
func HashID(kind, id string) [hashSize]byte {
	text := make([]byte, 0, 96)
	text = append(text, kind...)
	text = append(text, 0)
	text = append(text, id...)
	sum := sha256.Sum256(text)
	return [hashSize]byte(sum[:hashSize])
}

// ListedRow describes one valid row of a list.
type ListedRow struct {
	Line      int
	Kind      string // signatureId or livenessId
	ID        string
	OtherID   string // the livenessId of a row that gave both; the check is known under it, too
	Region    string // ISO 3166-1 alpha-2
	Endpoint  string
	Reference string // the row's other columns
	Guessed   bool   // the list does not say Region, and moves no ID to it that was asked elsewhere
}

// Reject describes one row that could not be taken.
type Reject struct {
	Path   string
	Line   int
	Column string
	Reason string
	Detail string
	Value  string

	// Unplaced is the row of a reject that lacks nothing but an endpoint, nil of any other: it is no reject where its
	// ID was taken before, from another list or when there was an endpoint.
	Unplaced *ListedRow
}

// List holds what one list brought. Rows = Rejected + Duplicate + Known + New.
type List struct {
	ID          int64
	RunID       int64 // that read it
	Path        string
	SHA256      [sha256.Size]byte
	Fingerprint string // content and everything that decides how it is read
	Bytes       int64
	ReadAt      time.Time
	Rows        int64
	Rejected    int64
	Duplicate   int64 // the same ID earlier in this list
	Known       int64 // the same ID in an earlier list
	New         int64
	Held        int64 // of New, those that are held
	Moved       int64 // of Known, those absent where they were asked, and now asked where it says
	Unmoved     int64 // of Known, those that it may not move, as it would be too many

	OtherCase alias.OtherCase // of Rejected, those whose ID differs from a known one in nothing but case
	OtherKind alias.OtherKind // of Rejected, those whose ID is known as one of the other kind
	Aliases   alias.Found     // of its rows, Aliases.Rows are duplicate or known
	Places    place.Found     // what its rows say of the places of IDs that have one
	Notes     []string        // what was said of it when it was read
}

// Lists holds the lists that were read, with their rejected rows.
type Lists struct{ *db }

// ListLookup looks for lists that were read, one after the other.
type ListLookup struct{ find *sql.Stmt }

// LookUp begins to look for lists. Close ends it.
func (l Lists) LookUp(ctx context.Context) (*ListLookup, error) {
	find, err := l.read.PrepareContext(ctx, findListSQL)
	if err != nil {
		return nil, fmt.Errorf("look up lists: %w", err)
	}
	return &ListLookup{find}, nil
}

// Close ends the looking.
func (l *ListLookup) Close() error { return l.find.Close() }

// Known returns the list that was read with this fingerprint, with its rows and those rejected; known is false where
// none was.
func (l *ListLookup) Known(ctx context.Context, fingerprint string) (found List, known bool, err error) {
	return scanFound(l.find.QueryRowContext(ctx, fingerprint))
}

const findListSQL = "SELECT list_id, run_id, path, rows, rejected FROM lists WHERE fingerprint = ?"

func scanFound(row *sql.Row) (found List, known bool, err error) {
	err = row.Scan(&found.ID, &found.RunID, &found.Path, &found.Rows, &found.Rejected)
	if errors.Is(err, sql.ErrNoRows) {
		return List{}, false, nil
	}
	if err != nil {
		return List{}, false, fmt.Errorf("look up list: %w", err)
	}
	return found, true, nil
}

// Intake takes one list: rows are staged in a temporary table as they are read, then sorted by SQLite and merged into
// checks in the order of their keys, in one transaction. Random keys inserted one by one would touch a page of the
// index each; sorted ones touch every page once. Memory is bounded by SQLite's cache, not by the list.
type Intake struct {
	conn   *sql.Conn
	row    *sql.Stmt
	reject *sql.Stmt
	valid  int64
	bad    int64
	rule   held.Rule // by which what is new is held, if it is
	holder int64     // restoration that holds what is new, 0: none
	most   int64     // IDs that it may move
	erased mention.Erased

	caseMatters, kindsShare bool
}

// makeAnew makes the tables that a list is staged in; the connection may have those of one before.
var makeAnew = []string{
	"DROP TABLE IF EXISTS temp.staged", "DROP TABLE IF EXISTS temp.repeated", "DROP TABLE IF EXISTS temp.refused",
	"CREATE TEMP TABLE staged (hash BLOB, line INTEGER, kind TEXT, id TEXT, other BLOB, other_id TEXT, " +
		"reference TEXT, region TEXT, endpoint TEXT, guessed INTEGER, small BLOB, capital BLOB, other_small BLOB, " +
		"other_capital BLOB, twin BLOB, other_twin BLOB)",
	`CREATE TEMP TABLE refused (line INTEGER, "column" TEXT, reason TEXT, detail TEXT, value TEXT,
		hash BLOB, kind TEXT, id TEXT, region TEXT)`,
}

// Erased reads which IDs were taken out on request.
func (l Lists) Erased(ctx context.Context) (mention.Erased, error) {
	return mention.ReadErased(ctx, l.read)
}

// Begin starts to take a list. It ends by Commit or Abort.
func (l Lists) Begin(ctx context.Context) (*Intake, error) {
	erased, err := l.Erased(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin intake: %w", err)
	}
	conn, err := l.write.Conn(ctx)
	if err != nil {
		return nil, fmt.Errorf("begin intake: %w", err)
	}
	in := &Intake{conn: conn, erased: erased}
	for _, text := range slices.Concat(makeAnew, alias.Drop, place.Drop, alias.ForIntake, []string{sqlrow.LargeCache, "BEGIN"}) {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return nil, errors.Join(fmt.Errorf("begin intake: %w", err), conn.Close())
		}
	}
	in.row, err = conn.PrepareContext(ctx, "INSERT INTO temp.staged VALUES ("+strings.Repeat("?, ", 15)+"?)")
	if err == nil {
		in.reject, err = conn.PrepareContext(ctx, "INSERT INTO temp.refused VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("begin intake: %w", err), in.Abort())
	}
	return in, nil
}

// Hold makes the IDs that are new with this list held by a restoration: if byFile, or else if the rule says so of one
// of its IDs.
func (in *Intake) Hold(rule held.Rule, byFile bool) {
	if in.rule = rule; byFile {
		in.holder = rule.Restoration
	}
}

// Distinguish makes IDs of the list that differ from known ones in nothing but case, or in nothing but their kind, IDs
// of their own.
func (in *Intake) Distinguish(byCase, byKind bool) { in.caseMatters, in.kindsShare = byCase, byKind }

// Row stages one valid row.
func (in *Intake) Row(r ListedRow) error {
	in.valid++
	hash := HashID(r.Kind, r.ID)
	_, err := in.row.Exec(append([]any{hash[:], r.Line, r.Kind, r.ID, r.otherHash(),
		sqlrow.NullText(in.erased.Clean(r.OtherID, "")), sqlrow.NullText(in.erased.Clean(r.Reference, Erased)),
		r.Region, r.Endpoint, r.Guessed}, alias.Forms(r.Kind, r.ID, r.OtherID, hashOf)...)...)
	return err
}

// otherHash returns the hash of the row's other ID; nil where there is none.
func (r ListedRow) otherHash() []byte {
	if r.OtherID == "" {
		return nil
	}
	return livenessHash(r.OtherID)
}

func livenessHash(id string) []byte { return hashOf("livenessId", id) }

func hashOf(kind, id string) []byte {
	hash := HashID(kind, id)
	return hash[:]
}

// Reject stages one rejected row.
func (in *Intake) Reject(r Reject) error {
	in.bad++
	row := make([]any, 4)
	if u := r.Unplaced; u != nil {
		hash := HashID(u.Kind, u.ID)
		row = []any{hash[:], u.Kind, u.ID, u.Region}
	}
	_, err := in.reject.Exec(append([]any{r.Line, r.Column, r.Reason, in.erased.Clean(r.Detail, Erased),
		in.erased.Clean(r.Value, Erased)}, row...)...)
	return err
}

// Abort leaves the database as it was.
func (in *Intake) Abort() error {
	_, err := in.conn.ExecContext(context.Background(), "ROLLBACK")
	return errors.Join(err, in.close())
}

func (in *Intake) close() error {
	var err error
	for _, s := range []*sql.Stmt{in.row, in.reject} {
		if s != nil {
			err = errors.Join(err, s.Close())
		}
	}
	return errors.Join(err, in.conn.Close())
}

// Commit merges what was staged as list l of run runID, and returns l with its number and counts.
func (in *Intake) Commit(ctx context.Context, runID int64, l List) (List, error) {
	err := in.merge(ctx, runID, &l)
	if err == nil {
		_, err = in.conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		return List{}, errors.Join(fmt.Errorf("take list %s: %w", filepath.Base(l.Path), err), in.Abort())
	}
	return l, in.close()
}

func (in *Intake) merge(ctx context.Context, runID int64, l *List) error {
	l.Path = in.erased.Clean(l.Path, Erased)
	res, err := in.conn.ExecContext(ctx, `INSERT INTO main.lists (run_id, path, sha256, fingerprint, bytes, read_at,
		rows, rejected, duplicate, known, new)
		VALUES (?, ?, ?, ?, ?, ?, 0, 0, 0, 0, 0)`, runID, l.Path, l.SHA256[:], l.Fingerprint, l.Bytes,
		sqlrow.Millis(l.ReadAt))
	if err != nil {
		return err
	}
	if l.ID, err = res.LastInsertId(); err != nil {
		return err
	}
	l.RunID = runID
	if l.OtherKind, l.OtherCase, err = alias.Admit(ctx, in.conn, hashOf, in.caseMatters, in.kindsShare); err != nil {
		return err
	}
	refused := l.OtherKind.Rows + l.OtherCase.Rows
	in.valid, in.bad = in.valid-refused, in.bad+refused
	found, err := alias.Resolve(ctx, in.conn, hashOf)
	if err != nil {
		return err
	}
	if err := in.hold(ctx); err != nil {
		return err
	}
	if err := in.insertNew(ctx, l); err != nil {
		return err
	}
	if err := alias.Keep(ctx, in.conn, &found, l.ReadAt); err != nil {
		return err
	}
	l.Aliases = found
	if err := in.placeKnown(ctx); err != nil {
		return err
	}
	if err := in.insertRepeats(ctx, l); err != nil {
		return err
	}
	_, err = in.conn.ExecContext(ctx, `INSERT INTO main.rejects (list_id, line, "column", reason, detail, value)
		SELECT ?, line, "column", reason, detail, value FROM temp.refused ORDER BY line`, l.ID)
	if err == nil {
		err = in.keepFingerprint(ctx, l)
	}
	if err == nil {
		err = remarks.Keep(ctx, in.conn, remarks.List, l.ID, l.Notes, in.erased)
	}
	if err != nil {
		return err
	}
	l.Rejected, l.Rows = in.bad, in.valid+in.bad
	_, err = in.conn.ExecContext(ctx, "UPDATE main.lists SET fingerprint = ?, rows = ?, rejected = ?, duplicate = ?, "+
		"known = ?, new = ? WHERE list_id = ?", l.Fingerprint, l.Rows, l.Rejected, l.Duplicate, l.Known, l.New, l.ID)
	return err // the table's CHECK refuses a chain that does not add up
}

// hold looks whether what is new is held. A list that is not may be left.
func (in *Intake) hold(ctx context.Context) error {
	if in.holder > 0 {
		return nil
	}
	lost, err := in.rule.Brings(ctx, in.conn, "temp.staged", "main.checks c", "true")
	if lost {
		in.holder = in.rule.Restoration
	} else if err == nil && in.rule.Only {
		err = held.ErrLeft
	}
	return err
}

// insertNew adds the IDs that stand in no list yet. Where an ID stands twice in this list, its first row counts: SQLite
// takes the bare columns of a group from the row of its min().
func (in *Intake) insertNew(ctx context.Context, l *List) error {
	res, err := in.conn.ExecContext(ctx, `INSERT INTO main.checks (id_hash, kind, id, other_id, reference, region,
		endpoint, guessed, list_id, line, state, changed_at)
		SELECT hash, kind, id, other_id, reference, region, endpoint, guessed, ?1, min(line), ?3, ?2
		FROM temp.staged s WHERE NOT EXISTS (SELECT 1 FROM main.checks c WHERE c.id_hash = s.hash)
		GROUP BY hash ORDER BY hash`, l.ID, sqlrow.Millis(l.ReadAt), string(in.state()))
	if err != nil {
		return err
	}
	if l.New, err = res.RowsAffected(); err != nil {
		return err
	}
	// The new rows are the last ones of the table.
	_, err = in.conn.ExecContext(ctx, `INSERT INTO main.list_regions (list_id, region, duplicate, known, new)
		SELECT ?1, region, 0, 0, count(*) FROM main.checks WHERE check_id > (SELECT max(check_id)
		FROM main.checks) - ?2 GROUP BY region`, l.ID, l.New)
	if err != nil || in.holder == 0 {
		return err
	}
	l.Held = l.New
	_, err = in.conn.ExecContext(ctx, `INSERT INTO main.holds (check_id, restoration_id, was)
		SELECT check_id, ?1, 'pending' FROM main.checks WHERE check_id > (SELECT max(check_id) FROM main.checks) - ?2`,
		in.holder, l.New)
	return err
}

// placeKnown takes rows that lack an endpoint, and whose ID has its place, from the rejects: they are repeats of it,
// and move nothing.
func (in *Intake) placeKnown(ctx context.Context) error {
	res, err := in.conn.ExecContext(ctx, `INSERT INTO temp.staged
		SELECT r.hash, r.line, r.kind, r.id, NULL, NULL, NULL, r.region, c.endpoint, 2, NULL, NULL, NULL, NULL, NULL,
			NULL
		FROM temp.refused r CROSS JOIN main.checks c ON c.id_hash = r.hash`)
	if err != nil {
		return err
	}
	placed, err := res.RowsAffected()
	if err != nil || placed == 0 {
		return err
	}
	in.valid, in.bad = in.valid+placed, in.bad-placed
	_, err = in.conn.ExecContext(ctx, `DELETE FROM temp.refused
		WHERE EXISTS (SELECT 1 FROM main.checks c WHERE c.id_hash = refused.hash)`)
	return err
}

// state returns the state of IDs that are new with the list.
func (in *Intake) state() State {
	if in.holder > 0 {
		return Held
	}
	return Pending
}

// insertRepeats records the rows whose ID has its place elsewhere, and counts them as duplicate or known.
func (in *Intake) insertRepeats(ctx context.Context, l *List) error {
	if l.New == in.valid {
		return nil
	}
	// nth counts an ID's rows in this list. mine: the ID is new with this list, so every further row is a duplicate.
	_, err := in.conn.ExecContext(ctx, `CREATE TEMP TABLE repeated AS
		SELECT c.check_id, s.line, s.region, s.endpoint, s.guessed, c.list_id = ?1 AS mine, row_number() OVER (PARTITION BY c.check_id
		ORDER BY s.line) AS nth
		FROM temp.staged s CROSS JOIN main.checks c ON c.id_hash = s.hash WHERE NOT (c.list_id = ?1
		AND c.line = s.line)`, l.ID)
	if err != nil {
		return err
	}
	_, err = in.conn.ExecContext(ctx, `INSERT INTO main.list_repeats (check_id, list_id, line, region)
		SELECT check_id, ?1, line, region FROM temp.repeated ORDER BY check_id, line`, l.ID)
	if err != nil {
		return err
	}
	_, err = in.conn.ExecContext(ctx, `INSERT INTO main.list_regions (list_id, region, duplicate, known, new)
		SELECT ?1, region, sum(mine OR nth > 1), sum(NOT mine AND nth = 1), 0 FROM temp.repeated WHERE true
		GROUP BY region
		ON CONFLICT DO UPDATE SET duplicate = excluded.duplicate, known = excluded.known`, l.ID)
	if err != nil {
		return err
	}
	err = in.conn.QueryRowContext(ctx,
		"SELECT sum(mine OR nth > 1), sum(NOT mine AND nth = 1) FROM temp.repeated").Scan(&l.Duplicate, &l.Known)
	if err != nil {
		return err
	}
	if err := place.Take(ctx, in.conn, &l.Places); err != nil {
		return err
	}
	if err := in.moveMisplaced(ctx, l); err != nil {
		return err
	}
	return place.Contradict(ctx, in.conn, l.RunID, "SELECT check_id FROM ("+misplacedRows+")", &l.Places)
}

// Unsettled returns the fingerprint of a list that gives other regions than those of IDs that are still to be asked: it
// is looked at again, as it may be right.
func Unsettled(fingerprint string) string { return fingerprint + " unsettled" }

// keepFingerprint gives a list, and one that was unsettled with the same content, the fingerprint that it is known by.
func (in *Intake) keepFingerprint(ctx context.Context, l *List) error {
	unsettled := Unsettled(l.Fingerprint)
	_, err := in.conn.ExecContext(ctx, "UPDATE main.lists SET fingerprint = fingerprint || ' ' || list_id "+
		"WHERE fingerprint = ?", unsettled)
	if l.Places.Open {
		l.Fingerprint = unsettled
	}
	return err
}

// OfRun returns the lists of one run, in the order they were read; runID 0 means all.
func (l Lists) OfRun(ctx context.Context, runID int64) ([]List, error) {
	return l.where(ctx, "?1 = 0 OR run_id = ?1", runID)
}

// Untold returns the lists that runs before one have read of which no verdict has said anything: those runs ended
// without a word.
func (l Lists) Untold(ctx context.Context, runID int64) ([]List, error) {
	return l.where(ctx, "run_id < ?1 AND run_id > (SELECT CAST(value AS INTEGER) FROM settings WHERE key = "+
		"'lists_told')", runID)
}

// Told notes that the verdict of a run has said what its lists brought, and those that were untold until then.
func (l Lists) Told(ctx context.Context, runID int64) error {
	if _, err := l.write.ExecContext(ctx, "UPDATE settings SET value = CAST(? AS TEXT) WHERE key = 'lists_told'",
		runID); err != nil {
		return fmt.Errorf("note that lists were told: %w", err)
	}
	return nil
}

func (l Lists) where(ctx context.Context, where string, runID int64) ([]List, error) {
	rows, err := l.read.QueryContext(ctx, `SELECT list_id, run_id, path, sha256, fingerprint, bytes, read_at, rows,
		rejected, duplicate, known, new
		FROM lists WHERE `+where+" ORDER BY list_id", runID)
	return sqlrow.Collect(rows, err, "read lists", func(l *List) error {
		var at int64
		var sum []byte
		err := rows.Scan(&l.ID, &l.RunID, &l.Path, &sum, &l.Fingerprint, &l.Bytes, &at, &l.Rows, &l.Rejected,
			&l.Duplicate, &l.Known, &l.New)
		copy(l.SHA256[:], sum)
		l.ReadAt = sqlrow.FromMillis(at)
		return err
	})
}

// Paths returns the paths that lists were ever read at.
func (l Lists) Paths(ctx context.Context) ([]string, error) {
	rows, err := l.read.QueryContext(ctx, "SELECT DISTINCT path FROM lists ORDER BY path")
	return sqlrow.Collect(rows, err, "read paths of lists", func(path *string) error { return rows.Scan(path) })
}

// EachReject gives the rejected rows of one run's lists, in the order they were read.
func (l Lists) EachReject(ctx context.Context, runID int64, each func(Reject) error) error {
	rows, err := l.read.QueryContext(ctx, `SELECT l.path, r.line, r."column", r.reason, r.detail, r.value
		FROM rejects r JOIN lists l USING (list_id) WHERE l.run_id = ? ORDER BY r.list_id, r.line`, runID)
	if err != nil {
		return fmt.Errorf("read rejects: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	for rows.Next() {
		var r Reject
		if err := rows.Scan(&r.Path, &r.Line, &r.Column, &r.Reason, &r.Detail, &r.Value); err != nil {
			return fmt.Errorf("read rejects: %w", err)
		}
		if err := each(r); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Rule returns what restorations say about lists that are read from now on.
func (l Lists) Rule(ctx context.Context) (held.Rule, error) { return held.ReadRule(ctx, l.read) }

// Doubt adds names of lists that may have been read by what a copy lost.
func (l Lists) Doubt(ctx context.Context, names record.Lists) error {
	return held.Doubtful(ctx, l.write, names)
}

// AllRead notes that a run has read every list there was: later ones are looked at by their time alone.
func (l Lists) AllRead(ctx context.Context, runID int64) error {
	if _, err := l.write.ExecContext(ctx,
		"UPDATE restorations SET lists_read_by = ? WHERE lists_read_by IS NULL AND run_id <> ?1", runID); err != nil {
		return fmt.Errorf("note that the lists are read: %w", err)
	}
	return nil
}
