// Tests of dev/functions.mjs: what becomes of a database whose functions are installed, installed
// again, changed, and wrong.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import pg from "pg";
import { Failure } from "./failure.mjs";
import { digest, installFunctions, readFiles } from "./functions.mjs";

const { TEST_DATABASE_URL = "" } = process.env;
const DATABASE = `edgegate_functions_${process.pid}`;

describe("functions", () => {
  const url = new URL(TEST_DATABASE_URL);
  url.pathname = `/${DATABASE}`;
  /** @type {pg.Client} */
  let server;
  /** @type {pg.Client} */
  let client;

  before(async () => {
    server = new pg.Client({ connectionString: TEST_DATABASE_URL });
    await server.connect();
    await server.query(`CREATE DATABASE ${DATABASE} TEMPLATE edgegate_template`);
    client = new pg.Client({ connectionString: url.href });
    await client.connect();
  });

  after(async () => {
    await client.end();
    await server.query(`DROP DATABASE ${DATABASE} WITH (FORCE)`);
    await server.end();
  });

  /** @param {string} text @param {string} [path] */
  const install = (text, path = "src/db/shared/answer.sql") =>
    installFunctions(url.href, [...readFiles(), { path, text }]);
  /** @param {string} sql */
  const value = async (sql) => Object.values((await client.query(sql)).rows[0])[0];
  const installs = async () =>
    (await client.query("SELECT digest FROM edgegate.function_installs ORDER BY id")).rows.map(({ digest }) => digest);
  /** Every function and trigger, with the row that holds it: replaced ones have another. */
  const catalogue = async () =>
    (
      await client.query(`
        SELECT p.oid::text, p.xmin::text, p.proname::text FROM pg_proc p WHERE p.pronamespace = 'edgegate'::regnamespace
        UNION ALL SELECT t.oid::text, t.xmin::text, t.tgname::text FROM pg_trigger t WHERE NOT t.tgisinternal
        ORDER BY 3, 1`)
    ).rows;

  test("what is there already is not installed again", async () => {
    const [before, noted] = [await catalogue(), await installs()];
    assert.deepEqual(noted, [digest(readFiles())]);
    assert.equal(await installFunctions(url.href), 0);
    assert.deepEqual([await catalogue(), await installs()], [before, noted]);
  });

  test("a changed file is installed, and noted beside what was there", async () => {
    const all = await install(
      "CREATE OR REPLACE FUNCTION edgegate.answer() RETURNS integer LANGUAGE sql AS 'SELECT 41'",
    );
    assert.equal(all, readFiles().length + 1);
    await install("CREATE OR REPLACE FUNCTION edgegate.answer() RETURNS integer LANGUAGE sql AS 'SELECT 42'");
    assert.equal(await value("SELECT edgegate.answer()"), 42);
    const noted = await installs();
    assert.deepEqual([noted.length, new Set(noted).size], [3, 3]);
  });

  test("going back to files of before is an install of its own", async () => {
    assert.equal(await installFunctions(url.href), readFiles().length);
    const noted = await installs();
    assert.equal(noted.at(-1), noted[0]);
  });

  for (const [what, before, after, call] of [
    ["another parameter name", "(a integer) RETURNS integer", "(b integer) RETURNS integer", "changed(b => 1)"],
    ["another type of the result", "(a integer) RETURNS integer", "(a integer) RETURNS text", "changed(1)"],
    ["a default that goes", "(a integer DEFAULT 1) RETURNS integer", "(a integer) RETURNS integer", "changed(1)"],
  ]) {
    test(`${what} takes the place of the old one`, async () => {
      const file = (/** @type {string} */ signature) =>
        `CREATE OR REPLACE FUNCTION edgegate.changed${signature} LANGUAGE sql AS 'SELECT 7'`;
      await client.query("DROP FUNCTION IF EXISTS edgegate.changed(integer)");
      await install(file(before));
      await install(file(after));
      assert.equal(await value(`SELECT ${`edgegate.${call}`}::text`), "7");
      assert.equal(await value("SELECT count(*)::integer FROM pg_proc WHERE proname = 'changed'"), 1);
    });
  }

  test("other types of the parameters are a function of their own, beside the old one", async () => {
    const file = (/** @type {string} */ type) =>
      `CREATE OR REPLACE FUNCTION edgegate.typed(a ${type}) RETURNS text LANGUAGE sql AS $$ SELECT '${type}' $$`;
    await install(file("integer"));
    await install(file("text"));
    assert.deepEqual(
      [await value("SELECT edgegate.typed(1)"), await value("SELECT edgegate.typed('1'::text)")],
      ["integer", "text"],
    );
  });

  for (const [what, text, expected] of /** @type {[string, string, RegExp][]} */ ([
    [
      "a syntax error",
      "-- Says nothing.\nCREATE FUNCTION edgegate.wrong() RETURNS\n    intege(r AS 'SELECT 1';",
      /^src\/db\/shared\/answer\.sql:3: syntax error at or near "AS" \(42601\)/,
    ],
    [
      "a body of plpgsql that does not parse",
      "CREATE OR REPLACE FUNCTION edgegate.wrong() RETURNS integer\nLANGUAGE plpgsql AS $$\nBEGIN\n    RETRUN 1;\nEND $$;",
      /^src\/db\/shared\/answer\.sql:4: syntax error at or near "RETRUN" \(42601\)/,
    ],
    [
      "a body of SQL that asks for a column that there is not",
      "CREATE OR REPLACE FUNCTION edgegate.wrong() RETURNS text\nLANGUAGE sql AS $$\n    SELECT u.nonsense FROM edgegate.users u\n$$;",
      /^src\/db\/shared\/answer\.sql:3: column u\.nonsense does not exist \(42703\)/,
    ],
  ])) {
    test(`${what} is named with its file and line, and changes nothing`, async () => {
      const before = [await catalogue(), await installs()];
      await assert.rejects(install(text), (error) => {
        assert.ok(error instanceof Failure, String(error));
        assert.match(error.message, expected);
        return true;
      });
      assert.deepEqual([await catalogue(), await installs()], before);
    });
  }

  test("a function may call one of a later file", async () => {
    const early = { path: "src/db/account/a.sql", text: "CREATE OR REPLACE FUNCTION edgegate.a() RETURNS integer LANGUAGE sql AS 'SELECT edgegate.b()'" }; // prettier-ignore
    const late = { path: "src/db/shared/b.sql", text: "CREATE OR REPLACE FUNCTION edgegate.b() RETURNS integer LANGUAGE sql AS 'SELECT 3'" }; // prettier-ignore
    await installFunctions(url.href, [early, ...readFiles(), late]);
    assert.equal(await value("SELECT edgegate.a()"), 3);
  });

  test("two at once install once", async () => {
    await Promise.all([installFunctions(url.href), installFunctions(url.href)]);
    const noted = await installs();
    assert.deepEqual(
      noted.filter((one, index) => one === noted[index - 1]),
      [],
    );
  });
});
