-- SPDX-License-Identifier: MIT
-- Version 3: jobs. Claims, messages for later, queues and their settings, schedules, what is given to a message for
-- them, and what has expired. Takes the same time however full the route is, but for indexes over the dead.

ALTER TABLE route ADD COLUMN time_zone TEXT NOT NULL DEFAULT 'UTC';
ALTER TABLE route ADD COLUMN secure_delete INTEGER NOT NULL DEFAULT 0 CHECK (secure_delete IN (0, 1));
ALTER TABLE peers ADD COLUMN kind TEXT NOT NULL DEFAULT 'peer' CHECK (kind IN ('peer', 'queue'));
ALTER TABLE peers ADD COLUMN stale_until INTEGER;
ALTER TABLE stats ADD COLUMN expired INTEGER NOT NULL DEFAULT 0;

ALTER TABLE messages ADD COLUMN expires_at REAL;
ALTER TABLE messages ADD COLUMN attempts INTEGER;
ALTER TABLE messages ADD COLUMN max_attempts INTEGER;
ALTER TABLE messages ADD COLUMN group_key TEXT;
ALTER TABLE messages ADD COLUMN dedup_key TEXT;
ALTER TABLE messages ADD COLUMN ready_at REAL;

CREATE INDEX messages_by_group ON messages(place >> 43, group_key) WHERE group_key IS NOT NULL;

ALTER TABLE dead ADD COLUMN expires_at REAL;
ALTER TABLE dead ADD COLUMN attempts INTEGER;
ALTER TABLE dead ADD COLUMN max_attempts INTEGER;
ALTER TABLE dead ADD COLUMN group_key TEXT;
ALTER TABLE dead ADD COLUMN dedup_key TEXT;
ALTER TABLE dead ADD COLUMN worker TEXT;

CREATE INDEX dead_by_recipient ON dead(recipient);

CREATE TABLE later(
  -- What will be ready: at its time, or once the message of its group before it has been settled. Whoever looks into
  -- the inbox then moves it to messages, to its place there.
  place INTEGER PRIMARY KEY,
  due REAL,                     -- seconds since 1970; NULL: it waits for its group
  schedule TEXT,                -- the schedule that it comes from
  id ANY NOT NULL,              -- this and what follows as in messages
  sender TEXT NOT NULL,
  stamp REAL NOT NULL,
  broadcast INTEGER NOT NULL,
  serializer TEXT,
  content ANY NOT NULL,
  reply_to TEXT,
  correlation_id TEXT,
  error TEXT,
  expires_at REAL,
  attempts INTEGER,
  max_attempts INTEGER,
  group_key TEXT,
  dedup_key TEXT,
  -- When `due` was computed, by the clock that it goes by: of retries and of schedules. If that time is still to come,
  -- the clock was ahead then, and `due` is computed again. NULL: the sender gave the time.
  computed_at REAL
) STRICT;

CREATE INDEX later_by_due ON later(place >> 43, due) WHERE due IS NOT NULL;
CREATE INDEX later_by_group ON later(place >> 43, group_key, place) WHERE group_key IS NOT NULL;
CREATE INDEX later_by_computed_at ON later(computed_at) WHERE computed_at IS NOT NULL;
CREATE UNIQUE INDEX later_by_chosen_id ON later(place >> 43, id) WHERE typeof(id) = 'text';

CREATE TABLE claims(
  -- What is in flight: claimed and not yet settled. It goes back to messages, to its place there, when its worker died
  -- or its lease has run out; whoever looks into the inbox then sees to that.
  place INTEGER PRIMARY KEY,
  worker INTEGER NOT NULL,      -- whose
  claim INTEGER NOT NULL,       -- the number of this worker's call: a message that comes back has another one
  claimed_at REAL NOT NULL,     -- seconds since 1970
  lease_end REAL NOT NULL,      -- seconds since the machine's start, which no change of the clock moves
  id ANY NOT NULL,              -- this and what follows as in messages
  sender TEXT NOT NULL,
  stamp REAL NOT NULL,
  broadcast INTEGER NOT NULL,
  serializer TEXT,
  content ANY NOT NULL,
  reply_to TEXT,
  correlation_id TEXT,
  error TEXT,
  expires_at REAL,
  attempts INTEGER,
  max_attempts INTEGER,
  group_key TEXT,
  dedup_key TEXT,
  ready_at REAL                 -- as in messages
) STRICT;

