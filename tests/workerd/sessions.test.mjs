// The life of a session after signing in: refreshed, listed, ended in each way, known to Workers KV
// and to whoever introspects; and a KV that fails or hangs. Not here: many at once
// (races.test.mjs), what each call costs (budget.test.mjs).

import assert from "node:assert/strict";
import { test } from "node:test";
import { ways } from "./database.mjs";
import { eventually, everyWay, oneWay } from "./harness.mjs";
import { read } from "./keys.mjs";
import { LATE_MS, tellKv } from "./faulty_kv.mjs";

const CHROME = {
  "user-agent":
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36",
};
const SAFARI = {
  "user-agent":
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Mobile/15E148 Safari/604.1",
};

/** @typedef {import("./harness.mjs").World} World */
/** @typedef {import("./client.mjs").Client} Client */
/** @typedef {{ access_token: string, refresh_token: string }} Tokens */

/** @param {Tokens} tokens */
const idOf = ({ access_token: token }) => read(token).claims.session_id;

/**
 * One more session of somebody, at a device of its own.
 * @param {World} world
 * @param {{ email: string, password: string }} person
 * @param {Record<string, string>} [headers]
 */
async function signedIn(world, { email, password }, headers = {}) {
  const client = world.client();
  const { status, json, text } = await client.signIn(email, password, { headers });
  assert.equal(status, 200, text);
  return { client, tokens: /** @type {Tokens} */ (json), id: idOf(json) };
}

/**
 * Whether the session refreshes, and is good for a call: status and code of each.
 * @param {Client} client
 * @param {Tokens} tokens
 */
async function standing(client, { access_token, refresh_token }) {
  const answers = [await client.get("/user", { token: access_token }), await client.refresh(refresh_token)];
  return answers.map(({ status, json }) => (status === 200 ? 200 : `${status} ${json.error_code}`));
}

const ENDED = ["401 session_not_found", "400 session_not_found"];

/** What a service hears of an access token. @param {World} world @param {string} token */
const introspect = (world, token) =>
  world.client().call("POST", "/introspect", { form: { token }, token: world.serviceToken });

/**
 * Waits until services hear that the token is not good, which takes as long as KV does.
 * @param {World} world
 * @param {string} token
 */
const inactive = (world, token) =>
  eventually("introspection to say that it ended", async () => (await introspect(world, token)).json.active === false);

/** @param {Client} client @param {string} token @param {string} [scope] */
const signOut = (client, token, scope) => client.call("POST", `/logout${scope ? `?scope=${scope}` : ""}`, { token });

