-- SPDX-License-Identifier: MIT
-- The current schema of a route, whole. A new route is made from this file; an older one is brought here by the files
-- in migrations/, and a test holds the two together. docs/file-format.md says what must stay true of it.
--
-- Comments inside the parentheses are kept by SQLite: `.schema` in the sqlite3 shell shows them.
--
-- Numbers and words that are stored stand in every route there is. To change one: write a migration, never edit this
-- file alone.

CREATE TABLE route(
  -- What this route is. One row.
  only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
  route_id TEXT NOT NULL,       -- UUID, given at birth
  created_at REAL NOT NULL,     -- seconds since 1970-01-01T00:00:00Z
  durability TEXT NOT NULL CHECK (durability IN ('full', 'relaxed', 'volatile')),
  max_content INTEGER NOT NULL, -- the largest content, in bytes
  -- How waiting clients are woken; auto: the best that works.
  notifier TEXT NOT NULL DEFAULT 'auto' CHECK (notifier IN ('auto', 'socket', 'hook', 'poll'))
) STRICT;

CREATE TABLE peers(
  -- A name that was ever connected, until it is forgotten.
  peer_id INTEGER PRIMARY KEY CHECK (peer_id BETWEEN 1 AND 1048575),  -- 20 bits: see messages.place
  name TEXT NOT NULL UNIQUE,
  state TEXT NOT NULL CHECK (state IN ('active', 'suspended', 'disconnected')),
  -- What was last written. An active peer whose process died is still 'active' here: whether it lives is told by its
  -- lock on the file <route>-lock, not by a column.
  pid INTEGER,                  -- these three for people to read; while active
  pid_started INTEGER,          -- clock ticks after boot
  host TEXT,
  suspend_expires REAL,         -- seconds since 1970; from then on a suspended peer takes no mail
  epoch INTEGER NOT NULL        -- how many times it was connected
) STRICT;

CREATE TABLE messages(
  -- What lies in the inboxes. One b-tree in the order of delivery: an inbox is a range of it.
  place INTEGER PRIMARY KEY,    -- recipient's peer_id << 43 | band << 40 | number; the band is 3
  id ANY NOT NULL,              -- 16 bytes: a UUID that ipcm made; text: an id that the sender chose
  sender TEXT NOT NULL,         -- a name; '_anonymous' where the sender had none
  stamp REAL NOT NULL,          -- when it was built: seconds since 1970, by the sender's clock
  broadcast INTEGER NOT NULL CHECK (broadcast IN (0, 1)),
  serializer TEXT,              -- how the content is encoded; NULL: JSON
  content ANY NOT NULL,         -- text for JSON, else as the serializer made it
  -- Of requests and replies; most messages have none of these.
  reply_to TEXT,                -- a request: the name of the peer that gets the reply
  correlation_id TEXT,          -- the same in a request and in its reply
  error TEXT                    -- a reply that says why there is no answer
) STRICT;

-- A chosen id is held once in an inbox. Generated ids cannot collide, so they pay for no index.
CREATE UNIQUE INDEX messages_by_chosen_id ON messages(place >> 43, id) WHERE typeof(id) = 'text';

-- A reply is found among any amount of other mail. Other messages pay for no index.
CREATE INDEX replies_by_correlation ON messages(place >> 43, correlation_id)
  WHERE correlation_id IS NOT NULL AND reply_to IS NULL;

CREATE TABLE stats(
  -- What has left an inbox, counted by its reader in the transaction that took it. What was sent in all is this and
  -- what still lies in the inbox: see the view traffic.
  recipient INTEGER NOT NULL,   -- peer_id
  sender TEXT NOT NULL,         -- a name; '' stands for the inbox itself, which has only last_number
  sent INTEGER NOT NULL DEFAULT 0,
  read INTEGER NOT NULL DEFAULT 0,
  dead INTEGER NOT NULL DEFAULT 0,  -- sent = read + dead, for what has left
  last_number INTEGER,          -- the highest number that left the inbox: numbers are given out once
  PRIMARY KEY (recipient, sender)
) STRICT, WITHOUT ROWID;

