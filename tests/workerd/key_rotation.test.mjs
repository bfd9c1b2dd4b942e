// A whole rotation of the signing key, by the functions of dev/key_set.mjs, through Workers on one
// database: those before and after each step run side by side for a while, as they do in a
// deployment, and each has to take what the other makes. Not here: the functions themselves
// (dev/keys.test.mjs).

import assert from "node:assert/strict";
import { after, test } from "node:test";
import {
  KEPT_SECONDS,
  newSet,
  PUBLISHED_SECONDS,
  retired,
  rotated,
  signedToken,
  textOf,
  withToken,
} from "../../dev/key_set.mjs";
import { Client } from "./client.mjs";
import { ways } from "./database.mjs";
import { bindings, modules, oneWay, startRuntime } from "./harness.mjs";
import { read, verified } from "./keys.mjs";

/** The Worker knows nothing of the times in the keys, so they may be any. */
const NOW = 1_800_000_000;

const before = newSet("ES256", NOW);
const published = rotated(before, NOW, { algorithm: "EdDSA" }).set;
const swapped = rotated(published, NOW + PUBLISHED_SECONDS).set;
const ended = retired(swapped, NOW + PUBLISHED_SECONDS + KEPT_SECONDS).set;
const [oldKid, newKid] = published.keys.map(({ kid }) => kid);

oneWay(ways[0], "rotating the signing key", { settings: { JWT_KEYS: textOf(before) } }, (world) => {
  /** @type {Awaited<ReturnType<typeof startRuntime>>[]} */
  const started = [];
  after(() => Promise.all(started.map((runtime) => runtime.stop())));

  /**
   * Somebody at another Worker on the same database.
   * @param {import("../../dev/key_set.mjs").KeySet} set
   */
  async function deployed(set) {
    const runtime = await startRuntime({
      modules,
      env: bindings(world().database.url, { ...world().settings, JWT_KEYS: textOf(set) }),
    });
    started.push(runtime);
    return new Client({ url: runtime.url, externalUrl: world().externalUrl });
  }

  /**
   * What a Worker says of a token: the status, or why it refuses.
   * @param {Client} client
   * @param {string} token
   */
  async function answer(client, token) {
    const { status, json } = await client.get("/user", { token });
    return status === 200 ? 200 : json.error_code;
  }

  /** The keys that a Worker publishes. @param {Client} client */
  const jwks = async (client) => (await client.get("/.well-known/jwks.json")).json;

  test("every token is taken by every Worker that runs beside the one that made it, until its key is retired", async () => {
    const person = await world().newcomer();
    const steps = {
      before: world().client(),
      published: await deployed(published),
      swapped: await deployed(swapped),
      ended: await deployed(ended),
    };
    const tokenOf = async (/** @type {Client} */ client) => {
      const { status, json, text } = await client.post("/token?grant_type=password", {
        email: person.email,
        password: person.password,
      });
      assert.equal(status, 200, text);
      return json.access_token;
    };
    const tokens = {
      before: await tokenOf(steps.before),
      published: await tokenOf(steps.published),
      swapped: await tokenOf(steps.swapped),
      ended: await tokenOf(steps.ended),
    };
    assert.deepEqual(
      Object.values(tokens).map((token) => read(token).header.kid),
      [oldKid, oldKid, newKid, newKid],
    );

    const answers = async (/** @type {Client} */ client) =>
      Promise.all(Object.values(tokens).map((token) => answer(client, token)));
    assert.deepEqual(await answers(steps.before), [200, 200, "bad_jwt", "bad_jwt"], "hence a key is published first");
    assert.deepEqual(await answers(steps.published), [200, 200, 200, 200]);
    assert.deepEqual(await answers(steps.swapped), [200, 200, 200, 200]);
    assert.deepEqual(await answers(steps.ended), ["bad_jwt", "bad_jwt", 200, 200]);

    const sets = {
      before: await jwks(steps.before),
      published: await jwks(steps.published),
      swapped: await jwks(steps.swapped),
      ended: await jwks(steps.ended),
    };
    assert.deepEqual(
      Object.values(sets).map(({ keys }) => keys.map((/** @type {{ kid: string }} */ { kid }) => kid)),
      [[oldKid], [oldKid, newKid], [oldKid, newKid], [newKid]],
    );
    assert.deepEqual(
      sets.published,
      sets.swapped,
      "whoever fetched it before the swap has all that is needed after it",
    );
    const members = sets.published.keys.map((/** @type {object} */ key) => Object.keys(key).sort().join(" "));
    assert.deepEqual(
      members,
      ["alg crv key_ops kid kty use x y", "alg crv key_ops kid kty use x"],
      "the public parts only",
    );
    assert.equal(verified(tokens.swapped, sets.published).email, person.email);
    assert.throws(() => verified(tokens.before, sets.ended), /no such public key/);
  });

  test("what dev/keys.mjs signs, the Worker takes for signed", async () => {
    const { session } = await world().newcomer();
    const { claims } = read(session.access_token);
    // Half of all ES256 signatures are of the kind that the Worker refuses: one that got through
    // would show here.
    for (let count = 0; count < 20; count++)
      assert.equal(await answer(world().client(), signedToken(before.keys[0], claims)), 200);
    const { token, set } = withToken(before, Math.floor(Date.now() / 1000), { days: 1, role: "service_role" });
    assert.equal(verified(token, await jwks(world().client())).role, "service_role");
    const client = await deployed(set);
    assert.equal(
      await answer(client, session.access_token),
      200,
      "a key that says how long it is needed is still a key",
    );
  });
});
