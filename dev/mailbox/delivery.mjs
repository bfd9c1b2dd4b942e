// What comes after a provider's API has found a mail in order, whichever API it is: the failure
// that is set, if any, or the mail in the mailbox and the answer. Each API brings its own words.

import { createHash, timingSafeEqual } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { send, sendJson } from "./http.mjs";

/**
 * Longest request: 10 MiB, which is Postmark's limit. Resend takes 40 MB and SendGrid 30 MB with
 * attachments, which edgegate never sends: a mail of this size is a bug to be seen.
 */
export const BODY_MAX_BYTES = 10 * 1024 * 1024;

/**
 * @typedef {object} Words how a provider says it
 * @property {() => string} accept keeps the mail, once; returns its id
 * @property {(id: string) => void} answer tells the sender
 * @property {(status: number) => { body: unknown, headers?: Record<string, string> }} usual what it
 *   most likely answers with a status
 */

/** @param {Pick<import("./routes.mjs").Parts, "failures" | "stopping">} parts */
export function createDelivery({ failures, stopping }) {
  /**
   * 1. a failure, if one is set for these recipients   2. accept once, answer with the id
   * @param {import("node:http").ServerResponse} response
   * @param {string[]} recipients
   * @param {Words} words
   */
  return async function deliver(response, recipients, { accept, answer, usual }) {
    try {
      // 1
      const failure = failures.take(recipients);
      if (failure?.delay_ms) await wait(failure.delay_ms, undefined, { signal: stopping });
      if (failure?.drop) return void response.destroy();
      if (failure?.status !== undefined) return sendFailure(response, failure, usual(failure.status));
      // 2
      const id = accept();
      if (failure?.drop_after_accept) return void response.destroy();
      answer(id);
    } catch (error) {
      // The mailbox is closing while this request waits: nobody is there to be answered.
      if (error.name !== "AbortError") throw error;
    }
  };
}

/**
 * @param {import("node:http").ServerResponse} response
 * @param {import("./failures.mjs").Failure} failure
 * @param {{ body: unknown, headers?: Record<string, string> }} usual
 */
function sendFailure(response, { status, body = undefined, headers }, usual) {
  const all = { ...usual.headers, ...lowerCaseNames(headers) };
  const content = body === undefined ? usual.body : body;
  if (typeof content === "string")
    return send(response, status, content, { "content-type": "text/plain; charset=utf-8", ...all });
  sendJson(response, status, content, all);
}

/** @param {Record<string, string>} [headers] */
const lowerCaseNames = (headers = {}) =>
  Object.fromEntries(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]));

/**
 * A check of the keys that senders present.
 * @param {string} expected
 * @returns {(presented: string) => boolean}
 */
export function keyCheck(expected) {
  const digest = sha256(expected);
  return (presented) => timingSafeEqual(sha256(presented), digest);
}

/** @param {string} text */
const sha256 = (text) => createHash("sha256").update(text).digest();
