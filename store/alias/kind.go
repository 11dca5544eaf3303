package alias

import (
	"context"
	"database/sql"

	"liverecon/store/internal/sqlrow"
)

// ReasonOtherKind names the reason of rejected rows whose ID is known under the name of the other ID of a check: a
// header that says livenessId above signatureIds has all of them bought again.
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

// forKind lists the statements that make what findCrossed needs.
var forKind = []string{
	"CREATE TEMP TABLE placed (hash BLOB PRIMARY KEY, at INTEGER) WITHOUT ROWID",
	"CREATE TEMP TABLE crossed (hash BLOB PRIMARY KEY) WITHOUT ROWID",
}

// wrongKind selects the staged rows that are not taken for the kinds of their IDs. One that gives both IDs of a check
// is not but where both are known the other way round, as when two headers change places.
const wrongKind = "hash IN (SELECT hash FROM crossed) AND (other IS NULL OR other IN (SELECT hash FROM crossed))"

// bothKinds tests whether IDs of both kinds are staged, or of one, the other of which was ever listed.
const bothKinds = `SELECT signature AND (liveness OR known_liveness) OR liveness AND known_signature FROM (
	SELECT EXISTS (SELECT 1 FROM staged WHERE kind = 'signatureId') AS signature,
	EXISTS (SELECT 1 FROM staged WHERE kind = 'livenessId' OR other IS NOT NULL) AS liveness,
	EXISTS (SELECT 1 FROM seen_settings WHERE key = 'signatureId_listed' AND value = '1') AS known_signature,
	EXISTS (SELECT 1 FROM seen_settings WHERE key = 'livenessId_listed' AND value = '1') AS known_liveness)`

// findCrossed fills the table crossed with the IDs of a list that are new, and that are known, or stand above, as IDs
// of the other kind. What is absent as the one may well be the other.
func findCrossed(ctx context.Context, conn *sql.Conn) (some bool, err error) {
	const ids = "(SELECT hash, twin, line FROM list_rows " +
		"UNION ALL SELECT other, other_twin, line FROM list_rows WHERE other IS NOT NULL)"
	_, err = conn.ExecContext(ctx, "INSERT INTO placed SELECT hash, min(line) FROM "+ids+" WHERE true GROUP BY hash")
	if err != nil {
		return false, err
	}
	var n int64
	err = sqlrow.ExecCount(ctx, conn, &n, "INSERT OR IGNORE INTO crossed SELECT hash FROM "+ids+` i WHERE (
			EXISTS (SELECT 1 FROM seen_checks c WHERE c.id_hash = i.twin AND c.state <> 'absent')
			OR EXISTS (SELECT 1 FROM seen_others o WHERE o.id_hash = i.twin AND o.state <> 'absent')
			OR EXISTS (SELECT 1 FROM placed e WHERE e.hash = i.twin
				AND e.at < (SELECT f.at FROM placed f WHERE f.hash = i.hash)))
		AND NOT `+seen("i.hash"))
	return n > 0, err
}

// refuseKind takes the rows of a list whose ID is known as one of the other kind from those that are staged, and makes
// them rejected ones.
func refuseKind(ctx context.Context, conn *sql.Conn) (k OtherKind, err error) {
	some, err := findCrossed(ctx, conn)
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
		k, err = takeKind(ctx, conn, "")
	}
	return k, err
}

// takeKind counts those rows of a list, and takes them from the staged ones. scope limits these to the list.
func takeKind(ctx context.Context, conn *sql.Conn, scope string) (k OtherKind, err error) {
	err = conn.QueryRowContext(ctx, "SELECT count(*), coalesce(min(line), 0), coalesce(kind, '') FROM list_rows WHERE "+
		wrongKind).Scan(&k.Rows, &k.Line, &k.Kind)
	if err == nil && k.Rows > 0 {
		_, err = conn.ExecContext(ctx, "DELETE FROM staged WHERE "+wrongKind+scope)
	}
	return k, err
}

// rememberKinds notes of which kinds IDs were ever listed: while they are of one, none can be known as the other.
func rememberKinds(ctx context.Context, conn *sql.Conn) error {
	_, err := conn.ExecContext(ctx, `UPDATE main.settings SET value = '1'
		WHERE key = 'signatureId_listed' AND value = '0' AND EXISTS (SELECT 1 FROM temp.staged WHERE kind = 'signatureId');
		UPDATE main.settings SET value = '1' WHERE key = 'livenessId_listed' AND value = '0'
		AND EXISTS (SELECT 1 FROM temp.staged WHERE kind = 'livenessId' OR other IS NOT NULL)`)
	return err
}
