// Signing up and in with a password, confirming, and what is refused meanwhile.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isAuthApiError, isAuthWeakPasswordError } from "@supabase/auth-js";
import { somebody } from "../../workerd/client.mjs";
import { oneWay } from "../../workerd/harness.mjs";
import { ways } from "../../workerd/database.mjs";
import { browser, handedOver, refusal, signedIn, succeeded } from "./browser.mjs";

oneWay(ways[0], "auth-js: signing up", {}, (world) => {
  test("signing up answers with a user and no session, and the mailed code signs in", async () => {
    const { email, password } = somebody();
    const at = browser(world());
    const tab = at.tab();
    const { user, session } = succeeded(await tab.signUp({ email, password, options: { data: { name: "Ada" } } }));
    assert.deepEqual([user?.email, user?.aud, user?.role, session], [email, "authenticated", "authenticated", null]);
    const { code } = await world().mail(email);
    const confirmed = succeeded(await tab.verifyOtp({ email, token: code, type: "signup" }));
    assert.equal(confirmed.user?.id, user?.id);
    assert.equal(at.stored().access_token, confirmed.session?.access_token);
    const me = succeeded(await tab.getUser()).user;
    assert.deepEqual([me.email, me.phone, me.user_metadata.name, me.identities?.length], [email, "", "Ada", 1]);
    assert.equal(me.identities?.[0].identity_data?.email, email);
  });

  for (const type of /** @type {const} */ (["email", "signup"])) {
    test(`a link's token that the app's own page hands over confirms, as type ${type}`, async () => {
      const person = await world().signedUp();
      const tab = browser(world()).tab();
      const { session } = succeeded(await tab.verifyOtp({ token_hash: person.mail.token, type }));
      assert.equal(session?.user.email, person.email);
    });
  }

  test("the link of the mail leads back to the app with a session that the app can take over", async () => {
    const { email, password } = somebody();
    const at = browser(world());
    const tab = at.tab();
    succeeded(await tab.signUp({ email, password, options: { emailRedirectTo: `${world().siteUrl}/inside` } }));
    const where = await at.follow((await world().mail(email)).link, { password });
    assert.equal(where.href.split("#")[0], `${world().siteUrl}/inside`);
    const { access_token, refresh_token, token_type, type, expires_in } = handedOver(where);
    assert.deepEqual([token_type, type, Number(expires_in) > 0], ["bearer", "signup", true]);
    const { user } = succeeded(await tab.setSession({ access_token, refresh_token }));
    assert.equal(user?.email, email);
  });

  test("another mail can be asked for, and its code is the one that works", async () => {
    const { email, password } = somebody();
    const tab = browser(world()).tab();
    succeeded(await tab.signUp({ email, password }));
    const first = await world().mail(email);
    assert.deepEqual(refusal(await tab.resend({ type: "signup", email })), [
      "AuthApiError",
      429,
      "over_email_send_rate_limit",
    ]);
    await world().database.letTimePass("2 minutes");
    succeeded(await tab.resend({ type: "signup", email }));
    const second = await world().mail(email, 2);
    assert.deepEqual(refusal(await tab.verifyOtp({ email, token: first.code, type: "signup" })), [
      "AuthApiError",
      403,
      "otp_expired",
    ]);
    assert.ok(succeeded(await tab.verifyOtp({ email, token: second.code, type: "signup" })).session);
  });

  test("signing up with a known address answers as with a new one, on purpose without `identities: []`", async () => {
    const { email, password } = await world().newcomer();
    await world().database.letTimePass("2 minutes");
    const known = succeeded(await browser(world()).tab().signUp({ email, password }));
    const fresh = succeeded(await browser(world()).tab().signUp(somebody()));
    assert.deepEqual([known.session, known.user?.identities?.length], [null, fresh.user?.identities?.length]);
  });

  test("a weak password is an AuthWeakPasswordError with its reasons", async () => {
    const { error } = await browser(world())
      .tab()
      .signUp({ ...somebody(), password: "short" });
    assert.ok(isAuthWeakPasswordError(error));
    assert.deepEqual([error.status, error.code, error.reasons], [422, "weak_password", ["length"]]);
    assert.match(error.message, /^Password should be at least \d+ characters/);
  });

  test("an address that is none, and neither address nor phone, are refused", async () => {
    const tab = browser(world()).tab();
    const { password } = somebody();
    const { error } = await tab.signUp({ email: "ada at example", password });
    assert.ok(isAuthApiError(error));
    assert.deepEqual(
      [error.code, error.message],
      ["email_address_invalid", "Unable to validate email address: invalid format"],
    );
    const empty = /** @type {any} */ ({ password });
    for (const call of [
      tab.signUp(empty),
      tab.signInWithPassword(empty),
      tab.signInWithOtp(empty),
      tab.resend(empty),
    ]) {
      assert.deepEqual(refusal(await call), ["AuthInvalidCredentialsError", 400, undefined]);
    }
  });
});

oneWay(ways[0], "auth-js: signing in with a password", {}, (world) => {
  test("it answers with user and session, stores it, and tells whoever listens", async () => {
    const { email, password } = await world().newcomer();
    const at = browser(world());
    const tab = at.tab();
    /** @type {string[]} */
    const events = [];
    tab.onAuthStateChange((event) => void events.push(event));
    const { session, user } = succeeded(await tab.signInWithPassword({ email, password }));
    assert.deepEqual([user?.email, session?.token_type, session?.expires_in], [email, "bearer", 600]);
    assert.equal(at.stored().refresh_token, session?.refresh_token);
    assert.ok(Math.abs((session?.expires_at ?? 0) - Date.now() / 1000 - 600) < 60);
    assert.ok(events.includes("SIGNED_IN"), `${events}`);
  });

  test("a wrong password, an unknown address and one that is not confirmed are told alike", async () => {
    const { email, password } = await world().newcomer();
    const unconfirmed = await world().signedUp();
    const tab = browser(world()).tab();
    for (const credentials of [
      { email, password: `${password}!` },
      somebody(),
      { email: unconfirmed.email, password: unconfirmed.password },
    ]) {
      const { error, data } = await tab.signInWithPassword(credentials);
      assert.deepEqual(
        [error?.name, error?.status, error?.code, error?.message],
        ["AuthApiError", 400, "invalid_credentials", "Invalid login credentials"],
      );
      assert.deepEqual(data, { user: null, session: null });
    }
  });

  test("the answer carries the protocol's version, without which the library reads no code", async () => {
    const at = browser(world());
    await at.tab().signInWithPassword(somebody());
    assert.equal(at.requests[0].headers.get("x-supabase-api-version"), "2024-01-01");
  });

  test("with throwOnError a refusal is thrown, with the same code", async () => {
    const tab = browser(world()).tab({ throwOnError: true });
    assert.equal(tab.isThrowOnErrorEnabled(), true);
    await assert.rejects(tab.signInWithPassword(somebody()), { name: "AuthApiError", code: "invalid_credentials" });
    assert.equal(browser(world()).tab().isThrowOnErrorEnabled(), false);
  });

  test("a banned account is told so", async () => {
    const { email, password, session, tab } = await signedIn(world());
    await world()
      .client()
      .call("PUT", `/admin/users/${session.user.id}`, { token: world().serviceToken, json: { ban_duration: "1h" } });
    assert.deepEqual(refusal(await tab.signInWithPassword({ email, password })), ["AuthApiError", 400, "user_banned"]);
  });
});
