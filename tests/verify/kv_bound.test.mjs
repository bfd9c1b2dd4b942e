// How soon the Worker of docs/verify.md that reads KV itself refuses a session that was revoked:
// the bound that the document states, against Workers KV at its worst, as tests/flows/revocation.rs
// has it for POST /introspect. The example runs in Node, where time is ours. Not here: whether it
// works in workerd (worker_by_itself.test.mjs).

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { inCheckout } from "../../dev/checkout.mjs";
import { forge, makeKey } from "../workerd/keys.mjs";
import { exampleFile } from "./document.mjs";

const AUTH_URL = "https://auth.example.test/auth/v1";
/** By Cloudflare's word. Seconds. */
const PROPAGATION = 60;
const SCHEDULES = 40;

/**
 * Numbers by chance, the same in every run (mulberry32).
 * @param {number} seed
 * @returns {(most: number) => number} whole, from 0 to `most`
 */
function chance(seed) {
  let state = seed;
  return (most) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) % (most + 1);
  };
}

/**
 * A namespace as one location sees it: late, keeping answers ("no such key" too), going back to
 * older ones, failing.
 */
class Namespace {
  now = 0;
  /** When each key was written. @type {Map<string, number>} */
  written = new Map();
  /** @type {Map<string, { value: string | null, since: number }>} */
  cache = new Map();

  /**
   * @param {() => number} delay in seconds, asked anew for each look
   * @param {() => boolean} fails
   */
  constructor(delay, fails) {
    Object.assign(this, { delay, fails });
  }

  /** @param {string} key @param {{ cacheTtl: number }} options */
  async get(key, { cacheTtl }) {
    assert.ok(cacheTtl >= 30, "KV takes no less");
    const kept = this.cache.get(key);
    if (kept && this.now < kept.since + cacheTtl) return kept.value;
    const { delay, fails } = /** @type {any} */ (this);
    if (fails()) throw new Error("KV failed");
    const value = (this.written.get(key) ?? Infinity) + delay() <= this.now ? "1" : null;
    this.cache.set(key, { value, since: this.now });
    return value;
  }
}

const key = makeKey("ES256");
/** @type {ReturnType<typeof exampleFile>} */
let file;
/** @type {{ fetch: (request: Request, env: object) => Promise<Response> }} */
let worker;
const { fetch: realFetch, scheduler: realScheduler } = /** @type {any} */ (globalThis);

before(async () => {
  const { kty, crv, x, y, kid, alg } = key;
  const scheduler = { wait: (/** @type {number} */ ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()) };
  Object.assign(globalThis, {
    fetch: async () => Response.json({ keys: [{ kty, crv, x, y, kid, alg, use: "sig" }] }),
    scheduler,
  });
  file = exampleFile("worker-kv.mjs");
  worker = (await import(pathToFileURL(file.path).href)).default;
});
after(() => {
  Object.assign(globalThis, { fetch: realFetch, scheduler: realScheduler });
  file?.remove();
});

/**
 * Revokes a session `toldAfter` seconds after it ended and returns when it was let in last, in
 * seconds after its end.
 * @param {Namespace} kv
 * @param {number} toldAfter
 * @param {number} lookedBefore
 * @param {number} step
 */
async function letInUntil(kv, toldAfter, lookedBefore, step) {
  const session = crypto.randomUUID();
  const issued = Math.floor(Date.now() / 1000);
  const token = forge(
    {
      iss: AUTH_URL,
      aud: "authenticated",
      sub: crypto.randomUUID(),
      session_id: session,
      iat: issued,
      exp: issued + 600,
    },
    key,
  );
  const ask = async () => {
    const request = new Request("https://app.example.test/", { headers: { Authorization: `Bearer ${token}` } });
    const { status } = await worker.fetch(request, { AUTH_URL, REVOCATIONS: kv });
    assert.ok([200, 401, 503].includes(status), String(status));
    return status;
  };
  await ask();
  kv.now += lookedBefore;
  const ended = kv.now;
  kv.written.set(`revoked:${session}`, ended + toldAfter);
  let last = -1;
  let went = { back: 0, unknown: 0 };
  let earlier = 200;
  for (; kv.now < ended + 300; kv.now += step) {
    const status = await ask();
    if (status === 200) last = kv.now - ended;
    went.back += Number(earlier === 401 && status === 200);
    went.unknown += Number(status === 503);
    earlier = status;
  }
  assert.equal(earlier === 200, false, "it is refused at last");
  return { last, ...went };
}

const plain = readFileSync(inCheckout("docs", "verify.md"), "utf8").replace(/\s+/g, " ");

for (const { what, toldAfter, bound } of [
  { what: "that KV took at once", toldAfter: 0, bound: PROPAGATION + 30 },
  { what: "that the Cron Trigger told a minute later", toldAfter: 60, bound: 60 + PROPAGATION + 30 },
]) {
  test(`a revocation ${what} is known within ${bound} s`, async (context) => {
    context.mock.method(console, "error", () => {}); // what the example says of a KV that fails
    assert.ok(plain.includes(`within ${bound} s`), "docs/verify.md says so");
    const upTo = chance(17);
    let [worst, back, unknown] = [0, 0, 0];
    for (let schedule = 0; schedule < SCHEDULES; schedule += 1) {
      const steady = schedule % 2 === 0;
      const late = schedule === 0 ? PROPAGATION : upTo(PROPAGATION);
      const kv = new Namespace(
        steady ? () => late : () => upTo(PROPAGATION),
        steady ? () => false : () => upTo(7) === 0,
      );
      const seen = await letInUntil(kv, toldAfter, schedule === 0 ? 1 : upTo(40), schedule === 0 ? 1 : 1 + upTo(9));
      assert.ok(seen.last < bound, `schedule ${schedule}: let in after ${seen.last} s`);
      worst = Math.max(worst, seen.last);
      back += seen.back;
      unknown += seen.unknown;
    }
    context.diagnostic(
      `at the latest after ${worst} s, in ${SCHEDULES} schedules; ${back} times it went back, ${unknown} times it did not know`,
    );
    assert.ok(worst >= bound - 2 && back > 0 && unknown > 0, "the model was no test");
  });
}
