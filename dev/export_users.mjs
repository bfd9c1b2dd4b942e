// The file that `npm run admin -- export` writes: a line of JSON for each account with an address,
// as `npm run admin -- import` reads it, straight from PostgreSQL. By a cursor, so that memory does
// not grow with the number of accounts. Not here: sessions, links, the audit trail, ids of deleted
// accounts. They stay behind.

import { closeSync, existsSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { Failure } from "./failure.mjs";

/** Accounts that are fetched at once: some 1 MB. */
const FETCH = 2000;

/**
 * What a line of an import takes, which are columns of `edgegate.users`: a new column stays inside
 * until it is added here.
 */
const COLUMNS = [
  "id",
  "email",
  "email_confirmed_at",
  "password_hash",
  "role",
  "locale",
  "user_metadata",
  "app_metadata",
  "created_at",
  "updated_at",
  "invited_at",
  "last_sign_in_at",
  "banned_until",
  "delete_after",
];

/**
 * Writes all accounts into a new file, which only its owner can read.
 * @param {import("pg").Client} client @param {string} file @param {(written: number, total: number)
 *   => void} [onProgress]
 * @returns {Promise<{ written: number, anonymous: number, deleted: number }>} and how many were
 *   left out
 */
export async function exportUsers(client, file, onProgress = () => {}) {
  if (existsSync(file)) throw new Failure(`${file} is there already: name another file`);
  const part = `${file}.part`; // the file has its name only when it is whole
  rmSync(part, { force: true });
  const descriptor = openSync(part, "wx", 0o600);
  try {
    // One snapshot: what is written is how it was at one moment.
    await client.query("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY");
    await client.query("SET LOCAL TimeZone = 'UTC'");
    const {
      rows: [{ total, anonymous, deleted }],
    } = await client.query(`
      SELECT
        count(*) FILTER (WHERE email IS NOT NULL)::integer AS total,
        count(*) FILTER (WHERE email IS NULL AND is_anonymous)::integer AS anonymous,
        count(*) FILTER (WHERE email IS NULL AND NOT is_anonymous)::integer AS deleted
      FROM edgegate.users`);
    // As text from PostgreSQL to the file: a number in metadata stays as exact as it is. Only what
    // is null at the top goes.
    await client.query(`
      DECLARE accounts NO SCROLL CURSOR FOR
      SELECT (
        SELECT jsonb_object_agg(m.key, m.value)
        FROM jsonb_each(jsonb_build_object(${COLUMNS.map((name) => `'${name}', u.${name}`).join(", ")})) AS m
        WHERE m.value <> 'null'
      )::text AS line
      FROM edgegate.users u
      WHERE u.email IS NOT NULL
      ORDER BY u.id`);
    let written = 0;
    for (;;) {
      const { rows } = await client.query(`FETCH ${FETCH} FROM accounts`);
      if (rows.length === 0) break;
      writeSync(descriptor, `${rows.map(({ line }) => line).join("\n")}\n`);
      written += rows.length;
      onProgress(written, total);
    }
    await client.query("COMMIT");
    fsyncSync(descriptor);
    renameSync(part, file);
    return { written, anonymous, deleted };
  } finally {
    closeSync(descriptor);
    rmSync(part, { force: true });
  }
}
