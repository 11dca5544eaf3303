package alias

import (
	"context"
	"database/sql"
	"fmt"

	"liverecon/store/internal/sqlrow"
)

// ReasonOtherKind is the reason of rejected rows whose ID is known under the name of the other ID of a check: a header
// that says livenessId above signatureIds has all of them bought again.
const ReasonOtherKind = "other_kind"

const (
	signatureID = "signatureId"
	livenessID  = "livenessId"
)

// OtherKind counts rows whose ID is known as one of the other kind.
type OtherKind struct {
	Rows int64
	Line int    // of the first of them, 0 where there is none
	Kind string // that this one is given as
}

// other returns the kind that an ID is not of.
func other(kind string) string {
	if kind == signatureID {
		return livenessID
	}
	return signatureID
}

// Twins returns the hashes that the IDs of a row have as IDs of the other kind; the second is nil where the row has one
// ID, which is of a kind.
func Twins(kind, id, otherID string, hash Hash) (twin []byte, otherTwin any) {
	if otherID != "" {
		otherTwin = hash(signatureID, otherID)
	}
	return hash(other(kind), id), otherTwin
}

// forKind are the statements that make what findCrossed needs.
var forKind = []string{
	"CREATE TEMP TABLE placed (hash BLOB PRIMARY KEY, at INTEGER) WITHOUT ROWID",
	"CREATE TEMP TABLE crossed (hash BLOB PRIMARY KEY) WITHOUT ROWID",
}

// wrongKind has the staged rows that are not taken for the kinds of their IDs. One that gives both IDs of a check is
// not but where both are known the other way round, as when two headers change places.
const wrongKind = "hash IN (SELECT hash FROM crossed) AND (other IS NULL OR other IN (SELECT hash FROM crossed))"

// findCrossed fills the table crossed with the IDs of staged rows that are new, and that are known, or stand above, as
// IDs of the other kind. What is absent as the one may well be the other. at is the expression of a row's place.
func findCrossed(ctx context.Context, conn *sql.Conn, book, at string) (some bool, err error) {
	var signature, liveness, known, knownAsOther bool
	err = conn.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM staged WHERE kind = 'signatureId'),
		EXISTS (SELECT 1 FROM staged WHERE kind = 'livenessId' OR other IS NOT NULL),
		EXISTS (SELECT 1 FROM `+book+`.settings WHERE key = 'signatureId_listed' AND value = '1'),
		EXISTS (SELECT 1 FROM `+book+`.settings WHERE key = 'livenessId_listed' AND value = '1')`).Scan(
		&signature, &liveness, &known, &knownAsOther)
	both := signature && (liveness || knownAsOther) || liveness && known
	if err != nil || !both {
		return false, err
	}
	const ids = "(SELECT hash, twin, %[1]s AS at FROM staged " +
		"UNION ALL SELECT other, other_twin, %[1]s FROM staged WHERE other IS NOT NULL)"
	if signature && liveness {
		_, err = conn.ExecContext(ctx, fmt.Sprintf("INSERT INTO placed SELECT hash, min(at) FROM "+ids+
			" WHERE true GROUP BY hash", at))
		if err != nil {
			return false, err
		}
	}
	var n int64
	err = sqlrow.ExecCount(ctx, conn, &n, fmt.Sprintf("INSERT OR IGNORE INTO crossed SELECT hash FROM "+ids+` i WHERE (
			EXISTS (SELECT 1 FROM %[2]s.checks c WHERE c.id_hash = i.twin AND c.state <> 'absent')
			OR EXISTS (SELECT 1 FROM %[2]s.other_ids o CROSS JOIN %[2]s.checks c USING (check_id)
				WHERE o.id_hash = i.twin AND c.state <> 'absent')
			OR EXISTS (SELECT 1 FROM placed e WHERE e.hash = i.twin
				AND e.at < (SELECT f.at FROM placed f WHERE f.hash = i.hash)))
		AND NOT EXISTS (SELECT 1 FROM %[2]s.checks c WHERE c.id_hash = i.hash)
		AND NOT EXISTS (SELECT 1 FROM %[2]s.other_ids o WHERE o.id_hash = i.hash)`, at, book))
	return n > 0, err
}

// refuseKind takes the rows of a list whose ID is known as one of the other kind from those that are staged, and makes
// them rejected ones.
func refuseKind(ctx context.Context, conn *sql.Conn) (k OtherKind, err error) {
	some, err := findCrossed(ctx, conn, "main", "line")
	if err != nil || !some {
		return k, err
	}
	_, err = conn.ExecContext(ctx, `INSERT INTO temp.refused
		SELECT line, kind, ?, 'known as a ' || iif(kind = 'signatureId', 'livenessId', 'signatureId') ||
			' already, or listed as one above: not asked for, as the header may be wrong and it would be bought ' ||
			'twice; if both kinds do share IDs, set input.kinds_share = true',
			iif(length(id) > 12, substr(id, 1, 8) || '…', id), NULL, NULL, NULL, NULL
		FROM temp.staged WHERE `+wrongKind+" ORDER BY line", ReasonOtherKind)
	if err == nil {
		err = conn.QueryRowContext(ctx, "SELECT count(*), coalesce(min(line), 0), coalesce(kind, '') "+
			"FROM temp.staged WHERE "+wrongKind).Scan(&k.Rows, &k.Line, &k.Kind)
	}
	if err == nil && k.Rows > 0 {
		_, err = conn.ExecContext(ctx, "DELETE FROM temp.staged WHERE "+wrongKind)
	}
	return k, err
}

// refuseKindListed does for staged lists, all at once, what refuseKind does for one after the other, and tells what
// each has.
func refuseKindListed(ctx context.Context, conn *sql.Conn, tell func(list int, k OtherKind)) error {
	some, err := findCrossed(ctx, conn, "book", "list * (1 << 32) + line")
	if err != nil || !some {
		return err
	}
	rows, err := conn.QueryContext(ctx, "SELECT list, count(*), min(line), kind FROM staged WHERE "+wrongKind+
		" GROUP BY list")
	_, err = sqlrow.Collect(rows, err, "preview IDs of the other kind", func(*struct{}) error {
		var list int
		var k OtherKind
		err := rows.Scan(&list, &k.Rows, &k.Line, &k.Kind)
		tell(list, k)
		return err
	})
	if err == nil {
		_, err = conn.ExecContext(ctx, "DELETE FROM staged WHERE "+wrongKind)
	}
	return err
}

// rememberKinds notes of which kinds IDs were ever listed: while they are of one, none can be known as the other.
func rememberKinds(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `UPDATE main.settings SET value = '1'
		WHERE key = 'signatureId_listed' AND value = '0' AND EXISTS (SELECT 1 FROM temp.staged WHERE kind = 'signatureId');
		UPDATE main.settings SET value = '1' WHERE key = 'livenessId_listed' AND value = '0'
		AND EXISTS (SELECT 1 FROM temp.staged WHERE kind = 'livenessId' OR other IS NOT NULL)`)
	return err
}
