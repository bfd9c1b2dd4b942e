// Every target in fuzz/, each for as long as FUZZ_SECONDS says: what they assert is said there. An
// input that fails is kept in fuzz/artifacts. Stable Rust does, since no sanitizer is wanted.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdirSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { before, describe, test } from "node:test";
import { promisify } from "node:util";
import { inCheckout, root } from "../../dev/checkout.mjs";

const { TEST_CARGO_FUZZ = "", FUZZ_SECONDS = "60" } = process.env;
/** What a fuzzer says is far less. Bytes. */
const OUTPUT_MAX = 64 * 1024 * 1024;

const targets = [...readFileSync(inCheckout("fuzz", "Cargo.toml"), "utf8").matchAll(/^name = "(\w+)"$/gm)].map(
  ([, name]) => name,
);

/**
 * What it printed, without the progress of a fuzzer: thousands of lines, behind which the test
 * runner would cut off why it failed.
 * @param {string} text
 */
const withoutProgress = (text) => text.replaceAll(/^(#\d+\t|\tNEW_FUNC\[).*\n/gm, "");

/** @param {string[]} args */
const cargoFuzz = (...args) =>
  promisify(execFile)(TEST_CARGO_FUZZ, args, {
    cwd: root,
    maxBuffer: OUTPUT_MAX,
    // What instruments the code is stable; what cargo-fuzz may pass beside it is not.
    env: { ...process.env, RUSTC_BOOTSTRAP: "1" },
  }).catch((error) => assert.fail(withoutProgress(error.stderr) || String(error)));

describe("fuzzing", { concurrency: availableParallelism() }, () => {
  before(() => cargoFuzz("build", "--sanitizer", "none"));

  for (const target of targets) {
    test(`${target} keeps what it asserts for ${FUZZ_SECONDS} s`, async (context) => {
      const [corpus, seeds] = ["corpus", "seeds"].map((directory) => inCheckout("fuzz", directory, target));
      mkdirSync(corpus, { recursive: true });
      const { stderr } = await cargoFuzz(
        ...["run", "--sanitizer", "none", target, corpus, seeds, "--", `-max_total_time=${FUZZ_SECONDS}`],
      );
      const [, runs] = stderr.match(/^Done (\d+) runs in/m) ?? [];
      assert.ok(Number(runs) > 0, stderr);
      context.diagnostic(`${target}: ${runs} inputs`);
    });
  }
});
