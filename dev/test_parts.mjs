// The parts that the tests consist of, the longest first. A new part is a new entry here: `daily`
// ones are what `npm test` runs, `nightly` ones are what `npm run test:nightly` adds.

import { globSync } from "node:fs";
import { root } from "./checkout.mjs";

/**
 * @typedef {"rust" | "database" | "worker" | "pgbouncer" | "python" | "chromium" | "fuzzer"} Need
 */

/**
 * @typedef {object} Part
 * @property {string} name how it is asked for: `npm test -- NAME`
 * @property {"daily" | "nightly"} when
 * @property {string} what what it tests, in a few words
 * @property {Need[]} needs see dev/test_needs.mjs
 * @property {string[]} [rust] native tests, those that these words are in the path of: none for all
 * @property {string} [files] tests in Node.js: none found is a failure, not a success
 * @property {string[]} [alone] those files beside which no other tests run, since many clients at
 *   once leave them no time to lose
 * @property {Record<string, string>} [env] for the tests, unless it is set already
 * @property {string} [postgres] the major version, if it is not the usual one
 * @property {number} [minutes] about how long it takes on two cores, where that is not a few
 */

const workerd = {
  files: "tests/workerd/**/*.test.mjs",
  alone: ["tests/workerd/crowd.test.mjs", "tests/workerd/races.test.mjs"],
};

/** @type {Part[]} */
export const parts = [
  {
    name: "rust",
    when: "daily",
    what: "domain, SQL and HTTP, against PostgreSQL",
    needs: ["rust", "database"],
    rust: [],
  },
  {
    name: "worker",
    when: "daily",
    what: "the built Worker in workerd, behind PgBouncer",
    needs: ["database", "worker", "pgbouncer"],
    ...workerd,
  },
  {
    name: "sdk",
    when: "daily",
    what: "client libraries, unmodified, against the built Worker",
    needs: ["database", "worker", "pgbouncer", "python"],
    files: "tests/sdk/**/*.test.mjs",
  },
  {
    name: "contract",
    when: "daily",
    what: "the OpenAPI document, held against the built Worker",
    needs: ["database", "worker", "python"],
    files: "tests/contract/**/*.test.mjs",
  },
  {
    name: "verify",
    when: "daily",
    what: "the examples of docs/verify.md, against the built Worker",
    needs: ["database", "worker", "python"],
    files: "tests/verify/**/*.test.mjs",
  },
  {
    name: "browser",
    when: "daily",
    what: "the pages in Chromium, against the built Worker",
    needs: ["chromium", "database", "worker"],
    files: "tests/browser/**/*.test.mjs",
  },
  {
    name: "tooling",
    when: "daily",
    what: "the commands in dev/",
    needs: ["database"],
    files: "dev/{,readers/}*.test.mjs",
  },
  {
    name: "preview",
    when: "daily",
    what: "the preview of mails and pages",
    needs: ["rust"],
    files: "dev/mail_preview/**/*.test.mjs",
  },
  {
    name: "mailbox",
    when: "daily",
    what: "the local mailbox",
    needs: [],
    files: "dev/mailbox/**/*.test.mjs",
  },
  {
    name: "all-rounds",
    when: "nightly",
    what: "the races between two Workers, 50 rounds each (RACE_ROUNDS)",
    needs: ["database", "worker", "pgbouncer"],
    files: "tests/workerd/races.test.mjs",
    env: { RACE_ROUNDS: "50" },
    minutes: 15,
  },
  {
    name: "memory",
    when: "nightly",
    what: "the memory of the Worker after 2000 calls of each kind (MEMORY_CALLS)",
    needs: ["database", "worker", "pgbouncer"],
    files: "tests/workerd/memory.test.mjs",
    env: { MEMORY_CALLS: "2000" },
    minutes: 10,
  },
  {
    name: "other-way",
    when: "nightly",
    what: "every suite of the built Worker with the usual hash, on the way to PostgreSQL that it does not take by day",
    needs: ["database", "worker", "pgbouncer", "python", "chromium"],
    ...workerd,
    files: "tests/{workerd,sdk,contract,verify,browser}/**/*.test.mjs",
    env: { TEST_OTHER_WAY: "true", TEST_USUAL_HASH: "true" },
    minutes: 15,
  },
  {
    name: "soak",
    when: "nightly",
    what: "10 000 sign-ups while everything fails at random (SOAK_SIGN_UPS)",
    needs: ["rust", "database"],
    rust: ["::soak::"],
    env: { SOAK_SIGN_UPS: "10000" },
    minutes: 10,
  },
  {
    name: "million-lines",
    when: "nightly",
    what: "an import of a million lines (IMPORT_LINES)",
    needs: ["database", "worker", "pgbouncer"],
    files: "tests/nightly/million_lines.test.mjs",
    env: { IMPORT_LINES: "1000000" },
    minutes: 15,
  },
  ...["15", "16", "18"].map((major) => ({
    name: `postgres-${major}`,
    when: /** @type {const} */ ("nightly"),
    what: `native tests and the built Worker on PostgreSQL ${major}`,
    needs: /** @type {Need[]} */ (["rust", "database", "worker", "pgbouncer"]),
    rust: [],
    ...workerd,
    postgres: major,
    minutes: 10,
  })),
  {
    name: "fuzz",
    when: "nightly",
    what: "every fuzz target, each for a minute (FUZZ_SECONDS)",
    needs: ["fuzzer"],
    files: "tests/nightly/fuzz.test.mjs",
    env: { FUZZ_SECONDS: "60" },
    minutes: 20,
  },
];

/** The files of a part. @param {Part} part */
export const filesOf = (part) => (part.files ? globSync(part.files, { cwd: root }).sort() : []);
