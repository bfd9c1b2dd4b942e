// A whole house moved in: a million lines (IMPORT_LINES) with hashes of every kind, by the command
// as it is run, through the built Worker behind PgBouncer. That each kind of hash lets its owner
// in: tests/workerd/import.test.mjs.

import assert from "node:assert/strict";
import { createWriteStream, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { everyWay } from "../workerd/harness.mjs";
import { HASHES, PASSWORD, startAdmin } from "../workerd/moving.mjs";

const LINES = Number(process.env.IMPORT_LINES ?? 1_000_000);
/** What the command may take, however long the file is; docs/moving.md says 144 MiB. Bytes. */
const MEMORY_MAX = 256 * 1024 * 1024;
/** How often its memory is looked at. Milliseconds. */
const LOOK_MS = 200;

const hashes = Object.values(HASHES);

/** @param {string} path */
async function writeLines(path) {
  const file = createWriteStream(path);
  for (let n = 0; n < LINES; n += 1) {
    const line = { email: `user${n}@example.com`, email_confirm: true, password_hash: hashes[n % hashes.length] };
    if (!file.write(`${JSON.stringify(line)}\n`)) await once(file, "drain");
  }
  file.end();
  await once(file, "finish");
}

/** The most memory that a process had so far, where the system tells. @param {number} pid */
function peakMemory(pid) {
  try {
    const [, kibibytes] = readFileSync(`/proc/${pid}/status`, "utf8").match(/^VmHWM:\s+(\d+) kB$/m) ?? [];
    return Number(kibibytes ?? 0) * 1024;
  } catch {
    return 0; // it has ended, or this is not Linux
  }
}

everyWay(`moving ${LINES} accounts in`, {}, (world) => {
  /** @type {string} */
  let directory;
  before(() => (directory = mkdtempSync(join(tmpdir(), "edgegate-million-"))));
  after(() => rmSync(directory, { recursive: true }));

  test("takes every line, in bounded memory, and a second run finds nothing to do", async (context) => {
    const file = join(directory, "users.jsonl");
    await writeLines(file);
    const began = Date.now();
    let most = 0;
    const args = ["import", file, "--url", `${world().url}/auth/v1`];
    const moving = startAdmin(args, world().database.url);
    const looking = setInterval(() => (most = Math.max(most, peakMemory(moving.pid))), LOOK_MS);
    const { status, output } = await moving.ended.finally(() => clearInterval(looking));
    assert.equal(status, 0, output.slice(-2000));
    assert.match(output, new RegExp(`Imported: ${LINES}\\.`));
    const [{ count }] = await world().database.rows("SELECT count(*)::int AS count FROM edgegate.users");
    assert.equal(count, LINES);
    const seconds = (Date.now() - began) / 1000;
    context.diagnostic(
      `${LINES} lines in ${seconds.toFixed(0)} s, ${(LINES / seconds).toFixed(0)} a second, ${(most / 2 ** 20).toFixed(0)} MiB`,
    );
    assert.ok(most < MEMORY_MAX, `${most} bytes`);
    assert.equal(
      (
        await world()
          .client()
          .signIn(`user${LINES - 1}@example.com`, PASSWORD)
      ).status,
      200,
    );

    const again = await startAdmin(args, world().database.url).ended;
    assert.equal(again.status, 0, again.output.slice(-2000));
    assert.equal(world().mailbox.messages.length, 0, "somebody was mailed");
  });
});
