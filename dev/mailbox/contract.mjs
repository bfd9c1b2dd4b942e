// The provider's contract: what `POST /emails` answers to what. One list for the mailbox and for
// the real API, so that the stand-in cannot drift from what it stands for.
// provider_contract.test.mjs runs it, against the real API when a key is given.
//
// Sources, read in November 2026:
//     [send]    https://resend.com/docs/api-reference/emails/send-email
//     [errors]  https://resend.com/docs/api-reference/errors
//     [intro]   https://resend.com/docs/api-reference/introduction
//     [keys]    https://resend.com/docs/dashboard/emails/idempotency-keys
//     [openapi] https://github.com/resend/resend-openapi, resend.yaml, SendEmailRequest
//     [wire]    answers logged in production and published, where the pages are silent or differ
//
// `expect` is what the mailbox answers. `or` holds answers that the real API may give instead; each
// says why.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";

/**
 * @typedef {{ status: number, name?: string }} Answer `name`: of the error; absent when the body is
 *   not JSON or the answer is a success
 */

/**
 * @typedef {object} Step
 * @property {string} [method] default POST
 * @property {string} [path] default /emails
 * @property {Record<string, string | null>} [headers] over the usual ones; null leaves one out
 * @property {unknown} [body] a string is sent as it is, anything else as JSON
 * @property {Answer} expect
 * @property {Answer[]} [or]
 * @property {number} [sameIdAs] the answer repeats the id of this step, counted from 0
 */

/**
 * @typedef {object} Case
 * @property {string} name a sentence
 * @property {Step[]} steps one after the other
 */

/**
 * @param {object} options
 * @param {string} options.from an address that the key may send from
 * @param {string} options.to an address that takes mail;
 *   https://resend.com/docs/dashboard/emails/send-test-emails names some
 * @returns {Case[]}
 */
