// The main job: sign up, confirm by mail, be signed in, call as a signed-in user.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NEWEST, somebody } from "./client.mjs";
import { everyWay, USUAL_HASH } from "./harness.mjs";
import { forge, makeKey, read, twin, verified } from "./keys.mjs";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** A session as the protocol has it, of this person. @param {any} session @param {string} email */
function assertSession(session, email) {
  assert.equal(session.token_type, "bearer");
  assert.equal(session.expires_in, 600);
  assert.ok(Math.abs(session.expires_at - Date.now() / 1000 - 600) < 30);
  assert.match(session.refresh_token, /^[\w-]{76}$/);
  assert.equal(session.user.email, email);
  assert.ok(session.user.email_confirmed_at);
  assert.ok(session.user.last_sign_in_at);
  assert.deepEqual(
    session.user.identities.map((/** @type {any} */ identity) => identity.provider),
    ["email"],
  );
}

everyWay("signing up", {}, (world) => {
  test("a sign-up answers with the user to be confirmed and binds the browser", async () => {
    const { email, password } = somebody();
    const { status, json, headers } = await world()
      .client()
      .post("/signup", { email, password, data: { first_name: "Ada" } });
    assert.equal(status, 200);
    assert.match(json.id, UUID);
    assert.deepEqual(
      [json.email, json.phone, json.aud, json.role, json.is_anonymous],
      [email, "", "authenticated", "authenticated", false],
    );
    assert.deepEqual(json.user_metadata, { first_name: "Ada" });
    assert.deepEqual(json.app_metadata, { provider: "email", providers: ["email"] });
    assert.equal(json.email_confirmed_at, undefined);
    assert.equal(json.access_token, undefined);
    assert.match(
      headers.get("set-cookie") ?? "",
      /^__Host-edgegate-browser=[\w-]{43}; HttpOnly; SameSite=Lax; Secure; Path=\/; Max-Age=86400$/,
    );
  });

  test("the mail has a link to the Worker's configured address and a code", async () => {
    const { mail } = await world().signedUp();
    assert.match(mail.subject, /Acme/);
    assert.match(mail.link, new RegExp(`^${world().externalUrl}/auth/v1/verify\\?token=[\\w-]{43}&type=signup$`));
    assert.match(mail.code, /^\d{6}$/);
    assert.ok(mail.html.includes(mail.code), "the HTML part has the code");
  });

  test("a Russian browser gets a Russian mail", async () => {
    const person = somebody();
    await world()
      .client()
      .post("/signup", person, { headers: { "accept-language": "ru-RU,ru;q=0.9,en;q=0.5" } });
    assert.match((await world().mail(person.email)).text, /[а-яё]{4}/i);
  });

  test("opening the link again and again consumes nothing", async () => {
    const { client, mail, email } = await world().signedUp();
    for (let times = 0; times < 3; times += 1) {
      const page = await client.get(mail.link);
      assert.equal(page.status, 200);
      assert.match(page.headers.get("content-type") ?? "", /^text\/html/);
      assert.equal(page.text.match(/<button/g)?.length, 1);
      assert.ok(!page.text.includes(email), "the page of a link that a scanner may follow does not show the address");
    }
    assert.equal((await client.post("/verify", { type: "signup", token_hash: mail.token })).status, 200);
  });

  test("in the browser that signed up the button signs in at once, and leads to the app with the session in the fragment", async () => {
    const { client, mail, email } = await world().signedUp();
    const page = await client.get(mail.link);
    assert.doesNotMatch(page.text, /type="password"/);
    const answer = await client.submit(page.text);
    assert.equal(answer.status, 303);
    const location = new URL(answer.headers.get("location") ?? "");
    assert.equal(location.origin + location.pathname, world().siteUrl);
    const session = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
    assert.deepEqual(Object.keys(session).sort(), [
      "access_token",
      "expires_at",
      "expires_in",
      "refresh_token",
      "token_type",
      "type",
    ]);
    assert.equal(session.type, "signup");
    assert.equal(client.cookies.size, 0, "the cookie has served its purpose");
    const user = await client.get("/user", { token: session.access_token });
    assert.deepEqual([user.status, user.json.email], [200, email]);
    assert.equal((await client.submit(page.text)).status, 410, "a used link is dead");
    assert.equal((await client.get(mail.link)).status, 410);
  });

  test("another browser has to know the password chosen at sign-up", async () => {
    const { mail, password } = await world().signedUp();
    const stranger = world().client();
    const page = await stranger.get(mail.link);
    assert.match(page.text, /type="password"/);
    assert.equal((await stranger.submit(page.text)).status, 422);
    assert.equal((await stranger.submit(page.text, { password: "wrong password", password_is: "chosen" })).status, 422);
    const answer = await stranger.submit(page.text, { password, password_is: "chosen" });
    assert.equal(answer.status, 303);
  });

  test("another browser may set a new password, which replaces the one chosen at sign-up", async () => {
    const { mail, email, password } = await world().signedUp();
    const owner = world().client();
    const page = await owner.get(mail.link);
    assert.equal((await owner.submit(page.text, { password: "my own new password", password_is: "new" })).status, 303);
    const old = await owner.post("/token?grant_type=password", { email, password });
    assert.deepEqual([old.status, old.json.error_code], [400, "invalid_credentials"]);
    const own = await owner.post("/token?grant_type=password", { email, password: "my own new password" });
    assert.equal(own.status, 200);
  });

  test("a form that another site sent is refused and uses nothing up", async () => {
    const { client, mail } = await world().signedUp();
    for (const headers of [{ "sec-fetch-site": "cross-site" }, { origin: "https://evil.example" }, {}]) {
      const { status, json } = await client.call("POST", "/verify/confirm", { form: { token: mail.token }, headers });
      assert.deepEqual([status, json.error_code], [403, "cross_site_request"]);
    }
    assert.equal((await client.get(mail.link)).status, 200);
  });

  test("the code signs in, once", async () => {
    const { client, mail, email } = await world().signedUp();
    const verify = () => client.post("/verify", { type: "signup", token: mail.code, email });
    const first = await verify();
    assert.equal(first.status, 200);
    assertSession(first.json, email);
    const second = await verify();
    assert.deepEqual([second.status, second.json.error_code], [403, "otp_expired"]);
  });

  test("the link's token signs in as token_hash, once", async () => {
    const { client, mail, email } = await world().signedUp();
    const verify = () => client.post("/verify", { type: "email", token_hash: mail.token });
    const first = await verify();
    assert.equal(first.status, 200);
    assertSession(first.json, email);
    assert.equal((await verify()).status, 403);
    assert.equal(
      (await client.post("/verify", { type: "signup", token: mail.code, email })).status,
      403,
      "the code went with the link",
    );
  });

  test("five wrong codes kill the code, but not the link", async () => {
    const { client, mail, email } = await world().signedUp();
    const wrong = mail.code === "000000" ? "000001" : "000000";
    for (let tries = 0; tries < 5; tries += 1)
      assert.equal((await client.post("/verify", { type: "signup", token: wrong, email })).status, 403);
    assert.equal((await client.post("/verify", { type: "signup", token: mail.code, email })).status, 403);
    assert.equal((await client.post("/verify", { type: "signup", token_hash: mail.token })).status, 200);
  });

  test("a link and its code die after a day", async () => {
    const { client, mail, email } = await world().signedUp();
    await world().database.letTimePass("24 hours 1 second");
    assert.equal((await client.get(mail.link)).status, 410);
    assert.equal((await client.post("/verify", { type: "signup", token_hash: mail.token })).status, 403);
    assert.equal((await client.post("/verify", { type: "signup", token: mail.code, email })).status, 403);
  });

  test("asking for another mail within a minute is refused; later it brings a new link and kills the old one", async () => {
    const { client, mail, email } = await world().signedUp();
    const soon = await client.post("/resend", { type: "signup", email });
    assert.deepEqual([soon.status, soon.json.error_code], [429, "over_email_send_rate_limit"]);
    assert.ok(Number(soon.headers.get("retry-after")) > 0 && Number(soon.headers.get("retry-after")) <= 60);
    await world().database.letTimePass("61 seconds");
    const later = await client.post("/resend", { type: "signup", email });
    assert.deepEqual([later.status, later.json], [200, {}]);
    const again = await world().mail(email, 2);
    assert.notEqual(again.token, mail.token);
    assert.equal((await client.post("/verify", { type: "signup", token_hash: mail.token })).status, 403);
    assert.equal((await client.post("/verify", { type: "signup", token: again.code, email })).status, 200);
  });

  test("asking for a mail to an unknown address answers alike and sends none", async () => {
    const { email } = somebody();
    const { status, json } = await world().client().post("/resend", { type: "signup", email });
    assert.deepEqual([status, json], [200, {}]);
    await world().signedUp(); // whatever was to be sent before this would be there by now
    assert.deepEqual(world().mails(email), []);
  });

  test("signing up again before confirming replaces the password and kills the earlier link", async () => {
    const { client, mail, email, password } = await world().signedUp();
    await world().database.letTimePass("61 seconds");
    assert.equal((await client.post("/signup", { email, password: "the second password" })).status, 200);
    const second = await world().mail(email, 2);
    assert.equal((await client.post("/verify", { type: "signup", token_hash: mail.token })).status, 403);
    assert.equal((await client.post("/verify", { type: "signup", token_hash: second.token })).status, 200);
    assert.equal((await client.post("/token?grant_type=password", { email, password })).status, 400);
    assert.equal(
      (await client.post("/token?grant_type=password", { email, password: "the second password" })).status,
      200,
    );
  });

  test("when two people sign up for an address, neither code nor bare token confirms it, but the page, which asks whose password it is", async () => {
    const first = await world().signedUp();
    await world().database.letTimePass("61 seconds");
    const second = await world().signedUp(
      world().client(),
      { email: first.email, password: "of the second person" },
      2,
    );
    for (const proof of [{ token: second.mail.code, email: first.email }, { token_hash: second.mail.token }]) {
      const { status, json } = await second.client.post("/verify", { type: "signup", ...proof });
      assert.deepEqual([status, json.error_code], [403, "otp_expired"]);
    }
    const page = await first.client.get(second.mail.link);
    assert.match(page.text, /type="password"/, "the first browser did not ask for this link");
    assert.equal(
      (await first.client.submit(page.text, { password: first.password, password_is: "chosen" })).status,
      422,
    );
    assert.equal(
      (await first.client.submit(page.text, { password: "what the owner wants", password_is: "new" })).status,
      303,
    );
  });

  test("signing up with the address of a confirmed account looks the same, changes nothing and tells the owner", async () => {
    const { email, password, client, answer } = await world().newcomer();
    await world().database.letTimePass("61 seconds");
    const again = await world().client().post("/signup", { email, password: "of somebody else" });
    assert.equal(again.status, 200);
    assert.deepEqual(Object.keys(again.json).sort(), Object.keys(answer.json).sort());
    assert.notEqual(again.json.id, answer.json.id);
    const mail = await world().mail(email, 2);
    assert.equal(mail.link, "");
    assert.match(mail.subject, /already/);
    assert.equal(
      (await client.post("/token?grant_type=password", { email, password: "of somebody else" })).status,
      400,
    );
    assert.equal((await client.post("/token?grant_type=password", { email, password })).status, 200);
  });
});

