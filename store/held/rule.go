package held

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"liverecon/store/internal/sqlrow"
	"liverecon/store/record"
)

// ErrLeft reports a list that is left for another time, as nothing of it is held.
var ErrLeft = errors.New("nothing of the list is held")

// Rule describes which lists may have been read by what a copy lost: what is new with them is held. A list is known by
// its content: its fingerprint, or one of its IDs that is new, of which the records keep marks. Where these do not tell
// (there was no record, or one of before it kept them), the time of its file does, and a name of which it is not known
// which contents were lost. What all that leaves in doubt is held.
type Rule struct {
	Restoration int64        // 0: there was none
	Before      time.Time    // those whose content is from before
	All         bool         // any
	Unread      bool         // no run has read every list that there was since
	Only        bool         // lists of which nothing is held are left for another time
	Names       record.Lists // those of these names, until they have been read once
	Contents    record.Lists // those of these fingerprints
	IDs         record.IDs   // those that bring one of these
}

// Missing holds marks of lists that a copy lacks.
type Missing struct {
	Lists record.Lists
	IDs   record.IDs
}

// Keys of the settings that keep what is missing.
const (
	missingLists = "lists_missing"
	missingIDs   = "ids_missing"
)

// EveryList sets no limit to how many lists are read.
const EveryList = -1

// ReadRule returns what restorations say about lists that are read from now on.
func ReadRule(ctx context.Context, db sqlrow.Queryer) (r Rule, err error) {
	var before sql.NullInt64
	var run int64
	err = db.QueryRowContext(ctx, `SELECT coalesce(max(restoration_id), 0), max(lists_before),
		coalesce(max(all_lists AND lists_read_by IS NULL), 0), coalesce(max(lists_read_by IS NULL), 0),
		coalesce(max(run_id), 0), coalesce((SELECT value FROM settings WHERE key = ?), ''),
		coalesce((SELECT value FROM settings WHERE key = ?), '') FROM restorations`, missingLists, missingIDs).
		Scan(&r.Restoration, &before, &r.All, &r.Unread, &run, &r.Contents, &r.IDs)
	if err != nil {
		return r, fmt.Errorf("read restorations: %w", err)
	}
	r.Before = sqlrow.FromNullMillis(before)
	if r.Contents == "" {
		return r, nil
	}
	all, err := Lists(ctx, db, 0, EveryList)
	if err != nil {
		return r, err
	}
	since, err := Lists(ctx, db, run, EveryList)
	r.Contents = r.Contents.Without(all)
	r.Names = r.Contents.Unnamed(since)
	return r, err
}

// Holds reports that the list at path, with the fingerprint and the time that its file has now, may have been read. A
// time that is still to come tells nothing.
func (r Rule) Holds(path, fingerprint string, modified, now time.Time) bool {
	return r.Restoration > 0 && (r.All || !modified.After(r.Before) || r.Unread && modified.After(now) ||
		r.Names.Named(path) || r.Contents.Contains(fingerprint))
}

// Brings reports that staged rows bring an ID that is new, and that a list brought which was lost. known are the checks
// there are; condition selects rows of the table staged, called s.
func (r Rule) Brings(
	ctx context.Context, db sqlrow.Queryer, staged, known, condition string, args ...any,
) (found bool, err error) {
	if r.Restoration == 0 || r.IDs == "" {
		return false, nil
	}
	marks, err := json.Marshal(r.IDs.All())
	if err != nil {
		return false, err
	}
	err = db.QueryRowContext(ctx, "SELECT EXISTS (SELECT 1 FROM "+staged+" s WHERE "+condition+
		" AND lower(hex(substr(s.hash, 1, 6))) IN (SELECT value FROM json_each(?1))"+
		" AND NOT EXISTS (SELECT 1 FROM "+known+" WHERE c.id_hash = s.hash))",
		append([]any{string(marks)}, args...)...).Scan(&found)
	if err != nil {
		return false, fmt.Errorf("look for IDs of lost lists: %w", err)
	}
	return found, nil
}

// Add returns the rule with more that is missing.
func (r Rule) Add(m Missing) Rule {
	known := r.Contents.Beyond(r.Names).Nameless() // whose names have come
	r.Names += m.Lists.Beyond(r.Names)
	r.Contents = r.Names + known.Beyond(r.Names)
	r.IDs += m.IDs.Beyond(r.IDs)
	return r
}

// After returns the rule after one more restoration.
func (r Rule) After(before time.Time, all bool) Rule {
	r.Restoration, r.Unread, r.All = r.Restoration+1, true, r.All || all
	if before.After(r.Before) {
		r.Before = before
	}
	return r
}

// Keep stores what is missing.
func (r Rule) Keep(ctx context.Context, db sqlrow.Execer) error {
	for key, value := range map[string]string{missingLists: string(r.Contents), missingIDs: string(r.IDs)} {
		if _, err := db.ExecContext(ctx, "INSERT INTO settings (key, value) VALUES (?, ?) ON CONFLICT DO UPDATE SET "+
			"value = excluded.value", key, value); err != nil {
			return fmt.Errorf("keep which lists are missing: %w", err)
		}
	}
	return nil
}

// Doubtful adds lists that may be missing, whatever they contain.
func Doubtful(ctx context.Context, db sqlrow.Execer, names record.Lists) error {
	if names == "" {
		return nil
	}
	if _, err := db.ExecContext(ctx, "UPDATE settings SET value = value || ? WHERE key = ?", string(names.Anew()),
		missingLists); err != nil {
		return fmt.Errorf("keep which lists are in doubt: %w", err)
	}
	return nil
}

// Lists returns marks of the lists that runs after one have read, the newest first, and no more than limit.
func Lists(ctx context.Context, db sqlrow.Queryer, after int64, limit int) (record.Lists, error) {
	rows, err := db.QueryContext(ctx, "SELECT path, fingerprint FROM lists WHERE run_id > ? ORDER BY list_id DESC "+
		"LIMIT ?", after, limit)
	var all strings.Builder
	_, err = sqlrow.Collect(rows, err, "read lists", func(*struct{}) error {
		var path, fingerprint string
		err := rows.Scan(&path, &fingerprint)
		all.WriteString(string(record.OneList(path, fingerprint)))
		return err
	})
	return record.Lists(all.String()), err
}

// ListedIDs returns marks of IDs that were new with the lists, of each those with the smallest hashes. No check is ever
// taken out, and those of a list follow one another in the order of their hashes, behind those of earlier lists.
func ListedIDs(ctx context.Context, db sqlrow.Queryer) (record.IDs, error) {
	rows, err := db.QueryContext(ctx, `SELECT c.id_hash FROM (SELECT list_id, new, sum(new) OVER (ORDER BY list_id) - new
		AS before FROM lists) l CROSS JOIN checks c ON c.check_id > l.before AND c.check_id <= l.before + min(l.new, ?)
		WHERE c.list_id = l.list_id ORDER BY c.check_id`, record.MarkedIDs)
	var all strings.Builder
	_, err = sqlrow.Collect(rows, err, "read IDs of lists", func(*struct{}) error {
		var hash []byte
		err := rows.Scan(&hash)
		all.WriteString(string(record.OneID(hash)))
		return err
	})
	return record.IDs(all.String()), err
}
