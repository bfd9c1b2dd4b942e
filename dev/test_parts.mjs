// The parts that `npm test` consists of, in the order in which they run. A new part is a new entry
// here.

import { globSync } from "node:fs";
import { root } from "./checkout.mjs";

/**
 * @typedef {object} Part
 * @property {string} name how it is asked for: `npm test -- NAME`
 * @property {string} what what it tests, in a few words
 * @property {("rust" | "database" | "worker" | "pgbouncer" | "python" | "chromium")[]} needs see
 *   dev/test.mjs
 * @property {string} [files] the files it consists of: none found is a failure, not a success
 * @property {(files: string[]) => [string, ...string[]]} command
 */

/**
 * Forced to exit, since a test that fails may leave a connection open, which would keep its file
 * from ending.
 * @param {string[]} files @returns {[string, ...string[]]}
 */
const nodeTest = (files) => [process.execPath, "--test", "--test-force-exit", ...files];

/** @type {Part[]} */
export const parts = [
  {
    name: "rust",
    what: "domain, SQL and HTTP, against PostgreSQL",
    needs: ["rust", "database"],
    command: () => ["cargo", "test", "--workspace", "--exclude", "edgegate-worker", "--exclude", "edgegate-floor"],
  },
  {
    name: "tooling",
    what: "the commands in dev/",
    needs: ["database"],
    files: "dev/{,readers/}*.test.mjs",
    command: nodeTest,
  },
  {
    name: "mailbox",
    what: "the local mailbox",
    needs: [],
    files: "dev/mailbox/**/*.test.mjs",
    command: nodeTest,
  },
  {
    name: "preview",
    what: "the preview of mails and pages",
    needs: ["rust"],
    files: "dev/mail_preview/**/*.test.mjs",
    command: nodeTest,
  },
  {
    name: "worker",
    what: "the built Worker in workerd, direct and behind PgBouncer",
    needs: ["database", "worker", "pgbouncer"],
    files: "tests/workerd/**/*.test.mjs",
    command: nodeTest,
  },
  {
    name: "sdk",
    what: "client libraries, unmodified, against the built Worker",
    needs: ["database", "worker", "pgbouncer", "python"],
    files: "tests/sdk/**/*.test.mjs",
    command: nodeTest,
  },
  {
    name: "verify",
    what: "the examples of docs/verify.md, against the built Worker",
    needs: ["database", "worker", "python"],
    files: "tests/verify/**/*.test.mjs",
    command: nodeTest,
  },
  {
    name: "contract",
    what: "the OpenAPI document, held against the built Worker",
    needs: ["database", "worker", "python"],
    files: "tests/contract/**/*.test.mjs",
    command: nodeTest,
  },
  {
    name: "browser",
    what: "the pages in Chromium, against the built Worker",
    needs: ["chromium", "database", "worker"],
    files: "tests/browser/**/*.test.mjs",
    command: nodeTest,
  },
];

/** The files of a part. @param {Part} part */
export const filesOf = (part) => (part.files ? globSync(part.files, { cwd: root }).sort() : []);