everyWay("signing in", { settings: USUAL_HASH }, (world) => {
  test("the right password signs in, whatever the case of the address", async () => {
    const { email, password, client } = await world().newcomer();
    const { status, json } = await client.post("/token?grant_type=password", { email: email.toUpperCase(), password });
    assert.equal(status, 200);
    assertSession(json, email);
    assert.deepEqual(
      read(json.access_token).claims.amr.map((/** @type {any} */ entry) => entry.method),
      ["password"],
    );
  });

  test("a wrong password and an unknown address get the same answer", async () => {
    const { email, client } = await world().newcomer();
    const wrong = await client.post("/token?grant_type=password", { email, password: "not the password" });
    const unknown = await client.post("/token?grant_type=password", somebody());
    assert.deepEqual(
      [wrong.status, wrong.json],
      [400, { code: 400, error_code: "invalid_credentials", msg: "Invalid login credentials" }],
    );
    assert.deepEqual([unknown.status, unknown.json], [wrong.status, wrong.json]);
  });

  test("an unconfirmed address gets the answer of a wrong password, whatever the password", async () => {
    const { email, password, client } = await world().signedUp();
    for (const tried of [password, "not the password"]) {
      const { status, json } = await client.post("/token?grant_type=password", { email, password: tried });
      assert.deepEqual([status, json.error_code], [400, "invalid_credentials"]);
    }
  });

  test("after five wrong passwords whoever guessed has to wait, the owner elsewhere has not, and the right one works afterwards", async () => {
    const { email, password, client } = await world().newcomer();
    for (let tries = 0; tries < 5; tries += 1)
      await client.post("/token?grant_type=password", { email, password: "not the password" });
    const { status, json, headers } = await client.post("/token?grant_type=password", { email, password });
    assert.deepEqual([status, json.error_code], [429, "over_request_rate_limit"]);
    assert.ok(Number(headers.get("retry-after")) > 0 && Number(headers.get("retry-after")) <= 30);
    assert.equal((await world().client().post("/token?grant_type=password", { email, password })).status, 200);
    await world().database.letTimePass("31 seconds");
    assert.equal((await client.post("/token?grant_type=password", { email, password })).status, 200);
  });

  test("an unknown grant type is refused", async () => {
    for (const query of ["", "?grant_type=magic"]) {
      const { status, json } = await world().client().post(`/token${query}`, somebody());
      assert.deepEqual([status, json.error_code], [400, "invalid_credentials"]);
    }
  });
});

