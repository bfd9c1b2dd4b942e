// The functions of the database: every .sql file of src/db, one function each, installed by
// `npm run migrate` after the migrations. docs/database.md says how they change.

import { createHash } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import pg from "pg";
import { inCheckout } from "./checkout.mjs";
import { Failure } from "./failure.mjs";

/** Drops what the release before still needed, so it comes after everything else. */
const RETIRED = "src/db/shared/retired.sql";
/** Triggers need their functions. */
const TRIGGERS = "src/db/shared/triggers.sql";

/** Whoever waits longer for a table holds up everybody who writes to it. */
const LOCK_TIMEOUT = "10s";

/** Another parameter name, default or type of the result: PostgreSQL replaces no such function. */
const CANNOT_REPLACE = "42P13";
const LOCK_NOT_AVAILABLE = "55P03";

/**
 * @typedef {{ path: string, text: string }} File
 */

/** Every file, in the order of the paths. @returns {File[]} */
export const readFiles = () =>
  globSync("src/db/**/*.sql", { cwd: inCheckout() })
    .map((path) => path.replaceAll("\\", "/"))
    .filter((path) => !path.split("/").some((name) => name.startsWith("."))) // what editors leave
    .sort()
    .map((path) => ({ path, text: readFileSync(inCheckout(path), "utf8") }));

/**
 * Tells one state of all files from another. build.rs computes the same and compiles it in, so that
 * a Worker knows whether the database has its functions.
 * @param {File[]} files
 */
export function digest(files) {
  const hash = createHash("sha256");
  for (const { path, text } of files) hash.update(`${path}\0${text}\0`);
  return hash.digest("hex");
}

/**
 * Installs the functions, all of them or none, unless the database has just these.
 * @param {string} url a direct connection to a migrated database
 * @param {File[]} [files]
 * @returns {Promise<number>} how many files were applied
 */
export async function installFunctions(url, files = readFiles()) {
  const client = new pg.Client({ connectionString: url, application_name: "edgegate-migrate" });
  client.on("error", () => {}); // what is awaited then fails as well
  await client.connect();
  try {
    await client.query("BEGIN");
    // One at a time: two at once would replace the same functions. Reading stays possible.
    await client.query("LOCK TABLE edgegate.function_installs IN EXCLUSIVE MODE");
    const current = digest(files);
    const { rows } = await client.query("SELECT digest FROM edgegate.function_installs ORDER BY id DESC LIMIT 1");
    if (rows[0]?.digest === current) return 0;
    await client.query(`SET LOCAL lock_timeout = '${LOCK_TIMEOUT}'`);
    // A function may call one of a later file, so the bodies are looked at once all are there.
    const functions = files.filter(({ path }) => path !== TRIGGERS && path !== RETIRED);
    const others = [TRIGGERS, RETIRED].flatMap((name) => files.filter(({ path }) => path === name));
    await client.query("SET LOCAL check_function_bodies = off");
    for (const file of functions) await apply(client, file);
    await client.query("SET LOCAL check_function_bodies = on");
    for (const file of [...functions, ...others]) await apply(client, file);
    await client.query("INSERT INTO edgegate.function_installs (digest) VALUES ($1)", [current]);
    await client.query("COMMIT");
    return files.length;
  } finally {
    await client.end(); // rolls back what is not committed
  }
}

/** @param {pg.Client} client @param {File} file */
async function apply(client, file) {
  await client.query("SAVEPOINT file");
  try {
    await client.query(file.text);
  } catch (error) {
    await client.query("ROLLBACK TO SAVEPOINT file");
    const old = replaced(error);
    if (!old) throw failure(file, error);
    try {
      await client.query(`DROP FUNCTION ${old}`);
      await client.query(file.text);
    } catch (error) {
      throw failure(file, error);
    }
  }
  await client.query("RELEASE SAVEPOINT file");
}

/**
 * The function that has to be dropped first, with the types of its parameters, as PostgreSQL's hint
 * names it in any language.
 * @param {unknown} error
 */
function replaced(error) {
  const { code, hint } = /** @type {pg.DatabaseError} */ (error);
  return code === CANNOT_REPLACE ? /DROP FUNCTION (.*\))/.exec(hint ?? "")?.[1] : undefined;
}

/** @param {File} file @param {unknown} error */
function failure({ path, text }, error) {
  if (!(error instanceof pg.DatabaseError)) return error;
  if (error.code === LOCK_NOT_AVAILABLE)
    return new Failure(`${path}: a table was in use for ${LOCK_TIMEOUT}; nothing was changed: run it again`);
  const line = error.position ? `:${text.slice(0, Number(error.position)).split("\n").length}` : "";
  const more = [error.detail, error.hint, error.where].filter((one) => one !== undefined);
  return new Failure(`${path}${line}: ${error.message} (${error.code}); nothing was changed`, more);
}
