// Tests of the command dev/mail.mjs as it is run, and through it of dev/mail_queue.mjs, each on a
// database of its own.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { randomBytes, randomUUID } from "node:crypto";
import { afterEach, beforeEach, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import pg from "pg";
import { inCheckout } from "./checkout.mjs";
import { masked } from "./mail_queue.mjs";

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

describe("npm run mail", () => {
  /** @type {string} */
  let url;
  /** @type {string} */
  let name;

  beforeEach(async () => {
    name = `edgegate_mail_${randomBytes(6).toString("hex")}`;
    await query(TEST_DATABASE_URL, `CREATE DATABASE ${name} TEMPLATE edgegate_template`);
    const own = new URL(TEST_DATABASE_URL);
    own.pathname = `/${name}`;
    url = own.href;
  });
  afterEach(() => query(TEST_DATABASE_URL, `DROP DATABASE ${name} WITH (FORCE)`));

  /**
   * @param {string[]} args
   * @returns {Promise<{ status: number, stdout: string, stderr: string }>}
   */
  function run(...args) {
    const program = `
      const { main } = await import(${JSON.stringify(pathToFileURL(inCheckout("dev", "mail.mjs")).href)});
      await main(${JSON.stringify(args)}, { database: async () => ({ url: process.env.MAIL_DATABASE }) }).catch((error) => {
        console.error(error.name === "Failure" ? error.message : error);
        process.exitCode = error.name === "Failure" ? 1 : 2;
      });`;
    const env = { ...process.env, MAIL_DATABASE: url };
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
    const { status, stdout, stderr } = await run(...args);
    assert.equal(status, 0, stderr);
    return stdout;
  }

  /** Fails with a sentence. @param {RegExp} expected @param {string[]} args */
  async function fails(expected, ...args) {
    const { status, stdout, stderr } = await run(...args);
    assert.equal(status, 1, stderr);
    assert.match(stderr, expected);
    assert.equal(stdout, "");
  }

  /**
   * @typedef {{ state?: "waits" | "failed" | "sent", to?: string, kind?: string, error?: string |
   *   null, text?: boolean, link?: string, failed?: string, queued?: string, user?: string }} Row
   */

  /**
   * An account of its own, as no mail's address is kept once its account is gone.
   * @returns {Promise<string>}
   */
  async function account() {
    const [{ id }] = await query(
      url,
      "INSERT INTO edgegate.users (id, email, locale, created_at, updated_at) VALUES (gen_random_uuid(), gen_random_uuid() || '@example.net', 'en', now(), now()) RETURNING id",
    );
    return id;
  }

  /** A row of the queue. Intervals count from now. @param {Row} row */
  async function mail({
    state = "failed",
    to = "ada@example.com",
    kind = "recovery",
    error = "422 validation_error",
    text = true,
    link = "1 hour",
    failed = "-1 minute",
    queued = "-5 minutes",
    user,
  } = {}) {
    const id = randomUUID();
    await query(
      url,
      `INSERT INTO edgegate.outbox (id, user_id, kind, locale, recipient, sealed, created_at, expires_at, attempts, next_attempt_at, last_error, sent_at, failed_at)
       VALUES ($1, $2, $3, 'en', $4, $5, now() + $6::interval, now() + $7::interval, 3,
         CASE WHEN $8 = 'waits' THEN now() + interval '1 minute' END, $9,
         CASE WHEN $8 = 'sent' THEN now() END, CASE WHEN $8 = 'failed' THEN now() + $10::interval END)`,
      [
        id,
        user ?? (await account()),
        kind,
        to,
        text ? Buffer.from("sealed secret") : null,
        queued,
        link,
        state,
        error,
        failed,
      ],
    );
    return id;
  }

  /** @param {string} address */
  const suppress = (address) =>
    query(
      url,
      "INSERT INTO edgegate.mail_suppressions (email_key, reason, provider, happened_at, created_at) VALUES ($1, 'bounced', 'resend', '2026-11-20 08:00Z', now())",
      [address],
    );

  /** Which are due now. @returns {Promise<string[]>} */
  const due = async () =>
    (
      await query(
        url,
        "SELECT id FROM edgegate.outbox WHERE failed_at IS NULL AND next_attempt_at <= now() ORDER BY id",
      )
    ).map(({ id }) => id);

  test("lists what waits and what failed, oldest first, without addresses, texts or what was sent", async () => {
    assert.match(await succeeds("list"), /^Nothing waits/);
    const failed = await mail({ queued: "-2 hours" });
    const waiting = await mail({ state: "waits", to: "grace@example.org", error: null });
    await mail({ state: "sent", to: "sent@example.com" });
    const lines = (await succeeds("list")).trim().split("\n");
    assert.equal(lines.length, 3);
    assert.match(
      lines[1],
      new RegExp(`^${failed}  failed  recovery  a…@example.com +3 +422 validation_error  given up 20`),
    );
    assert.match(lines[2], new RegExp(`^${waiting}  waits   recovery  g…@example.org +3 +due 20`));
  });

  test("shows one mail, and never its text", async () => {
    const id = await mail();
    const shown = await succeeds("show", id);
    for (const line of [
      /^recipient +a…@example\.com$/m,
      /^state +failed, given up/m,
      /^last error +422 validation_error$/m,
      /^text +sealed$/m,
    ])
      assert.match(shown, line);
    assert.ok(!shown.includes("ada@") && !shown.includes("secret"));
    assert.match(await succeeds("show", await mail({ text: false })), /^text +wiped$/m);
  });

  test("queues one mail again, once", async () => {
    const id = await mail();
    const other = await mail();
    assert.match(await succeeds("requeue", id), /^Queued again: 1\./);
    assert.deepEqual(await due(), [id]);
    assert.match(await succeeds("requeue", id), /^Queued again: 0\nLeft: 1, waiting already/);
    assert.match(await succeeds("show", other), /^state +failed/m);
  });

  test("queues all that failed again, and says why some are left", async () => {
    const user = await account();
    await suppress("grace@example.com");
    const good = [await mail(), await mail({ to: "Bob@example.com", error: null })];
    await mail({ link: "-1 second" });
    await mail({ text: false });
    await mail({ to: "Grace@example.com" });
    const replaced = { user, to: "eve@example.com" };
    await mail({ ...replaced, queued: "-10 minutes" });
    good.push(await mail({ ...replaced, queued: "-2 minutes" }));
    good.push(
      await mail({ ...replaced, queued: "-10 minutes", kind: "new_device" }),
      await mail({ ...replaced, queued: "-2 minutes", kind: "new_device" }),
    );
    await mail({ state: "sent" });
    await mail({ state: "waits" });
    const lines = (await succeeds("requeue", "--failed")).trim().split("\n");
    assert.match(lines[0], /^Queued again: 5\./);
    assert.deepEqual(
      lines.slice(1).sort(),
      ["a newer link has replaced it", "the address is suppressed", "the link has died", "the text is gone"].map(
        (why) => `Left: 1, ${why}`,
      ),
    );
    assert.deepEqual(await due(), good.sort());
  });

  test("queues again only what failed lately, or for the reason that is named", async () => {
    const old = await mail({ failed: "-3 hours", error: "403 validation_error" });
    const recent = await mail({ failed: "-1 hour", error: "422 validation_error" });
    const other = await mail({ failed: "-1 hour", error: "403 Domain_Error" });
    assert.match(await succeeds("requeue", "--failed", "--since", "2h", "--error", "domain"), /Queued again: 1\./);
    assert.deepEqual(await due(), [other]);
    assert.match(await succeeds("requeue", "--failed", "--since", "90m"), /Queued again: 1\./);
    assert.deepEqual(await due(), [other, recent].sort());
    assert.match(await succeeds("requeue", "--failed", "--error", "100%"), /Queued again: 0\n/);
    assert.match(await succeeds("requeue", "--failed", "--since", "1d"), /Queued again: 1\./);
    assert.deepEqual(await due(), [old, other, recent].sort());
  });

  test("says that the provider wants to be left alone", async () => {
    const id = await mail();
    assert.doesNotMatch(await succeeds("list"), /left alone/);
    await query(url, "UPDATE edgegate.mail_pause SET paused_until = now() + interval '10 minutes'");
    assert.match(await succeeds("requeue", id), /left alone until 20.* UTC: nothing is sent before/);
  });

  test("lists suppressed addresses, and allows one again", async () => {
    assert.match(await succeeds("suppressions"), /^No address/);
    await suppress("ada@example.com");
    await suppress("grace@example.com");
    assert.match(await succeeds("suppressions"), /^ada@example\.com +bounced +resend +2026-11-20 08:00:00 UTC$/m);
    const id = await mail({ error: "suppressed: bounced" });
    assert.match(await succeeds("requeue", id), /Left: 1, the address is suppressed/);
    assert.match(
      await succeeds("allow", "Ada@Example.com"),
      /^Allowed again: a…@example\.com, which was suppressed since 2026-11-20 08:00:00 UTC \(bounced, told by resend\)/,
    );
    assert.deepEqual(await query(url, "SELECT email_key FROM edgegate.mail_suppressions"), [
      { email_key: "grace@example.com" },
    ]);
    await succeeds("requeue", "--failed", "--error", "suppressed");
    assert.deepEqual(await due(), [id]);
    await fails(/not suppressed/, "allow", "ada@example.com");
  });

  test("refuses what it does not understand, and changes nothing", async () => {
    await mail();
    const id = randomUUID();
    for (const [expected, ...args] of /** @type {[RegExp, ...string[]][]} */ ([
      [/say what to do/],
      [/say what to do/, "constructor"],
      [/npm run mail -- list$/m, "list", "more"],
      [/npm run mail -- requeue ID, or/, "requeue"],
      [/not understood/, "requeue", id, "--failed"],
      [/not understood/, "requeue", id, "--since", "2h"],
      [/not understood/, "requeue", "--since", "2h"],
      [/not understood/, "requeue", "--failed", "--error", ""],
      [/not understood/, "requeue", "--failed", "--all"],
      [/30m, 2h, 1d/, "requeue", "--failed", "--since", "soon"],
      [/no id of a mail/, "requeue", "everything"],
      [/no id of a mail/, "show", "'; DROP TABLE edgegate.outbox"],
      [/there is no mail/, "show", id],
      [/there is no mail/, "requeue", id],
      [/not understood/, "allow", "nobody"],
    ])) {
      await fails(expected, ...args);
    }
    assert.deepEqual(await due(), []);
  });

  test("says what to do about a database without the tables", async () => {
    await query(url, "DROP SCHEMA edgegate CASCADE");
    await fails(/npm run migrate/, "list");
  });
});

test("a masked address keeps its first character and its domain", () => {
  assert.deepEqual(
    ["ada@example.com", "a@b.c", "éva@example.com", '"a@b"@example.com', "@example.com", "nonsense"].map(masked),
    ["a…@example.com", "a…@b.c", "é…@example.com", '"…@example.com', "…", "…"],
  );
});
