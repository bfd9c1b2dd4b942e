// What the mailbox's tests share: a running mailbox with a clock that stands still, and requests to
// it.

import { exchange } from "./contract.mjs";
import { startMailbox } from "./mailbox.mjs";

export const API_KEY = "re_test";

export const MAIL = {
  from: "edgegate <no-reply@edgegate.example>",
  to: "ada@example.com",
  subject: "Hello",
  text: "Hello, Ada.",
};

/**
 * A mailbox of its own for one test, closed when the test ends.
 * @param {import("node:test").TestContext} t
 * @param {{ maxMessages?: number }} [options]
 */
export async function startTestMailbox(t, { maxMessages } = {}) {
  const clock = { now: Date.parse("2026-01-01T12:00:00Z"), advance: (ms) => (clock.now += ms) };
  const mailbox = await startMailbox({ apiKey: API_KEY, now: () => clock.now, maxMessages });
  t.after(() => mailbox.close());

  /**
   * @param {string} method
   * @param {string} path
   * @param {{ headers?: Record<string, string | null>, body?: unknown }} [options]
   */
  const call = (method, path, { headers = {}, body } = {}) =>
    exchange(new URL(path, mailbox.url), {
      method,
      headers: { ...(body !== undefined && { "content-type": "application/json" }), ...headers },
      body: body === undefined || typeof body === "string" ? body : JSON.stringify(body),
    });

  /**
   * @param {object} [changes] to MAIL
   * @param {Record<string, string | null>} [headers]
   */
  const send = (changes, headers) =>
    call("POST", "/emails", {
      headers: { authorization: `Bearer ${API_KEY}`, "user-agent": "edgegate-test/1", ...headers },
      body: { ...MAIL, ...changes },
    });

  return { mailbox, clock, call, send };
}
