// HTTP as the mailbox speaks it: read a body, write JSON, and errors, in Resend's shape unless
// another API brings its own. Knows no routes and no mails.

/**
 * The provider's errors: name → status and message. The documented texts, except where a message
 * that was seen on the wire says more. Source: https://resend.com/docs/api-reference/errors, as
 * published in September 2026.
 * @type {Record<string, [status: number, message: string]>}
 */
const ERRORS = {
  invalid_json: [400, "Request body must be valid JSON."],
  invalid_idempotency_key: [400, "Idempotency keys, if present, must have between 1 and 256 characters."],
  missing_api_key: [401, "Missing API key in the authorization header."],
  // Since 2026 the page names no error for a wrong key; this is what the API answers (until then:
  // 403 `invalid_api_key`).
  wrong_api_key: [401, "API key is invalid"],
  not_found: [404, "The requested endpoint does not exist."],
  method_not_allowed: [405, "Method is not allowed for the requested path."],
  concurrent_idempotent_requests: [409, "There is another request in progress with the same idempotency key."],
  invalid_idempotent_request: [
    409,
    "This idempotency key has been used with this HTTP method and endpoint within the last 24 hours, but the request body was modified and doesn't match the original request.",
  ],
  body_too_large: [413, "Request body is too large."],
  invalid_attachment: [422, "Attachment must have either a `content` or `path`."],
  missing_required_field: [422, "The request body is missing one or more required fields."],
  validation_error: [422, "An error was found with one or more fields in the request."],
  rate_limit_exceeded: [
    429,
    "Too many requests. You can only make 10 requests per second. See rate limit response headers for more information.",
  ],
  application_error: [500, "An unexpected error occurred."],
  service_unavailable: [503, "API is temporarily unavailable"],
  cross_origin: [403, "The mailbox answers its own pages and programs on this machine only."],
};

/** The provider uses `validation_error` with several statuses; these are its other uses. */
const WIRE_NAMES = {
  invalid_json: "validation_error",
  wrong_api_key: "validation_error",
  body_too_large: "validation_error",
};

/** What the provider most likely means by a status. */
const USUAL = {
  401: "missing_api_key",
  404: "not_found",
  405: "method_not_allowed",
  409: "concurrent_idempotent_requests",
  429: "rate_limit_exceeded",
  503: "service_unavailable",
};

/** RFC 9110, sections 15.3.5, 15.3.6 and 15.4.5: these have no body, and so no length. */
const BODILESS = new Set([204, 205, 304]);

/** A request that is answered with an error. */
export class HttpError extends Error {
  /**
   * @param {string} code a key of ERRORS
   * @param {string} [message] instead of the usual text
   * @param {Record<string, string>} [headers]
   */
  constructor(code, message, headers = {}) {
    const [status, text] = ERRORS[code];
    super(message ?? text);
    this.status = status;
    this.code = WIRE_NAMES[code] ?? code;
    this.headers = headers;
  }
}

/** The same in the words of a provider whose errors have another form. */
export class ProviderError extends Error {
  /**
   * @param {number} status
   * @param {unknown} body
   */
  constructor(status, body) {
    super(JSON.stringify(body));
    this.status = status;
    this.body = body;
  }
}

/**
 * The provider's JSON for an error. The order of keys is the one its recorded answers have.
 * @param {{ status: number, code: string, message: string }} error
 */
export const errorBody = ({ status, code, message }) => ({ statusCode: status, message, name: code });

/**
 * The error that the provider would send with this status, for failures that name a status only.
 * @param {number} status
 */
export function usualErrorOf(status) {
  const code = USUAL[status] ?? (status < 500 ? "validation_error" : "application_error");
  const message =
    status === 403 ? "The `example.com` domain is not verified. Please, add and verify your domain." : ERRORS[code][1];
  return { status, code, message };
}

/**
 * @param {import("node:http").ServerResponse} response
 * @param {number} status
 * @param {unknown} value
 * @param {Record<string, string>} [headers]
 */
export function sendJson(response, status, value, headers = {}) {
  send(response, status, JSON.stringify(value), { "content-type": "application/json; charset=utf-8", ...headers });
}

/**
 * @param {import("node:http").ServerResponse} response
 * @param {number} status
 * @param {string} body
 * @param {Record<string, string>} headers
 */
export function send(response, status, body, headers) {
  const length = BODILESS.has(status) ? {} : { "content-length": String(Buffer.byteLength(body)) };
  response.writeHead(status, {
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "cross-origin-resource-policy": "same-origin",
    ...length,
    ...headers,
  });
  response.end(body);
}

/**
 * @param {import("node:http").ServerResponse} response
 * @param {unknown} error
 */
export function sendError(response, error) {
  // The sender has gone, or has its answer.
  if (response.destroyed || response.headersSent || error?.code === "ECONNRESET") return;
  if (error instanceof ProviderError) return sendJson(response, error.status, error.body);
  if (error instanceof HttpError) return sendJson(response, error.status, errorBody(error), error.headers);
  console.error("mailbox: a bug of the mailbox itself:", error);
  sendJson(response, 500, errorBody(usualErrorOf(500)));
}

/**
 * Reads a JSON body.
 * @param {import("node:http").IncomingMessage} request
 * @param {number} maxBytes
 * @returns {Promise<{ value: unknown, bytes: Buffer }>} the value, and the bytes as they came
 * @throws {HttpError} wrong content type, too long, not UTF-8, not JSON
 */
export async function readJson(request, maxBytes) {
  const [mediaType] = (request.headers["content-type"] ?? "").split(";");
  if (mediaType.trim().toLowerCase() !== "application/json") {
    throw new HttpError(
      "invalid_json",
      "Request body must be valid JSON. Send it with `Content-Type: application/json`.",
    );
  }
  const bytes = await readBytes(request, maxBytes);
  try {
    return { bytes, value: JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) };
  } catch {
    throw new HttpError("invalid_json");
  }
}

/**
 * @param {import("node:http").IncomingMessage} request
 * @param {number} maxBytes
 */
async function readBytes(request, maxBytes) {
  if (Number(request.headers["content-length"] ?? 0) > maxBytes) throw new HttpError("body_too_large");
  const chunks = [];
  let length = 0;
  // Not destroyed on the way out: the connection still has to carry the answer. Node discards what
  // follows.
  for await (const chunk of request.iterator({ destroyOnReturn: false })) {
    length += chunk.length;
    if (length > maxBytes) throw new HttpError("body_too_large");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
