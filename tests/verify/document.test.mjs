// docs/verify.md as a document: every code block in it is an example, and every example is run.

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { inCheckout } from "../../dev/checkout.mjs";
import { blocks } from "./document.mjs";

const tests = globSync("tests/verify/*.test.mjs", { cwd: inCheckout() }).map((file) =>
  readFileSync(inCheckout(file), "utf8"),
);

/** What a reader takes in at once. */
const MAX_LINES = 42;

test("every code block has a name, a test that runs it, and few lines", () => {
  assert.ok(blocks.length > 0);
  for (const { info, name, text } of blocks) {
    assert.ok(name, `\`${info}\` has a name`);
    assert.ok(
      tests.some((test) => test.includes(`"${name}"`)),
      `${name} is run`,
    );
    assert.ok(text.split("\n").length - 1 <= MAX_LINES, `${name} is short`);
  }
});
