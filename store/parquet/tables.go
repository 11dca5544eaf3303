package parquet

import (
	"fmt"
	"strings"

	"liverecon/store/internal/query"
)

// table describes a table of an export. from is the SQL behind the columns' own: what it reads from, the rows of the
// month and their order within a region. It may use ?1 and ?2, the month's bounds in milliseconds, ?3 and ?4, the first
// and the last call of its runs, and ?5, its name. One by day is read once a business day: ?1 and ?2 are the bounds of
// the part of it that is in the month, and ?6 is its number since the Unix epoch. What a month bears is ?7 to ?16, see
// bearings.arguments. moved takes the place of from where a month bears calls of others, or others bear its own; ?17
// tells whether a day is one of its own.
type table struct {
	name     string
	byRegion string // SQL of the region that a row is of; "" for a table without
	byDay    bool
	columns  []column
	from     string
	moved    string
}

// What an export has for each row of a table, in the order of its columns. Money rows have their currency in a column
// of that name.
var (
	runsTable = table{name: "runs", columns: []column{
		{name: "run_id", kind: number, sql: "run_id"},
		{name: "started_at", kind: moment, sql: "started_at"},
		{name: "ended_at", kind: moment, optional: true, sql: "ended_at"},
		{name: "version", kind: word, sql: "version"},
		{name: "simulated", kind: boolean, sql: "simulated"},
		{name: "exit_code", kind: small, optional: true, sql: "exit_code"},
		{name: "verdict", kind: word, optional: true, sql: "substr(verdict, 1, instr(verdict || ':', ':') - 1)"},
	}, from: "FROM runs WHERE started_at >= ?1 AND started_at < ?2 ORDER BY run_id"}

	listsTable = table{name: "lists", columns: []column{
		{name: "list_id", kind: number, sql: "list_id"},
		{name: "run_id", kind: number, sql: "run_id"},
		{name: "read_at", kind: moment, sql: "read_at"},
		{name: "bytes", kind: number, sql: "bytes"},
		{name: "listed_rows", kind: number, summed: true, sql: "rows"},
		{name: "rejected_rows", kind: number, summed: true, sql: "rejected"},
		{name: "duplicate_rows", kind: number, summed: true, sql: "duplicate"},
		{name: "known_rows", kind: number, summed: true, sql: "known"},
		{name: "new_rows", kind: number, summed: true, sql: "new"},
	}, from: "FROM lists WHERE read_at >= ?1 AND read_at < ?2 ORDER BY list_id"}

	// A check is of the month of its standing answer; one without, of the month it came to where it stands.
	checksTable = table{name: "checks", byRegion: "a.region", columns: []column{
		{name: "check_id", kind: number, sql: "c.check_id"},
		{name: "kind", kind: word, sql: "c.kind"},
		{name: "endpoint", kind: word, sql: "coalesce(k.endpoint, c.endpoint)"},
		{name: "state", kind: word, sql: "CASE WHEN a.call_id IS NULL THEN c.state ELSE 'done' END"},
		{name: "why", kind: word, sql: "CASE WHEN a.call_id IS NULL THEN c.why ELSE '' END"},
		{name: "attempts", kind: small, sql: "coalesce(k.attempt, c.attempts)"},
		{name: "list_id", kind: number, few: true, sql: "c.list_id"},
		{name: "changed_at", kind: moment, sql: "coalesce(a.answered_at, c.changed_at)"},
		{name: "call_id", kind: number, optional: true, sql: "a.call_id"},
		{name: "answered_at", kind: moment, optional: true, sql: "a.answered_at"},
		{name: "captured_at", kind: moment, optional: true, sql: "a.captured_at"},
		{name: "score", kind: score, optional: true, sql: "a.score"},
		{name: "verdict", kind: word, optional: true, sql: `CASE WHEN a.score IS NULL THEN NULL
			WHEN a.score > t.threshold OR a.score = t.threshold AND t.inclusive THEN 'pass' ELSE 'manual_check' END`},
		{name: "attack_type", kind: word, optional: true, sql: `CASE WHEN a.call_id IS NULL THEN NULL
			WHEN a.attack_type = '1' THEN 'presentation' WHEN a.attack_type = '2' THEN 'injection'
			WHEN a.attack_type = '3' THEN 'unsure' WHEN a.attack_type <> '' THEN 'other' WHEN a.score IS NULL THEN NULL
			WHEN a.score > t.threshold OR a.score = t.threshold AND t.inclusive THEN 'none' ELSE 'unclassified' END`},
		{name: "attack_code", kind: word, optional: true, sql: "a.attack_type"},
		{name: "attack_sub_type", kind: word, optional: true, sql: "a.attack_sub_type"},
	}, from: checksFrom(`SELECT * FROM (SELECT region, check_id, call_id, answered_at, captured_at, score, attack_type,
			attack_sub_type FROM answers NOT INDEXED
			WHERE call_id BETWEEN (SELECT min(call_id) FROM ` + answeredThen + `) AND min(?10, (SELECT max(call_id) FROM ` +
		answeredThen + `)) AND standing = 1 AND answered_at >= ?1 AND answered_at < ?2 ORDER BY call_id LIMIT -1)`),
		moved: checksFrom(`SELECT * FROM (SELECT region, check_id, call_id, answered_at, captured_at, score, attack_type,
			attack_sub_type FROM answers WHERE call_id IN (SELECT call_id FROM ` + answeredThen + ` AND call_id <= ?10
				AND call_id NOT IN (SELECT value FROM json_each(?8)))
			OR call_id IN (SELECT value FROM json_each(?7)) AND (standing = 1 OR ?13 IS NOT NULL)
			ORDER BY call_id LIMIT -1)`)}

	callsTable = table{name: "calls", byRegion: "k.region", columns: []column{
		{name: "call_id", kind: number, sql: "k.call_id"},
		{name: "check_id", kind: number, sql: "k.check_id"},
		{name: "run_id", kind: number, few: true, sql: "k.run_id"},
		{name: "attempt", kind: small, sql: "k.attempt"},
		{name: "reason", kind: word, sql: "k.reason"},
		{name: "endpoint", kind: word, sql: "k.endpoint"},
		{name: "intended_at", kind: moment, sql: "k.intended_at"},
		{name: "sent_at", kind: moment, optional: true, sql: "o.sent_at"},
		{name: "ended_at", kind: moment, optional: true, sql: "o.ended_at"},
		{name: "outcome", kind: word, optional: true, sql: "o.outcome"}, // nothing: in flight
		{name: "cause", kind: word, optional: true, sql: "o.cause"},
		{name: "http_status", kind: small, optional: true, sql: "o.http_status"},
		{name: "code", kind: word, optional: true, sql: "o.code"},
		{name: "class", kind: word, optional: true, sql: "o.class"},
		{name: "pricing", kind: word, optional: true, sql: "o.pricing"},
		{name: "tag", kind: word, sql: "coalesce(o.tag, 'unknown')"},
		{name: "transaction_id", kind: text, optional: true, sql: "o.transaction_id"},
		{name: "resolution", kind: word, optional: true, sql: `CASE WHEN o.tag = 'unknown' THEN
			CASE (SELECT max(r.billed) FROM resolutions r JOIN reconciliations c USING (reconciliation_id)
				WHERE r.call_id = k.call_id AND c.made_at <= ?11 AND (c.superseded_by IS NULL
					OR (SELECT n.made_at FROM reconciliations n WHERE n.reconciliation_id = c.superseded_by) > ?11))
				WHEN 1 THEN 'billed' WHEN 0 THEN 'not billed' END END`},
	}, from: `FROM calls k LEFT JOIN outcomes o ON o.call_id = k.call_id
		WHERE k.call_id BETWEEN ?3 AND min(?4, ?10) AND coalesce(o.sent_at, k.intended_at) >= ?1
		AND coalesce(o.sent_at, k.intended_at) < ?2 ORDER BY k.call_id`,
		moved: `FROM (SELECT k.call_id FROM calls k LEFT JOIN outcomes o ON o.call_id = k.call_id
			WHERE k.call_id BETWEEN ?3 AND min(?4, ?10) AND coalesce(o.sent_at, k.intended_at) >= ?1
			AND coalesce(o.sent_at, k.intended_at) < ?2 AND k.call_id NOT IN (SELECT value FROM json_each(?8))
			UNION SELECT value FROM json_each(?7) ORDER BY 1 LIMIT -1) i
		CROSS JOIN calls k ON k.call_id = i.call_id LEFT JOIN outcomes o ON o.call_id = k.call_id`}

	decisionsTable = table{name: "decisions", byRegion: "a.region", columns: []column{
		{name: "decision_id", kind: number, sql: "d.decision_id"},
		{name: "check_id", kind: number, sql: "a.check_id"},
		{name: "call_id", kind: number, sql: "d.call_id"},
		{name: "answered_at", kind: moment, sql: "d.answered_at"},
		{name: "decision", kind: word, sql: "d.decision"},
		{name: "decided_at", kind: moment, sql: "d.decided_at"},
		{name: "undated", kind: boolean, sql: "d.undated"},
	}, from: `FROM decisions d CROSS JOIN answers a USING (call_id) WHERE d.decided_at >= ?1 AND d.decided_at < ?2
		AND d.file_id NOT IN (SELECT value FROM json_each(?16)) OR EXISTS (SELECT 1 FROM json_each(?15) f
			WHERE d.file_id = f.value ->> 0 AND d.decided_at >= f.value ->> 1 AND d.decided_at < f.value ->> 2)
		ORDER BY d.decision_id`}

	statementLinesTable = table{name: "statement_lines", byRegion: "l.region", columns: []column{
		{name: "statement_id", kind: number, few: true, sql: "l.statement_id"},
		{name: "line_number", kind: number, sql: "l.line"},
		{name: "kind", kind: word, sql: "l.kind"},
		{name: "transaction_id", kind: text, sql: "l.transaction_id"},
		{name: "charged_at", kind: moment, optional: true, sql: "l.charged_at"},
		{name: "date_only", kind: boolean, sql: "l.date_only"},
		{name: "endpoint", kind: word, sql: "l.endpoint"},
		{name: "pricing", kind: word, sql: "l.pricing"},
		{name: "product", kind: word, sql: "l.product"},
		{name: "quantity", kind: number, summed: true, sql: "l.quantity * p.sign"},
		{name: "unit_price", kind: money, optional: true, sql: "l.unit_price"},
		{name: "amount", kind: money, summed: true, sql: `CASE WHEN p.sign > 0 THEN l.amount
			WHEN l.amount LIKE '-%' THEN substr(l.amount, 2) ELSE '-' || l.amount END`},
		{name: "currency", kind: word, sql: "l.currency"},
		{name: "superseded", kind: boolean, sql: "p.superseded"},
		{name: "service_month", kind: word, sql: "l.month"},
		{name: "withdrawn", kind: boolean, sql: "p.sign < 0"},
	}, from: `FROM (SELECT DISTINCT value ->> 0 AS statement_id FROM json_each(?14)) s
		CROSS JOIN statement_lines l ON l.statement_id = s.statement_id
		CROSS JOIN (SELECT value ->> 0 AS statement_id, value ->> 1 AS month, value ->> 2 AS endpoint,
			value ->> 3 AS currency, value ->> 4 AS usage, value ->> 5 AS superseded, value ->> 6 AS sign
			FROM json_each(?14) LIMIT -1) p ON p.statement_id = l.statement_id AND p.month = l.month
			AND p.endpoint = l.endpoint AND p.currency = l.currency AND p.usage = (l.kind = 'usage' AND l.product = '')
		ORDER BY l.statement_id, l.line, p.sign DESC`}

	reconciledTable = table{name: "reconciled", byRegion: "r.region", columns: []column{
		{name: "reconciliation_id", kind: number, few: true, sql: "r.reconciliation_id"},
		{name: "row_number", kind: number, sql: "r.row"},
		{name: "class", kind: word, sql: "r.class"},
		{name: "call_id", kind: number, optional: true, sql: "r.call_id"},
		{name: "statement_id", kind: number, few: true, optional: true, sql: "r.statement_id"},
		{name: "line_number", kind: number, optional: true, sql: "r.line"},
		{name: "happened_at", kind: moment, optional: true, sql: "r.at"},
		{name: "endpoint", kind: word, sql: "r.endpoint"},
		{name: "currency", kind: word, sql: "r.currency"},
		{name: "transaction_id", kind: text, sql: "r.transaction_id"},
		{name: "our_quantity", kind: number, summed: true, sql: "r.our_quantity"},
		{name: "their_quantity", kind: number, summed: true, sql: "r.their_quantity"},
		{name: "our_amount", kind: money, optional: true, summed: true, sql: "r.our_amount"},
		{name: "their_amount", kind: money, summed: true, sql: "r.their_amount"},
		{name: "explained_amount", kind: money, sql: "r.explained"},
		{name: "doubt_amount", kind: money, sql: "r.doubt"},
		{name: "other_amount", kind: money, sql: "r.other"},
		{name: "shift_amount", kind: money, sql: "r.shift"},
		{name: "minimum_amount", kind: money, sql: "r.minimum"},
		{name: "rounding_amount", kind: money, sql: "r.rounding"},
		{name: "prior_amount", kind: money, sql: "r.prior"},
		{name: "tax_amount", kind: money, sql: "r.tax"},
	}, from: `FROM reconciliations m CROSS JOIN reconciled r USING (reconciliation_id)
		WHERE CASE WHEN ?13 IS NULL THEN m.month = ?5 AND m.superseded_by IS NULL ELSE m.reconciliation_id = ?12 END
		ORDER BY r.reconciliation_id, r.row`}

	// What came to light about closed months is of the month that bears it.
	correctionsTable = table{name: "corrections", byRegion: "c.region", columns: []column{
		{name: "closed_month", kind: word, sql: "p.month"},
		{name: "kind", kind: word, sql: "c.kind"},
		{name: "call_id", kind: number, optional: true, sql: "c.call_id"},
		{name: "statement_id", kind: number, few: true, optional: true, sql: "c.statement_id"},
		{name: "line_number", kind: number, optional: true, sql: "c.line"},
		{name: "endpoint", kind: word, sql: "c.endpoint"},
		{name: "currency", kind: word, sql: "c.currency"},
		{name: "quantity", kind: number, summed: true, sql: "c.quantity"},
		{name: "amount", kind: money, optional: true, summed: true, sql: "c.amount"},
		{name: "most_amount", kind: money, sql: "c.most"},
		{name: "right_amount", kind: money, sql: "c.right_amount"},
		{name: "their_quantity", kind: number, summed: true, sql: "c.their_quantity"},
		{name: "their_amount", kind: money, summed: true, sql: "c.their_amount"},
		{name: "class", kind: word, sql: "c.class"},
		{name: "own_line", kind: boolean, sql: "c.own"},
	}, from: `FROM corrections c JOIN closures p USING (closure_id) WHERE c.borne_by = ?5
		AND (p.reopened_at IS NULL OR p.reopened_at > ?11)
		ORDER BY p.month, c.kind, c.statement_id, c.line, c.call_id`}

	usageTable = table{name: "usage", byRegion: "region", columns: []column{
		{name: "quarter_at", kind: moment, sql: "quarter * 900000"},
		{name: "endpoint", kind: word, sql: "endpoint"},
		{name: "outcome", kind: word, sql: "outcome"},
		{name: "code", kind: word, sql: "code"},
		{name: "pricing", kind: word, sql: "pricing"},
		{name: "tag", kind: word, sql: "tag"},
		{name: "calls", kind: number, summed: true, sql: "calls"},
	}, from: "FROM (SELECT quarter, endpoint, region, outcome, code, pricing, tag, sum(calls) AS calls FROM (" +
		usageRows + ") GROUP BY quarter, endpoint, region, outcome, code, pricing, tag HAVING sum(calls) <> 0) " +
		"ORDER BY region, quarter, endpoint, outcome, code, pricing, tag"}

	// A day at a time: what SQLite sorts to count fits in memory then.
	scoreCountsTable = table{name: "score_counts", byRegion: "region", byDay: true, columns: []column{
		{name: "answered_on", kind: day, sql: "?6"},
		{name: "endpoint", kind: word, sql: "endpoint"},
		{name: "attack_code", kind: word, sql: "attack_type"},
		{name: "score", kind: score, optional: true, sql: "score"},
		{name: "answers", kind: number, summed: true, sql: "count(*)"},
	}, from: "FROM " + answeredThen + " AND call_id <= ?10 GROUP BY region, endpoint, attack_type, score",
		moved: "FROM (SELECT region, endpoint, attack_type, score FROM " + answeredThen + ` AND call_id <= ?10 AND ?17
			AND call_id NOT IN (SELECT value FROM json_each(?8)) UNION ALL SELECT region, endpoint, attack_type, score
			FROM answers WHERE call_id IN (SELECT value FROM json_each(?7)) AND answered_at >= ?1 AND answered_at < ?2
			AND (standing = 1 OR ?13 IS NOT NULL)) GROUP BY region, endpoint, attack_type, score`}
)

