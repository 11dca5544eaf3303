package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"time"

	"liverecon/store/alias"
	"liverecon/store/dbfile"
	"liverecon/store/held"
	"liverecon/store/internal/query"
	"liverecon/store/internal/sqlrow"
	"liverecon/store/record"
)

// Loss holds what a record knows that a copy of its database lacks.
type Loss struct {
	Record  record.Found
	Gaps    []record.Gap // in what the copy is behind, what costs money first
	Other   bool         // it tells of a history that the copy is not of, or went apart from
	Calls   int64        // that the copy lacks at least, those included that its history had lost before
	Counted bool         // and at most, as far as the record had come; false: how many more, nobody knows
	Runs    int64        // that may have made them, the copy's last included
	Again   bool         // some were lost before: between them an older copy was taken into use
	Ahead   int64        // record.Lack
	Exact   bool         // the record is as far as the database was
	From    time.Time    // the last thing that both know of; the zero time: nobody knows
	Until   time.Time    // when the record was written
}

// Restorations take an older copy into use and hold what it may have lost.
type Restorations struct{ *db }

// Loss compares the database with the records of its own identity; ok is false when they know of nothing that it lacks.
// What they know of all histories counts together. Of records of before, which do not keep it, the one counts of which
// nobody knows how much is lost, or else that knows of most calls.
func (rs Restorations) Loss(ctx context.Context, at record.Paths) (loss Loss, ok bool, err error) {
	h, err := readHistory(ctx, rs.read)
	if err != nil {
		return loss, false, dbfile.Classify(rs.path, err)
	}
	found := at.Find(h.identity)
	lack, told, err := h.lacks(ctx, rs.read, found)
	if err != nil {
		return loss, false, dbfile.Classify(rs.path, err)
	}
	if told && len(lack.Runs) > 0 {
		if loss, err = rs.lossBy(ctx, h, h.ofAll(found)); err != nil {
			return loss, false, dbfile.Classify(rs.path, err)
		}
		return loss.by(lack), true, nil
	}
	for _, f := range found {
		var told *RecordError
		if !errors.As(h.against(rs.path, f), &told) || !errors.Is(told, ErrBehind) {
			continue
		}
		one, err := rs.lossBy(ctx, h, f)
		if err != nil {
			return loss, false, dbfile.Classify(rs.path, err)
		}
		if !ok || loss.Counted && (!one.Counted || one.Calls > loss.Calls) {
			loss = one
		}
		ok = true
	}
	return loss, ok, nil
}

// lossBy returns what one record knows.
func (rs Restorations) lossBy(ctx context.Context, h history, f record.Found) (Loss, error) {
	share := h.shares(f.Entry)
	var before record.Lost // since the copy was made, in histories that ended
	if share.counted {
		before = f.Entry.Lost.Since(share.lost)
	}
	calls := max(0, f.Entry.Marks.Call-share.have.Call)
	if share.diverged && before.Copies > 0 { // of those histories the copy may be one itself, ...
		share.counted, before = false, record.Lost{}
	}
	if share.diverged && f.Entry.Runs != "" && h.lost(everyRun).Since(share.lost).Copies > 0 { // ... or one that it has replaced the record's
		share.counted, calls = false, 0
	}
	loss := Loss{Record: f, Gaps: share.have.Missing(f.Entry.Marks), Other: share.diverged, Until: f.Entry.WrittenAt,
		Calls:   calls + max(0, before.Calls),
		Counted: share.counted && before.Guessed == 0,
		Runs:    1 + max(0, f.Entry.Marks.Run-share.have.Run) + max(0, before.Runs),
		Again:   before.Copies > 0,
		// The system may not have written the newest of a record to the disk, which matters where it was cut off.
		Exact: !f.Entry.Open || f.Entry.Boot != "" && f.Entry.Boot == record.Boot(),
	}
	var err error
	switch {
	case !share.diverged || len(h.runs) == 0 || len(f.Entry.Runs) == 0:
		loss.From, err = lastMoment(ctx, rs.read)
	case share.common.ID > 0:
		loss.From, err = wentApart(ctx, rs.read, share.common)
	}
	return loss, err
}

