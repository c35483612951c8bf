-- What happened, in lists: an event stands in several, each of which is bounded
-- for itself. Times are milliseconds since the Unix epoch.
CREATE TABLE events (
    list       TEXT    NOT NULL,
    id         TEXT    NOT NULL,
    record     BLOB    NOT NULL,
    kept_until INTEGER NOT NULL,
    PRIMARY KEY (list, id)
) STRICT, WITHOUT ROWID;

CREATE INDEX events_by_end ON events (kept_until);

-- How long each list is, so that nothing is counted when one is written.
CREATE TABLE event_lists (
    list   TEXT    NOT NULL PRIMARY KEY,
    length INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TRIGGER event_noted AFTER INSERT ON events BEGIN
    INSERT INTO event_lists (list, length) VALUES (NEW.list, 1)
        ON CONFLICT (list) DO UPDATE SET length = length + 1;
END;

CREATE TRIGGER event_removed AFTER DELETE ON events BEGIN
    UPDATE event_lists SET length = length - 1 WHERE list = OLD.list;
    DELETE FROM event_lists WHERE list = OLD.list AND length <= 0;
END;
