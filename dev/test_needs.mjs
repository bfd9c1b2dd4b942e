// What the tests need beside themselves: builds, servers, programs. Each is made once, however many
// parts need it, and all of them side by side.

import { buildWorker } from "./build.mjs";
import { root } from "./checkout.mjs";
import { provideChromium } from "./chromium.mjs";
import { Failure } from "./failure.mjs";
import { providePgbouncer, startPgbouncer } from "./pgbouncer.mjs";
import { postgresMajor } from "./postgres_binaries.mjs";
import { run } from "./processes.mjs";
import { step } from "./progress.mjs";
import { providePython } from "./python.mjs";
import { requireRust } from "./rust.mjs";
import { startTestDatabase } from "./test_database.mjs";
import { cargoFuzz } from "./tools.mjs";

/** @typedef {import("./test_parts.mjs").Part} Part */

/**
 * What a need gives to the tests as environment, or `missing`: what a person has to do first.
 * @typedef {{ env?: Record<string, string>, missing?: string }} Provided
 */

/** The native tests, without the two packages that only make sense as wasm. */
export const nativeTests = ["test", "--workspace", "--exclude", "edgegate-worker", "--exclude", "edgegate-floor"];

/** @type {Map<string, Promise<any>>} */
const made = new Map();

/**
 * @template T
 * @param {string} key
 * @param {() => Promise<T>} make
 * @returns {Promise<T>}
 */
function once(key, make) {
  if (!made.has(key)) made.set(key, make());
  return /** @type {Promise<T>} */ (made.get(key));
}

/** @param {string} major */
const database = (major) => once(`database ${major}`, () => startTestDatabase(major));

/** @type {Record<Part["needs"][number], (major: string) => Promise<Provided>>} */
const provide = {
  rust: () =>
    once("rust", async () => {
      requireRust();
      await step("Building the native tests", () => {
        /** @type {string[]} */
        const lines = [];
        return run("cargo", [...nativeTests, "--no-run"], { cwd: root, onLine: (line) => lines.push(line) }).catch(
          (error) => {
            throw error instanceof Failure ? new Failure("the native tests do not build: see above", lines) : error;
          },
        );
      });
      return {};
    }),

  async database(major) {
    const { url, log } = await database(major);
    return { env: { TEST_DATABASE_URL: url, ...(log ? { TEST_POSTGRES_LOG: log } : {}) } };
  },

  worker: () => once("worker", async () => ({ env: { EDGEGATE_BUILD: await buildWorker() } })),

  async pgbouncer(major) {
    const missing = await once("pgbouncer", () => step("Looking for PgBouncer", providePgbouncer));
    if (missing) return { missing };
    const { url } = await database(major);
    return { env: { TEST_PGBOUNCER_URL: await once(`pgbouncer ${major}`, () => startPgbouncer(url)) } };
  },

  chromium: () =>
    once("chromium", async () => {
      const { chromium, missing } = await step("Looking for Chromium", provideChromium);
      return chromium ? { env: { TEST_CHROMIUM: chromium } } : { missing };
    }),

  python: () =>
    once("python", async () => {
      const { python, missing } = await providePython();
      return python ? { env: { TEST_PYTHON: python } } : { missing };
    }),

  fuzzer: () =>
    once("fuzzer", async () => {
      requireRust();
      return { env: { TEST_CARGO_FUZZ: await cargoFuzz() } };
    }),
};

/**
 * Makes what a part needs.
 * @param {Part} part
 * @returns {Promise<{ env: Record<string, string>, missing: string[] }>} what goes into the
 *   environment of its tests, and what a person has to do before it can run
 */
export async function needsOf(part) {
  if (part.postgres && process.env.DATABASE_URL)
    return { env: {}, missing: ["unset DATABASE_URL, which names a server of one's own"] };
  const major = part.postgres ?? postgresMajor();
  const all = await Promise.all(part.needs.map((need) => provide[need](major)));
  return {
    env: Object.assign({}, ...all.map(({ env }) => env)),
    missing: all.flatMap(({ missing }) => missing ?? []),
  };
}
