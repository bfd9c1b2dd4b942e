// `npm test`: every part of a day; `npm test -- NAME …`: parts, files or tests by name
// (dev/test_choice.mjs). Parts run side by side as far as the cores allow; what a process prints is
// kept whole, and shown if it fails. Exit code 1 if something failed, or, where CI is set, could
// not run.

import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { basename, join } from "node:path";
import { inState, root } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import { run } from "./processes.mjs";
import { bold, dim, green, red, say, seconds, step, yellow } from "./progress.mjs";
import { choose } from "./test_choice.mjs";
import { nativeTests, needsOf } from "./test_needs.mjs";
import { reportOf } from "./test_report.mjs";
import { Turns } from "./test_turns.mjs";

/** @typedef {import("./test_choice.mjs").Job} Job */
/** @typedef {import("./test_parts.mjs").Part} Part */
/** @typedef {import("./test_report.mjs").Report} Report */
/**
 * @typedef {object} Result of a job
 * @property {Job} job
 * @property {"passed" | "failed" | "not run"} result
 * @property {number} ms
 * @property {string} why
 * @property {Report} report
 */

const isCI = !["", "0", "false", undefined].includes(process.env.CI);

/**
 * Processes of tests at a time: one more than there are cores, since most of them wait for a
 * server now and then.
 */
const AT_ONCE = Number(process.env.TEST_JOBS) || availableParallelism() + 1;

/** @param {string[]} args @param {Part["when"]} [when] the parts that are meant by no name */
export async function main(args, when = "daily") {
  const began = Date.now();
  const jobs = inOrder(choose(args, when));
  const isNarrowed = jobs.some(({ names }) => names.length > 0);
  rmSync(outputs, { recursive: true, force: true });
  const results = await runAll(jobs);
  remember(results);
  summarise(results, Date.now() - began);
  if (isNarrowed && results.every(({ result, report }) => result === "passed" && report.tests === 0))
    throw new Failure(`no test has \`${jobs.flatMap(({ names }) => names).join("`, `")}\` in its name`);
  return results.some(({ result }) => result === "failed" || (isCI && result === "not run")) ? 1 : 0;
}

const turns = new Turns(AT_ONCE);

/** A process that takes longer hangs, in whatever it tests or does. Milliseconds. */
const HANGS_MS = { daily: 30 * 60_000, nightly: 120 * 60_000 };

/** @param {Job[]} jobs @returns {Promise<Result[]>} */
const runAll = (jobs) =>
  Promise.all(
    jobs.map(async (job, place) => {
      const prepared = await prepare(job);
      if ("result" in prepared) return prepared;
      return turns.take(place, isAlone(job) ? turns.room : 1, () => runJob(job, prepared.env, jobs.length === 1));
    }),
  );

/** @param {Job} job */
const isAlone = ({ part, file = "" }) => part.alone?.includes(file) ?? false;

const nothing = { ms: 0, why: "", report: { tests: 0, skipped: 0, slow: [], remarks: [] } };
/** Failures of what several jobs need, which are shown once. @type {Set<unknown>} */
const shown = new Set();

/** @param {Job} job @returns {Promise<{ env: Record<string, string> } | Result>} */
async function prepare(job) {
  try {
    const { env, missing } = await needsOf(job.part);
    if (missing.length === 0) return { env };
    return { ...nothing, job, result: "not run", why: missing.join("; ") };
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    if (!shown.has(error)) for (const line of error.output) say(`  | ${line}`);
    if (!shown.has(error)) say(red(error.message));
    shown.add(error);
    return { ...nothing, job, result: "failed", why: error.message };
  }
}

/** What the processes printed, by part and file. */
const outputs = inState("tests");

/** @param {Job} job */
const titleOf = ({ part, file }) =>
  file ? `${part.name}: ${basename(file, ".test.mjs")}` : part.files ? `${part.name}: native` : part.name;

/** @param {Job} job @returns {[string, ...string[]]} */
function commandOf({ file, names, args }) {
  if (!file) {
    const own = args.indexOf("--");
    const [cargo, harness] = own < 0 ? [args, []] : [args.slice(0, own), args.slice(own + 1)];
    return ["cargo", ...nativeTests, ...cargo, "--", ...names, ...harness];
  }
  const patterns = names.map((name) => `--test-name-pattern=${name.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&")}`);
  // Forced to exit, since a test that fails may leave a connection open, which would keep its file
  // from ending.
  return [process.execPath, "--test", "--test-force-exit", ...patterns, ...args, file];
}

