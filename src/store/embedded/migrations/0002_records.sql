-- Sessions, accounts, one-time secrets, disabled owners. Times are
-- milliseconds since the Unix epoch.
CREATE TABLE records (
    name       TEXT    NOT NULL,
    shelf      TEXT    NOT NULL,
    record     BLOB    NOT NULL,
    expires_at INTEGER,
    PRIMARY KEY (name, shelf)
) STRICT;

CREATE INDEX records_by_end ON records (expires_at) WHERE expires_at IS NOT NULL;

CREATE TABLE record_lists (
    list  TEXT NOT NULL,
    name  TEXT NOT NULL,
    shelf TEXT NOT NULL,
    PRIMARY KEY (list, name, shelf),
    FOREIGN KEY (name, shelf) REFERENCES records (name, shelf) ON DELETE CASCADE
) STRICT, WITHOUT ROWID;

CREATE INDEX record_lists_by_record ON record_lists (name, shelf);

-- The journal of changes learns another kind. A check cannot be altered, so the
-- table is made anew, with its numbers: they are never used twice.
DROP TRIGGER key_made;
DROP TRIGGER key_changed;
DROP TRIGGER key_removed;
DROP TRIGGER principal_made;
DROP TRIGGER principal_changed;
DROP TRIGGER principal_removed;

CREATE TABLE changes_of_all (
    seq  INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL CHECK (kind IN ('key', 'principal', 'record')),
    id   TEXT NOT NULL
) STRICT;
INSERT INTO changes_of_all (seq, kind, id) SELECT seq, kind, id FROM changes ORDER BY seq;
DROP TABLE changes;
ALTER TABLE changes_of_all RENAME TO changes;

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

-- One-time secrets ('gl:e:') are never cached, and so not announced.
CREATE TRIGGER record_made AFTER INSERT ON records WHEN NEW.shelf <> 'gl:e:' BEGIN
    INSERT INTO changes (kind, id) VALUES ('record', NEW.shelf || NEW.name);
END;

CREATE TRIGGER record_changed AFTER UPDATE ON records WHEN NEW.shelf <> 'gl:e:' BEGIN
    INSERT INTO changes (kind, id) VALUES ('record', NEW.shelf || NEW.name);
END;

CREATE TRIGGER record_removed AFTER DELETE ON records WHEN OLD.shelf <> 'gl:e:' BEGIN
    INSERT INTO changes (kind, id) VALUES ('record', OLD.shelf || OLD.name);
END;
