// The memory of the Worker's WebAssembly module does not grow with the number of calls: an isolate
// has 128 MB, and dies with every call in flight when they are full. Where a call hashes or runs
// several statements it takes long, since what is lost shows only after a hundred calls.

import assert from "node:assert/strict";
import { test } from "node:test";
import { everyWay } from "./harness.mjs";
import { wasmBytes } from "./observed.mjs";

/** By night (the part `memory`) 2000. A hundred lose 1.8 MB, each of them its connection. */
const CALLS = Number(process.env.MEMORY_CALLS ?? 104);
/** Calls that fill what is remembered on purpose, before anything is measured. */
const WARMING_UP = 48;
const AT_ONCE = 8;
/** What all the measured calls together may add: two pages and what they do not fill. Bytes. */
const GROWTH_MAX = 512 * 1024;

/** @typedef {import("./harness.mjs").World} World */

/**
 * @typedef {object} Kind
 * @property {string} what
 * @property {(world: World) => Promise<() => Promise<{ status: number }>>} prepare
 */

/** @type {Kind[]} */
const kinds = [
  {
    what: "health",
    prepare: async (world) => {
      const client = world.client();
      return () => client.get("/health");
    },
  },
  {
    what: "who am I",
    prepare: async (world) => {
      const { client, session } = await world.newcomer();
      return () => client.get("/user", { token: session.access_token });
    },
  },
  {
    what: "refresh",
    prepare: async (world) => {
      const people = await Promise.all(Array.from({ length: AT_ONCE }, () => world.newcomer()));
      let turn = 0;
      return async () => {
        const person = people[turn++ % AT_ONCE];
        const answer = await person.client.refresh(person.session.refresh_token);
        person.session = answer.json;
        return answer;
      };
    },
  },
  {
    what: "introspection",
    prepare: async (world) => {
      const { client, session } = await world.newcomer();
      return () =>
        client.call("POST", "/introspect", { form: { token: session.access_token }, token: world.serviceToken });
    },
  },
  {
    what: "sign-in",
    prepare: async (world) => {
      const { email, password } = await world.newcomer();
      return () => world.client().post("/token?grant_type=password", { email, password });
    },
  },
  {
    what: "recovery of an unknown address",
    prepare: async (world) => {
      let turn = 0;
      return () => world.client().post("/recover", { email: `stranger${turn++}@example.com` });
    },
  },
  {
    what: "list of accounts",
    prepare: async (world) => {
      const client = world.client();
      return () => client.get("/admin/users", { token: world.serviceToken });
    },
  },
  {
    what: "Cron Trigger",
    prepare: async (world) => async () => {
      await world.scheduled();
      return { status: 200 };
    },
  },
];

everyWay("memory", { observed: true, settings: { MAILS_PER_HOUR: "0" } }, (world) => {
  for (const { what, prepare } of kinds) {
    test(`${CALLS} calls leave nothing behind: ${what}`, async (context) => {
      const call = await prepare(world());
      const times = async (/** @type {number} */ count) => {
        for (let done = 0; done < count; done += AT_ONCE) {
          const answers = await Promise.all(Array.from({ length: AT_ONCE }, call));
          for (const { status } of answers) assert.equal(status, 200);
        }
      };
      await times(WARMING_UP);
      const before = await wasmBytes(world().url);
      await times(CALLS);
      const grown = (await wasmBytes(world().url)) - before;
      context.diagnostic(`${what}: ${Math.round(grown / 1024)} KiB more after ${CALLS} calls`);
      assert.ok(grown <= GROWTH_MAX, `${Math.round(grown / 1024)} KiB more after ${CALLS} calls`);
    });
  }
});