// lastMoment returns the newest time in the books of calls, runs and lists; in an empty database the moment of its
// making.
func lastMoment(ctx context.Context, db sqlrow.Queryer) (time.Time, error) {
	var at sql.NullInt64
	err := db.QueryRowContext(ctx, `SELECT coalesce(max(at), (SELECT min(unixepoch(tstamp)) * 1000
		FROM goose_db_version)) FROM (SELECT max(coalesce(ended_at, started_at)) AS at FROM runs
		UNION ALL SELECT intended_at FROM calls WHERE call_id = (SELECT max(call_id) FROM calls)
		UNION ALL SELECT read_at FROM lists WHERE list_id = (SELECT max(list_id) FROM lists))`).Scan(&at)
	return sqlrow.FromNullMillis(at), err
}

// Lost describes which IDs of one endpoint may have been asked in what a copy lost.
type Lost struct {
	Routes        []Route
	Pending       int64     // so many of the pending ones, in the order in which they are asked
	Sampled       int64     // and so many in the order of each of these turns, in which samples are drawn:
	FirstTurn     int64     // ...
	LastTurn      int64     // ...
	Repeats       int64     // so many of those in doubt
	Rechecks      int64     // so many of those that the vendor had nothing for, ...
	Nights        int       // ... and that were asked again on fewer nights than these
	NoScoreBefore time.Time // those whose answer had no score, and came before
}

// Route describes where IDs stand that an endpoint is asked for: the endpoint they were listed for, and the region.
type Route struct {
	Endpoint string `json:"endpoint"`
	Region   string `json:"region"`
}

// Lacking describes how much of a run a copy was made in the middle of.
type Lacking struct {
	Run      int64     // that has no end in the copy; 0: none
	Begun    time.Time // that run; the zero time: none
	InFlight []int64   // checks whose call has no outcome: they are in doubt as it is
	// checks called absent that are asked once more, when it is known whether the vendor knows anybody
	Absent []int64
}

// Lacks looks at what the copy was made in the middle of, before Recover gives it an end. untold are nights that are
// not counted yet, and after which those IDs are asked once more that the vendor had nothing for.
func (rs Restorations) Lacks(ctx context.Context, untold []EndpointNight) (l Lacking, err error) {
	var begun sql.NullInt64
	err = rs.read.QueryRowContext(ctx, "SELECT coalesce(max(run_id), 0), max(started_at) FROM runs WHERE "+
		"ended_at IS NULL").
		Scan(&l.Run, &begun)
	if err != nil {
		return l, fmt.Errorf("read the last run: %w", err)
	}
	l.Begun = sqlrow.FromNullMillis(begun)
	conn, err := rs.read.Conn(ctx)
	if err != nil {
		return l, err
	}
	open, err := openCalls(ctx, conn)
	for _, c := range open {
		l.InFlight = append(l.InFlight, c.intent.CheckID)
	}
	if err = errors.Join(err, conn.Close()); err != nil {
		return l, err
	}
	l.Absent, err = rs.toBeReopened(ctx, untold)
	return l, err
}

// toBeReopened returns the checks called absent that runs may make pending again.
func (rs Restorations) toBeReopened(ctx context.Context, untold []EndpointNight) ([]int64, error) {
	selections, args := []string{"SELECT check_id FROM unconfirmed"}, [][]any{nil}
	for _, n := range untold {
		selections, args = append(selections, calledAbsent), append(args, []any{n.RunID, n.Endpoint})
	}
	var all []int64
	for i, selection := range selections {
		rows, err := rs.read.QueryContext(ctx,
			"SELECT check_id FROM checks WHERE state = 'absent' AND id IS NOT NULL AND check_id IN ("+selection+")",
			args[i]...)
		some, err := sqlrow.Collect(rows, err, "read what was called absent", func(id *int64) error {
			return rows.Scan(id)
		})
		if err != nil {
			return nil, err
		}
		all = append(all, some...)
	}
	return all, nil
}

// HeldRoute describes how many IDs of an endpoint and region would be, or are, held.
type HeldRoute struct {
	Endpoint string
	Region   string
	Was      State // Pending, InDoubt or Absent
	Checks   int64
}

// Losable counts what Restore would hold.
func (rs Restorations) Losable(ctx context.Context, lost []Lost, l Lacking) ([]HeldRoute, error) {
	conn, err := rs.read.Conn(ctx)
	if err != nil {
		return nil, err
	}
	held, err := selectLost(ctx, conn, lost, l)
	if err != nil {
		err = fmt.Errorf("look for what may have been asked: %w", err)
	}
	return held, errors.Join(err, conn.Close())
}

