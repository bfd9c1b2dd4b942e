// The command: what it prints, and how it stops.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { startMailbox } from "./mailbox.mjs";

const SERVER = fileURLToPath(new URL("./server.mjs", import.meta.url));

/** @param {string[]} args */
function run(...args) {
  const child = spawn(process.execPath, [SERVER, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  for (const name of ["stdout", "stderr"]) child[name].setEncoding("utf8").on("data", (text) => (output[name] += text));
  return { child, output, ended: once(child, "close") };
}

for (const signal of ["SIGTERM", "SIGINT"]) {
  test(`it says where it listens, and stops on ${signal} although a client is connected`, async () => {
    const { child, output, ended } = run("--port", "0", "--api-key", "re_test");
    while (!output.stdout.includes("\n")) await once(child.stdout, "data");
    const [line, url] = /^mailbox listening on (http:\/\/localhost:\d+)\n$/.exec(output.stdout);
    assert.ok(line);
    assert.equal((await fetch(`${url}/messages`)).status, 200);
    child.kill(signal);
    assert.deepEqual(await ended, [0, null]);
    assert.equal(output.stderr, "");
  });
}

test("wrong arguments are told with the usage", async () => {
  for (const args of [
    [],
    ["--api-key", "x", "--port", "x"],
    ["--api-key", "x", "--port", "70000"],
    ["--api-key", "x", "--nope"],
  ]) {
    const { output, ended } = run(...args);
    assert.deepEqual(await ended, [2, null]);
    assert.match(output.stderr, /usage: node dev\/mailbox\/server\.mjs/);
  }
});

test("a port that is in use is told in one line", async (t) => {
  const mailbox = await startMailbox({ apiKey: "x" });
  t.after(() => mailbox.close());
  const { output, ended } = run("--api-key", "x", "--port", new URL(mailbox.url).port);
  assert.deepEqual(await ended, [1, null]);
  assert.match(output.stderr, /^mailbox: port \d+ is in use.*\n$/);
});

test("a mailbox needs a key", async () => {
  await assert.rejects(startMailbox({ apiKey: "" }), TypeError);
});
