// What a mail is needed for: recovery, PKCE in two browsers, signing in without a password. And
// anonymous accounts, which become full ones by mail.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isAuthPKCECodeVerifierMissingError } from "@supabase/auth-js";
import { somebody } from "../../workerd/client.mjs";
import { ways } from "../../workerd/database.mjs";
import { eventually, oneWay } from "../../workerd/harness.mjs";
import { read } from "../../workerd/keys.mjs";
import { browser, handedOver, refusal, succeeded } from "./browser.mjs";
import { onPage } from "./window.mjs";

const pkce = /** @type {const} */ ({ flowType: "pkce" });
const settings = { SIGN_IN_BY_EMAIL: "true", ANONYMOUS_SIGN_INS: "true" };

oneWay(ways[1], "auth-js: recovery", { settings }, (world) => {
  test("the code signs in as PASSWORD_RECOVERY, and a new password may be set without the old one", async () => {
    const { email } = await world().newcomer();
    const tab = browser(world()).tab();
    /** @type {string[]} */
    const events = [];
    tab.onAuthStateChange((event) => void events.push(event));
    assert.equal((await tab.resetPasswordForEmail(email)).error, null);
    const { code } = await world().mail(email, 2);
    succeeded(await tab.verifyOtp({ email, token: code, type: "recovery" }));
    assert.ok(events.includes("PASSWORD_RECOVERY"), `${events}`);
    const password = "a password nobody knows";
    succeeded(await tab.updateUser({ password }));
    succeeded(await browser(world()).tab().signInWithPassword({ email, password }));
  });

  test("an unknown address gets the same answer, and no mail", async () => {
    const { email } = somebody();
    assert.deepEqual(await browser(world()).tab().resetPasswordForEmail(email), { data: {}, error: null });
    await browser(world())
      .tab()
      .resetPasswordForEmail((await world().newcomer()).email);
    assert.equal(world().mails(email).length, 0);
  });

  test("without PKCE the page behind the link takes the new password itself, on purpose, and leads back with a plain session, so that no app asks again", async () => {
    const { email } = await world().newcomer();
    const at = browser(world());
    assert.equal((await at.tab().resetPasswordForEmail(email)).error, null);
    const password = "a password nobody knows";
    const where = await browser(world()).follow((await world().mail(email, 2)).link, { password });
    const { access_token, refresh_token, type } = handedOver(where);
    assert.equal(type, "magiclink");
    assert.equal(succeeded(await at.tab().setSession({ access_token, refresh_token })).user?.email, email);
    succeeded(await at.tab().signInWithPassword({ email, password }));
  });

  test("with PKCE the link may be opened in another browser, and only the one that asked makes something of its code", async () => {
    const { email } = await world().newcomer();
    const asked = browser(world());
    assert.equal((await asked.tab(pkce).resetPasswordForEmail(email, { redirectTo: world().siteUrl })).error, null);
    const elsewhere = browser(world());
    const where = await elsewhere.follow((await world().mail(email, 2)).link);
    const { code } = handedOver(where);
    assert.equal(where.hash, "");
    const missing = await elsewhere.tab(pkce).exchangeCodeForSession(code);
    assert.ok(isAuthPKCECodeVerifierMissingError(missing.error));
    assert.deepEqual(refusal(missing), ["AuthPKCECodeVerifierMissingError", 400, "pkce_code_verifier_not_found"]);

    const done = succeeded(await asked.tab(pkce).exchangeCodeForSession(code));
    assert.deepEqual([done.session?.user.email, done.redirectType], [email, "recovery"]);
    const password = "a password nobody knows";
    succeeded(await asked.tab(pkce).updateUser({ password }));
    succeeded(await elsewhere.tab().signInWithPassword({ email, password }));
  });

  test("a verifier of another flow, a code used twice and a code that is none are refused with codes of their own", async () => {
    const { email } = await world().newcomer();
    const [asked, other] = [browser(world()), browser(world())];
    await asked.tab(pkce).resetPasswordForEmail(email);
    await other.tab(pkce).resetPasswordForEmail(somebody().email);
    const { code } = handedOver(await asked.follow((await world().mail(email, 2)).link));
    assert.deepEqual(refusal(await other.tab(pkce).exchangeCodeForSession(code)), [
      "AuthApiError",
      400,
      "bad_code_verifier",
    ]);
    const verifiers = new Map(asked.storage.items);
    succeeded(await asked.tab(pkce).exchangeCodeForSession(code));
    for (const [key, value] of verifiers) asked.storage.setItem(key, value);
    assert.deepEqual(refusal(await asked.tab(pkce).exchangeCodeForSession(code)), [
      "AuthApiError",
      400,
      "flow_state_already_used",
    ]);
    for (const [key, value] of verifiers) asked.storage.setItem(key, value);
    assert.deepEqual(refusal(await asked.tab(pkce).exchangeCodeForSession("6b1f6f0e-1d0a-4d6c-9a53-9d3c1d1b0c55")), [
      "AuthApiError",
      404,
      "flow_state_not_found",
    ]);
  });
});

