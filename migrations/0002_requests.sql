-- SPDX-License-Identifier: MIT
-- Version 2: requests and replies, and how waiting clients are woken. Takes the same time however full the route is.

ALTER TABLE route ADD COLUMN
  notifier TEXT NOT NULL DEFAULT 'auto' CHECK (notifier IN ('auto', 'socket', 'hook', 'poll'));

ALTER TABLE messages ADD COLUMN reply_to TEXT;
ALTER TABLE messages ADD COLUMN correlation_id TEXT;
ALTER TABLE messages ADD COLUMN error TEXT;

CREATE INDEX replies_by_correlation ON messages(place >> 43, correlation_id)
  WHERE correlation_id IS NOT NULL AND reply_to IS NULL;

ALTER TABLE dead ADD COLUMN reply_to TEXT;
ALTER TABLE dead ADD COLUMN correlation_id TEXT;
ALTER TABLE dead ADD COLUMN error TEXT;

DROP VIEW inbox;
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

DROP VIEW dead_letters;
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
