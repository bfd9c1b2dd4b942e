// `POST /email`, as Postmark answers it: what becomes of the mail, and the refusals in its words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { API_KEY, startTestMailbox } from "./test_support.mjs";

const MAIL = {
  From: "edgegate <no-reply@edgegate.example>",
  To: "ada@example.com",
  Subject: "Hello",
  TextBody: "Hello, Ada.",
  MessageStream: "outbound",
  TrackLinks: "None",
  TrackOpens: false,
  Metadata: { mail_id: "1" },
};

/** @param {import("node:test").TestContext} t */
async function startPostmark(t) {
  const world = await startTestMailbox(t);
  /** @param {object} [changes] to MAIL @param {Record<string, string | null>} [headers] */
  const send = (changes, headers) =>
    world.call("POST", "/email", {
      headers: { "x-postmark-server-token": API_KEY, ...headers },
      body: { ...MAIL, ...changes },
    });
  return { ...world, send };
}

test("an accepted mail is in the mailbox under the answered id", async (t) => {
  const { mailbox, send } = await startPostmark(t);
  const { status, json } = await send({ HtmlBody: "<p>Hello</p>" });
  assert.equal(status, 200);
  assert.deepEqual(json, {
    To: "ada@example.com",
    SubmittedAt: "2026-01-01T12:00:00.000Z",
    MessageID: json.MessageID,
    ErrorCode: 0,
    Message: "OK",
  });
  assert.deepEqual(mailbox.messages, [
    {
      id: json.MessageID,
      to: "ada@example.com",
      from: MAIL.From,
      subject: "Hello",
      text: "Hello, Ada.",
      html: "<p>Hello</p>",
      created_at: "2026-01-01T12:00:00.000Z",
    },
  ]);
});

test("the request is kept without its token", async (t) => {
  const { call, send } = await startPostmark(t);
  const { json } = await send();
  const { request } = (await call("GET", `/messages/${json.MessageID}`)).json;
  assert.equal(request.path, "/email");
  assert.equal(request.headers["x-postmark-server-token"], "***");
  assert.deepEqual(request.body, MAIL);
});

test("the same mail twice is two mails, whatever key comes with it", async (t) => {
  const { mailbox, send } = await startPostmark(t);
  const key = { "idempotency-key": "outbox/1" };
  await send({}, key);
  await send({}, key);
  assert.equal(mailbox.messages.length, 2);
});

test("a token that is missing or wrong is refused", async (t) => {
  const { mailbox, send } = await startPostmark(t);
  for (const token of [null, "wrong", `Bearer ${API_KEY}`]) {
    const { status, json } = await send({}, { "x-postmark-server-token": token, authorization: `Bearer ${API_KEY}` });
    assert.deepEqual([status, json.ErrorCode], [401, 10], String(token));
  }
  assert.deepEqual(mailbox.messages, []);
});

test("what is wrong with a mail is told with an error code", async (t) => {
  const { mailbox, send, call } = await startPostmark(t);
  for (const change of [
    { From: undefined },
    { From: "edgegate" },
    { To: undefined },
    { To: "ada" },
    { To: "ada@example.com, eve@" },
    { To: "ada@example.com\r\nBcc: eve@example.com" },
    { To: Array(51).fill("ada@example.com").join(",") },
    { TextBody: undefined },
    { Subject: "a\nBcc: eve@example.com" },
    { TrackLinks: "Some" },
    { Metadata: { mail_id: "x".repeat(81) } },
    { Metadata: { ["x".repeat(21)]: "1" } },
    { Metadata: { mail_id: 7 } },
    { Metadata: 7 },
  ]) {
    const { status, json } = await send(change);
    assert.deepEqual([status, json.ErrorCode], [422, 300], JSON.stringify(change));
  }
  for (const change of [{ From: 7 }, { HtmlBody: {} }, { TrackOpens: "no" }, { MessageStream: 7 }])
    assert.equal((await send(change)).json.ErrorCode, 403, JSON.stringify(change));
  const headers = { "x-postmark-server-token": API_KEY, "content-type": "application/json" };
  for (const [body, code] of [
    ["{", 402],
    ["[]", 403],
    ["7", 403],
    ["null", 403],
  ])
    assert.equal((await call("POST", "/email", { headers, body })).json.ErrorCode, code, body);
  assert.equal((await send({}, { "content-type": "text/plain" })).json.ErrorCode, 402);
  assert.equal((await send({ TextBody: "x".repeat(10 * 1024 * 1024) })).status, 413);
  assert.deepEqual(mailbox.messages, []);
});

test("failures are in its words", async (t) => {
  const { mailbox, send } = await startPostmark(t);
  for (const [status, code] of [
    [401, 10],
    [422, 300],
    [429, 429],
    [500, 500],
    [503, 100],
  ]) {
    mailbox.fail({ status, times: 1 });
    const answer = await send();
    assert.deepEqual([answer.status, answer.json.ErrorCode], [status, code]);
  }
  mailbox.fail({
    status: 422,
    body: { ErrorCode: 406, Message: "inactive" },
    headers: { "x-a": "1" },
    to: "ada@example.com",
    times: 1,
  });
  const answer = await send();
  assert.deepEqual([answer.status, answer.json.ErrorCode, answer.headers["x-a"]], [422, 406, "1"]);
  assert.deepEqual(mailbox.messages, []);
  mailbox.fail({ drop_after_accept: true, times: 1 });
  await assert.rejects(send());
  assert.equal(mailbox.messages.length, 1);
});