CREATE TABLE dead(
  -- Messages that could not be delivered, with the reason.
  dead_id INTEGER PRIMARY KEY,
  recipient INTEGER NOT NULL,   -- peer_id
  place INTEGER NOT NULL,       -- where it lay
  id ANY NOT NULL,
  sender TEXT NOT NULL,
  stamp REAL NOT NULL,
  broadcast INTEGER NOT NULL,
  serializer TEXT,
  content ANY NOT NULL,
  reason TEXT NOT NULL,
  died_at REAL NOT NULL,        -- seconds since 1970
  reply_to TEXT,                -- these three as in messages
  correlation_id TEXT,
  error TEXT
) STRICT;

-- For people ----------------------------------------------------------------------------------------------------------

CREATE VIEW inbox AS
  -- What lies in the inboxes, in the order of delivery.
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
         m.error
    FROM messages AS m LEFT JOIN peers AS p ON p.peer_id = m.place >> 43
   ORDER BY m.place;

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
         d.error
    FROM dead AS d LEFT JOIN peers AS p ON p.peer_id = d.recipient
   ORDER BY d.dead_id;

CREATE VIEW queues AS
  -- How much lies in each inbox.
  SELECT p.name AS recipient,
         p.state AS recorded_state,
         (SELECT count(*) FROM messages AS m
           WHERE m.place BETWEEN p.peer_id << 43 AND ((p.peer_id + 1) << 43) - 1) AS queued,
         (SELECT count(*) FROM dead AS d WHERE d.recipient = p.peer_id) AS dead,
         (SELECT strftime('%Y-%m-%dT%H:%M:%fZ', m.stamp, 'unixepoch') FROM messages AS m
           WHERE m.place BETWEEN p.peer_id << 43 AND ((p.peer_id + 1) << 43) - 1
           ORDER BY m.place LIMIT 1) AS oldest_sent_at
    FROM peers AS p
   ORDER BY p.name;

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
   ORDER BY name;

CREATE VIEW traffic AS
  -- The books: for each pair, sent = read + dead + queued.
  SELECT sender, recipient, sum(sent) AS sent, sum(read) AS read, sum(dead) AS dead, sum(queued) AS queued
    FROM (SELECT s.sender AS sender, p.name AS recipient, s.sent AS sent, s.read AS read, s.dead AS dead, 0 AS queued
            FROM stats AS s JOIN peers AS p ON p.peer_id = s.recipient
           WHERE s.sender <> ''
          UNION ALL
          SELECT m.sender, p.name, count(*), 0, 0, count(*)
            FROM messages AS m JOIN peers AS p ON p.peer_id = m.place >> 43
           GROUP BY m.place >> 43, m.sender)
   GROUP BY sender, recipient
   HAVING sum(sent) > 0
   ORDER BY sender, recipient;

CREATE VIEW send AS
  -- For sending by plain SQL, from the sqlite3 shell or in a transaction of an application's own:
  --   INSERT INTO send(sender, recipient, content) VALUES ('boss', 'worker', '{"n": 1}');
  -- The content is JSON text. Without a sender it comes from '_anonymous'. A waiting reader finds it at its next look.
  SELECT sender, recipient, content FROM inbox;

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
  END;
  INSERT INTO messages(place, id, sender, stamp, broadcast, serializer, content)
    SELECT max((p.peer_id << 43) + (3 << 40) + coalesce(
                 (SELECT last_number FROM stats WHERE recipient = p.peer_id AND sender = ''), 1 << 32),
               coalesce((SELECT m.place FROM messages AS m
                          WHERE m.place BETWEEN p.peer_id << 43 AND ((p.peer_id + 1) << 43) - 1
                          ORDER BY m.place DESC LIMIT 1), 0)) + 1,
           lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-4' || substr(hex(randomblob(2)), 2) || '-' ||
                 substr('89AB', 1 + (random() & 3), 1) || substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6))),
           coalesce(NEW.sender, '_anonymous'),
           (julianday('now') - 2440587.5) * 86400.0,
           0,
           NULL,
           CAST(NEW.content AS TEXT)
      FROM peers AS p
     WHERE p.name = NEW.recipient;
END;