oneWay(ways[0], "auth-js: PKCE", { settings }, (world) => {
  test("a sign-up is confirmed by the browser that began it, though the link was opened in another", async () => {
    const { email, password } = somebody();
    const asked = browser(world());
    succeeded(await asked.tab(pkce).signUp({ email, password, options: { emailRedirectTo: world().siteUrl } }));
    const { code } = handedOver(await browser(world()).follow((await world().mail(email)).link));
    const { session } = succeeded(await asked.tab(pkce).exchangeCodeForSession(code));
    assert.ok(session?.user.email_confirmed_at);
    assert.equal(asked.stored().user.email, email);
  });

  test("two flows at once are told apart by the id that the library puts into the address, which comes back untouched", async () => {
    const [one, two] = [await world().newcomer(), await world().newcomer()];
    const at = browser(world());
    const options = { ...pkce, experimental: { appendPkceFlowIdToRedirects: true } };
    for (const { email } of [one, two])
      succeeded(await at.tab(options).signInWithOtp({ email, options: { emailRedirectTo: world().siteUrl } }));
    for (const { email } of [one, two]) {
      const { code, sb_flow_id: flowId } = handedOver(await at.follow((await world().mail(email, 2)).link));
      assert.ok(flowId, "the redirect keeps its query");
      assert.equal(
        succeeded(await at.tab(options).exchangeCodeForSession(code, { flowId })).session?.user.email,
        email,
      );
    }
  });

  test("a page whose address has a code exchanges it by itself", async () => {
    const { email } = await world().newcomer();
    const at = browser(world());
    succeeded(await at.tab(pkce).signInWithOtp({ email, options: { emailRedirectTo: world().siteUrl } }));
    const where = await at.follow((await world().mail(email, 2)).link);
    const { href } = await onPage(where, async () => {
      const tab = at.tab({ ...pkce, detectSessionInUrl: true });
      assert.deepEqual(await tab.initialize(), { error: null });
      assert.equal(succeeded(await tab.getSession()).session?.user.email, email);
      await tab.dispose();
    });
    assert.equal(href, world().siteUrl);
  });
});

