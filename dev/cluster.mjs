// One PostgreSQL cluster in a directory of ours: make it, start it, find out whether it runs. The
// development database (dev/postgres.mjs) and the one for tests (dev/test_database.mjs) are two of
// these.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { Failure } from "./failure.mjs";
import { delay, run, start } from "./processes.mjs";
import { ask } from "./rust.mjs";
import { giveToServer, serverUser } from "./server_user.mjs";

/** How long a server may take until it answers, recovery after a crash included. Milliseconds. */
const START_MS = 60_000;
/** How long it may take to write everything out when stopped. Milliseconds. */
const STOP_MS = 30_000;

/** Neither the person's locale nor settings of another PostgreSQL (PGHOST, PGDATA …) get in. */
const serverEnvironment = { PATH: process.env.PATH, LC_ALL: "C", TZ: "UTC" };
/** Every Linux has C.UTF-8; sorting by code point is the same on every machine and needs no ICU. */
const locale = process.platform === "linux" ? "C.UTF-8" : "C";

/**
 * Makes a cluster whose superuser is `postgres`.
 * @param {{ binaries: string, data: string, password: string, flags?: string[] }} options `data`:
 *   in a directory that the server's user may write
 */
export async function createCluster({ binaries, data, password, flags = [] }) {
  const passwordFile = `${data}.password`;
  rmSync(data, { recursive: true, force: true });
  mkdirSync(data, { mode: 0o700 });
  giveToServer(data);
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  giveToServer(passwordFile);
  try {
    await run(
      join(binaries, "initdb"),
      [
        `--pgdata=${data}`,
        "--username=postgres",
        `--pwfile=${passwordFile}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        `--locale=${locale}`,
        ...flags,
      ],
      { ...serverUser(), cwd: "/", env: serverEnvironment, failure: "PostgreSQL's initdb failed: see above" },
    );
  } finally {
    rmSync(passwordFile, { force: true });
  }
}

/**
 * Runs SQL in a cluster that is not started: no password, no port. One statement a line.
 * @param {{ binaries: string, data: string }} cluster @param {string[]} statements
 */
export async function runOffline({ binaries, data }, statements) {
  const input = `${data}.sql`;
  writeFileSync(input, `${statements.join("\n")}\n`, { mode: 0o600 });
  giveToServer(input);
  try {
    await run(
      "/bin/sh",
      ["-c", 'exec "$1" --single -D "$2" postgres < "$3"', "sh", join(binaries, "postgres"), data, input],
      {
        ...serverUser(),
        name: "postgres",
        cwd: "/",
        env: serverEnvironment,
      },
    );
  } finally {
    rmSync(input, { force: true });
  }
}

/**
 * Starts a cluster and waits until it answers.
 * @param {{ name: string, binaries: string, data: string, port: number, url: string, settings?:
 *   Record<string, string>, log?: number }} options `url`: a database in it to try; `log`: an open
 *   file for the server's log
 */
export async function startCluster({ name, binaries, data, port, url, settings = {}, log }) {
  const all = { listen_addresses: "127.0.0.1", port: String(port), unix_socket_directories: "", ...settings };
  const flags = Object.entries(all).flatMap(([setting, value]) => ["-c", `${setting}=${value}`]);
  const service = start(name, join(binaries, "postgres"), ["-D", data, ...flags], {
    ...serverUser(),
    cwd: "/",
    env: serverEnvironment,
    output: log ?? "capture",
    stopSignal: "SIGINT", // PostgreSQL's "fast" shutdown
    graceMs: STOP_MS,
  });
  let ended = false;
  service.ended.finally(() => (ended = true)).catch(() => {});
  const deadline = Date.now() + START_MS;
  while (!(await answers(url))) {
    if (ended) throw new Failure("PostgreSQL did not start: see above", service.lines);
    if (Date.now() > deadline)
      throw new Failure(`PostgreSQL does not answer after ${START_MS / 1000} s`, service.lines);
    await delay(100);
  }
  return service;
}

/**
 * The process id of the server that runs on this data directory, if one does.
 * @param {string} data
 */
export function runningServer(data) {
  const file = join(data, "postmaster.pid");
  if (!existsSync(file)) return undefined;
  const pid = Number(readFileSync(file, "utf8").split("\n")[0]);
  const name = process.platform === "linux" ? commandOf(pid) : ask("ps", ["-o", "comm=", "-p", String(pid)]);
  if (name?.split("/").at(-1)?.startsWith("postgres")) return pid;
  // Left by a server that was killed. PostgreSQL would see that too, unless the id belongs to
  // another program by now.
  rmSync(file, { force: true });
  return undefined;
}

/** @param {number} pid */
function commandOf(pid) {
  try {
    return readFileSync(`/proc/${pid}/comm`, "utf8").trim();
  } catch {
    return undefined;
  }
}

/** Stops a server that is not our child, and waits for its end. @param {string} data */
export async function stopStrayServer(data) {
  const pid = runningServer(data);
  if (!pid) return;
  process.kill(pid, "SIGINT");
  for (const deadline = Date.now() + STOP_MS; Date.now() < deadline; await delay(100)) if (!runningServer(data)) return;
  throw new Failure(`a PostgreSQL left over from an earlier run does not stop: end process ${pid} and try again`);
}

/** True if the database accepts this URL. @param {string} url */
export async function answers(url) {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on("error", () => {}); // a broken connection also rejects what is awaited below
  try {
    await client.connect();
    await client.query("SELECT 1");
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => {});
  }
}
