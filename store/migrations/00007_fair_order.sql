-- Open checks are read region by region, so that a night that is too short leaves something of each and not all of the
-- last. How long writing the reports took tells later runs how early to stop.

-- +goose Up

DROP INDEX checks_open;
CREATE INDEX checks_open ON checks (endpoint, state, region, check_id) WHERE state IN ('pending', 'in_doubt');

ALTER TABLE runs ADD COLUMN publish_ms INTEGER;

-- +goose Down

ALTER TABLE runs DROP COLUMN publish_ms;

DROP INDEX checks_open;
CREATE INDEX checks_open ON checks (endpoint, state, check_id, region) WHERE state IN ('pending', 'in_doubt');
