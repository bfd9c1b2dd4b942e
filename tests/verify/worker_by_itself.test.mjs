// The Worker of docs/verify.md that verifies by itself, with the JWKS and edgegate's KV namespace,
// beside edgegate in workerd.

import { after, before, describe, test } from "node:test";
import { bindings, eventually, modules, startWorld } from "../workerd/harness.mjs";
import { ways } from "../workerd/database.mjs";
import { exampleWorker } from "./document.mjs";
import { plainWorker, service, startEdge, text } from "./edge.mjs";
import { startGateway } from "./gateway.mjs";
import {
  assertIs,
  assertRefused,
  assertUnknown,
  bearing,
  followsTheKeys,
  needsTheKeys,
  signOut,
  verifies,
} from "./verifier.mjs";

/** A KV namespace that is of no use, by what it does. */
const UNUSABLE = {
  fails: 'throw new Error("KV is down");',
  "does not answer": "return new Promise((resolve) => setTimeout(resolve, 60_000));",
};

/** @param {string} body of `get` */
const namespace = (body) => `
  import { WorkerEntrypoint } from "cloudflare:workers";
  export default class extends WorkerEntrypoint { async get() { ${body} } }`;

describe("a Worker that verifies by itself", () => {
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
    const example = await exampleWorker("worker-kv.mjs");
    const AUTH_URL = text(`${gateway.url}/auth/v1`);
    edge = await startEdge({
      edgegate: { modules, env },
      verifier: { modules: example, env: { AUTH_URL, REVOCATIONS: env.REVOCATIONS } },
      ...Object.fromEntries(
        Object.entries(UNUSABLE).flatMap(([what, body]) => [
          [what, plainWorker(namespace(body))],
          [`KV ${what}`, { modules: example, env: { AUTH_URL, REVOCATIONS: service(what) } }],
        ]),
      ),
    });
    gateway.leadTo(edge.url("edgegate"));
  });
  after(async () => {
    await edge?.stop();
    await world?.stop();
    await gateway?.close();
  });

  const situation = () => ({ world, api: edge.url("edgegate"), verifier: edge.url("verifier"), gateway });
  needsTheKeys(situation);
  verifies(situation);

  test("after signing out a token is refused as soon as KV knows", async () => {
    const person = await world.newcomer();
    const { access_token: token } = person.session;
    assertIs(await bearing(edge.url("verifier"), token), person);
    await signOut(situation(), person);
    assertRefused(
      await eventually("the refusal", () =>
        bearing(edge.url("verifier"), token).then((answer) => answer.status !== 200 && answer),
      ),
    );
  });

  test("where KV is of no use, it says that it does not know", async (context) => {
    const { session } = await world.newcomer();
    for (const what of Object.keys(UNUSABLE)) {
      await context.test(`KV ${what}`, async () => {
        assertUnknown(await bearing(edge.url(`KV ${what}`), session.access_token));
        assertRefused(await bearing(edge.url(`KV ${what}`), session.refresh_token));
      });
    }
  });

  followsTheKeys(situation);
});
