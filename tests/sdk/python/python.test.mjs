// Supabase's auth client for Python drives the built Worker: the tests are test_*.py, run by
// pytest; here are the Workers that they drive, and their results, one by one.

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { after, before, describe, test } from "node:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inCheckout } from "../../../dev/checkout.mjs";
import { closeServer, listenOnLoopback } from "../../../dev/mailbox/loopback.mjs";
import { startWorld } from "../../workerd/harness.mjs";
import { ways } from "../../workerd/database.mjs";

const { TEST_PYTHON, SDK_PYTHON_ONLY } = process.env;
const CALLBACK = "https://app.example.test/callback";

/**
 * What each Worker is set to. Networks are as many as clients, so the budgets of one network are
 * not in the way.
 * @type {Record<string, (trusting: Record<string, string>) => Record<string, string>>}
 */
const settings = {
  /** Everything on, addresses are confirmed by mail. */
  CONFIRMING: () => ({ SIGN_IN_BY_EMAIL: "true", ANONYMOUS_SIGN_INS: "true", REDIRECT_ALLOW_LIST: CALLBACK }),
  /** Whoever signs up is signed in. */
  TRUSTING: () => ({ MAILER_AUTOCONFIRM: "true", REDIRECT_ALLOW_LIST: CALLBACK }),
  /** Nothing that is not on by itself, and no new accounts. */
  CLOSED: () => ({ DISABLE_SIGNUP: "true" }),
  /** The trusting one in a place from which its database cannot be reached. */
  BROKEN: ({ AUTH_SECRET, JWT_KEYS }) => ({
    AUTH_SECRET,
    JWT_KEYS,
    DATABASE_URL: "postgresql://nobody:nothing@127.0.0.1:1/none",
  }),
};

/**
 * Lets time pass for a Worker's database: `POST /?2%20minutes`.
 * @param {import("../../workerd/harness.mjs").World} world
 */
async function startClock(world) {
  const servers = await listenOnLoopback(0, async (request, response) => {
    await world.database.letTimePass(decodeURIComponent((request.url ?? "").slice("/?".length)));
    response.end();
  });
  return { url: `http://localhost:${servers[0].address().port}`, stop: () => Promise.all(servers.map(closeServer)) };
}

/** @typedef {{ name: string, outcome: "passed" | "failed" | "skipped", why: string }} Result */

/**
 * Runs pytest.
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<{ code: number | null, output: string, results: Result[] }>}
 */
async function pytest(env) {
  const directory = mkdtempSync(join(tmpdir(), "edgegate-sdk-"));
  const report = join(directory, "results.jsonl");
  const only = SDK_PYTHON_ONLY ? ["-k", SDK_PYTHON_ONLY] : [];
  const args = [
    "-m",
    "pytest",
    "--quiet",
    "-p",
    "no:cacheprovider",
    "--tb=short",
    "--capture=sys",
    "-rP",
    "--rootdir",
    ".",
    ...only,
    ".",
  ];
  const child = spawn(/** @type {string} */ (TEST_PYTHON), args, {
    cwd: inCheckout("tests", "sdk", "python"),
    env: { ...process.env, ...env, PYTHONDONTWRITEBYTECODE: "1", SDK_REPORT: report },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  const code = await new Promise((resolve) => child.once("close", resolve));
  try {
    const lines = readFileSync(report, "utf8").split("\n").filter(Boolean);
    return { code, output, results: lines.map((line) => JSON.parse(line)) };
  } catch {
    return { code, output, results: [] };
  } finally {
    rmSync(directory, { recursive: true });
  }
}

describe("supabase_auth, the client for Python", () => {
  /** @type {Record<string, import("../../workerd/harness.mjs").World>} */
  const worlds = {};
  /** @type {Record<string, Awaited<ReturnType<typeof startClock>>>} */
  const clocks = {};
  before(async () => {
    if (!TEST_PYTHON) throw new Error("run it by `npm test -- sdk`, which provides Python");
    for (const [name, set] of Object.entries(settings)) {
      worlds[name] = await startWorld(ways[0], { settings: set(worlds.TRUSTING?.settings ?? {}) });
      clocks[name] = await startClock(worlds[name]);
    }
  });
  after(async () => {
    for (const it of [...Object.values(clocks), ...Object.values(worlds)]) await it.stop();
  });

  test("is content with every answer", async (t) => {
    const env = Object.entries(worlds).flatMap(([name, { url, mailbox, serviceToken }]) => [
      [`${name}_URL`, url],
      [`${name}_MAILBOX`, mailbox.url],
      [`${name}_SERVICE_TOKEN`, serviceToken],
      [`${name}_CLOCK`, clocks[name].url],
    ]);
    const { code, output, results } = await pytest(Object.fromEntries(env));
    for (const { name, outcome, why } of results) {
      await t.test(name, (it) => {
        if (outcome === "skipped") it.skip(why);
        else assert.equal(outcome, "passed", why);
      });
    }
    for (const line of output.split("\n").filter((line) => line.startsWith("SDK "))) t.diagnostic(line);
    assert.equal(code, 0, output);
    assert.ok(results.length > 0, output);
  });
});
