-- In every view the number of a run, a check or a call is run_id, check_id or call_id, as in the tables, and no column
-- needs quotes. The names of before (run, "check", call; v_novelties with first_run and example_call) are readable for
-- one version, for queries that people have saved: in their places, so that SELECT * gives what it gave, with the new
-- names behind. Whoever removes the old names puts the new ones into their places.

-- +goose Up

DROP VIEW v_calls;
CREATE VIEW v_calls AS
SELECT k.call_id, k.run_id AS run, k.check_id AS "check", k.attempt, k.reason,
       strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(o.sent_at, k.intended_at) / 1000.0, 'unixepoch') AS sent_at,
       o.outcome, o.cause, o.http_status, o.code, o.pricing, o.tag, o.transaction_id,
       o.ended_at - o.sent_at AS latency_ms, k.endpoint, k.region,
       CASE (SELECT max(r.billed) FROM resolutions r JOIN reconciliations c USING (reconciliation_id)
             WHERE r.call_id = k.call_id AND c.superseded_by IS NULL)
            WHEN 1 THEN 'billed' WHEN 0 THEN 'not billed' ELSE '' END AS resolution,
       k.run_id, k.check_id
FROM calls k LEFT JOIN outcomes o USING (call_id);

DROP VIEW v_lists;
CREATE VIEW v_lists AS
SELECT list_id, run_id AS run, path, lower(hex(sha256)) AS sha256, bytes,
       strftime('%Y-%m-%dT%H:%M:%fZ', read_at / 1000.0, 'unixepoch') AS read_at,
       rows, rejected, duplicate, known, new,
       run_id
FROM lists;

DROP VIEW v_evidence;
CREATE VIEW v_evidence AS
SELECT e.evidence_id, e.check_id AS "check", e.call_id AS call, e.kind, e.state, e.reason, e.path,
       lower(hex(e.sha256)) AS sha256, e.bytes,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.queued_at / 1000.0, 'unixepoch')  AS queued_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.settled_at / 1000.0, 'unixepoch') AS settled_at,
       e.check_id, e.call_id
FROM evidence e;

DROP VIEW v_decisions;
CREATE VIEW v_decisions AS
SELECT d.decision_id, a.check_id AS "check", d.call_id AS call, d.decision, d.reviewer,
       strftime('%Y-%m-%dT%H:%M:%fZ', d.decided_at / 1000.0, 'unixepoch') AS decided_at,
       d.comment,
       NOT EXISTS (SELECT 1 FROM decisions later WHERE later.call_id = d.call_id
                   AND later.decision_id > d.decision_id) AS standing,
       f.name AS file, lower(hex(f.sha256)) AS sha256, d.sheet, d.row,
       strftime('%Y-%m-%dT%H:%M:%fZ', f.imported_at / 1000.0, 'unixepoch') AS imported_at,
       a.check_id, d.call_id
FROM decisions d JOIN answers a USING (call_id) JOIN decision_files f USING (file_id);

DROP VIEW v_reconciled;
CREATE VIEW v_reconciled AS
SELECT c.month, r.reconciliation_id, r.class, r.call_id AS call, r.transaction_id, s.path AS statement, r.line,
       strftime('%Y-%m-%dT%H:%M:%fZ', r.at / 1000.0, 'unixepoch') AS at,
       r.endpoint, r.region, r.currency, r.our_quantity, r.their_quantity, r.our_amount, r.their_amount,
       r.note, r.explained,
       r.call_id
FROM reconciliations c JOIN reconciled r USING (reconciliation_id) LEFT JOIN statements s USING (statement_id)
WHERE c.superseded_by IS NULL;

CREATE VIEW v_api_changes AS
SELECT kind, value, endpoint, first_run AS first_run_id, answers, example AS example_call_id,
       strftime('%Y-%m-%dT%H:%M:%fZ', first_seen / 1000.0, 'unixepoch') AS first_seen,
       strftime('%Y-%m-%dT%H:%M:%fZ', last_seen / 1000.0, 'unixepoch')  AS last_seen
FROM novelties;

-- +goose Down

DROP VIEW v_api_changes;

DROP VIEW v_calls;
CREATE VIEW v_calls AS
SELECT k.call_id, k.run_id AS run, k.check_id AS "check", k.attempt, k.reason,
       strftime('%Y-%m-%dT%H:%M:%fZ', coalesce(o.sent_at, k.intended_at) / 1000.0, 'unixepoch') AS sent_at,
       o.outcome, o.cause, o.http_status, o.code, o.pricing, o.tag, o.transaction_id,
       o.ended_at - o.sent_at AS latency_ms, k.endpoint, k.region,
       CASE (SELECT max(r.billed) FROM resolutions r JOIN reconciliations c USING (reconciliation_id)
             WHERE r.call_id = k.call_id AND c.superseded_by IS NULL)
            WHEN 1 THEN 'billed' WHEN 0 THEN 'not billed' ELSE '' END AS resolution
FROM calls k LEFT JOIN outcomes o USING (call_id);

DROP VIEW v_lists;
CREATE VIEW v_lists AS
SELECT list_id, run_id AS run, path, lower(hex(sha256)) AS sha256, bytes,
       strftime('%Y-%m-%dT%H:%M:%fZ', read_at / 1000.0, 'unixepoch') AS read_at,
       rows, rejected, duplicate, known, new
FROM lists;

DROP VIEW v_evidence;
CREATE VIEW v_evidence AS
SELECT e.evidence_id, e.check_id AS "check", e.call_id AS call, e.kind, e.state, e.reason, e.path,
       lower(hex(e.sha256)) AS sha256, e.bytes,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.queued_at / 1000.0, 'unixepoch')  AS queued_at,
       strftime('%Y-%m-%dT%H:%M:%fZ', e.settled_at / 1000.0, 'unixepoch') AS settled_at
FROM evidence e;

DROP VIEW v_decisions;
CREATE VIEW v_decisions AS
SELECT d.decision_id, a.check_id AS "check", d.call_id AS call, d.decision, d.reviewer,
       strftime('%Y-%m-%dT%H:%M:%fZ', d.decided_at / 1000.0, 'unixepoch') AS decided_at,
       d.comment,
       NOT EXISTS (SELECT 1 FROM decisions later WHERE later.call_id = d.call_id
                   AND later.decision_id > d.decision_id) AS standing,
       f.name AS file, lower(hex(f.sha256)) AS sha256, d.sheet, d.row,
       strftime('%Y-%m-%dT%H:%M:%fZ', f.imported_at / 1000.0, 'unixepoch') AS imported_at
FROM decisions d JOIN answers a USING (call_id) JOIN decision_files f USING (file_id);

DROP VIEW v_reconciled;
CREATE VIEW v_reconciled AS
SELECT c.month, r.reconciliation_id, r.class, r.call_id AS call, r.transaction_id, s.path AS statement, r.line,
       strftime('%Y-%m-%dT%H:%M:%fZ', r.at / 1000.0, 'unixepoch') AS at,
       r.endpoint, r.region, r.currency, r.our_quantity, r.their_quantity, r.our_amount, r.their_amount,
       r.note, r.explained
FROM reconciliations c JOIN reconciled r USING (reconciliation_id) LEFT JOIN statements s USING (statement_id)
WHERE c.superseded_by IS NULL;