// selectLost puts the checks that may have been asked into a temporary table, and counts them.
func selectLost(ctx context.Context, conn *sql.Conn, lost []Lost, l Lacking) ([]HeldRoute, error) {
	for _, text := range []string{"DROP TABLE IF EXISTS temp.lost", "DROP TABLE IF EXISTS temp.apart",
		"CREATE TEMP TABLE lost (check_id INTEGER PRIMARY KEY, was TEXT NOT NULL)",
		"CREATE TEMP TABLE apart (check_id INTEGER PRIMARY KEY, was TEXT NOT NULL)"} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			return nil, err
		}
	}
	for was, checks := range map[State][]int64{InDoubt: l.InFlight, Absent: l.Absent} {
		text, err := json.Marshal(append([]int64{}, checks...))
		if err != nil {
			return nil, err
		}
		if _, err := conn.ExecContext(ctx, "INSERT OR IGNORE INTO temp.apart SELECT value, ? FROM json_each(?)",
			string(was), string(text)); err != nil {
			return nil, err
		}
	}
	for _, one := range lost {
		if err := one.insert(ctx, conn, l.Run); err != nil {
			return nil, err
		}
	}
	rows, err := conn.QueryContext(ctx, `SELECT c.endpoint, c.region, l.was, count(*) FROM temp.lost l
		CROSS JOIN main.checks c USING (check_id)
		GROUP BY c.endpoint, c.region, l.was ORDER BY c.endpoint, c.region, l.was DESC`)
	return sqlrow.Collect(rows, err, "count", func(h *HeldRoute) error {
		return rows.Scan(&h.Endpoint, &h.Region, &h.Was, &h.Checks)
	})
}

// mostTurns sets how many turns of samples are looked through; where there may have been more, every pending ID is
// held.
const mostTurns = 62

// insert adds one endpoint's. The pending ones are asked region by region in turn, each region's in the order of their
// numbers (see package batch). That order is also theirs among IDs that are asked besides: each kind is taken for
// itself, so that none of one kind takes the place of one of another. What the open run has tried already is held
// whatever its place: it may have come again, and the run went on behind it.
func (one Lost) insert(ctx context.Context, conn *sql.Conn, run int64) error {
	if one.Pending <= 0 {
		return nil
	}
	places, err := json.Marshal(append([]Route{}, one.Routes...))
	if err != nil {
		return err
	}
	insert := func(columns, from, condition string, args ...any) {
		if err == nil {
			text := "INSERT OR IGNORE INTO temp.lost " + columns + from + condition
			_, err = conn.ExecContext(ctx, text, append([]any{string(places), run}, args...)...)
		}
	}
	inTurn := func(was, condition string, args ...any) {
		const turn = "row_number() OVER (PARTITION BY c.region ORDER BY c.check_id) AS turn"
		insert("SELECT check_id, '"+was+"' FROM (SELECT c.check_id, c.region, "+turn, lostIdle,
			condition+lostUntried+") ORDER BY turn, region LIMIT ?3", args...)
	}
	const pending, inDoubt, absent = "SELECT c.check_id, 'pending'", "SELECT c.check_id, 'in_doubt'",
		"SELECT c.check_id, 'absent'"

	inTurn("pending", lostPlain, one.Pending)
	insert(pending, lostIdle, lostOpen+" AND c.state = 'pending'"+lostTried)
	insert(pending, lostIdle, "c.state = 'pending' AND c.no_score > 0 AND (c.changed_at <= ?3 OR c.forced = 1) "+
		"AND ?2 = ?2", sqlrow.Millis(one.NoScoreBefore))
	if one.Repeats > 0 { // what was in flight got its answer, and would be asked again for want of it
		inTurn("in_doubt", lostDoubtful, one.Repeats)
		insert(inDoubt, lostIdle, lostDoubtful+lostTried)
		insert(inDoubt, lostRoutes, lostOpen+
			" AND c.check_id IN (SELECT check_id FROM temp.apart WHERE was = 'in_doubt') AND ?2 = ?2")
	}
	insert(absent, lostRoutes, "c.state IN ('pending', 'absent') AND c.check_id IN (SELECT check_id FROM "+
		"temp.apart WHERE was = 'absent') AND ?2 = ?2")
	if one.Rechecks > 0 {
		inTurn("absent", lostUnfound+"?4", one.Rechecks, one.Nights)
		insert(absent, lostIdle, lostUnfound+"?3"+lostTried, one.Nights)
	}
	if one.LastTurn-one.FirstTurn >= mostTurns {
		insert(pending, lostIdle, lostPlain+lostUntried)
		return err
	}
	for turn := one.FirstTurn; turn <= one.LastTurn && one.Sampled > 0 && err == nil; turn++ {
		insert(pending, lostIdle, lostPlain+lostUntried+
			" AND c.check_id NOT IN (SELECT check_id FROM temp.lost) ORDER BY "+
			query.DrawOrder("?4")+" LIMIT ?3", one.Sampled, turn)
	}
	return err
}

