// Pages of other sites get nothing from the mailbox and change nothing in it.

import assert from "node:assert/strict";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { test } from "node:test";
import { startTestMailbox } from "./test_support.mjs";

test("a Host that is not this machine is refused, on every route", async (t) => {
  const { call, send } = await startTestMailbox(t);
  for (const host of [
    "evil.example",
    "localhost.evil.example",
    "localhost:8788.evil.example",
    "127.0.0.1.evil.example",
    "evil.example:8788",
    "127.0.0.2",
    "[::2]:8788",
    "0.0.0.0:8788",
  ]) {
    for (const path of ["/", "/messages", "/failures"])
      assert.equal((await call("GET", path, { headers: { host } })).status, 403, `${host} ${path}`);
    assert.equal((await send({}, { host })).status, 403);
  }
  for (const host of ["localhost", "localhost:1234", "LOCALHOST:8788", "127.0.0.1:8788", "[::1]:8788"]) {
    assert.equal((await call("GET", "/messages", { headers: { host } })).status, 200, host);
  }
});

test("a change asked for by another site's page is refused", async (t) => {
  const { call, send, mailbox } = await startTestMailbox(t);
  await send();
  const foreign = [
    { origin: "https://evil.example" },
    { origin: "null" },
    { origin: "http://localhost:8787" },
    { "sec-fetch-site": "cross-site" },
    { "sec-fetch-site": "same-site" },
  ];
  for (const headers of foreign) {
    assert.equal((await call("DELETE", "/messages", { headers })).status, 403, JSON.stringify(headers));
    assert.equal((await call("DELETE", "/failures", { headers })).status, 403);
    assert.equal((await call("POST", "/failures", { headers, body: { drop: true } })).status, 403);
    assert.equal((await send({}, headers)).status, 403);
  }
  assert.equal(mailbox.messages.length, 1);
});

test("the mailbox's own page and programs may change things", async (t) => {
  const { call, mailbox } = await startTestMailbox(t);
  const own = [{ origin: mailbox.url, "sec-fetch-site": "same-origin" }, { "sec-fetch-site": "none" }, {}];
  for (const headers of own)
    assert.equal((await call("DELETE", "/messages", { headers })).status, 204, JSON.stringify(headers));
});

test("no answer may be read, framed or included by another site", async (t) => {
  const { call, send } = await startTestMailbox(t);
  const { json } = await send({ html: "<p>x</p>" });
  for (const path of ["/", `/mail/${json.id}`, `/mail/${json.id}/body`, "/messages", "/failures"]) {
    const { headers } = await call("GET", path, { headers: { origin: "https://evil.example" } });
    assert.equal(headers["access-control-allow-origin"], undefined);
    assert.equal(headers["cross-origin-resource-policy"], "same-origin");
    assert.equal(headers["x-content-type-options"], "nosniff");
    assert.equal(headers["cache-control"], "no-store");
  }
  assert.match((await call("GET", "/")).headers["content-security-policy"], /frame-ancestors 'none'/);
});

test("it listens on this machine's own addresses only", async (t) => {
  const { mailbox } = await startTestMailbox(t);
  const port = Number(new URL(mailbox.url).port);
  const open = (host) =>
    new Promise((resolve) => {
      const socket = connect({ host, port, timeout: 2000 });
      const finish = (answer) => () => resolve(answer) ?? socket.destroy();
      socket.on("connect", finish(true)).on("error", finish(false)).on("timeout", finish(false));
    });
  const addresses = Object.values(networkInterfaces()).flat();
  assert.equal(await open("127.0.0.1"), true);
  if (addresses.some(({ address }) => address === "::1")) assert.equal(await open("::1"), true);
  for (const { address, internal, family } of addresses) {
    if (!internal && family === "IPv4") assert.equal(await open(address), false, address);
  }
});
