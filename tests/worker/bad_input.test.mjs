// What the Worker refuses before it does anything: the protocol's error shapes, stable codes, nothing changed.
// Each endpoint's own refusals are tested natively, in tests/endpoints; here is what only the real runtime can show.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NEWEST, somebody } from "./client.mjs";
import { eventually, everyWay } from "./harness.mjs";

const MEBIBYTE = 1024 * 1024;
const json = { "content-type": "application/json" };

/** A body that comes in pieces, so that its length is not announced. @param {number} bytes */
const streamed = (bytes) =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('{"email":"'));
      for (let sent = 0; sent < bytes; sent += 65_536) controller.enqueue(new Uint8Array(65_536).fill(97));
      controller.close();
    },
  });

/** @typedef {[what: string, method: string, path: string, call: () => import("./client.mjs").Call, status: number, code: string]} Refusal */

/** @type {Refusal[]} */
const refusals = [
  ["an unknown route", "GET", "/nothing", () => ({}), 404, "not_found"],
  ["a route of the protocol that is not offered", "POST", "/admin/users", () => ({ json: {} }), 404, "not_found"],
  ["a wrong method", "GET", "/signup", () => ({}), 405, "method_not_allowed"],
  ["another wrong method", "DELETE", "/user", () => ({}), 405, "method_not_allowed"],
  ["a body of another type", "POST", "/signup", () => ({ body: JSON.stringify(somebody()), headers: { "content-type": "text/plain" } }), 415, "unsupported_media_type"],
  ["a body of no type", "POST", "/signup", () => ({ body: new TextEncoder().encode(JSON.stringify(somebody())) }), 415, "unsupported_media_type"],
  ["a body in another charset", "POST", "/signup", () => ({ body: "{}", headers: { "content-type": "application/json; charset=utf-16" } }), 415, "unsupported_media_type"],
  ["a form where JSON is wanted", "POST", "/token?grant_type=password", () => ({ form: somebody() }), 415, "unsupported_media_type"],
  ["JSON where a form is wanted", "POST", "/verify/confirm", () => ({ json: { token: "x" }, headers: { "sec-fetch-site": "same-origin" } }), 415, "unsupported_media_type"],
  ["no body", "POST", "/signup", () => ({ headers: json }), 400, "bad_json"],
  ["bad JSON", "POST", "/signup", () => ({ body: '{"email":', headers: json }), 400, "bad_json"],
  ["JSON that is no object", "POST", "/signup", () => ({ json: [] }), 400, "bad_json"],
  ["JSON that is not UTF-8", "POST", "/signup", () => ({ body: new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d]), headers: json }), 400, "bad_json"],
  ["a member named twice", "POST", "/signup", () => ({ body: '{"email":"a@example.com","email":"b@example.com"}', headers: json }), 400, "bad_json"],
  ["JSON nested too deep", "POST", "/signup", () => ({ body: "[".repeat(100_000), headers: json }), 400, "bad_json"],
  ["a body over 1 MiB", "POST", "/signup", () => ({ body: `{"email":"${"a".repeat(MEBIBYTE)}"}`, headers: json }), 413, "request_entity_too_large"],
  ["a body over 1 MiB of unannounced length", "POST", "/signup", () => ({ body: streamed(2 * MEBIBYTE), headers: json }), 413, "request_entity_too_large"],
  ["a field of the wrong type", "POST", "/signup", () => ({ json: { ...somebody(), password: 12345678 } }), 400, "validation_failed"],
  ["a missing password", "POST", "/signup", () => ({ json: { email: somebody().email } }), 400, "validation_failed"],
  ["a bad address", "POST", "/signup", () => ({ json: { ...somebody(), email: "not an address" } }), 400, "email_address_invalid"],
  ["an address with a NUL", "POST", "/signup", () => ({ json: { ...somebody(), email: "a\0b@example.com" } }), 400, "email_address_invalid"],
  ["a password that is too short", "POST", "/signup", () => ({ json: { ...somebody(), password: "short" } }), 422, "weak_password"],
  ["a password that everybody has", "POST", "/signup", () => ({ json: { ...somebody(), password: "password123" } }), 422, "weak_password"],
  ["metadata over 16 KiB", "POST", "/signup", () => ({ json: { ...somebody(), data: { text: "x".repeat(17_000) } } }), 400, "validation_failed"],
  ["a phone number", "POST", "/signup", () => ({ json: { phone: "+15555550100", password: somebody().password } }), 400, "phone_provider_disabled"],
  ["an anonymous sign-up", "POST", "/signup", () => ({ json: {} }), 422, "anonymous_provider_disabled"],
  ["verifying without a type", "POST", "/verify", () => ({ json: { token_hash: "x" } }), 400, "validation_failed"],
  ["verifying with code and link at once", "POST", "/verify", () => ({ json: { type: "signup", token: "123456", token_hash: "x", email: "a@example.com" } }), 400, "validation_failed"],
  ["a code that is none", "POST", "/verify", () => ({ json: { type: "signup", token: "12 456", email: "a@example.com" } }), 403, "otp_expired"],
  ["a link token that is none", "POST", "/verify", () => ({ json: { type: "signup", token_hash: "' OR 1=1 --" } }), 403, "otp_expired"],
  ["a mail of an unknown kind", "POST", "/resend", () => ({ json: { type: "gift", email: "a@example.com" } }), 400, "validation_failed"],
  ["a token of 1 MB", "GET", "/user", () => ({ token: "a".repeat(12_000) }), 401, "bad_jwt"],
];

