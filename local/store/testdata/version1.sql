-- A file of schema version 1, as the program of that version wrote it. What was
-- released is never changed: this is not either.
PRAGMA journal_mode = WAL;
CREATE TABLE events (
	seq         INTEGER PRIMARY KEY AUTOINCREMENT,
	id          TEXT    NOT NULL UNIQUE,
	device      TEXT    NOT NULL,
	event_type  TEXT    NOT NULL,
	device_type TEXT    NOT NULL,
	project     TEXT    NOT NULL,
	recovered   INTEGER NOT NULL, -- 0 or 1
	dead_letter TEXT    NOT NULL, -- a reason code; '' for an event
	received_at INTEGER NOT NULL, -- ms since 1970
	data        BLOB    NOT NULL
) STRICT;
PRAGMA user_version = 1;
PRAGMA application_id = 0x44544556;
INSERT INTO events VALUES
	(1, 'a', 'd1', 'touch', 'touch', 'p', 0, '', 1700000000123, x'7b7d'),
	(2, 'b', 'd2', 'temperature', 'humidity', 'p', 1, '', 1700000001123, x'00ff'),
	(3, 'c', '', '', '', '', 0, 'syntax', 1700000002123, x'');
DELETE FROM events WHERE id = 'c';