export function contractCases({ from, to }) {
  const mail = { from, to, subject: "Contract", text: "Sent by edgegate's contract test." };
  const refused = { status: 422, name: "validation_error" };
  const missing = { status: 422, name: "missing_required_field" };
  const key = () => `edgegate-contract/${randomUUID()}`;
  const [first, second, third] = [key(), key(), key()];

  return [
    // [send] Response; [errors] "standard HTTP response codes for success"
    one("a mail with text is accepted", { body: mail, expect: { status: 200 } }),
    // [send] `html`
    one("a mail with HTML is accepted", {
      body: { ...mail, text: undefined, html: "<p>Hello</p>" },
      expect: { status: 200 },
    }),
    // [send] `to`: "For multiple addresses, send as an array of strings"
    one("an array of recipients is accepted", { body: { ...mail, to: [to] }, expect: { status: 200 } }),
    // [send] the body parameters reply_to, headers, tags
    one("the optional fields are accepted", {
      body: {
        ...mail,
        reply_to: [to],
        headers: { "X-Entity-Ref-ID": "1" },
        tags: [{ name: "category", value: "contract_test-1" }],
      },
      expect: { status: 200 },
    }),
    // [wire] `template_id`, which is no field, is ignored
    one("an unknown field is ignored", { body: { ...mail, colour: "green" }, expect: { status: 200 } }),

    // [intro] User-Agent: "Requests without this header will be rejected with a 403"; by the edge,
    // as text
    one("a request without a User-Agent is refused at the edge", {
      headers: { "user-agent": null },
      body: mail,
      expect: { status: 403 },
    }),
    // [errors] missing_api_key
    one("a request without a key is refused", {
      headers: { authorization: null },
      body: mail,
      expect: { status: 401, name: "missing_api_key" },
    }),
    // [errors] names no error for a wrong key since August 2026; [wire] this one.
    one("a wrong key is refused", {
      headers: { authorization: "Bearer re_0000000_000000000000000000000000" },
      body: mail,
      expect: { status: 401, name: "validation_error" },
      // documented until August 2026; seen on the wire until early 2026
      or: [
        { status: 403, name: "invalid_api_key" },
        { status: 400, name: "validation_error" },
      ],
    }),

    // [errors] method_not_allowed
    one("another method is refused", {
      method: "PUT",
      body: mail,
      expect: { status: 405, name: "method_not_allowed" },
      or: [{ status: 404, name: "not_found" }],
    }),
    // [errors] not_found: "The requested endpoint does not exist"
    one("an unknown endpoint is refused", {
      path: "/letters",
      body: mail,
      expect: { status: 404, name: "not_found" },
      or: [{ status: 405, name: "method_not_allowed" }],
    }),

    // [errors] validation_error, 400; [wire] "Request body must be valid JSON."
    one("a body that is not JSON is refused", { body: '{"from": ', expect: { status: 400, name: "validation_error" } }),
    // No page says what another content type gets; any refusal will do.
    one("a body of another content type is refused", {
      headers: { "content-type": "text/plain" },
      body: mail,
      expect: { status: 400, name: "validation_error" },
      or: [missing, refused, { status: 415, name: "validation_error" }],
    }),

    // [send] required: from, to, subject; [errors] missing_required_field; [wire] "Missing `to`
    // field."
    one("a mail without a sender is refused", { body: { ...mail, from: undefined }, expect: missing }),
    one("a mail without a recipient is refused", { body: { ...mail, to: undefined }, expect: missing }),
    one("a mail with an empty list of recipients is refused", {
      body: { ...mail, to: [] },
      expect: missing,
      or: [refused],
    }),
    one("a mail without a subject is refused", { body: { ...mail, subject: undefined }, expect: missing }),
    // [wire] "Missing `html` or `text` field." is a validation_error
    one("a mail without content is refused", { body: { ...mail, text: undefined }, expect: refused, or: [missing] }),

    // [send] `from`: "use the format Your Name <sender@domain.com>"; [wire] the name. Until August
    // 2026 [errors] had invalid_from_address.
    one("a sender that is no address is refused", {
      body: { ...mail, from: "edgegate" },
      expect: refused,
      or: [{ status: 422, name: "invalid_from_address" }],
    }),
    one("a sender with an unclosed bracket is refused", {
      body: { ...mail, from: "edgegate <a@example.com" },
      expect: refused,
      or: [{ status: 422, name: "invalid_from_address" }],
    }),
    // [wire] "Invalid `to` field. The email address needs to follow the ... format"
    one("a recipient that is no address is refused", { body: { ...mail, to: "ada" }, expect: refused }),
    one("one bad recipient spoils the whole mail", { body: { ...mail, to: [to, "ada@"] }, expect: refused }),
    one("a recipient with a line break is refused", {
      body: { ...mail, to: `${to}\r\nBcc: eve@example.com` },
      expect: refused,
    }),
    // [openapi] to: string or array of strings
    one("a recipient that is a number is refused", { body: { ...mail, to: 7 }, expect: refused }),
    // [send] `to`: "Max 50"; the name is not documented
    one("more than 50 recipients are refused", { body: { ...mail, to: Array(51).fill(to) }, expect: refused }),
    // [wire] "The `\n` is not allowed in the `subject` field."
    one("a subject with a line break is refused", {
      body: { ...mail, subject: "Hello\nBcc: eve@example.com" },
      expect: refused,
    }),
    // [openapi] html: string
    one("HTML that is not a string is refused", { body: { ...mail, html: { p: "Hello" } }, expect: refused }),
    // [send] `tags`: "ASCII letters, numbers, underscores, or dashes"
    one("a tag with a space is refused", { body: { ...mail, tags: [{ name: "a tag", value: "1" }] }, expect: refused }),
    // [errors] invalid_attachment
    one("an attachment without content is refused", {
      body: { ...mail, attachments: [{ filename: "a.txt" }] },
      expect: { status: 422, name: "invalid_attachment" },
    }),

    // [keys] "Our API will give the same response, without actually sending the email again"
    {
      name: "the same key and mail again give the same answer",
      steps: [
        { headers: { "idempotency-key": first }, body: mail, expect: { status: 200 } },
        { headers: { "idempotency-key": first }, body: mail, expect: { status: 200 }, sameIdAs: 0 },
      ],
    },
    // [errors] invalid_idempotent_request
    {
      name: "the same key with another mail is refused",
      steps: [
        { headers: { "idempotency-key": second }, body: mail, expect: { status: 200 } },
        {
          headers: { "idempotency-key": second },
          body: { ...mail, subject: "Another" },
          expect: { status: 409, name: "invalid_idempotent_request" },
        },
      ],
    },
    // [keys] "whether an email with the same idempotency key has already been sent": a refused one
    // has not
    {
      name: "a refused mail does not use up its key",
      steps: [
        { headers: { "idempotency-key": third }, body: { ...mail, subject: undefined }, expect: missing },
        { headers: { "idempotency-key": third }, body: mail, expect: { status: 200 } },
      ],
    },
    // [errors] invalid_idempotency_key: "must have between 1 and 256 characters"
    one("a key of 256 characters is accepted", {
      headers: { "idempotency-key": randomUUID().padEnd(256, "x") },
      body: mail,
      expect: { status: 200 },
    }),
    one("a longer key is refused", {
      headers: { "idempotency-key": randomUUID().padEnd(257, "x") },
      body: mail,
      expect: { status: 400, name: "invalid_idempotency_key" },
    }),
  ];
}

