// Child processes: run one to its end, or keep one running as a service. None of them outlives this
// process: each has its own process group, and every group is ended before we leave
// (dev/orphans.mjs is for the case that we are killed).

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { Failure } from "./failure.mjs";
import { recordChild, forgetChild } from "./orphans.mjs";
import { detail, dim, output, say } from "./progress.mjs";

/**
 * How many of a child's first and last lines are kept, to be shown if it fails: some say the cause
 * first, some last.
 */
const HEAD_LINES = 15;
const TAIL_LINES = 60;
/**
 * How long a child may take to end after being asked to, before it is killed, unless it says
 * otherwise. Milliseconds.
 */
const GRACE_MS = 8000;
/** How long what it started may take after it has ended itself. Milliseconds. */
const GROUP_GRACE_MS = 2000;

/**
 * @typedef {object} Options
 * @property {string} [cwd]
 * @property {NodeJS.ProcessEnv} [env] the whole environment; default: ours
 * @property {number} [uid] run as this user (we must be root)
 * @property {number} [gid]
 * @property {"capture" | "inherit" | number} [output] capture lines, pass through, or write to an
 *   open file
 * @property {(line: string) => void} [onLine] called for each captured line
 * @property {NodeJS.Signals} [stopSignal] what asks this program to end; default SIGTERM
 * @property {number} [graceMs] how long it may take to end before it is killed
 * @property {number} [timeoutMs] for `run`: end it after this long
 */

/** @typedef {{ code: number | null, signal: NodeJS.Signals | null }} Ending */

/** @type {Set<Service>} */
const alive = new Set();

/** A running child process. */
export class Service {
  /**
   * @param {string} name
   * @param {string} command
   * @param {string[]} args
   * @param {Options} options
   */
  constructor(name, command, args, options) {
    this.name = name;
    this.stopSignal = options.stopSignal ?? "SIGTERM";
    this.graceMs = options.graceMs ?? GRACE_MS;
    /** True once we asked it to end, so that its end is no accident. */
    this.stopping = false;
    /** @type {string[]} */
    this.lines = [];
    this.onLine = options.onLine;
    const out = options.output ?? "capture";
    const stdio = out === "capture" ? "pipe" : out;
    this.child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env,
      uid: options.uid,
      gid: options.gid,
      detached: true, // its own process group: Ctrl-C reaches only us, and we end them in order
      stdio: ["ignore", stdio, stdio],
    });
    /** @type {Promise<Ending>} */
    this.ended = new Promise((resolve, reject) => {
      this.child.once("error", (error) => {
        alive.delete(this);
        const missing = /** @type {NodeJS.ErrnoException} */ (error).code === "ENOENT";
        reject(missing ? new Failure(`\`${command}\` was not found: install it or put it on the PATH`) : error);
      });
      const closed = new Promise((resolve) => this.child.once("close", resolve));
      this.child.once("exit", async (code, signal) => {
        await this.endGroup(); // what it started ends with it, however it came to its end
        await Promise.race([closed, delay(1000)]); // its last lines are still coming
        alive.delete(this);
        forgetChild(this.child.pid);
        resolve({ code, signal });
      });
    });
    this.ended.catch(() => {}); // whoever awaits it sees the error; nobody has to
    for (const stream of [this.child.stdout, this.child.stderr]) {
      if (stream) createInterface({ input: stream }).on("line", (line) => this.take(line));
    }
    alive.add(this);
    if (this.child.pid) recordChild(this.name, this.child.pid);
  }

  /** @param {string} line */
  take(line) {
    this.lines.push(line);
    if (this.lines.length > HEAD_LINES + TAIL_LINES) this.lines.splice(HEAD_LINES, 2, "[…]");
    if (output.verbose) say(`${dim(`${this.name} |`)} ${line}`);
    else if (line.trim()) detail(line);
    this.onLine?.(line);
  }

  /** Ends it: asks the program itself, which ends its own children in order; then kills it. */
  async stop() {
    this.stopping = true;
    if (this.child.exitCode === null && this.child.signalCode === null) this.child.kill(this.stopSignal);
    const timer = setTimeout(() => this.signalGroup("SIGKILL"), this.graceMs);
    await this.ended.catch(() => {}).finally(() => clearTimeout(timer));
  }

  async endGroup() {
    this.signalGroup("SIGTERM");
    for (const deadline = Date.now() + GROUP_GRACE_MS; Date.now() < deadline && this.signalGroup(0);) await delay(50);
    this.signalGroup("SIGKILL");
  }

  /** @param {NodeJS.Signals | 0} signal @returns {boolean} whether there was anybody to get it */
  signalGroup(signal) {
    try {
      return Boolean(this.child.pid) && process.kill(-(/** @type {number} */ (this.child.pid)), signal);
    } catch {
      return false;
    }
  }

  /** Fails when the program ends though nobody asked it to. @returns {Promise<never>} */
  async accident() {
    const { code, signal } = await this.ended;
    if (this.stopping) return new Promise(() => {});
    throw new Failure(
      `${this.name} ended by itself (${signal ?? `exit code ${code}`}): see above, then try again`,
      this.lines,
    );
  }
}

/** @param {number} milliseconds */
export const delay = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * Starts a program that goes on running.
 * @param {string} name @param {string} command @param {string[]} args @param {Options} [options]
 */
export const start = (name, command, args, options = {}) => new Service(name, command, args, options);

/**
 * Runs a program to its end and returns what it printed (its first and last lines).
 * @param {string} command @param {string[]} args
 * @param {Options & { name?: string, failure?: string }} [options] `failure`: the line to show when
 *   it fails
 */
export async function run(command, args, options = {}) {
  const name = options.name ?? command.split("/").at(-1) ?? command;
  const service = new Service(name, command, args, options);
  let timedOut = false;
  const timer = options.timeoutMs
    ? setTimeout(() => {
        timedOut = true;
        void service.stop();
      }, options.timeoutMs)
    : undefined;
  const { code, signal } = await service.ended.finally(() => clearTimeout(timer));
  if (code === 0) return service.lines;
  // We are being stopped, and that is why it ended: whoever stops us also says so. Never settles.
  if (service.stopping && !timedOut) return new Promise(() => {});
  const how = timedOut
    ? `took longer than ${(options.timeoutMs ?? 0) / 1000} s`
    : signal
      ? `was ended by ${signal}`
      : `failed (exit code ${code})`;
  throw new Failure(options.failure ?? `\`${[name, ...args].join(" ")}\` ${how}`, service.lines);
}

/** Ends all children, the youngest first. */
export async function stopAll() {
  for (const service of [...alive].reverse()) await service.stop();
}
