// Failures on purpose: each kind does what it says, to whom and as often as it says.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestMailbox } from "./test_support.mjs";

const lost = { code: "ECONNRESET" };

/**
 * Waits until a request has met the failure that was set for one.
 * @param {(method: string, path: string) => Promise<{ json: any }>} call
 */
async function used(call) {
  while ((await call("GET", "/failures")).json.length > 0) await new Promise((resolve) => setTimeout(resolve, 10));
}

test("a status is answered with the provider's usual error, and no mail is accepted", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  mailbox.fail({ status: 503 });
  const { status, json } = await send();
  assert.equal(status, 503);
  assert.deepEqual(json, { statusCode: 503, message: "API is temporarily unavailable", name: "service_unavailable" });
  assert.deepEqual(mailbox.messages, []);
});

test("each usual status has an error that says the same status", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  const names = {
    400: "validation_error",
    401: "missing_api_key",
    403: "validation_error",
    422: "validation_error",
    429: "rate_limit_exceeded",
    500: "application_error",
    502: "application_error",
  };
  for (const [status, name] of Object.entries(names)) {
    mailbox.fail({ status: Number(status), times: 1 });
    const answer = await send();
    assert.deepEqual([answer.status, answer.json.statusCode, answer.json.name], [Number(status), Number(status), name]);
  }
});

test("a 429 says when to come back, and the rule may say otherwise", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  mailbox.fail({ status: 429, times: 1 });
  assert.equal((await send()).headers["retry-after"], "1");
  mailbox.fail({ status: 429, headers: { "Retry-After": "7" }, times: 1 });
  assert.equal((await send()).headers["retry-after"], "7");
});

test("a body is sent as it is, or as JSON", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  mailbox.fail({ status: 502, body: "<html>", headers: { "content-type": "text/html" }, times: 1 });
  const page = await send();
  assert.deepEqual([page.status, page.text, page.headers["content-type"]], [502, "<html>", "text/html"]);
  mailbox.fail({ status: 200, body: { unexpected: true }, times: 1 });
  assert.deepEqual((await send()).json, { unexpected: true });
});

test("drop closes the connection without an answer or a mail", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  mailbox.fail({ drop: true, times: 1 });
  await assert.rejects(send(), lost);
  assert.deepEqual(mailbox.messages, []);
  assert.equal((await send()).status, 200);
});

test("a lost answer leaves one mail, also when the sender tries again with its key", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  mailbox.fail({ drop_after_accept: true, times: 2 });
  const key = { "idempotency-key": "outbox/1" };
  await assert.rejects(send({}, key), lost);
  assert.equal(mailbox.messages.length, 1);
  await assert.rejects(send({}, key), lost);
  assert.equal((await send({}, key)).json.id, mailbox.messages[0].id);
  assert.equal(mailbox.messages.length, 1);
});

test("a failed sending does not use up its key", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  const key = { "idempotency-key": "outbox/1" };
  for (const rule of [{ status: 500 }, { drop: true }]) {
    mailbox.fail({ ...rule, times: 1 });
    await send({}, key).catch(() => {});
  }
  assert.equal((await send({}, key)).status, 200);
  assert.equal(mailbox.messages.length, 1);
});

test("a delay answers late", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  mailbox.fail({ delay_ms: 120 });
  const begun = performance.now();
  assert.equal((await send()).status, 200);
  assert.ok(performance.now() - begun >= 115);
});