everyWay("calling as a signed-in user", {}, (world) => {
  const later = (/** @type {number} */ seconds) => Math.floor(Date.now() / 1000) + seconds;

  test("a valid token shows whose it is", async () => {
    const { client, email, session } = await world().newcomer();
    const { status, json } = await client.get("/user", { token: session.access_token });
    assert.equal(status, 200);
    assert.deepEqual([json.email, json.id, json.role], [email, session.user.id, "authenticated"]);
    assert.equal(json.identities[0].identity_data.email, email);
  });

  test("no token is 401 without a reason, a bad one says that it is invalid", async () => {
    const { client, session } = await world().newcomer();
    const absent = await client.get("/user", { version: NEWEST });
    assert.deepEqual([absent.status, absent.json.code], [401, "no_authorization"]);
    assert.equal(absent.headers.get("www-authenticate"), "Bearer");
    const basic = await client.get("/user", { headers: { authorization: `Basic ${session.access_token}` } });
    assert.equal(basic.json.error_code, "no_authorization");
    const junk = await client.get("/user", { token: "junk", version: NEWEST });
    assert.deepEqual([junk.status, junk.json.code], [401, "bad_jwt"]);
    assert.equal(junk.headers.get("www-authenticate"), 'Bearer error="invalid_token"');
  });

  test("expired, forged, wrong-audience and otherwise bent tokens are refused", async () => {
    const { client, session } = await world().newcomer();
    const key = world().signingKey;
    const { claims } = read(session.access_token);
    const sound = await client.get("/user", { token: forge(claims, key) });
    assert.equal(sound.status, 200, "the forger makes tokens that pass when nothing is wrong with them");
    const other = makeKey("ES256");
    const [head, , tail] = session.access_token.split(".");
    const admin = Buffer.from(JSON.stringify({ ...claims, role: "service_role" })).toString("base64url");
    const publicKey = (await client.get("/.well-known/jwks.json")).json.keys[0];
    const bent = {
      expired: forge({ ...claims, iat: later(-700), exp: later(-100) }, key),
      "expired this second": forge({ ...claims, exp: later(0) }, key),
      "from the future": forge({ ...claims, iat: later(100) }, key),
      "another audience": forge({ ...claims, aud: "somebody else" }, key),
      "several audiences": forge({ ...claims, aud: ["authenticated", "x"] }, key),
      "another issuer": forge({ ...claims, iss: "https://evil.example/auth/v1" }, key),
      "another key under our name": forge(claims, { ...other, kid: key.kid }),
      "an unknown key": forge(claims, other),
      "changed claims under the old signature": [head, admin, tail].join("."),
      "no signature, alg none": `${Buffer.from(JSON.stringify({ alg: "none", typ: "JWT", kid: key.kid })).toString("base64url")}.${session.access_token.split(".")[1]}.`,
      "the public key as a shared secret": forge(claims, {
        kty: "oct",
        alg: "HS256",
        kid: key.kid,
        k: Buffer.from(JSON.stringify(publicKey)).toString("base64url"),
      }),
      "no session": forge({ ...claims, session_id: undefined }, key),
      "the other signature that the key could have made": twin(session.access_token),
      "cut off": session.access_token.slice(0, -2),
      "the refresh token": session.refresh_token,
    };
    for (const [what, token] of Object.entries(bent)) {
      const { status, json, headers } = await client.get("/user", { token });
      assert.deepEqual([what, status, json.error_code], [what, 401, "bad_jwt"]);
      assert.equal(headers.get("www-authenticate"), 'Bearer error="invalid_token"');
    }
    const expired = await client.get("/user", { token: bent.expired });
    assert.match(expired.json.msg, /^invalid JWT: unable to parse or verify signature, token is expired$/);
  });

  test("a good token of another person's session, of an ended session, or of a deleted account is refused", async () => {
    const [one, two] = [await world().newcomer(), await world().newcomer()];
    const { claims } = read(one.session.access_token);
    const mixed = forge(
      { ...claims, session_id: read(two.session.access_token).claims.session_id },
      world().signingKey,
    );
    assert.equal((await one.client.get("/user", { token: mixed })).json.error_code, "session_not_found");
    await world().database.rows("UPDATE edgegate.sessions SET revoked_at = now() WHERE id = $1", [claims.session_id]);
    assert.equal(
      (await one.client.get("/user", { token: one.session.access_token })).json.error_code,
      "session_not_found",
    );
    await world().database.rows("DELETE FROM edgegate.users WHERE id = $1", [two.session.user.id]);
    assert.equal(
      (await two.client.get("/user", { token: two.session.access_token })).json.error_code,
      "user_not_found",
    );
  });

  test("the published keys verify the token, at both places, and hold nothing secret", async () => {
    const { client, session, email } = await world().newcomer();
    for (const place of ["/auth/v1/.well-known/jwks.json", "/.well-known/jwks.json"]) {
      const { status, json, headers } = await client.get(world().externalUrl + place);
      assert.equal(status, 200);
      assert.match(headers.get("cache-control") ?? "", /^public, max-age=\d+$/);
      assert.deepEqual(
        json.keys.map((/** @type {any} */ key) => Object.keys(key).sort()),
        [["alg", "crv", "key_ops", "kid", "kty", "use", "x", "y"]],
      );
      const claims = verified(session.access_token, json);
      assert.deepEqual(
        [claims.email, claims.sub, claims.aud, claims.role, claims.aal, claims.iss],
        [email, session.user.id, "authenticated", "authenticated", "aal1", `${world().externalUrl}/auth/v1`],
      );
      assert.equal(claims.exp - claims.iat, 600);
    }
  });
});
