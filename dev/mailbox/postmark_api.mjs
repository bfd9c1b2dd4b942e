// Postmark's HTTP API: `POST /email`, as strict as https://api.postmarkapp.com. It knows no
// idempotency key: the same mail twice is two mails.
//
// Sources, read in November 2026:
//   https://postmarkapp.com/developer/api/email-api,
// https://postmarkapp.com/developer/api/overview#error-codes On purpose unlike the provider: `From`
// may have any domain (it wants a confirmed sender), the message stream any name (it wants one that
// exists), and no recipient is suppressed. A failure rule (failures.mjs) can play each of them.

import { isRecipient } from "./addresses.mjs";
import { BODY_MAX_BYTES, createDelivery, keyCheck } from "./delivery.mjs";
import { HttpError, ProviderError, readJson, sendJson } from "./http.mjs";

const MAX_RECIPIENTS = 50;

/** https://postmarkapp.com/support/article/1125-custom-metadata-faq */
const METADATA = { keys: 10, nameChars: 20, valueChars: 80 };

/** The values of `TrackLinks`. */
const TRACK_LINKS = ["None", "HtmlAndText", "HtmlOnly", "TextOnly"];

/**
 * What the provider most likely means by a status: error code and message.
 * @type {Record<number, [code: number, message: string]>}
 */
const USUAL = {
  401: [
    10,
    "No Account or Server API tokens were supplied in the HTTP headers. Please add a header for either X-Postmark-Server-Token or X-Postmark-Account-Token.",
  ],
  422: [300, "Invalid email request."],
  429: [429, "Rate limit exceeded."],
  503: [100, "The Postmark API is offline for maintenance."],
};

/** @param {import("./routes.mjs").Parts} parts */
export function createPostmarkApi({ apiKey, messages, failures, stopping, now }) {
  const isOurKey = keyCheck(apiKey);
  const deliver = createDelivery({ failures, stopping });

  /**
   * Accepts a mail.
   * 1. the token    2. the body    3. the mail    4. delivery
   * @param {import("./routes.mjs").Call} call
   */
  async function sendEmail({ request, response, url }) {
    // 1
    const presented = request.headers["x-postmark-server-token"];
    if (typeof presented !== "string") throw refusal(401, ...USUAL[401]);
    if (!isOurKey(presented))
      throw refusal(
        401,
        10,
        "The Server Token you provided in the X-Postmark-Server-Token request header was invalid.",
      );
    // 2
    const { value: body, bytes } = await readJson(request, BODY_MAX_BYTES).catch(inOwnWords);
    // 3
    const email = parseEmail(body);
    // 4
    await deliver(response, email.to, {
      accept() {
        const headers = { ...request.headers, "x-postmark-server-token": "***" };
        return messages.add(email, {
          idempotency_key: null,
          request: { path: url.pathname, headers, body },
          size: bytes.length,
        }).id;
      },
      answer: (id) =>
        sendJson(response, 200, {
          To: email.to.join(", "),
          SubmittedAt: new Date(now()).toISOString(),
          MessageID: id,
          ErrorCode: 0,
          Message: "OK",
        }),
      usual(status) {
        const [ErrorCode, Message] = USUAL[status] ?? [status < 500 ? 300 : 500, "The request was not processed."];
        return { body: { ErrorCode, Message } };
      },
    });
  }

  return { sendEmail };
}

/**
 * @param {number} status
 * @param {number} ErrorCode
 * @param {string} Message
 */
const refusal = (status, ErrorCode, Message) => new ProviderError(status, { ErrorCode, Message });

/** @param {string} message */
const invalid = (message) => refusal(422, 300, message);

/**
 * @param {unknown} error of `readJson`
 * @returns {never}
 */
function inOwnWords(error) {
  if (!(error instanceof HttpError)) throw error;
  if (error.status === 413) throw refusal(413, 300, "The request is larger than 10 MB.");
  throw refusal(422, 402, "Received invalid JSON input. Please check the syntax of the JSON, and the Content-Type.");
}

/**
 * @param {unknown} body
 * @returns {import("./email_request.mjs").Email}
 * @throws {ProviderError}
 */
function parseEmail(body) {
  if (typeof body !== "object" || body === null || Array.isArray(body)) throw refusal(422, 403, "Incompatible JSON.");
  const fields = /** @type {Record<string, unknown>} */ (body);
  const from = optionalText(fields, "From");
  if (!from || !isRecipient(from)) throw invalid(`Invalid 'From' address: '${from ?? ""}'.`);
  const to = recipients(fields, "To");
  if (to.length === 0) throw invalid("Zero recipients specified");
  const [cc, bcc, replyTo] = ["Cc", "Bcc", "ReplyTo"].map((field) => recipients(fields, field));
  if (to.length + cc.length + bcc.length > MAX_RECIPIENTS)
    throw invalid(`Too many recipients: the maximum is ${MAX_RECIPIENTS}.`);
  const subject = optionalText(fields, "Subject") ?? "";
  if (/[\r\n]/.test(subject)) throw invalid("Invalid 'Subject': line breaks are not allowed.");
  const [html, text] = [optionalText(fields, "HtmlBody"), optionalText(fields, "TextBody")];
  if (!html && !text) throw invalid("Provide either email TextBody or HtmlBody or both.");
  optionalText(fields, "MessageStream");
  if (fields.TrackOpens !== undefined && typeof fields.TrackOpens !== "boolean")
    throw refusal(422, 403, "Incompatible JSON: 'TrackOpens'.");
  if (fields.TrackLinks !== undefined && !TRACK_LINKS.includes(String(fields.TrackLinks)))
    throw invalid("Invalid 'TrackLinks' value.");
  checkMetadata(fields.Metadata);
  return { from, to, subject, text, html, cc, bcc, reply_to: replyTo, headers: {} };
}

/**
 * @param {Record<string, unknown>} fields
 * @param {string} field
 */
function optionalText(fields, field) {
  const value = fields[field] ?? null;
  if (value !== null && typeof value !== "string")
    throw refusal(422, 403, `Incompatible JSON: '${field}' must be a string.`);
  return value;
}

/**
 * Addresses separated by commas.
 * @param {Record<string, unknown>} fields
 * @param {string} field
 */
function recipients(fields, field) {
  const list = optionalText(fields, field);
  if (!list) return [];
  const each = list.split(",").map((recipient) => recipient.trim());
  const wrong = each.find((recipient) => !isRecipient(recipient));
  if (wrong !== undefined) throw invalid(`Invalid '${field}' address: '${wrong}'.`);
  return each;
}

/** @param {unknown} metadata */
function checkMetadata(metadata) {
  if (metadata === undefined || metadata === null) return;
  const entries = typeof metadata === "object" ? Object.entries(metadata) : [["", null]];
  const good = ([name, value]) =>
    name.length <= METADATA.nameChars && typeof value === "string" && value.length <= METADATA.valueChars;
  if (entries.length > METADATA.keys || !entries.every(good))
    throw invalid("Invalid 'Metadata': at most 10 pairs of a name of 20 and a value of 80 characters.");
}