/**
 * @param {Job} job @param {Record<string, string>} env @param {boolean} isShown shows its output as
 *   it comes
 * @returns {Promise<Result>}
 */
async function runJob(job, env, isShown) {
  const began = Date.now();
  const title = titleOf(job);
  /** @type {string[]} */
  const lines = [];
  const onLine = (/** @type {string} */ line) => {
    lines.push(line);
    if (isShown) say(line);
  };
  const [program, ...args] = commandOf(job);
  const ended = await step(
    title,
    () =>
      run(program, args, {
        cwd: root,
        env: { ...job.part.env, ...process.env, ...env, ...job.env },
        onLine,
        timeoutMs: HANGS_MS[job.part.when],
      }).then(
        () => "",
        (error) => {
          if (error instanceof Failure) return error.message;
          throw error;
        },
      ),
    (why) => ({ succeeded: why === "", remark: why === "" ? counted(reportOf(lines, job.file)) : "" }),
  );
  const report = reportOf(lines, job.file);
  mkdirSync(outputs, { recursive: true });
  writeFileSync(join(outputs, `${title.replaceAll(": ", "-")}.log`), `${lines.join("\n")}\n`);
  if (!isShown) for (const remark of report.remarks) say(dim(`    ${remark}`));
  if (ended && !isShown) say(`\n${lines.join("\n")}\n`);
  return { job, result: ended ? "failed" : "passed", ms: Date.now() - began, why: ended && title, report };
}

/** @param {Report} report */
const counted = ({ tests, skipped }) =>
  `${tests} ${tests === 1 ? "test" : "tests"}${skipped ? yellow(`, ${skipped} skipped`) : ""}`;

/** How long each job took when it last ran: the longest go first. */
const timesFile = inState("test-times.json");

/** @returns {Record<string, number>} */
function times() {
  try {
    return JSON.parse(readFileSync(timesFile, "utf8"));
  } catch {
    return {};
  }
}

/** The longest first, and last those that run alone. @param {Job[]} jobs */
function inOrder(jobs) {
  const known = times();
  const length = (/** @type {Job} */ job) => known[titleOf(job)] ?? Infinity; // one that never ran may be long
  return jobs.toSorted(
    (one, other) => Number(isAlone(one)) - Number(isAlone(other)) || length(other) - length(one) || 0,
  );
}

/** @param {Result[]} results */
function remember(results) {
  const whole = results.filter(({ job, result }) => result === "passed" && job.names.length === 0);
  const taken = Object.fromEntries(whole.map(({ job, ms }) => [titleOf(job), ms]));
  writeFileSync(timesFile, JSON.stringify({ ...times(), ...taken }, null, 2));
}

/** @param {Result[]} results @param {number} ms */
function summarise(results, ms) {
  const rows = [...new Set(results.map(({ job }) => job.part))].map((part) => {
    const own = results.filter(({ job }) => job.part === part);
    const worst = ["failed", "not run", "passed"].find((result) => own.some((one) => one.result === result)) ?? "";
    const whys = new Set(own.filter(({ why }) => why).map(({ why }) => why));
    const sum = (/** @type {(result: Result) => number} */ figure) =>
      own.reduce((total, one) => total + figure(one), 0);
    return {
      name: part.name,
      result: /** @type {Result["result"]} */ (worst),
      tests: counted({
        tests: sum(({ report }) => report.tests),
        skipped: sum(({ report }) => report.skipped),
        slow: [],
        remarks: [],
      }),
      ms: sum((one) => one.ms),
      why: [...whys].join("; "),
    };
  });
  const colours = { passed: green, failed: red, "not run": yellow };
  const width = Math.max(...rows.map(({ name }) => name.length));
  say(`\n${bold("── summary")}`);
  for (const { name, result, tests, ms, why } of rows)
    say(
      `${name.padEnd(width)}  ${colours[result](result.padEnd(7))}  ${seconds(ms).padStart(9)}  ${tests}  ${why}`.trimEnd(),
    );
  for (const { job, report } of results)
    for (const { name, ms } of report.slow) say(dim(`slow: ${titleOf(job)}: ${name}  ${seconds(ms)}`));
  say(`${seconds(ms)} in all; what each process printed is in .edgegate/tests`);
}