// checksFrom returns where checks come from: those without an answer, and the answers that some SQL selects.
func checksFrom(answers string) string {
	return `FROM (SELECT * FROM (SELECT region, check_id AS id, NULL AS call_id, NULL AS answered_at,
				NULL AS captured_at, NULL AS score, NULL AS attack_type, NULL AS attack_sub_type FROM checks
				WHERE state <> 'done' AND changed_at >= ?9 AND changed_at < ?2 ORDER BY check_id LIMIT -1)
			UNION ALL ` + answers + `) a
		CROSS JOIN checks c ON c.check_id = a.id LEFT JOIN calls k ON k.call_id = a.call_id
		CROSS JOIN (SELECT CAST((SELECT value FROM settings WHERE key = 'threshold') AS REAL) AS threshold,
			(SELECT value FROM settings WHERE key = 'threshold_inclusive') = '1' AS inclusive) t`
}

// answeredThen selects the answers of a month by their index.
const answeredThen = `answers INDEXED BY answers_by_time WHERE standing = 1 AND answered_at >= ?1 AND answered_at < ?2`

// usageRows counts calls by quarter hour, and those in flight.
const usageRows = `SELECT quarter, endpoint, region, outcome, code, pricing, tag, calls FROM usage
	WHERE ?13 IS NULL AND quarter >= ?1 / 900000 AND quarter < ?2 / 900000
	UNION ALL SELECT quarter, endpoint, region, outcome, code, pricing, tag, calls FROM closed_usage
	WHERE closure_id = ?13
	UNION ALL SELECT k.intended_at / 900000, k.endpoint, k.region, 'unanswered', '', '', 'unknown', 1 FROM ` +
	query.Unfinished + ` AND ?13 IS NULL AND k.intended_at >= ?1 AND k.intended_at < ?2
	UNION ALL SELECT ` + callUsage + `, 1 FROM json_each(?7) i CROSS JOIN calls k ON k.call_id = i.value
	LEFT JOIN outcomes o ON o.call_id = k.call_id
	UNION ALL SELECT ` + callUsage + `, -1 FROM json_each(?8) i CROSS JOIN calls k ON k.call_id = i.value
	LEFT JOIN outcomes o ON o.call_id = k.call_id WHERE k.call_id <= ?10`

