// What the Worker refuses before it does anything: the protocol's error shapes, stable codes,
// nothing changed. Each endpoint's own refusals are tested natively, in tests/endpoints; here is
// what only the real runtime can show.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NEWEST, somebody } from "./client.mjs";
import { eventually, everyWay } from "./harness.mjs";

const MEBIBYTE = 1024 * 1024;
const json = { "content-type": "application/json" };

/**
 * A body that comes in pieces, so that its length is not announced. Little more than is refused:
 * the answer may close the connection.
 * @param {number} bytes
 */
const streamed = (bytes) =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"email":"'));
      for (let sent = 0; sent < bytes; sent += 65_536) controller.enqueue(new Uint8Array(65_536).fill(97));
      controller.close();
    },
  });

/**
 * @typedef {object} Someone who can be in a call
 * @property {string} user access token of somebody signed in
 * @property {string} service service token
 */
/**
 * @typedef {[what: string, method: string, path: string, call: (tokens: Someone) =>
 *   import("./client.mjs").Call, status: number, code: string]} Refusal
 */

/** An id that nobody has. */
const NOBODY = "00000000-0000-4000-8000-000000000000";

/** @type {Refusal[]} */
const refusals = [
  ["an unknown route", "GET", "/nothing", () => ({}), 404, "not_found"],
  ["a route under the admin API that is none", "POST", "/admin/nothing", () => ({ json: {} }), 404, "not_found"],
  ["a wrong method", "GET", "/signup", () => ({}), 405, "method_not_allowed"],
  ["another wrong method", "DELETE", "/signup", () => ({}), 405, "method_not_allowed"],
  [
    "a body of another type",
    "POST",
    "/signup",
    () => ({ body: JSON.stringify(somebody()), headers: { "content-type": "text/plain" } }),
    415,
    "unsupported_media_type",
  ],
  [
    "a body of no type",
    "POST",
    "/signup",
    () => ({ body: new TextEncoder().encode(JSON.stringify(somebody())) }),
    415,
    "unsupported_media_type",
  ],
  [
    "a body in another charset",
    "POST",
    "/signup",
    () => ({ body: "{}", headers: { "content-type": "application/json; charset=utf-16" } }),
    415,
    "unsupported_media_type",
  ],
  [
    "a form where JSON is wanted",
    "POST",
    "/token?grant_type=password",
    () => ({ form: somebody() }),
    415,
    "unsupported_media_type",
  ],
  [
    "JSON where a form is wanted",
    "POST",
    "/verify/confirm",
    () => ({ json: { token: "x" }, headers: { "sec-fetch-site": "same-origin" } }),
    415,
    "unsupported_media_type",
  ],
  ["no body", "POST", "/signup", () => ({ headers: json }), 400, "bad_json"],
  ["bad JSON", "POST", "/signup", () => ({ body: '{"email":', headers: json }), 400, "bad_json"],
  ["JSON that is no object", "POST", "/signup", () => ({ json: [] }), 400, "bad_json"],
  [
    "JSON that is not UTF-8",
    "POST",
    "/signup",
    () => ({ body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), headers: json }),
    400,
    "bad_json",
  ],
  [
    "a member named twice",
    "POST",
    "/signup",
    () => ({ body: '{"email":"a@example.com","email":"b@example.com"}', headers: json }),
    400,
    "bad_json",
  ],
  ["JSON nested too deep", "POST", "/signup", () => ({ body: "[".repeat(100_000), headers: json }), 400, "bad_json"],
  [
    "a body over 1 MiB",
    "POST",
    "/signup",
    () => ({ body: `{"email":"${"a".repeat(MEBIBYTE)}"}`, headers: json }),
    413,
    "request_entity_too_large",
  ],
  [
    "a body over 1 MiB of unannounced length",
    "POST",
    "/signup",
    () => ({ body: streamed(MEBIBYTE + 1), headers: json }),
    413,
    "request_entity_too_large",
  ],
  [
    "a field of the wrong type",
    "POST",
    "/signup",
    () => ({ json: { ...somebody(), password: 12345678 } }),
    400,
    "validation_failed",
  ],
  ["a missing password", "POST", "/signup", () => ({ json: { email: somebody().email } }), 400, "validation_failed"],
  [
    "a bad address",
    "POST",
    "/signup",
    () => ({ json: { ...somebody(), email: "not an address" } }),
    400,
    "email_address_invalid",
  ],
  [
    "an address with a NUL",
    "POST",
    "/signup",
    () => ({ json: { ...somebody(), email: "a\0b@example.com" } }),
    400,
    "email_address_invalid",
  ],
  [
    "a password that is too short",
    "POST",
    "/signup",
    () => ({ json: { ...somebody(), password: "short" } }),
    422,
    "weak_password",
  ],
  [
    "a password that everybody has",
    "POST",
    "/signup",
    () => ({ json: { ...somebody(), password: "password123" } }),
    422,
    "weak_password",
  ],
  [
    "metadata over 16 KiB",
    "POST",
    "/signup",
    () => ({ json: { ...somebody(), data: { text: "x".repeat(17_000) } } }),
    400,
    "validation_failed",
  ],
  [
    "a phone number",
    "POST",
    "/signup",
    () => ({ json: { phone: "+15555550100", password: somebody().password } }),
    400,
    "phone_provider_disabled",
  ],
  ["an anonymous sign-up", "POST", "/signup", () => ({ json: {} }), 422, "anonymous_provider_disabled"],
  ["verifying without a type", "POST", "/verify", () => ({ json: { token_hash: "x" } }), 400, "validation_failed"],
  [
    "verifying with code and link at once",
    "POST",
    "/verify",
    () => ({ json: { type: "signup", token: "123456", token_hash: "x", email: "a@example.com" } }),
    400,
    "validation_failed",
  ],
  [
    "a code that is none",
    "POST",
    "/verify",
    () => ({ json: { type: "signup", token: "12 456", email: "a@example.com" } }),
    403,
    "otp_expired",
  ],
  [
    "a link token that is none",
    "POST",
    "/verify",
    () => ({ json: { type: "signup", token_hash: "' OR 1=1 --" } }),
    403,
    "otp_expired",
  ],
  [
    "a mail of an unknown kind",
    "POST",
    "/resend",
    () => ({ json: { type: "gift", email: "a@example.com" } }),
    400,
    "validation_failed",
  ],
  [
    "refreshing without a token",
    "POST",
    "/token?grant_type=refresh_token",
    () => ({ json: {} }),
    400,
    "validation_failed",
  ],
  [
    "a refresh token of the wrong type",
    "POST",
    "/token?grant_type=refresh_token",
    () => ({ json: { refresh_token: 1 } }),
    400,
    "validation_failed",
  ],
  [
    "a refresh token as a form",
    "POST",
    "/token?grant_type=refresh_token",
    () => ({ form: { refresh_token: "x" } }),
    415,
    "unsupported_media_type",
  ],
  [
    "a refresh token that is none",
    "POST",
    "/token?grant_type=refresh_token",
    () => ({ json: { refresh_token: "' OR 1=1 --" } }),
    400,
    "refresh_token_not_found",
  ],
  [
    "a refresh token of ours in length only",
    "POST",
    "/token?grant_type=refresh_token",
    () => ({ json: { refresh_token: "A".repeat(76) } }),
    400,
    "refresh_token_not_found",
  ],
  [
    "a refresh token of 100 kB",
    "POST",
    "/token?grant_type=refresh_token",
    () => ({ json: { refresh_token: "A".repeat(100_000) } }),
    400,
    "refresh_token_not_found",
  ],
  [
    "an access token where a refresh token is wanted",
    "POST",
    "/token?grant_type=refresh_token",
    ({ user }) => ({ json: { refresh_token: user } }),
    400,
    "refresh_token_not_found",
  ],
  ["signing out without a token", "POST", "/logout", () => ({}), 401, "no_authorization"],
  ["signing out by a token that is none", "POST", "/logout", () => ({ token: "x" }), 401, "bad_jwt"],
  ["signing out by a service token", "POST", "/logout", ({ service }) => ({ token: service }), 401, "bad_jwt"],
  [
    "signing out of nowhere known",
    "POST",
    "/logout?scope=everywhere",
    ({ user }) => ({ token: user }),
    400,
    "validation_failed",
  ],
  ["listing sessions without a token", "GET", "/sessions", () => ({}), 401, "no_authorization"],
  ["ending a session without a token", "DELETE", `/sessions/${NOBODY}`, () => ({}), 401, "no_authorization"],
  ["ending a session that is none", "DELETE", "/sessions/x", ({ user }) => ({ token: user }), 404, "validation_failed"],
  [
    "ending a session that nobody has",
    "DELETE",
    `/sessions/${NOBODY}`,
    ({ user }) => ({ token: user }),
    404,
    "session_not_found",
  ],
  [
    "a new password without a token",
    "PUT",
    "/user",
    () => ({ json: { password: "a", current_password: "b" } }),
    401,
    "no_authorization",
  ],
  [
    "a new password without the current one",
    "PUT",
    "/user",
    ({ user }) => ({ json: { password: "the next password" }, token: user }),
    400,
    "current_password_required",
  ],
  [
    "a new password that is too long",
    "PUT",
    "/user",
    ({ user }) => ({ json: { password: "x".repeat(5_000), current_password: "x" }, token: user }),
    422,
    "weak_password",
  ],
  [
    "a new password of the wrong type",
    "PUT",
    "/user",
    ({ user }) => ({ json: { password: 1, current_password: "x" }, token: user }),
    400,
    "validation_failed",
  ],
  [
    "a new password as text",
    "PUT",
    "/user",
    ({ user }) => ({ body: "the next password", headers: { "content-type": "text/plain" }, token: user }),
    415,
    "unsupported_media_type",
  ],
  [
    "a new address that is none",
    "PUT",
    "/user",
    ({ user }) => ({ json: { email: "nobody" }, token: user }),
    400,
    "email_address_invalid",
  ],
  [
    "a telephone number",
    "PUT",
    "/user",
    ({ user }) => ({ json: { phone: "+15550100" }, token: user }),
    400,
    "phone_provider_disabled",
  ],
  [
    "an operator's metadata",
    "PUT",
    "/user",
    ({ user }) => ({ json: { app_metadata: { admin: true } }, token: user }),
    403,
    "not_admin",
  ],
  ["a nonce without a token", "GET", "/reauthenticate", () => ({}), 401, "no_authorization"],
  ["an export without a token", "GET", "/user/export", () => ({}), 401, "no_authorization"],
  ["a deletion of oneself without a token", "DELETE", "/user", () => ({}), 401, "no_authorization"],
  ["a recovery of nothing", "POST", "/recover", () => ({ json: {} }), 400, "validation_failed"],
  [
    "half of a PKCE flow",
    "POST",
    "/recover",
    () => ({ json: { email: "a@example.com", code_challenge: "x" } }),
    400,
    "validation_failed",
  ],
  [
    "a sign-in by mail where there is none",
    "POST",
    "/otp",
    () => ({ json: { email: "a@example.com" } }),
    422,
    "otp_disabled",
  ],
  [
    "the same by its older name",
    "POST",
    "/magiclink",
    () => ({ json: { email: "a@example.com" } }),
    422,
    "otp_disabled",
  ],
  [
    "a PKCE code that is none",
    "POST",
    "/token?grant_type=pkce",
    () => ({ json: { auth_code: "x", code_verifier: "x".repeat(43) } }),
    404,
    "flow_state_not_found",
  ],
  [
    "a report of a mail provider that is not expected",
    "POST",
    "/mail/events",
    () => ({ json: {} }),
    404,
    "feature_disabled",
  ],
  [
    "introspecting without a token of one's own",
    "POST",
    "/introspect",
    () => ({ form: { token: "x" } }),
    401,
    "no_authorization",
  ],
  [
    "introspecting as a user",
    "POST",
    "/introspect",
    ({ user }) => ({ form: { token: user }, token: user }),
    403,
    "not_admin",
  ],
  [
    "introspecting nothing",
    "POST",
    "/introspect",
    ({ service }) => ({ form: {}, token: service }),
    400,
    "validation_failed",
  ],
  [
    "introspecting by JSON",
    "POST",
    "/introspect",
    ({ service, user }) => ({ json: { token: user }, token: service }),
    415,
    "unsupported_media_type",
  ],
  [
    "a ban without a token",
    "PUT",
    `/admin/users/${NOBODY}`,
    () => ({ json: { ban_duration: "24h" } }),
    401,
    "no_authorization",
  ],
  [
    "a ban by a token that is none",
    "PUT",
    `/admin/users/${NOBODY}`,
    () => ({ json: { ban_duration: "24h" }, token: "x" }),
    401,
    "bad_jwt",
  ],
  [
    "a ban by a user",
    "PUT",
    `/admin/users/${NOBODY}`,
    ({ user }) => ({ json: { ban_duration: "24h" }, token: user }),
    403,
    "not_admin",
  ],
  [
    "a ban of nobody",
    "PUT",
    `/admin/users/${NOBODY}`,
    ({ service }) => ({ json: { ban_duration: "24h" }, token: service }),
    404,
    "user_not_found",
  ],
  [
    "a ban of what is no id",
    "PUT",
    "/admin/users/x",
    ({ service }) => ({ json: { ban_duration: "24h" }, token: service }),
    404,
    "validation_failed",
  ],
  [
    "a ban for no time that is one",
    "PUT",
    `/admin/users/${NOBODY}`,
    ({ service }) => ({ json: { ban_duration: "for ever" }, token: service }),
    400,
    "validation_failed",
  ],
  [
    "a ban for no time at all",
    "PUT",
    `/admin/users/${NOBODY}`,
    ({ service }) => ({ json: { ban_duration: "0s" }, token: service }),
    400,
    "validation_failed",
  ],
  [
    "a ban for longer than there are dates",
    "PUT",
    `/admin/users/${NOBODY}`,
    ({ service }) => ({ json: { ban_duration: "999999999y" }, token: service }),
    400,
    "validation_failed",
  ],
  [
    "changing nothing of an account",
    "PUT",
    `/admin/users/${NOBODY}`,
    ({ service }) => ({ json: {}, token: service }),
    400,
    "validation_failed",
  ],
  ["a list of accounts by a user", "GET", "/admin/users", ({ user }) => ({ token: user }), 403, "not_admin"],
  [
    "a page of accounts that is none",
    "GET",
    "/admin/users?page=0",
    ({ service }) => ({ token: service }),
    400,
    "validation_failed",
  ],
  [
    "an account without an address",
    "POST",
    "/admin/users",
    ({ service }) => ({ json: {}, token: service }),
    400,
    "validation_failed",
  ],
  ["a deletion without a token", "DELETE", `/admin/users/${NOBODY}`, () => ({}), 401, "no_authorization"],
  ["a deletion by a user", "DELETE", `/admin/users/${NOBODY}`, ({ user }) => ({ token: user }), 403, "not_admin"],
  [
    "a deletion of nobody",
    "DELETE",
    `/admin/users/${NOBODY}`,
    ({ service }) => ({ token: service }),
    404,
    "user_not_found",
  ],
  ["a token of 1 MB", "GET", "/user", () => ({ token: "a".repeat(12_000) }), 401, "bad_jwt"],
];

