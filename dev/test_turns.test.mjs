// Tests of dev/test_turns.mjs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { delay } from "./processes.mjs";
import { Turns } from "./test_turns.mjs";

test("as many run as there is room for, in their order, and one that needs all of it runs alone", async () => {
  const turns = new Turns(2);
  /** @type {string[]} */
  const log = [];
  const work = (/** @type {string} */ name) => async () => {
    log.push(`+${name}`);
    await delay(20);
    log.push(`-${name}`);
    return name;
  };
  const all = [
    turns.take(0, 1, work("a")),
    turns.take(1, 1, work("b")),
    turns.take(4, 1, work("e")),
    turns.take(2, 2, work("c")),
    turns.take(3, 1, work("d")),
  ];
  assert.deepEqual(await Promise.all(all), ["a", "b", "e", "c", "d"]);
  assert.deepEqual(log, ["+a", "+b", "-a", "-b", "+c", "-c", "+d", "+e", "-d", "-e"]);
});

test("one that fails makes room all the same", async () => {
  const turns = new Turns(1);
  const failing = turns.take(0, 1, async () => Promise.reject(new Error("failed")));
  const next = turns.take(1, 1, async () => "next");
  await assert.rejects(failing, /failed/);
  assert.equal(await next, "next");
});