// The parts of insert's statements: ?1 are the places, ?2 is the open run.
const (
	lostRoutes = ` FROM (SELECT value ->> 'endpoint' AS endpoint, value ->> 'region' AS region FROM json_each(?1)) p
		CROSS JOIN main.checks c ON c.endpoint = p.endpoint AND c.region = p.region WHERE c.id IS NOT NULL AND `
	lostIdle = lostRoutes + "c.check_id NOT IN (SELECT check_id FROM temp.apart) AND "

	lostOpen     = "c.state IN ('pending', 'in_doubt')"
	lostPlain    = lostOpen + " AND c.state = 'pending' AND c.no_score = 0"
	lostDoubtful = lostOpen + " AND c.state = 'in_doubt'"
	lostUnfound  = "c.not_found = 1 AND c.state = 'absent' AND c.rechecks < "

	lostCalled = "c.attempts > 0 AND EXISTS (SELECT 1 FROM main.calls k WHERE k.check_id = c.check_id AND " +
		"k.run_id = ?2)"
	lostTried   = " AND " + lostCalled
	lostUntried = " AND NOT (" + lostCalled + ")"
)

// Restoration represents the taking into use of an older copy.
type Restoration struct {
	ID          int64
	RunID       int64
	At          time.Time
	By          string
	LostFrom    time.Time // what was lost was sent from here ...
	LostUntil   time.Time // ... to here, ...
	Lag         time.Duration
	ListsBefore time.Time // lists whose content is from before may have been read
	AllLists    bool      // any list may have been, until a run has read them all
	Calls       int64     // of the lost ones, those that a record knew of
	Runs        int64     // that may have made them; -1: nobody knows whether there were more calls
}

// Restore holds what may have been asked, and begins an epoch in which the database goes on, in one transaction. The
// records are to be written anew by KeepRecords; what they know now is kept, so that they are not held against the
// database again. It returns the restoration with its number, what it holds, and how many settled IDs somebody had
// wanted asked once more: they are left as they are.
func (rs Restorations) Restore(
	ctx context.Context, r Restoration, lost []Lost, l Lacking, at record.Paths,
) (_ Restoration, routes []HeldRoute, dropped int64, err error) {
	h, err := readHistory(ctx, rs.write)
	if err != nil {
		return r, nil, 0, err
	}
	records := at.Find(h.identity)
	left, err := json.Marshal(h.leaving(records))
	if err != nil {
		return r, nil, 0, err
	}
	missing, lack, err := h.missing(ctx, rs.write, records)
	if err != nil {
		return r, nil, 0, err
	}
	rule, err := held.ReadRule(ctx, rs.write)
	if err != nil {
		return r, nil, 0, err
	}
	conn, err := rs.write.Conn(ctx)
	if err != nil {
		return r, nil, 0, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	if _, err = conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return r, nil, 0, fmt.Errorf("restore: %w", err)
	}
	if routes, err = selectLost(ctx, conn, lost, l); err == nil {
		dropped, err = r.begin(ctx, conn, h.epoch, string(left), lack)
	}
	if err == nil {
		err = rule.Add(missing).Keep(ctx, conn)
	}
	if err == nil {
		_, err = conn.ExecContext(ctx, "COMMIT")
	}
	if err != nil {
		_, undo := conn.ExecContext(context.WithoutCancel(ctx), "ROLLBACK")
		return r, nil, 0, errors.Join(fmt.Errorf("restore: %w", err), undo)
	}
	rs.anew = true
	return r, routes, dropped, nil
}

// missing returns marks of the lists that the records know of and the database lacks. Where they do not tell, any list
// that it has read may have been read again with more in it.
func (h history) missing(
	ctx context.Context, db sqlrow.Queryer, found []record.Found,
) (m held.Missing, lack record.Lack, err error) {
	have, err := readKnown(ctx, db)
	if err != nil {
		return m, lack, err
	}
	known, _ := h.known(found)
	lack = known.Lack(have)
	if m = (held.Missing{Lists: lack.Lists, IDs: lack.IDs}); known.Lists == "" {
		m.Lists = have.Lists.Anew()
	}
	return m, lack, nil
}