/** What a refused call must not change. @param {import("./harness.mjs").World} world */
async function everything(world) {
  const tables = await world.database.tables();
  return world.database.rows(`SELECT ${tables.map((table) => `(SELECT count(*) FROM edgegate.${table}) AS ${table}`)}`);
}

everyWay("bad input", {}, (world) => {
  test("is refused with its code, in the older shape and in the newer one, and changes nothing", async () => {
    const { client, email, password } = await world().newcomer();
    await world().recorded(email);
    const { json: session } = await client.signIn(email, password);
    const tokens = { user: session.access_token, service: world().serviceToken };
    const before = await everything(world());
    for (const [what, method, path, call, status, code] of refusals) {
      const older = await world().client().call(method, path, call(tokens));
      assert.deepEqual([what, older.status, older.json?.code, older.json?.error_code], [what, status, status, code]);
      assert.equal(typeof older.json.msg, "string", what);
      assert.equal(older.headers.get("x-sb-error-code"), code, what);
      assert.equal(older.headers.get("x-supabase-api-version"), null, what);
      const newer = await world()
        .client()
        .call(method, path, { ...call(tokens), version: NEWEST });
      assert.deepEqual(
        [what, newer.status, newer.json.code, typeof newer.json.message],
        [what, status, code, "string"],
      );
      assert.equal(newer.headers.get("x-supabase-api-version"), NEWEST, what);
    }
    assert.deepEqual(await everything(world()), before);
  });

  test("a weak password says why", async () => {
    const { json } = await world()
      .client()
      .post("/signup", { ...somebody(), password: "short" });
    assert.deepEqual(json.weak_password, { reasons: ["length"] });
    assert.equal(json.msg, "Password should be at least 8 characters");
  });

  test("a NUL in metadata, which PostgreSQL cannot store, is the caller's fault and not ours", async () => {
    for (const data of [{ text: "a\0b" }, { "a\0b": 1 }]) {
      const { status, json: answer } = await world()
        .client()
        .post("/signup", { ...somebody(), data });
      assert.deepEqual([status, answer.error_code], [400, "validation_failed"]);
    }
  });

  test("a body of just 1 MiB is read", async () => {
    const head = '{"email":"a@example.com","password":"';
    const body = `${head}${"a".repeat(MEBIBYTE - head.length - 2)}"}`;
    const { status, json: answer } = await world().client().call("POST", "/signup", { body, headers: json });
    assert.deepEqual([status, answer.error_code], [422, "weak_password"]);
  });

  test("every answer has its id, is not cached, and locks the browser down", async () => {
    for (const path of ["/health", "/nothing", "/user", "/settings"]) {
      const { headers } = await world().client().get(path);
      assert.match(headers.get("x-request-id") ?? "", /^[0-9a-f-]{36}$/);
      assert.equal(headers.get("cache-control"), "no-store");
      assert.equal(headers.get("x-content-type-options"), "nosniff");
      assert.equal(headers.get("referrer-policy"), "no-referrer");
      assert.match(headers.get("content-security-policy") ?? "", /default-src 'none'/);
      assert.match(headers.get("strict-transport-security") ?? "", /max-age=/);
    }
  });

  test("a request's id is in its log line, with route, status and code", async () => {
    const { headers } = await world().client().get("/user?access_token=x");
    const id = headers.get("x-request-id");
    const line = await eventually("the log line", () =>
      world()
        .events()
        .find((event) => event["request.id"] === id),
    );
    assert.deepEqual(
      [
        line.event,
        line.level,
        line["http.method"],
        line["http.route"],
        line["http.status"],
        line["error.code"],
        typeof line.duration_ms,
      ],
      ["request", "warn", "GET", "/auth/v1/user", 401, "no_authorization", "number"],
    );
  });
});

