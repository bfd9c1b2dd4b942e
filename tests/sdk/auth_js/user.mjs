// The user of a session: reading, verifying the token without the server, changing.

import assert from "node:assert/strict";
import { test } from "node:test";
import { somebody } from "../../workerd/client.mjs";
import { oneWay } from "../../workerd/harness.mjs";
import { ways } from "../../workerd/database.mjs";
import { forge, makeKey, read } from "../../workerd/keys.mjs";
import { browser, refusal, signedIn, succeeded } from "./browser.mjs";

oneWay(ways[0], "auth-js: the user", {}, (world) => {
  test("getUser asks the server, with the session's token or one that is given", async () => {
    const { at, tab, email, session } = await signedIn(world());
    assert.equal(succeeded(await tab.getUser()).user.email, email);
    const { user } = succeeded(await browser(world()).tab().getUser(at.stored().access_token));
    assert.deepEqual(
      [user.id, user.aud, user.role, user.phone, user.is_anonymous],
      [session.user.id, "authenticated", "authenticated", "", false],
    );
    assert.deepEqual(refusal(await tab.getUser("junk")), ["AuthApiError", 401, "bad_jwt"]);
  });

  test("getClaims verifies the token with the public keys, fetched once, and asks nothing else", async () => {
    const { at, tab, email, session } = await signedIn(world());
    at.requests.length = 0;
    for (let times = 0; times < 2; times += 1) {
      const found = succeeded(await tab.getClaims());
      assert.deepEqual([found.claims.email, found.claims.sub, found.header.alg], [email, session.user.id, "ES256"]);
      assert.deepEqual(
        [found.claims.aud, found.claims.role, found.claims.aal],
        ["authenticated", "authenticated", "aal1"],
      );
    }
    assert.deepEqual(
      at.requests.map(({ call }) => call),
      ["GET /.well-known/jwks.json"],
    );
  });

  test("getClaims refuses a token that somebody else signed with the same key id, and one that has expired", async () => {
    const { at, tab } = await signedIn(world());
    const { claims, header } = read(at.stored().access_token);
    assert.deepEqual(refusal(await tab.getClaims(forge(claims, makeKey("ES256"), header))), [
      "AuthInvalidJwtError",
      400,
      "invalid_jwt",
    ]);
    const expired = forge({ ...claims, exp: 1 }, world().signingKey);
    assert.deepEqual(refusal(await tab.getClaims(expired)), ["AuthInvalidJwtError", 400, "invalid_jwt"]);
    assert.equal(succeeded(await tab.getClaims(expired, { allowExpired: true })).claims.exp, 1);
    assert.deepEqual(refusal(await tab.getClaims("junk")), ["AuthInvalidJwtError", 400, "invalid_jwt"]);
  });

  test("the level of assurance is read off the token, and there are no factors to list", async () => {
    const { tab, at } = await signedIn(world());
    for (const token of [undefined, at.stored().access_token]) {
      const level = succeeded(await tab.mfa.getAuthenticatorAssuranceLevel(token));
      assert.deepEqual(
        [
          level.currentLevel,
          level.nextLevel,
          level.currentAuthenticationMethods.map((/** @type {any} */ entry) => entry.method),
        ],
        ["aal1", "aal1", ["password"]],
      );
    }
    assert.deepEqual(succeeded(await tab.mfa.listFactors()), {
      all: [],
      phone: [],
      totp: [],
      webauthn: [],
      recovery_code: [],
    });
  });

  test("a user has one identity, by e-mail", async () => {
    const { tab, email, session } = await signedIn(world());
    const { identities } = succeeded(await tab.getUserIdentities());
    assert.deepEqual(
      identities.map(({ provider, id, identity_data }) => [provider, id, identity_data?.email]),
      [["email", session.user.id, email]],
    );
  });

  test("metadata is merged, a null takes a member away, and the session's user follows", async () => {
    const { tab, at } = await signedIn(world());
    succeeded(await tab.updateUser({ data: { name: "Ada", theme: "dark" } }));
    const { user } = succeeded(await tab.updateUser({ data: { theme: null } }));
    assert.equal(user.user_metadata.name, "Ada");
    assert.equal(user.user_metadata.theme ?? null, null);
    assert.equal(at.stored().user.user_metadata.name, "Ada");
  });

  test("a new password takes the current one, which is stricter on purpose, and ends the other sessions", async () => {
    const { tab, email, password } = await signedIn(world());
    const other = browser(world());
    succeeded(await other.tab().signInWithPassword({ email, password }));
    const change = { password: "a password nobody knows" };
    assert.deepEqual(refusal(await tab.updateUser(change)), ["AuthApiError", 400, "current_password_required"]);
    assert.deepEqual(refusal(await tab.updateUser({ ...change, current_password: "wrong" })), [
      "AuthApiError",
      400,
      "current_password_invalid",
    ]);
    assert.deepEqual(refusal(await tab.updateUser({ password, current_password: password })), [
      "AuthApiError",
      422,
      "same_password",
    ]);
    assert.deepEqual(refusal(await tab.updateUser({ password: "short", current_password: password })), [
      "AuthWeakPasswordError",
      422,
      "weak_password",
    ]);
    succeeded(await tab.updateUser({ ...change, current_password: password }));
    assert.ok(succeeded(await tab.getUser()).user);
    assert.deepEqual(refusal(await other.tab().getUser()), ["AuthSessionMissingError", 400, undefined]);
    succeeded(
      await browser(world())
        .tab()
        .signInWithPassword({ email, ...change }),
    );
  });

  test("the nonce that reauthenticate() mails stands in for the current password, once", async () => {
    const { tab, email } = await signedIn(world());
    succeeded(await tab.reauthenticate());
    const { code: nonce } = await world().mail(email, 2);
    const change = { password: "a password nobody knows" };
    assert.deepEqual(refusal(await tab.updateUser({ ...change, nonce: nonce === "000000" ? "000001" : "000000" })), [
      "AuthApiError",
      422,
      "reauthentication_not_valid",
    ]);
    succeeded(await tab.updateUser({ ...change, nonce }));
    assert.deepEqual(refusal(await tab.updateUser({ password: "yet another of them", nonce })), [
      "AuthApiError",
      422,
      "reauthentication_not_valid",
    ]);
  });

  test("a new address is agreed to by both mailboxes: the first one gets neither session nor user, the second one a session", async () => {
    const { tab, email } = await signedIn(world());
    const { email: other } = somebody();
    const { user } = succeeded(await tab.updateUser({ email: other }));
    assert.deepEqual([user.email, user.new_email], [email, other]);
    const [old, fresh] = [await world().mail(email, 2), await world().mail(other)];
    assert.deepEqual(succeeded(await tab.verifyOtp({ email: other, token: fresh.code, type: "email_change" })), {
      user: null,
      session: null,
    });
    const done = succeeded(await tab.verifyOtp({ email, token: old.code, type: "email_change" }));
    assert.deepEqual([done.user?.email, done.session?.user.email], [other, other]);
    assert.equal(succeeded(await tab.getUser()).user.email, other);
  });

  test("a change of address can be mailed again", async () => {
    const { tab, email } = await signedIn(world());
    const { email: other } = somebody();
    succeeded(await tab.updateUser({ email: other }));
    await world().mail(other);
    await world().database.letTimePass("2 minutes");
    succeeded(await tab.resend({ type: "email_change", email }));
    assert.ok((await world().mail(other, 2)).code);
  });
});
