package store

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"time"

	"liverecon/store/internal/sqlrow"
	"liverecon/store/mention"
	"liverecon/store/record"
)

// erased returns what was taken out: the hashes of the IDs that were erased on request, and the latest purge.
func erased(ctx context.Context, db sqlrow.Queryer) ([]record.Erased, error) {
	rows, err := db.QueryContext(ctx, `SELECT id_hash, NULL FROM erasures WHERE kind = 'erase'
		UNION ALL SELECT NULL, max(cutoff) FROM erasures WHERE kind = 'purge' HAVING max(cutoff) IS NOT NULL`)
	return sqlrow.Collect(rows, err, "read erasures", func(e *record.Erased) error {
		var hash []byte
		var cutoff sql.NullInt64
		err := rows.Scan(&hash, &cutoff)
		if copy(e[:], hash); cutoff.Valid {
			*e = record.PurgedBefore(sqlrow.FromNullMillis(cutoff))
		}
		return err
	})
}

func (r Records) personal() Personal { return Personal{db: r.db} }

// EraseAgain takes out what was erased, or purged as too old, after an older copy of the database was made: what its
// records keep and it does not know.
func (r Records) EraseAgain(ctx context.Context, at record.Paths, now time.Time) error {
	missing, err := r.notErased(ctx, at)
	if err != nil {
		return err
	}
	missing, err = r.purgeAgain(ctx, missing, now)
	if err != nil || len(missing) == 0 {
		return err
	}
	done := r.announce("IDs taken out that were erased after this copy was made", int64(len(missing)))
	ids, err := r.holding(ctx, missing)
	personal := r.personal()
	if err == nil {
		personal, err = personal.Surveyed(ctx, ids)
	}
	for _, id := range ids {
		if err == nil {
			_, err = personal.Erase(ctx, id, now)
		}
	}
	if err == nil && len(ids) > 0 {
		err = r.personal().Scrub(ctx)
	}
	if err != nil {
		return fmt.Errorf("take out again what was erased: %w", err)
	}
	for _, hash := range missing { // those that this copy does not hold are not looked for a second time
		if _, err := r.write.ExecContext(ctx, `INSERT INTO erasures (kind, id_hash, erased_at, checks, answers, rejects)
			SELECT 'erase', ?1, ?2, 0, 0, 0 WHERE NOT EXISTS (SELECT 1 FROM erasures WHERE id_hash = ?1)`, hash[:],
			sqlrow.Millis(now)); err != nil {
			return fmt.Errorf("note what was erased: %w", err)
		}
	}
	done()
	return nil
}

// purgeAgain does the latest of the purges that the database lacks, and returns the hashes of IDs.
func (r Records) purgeAgain(ctx context.Context, all []record.Erased, now time.Time) (ids []record.Erased, err error) {
	last, err := r.personal().LastCutoff(ctx)
	if err != nil {
		return nil, err
	}
	latest := last
	for _, e := range all {
		if cutoff, ok := e.Cutoff(); !ok {
			ids = append(ids, e)
		} else if cutoff.After(latest) {
			latest = cutoff
		}
	}
	if !latest.After(last) {
		return ids, nil
	}
	due, err := r.personal().Purgeable(ctx, latest)
	if err != nil || due.Lists == 0 { // it is looked for at each start until the copy has a purge of its own
		return ids, err
	}
	done := r.announce("IDs taken out that were purged after this copy was made", due.Checks)
	if _, err = r.personal().Purge(ctx, latest, now); err == nil {
		err = r.personal().Scrub(ctx)
	}
	if err != nil {
		return nil, fmt.Errorf("take out again what was purged: %w", err)
	}
	done()
	return ids, nil
}

// notErased returns what the database's own records keep as taken out, and the database lacks.
func (r Records) notErased(ctx context.Context, at record.Paths) (missing []record.Erased, err error) {
	var identity string
	if err := r.write.QueryRowContext(ctx, "SELECT value FROM settings WHERE key = 'identity'").Scan(&identity); err != nil {
		return nil, fmt.Errorf("read identity: %w", err)
	}
	known, err := erased(ctx, r.write)
	if err != nil {
		return nil, err
	}
	for _, f := range at.Find(identity) {
		if f.Err != nil || f.Entry.Identity != identity {
			continue
		}
		kept, err := record.ReadErased(f.Path)
		if err != nil {
			return nil, err
		}
		for _, e := range kept {
			if !slices.Contains(known, e) {
				known, missing = append(known, e), append(missing, e)
			}
		}
	}
	return missing, nil
}

// holding returns the IDs in the database that have one of the hashes: those of checks, and words of rejected rows,
// comments and names of files.
func (r Records) holding(ctx context.Context, hashes []record.Erased) (ids []string, err error) {
	wanted := map[record.Erased]bool{}
	for _, h := range hashes {
		wanted[h] = true
	}
	rows, err := r.write.QueryContext(ctx, `SELECT id FROM checks WHERE id IS NOT NULL
		UNION ALL SELECT other_id FROM checks WHERE other_id IS NOT NULL
		UNION ALL SELECT value || ' ' || detail FROM rejects UNION ALL SELECT comment FROM decisions WHERE comment <> ''
		UNION ALL `+mention.Select())
	if err != nil {
		return nil, fmt.Errorf("look for erased IDs: %w", err)
	}
	defer rows.Close() //nolint:errcheck // rows.Err below tells
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fmt.Errorf("look for erased IDs: %w", err)
		}
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !idRune(r) }) {
			if hash := record.Erased(HashID("", word)); wanted[hash] {
				delete(wanted, hash)
				ids = append(ids, word)
			}
		}
	}
	return ids, rows.Err()
}

// idRune reports whether an ID may hold a character.
func idRune(r rune) bool {
	return r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z'
}