everyWay("pages of other origins", { settings: { CORS_ALLOWED_ORIGINS: "https://other.example.test" } }, (world) => {
  const origins = {
    "https://app.example.test": true,
    "https://other.example.test": true,
    "https://evil.example": false,
    "https://app.example.test.evil.example": false,
    null: false,
  };

  test("may ask first, if they are the app's", async () => {
    for (const [origin, allowed] of Object.entries(origins)) {
      const { status, headers } = await world()
        .client()
        .call("OPTIONS", "/token", {
          headers: {
            origin,
            "access-control-request-method": "POST",
            "access-control-request-headers": "apikey,authorization,content-type,x-client-info,x-supabase-api-version",
          },
        });
      assert.equal(status, 200);
      assert.equal(headers.get("access-control-allow-origin"), allowed ? origin : null);
      if (allowed) assert.match(headers.get("access-control-allow-headers") ?? "", /apikey/);
    }
  });

  test("may read answers, if they are the app's", async () => {
    for (const [origin, allowed] of Object.entries(origins)) {
      const { headers } = await world().client().get("/settings", { headers: { origin } });
      assert.equal(headers.get("access-control-allow-origin"), allowed ? origin : null);
    }
  });

  test("may read refusals, if they are the app's", async () => {
    for (const [origin, allowed] of Object.entries(origins)) {
      for (const path of ["/user", "/nothing"]) {
        const { headers } = await world().client().get(path, { headers: { origin } });
        assert.equal(headers.get("access-control-allow-origin"), allowed ? origin : null, path);
      }
    }
  });
});
