// `npm test`: every part; `npm test -- PART [arguments]`: one part (dev/test_parts.mjs), the
// arguments going to its test runner. Exit code 1 if a part failed, or, where CI is set, if one
// could not run.

import { root } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import { buildWorker } from "./build.mjs";
import { provideChromium } from "./chromium.mjs";
import { providePgbouncer, startPgbouncer } from "./pgbouncer.mjs";
import { run } from "./processes.mjs";
import { bold, green, red, say, step, yellow } from "./progress.mjs";
import { providePython } from "./python.mjs";
import { requireRust } from "./rust.mjs";
import { startTestDatabase } from "./test_database.mjs";
import { filesOf, parts } from "./test_parts.mjs";

/** @typedef {import("./test_parts.mjs").Part} Part */
/**
 * @typedef {{ name: string, result: "passed" | "failed" | "not run", seconds: number, why?: string
 *   }} Result
 */

const isCI = !["", "0", "false", undefined].includes(process.env.CI);

/** @param {string[]} args */
export async function main([name, ...rest]) {
  const chosen = parts.filter((part) => !name || part.name === name);
  if (chosen.length === 0)
    throw new Failure(
      `there is no part \`${name}\`: choose one of ${parts.map((part) => part.name).join(", ")}, or none for all`,
    );
  /** @type {Result[]} */
  const results = [];
  for (const part of chosen) results.push(await runPart(part, rest));
  summarise(results);
  return results.some(({ result }) => result === "failed" || (isCI && result === "not run")) ? 1 : 0;
}

/** @param {Part} part @param {string[]} rest @returns {Promise<Result>} */
async function runPart(part, rest) {
  const began = Date.now();
  const end = (/** @type {Result["result"]} */ result, why = "") => ({
    name: part.name,
    result,
    seconds: (Date.now() - began) / 1000,
    why,
  });
  say(`\n${bold(`── ${part.name}`)}: ${part.what}`);
  const files = filesOf(part);
  if (part.files && files.length === 0) return end("failed", `no file matches ${part.files}`);
  try {
    /** @type {NodeJS.ProcessEnv} */
    const env = { ...process.env };
    for (const need of part.needs) {
      const missing = await provide[need](env);
      if (missing) {
        say(yellow(`NOT RUN: ${part.name}: ${missing}`));
        return end("not run", missing);
      }
    }
    const [program, ...args] = part.command(files);
    await run(program, [...args, ...rest], { cwd: root, env, output: "inherit" });
    return end("passed");
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    for (const line of error.output) say(`  | ${line}`);
    say(red(error.message));
    return end("failed", error.message);
  }
}

/** @type {ReturnType<typeof startTestDatabase> | undefined} */
let database;
/** @type {Promise<string> | undefined} */
let pgbouncer;

/**
 * Makes what a part needs, once for all parts, and puts it into the part's environment. Returns the
 * command that has to be run first where a system package is missing.
 * @type {Record<Part["needs"][number], (env: NodeJS.ProcessEnv) => Promise<string | undefined>>}
 */
const provide = {
  async rust() {
    requireRust();
    return undefined;
  },
  async database(env) {
    const { url, log } = await (database ??= startTestDatabase());
    env.TEST_DATABASE_URL = url;
    if (log) env.TEST_POSTGRES_LOG = log;
    return undefined;
  },
  async worker(env) {
    env.EDGEGATE_BUILD = await buildWorker();
    return undefined;
  },
  async pgbouncer(env) {
    const missing = await step("Looking for PgBouncer", providePgbouncer);
    if (missing) return missing;
    const { url } = await (database ??= startTestDatabase());
    env.TEST_PGBOUNCER_URL = await (pgbouncer ??= startPgbouncer(url));
    return undefined;
  },
  async chromium(env) {
    const { chromium, missing } = await step("Looking for Chromium", provideChromium);
    env.TEST_CHROMIUM = chromium;
    return missing;
  },
  async python(env) {
    const { python, missing } = await providePython();
    env.TEST_PYTHON = python;
    return missing;
  },
};

/** @param {Result[]} results */
function summarise(results) {
  const colours = { passed: green, failed: red, "not run": yellow };
  const width = Math.max(...results.map(({ name }) => name.length));
  say(`\n${bold("── summary")}`);
  for (const { name, result, seconds, why } of results) {
    say(
      `${name.padEnd(width)}  ${colours[result](result.padEnd(7))}  ${seconds.toFixed(1).padStart(7)} s  ${why ?? ""}`.trimEnd(),
    );
  }
}