// callUsage names what a call k with the outcome o is counted as.
const callUsage = `coalesce(o.sent_at, k.intended_at) / 900000, k.endpoint, k.region, coalesce(o.outcome, 'unanswered'),
	coalesce(o.code, ''), coalesce(o.pricing, ''), coalesce(o.tag, 'unknown')`

// tables returns the tables that the database has rows of, as the options want them.
func tables(o Options) []table {
	checks, lists, decisions := checksTable, listsTable, decisionsTable
	for _, name := range o.Columns {
		path := `'$."' || ` + quoted(strings.ReplaceAll(name, `"`, `\"`)) + ` || '"'`
		checks.columns = append(checks.columns[:len(checks.columns):len(checks.columns)], column{name: ColumnName(name),
			kind: word, optional: true, sql: "CAST(json_extract(c.reference, " + path + ") AS TEXT)"})
	}
	if o.WithIDs {
		checks.columns = append(checks.columns[:len(checks.columns):len(checks.columns)],
			column{name: "id", kind: text, optional: true, sql: "c.id"},
			column{name: "other_id", kind: text, optional: true, sql: "c.other_id"},
			column{name: "reference", kind: text, optional: true, sql: "c.reference"},
			column{name: "line_number", kind: number, sql: "c.line"})
		lists.columns = append(lists.columns[:len(lists.columns):len(lists.columns)],
			column{name: "path", kind: word, sql: "path"})
		decisions.columns = append(decisions.columns[:len(decisions.columns):len(decisions.columns)],
			column{name: "reviewer", kind: word, sql: "d.reviewer"},
			column{name: "comment", kind: text, optional: true, sql: "d.comment"})
	}
	return []table{runsTable, lists, checks, callsTable, decisions, statementLinesTable, reconciledTable,
		correctionsTable, usageTable, scoreCountsTable}
}