everyWay("sessions", {}, (world) => {
  test("a session is refreshed again and again: each time with a new refresh token and an access token that is good", async () => {
    const { client, email, session } = await world().newcomer();
    const seen = new Set([session.refresh_token]);
    let tokens = session;
    for (let times = 0; times < 3; times += 1) {
      const { status, json } = await client.refresh(tokens.refresh_token);
      assert.deepEqual([status, json.token_type, json.expires_in, json.user.email], [200, "bearer", 600, email]);
      assert.equal(idOf(json), idOf(session), "it is still the same session");
      assert.ok(!seen.has(json.refresh_token));
      seen.add(json.refresh_token);
      assert.equal((await client.get("/user", { token: json.access_token })).status, 200);
      tokens = json;
    }
    const again = [...seen][2];
    assert.equal(
      (await client.refresh(again)).json.refresh_token,
      tokens.refresh_token,
      "the one before the newest gets the newest, for a while",
    );
  });

  test("the list says in words where one is signed in, and which of them this is; one of them is ended by its id", async () => {
    const person = await world().newcomer();
    const laptop = await signedIn(world(), person, CHROME);
    const phone = await signedIn(world(), person, SAFARI);
    const next = (await phone.client.refresh(phone.tokens.refresh_token, { headers: SAFARI })).json;
    const list = async () => {
      const { status, json } = await laptop.client.get("/sessions", { token: laptop.tokens.access_token });
      assert.equal(status, 200);
      return json;
    };
    const listed = await list();
    assert.deepEqual(
      listed.map((/** @type {any} */ one) => [one.id, one.user_agent, one.ip, one.current]),
      [
        [phone.id, "Safari on iPhone", phone.client.address, false],
        [laptop.id, "Chrome on Windows", laptop.client.address, true],
        [idOf(person.session), "edgegate", person.client.address, false],
      ],
    );
    for (const one of listed) {
      assert.deepEqual(Object.keys(one).sort(), [
        "created_at",
        "current",
        "expires_at",
        "id",
        "ip",
        "last_used_at",
        "user_agent",
      ]);
      assert.ok(
        Date.parse(one.created_at) <= Date.parse(one.last_used_at) &&
          Date.parse(one.last_used_at) < Date.parse(one.expires_at),
      );
    }

    const end = (/** @type {string} */ id) =>
      laptop.client.call("DELETE", `/sessions/${id}`, { token: laptop.tokens.access_token });
    assert.deepEqual(
      [(await end(phone.id)).status, (await end(phone.id)).status],
      [204, 204],
      "once more does no harm",
    );
    assert.deepEqual(await standing(phone.client, next), ENDED);
    assert.deepEqual(
      (await list()).map((/** @type {any} */ one) => one.id),
      [laptop.id, idOf(person.session)],
    );
    await world().spread();
    assert.ok(await world().isListed(phone.id));
    assert.ok(!(await world().isListed(laptop.id)));

    const stranger = await world().newcomer();
    const theirs = await end(idOf(stranger.session));
    assert.deepEqual(
      [theirs.status, theirs.json.error_code],
      [404, "session_not_found"],
      "nobody ends what is somebody else's",
    );
    assert.deepEqual(await standing(stranger.client, stranger.session), [200, 200]);
  });

  for (const [scope, ends] of /** @type {[string | undefined, { own: boolean, others: boolean }][]} */ ([
    ["local", { own: true, others: false }],
    ["others", { own: false, others: true }],
    ["global", { own: true, others: true }],
    [undefined, { own: true, others: true }],
  ])) {
    test(`signing out with ${scope ? `scope ${scope}` : "no scope"} ends ${ends.own && ends.others ? "all sessions" : ends.own ? "this one" : "all but this one"}, for services too`, async () => {
      const person = await world().newcomer();
      const own = await signedIn(world(), person);
      const others = [await signedIn(world(), person), await signedIn(world(), person)];
      const all = [{ ...own, ends: ends.own }, ...others.map((other) => ({ ...other, ends: ends.others }))];
      for (const { tokens } of all) assert.equal((await introspect(world(), tokens.access_token)).json.active, true);
      assert.equal((await signOut(own.client, own.tokens.access_token, scope)).status, 204);
      for (const { client, tokens, id, ends } of all) {
        assert.deepEqual(await standing(client, tokens), ends ? ENDED : [200, 200]);
        if (ends) await inactive(world(), tokens.access_token);
        else assert.equal((await introspect(world(), tokens.access_token)).json.active, true);
        assert.equal(await world().isListed(id), ends);
      }
      await world().spread();
      const again = await signOut(own.client, own.tokens.access_token, scope);
      assert.equal(again.status, ends.own ? 401 : 204);
    });
  }

  test("introspection tells a service what a good token says, of any other only that it is not, and nobody else anything", async () => {
    const { client, email, session } = await world().newcomer();
    const { claims } = read(session.access_token);
    const good = await introspect(world(), session.access_token);
    assert.deepEqual([good.status, good.json], [200, { active: true, token_type: "Bearer", ...claims }]);
    assert.equal(good.json.email, email);
    for (const token of ["junk", session.refresh_token, `${session.access_token}x`, world().serviceToken]) {
      const { status, json } = await introspect(world(), token);
      assert.deepEqual([status, json], [200, { active: false }]);
    }
    const asUser = await client.call("POST", "/introspect", {
      form: { token: session.access_token },
      token: session.access_token,
    });
    assert.deepEqual([asUser.status, asUser.json.error_code], [403, "not_admin"]);
    const asNobody = await client.call("POST", "/introspect", { form: { token: session.access_token } });
    assert.deepEqual([asNobody.status, asNobody.json.error_code], [401, "no_authorization"]);
  });

  test("an old refresh token ends its session everywhere, and its owner gets one mail that says where it was used", async () => {
    const person = await world().newcomer();
    const { client, tokens, id } = await signedIn(world(), person);
    const child = (await client.refresh(tokens.refresh_token)).json;
    const grandchild = (await client.refresh(child.refresh_token)).json;
    const thief = world().client();
    const replay = await thief.refresh(tokens.refresh_token, { headers: CHROME });
    assert.deepEqual([replay.status, replay.json.error_code], [400, "refresh_token_already_used"]);
    assert.deepEqual(await standing(client, grandchild), ENDED);
    assert.deepEqual(await standing(person.client, person.session), [200, 200], "the other session goes on");
    const mail = await world().mail(person.email, 2);
    assert.equal(mail.subject, "One of your Acme sessions was ended");
    assert.match(mail.text, /^Device: Chrome on Windows$/m);
    assert.ok(mail.text.includes(`IP address: ${thief.address}`));
    await inactive(world(), grandchild.access_token);
    assert.ok(await world().isListed(id));
    assert.equal((await thief.refresh(tokens.refresh_token)).json.error_code, "session_not_found");
    await world().recorded(person.email);
    await world().spread();
    assert.equal(world().mails(person.email).length, 2);
  });

  test("the token before the newest is an old one when its time is over", async () => {
    const { client, session, email } = await world().newcomer();
    const child = (await client.refresh(session.refresh_token)).json;
    await world().database.letTimePass("29 seconds");
    assert.equal((await client.refresh(session.refresh_token)).json.refresh_token, child.refresh_token);
    await world().database.letTimePass("2 seconds");
    assert.equal((await client.refresh(session.refresh_token)).json.error_code, "refresh_token_already_used");
    assert.deepEqual(await standing(client, child), ENDED);
    await world().mail(email, 2);
  });

  test("a session that is not used for a week is over, and so is the longest after 30 days", async () => {
    const { client, session } = await world().newcomer();
    await world().database.letTimePass("6 days 23 hours");
    let tokens = (await client.refresh(session.refresh_token)).json;
    for (let times = 0; times < 3; times += 1) {
      await world().database.letTimePass("6 days 23 hours");
      const next = await client.refresh(tokens.refresh_token);
      assert.equal(next.status, 200);
      tokens = next.json;
    }
    await world().database.letTimePass("3 days");
    assert.equal((await client.refresh(tokens.refresh_token)).json.error_code, "session_expired");
    const idle = await world().newcomer();
    await world().database.letTimePass("7 days");
    assert.deepEqual(await standing(idle.client, idle.session), ["401 session_not_found", "400 session_expired"]);
  });

  test("a new password ends the other sessions and takes the place of the old one", async () => {
    const person = await world().newcomer();
    const other = await signedIn(world(), person);
    const change = (/** @type {object} */ json) =>
      person.client.call("PUT", "/user", { json, token: person.session.access_token });
    const unproved = await other.client.call("PUT", "/user", {
      json: { password: "the next password" },
      token: other.tokens.access_token,
    });
    assert.deepEqual([unproved.status, unproved.json.error_code], [400, "current_password_required"]);
    const wrong = await change({ password: "the next password", current_password: "not the password" });
    assert.deepEqual([wrong.status, wrong.json.error_code], [400, "current_password_invalid"]);
    const changed = await change({ password: "the next password", current_password: person.password });
    assert.deepEqual([changed.status, changed.json.email], [200, person.email]);
    assert.deepEqual(await standing(other.client, other.tokens), ENDED);
    await inactive(world(), other.tokens.access_token);
    assert.deepEqual(await standing(person.client, person.session), [200, 200]);
    assert.equal((await person.client.signIn(person.email, person.password)).json.error_code, "invalid_credentials");
    assert.equal((await person.client.signIn(person.email, "the next password")).status, 200);
    await world().spread();
  });

  test("a ban ends all sessions and lets nobody in until it is lifted; a deletion leaves nothing", async () => {
    const { client, email, password, session } = await world().newcomer();
    const account = `/admin/users/${session.user.id}`;
    const ban = (/** @type {string} */ duration) =>
      world()
        .client()
        .call("PUT", account, { json: { ban_duration: duration }, token: world().serviceToken });
    const banned = await ban("24h");
    assert.equal(banned.status, 200);
    assert.ok(Math.abs(Date.parse(banned.json.banned_until) - Date.now() - 86_400_000) < 60_000);
    assert.deepEqual(await standing(client, session), ENDED);
    await inactive(world(), session.access_token);
    assert.equal((await client.signIn(email, password)).json.error_code, "user_banned");
    assert.equal((await ban("none")).json.banned_until, undefined);
    assert.deepEqual(await standing(client, session), ENDED, "what has ended stays so");

    const later = await signedIn(world(), { email, password });
    const remove = () => world().client().call("DELETE", account, { token: world().serviceToken });
    assert.equal((await remove()).status, 200);
    assert.deepEqual(await standing(later.client, later.tokens), ["401 user_not_found", "400 session_not_found"]);
    await inactive(world(), later.tokens.access_token);
    const again = await remove();
    assert.deepEqual([again.status, again.json.error_code], [404, "user_not_found"]);
    await world().spread();
    assert.ok(await world().isListed(later.id));
  });

  test("a session that was ended by a statement typed by hand is told to KV by the Cron Trigger", async () => {
    const { session } = await world().newcomer();
    await world().database.rows("UPDATE edgegate.sessions SET revoked_at = now() WHERE id = $1", [idOf(session)]);
    assert.ok(!(await world().isListed(idOf(session))));
    await world().scheduled();
    assert.ok(await world().isListed(idOf(session)));
    await world().spread();
    await inactive(world(), session.access_token);
  });
});

