package alias

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"liverecon/store/internal/sqlrow"
)

// AmbiguousError reports a text that is no ID which is known, and differs in nothing but case from several that are.
type AmbiguousError struct {
	Typed string
	IDs   []string // sorted
}

// Error names them.
func (e *AmbiguousError) Error() string {
	return fmt.Sprintf("%.128q is no ID, and may be any of %s", e.Typed, strings.Join(e.IDs, ", "))
}

// Named returns the ID that a person means by a text: the text itself where it is known as an ID, or the one that differs
// from it in nothing but case; the text where there is none. Where there are several it returns an [*AmbiguousError].
// Unless IDs with capitals were ever listed it reads no more than some rows.
func Named(ctx context.Context, db sqlrow.Queryer, typed string, hash Hash) (string, error) {
	var found []string
	for _, form := range []string{typed, strings.ToLower(typed), strings.ToUpper(typed)} {
		var known bool
		err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM checks WHERE id_hash IN (?1, ?2))
			OR EXISTS (SELECT 1 FROM other_ids WHERE id_hash IN (?1, ?2))`,
			hash(signatureID, form), hash(livenessID, form)).Scan(&known)
		switch {
		case err != nil:
			return "", fmt.Errorf("look for an ID: %w", err)
		case known && form == typed:
			return typed, nil
		case known && !slices.Contains(found, form):
			found = append(found, form)
		}
	}
	rows, err := db.QueryContext(ctx, `SELECT id FROM checks WHERE lower(id) = ?1
			AND EXISTS (SELECT 1 FROM settings WHERE key = 'capitals_listed' AND value <> '0')
		UNION SELECT other_id FROM checks WHERE lower(other_id) = ?1
			AND EXISTS (SELECT 1 FROM settings WHERE key = 'capitals_listed' AND value <> '0')`, strings.ToLower(typed))
	mixed, err := sqlrow.Collect(rows, err, "look for an ID in other case", func(id *string) error {
		return rows.Scan(id)
	})
	if err != nil {
		return "", err
	}
	found = append(found, mixed...)
	slices.Sort(found)
	switch found = slices.Compact(found); len(found) {
	case 0:
		return typed, nil
	case 1:
		return found[0], nil
	}
	return "", &AmbiguousError{Typed: typed, IDs: found}
}
