// The development database: an embedded PostgreSQL on port 5488 whose data stays in
// `.edgegate/postgres`, or the one that DATABASE_URL names.

import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  renameSync,
  statSync,
  symlinkSync,
} from "node:fs";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { inState, isRoot, makeState } from "./checkout.mjs";
import { answers, createCluster, runningServer, runOffline, startCluster, stopStrayServer } from "./cluster.mjs";
import { Failure } from "./failure.mjs";
import { requireFreePort } from "./ports.mjs";
import { postgresBinaries, postgresMajor } from "./postgres_binaries.mjs";
import { step } from "./progress.mjs";
import { giveToServer } from "./server_user.mjs";

/** wrangler.toml names it as well. */
const PORT = 5488;
const EMBEDDED_URL = `postgresql://edgegate:edgegate@127.0.0.1:${PORT}/edgegate?sslmode=disable`;
/** Where root keeps data: PostgreSQL's user may be unable to enter the checkout. */
const dataOfRoot = "/var/lib/edgegate";

/**
 * @typedef {object} Database
 * @property {string} url
 * @property {import("./processes.mjs").Service} [service] the server, if we started it
 */

/**
 * The database, running.
 * @param {{ exclusive?: boolean }} [options] `exclusive`: a running embedded server is a leftover,
 *   so it is started anew
 * @returns {Promise<Database>}
 */
export async function startDatabase({ exclusive = false } = {}) {
  const own = process.env.DATABASE_URL;
  if (own) {
    if (!(await answers(own)))
      throw new Failure(
        "the database in DATABASE_URL does not answer: start it, or unset DATABASE_URL to use the embedded one",
      );
    return { url: own };
  }
  const major = postgresMajor();
  return step(`Starting PostgreSQL ${major}`, async () => {
    const binaries = await postgresBinaries();
    const data = join(dataParent(), major);
    if (!existsSync(data)) await create(binaries, data);
    if (!exclusive && runningServer(data) && (await answers(EMBEDDED_URL))) return { url: EMBEDDED_URL };
    await stopStrayServer(data);
    await requireFreePort(PORT, "PostgreSQL");
    const service = await startCluster({ name: "postgres", binaries, data, port: PORT, url: EMBEDDED_URL });
    return { url: EMBEDDED_URL, service };
  });
}

/**
 * The directory that holds one data directory for each major version; its owner is the server's
 * user.
 */
function dataParent() {
  makeState();
  const parent = inState("postgres");
  if (!lstatSync(parent, { throwIfNoEntry: false })) {
    if (isRoot) {
      mkdirSync(dataOfRoot, { recursive: true, mode: 0o755 });
      const directory = mkdtempSync(join(dataOfRoot, "checkout-"));
      giveToServer(directory);
      symlinkSync(directory, parent);
    } else {
      mkdirSync(parent, { mode: 0o700 });
    }
  }
  const found = statSync(parent, { throwIfNoEntry: false });
  if (!found)
    throw new Failure("`.edgegate/postgres` points to data that is not there any more: remove it and try again");
  if (!isRoot && found.uid !== process.getuid?.())
    throw new Failure("`.edgegate/postgres` belongs to another user: work as that user, or remove it");
  return realpathSync(parent); // the server's user cannot follow a link in `.edgegate`
}

/** @param {string} binaries @param {string} data */
async function create(binaries, data) {
  const making = `${data}.making`;
  // Nobody needs the superuser of this cluster again: its password is forgotten at once.
  await createCluster({ binaries, data: making, password: randomBytes(24).toString("base64url") });
  await runOffline({ binaries, data: making }, [
    "CREATE ROLE edgegate LOGIN PASSWORD 'edgegate'",
    "CREATE DATABASE edgegate OWNER edgegate",
  ]);
  renameSync(making, data); // the directory has its name only when it is whole
}
