// What the readers of other systems' exports share: the form of what they yield, files of JSON
// lines, ids for those who had other ones, and times as they are written in different places.

import { createHash } from "node:crypto";
import { createInterface } from "node:readline";

/**
 * One record of a file, in the order of the file; every record yields exactly one of these.
 * @typedef {object} RecordRead
 * @property {number} line where it stands: the line, or for JSON that is not in lines the number of
 *   the record, from 1
 * @property {Record<string, any>} [user] as POST /admin/users/import takes it
 * @property {string} [text] the same as JSON, where it stands in the file like that
 * @property {{ code: string, reason: string }} [refused] why it cannot be imported
 * @property {string} [skipped] why it is left out, which is no fault
 */

/**
 * @typedef {{ hashParameters?: string, hashes?: string, dropSecondFactors?: boolean }}
 *   ReaderOptions
 */
/**
 * @typedef {(file: import("node:stream").Readable, options: ReaderOptions) =>
 *   AsyncGenerator<RecordRead>} Reader
 */

/** @param {string} code @param {string} reason */
export const refused = (code, reason) => ({ refused: { code, reason } });

/**
 * The longest line that is read, in characters: the body of a call may have 1 MiB, and nothing
 * longer can be sent.
 */
const LINE_MAX_CHARS = 1024 * 1024;

/**
 * The objects in a file of JSON lines. Empty lines are passed over.
 * @param {import("node:stream").Readable} file
 * @param {(object: Record<string, any>, text: string) => Omit<RecordRead, "line">} read
 * @returns {AsyncGenerator<RecordRead>}
 */
export async function* jsonLines(file, read) {
  let line = 0;
  for await (const whole of createInterface({ input: file, crlfDelay: Infinity })) {
    const text = line++ === 0 ? whole.replace(/^\uFEFF/, "") : whole;
    if (text.trim() === "") continue;
    yield {
      line,
      ...(text.length > LINE_MAX_CHARS
        ? refused("request_entity_too_large", "the line is longer than 1 MiB")
        : readObject(text, read)),
    };
  }
}

/**
 * @param {string} text
 * @param {(object: Record<string, any>, text: string) => Omit<RecordRead, "line">} read
 */
function readObject(text, read) {
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    return refused("bad_json", "the line is no JSON"); // its message quotes the line
  }
  return isObject(value) ? read(value, text) : refused("bad_json", "the line is no JSON object");
}

/** @param {unknown} value @returns {value is Record<string, any>} */
export const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/**
 * The namespace of ids that are made from ids of another form. Random; changing it would make other
 * ids.
 */
const NAMESPACE = "6f0c9b4e-0e0b-4a35-9d5c-3a2f2d6f5f0e";

/**
 * The id of an account whose id elsewhere is no UUID: UUID version 5 of `<system>:<id>`, the same
 * every time, so that an app can rewrite its references. docs/moving.md has it as SQL. Spec: RFC
 * 9562 §5.5.
 * @param {string} system @param {string} id
 */
export function derivedId(system, id) {
  const bytes = createHash("sha1")
    .update(Buffer.from(NAMESPACE.replaceAll("-", ""), "hex"))
    .update(`${system}:${id}`)
    .digest();
  return uuidOf(bytes, 5);
}

/** @param {Buffer} bytes at least 16 @param {number} version */
export function uuidOf(bytes, version) {
  const id = Buffer.from(bytes.subarray(0, 16));
  id[6] = (id[6] & 0x0f) | (version << 4);
  id[8] = (id[8] & 0x3f) | 0x80;
  return id.toString("hex").replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** So far away that RFC 3339 cannot say more. */
export const FOREVER = "9999-12-31T00:00:00Z";

/**
 * `2024-01-31 10:20:30.123456+00`, as PostgreSQL writes it, in the form of RFC 3339. Anything else
 * stays as it is.
 * @param {string | null | undefined} text
 */
export function timeFromPostgres(text) {
  if (!text) return undefined;
  if (text === "infinity") return FOREVER;
  return text.replace(
    /^(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d:\d\d(?:\.\d+)?)(?:([+-]\d\d)(?::?(\d\d))?)?$/,
    (_, day, time, hours, minutes) => `${day}T${time}${hours ? `${hours}:${minutes ?? "00"}` : "Z"}`,
  );
}

/**
 * Without what is undefined, null or an empty text: not there.
 * @param {Record<string, any>} object
 */
export const present = (object) =>
  Object.fromEntries(
    Object.entries(object).filter(([, value]) => value !== undefined && value !== null && value !== ""),
  );
