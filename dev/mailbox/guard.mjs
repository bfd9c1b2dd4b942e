// Keeps web pages of other sites away: the mails hold live sign-in links, and a browser on this
// machine runs foreign code. Binding to loopback (mailbox.mjs) keeps other machines out; this keeps
// out their pages.

import { HttpError } from "./http.mjs";

/** The names of this machine, with any port: a forwarded port is still this machine. */
const OWN_HOST = /^(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?$/i;

/**
 * Methods that change nothing. A foreign page may cause them, but cannot read the answer: no CORS,
 * and CORP same-origin.
 */
const READING = new Set(["GET", "HEAD"]);

/**
 * Why this request is refused, if it is.
 * 1. A Host that is not ours: DNS rebinding, a foreign name that was made to point at 127.0.0.1.
 * 2. A change asked for by a page that is not ours: cross-site request forgery. Programs send
 *    neither header. Another port of localhost is another origin too, and refused.
 * @param {import("node:http").IncomingMessage} request
 * @returns {HttpError | undefined}
 */
export function refusalOf(request) {
  const { host = "", origin, "sec-fetch-site": site } = request.headers;
  if (!OWN_HOST.test(host))
    return new HttpError("cross_origin", "The Host header must be localhost, 127.0.0.1 or [::1].");
  if (READING.has(request.method ?? "")) return undefined;
  if (site !== undefined && site !== "same-origin" && site !== "none") return new HttpError("cross_origin");
  if (origin !== undefined && origin.toLowerCase() !== `http://${host.toLowerCase()}`)
    return new HttpError("cross_origin");
  return undefined;
}
