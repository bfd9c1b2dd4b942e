// The statements of `npm run mail` (dev/mail.mjs): what waits in the outbox, what was given up, and
// what an operator may do about it. Each is one statement, decided by the database's clock.
// docs/mail_queue.md has them for those without Node.

/** @typedef {import("pg").Client} Client */

/**
 * @typedef {object} QueuedMail
 * @property {string} id
 * @property {"waits" | "failed" | "sent"} state
 * @property {string} kind
 * @property {string} recipient masked
 * @property {number} attempts
 * @property {string | null} last_error
 * @property {Date} created_at
 * @property {Date} expires_at
 * @property {Date | null} next_attempt_at
 * @property {Date | null} failed_at
 * @property {Date | null} sent_at
 * @property {boolean} has_text whether there is still something to send
 */

/**
 * The first character and the domain: enough to recognise an address, too little to collect it.
 * @param {string} address
 */
export function masked(address) {
  const at = address.lastIndexOf("@");
  return at < 1 ? "…" : `${[...address][0]}…${address.slice(at)}`;
}

const COLUMNS = `
  id,
  CASE WHEN sent_at IS NOT NULL THEN 'sent' WHEN failed_at IS NOT NULL THEN 'failed' ELSE 'waits' END AS state,
  kind,
  recipient,
  attempts,
  last_error,
  created_at,
  expires_at,
  next_attempt_at,
  failed_at,
  sent_at,
  sealed IS NOT NULL AS has_text`;

/** @param {any} row @returns {QueuedMail} */
const withMask = (row) => ({ ...row, recipient: masked(row.recipient) });

/**
 * What waits and what failed, the oldest first; `total` counts those beyond the limit too.
 * @param {Client} client @param {number} limit @returns {Promise<{ total: number, mails:
 *   QueuedMail[] }>}
 */
export async function unsent(client, limit) {
  const { rows } = await client.query(
    `SELECT ${COLUMNS}, count(*) OVER ()::integer AS total FROM edgegate.outbox WHERE sent_at IS NULL ORDER BY created_at, id LIMIT $1`,
    [limit],
  );
  return { total: rows[0]?.total ?? 0, mails: rows.map(({ total, ...row }) => withMask(row)) };
}

/** @param {Client} client @param {string} id @returns {Promise<QueuedMail | undefined>} */
export async function find(client, id) {
  const { rows } = await client.query(`SELECT ${COLUMNS} FROM edgegate.outbox WHERE id = $1`, [id]);
  return rows.map(withMask)[0];
}

/**
 * Until when the provider wants to be left alone, if it does.
 * @param {Client} client
 * @returns {Promise<Date | undefined>}
 */
export async function pausedUntil(client) {
  const { rows } = await client.query("SELECT paused_until FROM edgegate.mail_pause WHERE paused_until > now()");
  return rows[0]?.paused_until;
}

/**
 * A newer link of the same kind has killed the older one; mails of other kinds tell of something
 * and do not replace each other.
 */
const LINK_KINDS = [
  "confirm_signup",
  "sign_in",
  "invite",
  "recovery",
  "email_change_current",
  "email_change_new",
  "reauthentication",
];

/**
 * Queues again what was given up and can still be of use: one mail, or all that failed since, with
 * an error that contains the text.
 * @param {Client} client
 * @param {{ id?: string, sinceSeconds?: number, error?: string }} which
 * @returns {Promise<{ requeued: number, left: Record<string, number> }>} how many, and how many not
 *   for which reason
 */
export async function requeue(client, { id, sinceSeconds, error }) {
  const { rows } = await client.query(
    `WITH asked AS MATERIALIZED (
       SELECT
         o.id,
         CASE
           WHEN o.sent_at IS NOT NULL THEN 'already sent'
           WHEN o.next_attempt_at IS NOT NULL THEN 'waiting already'
           WHEN o.expires_at <= now() THEN 'the link has died'
           WHEN o.sealed IS NULL THEN 'the text is gone'
           WHEN EXISTS (SELECT FROM edgegate.mail_suppressions m WHERE m.email_key = lower(o.recipient COLLATE "C")) THEN 'the address is suppressed'
           WHEN o.kind = ANY ($4) AND EXISTS (
             SELECT FROM edgegate.outbox n
             WHERE n.user_id = o.user_id AND n.kind = o.kind AND n.recipient = o.recipient AND n.created_at > o.created_at
           ) THEN 'a newer link has replaced it'
         END AS obstacle
       FROM edgegate.outbox o
       WHERE CASE
         WHEN $1::uuid IS NOT NULL THEN o.id = $1
         ELSE o.failed_at IS NOT NULL
           AND ($2::float8 IS NULL OR o.failed_at >= now() - make_interval(secs => $2))
           AND ($3::text IS NULL OR position(lower($3) IN lower(o.last_error)) > 0)
       END
       FOR UPDATE OF o
     ), requeued AS (
       UPDATE edgegate.outbox o SET failed_at = NULL, next_attempt_at = now()
       FROM asked
       WHERE o.id = asked.id AND asked.obstacle IS NULL
       RETURNING 1
     )
     SELECT
       (SELECT count(*) FROM requeued)::integer AS requeued,
       (
         SELECT coalesce(jsonb_object_agg(l.obstacle, l.mails), '{}')
         FROM (SELECT obstacle, count(*) AS mails FROM asked WHERE obstacle IS NOT NULL GROUP BY obstacle) AS l
       ) AS "left"`,
    [id ?? null, sinceSeconds ?? null, error ?? null, LINK_KINDS],
  );
  return rows[0];
}

/**
 * @typedef {object} Suppression
 * @property {string} email_key
 * @property {string} reason
 * @property {string | null} detail
 * @property {string} provider
 * @property {Date} happened_at
 */

/**
 * Addresses that nothing is sent to, the newest first.
 * @param {Client} client
 * @returns {Promise<Suppression[]>}
 */
export async function suppressions(client) {
  const { rows } = await client.query(
    "SELECT email_key, reason, detail, provider, happened_at FROM edgegate.mail_suppressions ORDER BY happened_at DESC, email_key",
  );
  return rows;
}

/**
 * Takes the mark off an address.
 * @param {Client} client
 * @param {string} address
 * @returns {Promise<Suppression | undefined>} what was removed
 */
export async function allow(client, address) {
  const { rows } = await client.query(
    'DELETE FROM edgegate.mail_suppressions WHERE email_key = lower($1::text COLLATE "C") RETURNING email_key, reason, detail, provider, happened_at',
    [address],
  );
  return rows[0];
}
