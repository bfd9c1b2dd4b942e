// The admin API, called with a service token as a program of the operator's does.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import { somebody } from "../../workerd/client.mjs";
import { ways } from "../../workerd/database.mjs";
import { oneWay } from "../../workerd/harness.mjs";
import { administrator, browser, handedOver, refusal, signedIn, succeeded } from "./browser.mjs";

oneWay(ways[0], "auth-js: administering users", {}, (world) => {
  test("a user is made, found, changed and deleted", async () => {
    const admin = administrator(world());
    const { email, password } = somebody();
    const made = succeeded(
      await admin.createUser({
        email,
        password,
        email_confirm: true,
        user_metadata: { name: "Ada" },
        app_metadata: { plan: "free" },
      }),
    ).user;
    assert.deepEqual(
      [made.email, made.user_metadata.name, made.app_metadata.plan, Boolean(made.email_confirmed_at)],
      [email, "Ada", "free", true],
    );
    assert.equal(succeeded(await browser(world()).tab().signInWithPassword({ email, password })).user.id, made.id);
    assert.equal(succeeded(await admin.getUserById(made.id)).user.email, email);
    const changed = succeeded(
      await admin.updateUserById(made.id, { password: "a password nobody knows", user_metadata: { theme: "dark" } }),
    ).user;
    assert.deepEqual([changed.user_metadata.name, changed.user_metadata.theme], ["Ada", "dark"]);
    assert.equal(
      (await browser(world()).tab().signInWithPassword({ email, password })).error?.code,
      "invalid_credentials",
    );
    succeeded(await browser(world()).tab().signInWithPassword({ email, password: "a password nobody knows" }));
    assert.equal(succeeded(await admin.deleteUser(made.id)).user.id, made.id);
    assert.deepEqual(refusal(await admin.getUserById(made.id)), ["AuthApiError", 404, "user_not_found"]);
    assert.deepEqual(refusal(await admin.deleteUser(made.id)), ["AuthApiError", 404, "user_not_found"]);
  });

  test("a user that was made without email_confirm is not confirmed, and a known address is refused", async () => {
    const admin = administrator(world());
    const person = somebody();
    assert.equal(succeeded(await admin.createUser(person)).user.email_confirmed_at ?? null, null);
    assert.deepEqual(refusal(await admin.createUser(person)), ["AuthApiError", 422, "email_exists"]);
    assert.equal((await browser(world()).tab().signInWithPassword(person)).error?.status, 400);
  });

  test("users are listed page by page, with the total and what comes next", async () => {
    const admin = administrator(world());
    for (let count = 0; count < 3; count += 1)
      succeeded(await admin.createUser({ ...somebody(), email_confirm: true }));
    const [{ count }] = await world().database.rows("SELECT count(*)::int FROM edgegate.users");
    const first = /** @type {any} */ (succeeded(await admin.listUsers({ page: 1, perPage: 2 })));
    assert.deepEqual([first.users.length, first.total, first.nextPage], [2, count, 2]);
    const all = succeeded(await admin.listUsers());
    assert.equal(all.users.length, count);
    const second = succeeded(await admin.listUsers({ page: 2, perPage: 2 }));
    assert.equal(
      second.users.some(({ id }) => first.users.some((/** @type {any} */ user) => user.id === id)),
      false,
    );
  });

  test("a ban ends the sessions and is told at the next sign-in; lifting it lets the user in again", async () => {
    const admin = administrator(world());
    const { tab, email, password, session } = await signedIn(world());
    assert.ok(succeeded(await admin.updateUserById(session.user.id, { ban_duration: "24h" })).user.banned_until);
    assert.notEqual((await tab.getUser()).error, null);
    assert.deepEqual(refusal(await tab.signInWithPassword({ email, password })), ["AuthApiError", 400, "user_banned"]);
    assert.equal(
      succeeded(await admin.updateUserById(session.user.id, { ban_duration: "none" })).user.banned_until ?? null,
      null,
    );
    succeeded(await tab.signInWithPassword({ email, password }));
  });

  test("a soft deletion ends the account and keeps its row", async () => {
    const admin = administrator(world());
    const { tab, email, password, session } = await signedIn(world());
    assert.equal(succeeded(await admin.deleteUser(session.user.id, true)).user.id, session.user.id);
    assert.notEqual((await tab.getUser()).error, null);
    assert.equal((await tab.signInWithPassword({ email, password })).error?.status, 400);
    assert.equal(
      (await world().database.rows("SELECT FROM edgegate.users WHERE id = $1", [session.user.id])).length,
      1,
    );
  });

  test("an invitation is a mail whose code signs in", async () => {
    const { email } = somebody();
    const { user } = succeeded(await administrator(world()).inviteUserByEmail(email, { data: { team: "red" } }));
    assert.deepEqual([user.email, user.user_metadata.team, Boolean(user.invited_at)], [email, "red", true]);
    const tab = browser(world()).tab();
    const done = succeeded(await tab.verifyOtp({ email, token: (await world().mail(email)).code, type: "invite" }));
    assert.deepEqual([done.user?.id, Boolean(done.user?.email_confirmed_at)], [user.id, true]);
    const known = await world().newcomer();
    assert.deepEqual(refusal(await administrator(world()).inviteUserByEmail(known.email)), [
      "AuthApiError",
      422,
      "email_exists",
    ]);
  });

  test("a generated link comes with code and token hash, sends no mail, and works", async () => {
    const admin = administrator(world());
    const { email, password } = somebody();
    const made = succeeded(await admin.generateLink({ type: "signup", email, password }));
    assert.deepEqual([made.user?.email, made.properties?.verification_type], [email, "signup"]);
    assert.match(made.properties?.email_otp ?? "", /^\d{6}$/);
    succeeded(
      await browser(world())
        .tab()
        .verifyOtp({ email, token: made.properties?.email_otp ?? "", type: "signup" }),
    );
    for (const type of /** @type {const} */ (["magiclink", "recovery"])) {
      const { properties } = succeeded(await admin.generateLink({ type, email }));
      const { session } = succeeded(
        await browser(world())
          .tab()
          .verifyOtp({ token_hash: properties?.hashed_token ?? "", type }),
      );
      assert.equal(session?.user.email, email);
    }
    const { properties } = succeeded(await admin.generateLink({ type: "magiclink", email }));
    const at = browser(world());
    const { access_token, refresh_token } = handedOver(await at.follow(properties?.action_link ?? ""));
    assert.equal(succeeded(await at.tab().setSession({ access_token, refresh_token })).user?.email, email);
    assert.equal(world().mails(email).length, 0);
  });

  test("a session is ended by its access token, with a scope", async () => {
    const admin = administrator(world());
    const { at, tab, email, password } = await signedIn(world());
    const other = browser(world());
    succeeded(await other.tab().signInWithPassword({ email, password }));
    assert.equal((await admin.signOut(at.stored().access_token, "others")).error, null);
    assert.deepEqual(refusal(await other.tab().getUser()), ["AuthSessionMissingError", 400, undefined]);
    assert.ok(succeeded(await tab.getUser()).user);
    assert.equal((await admin.signOut(at.stored().access_token)).error, null);
    assert.deepEqual(refusal(await tab.getUser()), ["AuthSessionMissingError", 400, undefined]);
  });

  test("second factors are listed, and there are none; passkeys are not offered", async () => {
    const admin = administrator(world());
    const { session } = await world().newcomer();
    const of = { userId: session.user.id };
    assert.deepEqual(succeeded(await admin.mfa.listFactors(of)), { factors: [] });
    assert.deepEqual(refusal(await admin.mfa.deleteFactor({ ...of, id: randomUUID() })), [
      "AuthApiError",
      404,
      "mfa_factor_not_found",
    ]);
    assert.deepEqual(refusal(await admin.passkey.listPasskeys(of)), ["AuthApiError", 404, "passkey_disabled"]);
    assert.deepEqual(refusal(await admin.passkey.deletePasskey({ ...of, passkeyId: randomUUID() })), [
      "AuthApiError",
      404,
      "passkey_disabled",
    ]);
  });

  test("a user's own token does not administer, nor does one that is forged", async () => {
    const { at, session } = await signedIn(world());
    for (const [token, status, code] of /** @type {const} */ ([
      [at.stored().access_token, 403, "not_admin"],
      ["junk", 401, "bad_jwt"],
    ])) {
      const admin = administrator(world(), token);
      for (const call of [admin.listUsers(), admin.getUserById(session.user.id), admin.createUser(somebody())])
        assert.deepEqual(refusal(await call), ["AuthApiError", status, code]);
    }
  });
});