// Tables returns the names of all tables.
func Tables() (names []string) {
	for _, t := range append(tables(Options{}), pricesTable, settingsTable, monthsTable) {
		names = append(names, t.name)
	}
	return names
}

// ColumnName makes the name of a list's column one that needs no quotes in SQL.
func ColumnName(name string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(name) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
			b.WriteRune(r)
		} else {
			b.WriteByte('_')
		}
	}
	return "column_" + b.String()
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", "''") + "'" }

// Marks among shared values: between two of them, and for one that is missing. No text has such bytes.
const (
	between = "\xfe"
	missing = "\xff"
)

// sql returns the query of a table. Every column of a query costs a quarter of a microsecond a row, so the region and
// what is shared come as one, parted by between.
func (t table) sql(moved bool) string {
	one, own := []string{"CAST(x'fe' AS TEXT)", "''"}, []string{""}
	if t.byRegion != "" {
		one[1] = t.byRegion
	}
	for _, c := range t.columns {
		switch {
		case !c.shared():
			own = append(own, c.sql)
		case c.optional:
			one = append(one, "ifnull("+c.sql+", CAST(x'ff' AS TEXT))")
		default:
			one = append(one, c.sql)
		}
	}
	from := t.from
	if moved && t.moved != "" {
		from = t.moved
	}
	return fmt.Sprintf("SELECT concat_ws(%s)%s %s", strings.Join(one, ", "), strings.Join(own, ", "), from)
}