oneWay(ways[1], "sessions in a bad hour of Workers KV", { faultyKv: true }, (world) => {
  /**
   * How long an honest answer may take here, KV or no KV; far less than a request may.
   * Milliseconds.
   */
  const SOON_MS = 5000;

  for (const faultMode of /** @type {const} */ (["failing", "hanging"])) {
    test(`while KV is ${faultMode} sessions are refreshed and end all the same, introspection does not guess, and KV hears of it later`, async () => {
      const person = await world().newcomer();
      const other = await signedIn(world(), person);
      await tellKv(world().url, faultMode);
      const began = Date.now();
      const { status, json } = await person.client.refresh(person.session.refresh_token);
      assert.equal(status, 200, "PostgreSQL decides");
      assert.equal((await signOut(person.client, json.access_token, "others")).status, 204);
      assert.deepEqual(await standing(other.client, other.tokens), ENDED);
      assert.ok(Date.now() - began < SOON_MS, "nobody waited for KV for long");
      const asked = await introspect(world(), other.tokens.access_token);
      assert.deepEqual(
        [asked.status, asked.json.error_code, asked.headers.get("retry-after")],
        [503, "temporarily_unavailable", "1"],
      );
      const line = await eventually("the log line", () =>
        world()
          .events()
          .find((event) => event.event === "revocation_not_published" && event["revocation.count"] === 1),
      );
      assert.equal(line.level, "error");
      assert.deepEqual(
        (await world().database.rows("SELECT session_id FROM edgegate.revocations")).map((row) => row.session_id),
        [other.id],
      );
      await world().scheduled();
      assert.deepEqual(
        (await world().database.rows("SELECT session_id FROM edgegate.revocations")).map((row) => row.session_id),
        [other.id],
        "in vain, but not forgotten",
      );

      await tellKv(world().url, "well");
      assert.equal((await introspect(world(), other.tokens.access_token)).json.active, true, "it does not know yet");
      await world().scheduled();
      assert.ok(await world().isListed(other.id));
      assert.equal((await introspect(world(), other.tokens.access_token)).json.active, false);
      assert.deepEqual(await world().database.rows("SELECT FROM edgegate.revocations"), []);
    });
  }

  /**
   * The best of a few: what a refresh takes when the machine has nothing else to do. Milliseconds.
   * @param {World} world
   */
  async function refreshTakes(world) {
    const { client, session } = await world.newcomer();
    let [best, tokens] = [Infinity, session];
    for (let times = 0; times < 5; times += 1) {
      const began = performance.now();
      const { status, json } = await client.refresh(tokens.refresh_token);
      best = Math.min(best, performance.now() - began);
      assert.equal(status, 200);
      tokens = json;
    }
    return best;
  }

  test("a refresh waits for KV for a tenth of a second and no longer, and an answer that comes later changes nothing", async (context) => {
    await tellKv(world().url, "well");
    const undisturbed = await refreshTakes(world());
    for (const faultMode of /** @type {const} */ (["hanging", "late"])) {
      await tellKv(world().url, faultMode);
      const took = await refreshTakes(world());
      context.diagnostic(
        `a refresh takes ${undisturbed.toFixed(0)} ms, and ${took.toFixed(0)} ms while KV is ${faultMode}`,
      );
      // REVOCATION_TIMEOUT_ON_REFRESH, and as much again three times over for a busy machine.
      assert.ok(took - undisturbed < 400, `${undisturbed} ms, ${faultMode}: ${took} ms`);
      assert.ok(took > 90, `it did wait: ${took} ms`);
    }
    await tellKv(world().url, "well");
    const { client, session } = await world().newcomer();
    assert.equal((await signOut(client, session.access_token)).status, 204);
    await eventually("KV to list it", () => world().isListed(idOf(session)));
    await tellKv(world().url, "late");
    const began = performance.now();
    assert.equal(
      (await client.refresh(session.refresh_token)).json.error_code,
      "session_not_found",
      "PostgreSQL says so",
    );
    assert.ok(performance.now() - began < LATE_MS);
    await tellKv(world().url, "well");
  });
});
