-- Marks the file as ours, so that no other program's database is taken for one.
PRAGMA application_id = 1198285927;

-- The truth about keys. The record is sealed; the other columns are what the
-- indexes need. Times are milliseconds since the Unix epoch.
CREATE TABLE keys (
    id         TEXT    NOT NULL PRIMARY KEY,
    owner      BLOB    NOT NULL,
    record     BLOB    NOT NULL,
    created_at INTEGER NOT NULL,
    expires_at INTEGER
) STRICT;

CREATE INDEX keys_of_owner ON keys (owner, created_at, id);
CREATE INDEX keys_by_expiry ON keys (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX keys_imported ON keys (id) WHERE length(id) = 64;

-- Kept apart from keys and written by a connection that does not wait for the
-- disk: a use may be lost in a crash, a key may not.
CREATE TABLE uses (
    id           TEXT    NOT NULL PRIMARY KEY REFERENCES keys (id) ON DELETE CASCADE,
    last_used_at INTEGER NOT NULL,
    count        INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE tombstones (
    id         TEXT    NOT NULL PRIMARY KEY,
    owner      BLOB    NOT NULL,
    record     BLOB    NOT NULL,
    kept_until INTEGER NOT NULL
) STRICT;

CREATE INDEX tombstones_by_end ON tombstones (kept_until);

CREATE TABLE principals (
    owner  BLOB NOT NULL PRIMARY KEY,
    record BLOB NOT NULL
) STRICT;

CREATE TABLE replays (
    digest     BLOB    NOT NULL PRIMARY KEY,
    sealed     BLOB    NOT NULL,
    kept_until INTEGER NOT NULL
) STRICT;

CREATE INDEX replays_by_end ON replays (kept_until);

CREATE TABLE filter_keys (
    salt   BLOB NOT NULL PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE key_sets (
    issuer TEXT NOT NULL PRIMARY KEY,
    record BLOB NOT NULL
) STRICT;

-- What changed, in order, for a process that caches what another one changes.
-- Numbers are never used twice. Triggers write it, so that no writer can forget
-- to, be it somebody at the sqlite3 shell.
CREATE TABLE changes (
    seq  INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('key', 'principal')),
    id   TEXT NOT NULL
) STRICT;

CREATE TRIGGER changes_are_bounded AFTER INSERT ON changes BEGIN
    DELETE FROM changes WHERE seq <= NEW.seq - 10000;
END;

CREATE TRIGGER key_made AFTER INSERT ON keys BEGIN
    INSERT INTO changes (kind, id) VALUES ('key', NEW.id);
END;

CREATE TRIGGER key_changed AFTER UPDATE ON keys BEGIN
    INSERT INTO changes (kind, id) VALUES ('key', NEW.id);
END;

CREATE TRIGGER key_removed AFTER DELETE ON keys BEGIN
    INSERT INTO changes (kind, id) VALUES ('key', OLD.id);
END;

CREATE TRIGGER principal_made AFTER INSERT ON principals BEGIN
    INSERT INTO changes (kind, id) VALUES ('principal', lower(hex(NEW.owner)));
END;

CREATE TRIGGER principal_changed AFTER UPDATE ON principals BEGIN
    INSERT INTO changes (kind, id) VALUES ('principal', lower(hex(NEW.owner)));
END;

CREATE TRIGGER principal_removed AFTER DELETE ON principals BEGIN
    INSERT INTO changes (kind, id) VALUES ('principal', lower(hex(OLD.owner)));
END;
