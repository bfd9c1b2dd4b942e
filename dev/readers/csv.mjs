// CSV whose first line names the columns like the fields of POST /admin/users/import: `email`,
// `password_hash`, … Metadata columns hold JSON, or are named `user_metadata.name`. Also what the
// CSV of other systems is read with. The grammar (quotes, line breaks in a field, BOM) is
// csv-parse's.

import { parse } from "csv-parse";
import { Failure } from "../failure.mjs";
import { present, refused } from "./records.mjs";

const TEXT = [
  "id",
  "email",
  "email_confirmed_at",
  "password_hash",
  "created_at",
  "updated_at",
  "invited_at",
  "last_sign_in_at",
  "banned_until",
  "delete_after",
  "role",
  "locale",
];
const BOOLEAN = ["email_confirm", "is_anonymous"];
const METADATA = ["user_metadata", "app_metadata"];

/** @param {string} column */
const isKnown = (column) =>
  [...TEXT, ...BOOLEAN, ...METADATA].includes(column) || /^(user|app)_metadata\..+$/.test(column);

/**
 * The records of a CSV file by the names in its first line. A line with too few or too many fields
 * yields why.
 * @param {import("node:stream").Readable} file
 * @param {(columns: string[]) => void} check the columns, before any record
 * @returns {AsyncGenerator<{ line: number, record?: Record<string, string>, problem?: string }>}
 */
export async function* csvRecords(file, check) {
  /** @type {string[] | undefined} */
  let columns;
  const parser = parse({
    bom: true,
    info: true,
    relax_column_count: true,
    skip_empty_lines: true,
    max_record_size: 1024 * 1024,
  });
  file.on("error", (error) => parser.destroy(error));
  try {
    for await (const { record, info } of file.pipe(parser)) {
      if (!columns) {
        columns = /** @type {string[]} */ (record).map((name) => name.trim());
        if (new Set(columns).size < columns.length) throw new Failure("the first line names a column twice");
        check(columns);
        continue;
      }
      const names = columns;
      if (record.length !== names.length)
        yield {
          line: info.lines,
          problem: `the line has ${record.length} fields, the first line names ${names.length}`,
        };
      else yield { line: info.lines, record: Object.fromEntries(names.map((name, index) => [name, record[index]])) };
    }
  } catch (error) {
    if (!(/** @type {any} */ (error).code?.startsWith("CSV_"))) throw error;
    throw new Failure(`the file is no CSV near line ${parser.info.lines}: ${/** @type {any} */ (error).code}`); // its message quotes the line
  }
}

/** @type {import("./records.mjs").Reader} */
export async function* read(file) {
  const check = (/** @type {string[]} */ columns) => {
    const unknown = columns.filter((column) => !isKnown(column));
    if (unknown.length > 0)
      throw new Failure(
        `the first line names columns that are no fields of an account: ${unknown.join(", ")}; docs/moving.md lists those there are`,
      );
    if (!columns.includes("email")) throw new Failure("the first line names no column `email`");
  };
  for await (const { line, record, problem } of csvRecords(file, check)) {
    yield { line, ...(record ? userOf(record) : refused("bad_csv", problem ?? "")) };
  }
}

/** @param {Record<string, string>} record */
function userOf(record) {
  /** @type {Record<string, any>} */
  const user = {};
  for (const [column, text] of Object.entries(present(record))) {
    const [field, member] = column.split(/\.(.*)/s);
    if (member) {
      (user[field] ??= {})[member] = text;
    } else if (METADATA.includes(column)) {
      const value = jsonOf(text);
      if (value === undefined) return refused("bad_json", `${column} is no JSON object`);
      user[column] = { ...value, ...user[column] };
    } else {
      user[column] = BOOLEAN.includes(column) ? booleanOf(text) : text;
    }
  }
  return { user };
}

/**
 * A truth value as PostgreSQL, MySQL and people write it; what is none stays as it is, and is
 * refused later.
 * @param {string} text
 */
export function booleanOf(text) {
  if (/^(t|true|1|yes)$/i.test(text)) return true;
  return /^(f|false|0|no)$/i.test(text) ? false : text;
}

/** @param {string} text @returns {Record<string, any> | undefined} */
export function jsonOf(text) {
  try {
    const value = JSON.parse(text);
    return typeof value === "object" && !Array.isArray(value) ? (value ?? {}) : undefined;
  } catch {
    return undefined;
  }
}
