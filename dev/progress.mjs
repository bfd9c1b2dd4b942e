// What the person at the terminal sees while something takes long: one line with everything that is
// under way and its seconds on a terminal, plain lines elsewhere, and always the duration at the
// end.

import { AsyncLocalStorage } from "node:async_hooks";

const frames = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const isTerminal = Boolean(process.stdout.isTTY) && process.env.TERM !== "dumb";
const useColour = isTerminal && !process.env.NO_COLOR;

/** @param {number} code @param {string} text */
const colour = (code, text) => (useColour ? `\x1b[${code}m${text}\x1b[0m` : text);
export const bold = (/** @type {string} */ text) => colour(1, text);
export const dim = (/** @type {string} */ text) => colour(2, text);
export const red = (/** @type {string} */ text) => colour(31, text);
export const green = (/** @type {string} */ text) => colour(32, text);
export const yellow = (/** @type {string} */ text) => colour(33, text);

/** Set by `--verbose`: the output of every child process is shown as it comes. */
export const output = { verbose: false };

/**
 * A started step prints its name only after this long: most steps are over before. Milliseconds.
 */
const QUIET_MS = 1000;
/** How often a step that goes on is named again where there is no terminal. Milliseconds. */
const REMINDER_MS = 60_000;
const FRAME_MS = 100;

/** @typedef {{ title: string, started: number, detail: string }} Step */

/** The steps that are under way, the oldest first. @type {Set<Step>} */
const underWay = new Set();
/** The step that a piece of code runs in. @type {AsyncLocalStorage<Step>} */
const surrounding = new AsyncLocalStorage();
/** @type {NodeJS.Timeout | undefined} */
let ticking;
let frame = 0;
let remindedAt = 0;

/** @param {number} milliseconds */
export const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

/** Titles and seconds of what is under way, in one line. */
const titles = () =>
  [...underWay].map(({ title, started }) => `${title} ${Math.floor((Date.now() - started) / 1000)} s`).join(" · ");

function tick() {
  if (isTerminal) return drawLine();
  if (Date.now() - remindedAt < REMINDER_MS) return;
  remindedAt = Date.now();
  say(`… ${titles()}`);
}

function drawLine() {
  const columns = process.stdout.columns || 80;
  const head = `${frames[frame++ % frames.length]} ${titles()}  `.slice(0, columns - 1);
  const [first] = underWay;
  const details = underWay.size === 1 ? first.detail : "";
  process.stdout.write(`\r\x1b[2K${head}${dim(details.slice(0, Math.max(0, columns - head.length - 1)))}`);
}

function clearLine() {
  if (isTerminal && underWay.size > 0) process.stdout.write("\r\x1b[2K");
}

/** @param {Step} step */
function begin(step) {
  underWay.add(step);
  if (ticking) return;
  remindedAt = Date.now();
  ticking = setInterval(tick, FRAME_MS);
  ticking.unref();
}

/** @param {Step} step */
function end(step) {
  clearLine();
  underWay.delete(step);
  if (underWay.size > 0) return;
  clearInterval(ticking);
  ticking = undefined;
}

/** Prints a line without tearing the one that is drawn. @param {string} [line] */
export function say(line = "") {
  clearLine();
  process.stdout.write(`${line}\n`);
}

/**
 * Says what the surrounding step is just doing, which is shown if it is the only one.
 * @param {string} line
 */
export function detail(line) {
  const step = surrounding.getStore();
  if (step) step.detail = line.replace(/\x1b\[[0-9;]*m/g, "").trim();
}

/** How far something has come, as a bar. @param {number} fraction from 0 to 1 */
export function bar(fraction, width = 20) {
  const full = Math.round(Math.min(Math.max(fraction, 0), 1) * width);
  return "█".repeat(full) + "░".repeat(width - full);
}

/**
 * Runs `work` as a step that is shown while it lasts; several may go on side by side.
 * @template T
 * @param {string} title what is being done, e.g. "Building the Worker"
 * @param {() => Promise<T>} work
 * @param {(result: T) => { succeeded: boolean, remark: string }} [judge] what became of it, if that
 *   is not told by an error
 * @returns {Promise<T>}
 */
export async function step(title, work, judge = () => ({ succeeded: true, remark: "" })) {
  if (surrounding.getStore()) return work(); // a step inside of a step belongs to the outer one
  const it = { title, started: Date.now(), detail: "" };
  begin(it);
  const announcement = isTerminal ? undefined : setTimeout(() => say(`… ${title}`), QUIET_MS);
  let outcome = { succeeded: false, remark: "" };
  try {
    const result = await surrounding.run(it, work);
    outcome = judge(result);
    return result;
  } finally {
    clearTimeout(announcement);
    end(it);
    const { succeeded, remark } = outcome;
    const took = dim(seconds(Date.now() - it.started));
    say(`${succeeded ? green("✓") : red("✗")} ${title}  ${remark && `${remark}  `}${took}`);
  }
}
