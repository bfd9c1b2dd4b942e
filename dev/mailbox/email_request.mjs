// The body of `POST /emails`: from JSON to an Email, or to the error that the provider would
// answer. Fields that the provider does not know are ignored, as it does itself. Source:
// https://resend.com/docs/api-reference/emails/send-email and github.com/resend/resend-openapi,
// SendEmailRequest.

import { validateHeaderName, validateHeaderValue } from "node:http";
import { isRecipient } from "./addresses.mjs";
import { HttpError } from "./http.mjs";

/** "Max 50" (send-email, body parameter `to`). */
export const MAX_RECIPIENTS = 50;

/**
 * "It can only contain ASCII letters, numbers, underscores, or dashes. No more than 256 characters"
 * (send-email, `tags`).
 */
const TAG = /^[A-Za-z0-9_-]{1,256}$/;

/**
 * @typedef {object} Email
 * @property {string} from
 * @property {string[]} to
 * @property {string} subject
 * @property {string | null} text
 * @property {string | null} html
 * @property {string[]} cc
 * @property {string[]} bcc
 * @property {string[]} reply_to
 * @property {Record<string, string>} headers
 */

/**
 * Checks in the order that was observed on the wire: recipient and sender, content, subject, then
 * the optional fields.
 * @param {unknown} body
 * @returns {Email}
 * @throws {HttpError}
 */
export function parseEmail(body) {
  if (typeof body !== "object" || body === null || Array.isArray(body))
    throw invalid("The request body must be a JSON object.");
  const fields = /** @type {Record<string, unknown>} */ (body);

  // 1 to whom, from whom
  const to = addresses(fields, "to");
  if (to.length === 0) throw missing("to");
  if (to.length > MAX_RECIPIENTS)
    throw invalid(`Invalid \`to\` field. The maximum number of recipients is ${MAX_RECIPIENTS}.`);
  if (isAbsent(fields.from)) throw missing("from");
  if (typeof fields.from !== "string" || !isRecipient(fields.from)) throw badAddress("from");

  // 2 what
  if (!isAbsent(fields.template)) throw new HttpError("not_found", "Template not found");
  const text = optionalString(fields, "text");
  const html = optionalString(fields, "html");
  if (!text && !html) throw invalid("Missing `html` or `text` field.");
  const subject = optionalString(fields, "subject");
  if (!subject) throw missing("subject");
  const lineBreak = /[\r\n]/.exec(subject)?.[0];
  if (lineBreak)
    throw invalid(`The \`${lineBreak === "\n" ? "\\n" : "\\r"}\` is not allowed in the \`subject\` field.`);

  // 3 the rest
  const email = {
    from: fields.from,
    to,
    subject,
    text,
    html,
    cc: addresses(fields, "cc"),
    bcc: addresses(fields, "bcc"),
    reply_to: addresses(fields, "reply_to"),
    headers: customHeaders(fields.headers),
  };
  checkTags(fields.tags);
  checkAttachments(fields.attachments);
  optionalString(fields, "scheduled_at");
  return email;
}

/** @param {unknown} value */
const isAbsent = (value) => value === undefined || value === null || value === "";

/** @param {string} field */
const missing = (field) => new HttpError("missing_required_field", `Missing \`${field}\` field.`);

/** @param {string} message */
const invalid = (message) => new HttpError("validation_error", message);

/** @param {string} field */
const badAddress = (field) =>
  invalid(
    `Invalid \`${field}\` field. The email address needs to follow the \`email@example.com\` or \`Name <email@example.com>\` format.`,
  );

/**
 * @param {Record<string, unknown>} fields
 * @param {string} field
 * @returns {string[]} empty if the field is absent
 */
function addresses(fields, field) {
  const value = fields[field];
  if (isAbsent(value)) return [];
  const list = Array.isArray(value) ? value : [value];
  if (!list.every((item) => typeof item === "string" && isRecipient(item))) throw badAddress(field);
  return list;
}

/**
 * @param {Record<string, unknown>} fields
 * @param {string} field
 */
function optionalString(fields, field) {
  const value = fields[field] ?? null;
  if (value !== null && typeof value !== "string") throw invalid(`Invalid \`${field}\` field. It must be a string.`);
  return value;
}

/**
 * @param {unknown} value
 * @returns {Record<string, string>}
 */
function customHeaders(value) {
  if (isAbsent(value)) return {};
  if (typeof value !== "object" || Array.isArray(value))
    throw invalid("Invalid `headers` field. It must be an object.");
  for (const [name, text] of Object.entries(value)) {
    if (typeof text !== "string" || /[\r\n]/.test(text))
      throw invalid("Invalid `headers` field. Each value must be a string without line breaks.");
    try {
      validateHeaderName(name);
      // Mail headers may hold any text (it is encoded when sent); an HTTP header may not, so the
      // value is checked by itself.
      validateHeaderValue(name, text.replace(/[^\x20-\x7e]/g, ""));
    } catch {
      throw invalid("Invalid `headers` field. A name has a character that headers cannot have.");
    }
  }
  return { ...value };
}

/** @param {unknown} value */
function checkTags(value) {
  if (isAbsent(value)) return;
  const good =
    Array.isArray(value) &&
    value.every((tag) => TAG.test(String(tag?.name ?? "")) && TAG.test(String(tag?.value ?? "")));
  if (!good) throw invalid("Tags should only contain ASCII letters, numbers, underscores, or dashes.");
}

/** @param {unknown} value */
function checkAttachments(value) {
  if (isAbsent(value)) return;
  if (!Array.isArray(value)) throw invalid("Invalid `attachments` field. It must be an array.");
  if (!value.every((file) => !isAbsent(file?.content) || !isAbsent(file?.path)))
    throw new HttpError("invalid_attachment");
}