/** What a refused call must not change. @param {import("./harness.mjs").World} world */
async function everything(world) {
  const tables = ["users", "one_time_tokens", "sessions", "outbox", "attempts", "audit_events"];
  return world.database.rows(`SELECT ${tables.map((table) => `(SELECT count(*) FROM edgegate.${table}) AS ${table}`)}`);
}

everyWay("bad input", {}, (world) => {
  test("is refused with its code, in the older shape and in the newer one, and changes nothing", async () => {
    const before = await everything(world());
    for (const [what, method, path, call, status, code] of refusals) {
      const older = await world().client().call(method, path, call());
      assert.deepEqual([what, older.status, older.json?.code, older.json?.error_code], [what, status, status, code]);
      assert.equal(typeof older.json.msg, "string", what);
      assert.equal(older.headers.get("x-sb-error-code"), code, what);
      assert.equal(older.headers.get("x-supabase-api-version"), null, what);
      const newer = await world().client().call(method, path, { ...call(), version: NEWEST });
      assert.deepEqual([what, newer.status, newer.json.code, typeof newer.json.message], [what, status, code, "string"]);
      assert.equal(newer.headers.get("x-supabase-api-version"), NEWEST, what);
    }
    assert.deepEqual(await everything(world()), before);
  });

  test("a weak password says why", async () => {
    const { json } = await world().client().post("/signup", { ...somebody(), password: "short" });
    assert.deepEqual(json.weak_password, { reasons: ["length"] });
    assert.equal(json.msg, "Password should be at least 8 characters");
  });

  test("a NUL in metadata, which PostgreSQL cannot store, is the caller's fault and not ours", async () => {
    for (const data of [{ text: "a\0b" }, { "a\0b": 1 }]) {
      const { status, json: answer } = await world().client().post("/signup", { ...somebody(), data });
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
    const line = await eventually("the log line", () => world().events().find((event) => event["request.id"] === id));
    assert.deepEqual(
      [line.event, line.level, line["http.method"], line["http.route"], line["http.status"], line["error.code"], typeof line.duration_ms],
      ["request", "warn", "GET", "/auth/v1/user", 401, "no_authorization", "number"],
    );
  });
});

everyWay("pages of other origins", { settings: { CORS_ALLOWED_ORIGINS: "https://other.example.test" } }, (world) => {
  const origins = { "https://app.example.test": true, "https://other.example.test": true, "https://evil.example": false, "https://app.example.test.evil.example": false, null: false };

  test("may ask first, if they are the app's", async () => {
    for (const [origin, allowed] of Object.entries(origins)) {
      const { status, headers } = await world().client().call("OPTIONS", "/token", {
        headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "apikey,authorization,content-type,x-client-info,x-supabase-api-version" },
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
