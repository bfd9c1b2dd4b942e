// The life of an account after signing up, in the real runtime: recovery, signing in by mail, PKCE,
// a new address, deletion.

import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { somebody } from "./client.mjs";
import { everyWay } from "./harness.mjs";
import { read } from "./keys.mjs";

const settings = { SIGN_IN_BY_EMAIL: "true", ANONYMOUS_SIGN_INS: "true" };

/** A verifier and what goes with the request for the mail. */
function pkce() {
  const verifier = randomBytes(32).toString("base64url");
  const code_challenge = createHash("sha256").update(verifier).digest("base64url");
  return { verifier, fields: { code_challenge, code_challenge_method: "s256" } };
}

/**
 * The tokens in the fragment of where a page leads.
 * @param {import("./client.mjs").Answer} answer
 */
function fragment(answer) {
  assert.equal(answer.status, 303, answer.text);
  return Object.fromEntries(new URLSearchParams(new URL(answer.headers.get("location") ?? "").hash.slice(1)));
}

/** The code of a PKCE flow where a page leads. @param {import("./client.mjs").Answer} answer */
function leadsWithCode(answer) {
  assert.equal(answer.status, 303, answer.text);
  const location = new URL(answer.headers.get("location") ?? "");
  assert.equal(location.hash, "", "no token where a code is expected");
  return location.searchParams.get("code") ?? "";
}

everyWay("recovering an account", { settings }, (world) => {
  test("the page behind the link takes a new password, signs in, and ends every other session", async () => {
    const { client, email, password, session } = await world().newcomer();
    assert.equal((await client.post("/recover", { email })).status, 200);
    const mail = await world().mail(email, 2);
    const elsewhere = world().client();
    const page = await elsewhere.get(mail.link);
    assert.match(page.text, /type="password"/);
    assert.equal((await elsewhere.submit(page.text, { password: "short" })).status, 422);
    const tokens = fragment(await elsewhere.submit(page.text, { password: "a password nobody knows" }));
    assert.equal((await elsewhere.get("/user", { token: tokens.access_token })).status, 200);
    assert.equal((await client.get("/user", { token: session.access_token })).status, 401);
    assert.equal((await client.refresh(session.refresh_token)).status, 400);
    assert.equal((await client.signIn(email, password)).status, 400);
    assert.equal((await client.signIn(email, "a password nobody knows")).status, 200);
    assert.match((await world().mail(email, 3)).subject, /password/i);
    assert.equal((await elsewhere.submit(page.text, { password: "another one of them" })).status, 410);
  });

  test("the code signs in, and a new password may be set without the old one", async () => {
    const { client, email } = await world().newcomer();
    await client.post("/recover", { email });
    const { code } = await world().mail(email, 2);
    const { json } = await client.post("/verify", { type: "recovery", email, token: code });
    const changed = await client.call("PUT", "/user", {
      token: json.access_token,
      json: { password: "a password nobody knows" },
    });
    assert.equal(changed.status, 200, changed.text);
    assert.equal((await client.signIn(email, "a password nobody knows")).status, 200);
  });

  test("a stranger's sign-up is void once the owner of the mailbox recovers the account", async () => {
    const attacker = await world().signedUp();
    const owner = world().client();
    await owner.post("/recover", { email: attacker.email });
    const { code } = await world().mail(attacker.email, 2);
    assert.equal((await owner.post("/verify", { type: "recovery", email: attacker.email, token: code })).status, 200);
    assert.equal((await attacker.client.signIn(attacker.email, attacker.password)).status, 400);
    assert.equal((await attacker.client.get(attacker.mail.link)).status, 410);
  });

  test("with PKCE the link leads back to the app, and only the app's verifier makes something of it", async () => {
    const { client, email } = await world().newcomer();
    const { verifier, fields } = pkce();
    await client.post("/recover", { email, ...fields });
    const mail = await world().mail(email, 2);
    const browser = world().client();
    const page = await browser.get(mail.link);
    assert.doesNotMatch(page.text, /type="password"/);
    const auth_code = leadsWithCode(await browser.submit(page.text));
    const exchange = (/** @type {string} */ code_verifier) =>
      browser.post("/token?grant_type=pkce", { auth_code, code_verifier });
    assert.equal((await exchange(pkce().verifier)).json.error_code, "bad_code_verifier");
    const session = await exchange(verifier);
    assert.equal(session.status, 200, session.text);
    assert.equal((await browser.get("/user", { token: session.json.access_token })).json.email, email);
    assert.equal((await exchange(verifier)).json.error_code, "flow_state_already_used");
  });
});

