// The statements of `npm run admin -- key` (dev/admin.mjs): keys with which programs of the
// operator's call the admin API. Their form is in src/domain/token/api_key.rs: `edgegate_`, then
// base64url of 32 random bytes; stored is the SHA-256 of the whole text.

import { createHash, randomBytes, randomUUID } from "node:crypto";

/** @typedef {import("pg").Client} Client */

/** What a key may be for, as the database knows it. */
export const SCOPES = ["users:read", "users:write", "links:write", "audit:read"];

/**
 * @typedef {object} ApiKey
 * @property {string} id
 * @property {string} name
 * @property {string[]} scopes
 * @property {Date} created_at
 * @property {Date | null} expires_at
 * @property {Date | null} last_used_at
 * @property {Date | null} revoked_at
 * @property {"good" | "expired" | "revoked"} state
 */

const COLUMNS = `
  id,
  name,
  scopes,
  created_at,
  expires_at,
  last_used_at,
  revoked_at,
  CASE WHEN revoked_at IS NOT NULL THEN 'revoked' WHEN expires_at <= now() THEN 'expired' ELSE 'good' END AS state`;

/**
 * Makes a key. Only here it is known in clear.
 * @param {Client} client @param {{ name: string, scopes: string[], seconds?: number }} wanted
 *   `seconds` until it expires; without, never
 * @returns {Promise<ApiKey & { key: string }>}
 */
export async function createKey(client, { name, scopes, seconds }) {
  const key = `edgegate_${randomBytes(32).toString("base64url")}`;
  const { rows } = await client.query(
    `INSERT INTO edgegate.api_keys (id, name, key_digest, scopes, expires_at)
     VALUES ($1, $2, $3, $4, now() + make_interval(secs => $5::float8))
     RETURNING ${COLUMNS}`,
    [randomUUID(), name, createHash("sha256").update(key).digest(), scopes, seconds ?? null],
  );
  return { ...rows[0], key };
}

/** All keys, the newest first. @param {Client} client @returns {Promise<ApiKey[]>} */
export async function listKeys(client) {
  const { rows } = await client.query(`SELECT ${COLUMNS} FROM edgegate.api_keys ORDER BY created_at DESC, id`);
  return rows;
}

/**
 * Revokes a key; one that was revoked keeps the time of that.
 * @param {Client} client
 * @param {string} id
 * @returns {Promise<ApiKey | undefined>}
 */
export async function revokeKey(client, id) {
  const { rows } = await client.query(
    `UPDATE edgegate.api_keys SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING ${COLUMNS}`,
    [id],
  );
  return rows[0];
}
