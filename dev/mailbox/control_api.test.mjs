// The control API: reading the mails, and how many are kept.

import assert from "node:assert/strict";
import { test } from "node:test";
import { startTestMailbox } from "./test_support.mjs";

test("mails are listed newest first", async (t) => {
  const { send, call, clock } = await startTestMailbox(t);
  for (const subject of ["one", "two", "three"]) {
    await send({ subject });
    clock.advance(1000);
  }
  const { status, json } = await call("GET", "/messages");
  assert.equal(status, 200);
  assert.deepEqual(
    json.map(({ subject }) => subject),
    ["three", "two", "one"],
  );
  assert.deepEqual(Object.keys(json[0]), ["id", "to", "from", "subject", "text", "html", "created_at"]);
});

test("the mails to one address are found whatever the case, and no others", async (t) => {
  const { send, call } = await startTestMailbox(t);
  await send({ to: "Ada@Example.com", subject: "1" });
  await send({ to: ["bob@example.com", "Ada Lovelace <ada@example.com>"], subject: "2" });
  await send({ to: "nada@example.com", subject: "3" });
  await send({ to: "ada@example.com.example", subject: "4" });
  const subjects = async (to) => (await call("GET", `/messages?to=${to}`)).json.map(({ subject }) => subject);
  assert.deepEqual(await subjects("ada@example.com"), ["2", "1"]);
  assert.deepEqual(await subjects("ADA%40EXAMPLE.COM"), ["2", "1"]);
  assert.deepEqual(await subjects("ada@example"), []);
  assert.deepEqual(await subjects(""), []);
});

test("an address with a plus is found, escaped or not", async (t) => {
  const { send, call } = await startTestMailbox(t);
  await send({ to: "ada+test@example.com" });
  assert.equal((await call("GET", "/messages?to=ada+test@example.com")).json.length, 1);
  assert.equal((await call("GET", "/messages?to=ada%2Btest@example.com")).json.length, 1);
});

test("one recipient is a string, as it was sent; several are an array", async (t) => {
  const { send, mailbox } = await startTestMailbox(t);
  await send({ to: "Ada <ada@example.com>" });
  await send({ to: ["bob@example.com"] });
  await send({ to: ["ada@example.com", "bob@example.com"] });
  assert.deepEqual(
    mailbox.messages.map(({ to }) => to),
    [["ada@example.com", "bob@example.com"], "bob@example.com", "Ada <ada@example.com>"],
  );
});

test("one mail is told with its request, but not with its key", async (t) => {
  const { send, call } = await startTestMailbox(t);
  const {
    json: { id },
  } = await send({ reply_to: "help@edgegate.example" }, { "idempotency-key": "outbox/7" });
  const { json } = await call("GET", `/messages/${id}`);
  assert.equal(json.id, id);
  assert.equal(json.idempotency_key, "outbox/7");
  assert.deepEqual(json.reply_to, ["help@edgegate.example"]);
  assert.equal(json.request.body.subject, "Hello");
  assert.equal(json.request.headers.authorization, "Bearer ***");
  assert.equal((await call("GET", "/messages/unknown")).status, 404);
});

test("deleting leaves no mail", async (t) => {
  const { send, call } = await startTestMailbox(t);
  await send();
  assert.equal((await call("DELETE", "/messages")).status, 204);
  assert.deepEqual((await call("GET", "/messages")).json, []);
});

test("clear forgets mails, failures and idempotency keys", async (t) => {
  const { send, mailbox, call } = await startTestMailbox(t);
  const first = await send({}, { "idempotency-key": "1" });
  mailbox.fail({ status: 500 });
  mailbox.clear();
  assert.deepEqual(mailbox.messages, []);
  assert.deepEqual((await call("GET", "/failures")).json, []);
  assert.notEqual((await send({}, { "idempotency-key": "1" })).json.id, first.json.id);
});

test("only the newest mails are kept", async (t) => {
  const { send, call, mailbox } = await startTestMailbox(t, { maxMessages: 3 });
  for (let n = 1; n <= 5; n += 1) await send({ subject: `mail ${n}` });
  assert.deepEqual(
    mailbox.messages.map(({ subject }) => subject),
    ["mail 5", "mail 4", "mail 3"],
  );
  assert.match((await call("GET", "/")).text, /2 older mails dropped: the mailbox keeps the newest, 3 at most/);
});

test("unknown paths and methods are refused", async (t) => {
  const { call } = await startTestMailbox(t);
  for (const path of [
    "/nope",
    "/messages/a/b",
    "//evil.example/",
    "/mail/",
    "/assets/../server.mjs",
    "/assets/%2e%2e/server.mjs",
  ]) {
    assert.equal((await call("GET", path.startsWith("//") ? `/.${path}` : path)).status, 404, path);
  }
  assert.equal((await call("PATCH", "/messages", { body: {} })).status, 405);
  assert.equal((await call("OPTIONS", "/emails")).status, 405);
});
