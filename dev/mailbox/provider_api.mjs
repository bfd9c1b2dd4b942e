// The provider's HTTP API: `POST /emails`, as strict as https://api.resend.com.
// Its other endpoints are not here, because edgegate calls none of them; they answer 404 or 405.
// contract.mjs holds the cases that this and the real API must both pass.
//
// On purpose unlike the provider: recipients at example.com are taken (it wants its own test addresses), `from` may have any
// domain (it wants a verified one), and there is no rate limit. A failure rule (failures.mjs) can play each of them.

import { createHash, timingSafeEqual } from "node:crypto";
import { setTimeout as wait } from "node:timers/promises";
import { parseEmail } from "./email_request.mjs";
import { errorBody, HttpError, readJson, send, sendJson, usualErrorOf } from "./http.mjs";

/**
 * Longest request: 10 MiB. The provider takes 40 MB with attachments ("max 40MB per email"), which edgegate never sends:
 * a mail of this size is a bug to be seen.
 */
export const BODY_MAX_BYTES = 10 * 1024 * 1024;

/** What the provider's edge (Cloudflare) answers before its API sees the request. https://resend.com/docs/knowledge-base/403-error-1010 */
const NO_USER_AGENT_BODY = "error code: 1010";

/** A 429 comes with these; names from https://resend.com/docs/api-reference/rate-limit */
const RATE_LIMIT_HEADERS = { "retry-after": "1", "ratelimit-limit": "10", "ratelimit-remaining": "0", "ratelimit-reset": "1" };

/** @param {import("./routes.mjs").Parts} parts */
export function createProviderApi({ apiKey, messages, failures, idempotencyKeys, stopping }) {
  const expectedKey = sha256(apiKey);

  /**
   * Accepts a mail.
   * 1. the edge: a User-Agent    2. the key    3. the body    4. the mail    5. the idempotency key
   * 6. a failure, if one is set  7. store once, answer with the id
   * @param {import("./routes.mjs").Call} call
   */
  async function sendEmail({ request, response }) {
    // 1
    if (!request.headers["user-agent"]) {
      return send(response, 403, NO_USER_AGENT_BODY, { "content-type": "text/plain; charset=UTF-8" });
    }
    // 2
    const presented = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (!presented) throw new HttpError("missing_api_key");
    if (!timingSafeEqual(sha256(presented), expectedKey)) throw new HttpError("wrong_api_key");
    // 3
    const { value: body, bytes } = await readJson(request, BODY_MAX_BYTES);
    // 4
    const email = parseEmail(body);
    // 5
    const key = /** @type {string | undefined} */ (request.headers["idempotency-key"]);
    const delivery = idempotencyKeys.begin(key, bytes);
    let id = delivery.replayed;
    try {
      // 6
      const failure = failures.take(email.to);
      if (failure?.delay_ms) await wait(failure.delay_ms, undefined, { signal: stopping });
      if (failure?.drop) return void response.destroy();
      if (failure?.status !== undefined) return sendFailure(response, failure);
      // 7
      if (id === null) {
        const headers = { ...request.headers, authorization: "Bearer ***" };
        id = messages.add(email, { idempotency_key: key ?? null, request: { headers, body }, size: bytes.length }).id;
        delivery.sent(id);
      }
      if (failure?.drop_after_accept) return void response.destroy();
      sendJson(response, 200, { id });
    } catch (error) {
      // The mailbox is closing while this request waits: nobody is there to be answered.
      if (error.name !== "AbortError") throw error;
    } finally {
      if (id === null) delivery.failed();
    }
  }

  return { sendEmail };
}

/**
 * @param {import("node:http").ServerResponse} response
 * @param {import("./failures.mjs").Failure} failure
 */
function sendFailure(response, { status, body = errorBody(usualErrorOf(status)), headers }) {
  const own = lowerCaseNames(headers);
  const usual = status === 429 ? RATE_LIMIT_HEADERS : {};
  if (typeof body === "string") return send(response, status, body, { "content-type": "text/plain; charset=utf-8", ...usual, ...own });
  sendJson(response, status, body, { ...usual, ...own });
}

/** @param {Record<string, string>} [headers] */
const lowerCaseNames = (headers = {}) => Object.fromEntries(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]));

/** @param {string} text */
const sha256 = (text) => createHash("sha256").update(text).digest();
