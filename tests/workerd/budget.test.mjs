// What each call costs at the database, counted where it cannot be missed: statements in
// PostgreSQL's own log, connections and round trips on the wire. A new endpoint is a new line in
// the table.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { somebody } from "./client.mjs";
import { everyWay, eventually } from "./harness.mjs";
import { forge, makeKey, read } from "./keys.mjs";
import { tellKv } from "./faulty_kv.mjs";
import { followLog, noLog } from "./statement_log.mjs";

/**
 * How late the provider accepts a mail, so that what follows is told from the request itself. KV is
 * slow for that reason, too. Milliseconds.
 */
const PROVIDER_DELAY_MS = 400;

/** @typedef {import("./harness.mjs").World} World */

/**
 * @typedef {object} Line
 * @property {string} what
 * @property {number} status of the answer
 * @property {number} statements of the request; each is one round trip
 * @property {number} [afterwards] statements after the response, on the same connection
 * @property {boolean} [spreads] one of those says that KV knows of sessions that ended; the others
 *   are about a mail
 * @property {(world: World) => Promise<() => Promise<{ status: number, email?: string }>>} prepare
 *   makes everything ready and returns the call; `email`: to whom a mail goes
 */

/**
 * @param {(world: World) => Promise<{ status: number }> | { status: number }} call
 * @returns {Line["prepare"]}
 */
const simply = (call) => async (world) => async () => call(world);

/**
 * @param {(person: Awaited<ReturnType<World["newcomer"]>>, world: World) => Promise<{ status:
 *   number }>} call
 * @returns {Line["prepare"]}
 */
const asNewcomer = (call) => async (world) => {
  const person = await world.newcomer();
  await world.recorded(person.email);
  return () => call(person, world);
};

/**
 * @param {(person: Awaited<ReturnType<World["signedUp"]>>, world: World) => Promise<{ status:
 *   number, email?: string }>} call
 * @param {string} [wait]
 * @returns {Line["prepare"]}
 */
const asSignedUp = (call, wait) => async (world) => {
  const person = await world.signedUp();
  await world.recorded(person.email);
  if (wait) await world.database.letTimePass(wait);
  return () => call(person, world);
};

/**
 * Somebody who signed in with the password.
 * @param {(person: Awaited<ReturnType<World["newcomer"]>> & { token: string }, world: World) =>
 *   Promise<{ status: number, email?: string }>} call
 * @returns {Line["prepare"]}
 */
const asSignedIn = (call) => async (world) => {
  const person = await world.newcomer();
  await world.recorded(person.email);
  const token = (await person.client.signIn(person.email, person.password)).json.access_token;
  return () => call({ ...person, token }, world);
};

/**
 * @param {import("./client.mjs").Client} client
 * @param {string} path
 * @param {{ email: string }} body
 */
const asksForMail = async (client, path, body) => ({ ...(await client.post(path, body)), email: body.email });

/** @param {string} token access token */
const sessionOf = (token) => read(token).claims.session_id;

/** A refresh token that looks like ours and is not. @param {string} token */
const bent = (token) => token.slice(0, -8) + [...token.slice(-8)].reverse().join("");

/** @param {World} world @param {string} token */
const introspect = (world, token) =>
  world.client().call("POST", "/introspect", { form: { token }, token: world.serviceToken });

/** Somebody whose session has ended, as KV knows. @param {World} world */
async function signedOut(world) {
  const person = await world.newcomer();
  await world.recorded(person.email);
  await person.client.call("POST", "/logout", { token: person.session.access_token });
  await eventually("KV to know", () => world.isListed(sessionOf(person.session.access_token)));
  await world.spread();
  return person;
}

