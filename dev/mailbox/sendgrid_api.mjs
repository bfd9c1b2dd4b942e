// SendGrid's HTTP API: `POST /v3/mail/send`, as strict as https://api.sendgrid.com. It knows no
// idempotency key: the same mail twice is two mails.
//
// Sources, read in November 2026:
//   https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send
//   https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/responses
// On purpose unlike the provider: `from` may have any domain (it wants a verified sender), and
// there is no rate limit. One personalization only: edgegate sends one mail at a time. A failure
// rule (failures.mjs) can play the rest.

import { isAddress } from "./addresses.mjs";
import { BODY_MAX_BYTES, createDelivery, keyCheck } from "./delivery.mjs";
import { HttpError, ProviderError, readJson, send } from "./http.mjs";

/** "The combined total size of these custom arguments must be less than 10,000 bytes." */
const CUSTOM_ARGS_MAX_BYTES = 10_000;

/** In this order, each at most once. */
const CONTENT_TYPES = ["text/plain", "text/html"];

/** @type {Record<number, string>} */
const USUAL = {
  401: "The provided authorization grant is invalid, expired, or revoked",
  403: "access forbidden",
  413: "Payload Too Large",
  429: "too many requests",
};

/** @param {import("./routes.mjs").Parts} parts */
export function createSendGridApi({ apiKey, messages, failures, stopping, now }) {
  const isOurKey = keyCheck(apiKey);
  const deliver = createDelivery({ failures, stopping });

  /**
   * Accepts a mail.
   * 1. the key    2. the body    3. the mail    4. delivery
   * @param {import("./routes.mjs").Call} call
   */
  async function sendMail({ request, response, url }) {
    // 1
    const presented = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "")?.[1];
    if (!presented || !isOurKey(presented)) throw refusal(401, USUAL[401]);
    // 2
    const { value: body, bytes } = await readJson(request, BODY_MAX_BYTES).catch(inOwnWords);
    // 3
    const email = parseMail(body);
    // 4
    await deliver(response, email.to, {
      accept() {
        const headers = { ...request.headers, authorization: "Bearer ***" };
        return messages.add(email, {
          idempotency_key: null,
          request: { path: url.pathname, headers, body },
          size: bytes.length,
        }).id;
      },
      answer: (id) => send(response, 202, "", { "x-message-id": id }),
      usual: (status) => ({
        body: problem(USUAL[status] ?? (status < 500 ? "Bad Request" : "Internal Server Error")),
        headers:
          status === 429
            ? {
                "x-ratelimit-limit": "600",
                "x-ratelimit-remaining": "0",
                "x-ratelimit-reset": String(Math.ceil(now() / 1000) + 1),
              }
            : {},
      }),
    });
  }

  return { sendMail };
}

/**
 * @param {string} message
 * @param {string | null} [field]
 */
const problem = (message, field = null) => ({ errors: [{ message, field, help: null }] });

/**
 * @param {number} status
 * @param {string} message
 * @param {string} [field]
 */
const refusal = (status, message, field) => new ProviderError(status, problem(message, field));

/**
 * @param {unknown} error of `readJson`
 * @returns {never}
 */
function inOwnWords(error) {
  if (!(error instanceof HttpError)) throw error;
  throw error.status === 413 ? refusal(413, USUAL[413]) : refusal(400, "Bad Request");
}

/**
 * @param {unknown} body
 * @returns {import("./email_request.mjs").Email}
 * @throws {ProviderError}
 */
function parseMail(body) {
  const fields = object(body);
  if (!fields) throw refusal(400, "Bad Request");
  const [personalization, ...others] = Array.isArray(fields.personalizations)
    ? fields.personalizations.map(object)
    : [];
  if (!personalization || others.length > 0)
    throw refusal(
      400,
      "The personalizations field is required and must have at least one personalization.",
      "personalizations",
    );
  const [to, cc, bcc] = ["to", "cc", "bcc"].map((name) =>
    addresses(personalization[name], `personalizations.0.${name}`),
  );
  if (to.length === 0)
    throw refusal(
      400,
      "The to array is required for all personalization objects, and must have at least one email object with a valid email address.",
      "personalizations.0.to",
    );
  const [from] = addresses([fields.from], "from");
  const subject = personalization.subject ?? fields.subject;
  if (typeof subject !== "string" || subject === "") throw refusal(400, "The subject is required.", "subject");
  if (/[\r\n]/.test(subject)) throw refusal(400, "The subject must not contain line breaks.", "subject");
  const { text, html } = content(fields.content);
  checkCustomArgs(fields.custom_args);
  checkTracking(fields.tracking_settings);
  return { from, to, subject, text, html, cc, bcc, reply_to: [], headers: {} };
}

/** @param {unknown} value */
const object = (value) =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? /** @type {Record<string, any>} */ (value)
    : undefined;

/**
 * `[{ email, name? }]` as `Name <address>`.
 * @param {unknown} list
 * @param {string} field
 * @returns {string[]}
 */
function addresses(list, field) {
  if (list === undefined) return [];
  if (!Array.isArray(list)) throw refusal(400, "Must be an array.", field);
  return list.map((item, n) => {
    const { email, name } = object(item) ?? {};
    const place = field === "from" ? "from.email" : `${field}.${n}.email`;
    if (typeof email !== "string" || !isAddress(email)) throw refusal(400, "Does not contain a valid address.", place);
    if (name !== undefined && (typeof name !== "string" || /[\r\n<>]/.test(name)))
      throw refusal(400, "The name is not valid.", place.replace("email", "name"));
    return name ? `${name} <${email}>` : email;
  });
}

/**
 * @param {unknown} parts
 * @returns {{ text: string | null, html: string | null }}
 */
function content(parts) {
  if (!Array.isArray(parts) || parts.length === 0)
    throw refusal(400, "Unless a valid template_id is provided, the content parameter is required.", "content");
  const places = parts.map((part) => CONTENT_TYPES.indexOf(part?.type));
  const ordered = places.every((place, n) => place >= 0 && (n === 0 || place > places[n - 1]));
  if (!ordered)
    throw refusal(400, "If present, text/plain and text/html may only be provided once, in that order.", "content");
  parts.forEach(({ value }, n) => {
    if (typeof value !== "string" || value === "")
      throw refusal(400, "The content value must be a string at least one character in length.", `content.${n}.value`);
  });
  const of = (type) => parts.find((part) => part.type === type)?.value ?? null;
  return { text: of("text/plain"), html: of("text/html") };
}

/** @param {unknown} args */
function checkCustomArgs(args) {
  if (args === undefined) return;
  const values = Object.values(object(args) ?? { args: null });
  if (!values.every((value) => typeof value === "string"))
    throw refusal(400, "Must be an object of strings.", "custom_args");
  if (Buffer.byteLength(JSON.stringify(args)) >= CUSTOM_ARGS_MAX_BYTES)
    throw refusal(400, "Must be less than 10000 bytes.", "custom_args");
}

/** @param {unknown} settings */
function checkTracking(settings) {
  for (const [name, setting] of Object.entries(object(settings) ?? {})) {
    if (typeof setting?.enable !== "boolean")
      throw refusal(400, "The enable parameter must be a boolean.", `tracking_settings.${name}.enable`);
  }
}