oneWay(ways[0], "auth-js: signing in without a password", { settings }, (world) => {
  test("an address without an account gets one, and the code signs in, once", async () => {
    const { email } = somebody();
    const tab = browser(world()).tab();
    assert.deepEqual(succeeded(await tab.signInWithOtp({ email, options: { data: { name: "Ada" } } })), {
      user: null,
      session: null,
    });
    const { code } = await world().mail(email);
    const { user } = succeeded(await tab.verifyOtp({ email, token: code, type: "email" }));
    assert.deepEqual([user?.email, user?.user_metadata.name, Boolean(user?.email_confirmed_at)], [email, "Ada", true]);
    assert.deepEqual(refusal(await tab.verifyOtp({ email, token: code, type: "email" })), [
      "AuthApiError",
      403,
      "otp_expired",
    ]);
  });

  test("the link leads back with a session", async () => {
    const { email } = await world().newcomer();
    const at = browser(world());
    succeeded(await at.tab().signInWithOtp({ email }));
    const { access_token, refresh_token } = handedOver(await at.follow((await world().mail(email, 2)).link));
    assert.equal(succeeded(await at.tab().setSession({ access_token, refresh_token })).user?.email, email);
  });

  test("where no account is to be made, an unknown address gets the same answer as a known one, on purpose, and no mail", async () => {
    const { email } = somebody();
    const tab = browser(world()).tab();
    const options = { shouldCreateUser: false };
    succeeded(await tab.signInWithOtp({ email, options }));
    const known = await world().newcomer();
    succeeded(await tab.signInWithOtp({ email: known.email, options }));
    await world().mail(known.email, 2);
    assert.equal(world().mails(email).length, 0);
  });

  test("a wrong code is refused, and after five of them the right one, too", async () => {
    const { email } = somebody();
    const tab = browser(world()).tab();
    succeeded(await tab.signInWithOtp({ email }));
    const { code } = await world().mail(email);
    for (let times = 0; times < 5; times += 1) {
      const wrong = String((Number(code) + 1 + times) % 1_000_000).padStart(6, "0");
      const { error } = await tab.verifyOtp({ email, token: wrong, type: "email" });
      assert.deepEqual([error?.code, error?.message], ["otp_expired", "Token has expired or is invalid"]);
    }
    assert.deepEqual(refusal(await tab.verifyOtp({ email, token: code, type: "email" })), [
      "AuthApiError",
      403,
      "otp_expired",
    ]);
  });
});

oneWay(ways[0], "auth-js: anonymous accounts", { settings }, (world) => {
  test("one is signed in at once, and becomes a full one that keeps its id", async () => {
    const at = browser(world());
    const tab = at.tab();
    const { user, session } = succeeded(await tab.signInAnonymously({ options: { data: { cart: [1] } } }));
    assert.deepEqual(
      [user?.is_anonymous, user?.email, read(session?.access_token ?? "").claims.is_anonymous],
      [true, "", true],
    );
    const { email, password } = somebody();
    succeeded(await tab.updateUser({ email, password }));
    const { code } = await world().mail(email);
    const done = succeeded(await tab.verifyOtp({ email, token: code, type: "email_change" }));
    assert.equal(done.user?.id, user?.id);
    const full = succeeded(await browser(world()).tab().signInWithPassword({ email, password }));
    assert.deepEqual([full.user.id, full.user.is_anonymous, full.user.user_metadata.cart], [user?.id, false, [1]]);
  });

  test("its session is refreshed and ended like any other", async () => {
    const { data } = await browser(world()).tab().signInAnonymously();
    const at = browser(world());
    const tab = at.tab();
    succeeded(await tab.setSession(/** @type {any} */ (data.session)));
    assert.equal(succeeded(await tab.refreshSession()).user?.is_anonymous, true);
    assert.equal((await tab.signOut()).error, null);
    await eventually("its end", async () => (await tab.getUser()).error);
  });
});

oneWay(ways[0], "auth-js: what settings turn off", { settings: { DISABLE_SIGNUP: "true" } }, (world) => {
  test("signing up, signing in without a password and anonymously answer with the protocol's codes", async () => {
    const tab = browser(world()).tab();
    const { error } = await tab.signUp(somebody());
    assert.deepEqual(
      [error?.status, error?.code, error?.message],
      [422, "signup_disabled", "Signups not allowed for this instance"],
    );
    assert.deepEqual(refusal(await tab.signInWithOtp({ email: somebody().email })), [
      "AuthApiError",
      422,
      "otp_disabled",
    ]);
    assert.deepEqual(refusal(await tab.signInAnonymously()), ["AuthApiError", 422, "signup_disabled"]);
  });
});