// RuleAfter returns what a restoration would say about lists that are read from then on.
func (rs Restorations) RuleAfter(ctx context.Context, r Restoration, at record.Paths) (rule held.Rule, err error) {
	h, err := readHistory(ctx, rs.read)
	if err != nil {
		return rule, err
	}
	missing, _, err := h.missing(ctx, rs.read, at.Find(h.identity))
	if err == nil {
		rule, err = held.ReadRule(ctx, rs.read)
	}
	return rule.Add(missing).After(r.ListsBefore, r.AllLists), err
}

// leaving returns how far each epoch had come that a database of this history may have been in, as its records tell.
func (h history) leaving(found []record.Found) map[string]record.Marks {
	left := maps.Clone(h.left)
	left[h.epoch] = left[h.epoch].Max(h.marks)
	for _, f := range found {
		if f.Err == nil && f.Entry.Identity == h.identity {
			left[f.Entry.Epoch] = left[f.Entry.Epoch].Max(f.Entry.Marks)
		}
	}
	return left
}

// begin writes the restoration and what it holds.
func (r *Restoration) begin(
	ctx context.Context, conn *sql.Conn, leftEpoch, known string, lack record.Lack,
) (dropped int64, err error) {
	res, err := conn.ExecContext(ctx, `INSERT INTO main.restorations (run_id, restored_at, restored_by, epoch,
		left_epoch, record, lost_from, lost_until, lag_ms, lists_before, all_lists, lost_calls, lost_runs)
		VALUES (?, ?, ?, lower(hex(randomblob(8))), ?, ?, ?, ?, ?, ?, ?, ?, nullif(?, -1))`, r.RunID, sqlrow.Millis(r.At), r.By,
		leftEpoch, known,
		sqlrow.Millis(r.LostFrom), sqlrow.Millis(r.LostUntil), r.Lag.Milliseconds(), sqlrow.Millis(r.ListsBefore),
		sqlrow.Bool(r.AllLists), r.Calls, r.Runs)
	if err != nil {
		return 0, err
	}
	if r.ID, err = res.LastInsertId(); err == nil {
		err = held.KeepHistories(ctx, conn, r.ID, lack)
	}
	if err != nil {
		return 0, err
	}
	for _, step := range []struct {
		text string
		arg  int64
	}{
		{"UPDATE main.settings SET value = (SELECT epoch FROM main.restorations WHERE restoration_id = ?) WHERE " +
			"key = 'epoch'", r.ID},
		{"INSERT INTO main.holds (check_id, restoration_id, was) SELECT check_id, ?, was FROM temp.lost", r.ID},
		{"UPDATE main.checks SET state = 'held', changed_at = ? WHERE check_id IN (SELECT check_id FROM temp.lost)",
			sqlrow.Millis(r.At)},
	} {
		if _, err := conn.ExecContext(ctx, step.text, step.arg); err != nil {
			return 0, err
		}
	}
	res, err = conn.ExecContext(ctx, "UPDATE main.checks SET again = '' WHERE again <> ''")
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// AbsentRoutes returns where IDs stand that the vendor had nothing for, and that may be asked once more.
func (rs Restorations) AbsentRoutes(ctx context.Context, l Lacking) ([]Route, error) {
	called, err := json.Marshal(append([]int64{}, l.Absent...))
	if err != nil {
		return nil, err
	}
	rows, err := rs.read.QueryContext(ctx, `SELECT endpoint, region FROM checks WHERE not_found = 1
		UNION SELECT c.endpoint, c.region FROM json_each(?) j CROSS JOIN checks c ON c.check_id = j.value
		ORDER BY endpoint, region`, string(called))
	return sqlrow.Collect(rows, err, "read what was not found", func(p *Route) error {
		return rows.Scan(&p.Endpoint, &p.Region)
	})
}

// All returns all of them, the newest first.
func (rs Restorations) All(ctx context.Context) ([]Restoration, error) {
	rows, err := rs.read.QueryContext(ctx, `SELECT restoration_id, run_id, restored_at, restored_by, lost_from,
		lost_until, lag_ms, lists_before, all_lists, lost_calls
		FROM restorations ORDER BY restoration_id DESC`)
	return sqlrow.Collect(rows, err, "read restorations", func(r *Restoration) error {
		var at, from, until, lag, lists int64
		err := rows.Scan(&r.ID, &r.RunID, &at, &r.By, &from, &until, &lag, &lists, &r.AllLists,
			&r.Calls)
		r.At, r.LostFrom, r.LostUntil, r.ListsBefore = sqlrow.FromMillis(at), sqlrow.FromMillis(from),
			sqlrow.FromMillis(until), sqlrow.FromMillis(lists)
		r.Lag = time.Duration(lag) * time.Millisecond
		return err
	})
}

// Releasing names IDs that are held no longer: one ID, those of one list, or with neither all of them.
type Releasing struct {
	ID   string
	List string // path as it was read
	By   string
	At   time.Time
}

// Releasable counts what Release would release, by endpoint and region.
func (rs Restorations) Releasable(ctx context.Context, r Releasing) ([]held.IDs, error) {
	where, args, _ := r.selection()
	rows, err := rs.read.QueryContext(ctx,
		"SELECT c.endpoint, c.region, count(*) FROM checks c INDEXED BY checks_held WHERE c.state = 'held'"+where+
			" GROUP BY c.endpoint, c.region ORDER BY c.endpoint, c.region", args...)
	return sqlrow.Collect(rows, err, "count what is held", func(h *held.IDs) error {
		return rows.Scan(&h.Endpoint, &h.Region, &h.Checks)
	})
}

// Release makes held IDs pending again, each to be asked because a person says so, unless its check is asked for by its
// other ID, and returns how many. The one who says so is kept. With none to release nothing changes.
func (rs Restorations) Release(ctx context.Context, r Releasing) (n int64, err error) {
	tx, err := rs.write.BeginTx(ctx, nil)
	if err != nil {
		return 0, fmt.Errorf("release: %w", err)
	}
	defer tx.Rollback() //nolint:errcheck // after a commit there is nothing to roll back
	where, args, what := r.selection()
	selected := "FROM checks c INDEXED BY checks_held WHERE c.state = 'held'" + where
	if err = tx.QueryRowContext(ctx, "SELECT count(*) "+selected, args...).Scan(&n); err != nil || n == 0 {
		return 0, err
	}
	res, err := tx.ExecContext(ctx, "INSERT INTO releases (released_at, released_by, what, checks) VALUES (?, ?, ?, ?)",
		sqlrow.Millis(r.At), r.By, what, n)
	var id int64
	if err == nil {
		id, err = res.LastInsertId()
	}
	if err == nil {
		err = held.Doubt(ctx, tx, "c.check_id IN (SELECT c.check_id "+selected+")", args...)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, fmt.Sprintf("UPDATE holds SET release_id = %d WHERE release_id IS NULL AND "+
			"check_id IN (SELECT c.check_id %s)", id, selected), args...)
	}
	const released = "SELECT check_id FROM holds WHERE release_id = ?1"
	if err == nil {
		err = alias.GiveUpReleased(ctx, tx, r.At, released, id)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `UPDATE checks SET state = 'pending', forced = 1, doubts = 0, not_found = 0,
			no_score = 0, why = '', changed_at = ?2 WHERE state = 'held' AND check_id IN (`+released+`)`, id, sqlrow.Millis(r.At))
	}
	if err == nil {
		err = tx.Commit()
	}
	if err != nil {
		return 0, fmt.Errorf("release: %w", err)
	}
	return n, nil
}

// selection returns the condition that checks have to meet, and how a release is described, which names nobody.
func (r Releasing) selection() (where string, args []any, what string) {
	switch {
	case r.ID != "":
		signature, liveness := HashID("signatureId", r.ID), HashID("livenessId", r.ID)
		return " AND (c.id_hash IN (?1, ?2) OR c.check_id IN (SELECT check_id FROM other_ids WHERE id_hash IN " +
			"(?1, ?2)))", []any{signature[:], liveness[:]}, "one ID"
	case r.List != "":
		return ` AND (c.list_id IN (SELECT list_id FROM lists WHERE path = ?1)
			OR EXISTS (SELECT 1 FROM list_repeats p WHERE p.check_id = c.check_id AND p.list_id IN (SELECT list_id
			FROM lists WHERE path = ?1)))`, []any{r.List}, r.List
	}
	return "", nil, "all"
}
