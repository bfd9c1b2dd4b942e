// schemathesis calls the Worker as its OpenAPI document says it may be called, and as it says it
// may not, and looks whether the answers are among those that the document promises. How:
// schemathesis.toml; whose calls: hooks.py.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inCheckout } from "../../dev/checkout.mjs";
import { oneWay } from "../workerd/harness.mjs";
import { ways } from "../workerd/database.mjs";

const { TEST_PYTHON, CONTRACT_ARGUMENTS = "" } = process.env;
const webhookSecret = `whsec_${randomBytes(24).toString("base64")}`;

/** Everything is offered, and no budget of a network ends the run. */
const settings = {
  MAILER_AUTOCONFIRM: "true",
  SIGN_IN_BY_EMAIL: "true",
  ANONYMOUS_SIGN_INS: "true",
  ANONYMOUS_PER_NETWORK_HOUR: "0",
  MAILS_PER_NETWORK_HOUR: "0",
  MAILS_PER_HOUR: "0",
  MAIL_WEBHOOK_SECRET: webhookSecret,
};

/**
 * Runs schemathesis.
 * @param {NodeJS.ProcessEnv} env
 * @param {string[]} args
 * @returns {Promise<{ code: number | null, output: string }>}
 */
async function schemathesis(env, args) {
  const program = "from schemathesis.cli import schemathesis; schemathesis()";
  const child = spawn(
    /** @type {string} */ (TEST_PYTHON),
    ["-c", program, "--config-file", "schemathesis.toml", "run", ...args],
    {
      cwd: inCheckout("tests", "contract"),
      env: { ...process.env, ...env, PYTHONDONTWRITEBYTECODE: "1", PYTHONPATH: ".", NO_COLOR: "1", COLUMNS: "160" },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  const code = await new Promise((resolve) => child.once("close", resolve));
  return { code, output };
}

oneWay(ways[0], "the OpenAPI document", { settings }, (world) => {
  test("promises every answer that the Worker gives", { timeout: 600_000 }, async (t) => {
    if (!TEST_PYTHON) throw new Error("run it by `npm test -- contract`, which provides Python");
    const api = `${world().url}/auth/v1`;
    const directory = mkdtempSync(join(tmpdir(), "edgegate-contract-"));
    const report = join(directory, "report.json");
    try {
      const env = {
        CONTRACT_URL: api,
        CONTRACT_SERVICE_TOKEN: world().serviceToken,
        CONTRACT_WEBHOOK_SECRET: webhookSecret,
      };
      const args = [
        `${api}/openapi.json`,
        "--url",
        api,
        "--report",
        "json",
        "--report-json-path",
        report,
        ...CONTRACT_ARGUMENTS.split(" ").filter(Boolean),
      ];
      const { code, output } = await schemathesis(env, args);
      for (const line of output.slice(output.lastIndexOf(" SUMMARY ")).split("\n").slice(1))
        if (line.trim()) t.diagnostic(line);
      assert.equal(code, 0, output);
      assert.ok(readFileSync(report, "utf8").length > 0);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});
