// When something is down: what the library may retry it retries, and nobody is signed out by a
// fault of ours.

import assert from "node:assert/strict";
import { test } from "node:test";
import { isAuthRetryableFetchError } from "@supabase/auth-js";
import { somebody } from "../../workerd/client.mjs";
import { ways } from "../../workerd/database.mjs";
import { oneWay } from "../../workerd/harness.mjs";
import { browser, refusal, signedIn, succeeded } from "./browser.mjs";

oneWay(ways[0], "auth-js: while the database is down", { wire: true }, (world) => {
  test("every call that needs it is an AuthRetryableFetchError, the session is kept, and afterwards all is well", async () => {
    const { at, tab, email, password } = await signedIn(world());
    await world().recorded(email);
    const before = at.stored();
    /** @type {string[]} */
    const events = [];
    tab.onAuthStateChange((event) => void events.push(event));
    world().wire.goDown();
    const results = [
      await tab.getUser(),
      await tab.updateUser({ data: {} }),
      await tab.signInWithPassword({ email, password }),
      await tab.signUp(somebody()),
      await tab.resetPasswordForEmail(email),
    ];
    for (const result of results) {
      assert.ok(isAuthRetryableFetchError(result.error), `${result.error}`);
      assert.equal(result.error.status, 503);
    }
    assert.deepEqual(at.stored(), before);
    assert.deepEqual(refusal(await tab.signOut()), ["AuthRetryableFetchError", 503, undefined]);
    assert.equal(at.stored().refresh_token, before.refresh_token, "it has not ended, so it is not forgotten");
    world().wire.comeBack();
    assert.equal(succeeded(await tab.getUser()).user.email, email);
    assert.equal((await tab.signOut()).error, null);
    assert.ok(!events.slice(0, -1).includes("SIGNED_OUT"), `${events}`);
  });

  test("a refresh is tried again until the database is back, and nobody notices", async () => {
    const { at, tab, email } = await signedIn(world());
    await world().recorded(email);
    const before = at.stored();
    at.expire();
    world().wire.goDown();
    const refreshing = tab.getSession();
    setTimeout(() => world().wire.comeBack(), 700);
    const { session } = succeeded(await refreshing);
    assert.notEqual(session?.refresh_token, before.refresh_token);
    const statuses = at.requests
      .filter(({ call }) => call.endsWith("grant_type=refresh_token"))
      .map(({ status }) => status);
    assert.deepEqual([statuses[0], statuses.at(-1)], [503, 200]);
  });

  test("a refresh whose answer is lost is answered again, with the same session", async () => {
    const { at, tab, email } = await signedIn(world());
    await world().recorded(email);
    world().wire.loseAnswers(2);
    const { session } = succeeded(await tab.refreshSession());
    assert.equal(session?.user.email, email);
    assert.ok(at.requests.some(({ status }) => status === 503));
    assert.ok(succeeded(await tab.refreshSession()).session);
  });

  test("a token is verified by getClaims all the same, since the public keys need no database", async () => {
    const { tab, email } = await signedIn(world());
    await world().recorded(email);
    world().wire.goDown();
    assert.equal(succeeded(await tab.getClaims()).claims.email, email);
    world().wire.comeBack();
  });
});

oneWay(ways[0], "auth-js: while the Worker is out of reach", {}, (world) => {
  test("every call is an AuthRetryableFetchError of status 0, and the session is kept", async () => {
    const { at, tab } = await signedIn(world());
    const before = at.stored();
    const cut = at.tab({ fetch: async () => Promise.reject(new TypeError("fetch failed")) });
    for (const call of [cut.getUser(), cut.signInWithPassword(somebody()), cut.signOut()])
      assert.deepEqual(refusal(await call), ["AuthRetryableFetchError", 0, undefined]);
    assert.deepEqual(at.stored(), before);
    assert.ok(succeeded(await tab.getUser()).user);
  });
});

oneWay(ways[0], "auth-js: too many attempts", {}, (world) => {
  test("they are an AuthApiError of status 429, not one to retry at once", async () => {
    const { email } = await world().newcomer();
    const tab = browser(world()).tab();
    let last;
    for (let times = 0; times < 8; times += 1)
      last = refusal(await tab.signInWithPassword({ email, password: "wrong password" }));
    assert.deepEqual(last, ["AuthApiError", 429, "over_request_rate_limit"]);
  });
});