/**
 * @param {string} name
 * @param {Step} step
 * @returns {Case}
 */
const one = (name, step) => ({ name, steps: [step] });

/**
 * Runs one case.
 * @param {Case} contractCase
 * @param {object} target
 * @param {string} target.url `https://api.resend.com`, or the mailbox
 * @param {string} target.apiKey
 * @param {boolean} [target.strict] true: only `expect` will do, as for the mailbox; false: `or` too
 * @param {() => Promise<void>} [target.pause] before each request: the real API takes a few a
 *   second
 */
export async function runCase({ steps }, { url, apiKey, strict = false, pause = async () => {} }) {
  const ids = [];
  for (const { method = "POST", path = "/emails", headers = {}, body, expect, or = [], sameIdAs } of steps) {
    await pause();
    const answer = await exchange(new URL(path, url), {
      method,
      headers: {
        authorization: `Bearer ${apiKey}`,
        "content-type": "application/json",
        "user-agent": "edgegate-contract/1",
        ...headers,
      },
      body: typeof body === "string" ? body : JSON.stringify(body),
    });
    const allowed = strict ? [expect] : [expect, ...or];
    const fits = allowed.find(
      ({ status, name }) => status === answer.status && (name === undefined || name === answer.json?.name),
    );
    assert.ok(fits, `expected ${JSON.stringify(allowed)}, got ${answer.status} ${answer.text}`);
    if (fits.name !== undefined) {
      assert.equal(answer.json.statusCode, answer.status);
      assert.equal(typeof answer.json.message, "string");
    }
    if (answer.status === 200) assert.match(answer.json.id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    if (sameIdAs !== undefined) assert.equal(answer.json.id, ids[sameIdAs]);
    ids.push(answer.json?.id);
  }
}

/**
 * One request, with exactly these headers: `fetch` would add a User-Agent of its own.
 * @param {URL} url
 * @param {{ method: string, headers: Record<string, string | null>, body?: string }} options
 * @returns {Promise<{ status: number, headers: import("node:http").IncomingHttpHeaders, text:
 *   string, json: any }>} `json`: undefined if it is none
 */
export function exchange(url, { method, headers, body = "" }) {
  const present = Object.fromEntries(Object.entries(headers).filter(([, value]) => value !== null));
  const send = url.protocol === "https:" ? httpsRequest : httpRequest;
  return new Promise((resolve, reject) => {
    const request = send(
      url,
      { method, headers: { ...present, "content-length": Buffer.byteLength(body) }, agent: false },
      async (response) => {
        try {
          const text = Buffer.concat(await response.toArray()).toString("utf8");
          resolve({ status: response.statusCode, headers: response.headers, text, json: parsed(text) });
        } catch (error) {
          reject(error);
        }
      },
    );
    request.on("error", reject);
    request.end(body);
  });
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
