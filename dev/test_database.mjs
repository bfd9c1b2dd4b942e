// The database server of the tests: a throw-away PostgreSQL that logs every statement, or the one
// that DATABASE_URL names; with a migrated database `edgegate_template`, from which each test makes
// its own.

import { mkdirSync, mkdtempSync, openSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { createCluster, startCluster } from "./cluster.mjs";
import { recordDirectory } from "./orphans.mjs";
import { migrate } from "./migrate.mjs";
import { freePort } from "./ports.mjs";
import { postgresBinaries, postgresMajor } from "./postgres_binaries.mjs";
import { step } from "./progress.mjs";
import { giveToServer } from "./server_user.mjs";

const TEMPLATE = "edgegate_template";

/** Nothing here has to survive a crash, and every statement is evidence. */
const settings = {
  max_connections: "300",
  fsync: "off",
  full_page_writes: "off",
  synchronous_commit: "off",
  log_statement: "all",
  log_connections: "on",
  log_line_prefix: "%m [%p] %q%u@%d/%a ", // Debian's: time, process, user@database/application
  log_min_messages: "warning",
};

/**
 * @typedef {object} TestDatabase
 * @property {string} url of the superuser
 * @property {string | undefined} log the file with every statement; unknown for a server of one's
 *   own
 */

/** @param {string} [major] version of PostgreSQL @returns {Promise<TestDatabase>} */
export async function startTestDatabase(major = postgresMajor()) {
  const { DATABASE_URL } = process.env;
  const server = DATABASE_URL ? { url: DATABASE_URL, log: undefined } : await startThrowAway(major);
  await makeTemplate(server.url);
  return server;
}

/** @param {string} major @returns {Promise<TestDatabase>} */
const startThrowAway = (major) =>
  step(`Starting a PostgreSQL ${major} for the tests`, async () => {
    const binaries = await postgresBinaries(major);
    const directory = mkdtempSync(join(tmpdir(), "edgegate-test-"));
    recordDirectory(directory);
    const parent = join(directory, "server"); // the log stays ours, the data become the server's
    mkdirSync(parent);
    giveToServer(directory);
    giveToServer(parent);
    const data = join(parent, "data");
    const password = randomBytes(18).toString("base64url");
    await createCluster({ binaries, data, password, flags: ["--no-sync"] });
    const port = await freePort();
    const url = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres?sslmode=disable`;
    const log = join(directory, "statements.log");
    await startCluster({ name: "test postgres", binaries, data, port, url, settings, log: openSync(log, "a", 0o600) });
    return { url, log };
  });

/** @param {string} url */
async function makeTemplate(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(`DROP DATABASE IF EXISTS ${TEMPLATE}`);
  await client.query(`CREATE DATABASE ${TEMPLATE}`);
  await client.end();
  const template = new URL(url);
  template.pathname = `/${TEMPLATE}`;
  await migrate(template.href);
}
