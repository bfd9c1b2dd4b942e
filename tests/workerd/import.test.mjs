// Moving house through the built Worker: `npm run admin -- import` of a file with hashes of every
// system, sign-in with each, and an export that another instance imports.

import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { ways } from "./database.mjs";
import { startWorld, USUAL_HASH } from "./harness.mjs";
import { HASHES, PASSWORD, startAdmin } from "./moving.mjs";

/** @param {Parameters<typeof startAdmin>} call */
const admin = (...call) => startAdmin(...call).ended;

describe("moving house", () => {
  const secret = randomBytes(32).toString("base64url");
  /** @type {Awaited<ReturnType<typeof startWorld>>} */
  let there;
  /** @type {Awaited<ReturnType<typeof startWorld>>} */
  let here;
  /** @type {string} */
  let directory;

  before(async () => {
    const settings = { AUTH_SECRET: secret, ...USUAL_HASH };
    there = await startWorld(ways[0], { settings });
    here = await startWorld(ways[1], { settings });
    directory = mkdtempSync(join(tmpdir(), "edgegate-import-"));
  });
  after(async () => {
    await there?.stop();
    await here?.stop();
    rmSync(directory, { recursive: true });
  });

  /** @param {typeof here} world */
  const rows = (world) =>
    world.database.rows(
      "SELECT id, email, password_hash, email_confirmed_at, created_at, banned_until, user_metadata, app_metadata, role, locale FROM edgegate.users ORDER BY id",
    );

  test("a file with hashes of every system is imported, and each lets its owner in", async () => {
    const file = join(directory, "users.jsonl");
    const lines = Object.entries(HASHES).map(([name, password_hash]) => ({
      email: `${name}@example.com`,
      email_confirm: true,
      password_hash,
      user_metadata: { name },
    }));
    assert.ok(lines.length > 20, `only ${lines.length} hashes`);
    const broken = [
      { email: "no address" },
      { email: "costly@example.com", password_hash: "$2b$20$abcdefghijklmnopqrstuu7EJV7kdjBBQxyb0HjTh9KS7.Lah/6CG" },
    ];
    writeFileSync(file, [...lines, ...broken].map((line) => `${JSON.stringify(line)}\n`).join(""));
    const made = await admin(
      ["key", "create", "--name", "moving", "--scope", "users:write", "--expires", "1d"],
      there.database.url,
    );
    const key = made.output.trimEnd().split("\n").at(-1) ?? "";
    const url = `${there.url}/auth/v1`;
    const { status, output } = await admin(["import", file, "--url", url], there.database.url, {
      EDGEGATE_API_KEY: key,
    });
    assert.equal(status, 1, output);
    assert.match(output, new RegExp(`Imported: ${lines.length}\\. .*Refused: 2`));
    assert.ok(!output.includes(key));
    const refused = readFileSync(`${file}.refused.jsonl`, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    assert.deepEqual(
      refused.map(({ line, code }) => [line, code]),
      [
        [lines.length + 1, "email_address_invalid"],
        [lines.length + 2, "password_hash_too_costly"],
      ],
    );
    for (const { email } of lines) {
      const client = there.client();
      assert.equal((await client.signIn(email, "another password")).json.error_code, "invalid_credentials", email);
      const { status, json, text } = await client.signIn(email, PASSWORD);
      assert.equal(status, 200, `${email}: ${text}`);
      assert.deepEqual(json.user.user_metadata, { name: email.split("@")[0] });
    }
    const kept = await there.database.rows(
      "SELECT email FROM edgegate.users WHERE password_hash NOT LIKE '$pbkdf2-sha512$i=%,k=%'",
    );
    assert.deepEqual(kept, [], "a hash was not replaced");
    const revoked = await admin(["key", "list"], there.database.url);
    assert.match(revoked.output, /moving +good +users:write +20.* UTC +20.* UTC/, "the key was not marked as used");
  });

  test("an export is imported elsewhere: the same accounts, and people sign in", async () => {
    await there.database.rows(
      "INSERT INTO edgegate.users (id, email, locale, created_at, updated_at, banned_until, user_metadata) VALUES (gen_random_uuid(), 'banned@example.com', 'ru', '2020-01-01', '2020-01-01', '2999-01-01', '{\"big\": 12345678901234567890}')",
    );
    const file = join(directory, "export.jsonl");
    const exported = await admin(["export", file], there.database.url);
    assert.equal(exported.status, 0, exported.output);
    const { status, output } = await admin(["import", file, "--url", `${here.url}/auth/v1`], here.database.url);
    assert.equal(status, 0, output);
    assert.deepEqual(await rows(here), await rows(there));
    assert.equal((await here.client().signIn("firebase@example.com", PASSWORD)).status, 200);
    const again = await admin(["import", file, "--restart", "--url", `${here.url}/auth/v1`], here.database.url);
    assert.match(again.output, /Imported: 0\. There already, left as they are: \d\d/);
    assert.equal(here.mailbox.messages.length, 0, "somebody was mailed");
  });
});
