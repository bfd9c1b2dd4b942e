// `POST /v3/mail/send`, as SendGrid answers it: what becomes of the mail, and the refusals in its
// words.

import assert from "node:assert/strict";
import { test } from "node:test";
import { API_KEY, startTestMailbox } from "./test_support.mjs";

const MAIL = {
  personalizations: [{ to: [{ email: "ada@example.com" }] }],
  from: { email: "no-reply@edgegate.example", name: "edgegate" },
  subject: "Hello",
  content: [
    { type: "text/plain", value: "Hello, Ada." },
    { type: "text/html", value: "<p>Hello</p>" },
  ],
  custom_args: { mail_id: "1" },
  tracking_settings: { click_tracking: { enable: false, enable_text: false }, open_tracking: { enable: false } },
};

/** @param {import("node:test").TestContext} t */
async function startSendGrid(t) {
  const world = await startTestMailbox(t);
  /** @param {object} [changes] to MAIL @param {Record<string, string | null>} [headers] */
  const send = (changes, headers) =>
    world.call("POST", "/v3/mail/send", {
      headers: { authorization: `Bearer ${API_KEY}`, ...headers },
      body: { ...MAIL, ...changes },
    });
  return { ...world, send };
}

test("an accepted mail is in the mailbox under the answered id", async (t) => {
  const { mailbox, send } = await startSendGrid(t);
  const { status, text, headers } = await send();
  assert.deepEqual([status, text], [202, ""]);
  assert.deepEqual(mailbox.messages, [
    {
      id: headers["x-message-id"],
      to: "ada@example.com",
      from: "edgegate <no-reply@edgegate.example>",
      subject: "Hello",
      text: "Hello, Ada.",
      html: "<p>Hello</p>",
      created_at: "2026-01-01T12:00:00.000Z",
    },
  ]);
});

test("the request is kept without its key", async (t) => {
  const { call, send } = await startSendGrid(t);
  const { headers } = await send();
  const { request } = (await call("GET", `/messages/${headers["x-message-id"]}`)).json;
  assert.equal(request.path, "/v3/mail/send");
  assert.equal(request.headers.authorization, "Bearer ***");
  assert.deepEqual(request.body, MAIL);
});

test("the same mail twice is two mails, whatever key comes with it", async (t) => {
  const { mailbox, send } = await startSendGrid(t);
  const key = { "idempotency-key": "outbox/1" };
  await send({}, key);
  await send({}, key);
  assert.equal(mailbox.messages.length, 2);
});

test("a key that is missing or wrong is refused", async (t) => {
  const { mailbox, send } = await startSendGrid(t);
  for (const authorization of [null, "Bearer wrong", API_KEY, `Basic ${API_KEY}`]) {
    const { status, json } = await send({}, { authorization });
    assert.deepEqual([status, json.errors[0].field], [401, null], String(authorization));
  }
  assert.deepEqual(mailbox.messages, []);
});

test("what is wrong with a mail is told with the field", async (t) => {
  const { mailbox, send, call } = await startSendGrid(t);
  const to = (address) => ({ personalizations: [{ to: [{ email: address }] }] });
  const [plain, html] = MAIL.content;
  for (const [change, field] of [
    [{ personalizations: undefined }, "personalizations"],
    [{ personalizations: [] }, "personalizations"],
    [{ personalizations: [{}] }, "personalizations.0.to"],
    [{ personalizations: [{ to: "ada@example.com" }] }, "personalizations.0.to"],
    [to("ada"), "personalizations.0.to.0.email"],
    [to("ada@example.com\r\nBcc: eve@example.com"), "personalizations.0.to.0.email"],
    [to(7), "personalizations.0.to.0.email"],
    [{ from: undefined }, "from.email"],
    [{ from: { email: "edgegate" } }, "from.email"],
    [{ from: { email: "a@b.example", name: "a\nb" } }, "from.name"],
    [{ subject: undefined }, "subject"],
    [{ subject: "a\nBcc: eve@example.com" }, "subject"],
    [{ content: undefined }, "content"],
    [{ content: [] }, "content"],
    [{ content: [html, plain] }, "content"],
    [{ content: [plain, plain] }, "content"],
    [{ content: [{ type: "text/plain", value: "" }] }, "content.0.value"],
    [{ custom_args: { mail_id: 7 } }, "custom_args"],
    [{ custom_args: { mail_id: "x".repeat(10_000) } }, "custom_args"],
    [{ tracking_settings: { click_tracking: { enable: "no" } } }, "tracking_settings.click_tracking.enable"],
  ]) {
    const { status, json } = await send(change);
    assert.deepEqual([status, json.errors?.[0].field], [400, field], JSON.stringify(change));
  }
  const headers = { authorization: `Bearer ${API_KEY}`, "content-type": "application/json" };
  for (const body of ["{", "[]", "7", "null"])
    assert.equal((await call("POST", "/v3/mail/send", { headers, body })).status, 400, body);
  assert.equal((await send({ subject: "x".repeat(10 * 1024 * 1024) })).status, 413);
  assert.deepEqual(mailbox.messages, []);
});

test("failures are in its words", async (t) => {
  const { mailbox, send } = await startSendGrid(t);
  for (const status of [400, 401, 403, 413, 429, 500, 503]) {
    mailbox.fail({ status, times: 1 });
    const { status: got, json, headers } = await send();
    assert.deepEqual([got, typeof json.errors[0].message], [status, "string"]);
    assert.equal(
      headers["x-ratelimit-reset"],
      status === 429 ? String(Date.parse("2026-01-01T12:00:01Z") / 1000) : undefined,
    );
  }
  assert.deepEqual(mailbox.messages, []);
  mailbox.fail({ drop_after_accept: true, times: 1 });
  await assert.rejects(send());
  assert.equal(mailbox.messages.length, 1);
});
