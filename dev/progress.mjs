// What the person at the terminal sees while something takes long: a spinner with the elapsed
// seconds on a terminal, plain lines elsewhere, and always the duration at the end.

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

/** @type {{ title: string, started: number, detail: string, frame: number } | null} */
let current = null;

/** @param {number} milliseconds */
export const seconds = (milliseconds) => `${(milliseconds / 1000).toFixed(1)} s`;

function drawSpinner() {
  if (!current) return;
  const elapsed = Math.floor((Date.now() - current.started) / 1000);
  const head = `${frames[current.frame++ % frames.length]} ${current.title} ${elapsed} s  `;
  const room = Math.max(0, (process.stdout.columns || 80) - head.length - 1);
  process.stdout.write(`\r\x1b[2K${head}${dim(current.detail.slice(0, room))}`);
}

function clearSpinner() {
  if (isTerminal && current) process.stdout.write("\r\x1b[2K");
}

/** Prints a line without tearing the spinner. @param {string} [line] */
export function say(line = "") {
  clearSpinner();
  process.stdout.write(`${line}\n`);
}

/** Says what the running step is just doing, behind the spinner. @param {string} line */
export function detail(line) {
  if (current) current.detail = line.replace(/\x1b\[[0-9;]*m/g, "").trim();
}

/** How far something has come, as a bar. @param {number} fraction from 0 to 1 */
export function bar(fraction, width = 20) {
  const full = Math.round(Math.min(Math.max(fraction, 0), 1) * width);
  return "█".repeat(full) + "░".repeat(width - full);
}

/**
 * Runs `work` as a step that is shown while it lasts. Steps are taken one after the other, so there
 * is one line.
 * @template T
 * @param {string} title what is being done, e.g. "Building the Worker"
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  if (current) return work(); // a step inside of a step belongs to the outer one
  current = { title, started: Date.now(), detail: "", frame: 0 };
  const spinner = isTerminal ? setInterval(drawSpinner, 100) : null;
  const announcement = isTerminal ? null : setTimeout(() => say(`… ${title}`), QUIET_MS);
  const { started } = current;
  let succeeded = false;
  try {
    const result = await work();
    succeeded = true;
    return result;
  } finally {
    if (spinner) clearInterval(spinner);
    if (announcement) clearTimeout(announcement);
    clearSpinner();
    current = null;
    const took = dim(seconds(Date.now() - started));
    say(`${succeeded ? green("✓") : red("✗")} ${title}  ${took}`);
  }
}
