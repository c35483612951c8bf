-- Lists show what was revoked, too.
CREATE INDEX tombstones_of_owner ON tombstones (owner, kept_until);
