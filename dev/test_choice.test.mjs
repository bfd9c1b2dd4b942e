// Tests of dev/test_choice.mjs, on the tests that there are.

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { inCheckout } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import { choose } from "./test_choice.mjs";
import { filesOf, parts } from "./test_parts.mjs";

/** What is run, in short. @param {string[]} args */
const chosen = (...args) =>
  choose(args, "daily").map(({ part, file, names }) => [part.name, file, ...names].filter(Boolean).join(" "));

test("without a name it is all parts of that time, with every file", () => {
  for (const when of /** @type {const} */ (["daily", "nightly"])) {
    const own = parts.filter((part) => part.when === when);
    const jobs = choose([], when);
    assert.deepEqual([...new Set(jobs.map(({ part }) => part))], own);
    for (const part of own) {
      const files = jobs.filter((job) => job.part === part && job.file).map(({ file }) => file);
      assert.deepEqual(files, filesOf(part));
    }
  }
});

test("parts are named, by day or by night, one or several", () => {
  assert.deepEqual(chosen("rust"), ["rust"]);
  assert.deepEqual(chosen("preview", "browser"), [
    "preview dev/mail_preview/mail_preview.test.mjs",
    "browser tests/browser/docs.test.mjs",
  ]);
  assert.deepEqual(chosen("soak"), ["soak ::soak::"]);
});

test("a file is named by its path, by its name, or by its folder", () => {
  const races = ["worker tests/workerd/races.test.mjs"];
  for (const name of ["tests/workerd/races.test.mjs", "races.test.mjs", "races"]) {
    assert.deepEqual(chosen(name), races);
    assert.deepEqual(chosen("worker", name), races);
  }
  const all = filesOf(/** @type {any} */ (parts.find(({ name }) => name === "worker")));
  assert.equal(chosen("tests/workerd/").length, all.length);
  assert.deepEqual(chosen("tests/endpoints/token/refresh/races.rs"), ["rust endpoints::token::refresh::races::"]);
  assert.deepEqual(chosen("tests/domain/mod.rs"), ["rust domain::"]);
});

test("a test is named by words of its name, wherever it is", () => {
  const once = "the code signs in, once";
  assert.deepEqual(chosen(once).slice(0, 2), [
    `worker tests/workerd/account.test.mjs ${once}`,
    `worker tests/workerd/flow.test.mjs ${once}`,
  ]);
  assert.deepEqual(chosen("sdk", "tabs that find the token"), [
    "sdk tests/sdk/auth_js/auth_js.test.mjs tabs that find the token",
  ]);
  assert.ok(chosen("a bad token is refused").includes("verify tests/verify/python.test.mjs a bad token is refused"));
  const [inPython] = choose(["sdk", "the mailed code recovers"], "daily");
  assert.deepEqual(inPython.env, { SDK_PYTHON_ONLY: "the_mailed_code_recovers" });
  const several = ["the right password signs in", once].map((name) => chosen("worker", name)[0]);
  assert.notEqual(several[0], several[1]);
  assert.ok(chosen("worker", "flow", once).includes("worker tests/workerd/flow.test.mjs"), "the whole file has it too");
});

test("after the name of a part words are for this part, and what begins with a dash is for its runner", () => {
  assert.deepEqual(chosen("rust", "endpoints::refresh", "domain"), ["rust endpoints::refresh domain"]);
  assert.deepEqual(chosen("rust", "of no test"), ["rust of no test"]);
  const [job] = choose(["rust", "domain", "--", "--nocapture"], "daily");
  assert.deepEqual([job.names, job.args], [["domain"], ["--", "--nocapture"]]);
  const [file] = choose(["worker", "races", "--test-name-pattern=ban"], "daily");
  assert.deepEqual([file.names, file.args], [[], ["--test-name-pattern=ban"]]);
});

test("of an unknown name it says what there is", () => {
  assert.throws(
    () => choose(["no-such-thing"], "daily"),
    (error) => error instanceof Failure && parts.every(({ name }) => error.message.includes(name)),
  );
});

test("every part is of something that is there", () => {
  for (const part of parts) {
    assert.ok(part.rust || filesOf(part).length > 0, part.name);
    for (const file of filesOf(part)) assert.ok(existsSync(inCheckout(file)));
  }
});
