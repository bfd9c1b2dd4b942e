// What an earlier command left behind when it was killed without a chance to clean up (`kill -9`, a
// crash, a closed machine): its child processes and temporary directories. Each running command
// keeps a record in `.edgegate/running`; the next command ends what a record names if its owner is
// gone.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { execFileSync } from "node:child_process";
import { inState, makeState } from "./checkout.mjs";

/** @typedef {{ name: string, pid: number, identity: string }} Known */
/** @typedef {{ owner: Known, children: Known[], directories: string[] }} Running */

/** @type {Running | null} */
let record = null;

const folder = () => inState("running");
const recordFile = () => inState("running", `${process.pid}.json`);

function save() {
  if (record) writeFileSync(recordFile(), JSON.stringify(record), { mode: 0o600 });
}

/**
 * What distinguishes a process from a later one with the same id: when it began. Undefined if there
 * is none.
 * @param {number} pid
 */
function identityOf(pid) {
  try {
    if (process.platform === "linux") {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      const [state, startTime] = [fields[0], fields[19]]; // fields 3 and 22 of proc(5)
      return state === "Z" ? undefined : startTime;
    }
    return execFileSync("ps", ["-o", "lstart=", "-p", String(pid)], { encoding: "utf8" }).trim() || undefined;
  } catch {
    return undefined;
  }
}

/** @param {Known} known */
const isAlive = (known) => identityOf(known.pid) === known.identity;

/** Begins the record of this command. @param {string} command */
export function openRecord(command) {
  makeState();
  mkdirSync(folder(), { recursive: true });
  record = {
    owner: { name: command, pid: process.pid, identity: identityOf(process.pid) ?? "" },
    children: [],
    directories: [],
  };
  save();
}

/** Forgets the record and removes its temporary directories: everything it names has been ended. */
export function closeRecord() {
  if (!record) return;
  for (const directory of record.directories) rmSync(directory, { recursive: true, force: true });
  rmSync(recordFile(), { force: true });
  record = null;
}

/** @param {string} name @param {number} pid */
export function recordChild(name, pid) {
  if (!record) return;
  record.children.push({ name, pid, identity: identityOf(pid) ?? "" });
  save();
}

/** @param {number | undefined} pid */
export function forgetChild(pid) {
  if (!record) return;
  record.children = record.children.filter((child) => child.pid !== pid);
  save();
}

/** A directory to be removed when this command ends, however it ends. @param {string} directory */
export function recordDirectory(directory) {
  record?.directories.push(directory);
  save();
}

/** @param {Known} known @param {NodeJS.Signals} signal */
function signal(known, signal) {
  for (const target of [known.pid, -known.pid]) {
    try {
      process.kill(target, signal);
    } catch {
      // already gone, or not a group leader
    }
  }
}

/**
 * The records of the other commands of this checkout.
 * @returns {{ path: string, found: Running }[]}
 */
function otherRecords() {
  if (!existsSync(folder())) return [];
  return readdirSync(folder()).flatMap((file) => {
    const path = inState("running", file);
    try {
      const found = /** @type {Running} */ (JSON.parse(readFileSync(path, "utf8")));
      return found.owner.pid === process.pid ? [] : [{ path, found }];
    } catch {
      rmSync(path, { force: true }); // half-written when its owner was killed
      return [];
    }
  });
}

/** The commands that are at work in this checkout beside this one. */
export const otherCommands = () =>
  otherRecords()
    .map(({ found }) => found.owner)
    .filter(isAlive);

/**
 * Ends what killed commands left behind.
 * @returns {Promise<string[]>} the names of the programs that were ended
 */
export async function sweep() {
  /** @type {string[]} */
  const ended = [];
  for (const { path, found } of otherRecords()) {
    if (isAlive(found.owner)) continue;
    const left = found.children.filter(isAlive);
    for (const child of left) signal(child, "SIGINT"); // PostgreSQL's "fast" shutdown; the others end by it as well
    for (let tries = 0; tries < 50 && left.some(isAlive); tries++)
      await new Promise((resolve) => setTimeout(resolve, 100));
    for (const child of left) signal(child, "SIGKILL");
    for (const directory of found.directories) rmSync(directory, { recursive: true, force: true });
    rmSync(path, { force: true });
    ended.push(...left.map(({ name }) => name));
  }
  return ended;
}
