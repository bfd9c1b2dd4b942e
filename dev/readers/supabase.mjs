// Rows of Supabase Auth's table auth.users, as CSV with a header or as JSON lines; docs/supabase.md
// has the statement that writes them. Ids, bcrypt hashes, metadata, bans and times move. Who cannot
// be told by an address, or would lose a second factor, is refused. Source:
// https://github.com/supabase/auth, migrations/ and internal/models/user.go.

import { Readable } from "node:stream";
import { booleanOf, csvRecords, jsonOf } from "./csv.mjs";
import { Failure } from "../failure.mjs";
import { isObject, jsonLines, present, refused, timeFromPostgres } from "./records.mjs";

/** Without these columns nobody could tell who must not be imported as they are. */
const REQUIRED = [
  "id",
  "email",
  "encrypted_password",
  "email_confirmed_at",
  "is_sso_user",
  "is_anonymous",
  "deleted_at",
  "has_second_factor",
];

/** @param {string[]} columns */
function check(columns) {
  const missing = REQUIRED.filter((column) => !columns.includes(column));
  if (missing.length > 0)
    throw new Failure(`the file has no ${missing.join(", ")}: make it with the statement in docs/supabase.md`);
}

/** @type {import("./records.mjs").Reader} */
export async function* read(file, options) {
  const [first, whole] = await peek(file);
  if (first === "{") {
    yield* jsonLines(whole, (row) => {
      check(Object.keys(row));
      return userOf(row, options);
    });
    return;
  }
  for await (const { line, record, problem } of csvRecords(whole, check))
    yield { line, ...(record ? userOf(record, options) : refused("bad_csv", problem ?? "")) };
}

/**
 * The first character that is no space, and the file as if it had not been read.
 * @param {Readable} file
 * @returns {Promise<[string, Readable]>}
 */
async function peek(file) {
  const iterator = file[Symbol.asyncIterator]();
  const { value: chunk = Buffer.alloc(0) } = await iterator.next();
  const all = async function* () {
    yield chunk;
    yield* { [Symbol.asyncIterator]: () => iterator };
  };
  return [
    chunk
      .toString("utf8")
      .replace(/^\uFEFF/, "")
      .trimStart()[0] ?? "",
    Readable.from(all()),
  ];
}

/**
 * @param {Record<string, any>} row
 * @param {import("./records.mjs").ReaderOptions} options
 * @returns {Omit<import("./records.mjs").RecordRead, "line">}
 */
function userOf(row, { dropSecondFactors = false }) {
  const is = (/** @type {string} */ column) => row[column] === true || booleanOf(String(row[column] ?? "")) === true;
  if (row.deleted_at) return { skipped: "deleted" };
  if (is("is_sso_user")) return refused("sso_user", "it signs in by SAML, which is not offered");
  if (is("is_anonymous"))
    return refused("anonymous_user", "it is anonymous: only its sessions lead back to it, and they do not move");
  if (!row.email)
    return refused(
      row.phone ? "phone_user" : "validation_failed",
      row.phone ? "it has a phone number and no email, and phone numbers are not offered" : "it has no email",
    );
  if (is("has_second_factor") && !dropSecondFactors)
    return refused(
      "second_factor",
      "it has a second factor, which does not move: --drop-second-factors imports it without",
    );
  const metadata = [];
  for (const column of ["raw_user_meta_data", "raw_app_meta_data"]) {
    const value = isObject(row[column]) ? row[column] : jsonOf(row[column] || "{}");
    if (value === undefined) return refused("bad_json", `${column} is no JSON object`);
    metadata.push(value);
  }
  const [user_metadata, app_metadata] = metadata;
  return {
    user: present({
      id: row.id,
      email: row.email,
      password_hash: row.encrypted_password,
      email_confirmed_at: timeFromPostgres(row.email_confirmed_at),
      invited_at: timeFromPostgres(row.invited_at),
      last_sign_in_at: timeFromPostgres(row.last_sign_in_at),
      banned_until: timeFromPostgres(row.banned_until),
      created_at: timeFromPostgres(row.created_at),
      updated_at: timeFromPostgres(row.updated_at),
      role: row.role,
      user_metadata,
      app_metadata,
    }),
  };
}