CREATE INDEX claims_by_group ON claims(place >> 43, group_key) WHERE group_key IS NOT NULL;
CREATE UNIQUE INDEX claims_by_chosen_id ON claims(place >> 43, id) WHERE typeof(id) = 'text';

CREATE TABLE workers(
  -- Who claims from which inbox: one row for each connection that does. It lives as long as that peer is present and
  -- has this epoch.
  worker INTEGER PRIMARY KEY AUTOINCREMENT,  -- given out once, so that nobody settles what another one holds
  inbox INTEGER NOT NULL,       -- peer_id
  peer INTEGER NOT NULL,        -- peer_id
  epoch INTEGER NOT NULL,
  first_lease_end REAL          -- no lease of its claims ends before; NULL: it has none
) STRICT;

CREATE INDEX workers_by_inbox ON workers(inbox);

CREATE TABLE queue_settings(
  queue INTEGER PRIMARY KEY,    -- peer_id
  paused INTEGER NOT NULL CHECK (paused IN (0, 1)),
  max_attempts INTEGER NOT NULL,    -- 0: any number
  backoff TEXT NOT NULL CHECK (backoff IN ('fixed', 'exponential')),
  retry_delay REAL NOT NULL,    -- seconds
  max_retry_delay REAL NOT NULL,
  dedup_window REAL NOT NULL    -- seconds after it was sent in which a dedup_key is not taken again
) STRICT;

CREATE TABLE dedup_keys(
  -- A key is in an inbox once while its message is there, and until `until`.
  inbox INTEGER NOT NULL,       -- peer_id
  dedup_key TEXT NOT NULL,
  id ANY NOT NULL,              -- of the message, as in messages
  until REAL NOT NULL,          -- seconds since 1970
  held INTEGER NOT NULL CHECK (held IN (0, 1)),  -- whether the message is there
  PRIMARY KEY (inbox, dedup_key)
) STRICT, WITHOUT ROWID;

CREATE INDEX dedup_keys_by_end ON dedup_keys(until) WHERE held = 0;

CREATE TABLE schedules(
  -- Messages that come again and again. The next one of each lies in later.
  name TEXT PRIMARY KEY,
  recipient INTEGER NOT NULL,   -- peer_id
  recurrence TEXT NOT NULL,     -- a cron expression, or every N
  anchor REAL NOT NULL,         -- seconds since 1970: what `every` counts from
  missed TEXT NOT NULL CHECK (missed IN ('once', 'all', 'skip')),  -- what becomes of those that were missed
  place INTEGER NOT NULL        -- of the next one, in later
) STRICT, WITHOUT ROWID;

DROP VIEW inbox;
DROP VIEW dead_letters;
DROP VIEW queues;
DROP VIEW peer_states;
DROP VIEW traffic;
DROP VIEW send;

CREATE VIEW inbox AS
  -- What can be read or claimed now, in the order of delivery.
  SELECT p.name AS recipient,
         m.sender,
         CASE typeof(m.id) WHEN 'text' THEN m.id ELSE lower(
           substr(hex(m.id), 1, 8) || '-' || substr(hex(m.id), 9, 4) || '-' || substr(hex(m.id), 13, 4) || '-' ||
           substr(hex(m.id), 17, 4) || '-' || substr(hex(m.id), 21)) END AS id,
         strftime('%Y-%m-%dT%H:%M:%fZ', m.stamp, 'unixepoch') AS sent_at,
         m.broadcast,
         coalesce(m.serializer, 'JSON') AS serializer,
         CASE typeof(m.content) WHEN 'blob' THEN hex(m.content) ELSE m.content END AS content,
         m.place,
         m.reply_to,
         m.correlation_id,
         m.error,
         7 - (m.place >> 40 & 7) AS priority,
         strftime('%Y-%m-%dT%H:%M:%fZ', m.expires_at, 'unixepoch') AS expires_at,
         coalesce(m.attempts, 0) AS attempts,
         m.group_key,
         m.dedup_key
    FROM messages AS m LEFT JOIN peers AS p ON p.peer_id = m.place >> 43
   ORDER BY m.place;

