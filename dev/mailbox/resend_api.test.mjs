// `POST /emails` beyond the contract: what happens to the mail, idempotency over time, limits.

import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { MAIL, startTestMailbox } from "./test_support.mjs";

const HOUR_MS = 60 * 60 * 1000;

test("an accepted mail is in the mailbox under the answered id", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  const { json } = await send({ html: "<p>Hello</p>" });
  assert.deepEqual(mailbox.messages, [
    {
      id: json.id,
      to: "ada@example.com",
      from: MAIL.from,
      subject: "Hello",
      text: "Hello, Ada.",
      html: "<p>Hello</p>",
      created_at: "2026-01-01T12:00:00.000Z",
    },
  ]);
});

test("a refused mail is not in the mailbox", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  await send({}, { authorization: "Bearer wrong" });
  await send({ to: "nobody" });
  await send({}, { "user-agent": null });
  assert.deepEqual(mailbox.messages, []);
});

test("the errors are in the provider's words", async (t) => {
  const { send, call } = await startTestMailbox(t);
  assert.deepEqual((await send({ to: undefined })).json, {
    statusCode: 422,
    message: "Missing `to` field.",
    name: "missing_required_field",
  });
  assert.deepEqual((await send({ subject: "a\nb" })).json, {
    statusCode: 422,
    message: "The `\\n` is not allowed in the `subject` field.",
    name: "validation_error",
  });
  assert.equal((await send({}, { "user-agent": null })).text, "error code: 1010");
  const wrongMethod = await call("PUT", "/emails", { body: {} });
  assert.equal(wrongMethod.headers.allow, "POST");
});

test("a key in any other form than Bearer is no key", async (t) => {
  const { send } = await startTestMailbox(t);
  for (const authorization of ["re_test", "Basic re_test", "Bearer", "Bearer re_test x"]) {
    assert.equal((await send({}, { authorization })).json.name, "missing_api_key", authorization);
  }
});

test("addresses are taken in both forms and refused in any other", async (t) => {
  const { send } = await startTestMailbox(t);
  const good = [
    "a@b.example",
    "a.b+c@sub.b.example",
    "Ada <a@b.example>",
    "Ада Лавлейс <a@b.example>",
    '"Lovelace, Ada" <a@b.example>',
    "o'neil@b.example",
    "x@xn--bcher-kva.example",
  ];
  const bad = [
    " a@b.example",
    "a@b",
    "a@b.1",
    "@b.example",
    "a@",
    "a..b@c.example",
    ".a@b.example",
    "a@-b.example",
    "a@b_c.example",
    "a b@c.example",
    "<a@b.example>",
    "A <a@b.example> x",
    "A < a@b.example>",
    "a@b.example, c@d.example",
    "ада@b.example",
    "a@bücher.example",
    "A\u0000 <a@b.example>",
    "A\u2028 <a@b.example>",
    `${"a".repeat(65)}@b.example`,
  ];
  for (const to of good) assert.equal((await send({ to })).status, 200, to);
  for (const to of bad) assert.equal((await send({ to })).status, 422, to);
  for (const from of bad) assert.equal((await send({ from })).status, 422, from);
});

test("line breaks are refused wherever a header would come of it", async (t) => {
  const { send } = await startTestMailbox(t);
  for (const breakIn of ["\r\n", "\n", "\r"]) {
    const evil = `x${breakIn}Bcc: eve@example.com`;
    for (const change of [
      { subject: evil },
      { from: `${evil} <a@b.example>` },
      { to: `${evil} <a@b.example>` },
      { cc: evil },
      { reply_to: evil },
      { headers: { "X-A": evil } },
      { headers: { [evil]: "x" } },
    ]) {
      assert.equal((await send(change)).status, 422, JSON.stringify(change));
    }
  }
});

test("a body that is not an object, not UTF-8 or too large is refused", async (t) => {
  const { mailbox, send, call } = await startTestMailbox(t);
  const headers = { authorization: "Bearer re_test", "user-agent": "x", "content-type": "application/json" };
  for (const body of ["[]", "null", '"x"', "7"])
    assert.equal((await call("POST", "/emails", { headers, body })).status, 422, body);
  const broken = await fetch(`${mailbox.url}/emails`, {
    method: "POST",
    headers,
    body: Buffer.from([0x22, 0xff, 0x22]),
  });
  assert.equal(broken.status, 400);
  assert.equal((await send({ text: "x".repeat(10 * 1024 * 1024) })).status, 413);
  const chunked = await fetch(`${mailbox.url}/emails`, {
    method: "POST",
    headers,
    duplex: "half",
    body: new Blob(["x".repeat(11 * 1024 * 1024)]).stream(),
  });
  assert.equal(chunked.status, 413);
  assert.equal((await send()).status, 200, "the mailbox still works");
});

test("an idempotency key makes a second sending the same mail, for 24 hours", async (t) => {
  const { mailbox, clock, send } = await startTestMailbox(t);
  const key = { "idempotency-key": "outbox/1" };
  const first = await send({}, key);
  clock.advance(24 * HOUR_MS - 1);
  assert.equal((await send({}, key)).json.id, first.json.id);
  assert.equal(mailbox.messages.length, 1);
  clock.advance(1);
  assert.notEqual((await send({}, key)).json.id, first.json.id);
  assert.equal(mailbox.messages.length, 2);
});

test("without a key the same mail twice is two mails", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  await send();
  await send();
  assert.equal(mailbox.messages.length, 2);
});

test("a key whose request is under way is refused, and works again afterwards", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  const key = { "idempotency-key": "outbox/1" };
  mailbox.fail({ delay_ms: 150, times: 1 });
  const slow = send({}, key);
  await wait(50);
  assert.deepEqual((await send({}, key)).json, {
    statusCode: 409,
    message: "There is another request in progress with the same idempotency key.",
    name: "concurrent_idempotent_requests",
  });
  assert.equal((await send({ subject: "Another" }, key)).json.name, "invalid_idempotent_request");
  const { json } = await slow;
  assert.equal((await send({}, key)).json.id, json.id);
  assert.equal(mailbox.messages.length, 1);
});

test("sixteen at once with one key are one mail", async (t) => {
  const { mailbox, send } = await startTestMailbox(t);
  const answers = await Promise.all(Array.from({ length: 16 }, () => send({}, { "idempotency-key": "outbox/1" })));
  assert.equal(mailbox.messages.length, 1);
  for (const { status, json } of answers)
    assert.ok(status === 200 ? json.id === mailbox.messages[0].id : status === 409);
});
