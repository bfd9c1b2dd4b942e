// Tests of dev/test_database.mjs and dev/migrate.mjs, on the server that `npm test` has started.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import pg from "pg";
import { inCheckout } from "./checkout.mjs";
import { delay } from "./processes.mjs";

const { TEST_DATABASE_URL = "", TEST_POSTGRES_LOG } = process.env;

/** @template T @param {string} database @param {(client: pg.Client) => Promise<T>} work */
async function connected(database, work) {
  const url = new URL(TEST_DATABASE_URL);
  if (database) url.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

test("the template has had every migration", async () => {
  const files = existsSync(inCheckout("migrations"))
    ? readdirSync(inCheckout("migrations")).filter((name) => name.endsWith(".sql"))
    : [];
  const { rows } = await connected("edgegate_template", (client) =>
    client.query("SELECT version FROM edgegate.schema_migrations ORDER BY version"),
  );
  assert.deepEqual(
    rows.map(({ version }) => version),
    files.map((name) => name.split("_")[0]).sort(),
  );
});

test("the server compares text by code point, in UTF-8, whatever this machine speaks", async () => {
  const { rows } = await connected("edgegate_template", (client) =>
    client.query(
      "SELECT pg_encoding_to_char(encoding) AS encoding, 'Z' < 'a' AS by_code_point, lower('Ä') AS lower FROM pg_database WHERE datname = current_database()",
    ),
  );
  assert.deepEqual(rows, [{ encoding: "UTF8", by_code_point: true, lower: "ä" }]);
});

test(
  "every statement is in the log",
  { skip: TEST_POSTGRES_LOG ? false : "the log of a server of one's own is not ours" },
  async () => {
    const mark = randomUUID();
    await connected("", (client) => client.query(`SELECT '${mark}'`));
    await connected("", (client) => client.query("SELECT $1::text", [mark]));
    const lines = () =>
      readFileSync(/** @type {string} */ (TEST_POSTGRES_LOG), "utf8")
        .split("\n")
        .filter((line) => line.includes(mark));
    for (let tries = 0; tries < 50 && lines().length < 2; tries++) await delay(20);
    assert.match(lines()[0], /statement: SELECT/);
    assert.equal(lines().length, 2); // the statement; and the parameter of the other, as its DETAIL
  },
);