CREATE VIEW scheduled AS
  -- What will be ready later, and when; without a time: when the message of its group before it is settled.
  SELECT p.name AS recipient,
         l.sender,
         CASE typeof(l.id) WHEN 'text' THEN l.id ELSE lower(
           substr(hex(l.id), 1, 8) || '-' || substr(hex(l.id), 9, 4) || '-' || substr(hex(l.id), 13, 4) || '-' ||
           substr(hex(l.id), 17, 4) || '-' || substr(hex(l.id), 21)) END AS id,
         strftime('%Y-%m-%dT%H:%M:%fZ', l.due, 'unixepoch') AS due_at,
         l.schedule,
         l.group_key,
         coalesce(l.attempts, 0) AS attempts,
         coalesce(l.serializer, 'JSON') AS serializer,
         CASE typeof(l.content) WHEN 'blob' THEN hex(l.content) ELSE l.content END AS content
    FROM later AS l LEFT JOIN peers AS p ON p.peer_id = l.place >> 43
   ORDER BY p.name, l.due IS NULL, l.due, l.place;

CREATE VIEW in_flight AS
  -- What is claimed: by whom, since when. A worker that is named here may have died since: `ipcm jobs` knows.
  SELECT p.name AS recipient,
         w.name AS worker,
         strftime('%Y-%m-%dT%H:%M:%fZ', c.claimed_at, 'unixepoch') AS claimed_at,
         c.sender,
         CASE typeof(c.id) WHEN 'text' THEN c.id ELSE lower(
           substr(hex(c.id), 1, 8) || '-' || substr(hex(c.id), 9, 4) || '-' || substr(hex(c.id), 13, 4) || '-' ||
           substr(hex(c.id), 17, 4) || '-' || substr(hex(c.id), 21)) END AS id,
         c.attempts,
         c.group_key,
         coalesce(c.serializer, 'JSON') AS serializer,
         CASE typeof(c.content) WHEN 'blob' THEN hex(c.content) ELSE c.content END AS content
    FROM claims AS c
         LEFT JOIN peers AS p ON p.peer_id = c.place >> 43
         LEFT JOIN workers AS k ON k.worker = c.worker
         LEFT JOIN peers AS w ON w.peer_id = k.peer
   ORDER BY p.name, c.place;

CREATE VIEW dead_letters AS
  -- What could not be delivered, and why.
  SELECT p.name AS recipient,
         d.sender,
         CASE typeof(d.id) WHEN 'text' THEN d.id ELSE lower(
           substr(hex(d.id), 1, 8) || '-' || substr(hex(d.id), 9, 4) || '-' || substr(hex(d.id), 13, 4) || '-' ||
           substr(hex(d.id), 17, 4) || '-' || substr(hex(d.id), 21)) END AS id,
         strftime('%Y-%m-%dT%H:%M:%fZ', d.died_at, 'unixepoch') AS died_at,
         d.reason,
         coalesce(d.serializer, 'JSON') AS serializer,
         CASE typeof(d.content) WHEN 'blob' THEN hex(d.content) ELSE d.content END AS content,
         d.reply_to,
         d.correlation_id,
         d.error,
         d.attempts,
         d.worker,
         d.dead_id
    FROM dead AS d LEFT JOIN peers AS p ON p.peer_id = d.recipient
   ORDER BY d.dead_id;

CREATE VIEW queues AS
  -- How much is in each inbox, of peers and of queues: queued = ready + scheduled + in_flight.
  SELECT recipient, kind, recorded_state, ready + scheduled + in_flight AS queued, ready, scheduled, in_flight, dead,
         oldest_ready_at
    FROM (SELECT p.name AS recipient,
                 p.kind,
                 CASE WHEN q.paused THEN 'paused' ELSE p.state END AS recorded_state,
                 (SELECT count(*) FROM messages AS m
                   WHERE m.place BETWEEN p.peer_id << 43 AND ((p.peer_id + 1) << 43) - 1) AS ready,
                 (SELECT count(*) FROM later AS l
                   WHERE l.place BETWEEN p.peer_id << 43 AND ((p.peer_id + 1) << 43) - 1) AS scheduled,
                 (SELECT count(*) FROM claims AS c
                   WHERE c.place BETWEEN p.peer_id << 43 AND ((p.peer_id + 1) << 43) - 1) AS in_flight,
                 (SELECT count(*) FROM dead AS d WHERE d.recipient = p.peer_id) AS dead,
                 -- What was delayed is ready since its time, whatever lies before it.
                 (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', min(coalesce(m.ready_at, m.stamp)), 'unixepoch')
                    FROM messages AS m
                   WHERE m.place BETWEEN p.peer_id << 43 AND ((p.peer_id + 1) << 43) - 1) AS oldest_ready_at
            FROM peers AS p LEFT JOIN queue_settings AS q ON q.queue = p.peer_id)
   ORDER BY recipient;

