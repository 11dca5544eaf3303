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

// Named returns the ID that a person means by a text: the text itself where it is known as an ID, or the one that
// differs from it in nothing but case; the text where there is none. Where there are several it returns an
// [*AmbiguousError]. Unless IDs with capitals were ever listed it reads no more than some rows.
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

// Form represents an ID of a kind, as a list has it.
type Form struct{ Kind, ID string }

// NamedByLists calls found with the hash of what each row of lists means, in their order: the ID itself where it is
// known as one of its kind, or the one that differs from it in nothing but case; the ID where there is none. Where
// there are several it returns an [*AmbiguousError].
func NamedByLists(ctx context.Context, db sqlrow.Queryer, rows []Form, hash Hash, found func(hash []byte)) error {
	var mixed map[string][]string // by the hash of small letters, read when it is needed
	for _, row := range rows {
		var forms []string
		for _, form := range []string{row.ID, strings.ToLower(row.ID), strings.ToUpper(row.ID)} {
			var known bool
			err := db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM checks WHERE id_hash = ?1)
				OR EXISTS (SELECT 1 FROM other_ids WHERE id_hash = ?1)`, hash(row.Kind, form)).Scan(&known)
			if err != nil {
				return fmt.Errorf("look for an ID: %w", err)
			}
			if known {
				forms = append(forms, form)
			}
			if known && form == row.ID {
				break
			}
		}
		if len(forms) == 0 || forms[0] != row.ID {
			if mixed == nil {
				var err error
				if mixed, err = readMixed(ctx, db, hash); err != nil {
					return err
				}
			}
			forms = append(forms, mixed[string(hash(row.Kind, strings.ToLower(row.ID)))]...)
		}
		slices.Sort(forms)
		switch forms = slices.Compact(forms); {
		case len(forms) == 0:
			found(hash(row.Kind, row.ID))
		case len(forms) == 1:
			found(hash(row.Kind, forms[0]))
		default:
			return &AmbiguousError{Typed: row.ID, IDs: forms}
		}
	}
	return nil
}

// readMixed reads the IDs in mixed case, by the hash of what they are in small letters.
func readMixed(ctx context.Context, db sqlrow.Queryer, hash Hash) (map[string][]string, error) {
	rows, err := db.QueryContext(ctx, fmt.Sprintf(mixedChecks, "checks"))
	all, err := sqlrow.Collect(rows, err, "read IDs in mixed case", func(f *Form) error {
		return rows.Scan(&f.Kind, &f.ID)
	})
	mixed := map[string][]string{}
	for _, f := range all {
		small := string(hash(f.Kind, strings.ToLower(f.ID)))
		mixed[small] = append(mixed[small], f.ID)
	}
	return mixed, err
}
