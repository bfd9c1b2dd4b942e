// Tests of the command dev/admin.mjs as it is run, with a server in the Worker's place that does to
// imports what a test wants: fail, hang, refuse lines. What the Worker itself accepts is
// tested in tests/endpoints/admin/import_users.rs, and both together in
// tests/workerd/import.test.mjs.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, afterEach, before, beforeEach, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { inCheckout } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import { importUsers } from "./import_users.mjs";

const { TEST_DATABASE_URL = "" } = process.env;

/** @param {string} url @param {string} sql @param {unknown[]} [values] @returns {Promise<any[]>} */
async function query(url, sql, values) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client
    .query(sql, values)
    .then(({ rows }) => rows)
    .finally(() => client.end());
}

/** @type {string} */
let directory;
before(() => (directory = mkdtempSync(join(tmpdir(), "edgegate-admin-"))));
after(() => rmSync(directory, { recursive: true }));

/** A new file in the directory of these tests. @param {string} content @param {string} [ending] */
function fileOf(content, ending = "jsonl") {
  const path = join(directory, `${randomBytes(6).toString("hex")}.${ending}`);
  writeFileSync(path, content);
  return path;
}

/** @param {number} count @param {(n: number) => object} [of] */
const users = (count, of = (n) => ({ email: `user${n}@example.com` })) =>
  fileOf(Array.from({ length: count }, (_, n) => `${JSON.stringify(of(n + 1))}\n`).join(""));

