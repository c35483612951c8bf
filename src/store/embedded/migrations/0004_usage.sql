-- What keys did, by hour, by day and by network. It outlives the key, and goes
-- with time. Times are milliseconds since the Unix epoch, of the beginning of
-- the hour or day. A reason of '' is none: these calls passed.
CREATE TABLE usage_hours (
    id     TEXT    NOT NULL,
    hour   INTEGER NOT NULL,
    reason TEXT    NOT NULL,
    count  INTEGER NOT NULL,
    PRIMARY KEY (id, hour, reason)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_hours_by_time ON usage_hours (hour);

CREATE TABLE usage_days (
    id      TEXT    NOT NULL,
    day     INTEGER NOT NULL,
    allowed INTEGER NOT NULL,
    refused INTEGER NOT NULL,
    PRIMARY KEY (id, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_days_by_time ON usage_days (day);

CREATE TABLE usage_networks (
    id           TEXT    NOT NULL,
    network      TEXT    NOT NULL,
    last_seen_at INTEGER NOT NULL,
    count        INTEGER NOT NULL,
    PRIMARY KEY (id, network)
) STRICT, WITHOUT ROWID;

CREATE INDEX usage_networks_by_time ON usage_networks (last_seen_at);
