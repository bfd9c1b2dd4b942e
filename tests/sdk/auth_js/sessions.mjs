// Sessions as the app holds them: refreshing, with many tabs at once too, taking over, listening,
// signing out.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ways } from "../../workerd/database.mjs";
import { eventually, oneWay } from "../../workerd/harness.mjs";
import { read } from "../../workerd/keys.mjs";
import { browser, refusal, signedIn, succeeded } from "./browser.mjs";
import { onPage } from "./window.mjs";

/** @param {string | undefined} token */
const sessionOf = (token) => read(token ?? "").claims.session_id;

oneWay(ways[1], "auth-js: refreshing", {}, (world) => {
  test("it gets new tokens of the same session, and the old refresh token is followed by the new one", async () => {
    const { at, tab } = await signedIn(world());
    const before = at.stored();
    const { session, user } = succeeded(await tab.refreshSession());
    assert.notEqual(session?.refresh_token, before.refresh_token);
    assert.notEqual(session?.access_token, before.access_token);
    assert.equal(sessionOf(session?.access_token), sessionOf(before.access_token));
    assert.deepEqual([user?.id, at.stored().refresh_token], [before.user.id, session?.refresh_token]);
  });

  test("a session that expired is refreshed when it is asked for, and by initialize() where that is wanted", async () => {
    const { at, tab } = await signedIn(world());
    const before = at.stored();
    at.expire();
    const { session } = succeeded(await tab.getSession());
    assert.notEqual(session?.refresh_token, before.refresh_token);
    at.expire();
    const reopened = at.tab({ autoRefreshToken: true });
    assert.deepEqual(await reopened.initialize(), { error: null });
    assert.notEqual(at.stored().refresh_token, session?.refresh_token);
    await reopened.dispose();
  });

  for (const tabs of [8, 12]) {
    test(`${tabs} tabs that find the token expired at once end up with one session, and none is signed out`, async () => {
      const { at, email } = await signedIn(world());
      const before = at.stored();
      at.expire();
      const all = Array.from({ length: tabs }, () => at.tab());
      /** @type {string[]} */
      const events = [];
      for (const tab of all) tab.onAuthStateChange((event) => void events.push(event));
      const sessions = await Promise.all(all.map(async (tab) => succeeded(await tab.getSession()).session));
      const stored = at.stored();
      assert.deepEqual(
        [...new Set(sessions.map((session) => session?.refresh_token))],
        [stored.refresh_token],
        "one live branch",
      );
      assert.deepEqual(
        [...new Set(sessions.map((session) => sessionOf(session?.access_token)))],
        [sessionOf(before.access_token)],
      );
      assert.ok(!events.includes("SIGNED_OUT"), `${events}`);
      const asked = at.requests.filter(({ call }) => call.endsWith("grant_type=refresh_token"));
      assert.ok(asked.length >= 2, "they did not wait for each other");
      assert.ok(
        asked.every(({ status }) => status === 200),
        `${asked.map(({ status }) => status)}`,
      );
      const rows = await world().database.rows("SELECT generation, revoked_at FROM edgegate.sessions WHERE id = $1", [
        sessionOf(before.access_token),
      ]);
      assert.deepEqual(
        rows.map(({ generation, revoked_at }) => [Number(generation), revoked_at]),
        [[1, null]],
        "rotated once",
      );
      assert.ok(succeeded(await all[tabs - 1].refreshSession()).session);
      assert.equal(succeeded(await all[0].getUser()).user.email, email);
    });
  }

  test("tabs that refresh again and again, without waiting for each other, stay signed in", async () => {
    const { at } = await signedIn(world());
    const tabs = Array.from({ length: 8 }, () => at.tab());
    for (let round = 0; round < 4; round += 1) {
      const results = await Promise.all(tabs.map((tab) => tab.refreshSession()));
      const refused = results.map(refusal).filter((error) => error && error[0] !== "AuthRefreshDiscardedError");
      assert.deepEqual(refused, [], "another tab may have been first, which the library says; the server refuses none");
    }
    assert.ok(succeeded(await tabs[0].getUser()).user);
    assert.ok(succeeded(await tabs[7].refreshSession()).session);
  });

  test("a refresh token that was used long ago ends the session, and the app learns it as signed out", async () => {
    const { at, tab } = await signedIn(world());
    const stolen = at.stored();
    for (let times = 0; times < 2; times += 1) succeeded(await tab.refreshSession());
    await world().database.letTimePass("2 minutes");
    const thief = browser(world()).tab();
    assert.deepEqual(refusal(await thief.refreshSession(stolen)), ["AuthApiError", 400, "refresh_token_already_used"]);
    /** @type {string[]} */
    const events = [];
    tab.onAuthStateChange((event) => void events.push(event));
    at.expire();
    assert.deepEqual(refusal(await tab.getSession()), ["AuthSessionMissingError", 400, undefined]);
    assert.equal(at.stored(), null);
    assert.ok(events.includes("SIGNED_OUT"), `${events}`);
  });

  test("junk in place of a refresh token is refused with the protocol's code, and without one the session is missing", async () => {
    const tab = browser(world()).tab();
    assert.deepEqual(refusal(await tab.refreshSession({ refresh_token: "junk" })), [
      "AuthApiError",
      400,
      "refresh_token_not_found",
    ]);
    assert.deepEqual(refusal(await tab.refreshSession()), ["AuthSessionMissingError", 400, undefined]);
    for (const call of [tab.getUser(), tab.updateUser({ data: {} }), tab.reauthenticate()])
      assert.deepEqual(refusal(await call), ["AuthSessionMissingError", 400, undefined]);
  });

  test("refreshing in the background starts, stops and ends with the client", async () => {
    const { at } = await signedIn(world());
    const before = at.stored();
    const tab = at.tab();
    at.expire();
    await tab.startAutoRefresh();
    await eventually("the refresh in the background", () => at.stored()?.refresh_token !== before.refresh_token);
    await tab.stopAutoRefresh();
    await tab.dispose();
  });
});

