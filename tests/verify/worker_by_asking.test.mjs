// The Workers of docs/verify.md that ask edgegate over a service binding, beside it in workerd.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { bindings, eventually, modules, startWorld } from "../workerd/harness.mjs";
import { ways } from "../workerd/database.mjs";
import { exampleWorker } from "./document.mjs";
import { plainWorker, service, startEdge, text } from "./edge.mjs";
import { startGateway } from "./gateway.mjs";
import { serviceToken } from "./tokens.mjs";
import { assertIs, assertRefused, assertUnknown, bearing, signOut, verifies } from "./verifier.mjs";

/** A KV namespace that fails whatever is asked of it. */
const FAILING_KV = `
  import { WorkerEntrypoint } from "cloudflare:workers";
  const fail = async () => { throw new Error("KV is down"); };
  export default class extends WorkerEntrypoint {
    get() { return fail(); }
    put() { return fail(); }
  }`;

/** What may stand in edgegate's place and be of no use, by what it does. */
const UNUSABLE = {
  "does not answer": "export default { fetch: () => new Promise((resolve) => setTimeout(resolve, 60_000)) };",
  "answers 500": 'export default { fetch: () => new Response("", { status: 500 }) };',
  "answers with a page": 'export default { fetch: () => new Response("<h1>Welcome</h1>") };',
  breaks: 'export default { fetch: () => { throw new Error("broken"); } };',
};

describe("Workers that ask edgegate", () => {
  /** @type {import("../workerd/harness.mjs").World} */
  let world;
  /** @type {Awaited<ReturnType<typeof startEdge>>} */
  let edge;
  /** @type {Awaited<ReturnType<typeof startGateway>>} */
  let gateway;

  before(async () => {
    gateway = await startGateway();
    world = await startWorld(ways[0], { settings: { API_EXTERNAL_URL: gateway.url } });
    const env = bindings(world.database.url, world.settings);
    const [introspect, user] = await Promise.all(["worker-introspect.mjs", "worker-user.mjs"].map(exampleWorker));
    const SERVICE_TOKEN = text(serviceToken(world.signingKey));
    edge = await startEdge({
      edgegate: { modules, env },
      "edgegate without KV": { modules, env: { ...env, REVOCATIONS: service("failing KV") } },
      "failing KV": plainWorker(FAILING_KV),
      introspect: { modules: introspect, env: { AUTH: service("edgegate"), SERVICE_TOKEN } },
      "introspect without KV": { modules: introspect, env: { AUTH: service("edgegate without KV"), SERVICE_TOKEN } },
      "introspect unasked": { modules: introspect, env: { AUTH: service("edgegate"), SERVICE_TOKEN: text("none") } },
      user: { modules: user, env: { AUTH: service("edgegate") } },
      "user without KV": { modules: user, env: { AUTH: service("edgegate without KV") } },
      ...Object.fromEntries(
        Object.entries(UNUSABLE).flatMap(([what, script]) => [
          [what, plainWorker(script)],
          [`introspect: ${what}`, { modules: introspect, env: { AUTH: service(what), SERVICE_TOKEN } }],
          [`user: ${what}`, { modules: user, env: { AUTH: service(what) } }],
        ]),
      ),
    });
  });
  after(async () => {
    await edge?.stop();
    await world?.stop();
    await gateway?.close();
  });

  /** @param {string} name of the verifier */
  const situation = (name) => ({ world, api: edge.url("edgegate"), verifier: edge.url(name), gateway });

  describe("by POST /introspect", () => {
    verifies(() => situation("introspect"));

    test("after signing out a token is refused as soon as KV knows", async () => {
      const person = await world.newcomer();
      const { access_token: token } = person.session;
      assertIs(await bearing(edge.url("introspect"), token), person);
      await signOut(situation("introspect"), person);
      assertRefused(
        await eventually("the refusal", () =>
          bearing(edge.url("introspect"), token).then((answer) => answer.status !== 200 && answer),
        ),
      );
    });

    test("while KV fails it says that it does not know", async () => {
      const { session } = await world.newcomer();
      assertUnknown(await bearing(edge.url("introspect without KV"), session.access_token));
      assertRefused(await bearing(edge.url("introspect without KV"), session.refresh_token));
    });

    test("where its service token is refused, the caller's is not to blame", async () => {
      const { session } = await world.newcomer();
      assertUnknown(await bearing(edge.url("introspect unasked"), session.access_token));
    });
  });

  describe("by GET /user", () => {
    verifies(() => situation("user"));

    test("after signing out a token is refused at once, whether or not KV knows", async () => {
      const person = await world.newcomer();
      const { access_token: token } = person.session;
      assertIs(await bearing(edge.url("user"), token), person);
      await signOut({ ...situation("user"), api: edge.url("edgegate without KV") }, person);
      assertRefused(await bearing(edge.url("user"), token));
      assertRefused(await bearing(edge.url("user without KV"), token));
    });

    test("somebody who is banned is told so", async () => {
      const { session } = await world.newcomer();
      await world.database.rows("UPDATE edgegate.users SET banned_until = now() + interval '1 day' WHERE id = $1", [
        session.user.id,
      ]);
      assert.equal((await bearing(edge.url("user"), session.access_token)).status, 403);
    });
  });

  // At once, since some take as long as the examples let them.
  test(
    "where edgegate is of no use, nobody gets in and nobody is sent away",
    { concurrency: true },
    async (context) => {
      const { session } = await world.newcomer();
      const cases = Object.keys(UNUSABLE).flatMap((what) =>
        ["introspect", "user"].map((example) => ({ what, example })),
      );
      const asked = cases.map(({ what, example }) =>
        context.test(`${example}: it ${what}`, async () =>
          assertUnknown(await bearing(edge.url(`${example}: ${what}`), session.access_token)),
        ),
      );
      await Promise.all(asked);
    },
  );
});
