-- open: the check still stands as this answer left it; only a later final answer ends that.
-- +goose Up
DROP VIEW v_suspects;
CREATE VIEW v_suspects AS
SELECT s.call_id, k.check_id, s.run_id, strftime('%Y-%m-%dT%H:%M:%fZ', s.found_at / 1000.0, 'unixepoch') AS found_at, s.why,
       c.state NOT IN ('pending', 'in_doubt') AND NOT EXISTS (SELECT 1 FROM calls l JOIN outcomes o USING (call_id)
           WHERE l.check_id = k.check_id AND l.attempt > k.attempt AND o.class IN ('done', 'absent', 'not_found', 'refused')) AS open
FROM suspects s JOIN calls k USING (call_id) JOIN checks c USING (check_id);
