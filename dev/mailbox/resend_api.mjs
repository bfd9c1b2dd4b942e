// Resend's HTTP API: `POST /emails`, as strict as https://api.resend.com.
// Its other endpoints are not here, because edgegate calls none of them; they answer 404 or 405.
// contract.mjs holds the cases that this and the real API must both pass.
//
// On purpose unlike the provider: recipients at example.com are taken (it wants its own test
// addresses), `from` may have any domain (it wants a verified one), and there is no rate limit. A
// failure rule (failures.mjs) can play each of them.

import { BODY_MAX_BYTES, createDelivery, keyCheck } from "./delivery.mjs";
import { parseEmail } from "./email_request.mjs";
import { errorBody, HttpError, readJson, send, sendJson, usualErrorOf } from "./http.mjs";

/**
 * What the provider's edge (Cloudflare) answers before its API sees the request.
 * https://resend.com/docs/knowledge-base/403-error-1010
 */
const NO_USER_AGENT_BODY = "error code: 1010";

/** A 429 comes with these; names from https://resend.com/docs/api-reference/rate-limit */
const RATE_LIMIT_HEADERS = {
  "retry-after": "1",
  "ratelimit-limit": "10",
  "ratelimit-remaining": "0",
  "ratelimit-reset": "1",
};

/** @param {import("./routes.mjs").Parts} parts */
export function createResendApi({ apiKey, messages, failures, idempotencyKeys, stopping }) {
  const isOurKey = keyCheck(apiKey);
  const deliver = createDelivery({ failures, stopping });

  /**
   * Accepts a mail.
   * 1. the edge: a User-Agent    2. the key    3. the body    4. the mail    5. the idempotency key
   *    6. delivery, once
   * @param {import("./routes.mjs").Call} call
   */
  async function sendEmail({ request, response, url }) {
    // 1
    if (!request.headers["user-agent"]) {
      return send(response, 403, NO_USER_AGENT_BODY, { "content-type": "text/plain; charset=UTF-8" });
    }
    // 2
    const presented = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (!presented) throw new HttpError("missing_api_key");
    if (!isOurKey(presented)) throw new HttpError("wrong_api_key");
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
      await deliver(response, email.to, {
        accept() {
          if (id === null) {
            const headers = { ...request.headers, authorization: "Bearer ***" };
            id = messages.add(email, {
              idempotency_key: key ?? null,
              request: { path: url.pathname, headers, body },
              size: bytes.length,
            }).id;
            delivery.sent(id);
          }
          return id;
        },
        answer: (id) => sendJson(response, 200, { id }),
        usual: (status) => ({
          body: errorBody(usualErrorOf(status)),
          headers: status === 429 ? RATE_LIMIT_HEADERS : {},
        }),
      });
    } finally {
      if (id === null) delivery.failed();
    }
  }

  return { sendEmail };
}