describe("npm run admin", () => {
  /** @type {string} */
  let url;
  /** @type {string} */
  let name;

  beforeEach(async () => {
    name = `edgegate_admin_${randomBytes(6).toString("hex")}`;
    await query(TEST_DATABASE_URL, `CREATE DATABASE ${name} TEMPLATE edgegate_template`);
    const own = new URL(TEST_DATABASE_URL);
    own.pathname = `/${name}`;
    url = own.href;
  });
  afterEach(() => query(TEST_DATABASE_URL, `DROP DATABASE ${name} WITH (FORCE)`));

  /**
   * @param {string[]} args
   * @param {Record<string, string>} [environment]
   * @returns {Promise<{ status: number, stdout: string, stderr: string }>}
   */
  function run(args, environment = {}) {
    const program = `
      const { main } = await import(${JSON.stringify(pathToFileURL(inCheckout("dev", "admin.mjs")).href)});
      process.exitCode = await main(${JSON.stringify(args)}, { database: async () => ({ url: process.env.ADMIN_DATABASE }) }).catch((error) => {
        console.error(error.name === "Failure" ? error.message : error);
        return error.name === "Failure" ? 1 : 2;
      });`;
    const { EDGEGATE_API_KEY: _, ...inherited } = process.env;
    const env = { ...inherited, ADMIN_DATABASE: url, ...environment };
    return new Promise((resolve) => {
      const child = execFile(
        process.execPath,
        ["--input-type=module", "--eval", program],
        { env },
        (_, stdout, stderr) => {
          resolve({ status: child.exitCode ?? -1, stdout, stderr });
        },
      );
    });
  }

  /** @param {string[]} args */
  async function succeeds(...args) {
    const { status, stdout, stderr } = await run(args);
    assert.equal(status, 0, stderr);
    return stdout;
  }

  /** Fails with a sentence. @param {RegExp} expected @param {string[]} args */
  async function fails(expected, ...args) {
    const { status, stderr } = await run(args);
    assert.equal(status, 1, stderr);
    assert.match(stderr, expected);
  }

  const keys = () =>
    query(
      url,
      "SELECT id, name, encode(key_digest, 'hex') AS digest, scopes, expires_at - created_at AS life, revoked_at FROM edgegate.api_keys ORDER BY name",
    );

  test("makes a key that is shown once and stored as its digest", async () => {
    const printed = await succeeds(
      "key",
      "create",
      "--name",
      "nightly",
      "--scope",
      "users:read",
      "--scope",
      "audit:read",
      "--scope",
      "users:read",
      "--expires",
      "90d",
    );
    const key = printed.trimEnd().split("\n").at(-1) ?? "";
    assert.match(key, /^edgegate_[\w-]{43}$/);
    const [row] = await keys();
    assert.deepEqual(
      [row.name, row.scopes, row.life.days, row.digest],
      ["nightly", ["users:read", "audit:read"], 90, createHash("sha256").update(key).digest("hex")],
    );
    await succeeds("key", "create", "--name", "other", "--scope", "links:write");
    assert.equal((await keys())[1].life, null);
    const listed = await succeeds("key", "list");
    assert.ok(!listed.includes(key) && !listed.includes(row.digest));
    assert.match(
      listed,
      new RegExp(`^${row.id}  nightly  good +users:read audit:read +20.* UTC  - +20.* UTC  -$`, "m"),
    );
  });

  test("revokes a key", async () => {
    await succeeds("key", "create", "--name", "nightly", "--scope", "users:read");
    const [{ id }] = await keys();
    assert.match(await succeeds("key", "revoke", id), /^Revoked: nightly, since 20/);
    const [{ revoked_at }] = await keys();
    await succeeds("key", "revoke", id);
    assert.deepEqual((await keys())[0].revoked_at, revoked_at, "the time stays that of the first");
    assert.match(await succeeds("key", "list"), /nightly  revoked/);
  });

  test("refuses what it does not understand, and changes nothing", async () => {
    for (const [expected, ...args] of /** @type {[RegExp, ...string[]][]} */ ([
      [/say what to do/],
      [/say what to do/, "key"],
      [/say what to do/, "key", "forge"],
      [/--name NAME/, "key", "create", "--scope", "users:read"],
      [/one --scope or several/, "key", "create", "--name", "x"],
      [/one --scope or several/, "key", "create", "--name", "x", "--scope", "everything"],
      [/12h, 90d/, "key", "create", "--name", "x", "--scope", "users:read", "--expires", "soon"],
      [/12h, 90d/, "key", "create", "--name", "x", "--scope", "users:read", "--expires", "0d"],
      [/not understood/, "key", "list", "more"],
      [/not understood/, "key", "revoke"],
      [/no id of a key/, "key", "revoke", "edgegate_AAAA"],
      [/there is no key/, "key", "revoke", "0b5f6cf2-5a0e-4b5e-9a53-6c5b8a7f9d01"],
      [/not understood/, "import"],
      [/there is no file/, "import", "/nowhere/users.jsonl"],
      [/no reader for cognito/, "import", inCheckout("package.json"), "--from", "cognito"],
      [/must be https/, "import", inCheckout("package.json"), "--url", "http://auth.example.com/auth/v1"],
      [/takes the address/, "import", inCheckout("package.json"), "--url", "auth.example.com"],
      [
        /EDGEGATE_API_KEY is not set/,
        "import",
        inCheckout("package.json"),
        "--url",
        "https://auth.example.com/auth/v1",
      ],
      [/not understood/, "export"],
    ])) {
      await fails(expected, ...args);
    }
    assert.deepEqual(await keys(), []);
  });

  test("a key that was typed in the place of its id is not repeated", async () => {
    const { stderr } = await run(["key", "revoke", "edgegate_secret"]);
    assert.doesNotMatch(stderr, /edgegate_secret/);
  });

  test("imports by a key of its own where none is given, which is revoked afterwards, and says what was refused", async () => {
    const worker = await startFake(({ users }) => answer(users, users.length > 2 ? { 2: "email_exists" } : {}));
    const file = users(4);
    const { status, stdout, stderr } = await run(["import", file, "--url", worker.url]);
    assert.equal(status, 1, stderr);
    assert.match(stdout, /Imported: 3\. .*Refused: 1\n/);
    assert.deepEqual(JSON.parse(readFileSync(`${file}.refused.jsonl`, "utf8")), {
      line: 3,
      code: "email_exists",
      reason: "because",
    });
    const [{ scopes, revoked_at, digest }] = await keys();
    assert.deepEqual([scopes, revoked_at !== null], [["users:write"], true]);
    assert.equal(createHash("sha256").update(worker.calls[0].key).digest("hex"), digest);
    const again = await run(["import", users(1), "--url", worker.url], { EDGEGATE_API_KEY: "edgegate_mine" });
    assert.equal(again.status, 0, again.stderr);
    assert.equal(worker.calls.at(-1)?.key, "edgegate_mine");
    assert.ok(![stdout, stderr, again.stdout].join("").includes("edgegate_"), "a key was printed");
    await worker.close();
  });

  test("exports what an import takes, and nothing that cannot move", async () => {
    await query(
      url,
      `INSERT INTO edgegate.users (id, email, password_hash, email_confirmed_at, user_metadata, locale, created_at, updated_at, is_anonymous, role, banned_until)
       SELECT gen_random_uuid(), CASE WHEN n > 1 THEN 'user' || n || '@example.com' END, CASE WHEN n > 1 THEN '$2b$04$hash' END, '2024-01-01 10:00:00.123456+02', jsonb_build_object('n', n, 'null', null, 'big', 12345678901234567890), 'en', '2024-01-01', '2024-01-01', n = 1, 'authenticated', NULL
       FROM generate_series(1, 4500) AS n`,
    );
    const file = join(directory, "export.jsonl");
    assert.match(await succeeds("export", file), /Exported: 4499\. Left out: 1 anonymous, 0 deleted\./);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    assert.equal(lines.length, 4499);
    const one = JSON.parse(lines[0]);
    assert.deepEqual(Object.keys(one).sort(), [
      "app_metadata",
      "created_at",
      "email",
      "email_confirmed_at",
      "id",
      "locale",
      "password_hash",
      "role",
      "updated_at",
      "user_metadata",
    ]);
    assert.deepEqual([one.email_confirmed_at, one.user_metadata.null], ["2024-01-01T08:00:00.123456+00:00", null]);
    assert.ok(lines[0].includes("12345678901234567890"), "a number lost digits");
    assert.ok(!existsSync(`${file}.part`));
    await fails(/is there already/, "export", file);
  });

  test("says what to do about a database without the tables", async () => {
    await query(url, "DROP SCHEMA edgegate CASCADE");
    await fails(/npm run migrate/, "key", "list");
    await fails(/npm run migrate/, "export", join(directory, "none.jsonl"));
    assert.ok(!existsSync(join(directory, "none.jsonl")));
  });
});