/** @type {Line[]} */
const table = [
  // Signing up
  {
    what: "sign-up of a new address",
    status: 200,
    statements: 1,
    afterwards: 1,
    prepare: async (world) => {
      const person = somebody();
      return async () => ({ ...(await world.client().post("/signup", person)), email: person.email });
    },
  },
  {
    what: "sign-up of an address that has an account",
    status: 200,
    statements: 1,
    afterwards: 1,
    prepare: async (world) => {
      const { email } = await world.newcomer();
      await world.recorded(email);
      await world.database.letTimePass("61 seconds");
      return async () => ({
        ...(await world.client().post("/signup", { email, password: "another password" })),
        email,
      });
    },
  },
  {
    what: "sign-up too soon after another",
    status: 429,
    statements: 1,
    prepare: asSignedUp(({ email, password, client }) => client.post("/signup", { email, password })),
  },
  {
    what: "page of the link",
    status: 200,
    statements: 1,
    prepare: asSignedUp(({ client, mail }) => client.get(mail.link)),
  },
  {
    what: "page of a dead link",
    status: 410,
    statements: 1,
    prepare: simply((world) => world.client().get(`/verify?type=signup&token=${"A".repeat(43)}`)),
  },
  {
    what: "button in the same browser",
    status: 303,
    statements: 2,
    prepare: asSignedUp(({ client, mail }) =>
      client.call("POST", "/verify/confirm", {
        form: { token: mail.token },
        headers: { "sec-fetch-site": "same-origin" },
      }),
    ),
  },
  {
    what: "button in another browser, with the password",
    status: 303,
    statements: 2,
    prepare: asSignedUp(({ mail, password }, world) =>
      world.client().call("POST", "/verify/confirm", {
        form: { token: mail.token, password, password_is: "chosen" },
        headers: { "sec-fetch-site": "same-origin" },
      }),
    ),
  },
  {
    what: "verify by code",
    status: 200,
    statements: 1,
    prepare: asSignedUp(({ client, mail, email }) =>
      client.post("/verify", { type: "signup", token: mail.code, email }),
    ),
  },
  {
    what: "verify by a wrong code",
    status: 403,
    statements: 1,
    prepare: asSignedUp(({ client, email }) => client.post("/verify", { type: "signup", token: "000000", email })),
  },
  {
    what: "verify by token hash",
    status: 200,
    statements: 1,
    prepare: asSignedUp(({ client, mail }) => client.post("/verify", { type: "signup", token_hash: mail.token })),
  },
  {
    what: "resend",
    status: 200,
    statements: 1,
    afterwards: 1,
    prepare: asSignedUp(
      async ({ client, email }) => ({ ...(await client.post("/resend", { type: "signup", email })), email }),
      "61 seconds",
    ),
  },
  {
    what: "resend to nobody",
    status: 200,
    statements: 1,
    prepare: simply((world) => world.client().post("/resend", { type: "signup", email: somebody().email })),
  },
  // Signing in
  {
    what: "sign-in",
    status: 200,
    statements: 2,
    prepare: asNewcomer(({ client, email, password }) =>
      client.post("/token?grant_type=password", { email, password }),
    ),
  },
  {
    what: "sign-in with a wrong password",
    status: 400,
    statements: 1,
    prepare: asNewcomer(({ client, email }) =>
      client.post("/token?grant_type=password", { email, password: "not the password" }),
    ),
  },
  {
    what: "sign-in of an unknown address",
    status: 400,
    statements: 1,
    prepare: simply((world) => world.client().post("/token?grant_type=password", somebody())),
  },
  // Calling as a signed-in user
  {
    what: "user",
    status: 200,
    statements: 1,
    prepare: asNewcomer(({ client, session }) => client.get("/user", { token: session.access_token })),
  },
  {
    what: "user with a forged token",
    status: 401,
    statements: 0,
    prepare: asNewcomer(({ client, session }, world) =>
      client.get("/user", {
        token: forge(read(session.access_token).claims, { ...makeKey("ES256"), kid: world.signingKey.kid }),
      }),
    ),
  },
  {
    what: "user with an expired token",
    status: 401,
    statements: 0,
    prepare: asNewcomer(({ client, session }, world) =>
      client.get("/user", {
        token: forge({ ...read(session.access_token).claims, exp: 1_700_000_000 }, world.signingKey),
      }),
    ),
  },
  { what: "user without a token", status: 401, statements: 0, prepare: simply((world) => world.client().get("/user")) },
  // Sessions
  {
    what: "refresh",
    status: 200,
    statements: 1,
    prepare: asNewcomer(({ client, session }) => client.refresh(session.refresh_token)),
  },
  {
    what: "refresh by the token before, whose answer got lost",
    status: 200,
    statements: 1,
    prepare: async (world) => {
      const { client, email, session } = await world.newcomer();
      await world.recorded(email);
      await client.refresh(session.refresh_token);
      return () => client.refresh(session.refresh_token);
    },
  },
  {
    what: "refresh by a forged token",
    status: 400,
    statements: 0,
    prepare: asNewcomer(({ client, session }) => client.refresh(bent(session.refresh_token))),
  },
  {
    what: "refresh of a session that KV knows to be over",
    status: 400,
    statements: 0,
    prepare: async (world) => {
      const { client, session } = await signedOut(world);
      return () => client.refresh(session.refresh_token);
    },
  },
  {
    what: "refresh of a session that is over, which KV does not know",
    status: 400,
    statements: 1,
    prepare: async (world) => {
      const { client, email, session } = await world.newcomer();
      await world.recorded(email);
      await world.database.rows("UPDATE edgegate.sessions SET revoked_at = now() WHERE id = $1", [
        sessionOf(session.access_token),
      ]);
      await world.database.rows("DELETE FROM edgegate.revocations"); // nor will it ever
      return () => client.refresh(session.refresh_token);
    },
  },
  {
    what: "refresh by an old token",
    status: 400,
    statements: 1,
    afterwards: 2,
    spreads: true,
    prepare: async (world) => {
      const { client, email, session } = await world.newcomer();
      await world.recorded(email);
      await client.refresh((await client.refresh(session.refresh_token)).json.refresh_token);
      return async () => ({ ...(await client.refresh(session.refresh_token)), email });
    },
  },
  {
    what: "signing out",
    status: 204,
    statements: 1,
    afterwards: 1,
    spreads: true,
    prepare: asNewcomer(({ client, session }) => client.call("POST", "/logout", { token: session.access_token })),
  },
  {
    what: "signing out elsewhere, where there is no other session",
    status: 204,
    statements: 1,
    prepare: asNewcomer(({ client, session }) =>
      client.call("POST", "/logout?scope=others", { token: session.access_token }),
    ),
  },
  {
    what: "list of sessions",
    status: 200,
    statements: 1,
    prepare: asNewcomer(({ client, session }) => client.get("/sessions", { token: session.access_token })),
  },
  {
    what: "end of one session",
    status: 204,
    statements: 1,
    afterwards: 1,
    spreads: true,
    prepare: asNewcomer(({ client, session }) =>
      client.call("DELETE", `/sessions/${sessionOf(session.access_token)}`, { token: session.access_token }),
    ),
  },
  {
    what: "end of somebody else's session",
    status: 404,
    statements: 1,
    prepare: async (world) => {
      const [one, two] = [await world.newcomer(), await world.newcomer()];
      for (const { email } of [one, two]) await world.recorded(email);
      return () =>
        one.client.call("DELETE", `/sessions/${sessionOf(two.session.access_token)}`, {
          token: one.session.access_token,
        });
    },
  },
  {
    what: "new password",
    status: 200,
    statements: 2,
    afterwards: 1,
    prepare: asNewcomer(async ({ client, email, session, password }) => ({
      ...(await client.call("PUT", "/user", {
        json: { password: "the next password", current_password: password },
        token: session.access_token,
      })),
      email,
    })),
  },
  {
    what: "new password, which ends another session",
    status: 200,
    statements: 2,
    afterwards: 2,
    spreads: true,
    prepare: async (world) => {
      const { client, email, password, session } = await world.newcomer();
      await world.recorded(email);
      await world.client().signIn(email, password);
      return async () => ({
        ...(await client.call("PUT", "/user", {
          json: { password: "the next password", current_password: password },
          token: session.access_token,
        })),
        email,
      });
    },
  },
  {
    what: "new password, without the right current one",
    status: 400,
    statements: 1,
    prepare: asNewcomer(({ client, session }) =>
      client.call("PUT", "/user", {
        json: { password: "the next password", current_password: "not the password" },
        token: session.access_token,
      }),
    ),
  },
  // The life of an account
  {
    what: "recovery",
    status: 200,
    statements: 1,
    afterwards: 1,
    prepare: asNewcomer(({ client, email }) => asksForMail(client, "/recover", { email })),
  },
  {
    what: "recovery of nobody",
    status: 200,
    statements: 1,
    prepare: simply((world) => world.client().post("/recover", { email: somebody().email })),
  },
  {
    what: "sign-in by mail",
    status: 200,
    statements: 1,
    afterwards: 1,
    prepare: asNewcomer(({ client, email }) => asksForMail(client, "/otp", { email })),
  },
  {
    what: "sign-in by mail of a new address",
    status: 200,
    statements: 1,
    afterwards: 1,
    prepare: simply((world) => asksForMail(world.client(), "/magiclink", { email: somebody().email })),
  },
  {
    what: "exchange of a PKCE code",
    status: 200,
    statements: 1,
    prepare: async (world) => {
      const [client, { email }] = [world.client(), somebody()];
      const verifier = "v".repeat(43);
      await client.post("/otp", { email, code_challenge: verifier, code_challenge_method: "plain" });
      const { token } = await world.mail(email);
      await world.recorded(email);
      const page = await client.call("POST", "/verify/confirm", {
        form: { token },
        headers: { "sec-fetch-site": "same-origin" },
      });
      const auth_code = new URL(page.headers.get("location") ?? "").searchParams.get("code");
      return () => client.post("/token?grant_type=pkce", { auth_code, code_verifier: verifier });
    },
  },
  {
    what: "nonce",
    status: 200,
    statements: 1,
    afterwards: 1,
    prepare: asSignedIn(async ({ client, email, token }) => ({
      ...(await client.get("/reauthenticate", { token })),
      email,
    })),
  },
  {
    what: "new metadata",
    status: 200,
    statements: 1,
    prepare: asSignedIn(({ client, token }) => client.call("PUT", "/user", { json: { data: { a: 1 } }, token })),
  },
  {
    what: "new address, with a mail to both",
    status: 200,
    statements: 1,
    afterwards: 1,
    prepare: asSignedIn(async ({ client, token }) => {
      const { email } = somebody();
      return { ...(await client.call("PUT", "/user", { json: { email }, token })), email };
    }),
  },
  {
    what: "export",
    status: 200,
    statements: 1,
    prepare: asSignedIn(({ client, token }) => client.get("/user/export", { token })),
  },
  {
    what: "anonymous sign-in",
    status: 200,
    statements: 1,
    prepare: simply((world) => world.client().post("/signup", {})),
  },
  {
    what: "deletion of one's own account",
    status: 204,
    statements: 1,
    afterwards: 2,
    spreads: true,
    prepare: async (world) => {
      const { client, email, session } = await world.newcomer();
      await world.recorded(email);
      // The address goes with the mail.
      return async () => ({ ...(await client.call("DELETE", "/user", { token: session.access_token })), email: "" });
    },
  },
  // Services
  {
    what: "introspection of a good token",
    status: 200,
    statements: 0,
    prepare: asNewcomer(({ session }, world) => introspect(world, session.access_token)),
  },
  {
    what: "introspection of what is no token",
    status: 200,
    statements: 0,
    prepare: simply((world) => introspect(world, "junk")),
  },
  {
    what: "introspection of a token whose session is over",
    status: 200,
    statements: 0,
    prepare: async (world) => {
      const { session } = await signedOut(world);
      return () => introspect(world, session.access_token);
    },
  },
  {
    what: "ban",
    status: 200,
    statements: 1,
    afterwards: 1,
    spreads: true,
    prepare: asNewcomer(({ session }, world) =>
      world
        .client()
        .call("PUT", `/admin/users/${session.user.id}`, { json: { ban_duration: "1h" }, token: world.serviceToken }),
    ),
  },
  {
    what: "end of a ban",
    status: 200,
    statements: 1,
    prepare: asNewcomer(({ session }, world) =>
      world
        .client()
        .call("PUT", `/admin/users/${session.user.id}`, { json: { ban_duration: "none" }, token: world.serviceToken }),
    ),
  },
  {
    what: "deletion of an account",
    status: 200,
    statements: 1,
    afterwards: 1,
    spreads: true,
    prepare: asNewcomer(({ session }, world) =>
      world.client().call("DELETE", `/admin/users/${session.user.id}`, { token: world.serviceToken }),
    ),
  },
  // Administration
  {
    what: "list of accounts",
    status: 200,
    statements: 1,
    prepare: simply((world) =>
      world.client().get("/admin/users?filter=a&sort=email&per_page=10", { token: world.serviceToken }),
    ),
  },
  {
    what: "list of accounts, by an API key",
    status: 200,
    statements: 2,
    prepare: async (world) => {
      const key = `edgegate_${randomBytes(32).toString("base64url")}`;
      const digest = createHash("sha256").update(key).digest();
      await world.database.rows(
        "INSERT INTO edgegate.api_keys (id, name, key_digest, scopes) VALUES (gen_random_uuid(), 'budget', $1, '{users:read}')",
        [digest],
      );
      return () => world.client().get("/admin/users", { token: key });
    },
  },
  {
    what: "account made by an administrator",
    status: 200,
    statements: 1,
    prepare: simply((world) =>
      world
        .client()
        .call("POST", "/admin/users", { json: { ...somebody(), email_confirm: true }, token: world.serviceToken }),
    ),
  },
  {
    what: "new role and metadata by an administrator",
    status: 200,
    statements: 1,
    prepare: asNewcomer(({ session }, world) =>
      world.client().call("PUT", `/admin/users/${session.user.id}`, {
        json: { role: "editor", app_metadata: { plan: "pro" } },
        token: world.serviceToken,
      }),
    ),
  },
  {
    what: "new password by an administrator, which may not be the address",
    status: 200,
    statements: 2,
    afterwards: 2,
    spreads: true,
    prepare: asNewcomer(async ({ email, session }, world) => ({
      ...(await world.client().call("PUT", `/admin/users/${session.user.id}`, {
        json: { password: "the next password" },
        token: world.serviceToken,
      })),
      email,
    })),
  },
  {
    what: "soft deletion of an account",
    status: 200,
    statements: 1,
    afterwards: 1,
    spreads: true,
    prepare: asNewcomer(({ session }, world) =>
      world.client().call("DELETE", `/admin/users/${session.user.id}`, {
        json: { should_soft_delete: true },
        token: world.serviceToken,
      }),
    ),
  },
  {
    what: "list of an account's sessions",
    status: 200,
    statements: 1,
    prepare: asNewcomer(({ session }, world) =>
      world.client().get(`/admin/users/${session.user.id}/sessions`, { token: world.serviceToken }),
    ),
  },
  {
    what: "end of an account's sessions",
    status: 204,
    statements: 1,
    afterwards: 1,
    spreads: true,
    prepare: asNewcomer(({ session }, world) =>
      world.client().call("DELETE", `/admin/users/${session.user.id}/sessions`, { token: world.serviceToken }),
    ),
  },
  // Operation
  { what: "health", status: 200, statements: 0, prepare: simply((world) => world.client().get("/health")) },
  { what: "readiness", status: 200, statements: 2, prepare: simply((world) => world.client().get("/health/ready")) },
  { what: "settings", status: 200, statements: 0, prepare: simply((world) => world.client().get("/settings")) },
  {
    what: "public keys",
    status: 200,
    statements: 0,
    prepare: simply((world) => world.client().get("/.well-known/jwks.json")),
  },
  {
    what: "public keys, for who has them",
    status: 304,
    statements: 0,
    prepare: async (world) => {
      const etag = (await world.client().get("/.well-known/jwks.json")).headers.get("etag") ?? "";
      return () => world.client().get("/.well-known/jwks.json", { headers: { "if-none-match": etag } });
    },
  },
  {
    what: "document of the API",
    status: 200,
    statements: 0,
    prepare: simply((world) => world.client().get("/openapi.json")),
  },
  {
    what: "Cron Trigger with nothing to do",
    status: 200,
    statements: 3,
    prepare: simply(async (world) => (await world.scheduled(), { status: 200 })),
  },
  // Refused before anything is asked of the database
  { what: "unknown route", status: 404, statements: 0, prepare: simply((world) => world.client().get("/nothing")) },
  { what: "wrong method", status: 405, statements: 0, prepare: simply((world) => world.client().get("/signup")) },
  {
    what: "bad JSON",
    status: 400,
    statements: 0,
    prepare: simply((world) =>
      world.client().call("POST", "/signup", { body: "{", headers: { "content-type": "application/json" } }),
    ),
  },
  {
    what: "sign-up of a bad address",
    status: 400,
    statements: 0,
    prepare: simply((world) => world.client().post("/signup", { ...somebody(), email: "nobody" })),
  },
  {
    what: "sign-up with a weak password",
    status: 422,
    statements: 0,
    prepare: simply((world) => world.client().post("/signup", { ...somebody(), password: "short" })),
  },
  {
    what: "sign-in of a bad address",
    status: 400,
    statements: 0,
    prepare: simply((world) => world.client().post("/token?grant_type=password", { ...somebody(), email: "nobody" })),
  },
  {
    what: "unknown grant",
    status: 400,
    statements: 0,
    prepare: simply((world) => world.client().post("/token?grant_type=magic", somebody())),
  },
  {
    what: "refresh by a token that is none",
    status: 400,
    statements: 0,
    prepare: simply((world) => world.client().refresh("x")),
  },
  {
    what: "refresh without a token",
    status: 400,
    statements: 0,
    prepare: simply((world) => world.client().post("/token?grant_type=refresh_token", {})),
  },
  {
    what: "new password, without the current one",
    status: 400,
    statements: 0,
    prepare: asSignedIn(({ client, token }) =>
      client.call("PUT", "/user", { json: { password: "the next password" }, token }),
    ),
  },
  {
    what: "signing out of nowhere known",
    status: 400,
    statements: 0,
    prepare: asNewcomer(({ client, session }) =>
      client.call("POST", "/logout?scope=everywhere", { token: session.access_token }),
    ),
  },
  {
    what: "introspection by a user",
    status: 403,
    statements: 0,
    prepare: asNewcomer(({ client, session }) =>
      client.call("POST", "/introspect", { form: { token: session.access_token }, token: session.access_token }),
    ),
  },
  {
    what: "ban by a user",
    status: 403,
    statements: 0,
    prepare: asNewcomer(({ client, session }) =>
      client.call("PUT", `/admin/users/${session.user.id}`, {
        json: { ban_duration: "1h" },
        token: session.access_token,
      }),
    ),
  },
  {
    what: "deletion by a forged service token",
    status: 401,
    statements: 0,
    prepare: asNewcomer(({ client, session }, world) =>
      client.call("DELETE", `/admin/users/${session.user.id}`, {
        token: forge({ role: "service_role" }, { ...makeKey("ES256"), kid: world.signingKey.kid }),
      }),
    ),
  },
  {
    what: "verify by a token that is none",
    status: 403,
    statements: 0,
    prepare: simply((world) => world.client().post("/verify", { type: "signup", token_hash: "x" })),
  },
  {
    what: "verify by a code that is none",
    status: 403,
    statements: 0,
    prepare: simply((world) => world.client().post("/verify", { type: "signup", token: "x", email: somebody().email })),
  },
  {
    what: "resend to a bad address",
    status: 400,
    statements: 0,
    prepare: simply((world) => world.client().post("/resend", { type: "signup", email: "nobody" })),
  },
  {
    what: "page of a link that is none",
    status: 410,
    statements: 0,
    prepare: simply((world) => world.client().get("/verify?type=signup&token=x")),
  },
  {
    what: "button on another site",
    status: 403,
    statements: 0,
    prepare: simply((world) => world.client().call("POST", "/verify/confirm", { form: { token: "A".repeat(43) } })),
  },
];

