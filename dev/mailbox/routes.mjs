// Who answers what: every path of the mailbox on one screen.
// Guards come first (guard.mjs), then the providers' APIs, the control API and the pages.

import { refusalOf } from "./guard.mjs";
import { HttpError, sendError } from "./http.mjs";
import { createControlApi } from "./control_api.mjs";
import { createPages } from "./pages.mjs";
import { createPostmarkApi } from "./postmark_api.mjs";
import { createResendApi } from "./resend_api.mjs";
import { createSendGridApi } from "./sendgrid_api.mjs";

/**
 * @typedef {object} Parts what the handlers share
 * @property {string} apiKey
 * @property {() => number} now
 * @property {ReturnType<typeof import("./messages.mjs").createMessages>} messages
 * @property {ReturnType<typeof import("./failures.mjs").createFailures>} failures
 * @property {ReturnType<typeof import("./idempotency.mjs").createIdempotencyKeys>} idempotencyKeys
 * @property {AbortSignal} stopping fires when the mailbox closes
 */

/**
 * @typedef {object} Call one request, as handlers see it
 * @property {import("node:http").IncomingMessage} request
 * @property {import("node:http").ServerResponse} response
 * @property {URL} url
 * @property {string[]} parameters what the path's `:id` stood for
 */

/**
 * @param {Parts} parts
 * @returns {import("node:http").RequestListener}
 */
export function createRoutes(parts) {
  const resend = createResendApi(parts);
  const postmark = createPostmarkApi(parts);
  const sendgrid = createSendGridApi(parts);
  const control = createControlApi(parts);
  const pages = createPages(parts);

  /** @type {[path: RegExp, methods: Record<string, (call: Call) => void | Promise<void>>][]} */
  const routes = [
    [/^\/emails$/, { POST: resend.sendEmail }],
    [/^\/email$/, { POST: postmark.sendEmail }],
    [/^\/v3\/mail\/send$/, { POST: sendgrid.sendMail }],

    [/^\/messages$/, { GET: control.listMessages, DELETE: control.deleteMessages }],
    [/^\/messages\/([^/]+)$/, { GET: control.getMessage }],
    [/^\/failures$/, { GET: control.listFailures, POST: control.addFailure, DELETE: control.clearFailures }],
    [/^\/failures\/([^/]+)$/, { DELETE: control.removeFailure }],

    [/^\/$/, { GET: pages.inbox }],
    [/^\/mail\/([^/]+)$/, { GET: pages.mail }],
    [/^\/mail\/([^/]+)\/body$/, { GET: pages.mailBody }],
    [/^\/assets\/(.+)$/, { GET: pages.asset }],
  ];

  return async (request, response) => {
    try {
      const refusal = refusalOf(request);
      if (refusal) throw refusal;
      const url = urlOf(request);
      for (const [path, methods] of routes) {
        const match = path.exec(url.pathname);
        if (!match) continue;
        const handler = methods[request.method === "HEAD" ? "GET" : (request.method ?? "")];
        if (!handler) throw new HttpError("method_not_allowed", undefined, { allow: Object.keys(methods).join(", ") });
        await handler({ request, response, url, parameters: match.slice(1) });
        return;
      }
      throw new HttpError("not_found");
    } catch (error) {
      sendError(response, error);
    }
  };
}

/** @param {import("node:http").IncomingMessage} request */
function urlOf(request) {
  try {
    // As text after a host, so that `//x` stays a path.
    return new URL(`http://localhost${request.url}`);
  } catch {
    throw new HttpError("not_found");
  }
}
