// The mails that were accepted, in memory. Bounded: the oldest go first, and how many went is
// remembered.

import { randomUUID } from "node:crypto";
import { addressOf } from "./addresses.mjs";

/**
 * How many mails are kept: enough for a test run of several hundred sign-ups, and a list that a
 * browser still shows.
 */
export const MAX_MESSAGES = 1000;

/**
 * How much mail is kept, counted as request bodies: 64 MiB, so that large mails cannot fill the
 * machine either.
 */
export const MAX_TOTAL_BYTES = 64 * 1024 * 1024;

/**
 * @typedef {import("./email_request.mjs").Email & {
 *   id: string,
 *   created_at: string,
 *   idempotency_key: string | null,
 *   request: { path: string, headers: Record<string, string>, body: unknown },
 *   size: number,
 * }} Message
 */

/**
 * @typedef {object} PublicMessage what `GET /messages` answers
 * @property {string} id the provider's id of the mail, as the API answered it
 * @property {string | string[]} to as it was sent; a string when there is one recipient
 * @property {string} from
 * @property {string} subject
 * @property {string | null} text
 * @property {string | null} html
 * @property {string} created_at ISO 8601, UTC
 */

/**
 * @param {Message} message
 * @returns {PublicMessage}
 */
export function publicView({ id, to, from, subject, text, html, created_at }) {
  return { id, to: to.length === 1 ? to[0] : [...to], from, subject, text, html, created_at };
}

/**
 * @param {object} options
 * @param {() => number} options.now
 * @param {number} [options.maxMessages]
 * @param {number} [options.maxTotalBytes]
 */
export function createMessages({ now, maxMessages = MAX_MESSAGES, maxTotalBytes = MAX_TOTAL_BYTES }) {
  /** Oldest first. @type {Message[]} */
  let messages = [];
  let totalBytes = 0;
  let dropped = 0;
  let version = 0;

  return {
    /** Grows with every change: a page that has this version is up to date. */
    get version() {
      return version;
    },
    /** How many mails had to make room for newer ones. */
    get dropped() {
      return dropped;
    },
    get maxMessages() {
      return maxMessages;
    },

    /**
     * @param {import("./email_request.mjs").Email} email
     * @param {Pick<Message, "idempotency_key" | "request" | "size">} received
     * @returns {Message}
     */
    add(email, received) {
      const message = { id: randomUUID(), created_at: new Date(now()).toISOString(), ...email, ...received };
      messages.push(message);
      totalBytes += message.size;
      while (messages.length > maxMessages || (totalBytes > maxTotalBytes && messages.length > 1)) {
        totalBytes -= messages.shift().size;
        dropped += 1;
      }
      version += 1;
      return message;
    },

    /**
     * Newest first.
     * @param {{ to?: string, search?: string }} [filter] `to`: exactly this address; `search`: part
     *   of a recipient. Case does not matter.
     */
    list({ to, search } = {}) {
      const wanted = to?.trim().toLowerCase();
      const part = search?.trim().toLowerCase();
      return messages
        .filter(
          (message) =>
            wanted === undefined || message.to.some((recipient) => addressOf(recipient).toLowerCase() === wanted),
        )
        .filter((message) => !part || message.to.some((recipient) => recipient.toLowerCase().includes(part)))
        .reverse();
    },

    /** @param {string} id */
    get(id) {
      return messages.find((message) => message.id === id);
    },

    clear() {
      messages = [];
      totalBytes = 0;
      dropped = 0;
      version += 1;
    },
  };
}