everyWay(
  "the budget",
  { wire: true, faultyKv: true, settings: { SIGN_IN_BY_EMAIL: "true", ANONYMOUS_SIGN_INS: "true" } },
  (world) => {
    for (const { what, status, statements, afterwards = 0, spreads = false, prepare } of table) {
      test(`${what}: ${statements} and ${afterwards}`, { skip: noLog }, async () => {
        const call = await prepare(world());
        // What a statement did can be seen before its answer has passed the wire.
        await eventually("the answers to what came before", () => world().wire.isIdle());
        const mails = afterwards > Number(spreads);
        if (mails) world().mailbox.fail({ delay_ms: PROVIDER_DELAY_MS, times: 1 });
        if (spreads) await tellKv(world().url, "slow");
        const log = followLog(world().database.name);
        world().wire.count();
        const answer = await call();
        const [seen, wire] = [log.read(), world().wire.count()];
        if (spreads) await world().spread();
        if (mails) await world().recorded(/** @type {string} */ (answer.email));
        if (afterwards)
          await eventually("the answers to what came afterwards", () => world().wire.answered() >= afterwards);
        const [later, laterWire] = [log.read(), world().wire.count()];

        assert.equal(answer.status, status);
        assert.deepEqual(
          { during: seen.statements.length, roundTrips: wire.roundTrips, connections: wire.connections },
          { during: statements, roundTrips: statements, connections: Math.min(statements, 1) },
          seen.statements.join("\n"),
        );
        assert.deepEqual(
          { after: later.statements.length, roundTrips: laterWire.roundTrips, connections: laterWire.connections },
          { after: afterwards, roundTrips: afterwards, connections: 0 },
          later.statements.join("\n"),
        );
        for (const statement of [...seen.statements, ...later.statements])
          assert.match(statement, /^execute <unnamed>: \s*(WITH|SELECT|UPDATE)\b/);
        assert.deepEqual([wire.simple + laterWire.simple, [...wire.named, ...laterWire.named]], [0, []]);
      });
    }
  },
);
