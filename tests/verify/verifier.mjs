// What is asked of every verifier in docs/verify.md, whatever it is written in and wherever it
// runs.

import assert from "node:assert/strict";
import { test } from "node:test";
import { Client } from "../workerd/client.mjs";
import { forge, makeKey, read } from "../workerd/keys.mjs";
import { failures } from "./gateway.mjs";
import { badTokens, issuedAhead } from "./tokens.mjs";

/**
 * @typedef {object} Situation
 * @property {import("../workerd/harness.mjs").World} world which signs people up
 * @property {string} api where edgegate is, for signing out
 * @property {string} verifier where the verifier is
 * @property {Awaited<ReturnType<import("./gateway.mjs").startGateway>>} gateway
 */

/**
 * How long a verifier may take, whatever fails. Longer than the limits in the examples.
 * Milliseconds.
 */
const PATIENCE_MS = 15_000;

/** Asks a verifier who we are. @param {string} url @param {string} [authorization] */
export async function ask(url, authorization) {
  const response = await fetch(url, {
    headers: authorization === undefined ? {} : { authorization },
    signal: AbortSignal.timeout(PATIENCE_MS),
  });
  const body = await response.text();
  return {
    status: response.status,
    body,
    challenge: response.headers.get("www-authenticate"),
    retryAfter: response.headers.get("retry-after"),
  };
}

/** @param {string} url @param {string} token */
export const bearing = (url, token) => ask(url, `Bearer ${token}`);

/**
 * @param {Awaited<ReturnType<typeof ask>>} answer
 * @param {{ email: string, session: any }} person
 */
export function assertIs({ status, body }, { email, session }) {
  assert.equal(status, 200, body);
  assert.deepEqual(JSON.parse(body), { id: session.user.id, email });
}

/** @param {Awaited<ReturnType<typeof ask>>} answer */
export function assertRefused({ status, body, challenge }) {
  assert.equal(status, 401, body);
  assert.match(challenge ?? "", /^Bearer error="invalid_token"/);
}

/** @param {Awaited<ReturnType<typeof ask>>} answer */
export function assertUnknown({ status, body, retryAfter }) {
  assert.equal(status, 503, body);
  assert.match(retryAfter ?? "", /^\d+$/);
}

/** Ends a session, as an app does. @param {Situation} situation @param {{ session: any }} person */
export async function signOut({ world, api }, { session }) {
  const { status, text } = await new Client({ url: api, externalUrl: world.externalUrl }).call("POST", "/logout", {
    token: session.access_token,
  });
  assert.equal(status, 204, text);
}

/**
 * Of those that fetch the JWKS themselves. To be tested first, before they have it.
 * @param {() => Situation} situation
 */
export function needsTheKeys(situation) {
  test("while the keys cannot be had, it says that it does not know; then it does", async () => {
    const { world, verifier, gateway } = situation();
    const person = await world.newcomer();
    for (const how of Object.keys(failures)) {
      await gateway.failing(how, async () => assertUnknown(await bearing(verifier, person.session.access_token)));
    }
    assertIs(await bearing(verifier, person.session.access_token), person);
    await gateway.failing("the connection breaks", async () =>
      assertIs(await bearing(verifier, person.session.access_token), person),
    );
  });
}

/** Of all. @param {() => Situation} situation */
export function verifies(situation) {
  test("a good token tells who it is", async () => {
    const { world, verifier } = situation();
    const person = await world.newcomer();
    const { access_token: token } = person.session;
    assertIs(await bearing(verifier, token), person);
    assertIs(await ask(verifier, `bearer ${token}`), person);
    assertIs(await bearing(verifier, issuedAhead(token, world.signingKey)), person);
  });

  test("no token is refused, and what is no bearer token", async () => {
    // RFC 6750 §2.1 has no other characters than some of ASCII.
    for (const authorization of [undefined, "Basic YWRhOnNlY3JldA==", "Bearer", "Bearer \u00e9.\u00e9.\u00e9"]) {
      const { status, challenge } = await ask(situation().verifier, authorization);
      assert.equal(status, 401, authorization);
      assert.match(challenge ?? "", /^Bearer/);
    }
  });

  test("a bad token is refused", async (context) => {
    const { world, verifier } = situation();
    const { session } = await world.newcomer();
    const { claims } = read(session.access_token);
    const same = forge(claims, world.signingKey);
    assert.equal((await bearing(verifier, same)).status, 200, "the forger can make good ones");
    for (const [what, token] of Object.entries(badTokens(session, world.signingKey))) {
      await context.test(`one ${what}`, async () => assertRefused(await bearing(verifier, token)));
    }
  });
}

/** Of those that ask nobody. @param {() => Situation} situation */
export function learnsNothing(situation) {
  test("after signing out a token is good until it ends", async () => {
    const { world, api, verifier } = situation();
    const person = await world.newcomer();
    const { access_token: token } = person.session;
    await signOut(situation(), person);
    const asked = await bearing(`${api}/auth/v1/user`, token);
    assert.equal(asked.status, 401, "PostgreSQL knows at once");
    assertIs(await bearing(verifier, token), person);
    const past = Math.floor(Date.now() / 1000) - 1;
    assertRefused(await bearing(verifier, forge({ ...read(token).claims, exp: past }, world.signingKey)));
  });
}

/**
 * How long after asking for the keys a verifier does not ask anew: 30 s, in jose as in PyJWT.
 * Milliseconds.
 */
const COOLDOWN_MS = 30_000;

/** Of those that fetch the JWKS themselves. @param {() => Situation} situation */
export function followsTheKeys(situation) {
  test("unknown keys are asked for, though not for each token, so a new key is known soon after it was published", async () => {
    const { world, verifier, gateway } = situation();
    const { session } = await world.newcomer();
    const { claims } = read(session.access_token);
    const asked = gateway.asked();
    const flood = await Promise.all(
      Array.from({ length: 30 }, () => bearing(verifier, forge(claims, makeKey("ES256")))),
    );
    flood.forEach(assertRefused);
    assert.ok(gateway.asked() - asked <= 1, `${gateway.asked() - asked} times for ${flood.length} tokens`);

    const fresh = makeKey("ES256");
    const keys = [world.signingKey, fresh].map(({ kty, crv, x, y, kid, alg }) => ({
      kty,
      crv,
      x,
      y,
      kid,
      alg,
      use: "sig",
    }));
    await gateway.publishing({ keys }, async () => {
      await new Promise((resolve) => setTimeout(resolve, COOLDOWN_MS + 2_000));
      const before = gateway.asked();
      assert.equal((await bearing(verifier, forge(claims, fresh))).status, 200, "it asked anew");
      assert.equal(gateway.asked() - before, 1);
      assert.equal(
        (await bearing(verifier, session.access_token)).status,
        200,
        "the key before it is good as long as it is published",
      );
    });
  });
}
