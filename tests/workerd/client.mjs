// Somebody who uses the Worker over HTTP: a browser or an app, with cookies and a network address
// of its own.

import { randomBytes, randomInt } from "node:crypto";

/** The newest version of the protocol: its errors have `code` and `message`. */
export const NEWEST = "2024-01-01";

/**
 * @typedef {object} Answer
 * @property {number} status
 * @property {Headers} headers
 * @property {string} text
 * @property {any} json the body, if it is JSON
 */

/**
 * @typedef {object} Call
 * @property {unknown} [json] body, sent as JSON
 * @property {Record<string, string>} [form] body, sent as a form
 * @property {string | Uint8Array | ReadableStream} [body] body as it is
 * @property {string} [token] access token
 * @property {string} [version] of the protocol
 * @property {Record<string, string>} [headers]
 */

export class Client {
  /** @param {{ url: string, externalUrl: string }} world */
  constructor(world) {
    this.world = world;
    this.address = `198.18.${randomInt(256)}.${randomInt(1, 255)}`; // RFC 2544: never anybody's
    /** @type {Map<string, string>} */
    this.cookies = new Map();
  }

  /**
   * Sends one request and reads all of the answer.
   * @param {string} method
   * @param {string} path under `/auth/v1`, or a whole URL
   * @param {Call} [call]
   * @returns {Promise<Answer>}
   */
  async call(method, path, { json, form, body, token, version, headers = {} } = {}) {
    const url = path.startsWith("http") ? this.reach(path) : `${this.world.url}/auth/v1${path}`;
    const sent = new Headers({ "cf-connecting-ip": this.address, "user-agent": "edgegate tests" });
    if (json !== undefined) sent.set("content-type", "application/json");
    if (form) sent.set("content-type", "application/x-www-form-urlencoded");
    if (token !== undefined) sent.set("authorization", `Bearer ${token}`);
    if (version) sent.set("x-supabase-api-version", version);
    if (this.cookies.size > 0) sent.set("cookie", [...this.cookies].map((pair) => pair.join("=")).join("; "));
    for (const [name, value] of Object.entries(headers)) sent.set(name, value);
    const content = json !== undefined ? JSON.stringify(json) : form ? new URLSearchParams(form).toString() : body;
    const response = await fetch(url, {
      method,
      headers: sent,
      body: /** @type {any} */ (content),
      redirect: "manual",
      ...(content instanceof ReadableStream ? { duplex: "half" } : {}),
    });
    const text = await response.text();
    this.keepCookies(response.headers.getSetCookie());
    const isJson = response.headers.get("content-type")?.includes("json");
    return {
      status: response.status,
      headers: response.headers,
      text,
      json: isJson && text ? JSON.parse(text) : undefined,
    };
  }

  /** @param {string} path @param {Call} [call] */
  get = (path, call) => this.call("GET", path, call);
  /** @param {string} path @param {unknown} json @param {Call} [call] */
  post = (path, json, call) => this.call("POST", path, { json, ...call });

  /** @param {string} email @param {string} password @param {Call} [call] */
  signIn = (email, password, call) => this.post("/token?grant_type=password", { email, password }, call);
  /** @param {string} token refresh token @param {Call} [call] */
  refresh = (token, call) => this.post("/token?grant_type=refresh_token", { refresh_token: token }, call);

  /** Links carry the Worker's public name; here it listens elsewhere. @param {string} link */
  reach(link) {
    if (!link.startsWith(this.world.externalUrl)) throw new Error(`not a link of the Worker: ${new URL(link).origin}`);
    return this.world.url + link.slice(this.world.externalUrl.length);
  }

  /** @param {string[]} lines of `Set-Cookie` */
  keepCookies(lines) {
    for (const line of lines) {
      const [, name, value] = /** @type {RegExpMatchArray} */ (line.match(/^([^=]+)=([^;]*)/));
      if (/;\s*max-age=0\b/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
  }

  /**
   * The form of a page, sent as a browser sends it.
   * @param {string} page HTML
   * @param {Record<string, string>} [typed]
   */
  submit(page, typed = {}) {
    const [, action] = page.match(/<form method="post" action="([^"]+)"/) ?? [];
    if (!action) throw new Error("the page has no form");
    const hidden = [...page.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)].map(
      ([, name, value]) => [name, value],
    );
    const form = { ...Object.fromEntries(hidden), ...typed };
    return this.call("POST", unescaped(action), { form, headers: { "sec-fetch-site": "same-origin" } });
  }
}

/** @param {string} html the text of an attribute */
const unescaped = (html) => html.replaceAll("&amp;", "&").replaceAll("&#x2f;", "/");

/** Somebody new: an address and a password nobody had before. */
export function somebody() {
  const name = randomBytes(8).toString("hex");
  return { email: `${name}@example.com`, password: `secret ${randomBytes(9).toString("base64url")}` };
}
