// Clients that hang up: whatever a call was doing when nobody waited for it any more, it gives back
// what it held. Against workerd's own port: wrangler's proxy in front of it would hide all of this.
// Not here: lost answers of the database (faults.test.mjs).

import assert from "node:assert/strict";
import { connect } from "node:net";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { eventually, everyWay } from "./harness.mjs";
import { wasmBytes } from "./observed.mjs";

/** More than there are places for hashing. */
const CLIENTS = 30;
/** From before a request is read to after its hash is made. Milliseconds. */
const PATIENCES = [0, 3, 10, 30, 60, 120, 250];
/** What a hundred calls may leave behind; what leaks with each of them is far more. Bytes. */
const LEFT_MAX = 1024 * 1024;

/**
 * @typedef {object} Request
 * @property {string} method
 * @property {string} path
 * @property {Record<string, string>} [headers]
 * @property {string} [body]
 * @property {number} [sent] how much of the body is sent before the client hangs up
 */

/**
 * Sends a request, or the first part of it, and resets the connection a while later.
 * @param {string} url of the Worker
 * @param {Request} request
 * @param {number} patience milliseconds
 */
async function hangUp(url, { method, path, headers = {}, body = "", sent = body.length }, patience) {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.on("error", () => {});
  const lines = [
    `${method} /auth/v1${path} HTTP/1.1`,
    `Host: ${hostname}`,
    "Content-Type: application/json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  await new Promise((resolve) => socket.write(`${lines.join("\r\n")}\r\n\r\n${body.slice(0, sent)}`, resolve));
  await wait(patience);
  socket.resetAndDestroy();
}

everyWay("clients that hang up", { observed: true }, (world) => {
  const taken = async () => (await world().client().get("/health/ready")).json.hash_slots.taken;
  const connections = async () => {
    const [{ count }] = await world().database.rows(
      "SELECT count(*)::int FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() AND state = 'active'",
      [world().database.name],
    );
    return count;
  };

  /** @type {{ what: string, request: () => Promise<Request> }[]} */
  const calls = [
    {
      what: "signing in",
      request: async () => {
        const { email, password } = await world().newcomer();
        const body = JSON.stringify({ email, password });
        return { method: "POST", path: "/token?grant_type=password", body };
      },
    },
    {
      what: "signing up",
      request: async () => ({
        method: "POST",
        path: "/signup",
        body: JSON.stringify({ email: "hasty@example.com", password: "correct horse battery staple" }),
      }),
    },
    {
      what: "changing the password",
      request: async () => {
        const { password, session } = await world().newcomer();
        const body = JSON.stringify({ password: "another horse battery staple", current_password: password });
        const headers = { Authorization: `Bearer ${session.access_token}` };
        return { method: "PUT", path: "/user", headers, body };
      },
    },
    {
      what: "asking who one is",
      request: async () => {
        const { session } = await world().newcomer();
        return { method: "GET", path: "/user", headers: { Authorization: `Bearer ${session.access_token}` } };
      },
    },
    {
      what: "uploading a megabyte",
      request: async () => {
        const body = JSON.stringify({ email: "a".repeat(1_000_000), password: "correct horse battery staple" });
        return { method: "POST", path: "/signup", body, sent: 900_000 };
      },
    },
  ];

  for (const { what, request } of calls) {
    test(`${what}: places, connections and memory are given back`, async () => {
      const made = await request();
      const person = await world().newcomer();
      /** @param {number} patience */
      const crowd = (patience) =>
        Promise.all(Array.from({ length: CLIENTS }, () => hangUp(world().url, made, patience)));
      await crowd(PATIENCES[1]);
      await eventually("the first crowd to be done with", async () => (await taken()) === 0);
      const before = await wasmBytes(world().url);
      for (const patience of PATIENCES) await crowd(patience);

      await eventually("places for hashing to be given back", async () => (await taken()) === 0);
      await eventually("statements to end", async () => (await connections()) === 0);
      const left = (await wasmBytes(world().url)) - before;
      assert.ok(left <= LEFT_MAX, `${CLIENTS * PATIENCES.length} calls left ${Math.round(left / 1024)} KiB behind`);
      const answer = await person.client.post("/token?grant_type=password", person);
      assert.equal(answer.status, 200, "and a sign-in works at once");
    });
  }
});