// ── What an import does about a Worker that is slow, gone or picky ──

/**
 * As the Worker answers.
 * @param {any[]} users
 * @param {Record<number, string>} [refused] codes by index
 * @param {number} [unchanged]
 */
const answer = (users, refused = {}, unchanged = 0) => ({
  status: 200,
  body: {
    imported: users.length - Object.keys(refused).length - unchanged,
    unchanged,
    refused: Object.entries(refused).map(([index, code]) => ({ index: Number(index), code, reason: "because" })),
  },
});

/**
 * @typedef {{ status: number, body?: any, headers?: Record<string, string>, cut?: boolean }} Reply
 */

/**
 * A server in the Worker's place.
 * @param {(body: { users: any[] }, call: number) => Reply | Promise<Reply>} reply
 */
async function startFake(reply) {
  /** @type {{ key: string, users: any[], bytes: number, atOnce: number }[]} */
  const calls = [];
  let open = 0;
  const server = createServer(async (request, response) => {
    const chunks = [];
    for await (const chunk of request) chunks.push(chunk);
    const text = Buffer.concat(chunks).toString("utf8");
    const body = JSON.parse(text);
    calls.push({
      key: request.headers.authorization?.replace("Bearer ", "") ?? "",
      users: body.users,
      bytes: Buffer.byteLength(text),
      atOnce: ++open,
    });
    const { status, body: answered, headers = {}, cut } = await reply(body, calls.length);
    open--;
    if (cut) return request.socket.destroy();
    response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(answered ?? {}));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}/auth/v1`,
    calls,
    close: () => (server.closeAllConnections(), new Promise((resolve) => server.close(resolve))),
  };
}

describe("an import", () => {
  /** @type {(body: { users: any[] }, call: number) => Reply | Promise<Reply>} */
  let reply;
  /** @type {Awaited<ReturnType<typeof startFake>>} */
  let worker;
  beforeEach(async () => (worker = await startFake((body, call) => reply(body, call))));
  afterEach(() => worker.close());

  /**
   * An import that is answered like this; the calls are counted anew.
   * @param {string} file
   * @param {typeof reply} replies
   * @param {{ restart?: boolean }} [more]
   */
  function imported(file, replies, more = {}) {
    reply = replies;
    worker.calls.length = 0;
    return importUsers({ file, from: "jsonl", url: worker.url, key: "edgegate_key", firstWait: 1, ...more });
  }

  /** @param {string} file */
  const refusals = (file) =>
    existsSync(`${file}.refused.jsonl`)
      ? readFileSync(`${file}.refused.jsonl`, "utf8")
          .trimEnd()
          .split("\n")
          .map((line) => JSON.parse(line))
      : [];

  test("sends 500 lines in a call, several calls at once, every line once", async () => {
    const file = users(2600);
    const state = await imported(
      file,
      async ({ users }) => (await new Promise((resolve) => setTimeout(resolve, 20)), answer(users)),
    );
    assert.deepEqual([state.imported, state.records, state.finished], [2600, 2600, true]);
    assert.deepEqual(worker.calls.map(({ users }) => users.length).sort(), [100, 500, 500, 500, 500, 500]);
    assert.equal(new Set(worker.calls.flatMap(({ users }) => users.map(({ email }) => email))).size, 2600);
    const most = Math.max(...worker.calls.map(({ atOnce }) => atOnce));
    assert.ok(most > 1 && most <= 4, `${most} at once`);
    assert.deepEqual(refusals(file), []);
  });

  test("keeps each call below 1 MiB", async () => {
    const state = await imported(
      users(600, (n) => ({ email: `user${n}@example.com`, user_metadata: { a: "é".repeat(4000) } })),
      ({ users }) => answer(users),
    );
    assert.equal(state.imported, 600);
    assert.ok(worker.calls.every(({ bytes }) => bytes <= 1024 * 1024));
  });

  test("tries again what fails on the way, and nothing twice that was answered", async () => {
    const replies = [
      { status: 503, headers: { "retry-after": "0" } },
      { status: 429 },
      { status: 0, cut: true },
      { status: 500 },
      { status: 504 },
    ];
    const state = await imported(users(1200), ({ users }, call) => replies[call - 1] ?? answer(users));
    assert.deepEqual([state.imported, state.refused], [1200, 0]);
    assert.equal(worker.calls.length, 3 + replies.length);
  });

  test("gives up what keeps failing, and goes on from there when it is run again", async () => {
    const file = users(3000);
    const broken = imported(file, ({ users }) =>
      users.some(({ email }) => email === "user1234@example.com")
        ? { status: 503 }
        : answer(users, { 0: "email_exists" }),
    );
    await assert.rejects(
      broken,
      (error) =>
        error instanceof Failure &&
        /answers 503, after 10 tries; 1000 records are done, and the same command goes on from there/.test(
          error.message,
        ),
    );
    const sent = worker.calls.flatMap(({ users }) => users);
    const state = await imported(file, ({ users }) => answer(users, { 0: "email_exists" }));
    const again = worker.calls.flatMap(({ users }) => users);
    assert.deepEqual([state.records, state.imported, state.refused], [3000, 2994, 6]);
    assert.deepEqual(
      refusals(file).map(({ line }) => line),
      [1, 501, 1001, 1501, 2001, 2501],
    );
    assert.equal(again.length, 2000);
    const ids = new Map(sent.map(({ email, id }) => [email, id]));
    assert.ok(
      again.every(({ email, id }) => !ids.has(email) || ids.get(email) === id),
      "a line that was sent before has another id now",
    );
  });

  test("does nothing when it is run again after its end, until told to begin anew", async () => {
    const file = users(10);
    await imported(file, ({ users }) => answer(users, { 3: "id_exists" }));
    const state = await imported(file, ({ users }) => answer(users));
    assert.deepEqual([worker.calls.length, state.imported, state.refused], [0, 9, 1]);
    const anew = await imported(file, ({ users }) => answer(users, {}, 10), { restart: true });
    assert.deepEqual([worker.calls.length, anew.imported, anew.unchanged, anew.refused], [1, 0, 10, 0]);
    assert.deepEqual(refusals(file), []);
  });

  test("does not go on with another file, or to another place", async () => {
    const file = users(10);
    await imported(file, ({ users }) => answer(users));
    await assert.rejects(
      importUsers({ file, from: "jsonl", url: "http://127.0.0.1:1/auth/v1", key: "x" }),
      /of another import \(url differs\): --restart/,
    );
    writeFileSync(file, '{"email":"else@example.com"}\n');
    await assert.rejects(
      importUsers({ file, from: "jsonl", url: worker.url, key: "x" }),
      /of another import \(fingerprint differs\)/,
    );
  });

  test("finds the line that spoils a call, and imports the others", async () => {
    const deep = `{"email":"deep@example.com","user_metadata":${'{"a":'.repeat(200)}1${"}".repeat(200)}}`;
    const file = fileOf(
      `${[...Array.from({ length: 20 }, (_, n) => `{"email":"user${n}@example.com"}`), deep, '{"email":"last@example.com"}'].join("\n")}\n`,
    );
    const spoils = (/** @type {any[]} */ users) => users.some(({ email }) => email.startsWith("deep"));
    const state = await imported(file, ({ users }) =>
      spoils(users)
        ? { status: 400, body: { code: "bad_json", message: "Could not parse request body as JSON" } }
        : answer(users),
    );
    assert.deepEqual([state.imported, state.refused], [21, 1]);
    assert.deepEqual(refusals(file), [{ line: 21, code: "bad_json", reason: "Could not parse request body as JSON" }]);
  });

  test("reports lines that are no accounts in the order of the file, without a call", async () => {
    const file = fileOf(
      [
        '{"email":"a@example.com"}',
        "not json",
        '{"email":"b@example.com"}',
        `{"email":"${"x".repeat(1024 * 1024)}"}`,
        '"text"',
      ].join("\n"),
    );
    const state = await imported(file, ({ users }) => answer(users, { 1: "email_exists" }));
    assert.deepEqual([state.records, state.imported, state.refused], [5, 1, 4]);
    assert.deepEqual(
      refusals(file).map(({ line, code }) => [line, code]),
      [
        [2, "bad_json"],
        [3, "email_exists"],
        [4, "request_entity_too_large"],
        [5, "bad_json"],
      ],
    );
    assert.equal(worker.calls.length, 1);
  });

  for (const [status, code, expected] of /** @type {const} */ ([
    [401, "invalid_api_key", /the key is refused \(invalid_api_key\)/],
    [403, "not_admin", /--scope users:write/],
    [404, "not_found", /answers 404 not_found: is the URL right\?/],
    [302, "", /answers 302: is the URL right\?/],
  ])) {
    test(`stops at once at a ${status}`, async () => {
      await assert.rejects(
        imported(users(10), () => ({
          status,
          body: { code },
          headers: { location: "https://elsewhere.example.com/" },
        })),
        expected,
      );
      assert.equal(worker.calls.length, 1);
    });
  }

  test("stops at an answer that is not edgegate's", async () => {
    await assert.rejects(
      imported(users(10), () => ({ status: 200, body: { ok: true } })),
      /does not answer like edgegate/,
    );
  });

  test("never writes a hash or an address into the file of refused lines", async () => {
    const file = users(3, (n) => ({ email: `user${n}@example.com`, password_hash: "$2b$04$secret" }));
    await imported(file, ({ users }) => answer(users, { 0: "email_exists", 2: "password_hash_invalid" }));
    assert.doesNotMatch(
      readFileSync(`${file}.refused.jsonl`, "utf8") + readFileSync(`${file}.progress.json`, "utf8"),
      /secret|@/,
    );
    assert.equal(statSync(`${file}.refused.jsonl`).mode & 0o077, 0);
  });

  test("an empty file is done at once", async () => {
    const state = await imported(fileOf(""), ({ users }) => answer(users));
    assert.deepEqual([state.records, state.finished, worker.calls.length], [0, true, 0]);
  });
});