CREATE VIEW peer_states AS
  -- Peers as they were last recorded. A peer that is 'active' here may have died since: `ipcm peers` knows.
  SELECT name,
         CASE WHEN state = 'suspended' AND suspend_expires <= (julianday('now') - 2440587.5) * 86400.0
              THEN 'expired' ELSE state END AS recorded_state,
         pid,
         host,
         strftime('%Y-%m-%dT%H:%M:%fZ', suspend_expires, 'unixepoch') AS suspend_expires,
         epoch
    FROM peers
   WHERE kind = 'peer'
   ORDER BY name;

CREATE VIEW traffic AS
  -- The books: for each pair, sent = read + dead + expired + queued.
  SELECT sender, recipient, sum(sent) AS sent, sum(read) AS read, sum(dead) AS dead, sum(expired) AS expired,
         sum(queued) AS queued
    FROM (SELECT s.sender AS sender, p.name AS recipient, s.sent AS sent, s.read AS read, s.dead AS dead,
                 s.expired AS expired, 0 AS queued
            FROM stats AS s JOIN peers AS p ON p.peer_id = s.recipient
           WHERE s.sender <> ''
          UNION ALL
          SELECT m.sender, p.name, count(*), 0, 0, 0, count(*)
            FROM (SELECT place, sender FROM messages UNION ALL SELECT place, sender FROM later
                  UNION ALL SELECT place, sender FROM claims) AS m
                 JOIN peers AS p ON p.peer_id = m.place >> 43
           GROUP BY m.place >> 43, m.sender)
   GROUP BY sender, recipient
   HAVING sum(sent) > 0
   ORDER BY sender, recipient;

CREATE VIEW new_id AS
  -- A random UUID.
  SELECT lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' ||
               substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' ||
               hex(randomblob(6))) AS id;

CREATE VIEW next_numbers AS
  -- The number that the next message to each inbox gets.
  SELECT p.peer_id,
         p.name,
         1 + max(coalesce((SELECT last_number FROM stats WHERE recipient = p.peer_id AND sender = ''), 1 << 32),
                 coalesce((SELECT m.place & ((1 << 40) - 1) FROM messages AS m
                            WHERE m.place BETWEEN (p.peer_id << 43) + (3 << 40) AND (p.peer_id << 43) + (4 << 40) - 1
                            ORDER BY m.place DESC LIMIT 1), 0)) AS number
    FROM peers AS p;

CREATE VIEW send AS
  -- For sending by plain SQL, from the sqlite3 shell or in a transaction of an application's own:
  --   INSERT INTO send(sender, recipient, content) VALUES ('boss', 'worker', '{"n": 1}');
  -- The content is JSON text. Without a sender it comes from '_anonymous'. A waiting reader finds it at its next look.
  -- An id is one that you chose, a priority 0 to 7 (default 4); times are seconds since 1970, the stamp too. A dedup_key
  -- that is known to the inbox stores nothing, without an error.
  SELECT sender, recipient, content, id, priority, due AS deliver_at, expires_at, max_attempts, group_key, dedup_key,
         stamp, reply_to, correlation_id, error
    FROM (SELECT m.*, 7 - (m.place >> 40 & 7) AS priority, NULL AS due, p.name AS recipient
            FROM messages AS m LEFT JOIN peers AS p ON p.peer_id = m.place >> 43);

