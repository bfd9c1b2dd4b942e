// PostgreSQL's own log of every statement, read back: what the Worker really asked of the database.

import { closeSync, openSync, readSync, statSync } from "node:fs";
import { OURS } from "./database.mjs";

const { TEST_POSTGRES_LOG } = process.env;

/** Why there is no log to read, if there is none: the server is not the tests' own. */
export const noLog = TEST_POSTGRES_LOG ? false : "DATABASE_URL names a server whose statement log we cannot read";

/**
 * A line as `log_line_prefix` begins it (dev/test_database.mjs): time, process,
 * user@database/application.
 */
const LINE = new RegExp(
  [
    /^\d{4}-\d\d-\d\d [\d:.]+ \S+ \[\d+\] /,
    /(?:\S+@(?<database>[^/\s]+)\/(?<application>\S+) )?/,
    /(?<level>[A-Z]+):  (?<text>[^]*)$/,
  ]
    .map((part) => part.source)
    .join(""),
);

/**
 * @typedef {object} Seen
 * @property {string[]} statements each with how it was sent: `execute <unnamed>: SELECT …`,
 *   `statement: BEGIN`
 * @property {number} connections log-ins
 * @property {string} text the log itself
 */

/** Follows the log of one database from here on. @param {string} database */
export function followLog(database) {
  const file = /** @type {string} */ (TEST_POSTGRES_LOG);
  let position = statSync(file).size;
  return {
    /** What was logged since the last call. @returns {Seen} */
    read() {
      const text = readFrom(file, position);
      position += Buffer.byteLength(text);
      // A message's further lines begin with a tab.
      const lines = text.split(/\n(?!\t)/).flatMap((line) => line.match(LINE)?.groups ?? []);
      const workers = lines.filter(
        (line) => line.database === database && line.application !== OURS && line.level === "LOG",
      );
      return {
        statements: workers.map((line) => line.text).filter((message) => /^(execute|statement)\b/.test(message)),
        connections: workers.filter((line) => line.text.startsWith("connection authorized")).length,
        text,
      };
    },
  };
}

/** @param {string} file @param {number} position */
function readFrom(file, position) {
  const descriptor = openSync(file, "r");
  const bytes = Buffer.alloc(statSync(file).size - position);
  readSync(descriptor, bytes, 0, bytes.length, position);
  closeSync(descriptor);
  return bytes.toString("utf8");
}