test("a sender that gives up during a delay has sent its mail all the same", async (t) => {
  const { mailbox, call } = await startTestMailbox(t);
  mailbox.fail({ delay_ms: 500, times: 1 });
  const body = JSON.stringify({ from: "a@b.example", to: "ada@example.com", subject: "x", text: "x" });
  const headers = { authorization: "Bearer re_test", "content-type": "application/json", "idempotency-key": "k" };
  const sender = new AbortController();
  const sending = fetch(`${mailbox.url}/emails`, { method: "POST", headers, body, signal: sender.signal });
  await used(call);
  sender.abort();
  await assert.rejects(sending, { name: "AbortError" });
  while (mailbox.messages.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  const retry = await (await fetch(`${mailbox.url}/emails`, { method: "POST", headers, body })).json();
  assert.equal(retry.id, mailbox.messages[0].id);
});

test("closing does not wait for a delay", async (t) => {
  const { mailbox, send, call } = await startTestMailbox(t);
  mailbox.fail({ delay_ms: 60_000, times: 1 });
  const sending = assert.rejects(send(), lost);
  await used(call);
  await mailbox.close();
  await sending;
  await mailbox.close();
});

test("a failure for one recipient spares the others", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  mailbox.fail({ status: 500, to: "Bob@Example.com" });
  assert.equal((await send({ to: "ada@example.com" })).status, 200);
  assert.equal((await send({ to: ["ada@example.com", "Bob <bob@example.com>"] })).status, 500);
});

test("failures apply in the order in which they were set, each as often as it says", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  mailbox.fail({ status: 500, times: 2 });
  mailbox.fail({ status: 503, times: 1 });
  const statuses = [];
  for (let n = 0; n < 4; n += 1) statuses.push((await send()).status);
  assert.deepEqual(statuses, [500, 500, 503, 200]);
});

test("a wrong request stays a wrong request, and does not count", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  mailbox.fail({ status: 500, times: 1 });
  assert.equal((await send({ to: "nobody" })).status, 422);
  assert.equal((await send({}, { authorization: null })).status, 401);
  assert.equal((await send()).status, 500);
});

test("failures are set, listed, removed and cleared over HTTP", async (t) => {
  const { call, send } = await startTestMailbox(t);
  const { status, json: rule } = await call("POST", "/failures", {
    body: { status: 500, to: "ada@example.com", times: 3 },
  });
  assert.equal(status, 201);
  await send();
  assert.deepEqual((await call("GET", "/failures")).json, [
    { id: rule.id, status: 500, to: "ada@example.com", times: 3, used: 1 },
  ]);
  assert.equal((await call("DELETE", `/failures/${rule.id}`)).status, 204);
  assert.equal((await call("DELETE", `/failures/${rule.id}`)).status, 404);
  await call("POST", "/failures", { body: { drop: true } });
  assert.equal((await call("DELETE", "/failures")).status, 204);
  assert.equal((await send()).status, 200);
});

test("nonsense is refused with the reason, and sets nothing", async (t) => {
  const { call, mailbox } = await startTestMailbox(t);
  const nonsense = [
    null,
    [],
    "x",
    {},
    { times: 1 },
    { status: "500" },
    { status: 199 },
    { status: 600 },
    { status: 500.5 },
    { drop: false },
    { drop_after_accept: 1 },
    { status: 500, drop: true },
    { drop: true, drop_after_accept: true },
    { delay_ms: -1 },
    { delay_ms: 1e9 },
    { delay_ms: "5" },
    { status: 500, to: "nobody" },
    { status: 500, to: ["a@b.example"] },
    { status: 500, times: 0 },
    { status: 500, times: 1.5 },
    { drop: true, body: "x" },
    { delay_ms: 1, headers: {} },
    { status: 500, headers: [] },
    { status: 500, headers: { "a b": "x" } },
    { status: 500, headers: { a: "x\r\ny: z" } },
    { status: 500, headers: { a: 1 } },
    { status: 500, headers: { "Content-Length": "5" } },
    { statu: 500 },
    JSON.parse('{"__proto__": 1, "status": 500}'),
  ];
  for (const body of nonsense) {
    const { status, json } = await call("POST", "/failures", {
      body: JSON.stringify(body),
      headers: { "content-type": "application/json" },
    });
    assert.equal(status, 422, JSON.stringify(body));
    assert.equal(json.name, "validation_error");
    assert.throws(() => mailbox.fail(body), TypeError);
  }
  assert.equal((await call("POST", "/failures", { body: "{" })).status, 400);
  assert.equal(
    (await call("POST", "/failures", { headers: { "content-type": "text/plain" }, body: { drop: true } })).status,
    400,
  );
  assert.deepEqual((await call("GET", "/failures")).json, []);
});