CREATE TRIGGER send_by_sql INSTEAD OF INSERT ON send BEGIN
  SELECT CASE
    WHEN NEW.sender IS NOT NULL AND (length(NEW.sender) = 0 OR length(CAST(NEW.sender AS BLOB)) > 255
         OR substr(NEW.sender, 1, 1) = '_' AND NEW.sender <> '_anonymous'
         OR NEW.sender GLOB '*[' || char(1) || '-' || char(31) || char(127) || '-' || char(159) || ']*')
      THEN RAISE(ABORT, 'the sender''s name is not valid')
    WHEN NOT EXISTS (SELECT 1 FROM peers WHERE name = NEW.recipient)
      THEN RAISE(ABORT, 'UnknownPeer: no peer of that name was ever connected')
    WHEN EXISTS (SELECT 1 FROM peers WHERE name = NEW.recipient AND state = 'disconnected')
      THEN RAISE(ABORT, 'PeerDisconnected: the recipient said goodbye; it takes no mail until it connects again')
    WHEN EXISTS (SELECT 1 FROM peers WHERE name = NEW.recipient AND state = 'suspended'
                  AND suspend_expires <= (julianday('now') - 2440587.5) * 86400.0)
      THEN RAISE(ABORT, 'PeerGone: the recipient''s suspension ran out')
    WHEN NEW.content IS NULL OR typeof(NEW.content) = 'blob' OR NOT json_valid(NEW.content)
      THEN RAISE(ABORT, 'InvalidMessage: the content is not JSON; a bare text needs quotes: json_quote(...)')
    WHEN length(CAST(NEW.content AS BLOB)) > (SELECT max_content FROM route)
      THEN RAISE(ABORT, 'TooLarge: the content is larger than this route takes')
    WHEN NEW.id IS NOT NULL AND NOT (typeof(NEW.id) = 'text' AND length(CAST(NEW.id AS BLOB)) BETWEEN 1 AND 255
                                     OR typeof(NEW.id) = 'blob' AND length(NEW.id) = 16)
      THEN RAISE(ABORT, 'InvalidMessage: an id is text of 1 to 255 bytes, or a UUID as 16 bytes')
    WHEN NEW.priority IS NOT NULL AND (typeof(NEW.priority) <> 'integer' OR NEW.priority NOT BETWEEN 0 AND 7)
      THEN RAISE(ABORT, 'InvalidMessage: a priority is 0 to 7')
    WHEN NEW.max_attempts IS NOT NULL AND (typeof(NEW.max_attempts) <> 'integer' OR NEW.max_attempts < 1)
      THEN RAISE(ABORT, 'InvalidMessage: max_attempts is a number from 1 on')
    WHEN NEW.deliver_at IS NOT NULL AND typeof(NEW.deliver_at) NOT IN ('integer', 'real')
         OR NEW.expires_at IS NOT NULL AND typeof(NEW.expires_at) NOT IN ('integer', 'real')
      THEN RAISE(ABORT, 'InvalidMessage: a time is a number of seconds since 1970')
    WHEN NEW.group_key IS NOT NULL
         AND (typeof(NEW.group_key) <> 'text' OR length(CAST(NEW.group_key AS BLOB)) NOT BETWEEN 1 AND 255)
      OR NEW.dedup_key IS NOT NULL
         AND (typeof(NEW.dedup_key) <> 'text' OR length(CAST(NEW.dedup_key AS BLOB)) NOT BETWEEN 1 AND 255)
      THEN RAISE(ABORT, 'InvalidMessage: a key is text of 1 to 255 bytes')
    WHEN typeof(NEW.id) = 'text' AND EXISTS (
           SELECT 1 FROM peers AS p
            WHERE p.name = NEW.recipient
              AND (EXISTS (SELECT 1 FROM messages WHERE place >> 43 = p.peer_id AND id = NEW.id AND typeof(id) = 'text')
                   OR EXISTS (SELECT 1 FROM later WHERE place >> 43 = p.peer_id AND id = NEW.id AND typeof(id) = 'text')
                   OR EXISTS (SELECT 1 FROM claims
                               WHERE place >> 43 = p.peer_id AND id = NEW.id AND typeof(id) = 'text')))
      THEN RAISE(ABORT, 'DuplicateMessage: a message with that id is held for the recipient already')
    WHEN NEW.dedup_key IS NOT NULL AND EXISTS (
           SELECT 1 FROM dedup_keys AS k JOIN peers AS p ON p.peer_id = k.inbox
            WHERE p.name = NEW.recipient AND k.dedup_key = NEW.dedup_key
              AND (k.held OR k.until > (julianday('now') - 2440587.5) * 86400.0))
      THEN RAISE(IGNORE)
  END;
  INSERT OR REPLACE INTO dedup_keys(inbox, dedup_key, id, until, held)
    SELECT p.peer_id, NEW.dedup_key,
           coalesce(NEW.id, (SELECT id FROM new_id)),
           (julianday('now') - 2440587.5) * 86400.0 +
             coalesce((SELECT dedup_window FROM queue_settings WHERE queue = p.peer_id), 0),
           1
      FROM peers AS p
     WHERE p.name = NEW.recipient AND NEW.dedup_key IS NOT NULL;
  INSERT INTO later(place, due, id, sender, stamp, broadcast, content, expires_at, max_attempts, group_key,
                    dedup_key, reply_to, correlation_id, error)
    SELECT (n.peer_id << 43) + ((7 - coalesce(NEW.priority, 4)) << 40) + n.number,
           CASE WHEN NEW.deliver_at > (julianday('now') - 2440587.5) * 86400.0 THEN NEW.deliver_at END,
           coalesce(NEW.id,
                    (SELECT id FROM dedup_keys WHERE inbox = n.peer_id AND dedup_key = NEW.dedup_key),
                    (SELECT id FROM new_id)),
           coalesce(NEW.sender, '_anonymous'), coalesce(NEW.stamp, (julianday('now') - 2440587.5) * 86400.0), 0,
           CAST(NEW.content AS TEXT),
           NEW.expires_at, NEW.max_attempts, NEW.group_key, NEW.dedup_key, NEW.reply_to, NEW.correlation_id, NEW.error
      FROM next_numbers AS n
     WHERE n.name = NEW.recipient AND (coalesce(NEW.deliver_at > (julianday('now') - 2440587.5) * 86400.0, 0)
            OR EXISTS (SELECT 1 FROM messages WHERE place >> 43 = n.peer_id AND group_key = NEW.group_key)
            OR EXISTS (SELECT 1 FROM later WHERE place >> 43 = n.peer_id AND group_key = NEW.group_key)
            OR EXISTS (SELECT 1 FROM claims WHERE place >> 43 = n.peer_id AND group_key = NEW.group_key));
  INSERT INTO messages(place, id, sender, stamp, broadcast, content, expires_at, max_attempts, group_key,
                    dedup_key, reply_to, correlation_id, error)
    SELECT (n.peer_id << 43) + ((7 - coalesce(NEW.priority, 4)) << 40) + n.number,
           coalesce(NEW.id,
                    (SELECT id FROM dedup_keys WHERE inbox = n.peer_id AND dedup_key = NEW.dedup_key),
                    (SELECT id FROM new_id)),
           coalesce(NEW.sender, '_anonymous'), coalesce(NEW.stamp, (julianday('now') - 2440587.5) * 86400.0), 0,
           CAST(NEW.content AS TEXT),
           NEW.expires_at, NEW.max_attempts, NEW.group_key, NEW.dedup_key, NEW.reply_to, NEW.correlation_id, NEW.error
      FROM next_numbers AS n
     WHERE n.name = NEW.recipient AND NOT (coalesce(NEW.deliver_at > (julianday('now') - 2440587.5) * 86400.0, 0)
            OR EXISTS (SELECT 1 FROM messages WHERE place >> 43 = n.peer_id AND group_key = NEW.group_key)
            OR EXISTS (SELECT 1 FROM later WHERE place >> 43 = n.peer_id AND group_key = NEW.group_key)
            OR EXISTS (SELECT 1 FROM claims WHERE place >> 43 = n.peer_id AND group_key = NEW.group_key));
  -- What is not in messages, or not of ordinary priority, does not show its number there: so it is noted.
  INSERT INTO stats(recipient, sender, last_number)
    SELECT n.peer_id, '', n.number
      FROM next_numbers AS n
     WHERE n.name = NEW.recipient
       AND (coalesce(NEW.priority, 4) <> 4
            OR EXISTS (SELECT 1 FROM later
                        WHERE place = (n.peer_id << 43) + ((7 - coalesce(NEW.priority, 4)) << 40) + n.number))
    ON CONFLICT(recipient, sender) DO UPDATE SET last_number = excluded.last_number;
END;
