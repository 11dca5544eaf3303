package alias

import (
	"context"
	"database/sql"
	"fmt"
)

// seen returns the condition that an ID is known, by itself or as the other one of a check. hash is the expression of
// its hash.
func seen(hash string) string {
	return "(EXISTS (SELECT 1 FROM seen_checks k WHERE k.id_hash = " + hash + ") OR EXISTS (SELECT 1 " +
		"FROM seen_others k WHERE k.id_hash = " + hash + "))"
}

// Forms returns the hashes that the columns of a staged row have after its kind: of the ID of a row in small letters
// and in capitals, of its other ID, which is a livenessId, in both, and of the two IDs as ones of the other kind.
func Forms(kind, id, otherID string, hash Hash) []any {
	small, capital := cases(kind, id, hash)
	var otherSmall, otherCapital, otherTwin any
	if otherID != "" {
		otherSmall, otherCapital = cases(livenessID, otherID, hash)
		otherTwin = hash(signatureID, otherID)
	}
	return []any{small, capital, otherSmall, otherCapital, hash(other(kind), id), otherTwin}
}

// asked asks a question of yes or no.
func asked(ctx context.Context, conn *sql.Conn, question string, unless bool) (yes bool, err error) {
	if !unless {
		err = conn.QueryRowContext(ctx, question).Scan(&yes)
	}
	return yes, err
}

// Admit takes the rows of a list from those that are staged, and makes them rejected ones, whose ID is known as one of
// the other kind, or differs from a known one in nothing but case; not the former where both kinds share IDs, not the
// latter where case matters. Of the others it notes of which kinds they are, and whether they have capitals.
func Admit(ctx context.Context, conn *sql.Conn, hash Hash, caseMatters, kindsShare bool) (
	k OtherKind, c OtherCase, err error,
) {
	kinds, err := asked(ctx, conn, bothKinds, kindsShare)
	if err == nil && kinds {
		k, err = refuseKind(ctx, conn)
	}
	if err == nil {
		err = foldEarlier(ctx, conn, hash)
	}
	var cases bool
	if err == nil {
		cases, err = asked(ctx, conn, capitals, caseMatters)
	}
	if err == nil && cases {
		c, err = refuseCase(ctx, conn)
	}
	if err == nil {
		err = rememberCapitals(ctx, conn)
	}
	if err == nil {
		err = rememberKinds(ctx, conn)
	}
	return k, c, err
}

// Preview takes staged lists one after the other, as taking them would.
type Preview struct {
	Lists                   int
	CaseMatters, KindsShare bool // see Admit
	Hash                    Hash
}

// Foretold holds what taking a list will come to.
type Foretold struct {
	OtherKind OtherKind
	OtherCase OtherCase
	Found     Found
}

// questions hold what of the lists of a preview is to be looked at.
type questions struct{ kinds, cases, others bool }

func (p Preview) questions(ctx context.Context, conn *sql.Conn) (q questions, err error) {
	if q.kinds, err = asked(ctx, conn, bothKinds, p.KindsShare); err == nil {
		q.cases, err = asked(ctx, conn, capitals, p.CaseMatters)
	}
	if err == nil {
		q.others, err = asked(ctx, conn, "SELECT EXISTS (SELECT 1 FROM seen_others) OR EXISTS (SELECT 1 FROM staged "+
			"WHERE other IS NOT NULL)", false)
	}
	return q, err
}

// Take does for the lists what Admit, Resolve and Keep do, and tells what each one comes to.
func (p Preview) Take(ctx context.Context, conn *sql.Conn, tell func(list int, f Foretold)) error {
	q, err := p.questions(ctx, conn)
	if err != nil || q == (questions{}) {
		return err
	}
	due, err := foldsDue(ctx, conn)
	if err == nil && due {
		err = foldChecks(ctx, conn, "book.checks", "fore_folds", p.Hash)
	}
	if err == nil {
		_, err = conn.ExecContext(ctx, "CREATE INDEX staged_by_list ON staged (list)")
	}
	for list := 1; list <= p.Lists && err == nil; list++ {
		var f Foretold
		if _, err = conn.ExecContext(ctx, anew+"; UPDATE present SET list = ?", list); err == nil {
			err = p.take(ctx, conn, q, &f)
		}
		if err == nil {
			tell(list, f)
		}
	}
	return err
}

// take takes the present list.
func (p Preview) take(ctx context.Context, conn *sql.Conn, q questions, f *Foretold) error {
	const scope = " AND list = (SELECT list FROM present)"
	if q.kinds {
		some, err := findCrossed(ctx, conn)
		if err == nil && some {
			f.OtherKind, err = takeKind(ctx, conn, scope)
		}
		if err != nil {
			return err
		}
	}
	if q.cases {
		some, err := findCased(ctx, conn)
		if err == nil && some {
			f.OtherCase, err = takeCase(ctx, conn, scope)
		}
		if err == nil {
			_, err = conn.ExecContext(ctx, "INSERT OR IGNORE INTO fore_folds SELECT small FROM "+
				fmt.Sprintf(mixedCase, "list_rows"))
		}
		if err != nil {
			return err
		}
	}
	return f.Found.foretell(ctx, conn, q.others, p.Hash, scope)
}
