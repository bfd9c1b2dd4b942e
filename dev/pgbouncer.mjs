// PgBouncer in transaction mode, the strict stand-in for Hyperdrive in the tests: a connection of
// the server is lent for one transaction only, so whatever relies on a session breaks here as it
// would at the edge.

import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hasApt, installCommand, installDebianPackages } from "./apt.mjs";
import { isRoot } from "./checkout.mjs";
import { answers } from "./cluster.mjs";
import { Failure } from "./failure.mjs";
import { recordDirectory } from "./orphans.mjs";
import { freePort } from "./ports.mjs";
import { delay, start } from "./processes.mjs";
import { ask } from "./rust.mjs";
import { giveToServer, serverUser } from "./server_user.mjs";

/** Debian puts it where ordinary users' PATH does not reach. */
const places = [
  ...(process.env.PATH ?? "").split(":"),
  "/usr/sbin",
  "/usr/local/sbin",
  "/usr/local/bin",
  "/opt/homebrew/bin",
];
const find = () => places.map((place) => join(place, "pgbouncer")).find((file) => existsSync(file));
const START_MS = 10_000;

/**
 * Installs it if we may.
 * @returns {Promise<string | undefined>} the command that a person has to run first
 */
export async function providePgbouncer() {
  if (find()) return undefined;
  if (isRoot && hasApt()) await installDebianPackages(["pgbouncer"], "the tests behind PgBouncer");
  if (find()) return undefined;
  return hasApt() ? installCommand(["pgbouncer"]) : "install pgbouncer";
}

/**
 * Starts it in front of a server, for every database of it.
 * @param {string} serverUrl a URL with user, password and database
 * @returns {Promise<string>} the same URL, through PgBouncer
 */
export async function startPgbouncer(serverUrl) {
  const program = find();
  if (!program) throw new Failure("PgBouncer is missing");
  const server = new URL(serverUrl);
  const [user, password] = [server.username, server.password].map(decodeURIComponent);
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), "edgegate-pgbouncer-"));
  recordDirectory(directory);
  const users = join(directory, "users.txt");
  const settings = join(directory, "pgbouncer.ini");
  // In plain text: it needs the password itself, to log in to the server.
  writeFileSync(users, `"${user}" "${password.replaceAll('"', '""')}"\n`, { mode: 0o600 });
  writeFileSync(
    settings,
    `[databases]
* = host=${server.hostname} port=${server.port || 5432}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${port}
unix_socket_dir =
auth_type = scram-sha-256
auth_file = ${users}
pool_mode = transaction
default_pool_size = 20
max_client_conn = 1000
${knowsPreparedStatements(program) ? "max_prepared_statements = 0\n" : ""}`,
    { mode: 0o600 },
  );
  for (const path of [directory, users, settings]) giveToServer(path);
  const service = start("pgbouncer", program, [settings], { ...serverUser(), cwd: "/" });
  const url = new URL(serverUrl);
  url.hostname = "127.0.0.1";
  url.port = String(port);
  const deadline = Date.now() + START_MS;
  while (!(await answers(url.href))) {
    if (Date.now() > deadline) throw new Failure("PgBouncer does not answer", service.lines);
    await delay(50);
  }
  return url.href;
}

/**
 * Before 1.21 it could not keep prepared statements across transactions, and did not know the
 * setting.
 * @param {string} program
 */
function knowsPreparedStatements(program) {
  const [major, minor] = (ask(program, ["--version"])?.match(/(\d+)\.(\d+)/) ?? []).slice(1).map(Number);
  return major > 1 || (major === 1 && minor >= 21);
}
