// The entry of every npm script: `node dev/run.mjs <command> [arguments]`. It runs on any Node from
// 20 on and needs no package: it installs them (dev/install.mjs), goes on under the pinned Node,
// and then runs dev/<command>.mjs.
//
//     start         everything that development needs, until Ctrl-C
//     test          every part of the tests of a day, or some of it
//     test_nightly  what takes too long for a day: `npm run test:nightly`
//     build         the Worker, into build/
//     migrate       the database to the newest migration
//     database      PostgreSQL alone, migrated, until Ctrl-C
//     deploy        the Worker to Cloudflare
//     bench         what the Worker costs, beside an empty one
//     keys          the keys that sign access tokens: makes, replaces
//     admin         keys of the admin API; imports, exports accounts
//     mail          the mail queue: what waits, failed, is blocked
//     soak          many sign-ups while everything fails at random
//     mail_preview  every mail and page in the browser: `npm run mail:preview`

import { spawn } from "node:child_process";
import { readFileSync, realpathSync } from "node:fs";
import { constants } from "node:os";
import { Failure } from "./failure.mjs";
import { installPackages, pinnedNode } from "./install.mjs";
import { closeRecord, openRecord, sweep } from "./orphans.mjs";
import { stopAll } from "./processes.mjs";
import { dim, output, red, say } from "./progress.mjs";

const commands = [
  "start",
  "test",
  "test_nightly",
  "build",
  "migrate",
  "database",
  "deploy",
  "bench",
  "keys",
  "admin",
  "mail",
  "mail_preview",
  "soak",
];
/**
 * These run until they are stopped, so a stop is their good end; npm would report any other exit
 * code as an error.
 */
const endless = ["start", "database", "mail_preview"];
/** @type {NodeJS.Signals[]} */
const stopSignals = ["SIGINT", "SIGTERM", "SIGHUP"];
/** How often we look whether npm is still there. Milliseconds. */
const ORPHAN_CHECK_MS = 500;
/** The oldest Node that can run this file and npm's installation. */
const OLDEST_NODE = 20;

let leaving = false;

/** Ends everything we started, then ourselves. @param {number} code */
async function leave(code) {
  if (leaving) return;
  leaving = true;
  await stopAll();
  closeRecord();
  process.exit(code);
}

/** @param {unknown} error */
function explain(error) {
  if (!(error instanceof Failure)) {
    console.error(error);
    return;
  }
  if (!output.verbose) for (const line of error.output) say(dim(`  | ${line}`));
  say(`${red("edgegate:")} ${error.message}`);
}

/**
 * npm does not always pass a signal on, nor can it when it is killed: when it is gone, nobody waits
 * for us any more.
 */
function stopWhenOrphaned() {
  if (!process.env.npm_lifecycle_event) return; // not started by npm: may be meant to go on alone, as with nohup
  const ancestors = () => `${process.ppid} ${parentOf(process.ppid)}`; // a shell, and npm
  const first = ancestors();
  setInterval(() => ancestors() !== first && void leave(1), ORPHAN_CHECK_MS).unref();
}

/** The parent of a process, where the system tells cheaply. @param {number} pid */
function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]; // field 4 of proc(5)
  } catch {
    return undefined;
  }
}

/** Goes on under the pinned Node, passing signals on. @param {string} node */
function continueUnder(node) {
  const child = spawn(node, process.argv.slice(1), { stdio: "inherit" });
  for (const signal of stopSignals) {
    process.removeAllListeners(signal);
    process.on(signal, () => child.kill(signal)); // Ctrl-C reaches it twice then, which does no harm
  }
  child.on("exit", (code) => process.exit(code ?? 1));
}

async function main() {
  const [command, ...rest] = process.argv.slice(2);
  const args = rest.filter((argument) => argument !== "--verbose");
  output.verbose = args.length < rest.length;
  if (Number(process.versions.node.split(".")[0]) < OLDEST_NODE) {
    throw new Failure(`Node ${process.versions.node} is too old: install Node ${OLDEST_NODE} or newer`);
  }
  if (!commands.includes(command)) throw new Failure(`say what to run: node dev/run.mjs ${commands.join("|")}`);
  for (const signal of stopSignals) {
    process.on(signal, () => {
      if (!leaving) say(`\n${dim("Stopping …")}`);
      void leave(endless.includes(command) ? 0 : 128 + constants.signals[signal]);
    });
  }
  for (const stream of [process.stdout, process.stderr]) stream.on("error", () => void leave(1)); // whoever read it is gone
  stopWhenOrphaned();
  openRecord(command);
  await installPackages();
  const node = pinnedNode();
  if (node && realpathSync(node) !== process.execPath) {
    closeRecord();
    return continueUnder(node);
  }
  const ended = await sweep();
  if (ended.length) say(dim(`  ended what an earlier run left behind: ${ended.join(", ")}`));
  const { main } = await import(`./${command}.mjs`);
  await leave((await main(args)) ?? 0);
}

main().catch(async (error) => {
  if (!leaving) explain(error); // what fails while everything is being stopped fails because of that
  await leave(1);
});
