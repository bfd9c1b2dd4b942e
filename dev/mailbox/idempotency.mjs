// Idempotency keys: the same request sent twice is one mail and one answer. Source:
// https://resend.com/docs/dashboard/emails/idempotency-keys Failed requests leave no trace: the
// provider asks "whether an email with the same key has already been sent".

import { createHash } from "node:crypto";
import { HttpError } from "./http.mjs";

/** "Have a maximum length of 256 characters". */
export const KEY_MAX_CHARS = 256;

/** "In the last 24 hours". */
export const KEY_LIFETIME_MS = 24 * 60 * 60 * 1000;

/** Bounds memory: a day of development uses far fewer. The oldest go first. */
const MAX_KEYS = 10_000;

/**
 * @param {object} options
 * @param {() => number} options.now
 */
export function createIdempotencyKeys({ now }) {
  /**
   * In the order of first use.
   * @type {Map<string, { digest: string, at: number, id: string | null }>}
   */
  const uses = new Map();

  return {
    /**
     * Begins a request. With a key, exactly one of `sent` and `failed` must follow when `replayed`
     * is null.
     * @param {string | undefined} key
     * @param {Buffer} body compared byte by byte: the strictest reading of "the same payload"
     * @returns {{ replayed: string | null, sent: (id: string) => void, failed: () => void }}
     *   `replayed`: the id of the mail that this key already sent
     * @throws {HttpError}
     */
    begin(key, body) {
      if (key === undefined) return { replayed: null, sent() {}, failed() {} };
      if (key.length === 0 || key.length > KEY_MAX_CHARS) throw new HttpError("invalid_idempotency_key");
      const digest = createHash("sha256").update(body).digest("hex");

      const earlier = uses.get(key);
      if (earlier && now() - earlier.at < KEY_LIFETIME_MS) {
        if (earlier.digest !== digest) throw new HttpError("invalid_idempotent_request");
        if (earlier.id === null) throw new HttpError("concurrent_idempotent_requests");
        return { replayed: earlier.id, sent() {}, failed() {} };
      }

      /** @type {{ digest: string, at: number, id: string | null }} */
      const use = { digest, at: now(), id: null };
      uses.delete(key);
      uses.set(key, use);
      if (uses.size > MAX_KEYS) uses.delete(uses.keys().next().value);
      return {
        replayed: null,
        sent: (id) => {
          use.id = id;
        },
        failed: () => {
          if (uses.get(key) === use) uses.delete(key);
        },
      };
    },

    clear: () => uses.clear(),
  };
}
