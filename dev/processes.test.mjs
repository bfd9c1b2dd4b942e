// Tests of dev/processes.mjs: nothing that was started stays behind.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "./failure.mjs";
import { delay, run, start } from "./processes.mjs";

/** A shell that starts a grandchild, prints its process id, and waits. */
const family = ["-c", "sleep 600 & echo $!; wait"];

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** @param {import("./processes.mjs").Service} service */
async function grandchildOf(service) {
  while (service.lines.length === 0) await delay(10);
  return Number(service.lines[0]);
}

/** A killed process may stay as a zombie until its new parent has noticed. @param {number} pid */
async function assertEnds(pid) {
  for (let tries = 0; tries < 100 && isAlive(pid); tries++) await delay(50);
  assert.equal(isAlive(pid), false);
}

test("a program that fails is told with what it printed", async () => {
  const failing = run("/bin/sh", ["-c", "echo out; echo err >&2; exit 3"], { name: "it" });
  await assert.rejects(failing, (error) => {
    assert.ok(error instanceof Failure);
    assert.match(error.message, /^`it .*failed \(exit code 3\)$/);
    assert.deepEqual([...error.output].sort(), ["err", "out"]);
    return true;
  });
});

test("a program that is missing is told in one line", async () => {
  await assert.rejects(run("no-such-program-anywhere", []), {
    name: "Failure",
    message: /`no-such-program-anywhere` was not found/,
  });
});

test("a program that takes too long is ended", async () => {
  await assert.rejects(run("sleep", ["600"], { timeoutMs: 100 }), {
    name: "Failure",
    message: /took longer than 0.1 s/,
  });
});

test("stopping a program ends what it started", async () => {
  const service = start("family", "/bin/sh", family);
  const grandchild = await grandchildOf(service);
  await service.stop();
  await assertEnds(grandchild);
});

test("a program that does not want to end is killed", async () => {
  const service = start("stubborn", "/bin/sh", ["-c", "trap '' TERM; echo ready; while :; do sleep 1; done"], {
    graceMs: 200,
  });
  while (service.lines.length === 0) await delay(10);
  await service.stop();
  assert.equal((await service.ended).signal, "SIGKILL");
});

test("a program that dies by itself is an accident, and what it started ends too", async () => {
  const service = start("family", "/bin/sh", family);
  const grandchild = await grandchildOf(service);
  service.child.kill("SIGKILL");
  await assert.rejects(service.accident(), { name: "Failure", message: /^family ended by itself \(SIGKILL\)/ });
  await assertEnds(grandchild);
});