oneWay(ways[0], "auth-js: taking over a session", {}, (world) => {
  test("setSession takes tokens from elsewhere, refreshing them if they have expired", async () => {
    const { at, session } = await signedIn(world());
    const elsewhere = browser(world());
    const { user } = succeeded(await elsewhere.tab().setSession(at.stored()));
    assert.equal(user?.id, session.user.id);
    assert.equal(elsewhere.stored().refresh_token, at.stored().refresh_token);
    const [header, claims, signature] = at.stored().access_token.split(".");
    const old = Buffer.from(
      JSON.stringify({ ...JSON.parse(Buffer.from(claims, "base64url").toString()), exp: 1 }),
    ).toString("base64url");
    const fresh = succeeded(
      await browser(world())
        .tab()
        .setSession({ access_token: [header, old, signature].join("."), refresh_token: at.stored().refresh_token }),
    );
    assert.equal(sessionOf(fresh.session?.access_token), sessionOf(at.stored().access_token));
  });

  test("setSession with a forged token is refused with the protocol's code, with 401 on purpose", async () => {
    const { at } = await signedIn(world());
    const { access_token, refresh_token } = at.stored();
    const forged = `${access_token.slice(0, -6)}AAAAAA`;
    assert.deepEqual(refusal(await browser(world()).tab().setSession({ access_token: forged, refresh_token })), [
      "AuthApiError",
      401,
      "bad_jwt",
    ]);
  });

  test("a page whose address has a session in its fragment is signed in by it", async () => {
    const person = await world().signedUp();
    const at = browser(world());
    const where = await at.follow(person.mail.link, { password: person.password });
    const { href } = await onPage(where, async () => {
      const tab = at.tab({ detectSessionInUrl: true });
      assert.deepEqual(await tab.initialize(), { error: null });
      assert.equal(succeeded(await tab.getSession()).session?.user.email, person.email);
      await tab.dispose();
    });
    assert.doesNotMatch(href, /access_token/);
  });
});

oneWay(ways[0], "auth-js: listening and signing out", {}, (world) => {
  test("a listener hears the session there is, a refresh, an update and signing out, and nothing once unsubscribed", async () => {
    const { tab } = await signedIn(world());
    /** @type {string[]} */
    const events = [];
    const { data } = tab.onAuthStateChange((event, session) => void events.push(session ? event : `${event} without`));
    await eventually("the first event", () => events.length > 0);
    succeeded(await tab.refreshSession());
    succeeded(await tab.updateUser({ data: { theme: "dark" } }));
    assert.equal((await tab.signOut()).error, null);
    assert.deepEqual(events, ["INITIAL_SESSION", "TOKEN_REFRESHED", "USER_UPDATED", "SIGNED_OUT without"]);
    data.subscription.unsubscribe();
    await tab.signInAnonymously();
    assert.equal(events.length, 4);
  });

  test("other tabs hear of it, too", async () => {
    const { at, email, password } = await signedIn(world());
    await onPage(world().siteUrl, async () => {
      const [here, there] = [at.tab(), at.tab()];
      /** @type {string[]} */
      const heard = [];
      there.onAuthStateChange((event) => void heard.push(event));
      succeeded(await here.signInWithPassword({ email, password }));
      await eventually("signing in to be heard", () => heard.includes("SIGNED_IN"));
      assert.equal((await here.signOut({ scope: "local" })).error, null);
      await eventually("signing out to be heard", () => heard.includes("SIGNED_OUT"));
      await Promise.all([here.dispose(), there.dispose()]);
    });
  });

  /** Three browsers of one person. */
  async function threeBrowsers() {
    const { email, password, ...first } = await signedIn(world());
    const others = [browser(world()), browser(world())];
    for (const at of others) succeeded(await at.tab().signInWithPassword({ email, password }));
    return [first.at, ...others];
  }

  /** Which of them are still signed in, as the server sees it. @param {string[]} tokens */
  const alive = (tokens) =>
    Promise.all(tokens.map(async (token) => !(await browser(world()).tab().getUser(token)).error));

  for (const [scope, left] of /** @type {const} */ ([
    ["local", [false, true, true]],
    ["others", [true, false, false]],
    ["global", [false, false, false]],
  ])) {
    test(`signing out with scope ${scope} ends just those sessions`, async () => {
      const browsers = await threeBrowsers();
      const tokens = browsers.map((at) => at.stored().access_token);
      assert.deepEqual(await alive(tokens), [true, true, true]);
      assert.equal((await browsers[0].tab().signOut({ scope })).error, null);
      assert.deepEqual(await alive(tokens), left);
      assert.equal(browsers[0].stored() === null, scope !== "others");
    });
  }

  test("signing out of a session that has ended elsewhere counts as done", async () => {
    const { at, tab } = await signedIn(world());
    assert.equal((await at.tab({ storageKey: "another" }).setSession(at.stored())).error, null);
    assert.equal((await tab.admin.signOut(at.stored().access_token, "local")).error, null);
    assert.equal((await tab.signOut()).error, null);
    assert.equal(at.stored(), null);
  });

  test("a session that ended is missing to whoever asks for the user, and is forgotten", async () => {
    const { at, tab } = await signedIn(world());
    assert.equal((await tab.admin.signOut(at.stored().access_token, "global")).error, null);
    assert.deepEqual(refusal(await tab.getUser()), ["AuthSessionMissingError", 400, undefined]);
    assert.equal(at.stored(), null);
  });
});