everyWay("signing in by mail", { settings }, (world) => {
  test("an address without an account gets one, and the link signs in wherever it is opened", async () => {
    const { email } = somebody();
    const client = world().client();
    assert.deepEqual((await client.post("/otp", { email, data: { name: "Ada" } })).json, {});
    const mail = await world().mail(email);
    const phone = world().client();
    const tokens = fragment(await phone.submit((await phone.get(mail.link)).text));
    const { json } = await phone.get("/user", { token: tokens.access_token });
    assert.deepEqual(
      [json.email, json.user_metadata, Boolean(json.email_confirmed_at)],
      [email, { name: "Ada" }, true],
    );
  });

  test("the code signs in, once", async () => {
    const { client, email } = await world().newcomer();
    await client.post("/magiclink", { email });
    const { code } = await world().mail(email, 2);
    assert.equal((await client.post("/verify", { type: "email", email, token: code })).status, 200);
    assert.equal((await client.post("/verify", { type: "email", email, token: code })).json.error_code, "otp_expired");
  });

  test("a sign-up with PKCE is confirmed by the app that holds the verifier, not by a click elsewhere", async () => {
    const person = somebody();
    const { verifier, fields } = pkce();
    const app = world().client();
    await app.post("/signup", { ...person, ...fields });
    const mail = await world().mail(person.email);
    const stranger = world().client();
    const auth_code = leadsWithCode(await stranger.submit((await stranger.get(mail.link)).text));
    assert.equal((await app.signIn(person.email, person.password)).status, 400, "nothing is confirmed yet");
    assert.equal((await app.post("/token?grant_type=pkce", { auth_code, code_verifier: verifier })).status, 200);
    assert.equal((await app.signIn(person.email, person.password)).status, 200);
  });
});

everyWay("changing an account", { settings }, (world) => {
  test("a new address takes both mailboxes, and the old one can take it back", async () => {
    const { client, email, session } = await world().newcomer();
    const { email: other } = somebody();
    const asked = await client.call("PUT", "/user", { token: session.access_token, json: { email: other } });
    assert.deepEqual([asked.status, asked.json.email, asked.json.new_email], [200, email, other]);
    const [old, fresh] = [await world().mail(email, 2), await world().mail(other)];
    const half = await client.submit((await client.get(fresh.link)).text);
    assert.equal(half.status, 200);
    assert.equal((await client.get("/user", { token: session.access_token })).json.email, email);
    const agreed = await world().client().post("/verify", { type: "email_change", email, token: old.code });
    assert.equal(agreed.status, 200, agreed.text);
    assert.equal((await client.get("/user", { token: session.access_token })).json.email, other);

    const undo = old.text.match(/https?:\S+type=email_change_undo/)?.[0] ?? "";
    const owner = world().client();
    const undone = await owner.submit((await owner.get(undo)).text);
    assert.equal(undone.status, 200);
    assert.equal((await client.get("/user", { token: session.access_token })).status, 401);
    await owner.post("/recover", { email });
    const { code } = await world().mail(email, 3);
    assert.equal((await owner.post("/verify", { type: "recovery", email, token: code })).json.user.email, email);
  });

  test("a mailed nonce stands in for the current password, once", async () => {
    const { client, email, password } = await world().newcomer();
    const token = (await client.signIn(email, password)).json.access_token;
    const change = (/** @type {object} */ fields) =>
      client.call("PUT", "/user", { token, json: { password: "a password nobody knows", ...fields } });
    assert.equal((await change({})).json.error_code, "current_password_required");
    assert.equal((await client.get("/reauthenticate", { token })).status, 200);
    const { code: nonce } = await world().mail(email, 2);
    assert.equal(
      (await change({ nonce: nonce === "000000" ? "000001" : "000000" })).json.error_code,
      "reauthentication_not_valid",
    );
    assert.equal((await change({ nonce })).status, 200);
    assert.equal((await change({ nonce })).json.error_code, "reauthentication_not_valid");
  });

  test("an anonymous account becomes a full one and keeps its id", async () => {
    const client = world().client();
    const { json: session } = await client.post("/signup", { data: { cart: [1] } });
    assert.deepEqual(
      [session.user.is_anonymous, session.user.email, read(session.access_token).claims.is_anonymous],
      [true, "", true],
    );
    const { email, password } = somebody();
    const asked = await client.call("PUT", "/user", { token: session.access_token, json: { email, password } });
    assert.equal(asked.status, 200, asked.text);
    const mail = await world().mail(email);
    assert.equal((await client.submit((await client.get(mail.link)).text)).status, 200);
    const { json } = await client.signIn(email, password);
    assert.deepEqual(
      [json.user.id, json.user.is_anonymous, json.user.user_metadata],
      [session.user.id, false, { cart: [1] }],
    );
  });

  test("whoever deletes their account gets their data first and leaves nothing behind", async () => {
    const { client, email, password, session } = await world().newcomer();
    const token = session.access_token;
    const exported = await client.get("/user/export", { token });
    assert.equal(exported.json.account.email, email);
    assert.doesNotMatch(exported.text, /digest|\$pbkdf2|\$argon2|sealed/);
    assert.equal((await client.call("DELETE", "/user", { token })).status, 204);
    assert.equal((await client.get("/user", { token })).status, 401);
    assert.equal((await client.signIn(email, password)).status, 400);
    assert.equal(
      (await world().database.rows("SELECT FROM edgegate.users WHERE id = $1", [session.user.id])).length,
      0,
    );
    assert.ok((await world().mail(email, 2)).text.length > 0);
    await world().database.letTimePass("1 minute");
    assert.notEqual((await world().signedUp(client, { email, password }, 3)).answer.json.id, session.user.id);
  });
});
