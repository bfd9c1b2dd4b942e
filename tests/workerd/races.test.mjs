// Two Workers on one database, many clients at once, and something that ends sessions right among
// them. Neither Worker's KV ever hears of the other's: what holds here holds by PostgreSQL alone,
// however late a location learns of a revocation. Not here: one Worker against lost answers
// (faults.test.mjs); the statements themselves (tests/endpoints/token/refresh/races.rs).

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Client } from "./client.mjs";
import { ways } from "./database.mjs";
import { bindings, CHEAPER_HASH, eventually, modules, oneWay, startRuntime } from "./harness.mjs";
import { read } from "./keys.mjs";

const CLIENTS = 32;
/** A few by day, 50 by night (the part `all-rounds`). */
const ROUNDS = Number(process.env.RACE_ROUNDS ?? 4);
/** In so many rounds each kind of answer occurs that may. */
const ENOUGH_ROUNDS = 15;
/** Fewer where all clients hash a password, since that takes longest. */
const ROUNDS_OF_HASHING = Math.ceil(ROUNDS * 0.3);
/**
 * Of the clients, those that sign in: fewer at once than would be taken for guessing
 * (SIGN_IN_ACCOUNT_WAITS).
 */
const SIGNING_IN = 16;

/** @typedef {import("./client.mjs").Answer} Answer */
/** @typedef {{ access_token: string, refresh_token: string }} Tokens */

/** How many answers there were of each kind. @param {Answer[]} answers */
function counted(answers) {
  /** @type {Record<string, number>} */
  const counts = {};
  for (const { status, json } of answers) {
    const kind = status < 400 ? String(status) : `${status} ${json?.error_code}`;
    counts[kind] = (counts[kind] ?? 0) + 1;
  }
  return counts;
}

/** What good answers handed out. @param {Answer[]} answers @returns {Tokens[]} */
const handedOut = (answers) => answers.filter(({ status }) => status === 200).map(({ json }) => json);

/**
 * Says how many answers there were of each kind.
 * @param {import("node:test").TestContext} context
 * @param {string} what
 * @param {Answer[]} answers
 * @param {string[]} kinds that there may be; in enough rounds each has to occur
 */
function assertKinds(context, what, answers, kinds) {
  const counts = counted(answers);
  context.diagnostic(
    `${answers.length} ${what}: ${Object.entries(counts)
      .map(([kind, count]) => `${count} × ${kind}`)
      .join(", ")}`,
  );
  const wanted = ROUNDS < ENOUGH_ROUNDS ? kinds.filter((kind) => kind in counts) : kinds;
  assert.deepEqual(Object.keys(counts).sort(), wanted.toSorted(), JSON.stringify(counts));
}

/** @param {Tokens} tokens */
const sessionOf = ({ access_token: token }) => read(token).claims.session_id;

/**
 * Tests against two Workers that share everything but their KV. One way is enough: where statements
 * meet, the pooler plays no part, and behind PgBouncer they come in the quickest succession.
 * @param {string} what @param {Record<string, string>} settings @param {(at: ReturnType<typeof
 *   places>) => void} tests
 */
function twoWorkers(what, settings, tests) {
  oneWay(ways[1], what, { settings: { ...CHEAPER_HASH, ...settings } }, (world) => {
    /** @type {Awaited<ReturnType<typeof startRuntime>>} */
    let second;
    before(
      async () => (second = await startRuntime({ modules, env: bindings(world().database.url, world().settings) })),
    );
    after(() => second?.stop());
    tests(places(world, () => second));
  });
}

/**
 * Clients at both Workers.
 * @param {() => import("./harness.mjs").World} world
 * @param {() => Awaited<ReturnType<typeof startRuntime>>} second
 */
function places(world, second) {
  /** Somebody new at one of the Workers, by turns. @param {number} index */
  const client = (index) => new Client(index % 2 ? { url: second().url, externalUrl: world().externalUrl } : world());

  /**
   * Many at once, with an address of their own each, spread over both.
   * @param {number} count
   * @param {(client: Client, index: number) => Promise<Answer>} call
   */
  const together = (count, call) =>
    Promise.all(Array.from({ length: count }, (_, index) => call(client(index), index)));

  return {
    world,
    client,
    together,

    /**
     * A session of its own.
     * @param {{ email: string, password: string }} person
     * @returns {Promise<Tokens>}
     */
    async signedIn({ email, password }) {
      const { status, json, text } = await client(0).signIn(email, password);
      assert.equal(status, 200, text);
      return json;
    },

    /**
     * None of these refreshes at either Worker, none is good for a call at one of them.
     * @param {Tokens[]} tokens
     * @param {string} when
     * @param {string} [refusal] of such a call
     */
    async assertDead(tokens, when, refusal = "401 session_not_found") {
      const refresh = [...new Set(tokens.map((one) => one.refresh_token))];
      const refreshed = await together(2 * refresh.length, (one, index) => one.refresh(refresh[index >> 1]));
      assert.deepEqual(counted(refreshed), { "400 session_not_found": 2 * refresh.length }, `refreshing, ${when}`);
      const calls = await together(tokens.length, (one, index) =>
        one.get("/user", { token: tokens[index].access_token }),
      );
      assert.deepEqual(counted(calls), { [refusal]: tokens.length }, `calling, ${when}`);
    },

    /**
     * The session is good at both Workers; returns its next tokens.
     * @param {Tokens} tokens
     * @param {number} round
     * @returns {Promise<Tokens>}
     */
    async continued(tokens, round) {
      const calls = await together(2, (one) => one.get("/user", { token: tokens.access_token }));
      assert.deepEqual(counted(calls), { 200: 2 }, `round ${round}`);
      const { status, json, text } = await client(round).refresh(tokens.refresh_token);
      assert.equal(status, 200, text);
      return json;
    },

    /** Nobody's wrong passwords count any more, as on the next day. */
    resetThrottles: () => world().database.rows("DELETE FROM edgegate.throttles"),

    /** Nothing went wrong on our side, in either Worker, by now or after the responses. */
    async assertNoErrors() {
      await world().spread();
      const lines = [...world().logs, ...second().logs].filter(
        ({ level, message }) => level === "error" || /"level":"error"/.test(message),
      );
      assert.deepEqual(lines, []);
    },
  };
}

twoWorkers(
  "two Workers on one database",
  {},
  ({ world, client, together, signedIn, assertDead, continued, resetThrottles, assertNoErrors }) => {
    test(`of ${CLIENTS} refreshes of one token all get the same child, and an older one ends the session`, async (context) => {
      const person = await world().newcomer();
      const [refreshes, replayed] = [/** @type {Answer[]} */ ([]), /** @type {Answer[]} */ ([])];
      const generation = async (/** @type {Tokens} */ tokens) =>
        Number(
          (
            await world().database.rows("SELECT generation FROM edgegate.sessions WHERE id = $1", [sessionOf(tokens)])
          )[0].generation,
        );
      for (let round = 0; round < ROUNDS; round += 1) {
        const first = await signedIn(person);
        assert.equal(await generation(first), 0);
        const answers = await together(CLIENTS, (one) => one.refresh(first.refresh_token));
        assert.deepEqual(counted(answers), { 200: CLIENTS }, `round ${round}`);
        refreshes.push(...answers);
        const children = handedOut(answers);
        assert.equal(new Set(children.map((child) => child.refresh_token)).size, 1, `round ${round}: one child`);
        assert.equal(await generation(first), 1);
        const grandchild = await continued(children[round % CLIENTS], round);
        assert.equal(await generation(first), 2);
        await world().database.letTimePass("31 seconds");
        const replays = await together(2, (one) => one.refresh(first.refresh_token));
        assert.deepEqual(
          counted(replays),
          { "400 refresh_token_already_used": 1, "400 session_not_found": 1 },
          `round ${round}`,
        );
        replayed.push(...replays);
        await assertDead([first, children[0], grandchild], `round ${round}`);
      }
      assertKinds(context, "refreshes", refreshes, ["200"]);
      assertKinds(context, "replays", replayed, ["400 refresh_token_already_used", "400 session_not_found"]);
      // Less than an hour has passed, for the database too: one mail tells of all of them.
      await eventually("the mail about the replays", () => world().mails(person.email).length > 1);
      await world().recorded(person.email);
      assert.equal(world().mails(person.email).length, 2);
      await assertNoErrors();
    });

    test("nothing that was refreshed while everything was signed out lives on", async (context) => {
      const person = await world().newcomer();
      const answers = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const session = await signedIn(person);
        const place = (7 * round) % CLIENTS; // when the sign-out comes: first, last, anywhere between
        const signOut = async () => client(1).post("/logout", undefined, { token: session.access_token });
        /** @type {Promise<Answer> | undefined} */
        let signedOut;
        const refreshed = await together(CLIENTS, (one, index) => {
          if (index === place) signedOut = signOut();
          return one.refresh(session.refresh_token);
        });
        assert.equal((await signedOut)?.status, 204, `round ${round}`);
        answers.push(...refreshed);
        await assertDead([session, ...handedOut(refreshed)], `round ${round}`);
      }
      assertKinds(context, "refreshes", answers, ["200", "400 session_not_found"]);
      await assertNoErrors();
    });

    test("nothing that was refreshed or signed in with the old password while it was changed lives on, but for the session that changed it", async (context) => {
      let person = await world().newcomer();
      let changer = await signedIn(person);
      const [refreshes, signIns] = [/** @type {Answer[]} */ ([]), /** @type {Answer[]} */ ([])];
      for (let round = 0; round < ROUNDS; round += 1) {
        const session = await signedIn(person);
        const { email, password: old } = person;
        person = { ...person, password: `password of round ${round}` };
        const place = (7 * round) % CLIENTS;
        const change = async () =>
          client(round).call("PUT", "/user", {
            json: { password: person.password, current_password: old },
            token: changer.access_token,
          });
        /** @type {Promise<Answer> | undefined} */
        let changed;
        const answers = await together(CLIENTS, (one, index) => {
          if (index === place) changed = change();
          return index % 4 < 2 ? one.refresh(session.refresh_token) : one.signIn(email, old);
        });
        assert.equal((await changed)?.status, 200, `round ${round}: ${(await changed)?.text}`);
        refreshes.push(...answers.filter((_, index) => index % 4 < 2));
        signIns.push(...answers.filter((_, index) => index % 4 >= 2));
        await resetThrottles();
        await assertDead([session, ...handedOut(answers)], `round ${round}`);
        changer = await continued(changer, round);
      }
      assertKinds(context, "refreshes", refreshes, ["200", "400 session_not_found"]);
      assertKinds(context, "sign-ins", signIns, ["200", "400 invalid_credentials"]);
      await assertNoErrors();
    });

    test("nothing that was refreshed or signed in during a ban comes back when it is lifted", async (context) => {
      const person = await world().newcomer();
      const ban = (/** @type {Client} */ one, /** @type {string} */ duration) =>
        one.call("PUT", `/admin/users/${person.session.user.id}`, {
          json: { ban_duration: duration },
          token: world().serviceToken,
        });
      const [refreshes, signIns] = [/** @type {Answer[]} */ ([]), /** @type {Answer[]} */ ([])];
      for (let round = 0; round < ROUNDS; round += 1) {
        const session = await signedIn(person);
        // A ban is done sooner than any hash, so in every other round it comes when some of those
        // who sign in are through.
        const [place, awaited] =
          round % 2 ? [undefined, 1 + ((round >> 1) % (SIGNING_IN - 1))] : [(7 * round) % CLIENTS, undefined];
        let through = 0;
        /** @type {Promise<Answer> | undefined} */
        let banned;
        const signIn = async (/** @type {Client} */ one) => {
          const answer = await one.signIn(person.email, person.password);
          through += 1;
          if (through === awaited) banned = ban(client(round), "1h");
          return answer;
        };
        const answers = await together(CLIENTS, (one, index) => {
          if (index === place) banned = ban(client(round), "1h");
          return index % 4 < 2 ? one.refresh(session.refresh_token) : signIn(one);
        });
        assert.equal((await banned)?.status, 200, `round ${round}: ${(await banned)?.text}`);
        refreshes.push(...answers.filter((_, index) => index % 4 < 2));
        signIns.push(...answers.filter((_, index) => index % 4 >= 2));
        assert.equal((await ban(client(round + 1), "none")).status, 200);
        await assertDead([session, ...handedOut(answers)], `round ${round}`);
        await resetThrottles();
      }
      assertKinds(context, "refreshes", refreshes, ["200", "400 session_not_found"]);
      // With a right password, but too late: the hash was verified before the ban, the session was
      // to be opened after it.
      assertKinds(context, "sign-ins", signIns, ["200", "400 invalid_credentials", "400 user_banned"]);
      await assertNoErrors();
    });

    /**
     * Rounds in which a session is refreshed by all clients while something ends it; returns what
     * they were answered.
     * @param {() => Promise<{ session: Tokens, end: (round: number) => Promise<Answer>, ended:
     *   number, refusal?: string, others?: Tokens[] }>} prepare
     */
    async function refreshedWhileItEnds(prepare) {
      const answers = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const { session, end, ended, refusal, others = [] } = await prepare();
        const place = (7 * round) % CLIENTS;
        /** @type {Promise<Answer> | undefined} */
        let ending;
        const refreshed = await together(CLIENTS, (one, index) => {
          if (index === place) ending = end(round);
          return one.refresh(session.refresh_token);
        });
        const answer = await ending;
        assert.equal(answer?.status, ended, `round ${round}: ${answer?.text}`);
        answers.push(...refreshed);
        await assertDead([session, ...handedOut(refreshed)], `round ${round}`, refusal);
        const next = ended === 200 && answer?.json?.access_token ? [answer.json] : [];
        for (const other of [...others, ...next]) await continued(other, round);
      }
      return answers;
    }

    test("nothing that was refreshed while its account was deleted lives on", async (context) => {
      const answers = await refreshedWhileItEnds(async () => {
        const { session } = await world().newcomer();
        const end = (/** @type {number} */ round) =>
          client(round).call("DELETE", "/user", { token: session.access_token });
        return { session, end, ended: 204, refusal: "401 user_not_found" };
      });
      assertKinds(context, "refreshes", answers, ["200", "400 session_not_found"]);
      await assertNoErrors();
    });

    test("nothing that was refreshed while just this session was signed out lives on, and the others do", async (context) => {
      const person = await world().newcomer();
      const answers = await refreshedWhileItEnds(async () => {
        const [session, other] = [await signedIn(person), await signedIn(person)];
        const end = (/** @type {number} */ round) =>
          client(round).post("/logout?scope=local", undefined, { token: session.access_token });
        return { session, end, ended: 204, others: [other] };
      });
      assertKinds(context, "refreshes", answers, ["200", "400 session_not_found"]);
      await assertNoErrors();
    });

    test("nothing that was refreshed while it was ended from another session lives on, and that one does", async (context) => {
      const person = await world().newcomer();
      const answers = await refreshedWhileItEnds(async () => {
        const [session, other] = [await signedIn(person), await signedIn(person)];
        const end = (/** @type {number} */ round) =>
          client(round).call("DELETE", `/sessions/${sessionOf(session)}`, { token: other.access_token });
        return { session, end, ended: 204, others: [other] };
      });
      assertKinds(context, "refreshes", answers, ["200", "400 session_not_found"]);
      await assertNoErrors();
    });

    test("nothing that was refreshed while the account was recovered lives on, but for the session that recovered it", async (context) => {
      const person = await world().newcomer();
      let mails = 1;
      const answers = await refreshedWhileItEnds(async () => {
        const session = await signedIn(person);
        await resetThrottles(); // or it would be too soon for another mail
        assert.equal((await client(0).post("/recover", { email: person.email })).status, 200);
        mails += 1;
        const { code } = await world().mail(person.email, mails);
        const end = (/** @type {number} */ round) =>
          client(round).post("/verify", { type: "recovery", email: person.email, token: code });
        return { session, end, ended: 200 };
      });
      assertKinds(context, "refreshes", answers, ["200", "400 session_not_found"]);
      await assertNoErrors();
    });
  },
);

const MOST = 3;

twoWorkers(
  `two Workers that allow ${MOST} sessions`,
  { SESSIONS_PER_USER: String(MOST) },
  ({ world, together, resetThrottles, assertNoErrors }) => {
    test(`of ${CLIENTS} sign-ins at once no more than ${MOST} live`, async (context) => {
      const person = await world().newcomer();
      const all = [];
      for (let round = 0; round < ROUNDS_OF_HASHING; round += 1) {
        const answers = await together(CLIENTS, (one) => one.signIn(person.email, person.password));
        await resetThrottles();
        all.push(...answers);
        const sessions = handedOut(answers);
        assert.ok(sessions.length >= SIGNING_IN, JSON.stringify(counted(answers)));
        const calls = await together(sessions.length, (one, index) =>
          one.get("/user", { token: sessions[index].access_token }),
        );
        assert.deepEqual(
          counted(calls),
          { 200: MOST, "401 session_not_found": sessions.length - MOST },
          `round ${round}`,
        );
        const refreshed = await together(sessions.length, (one, index) => one.refresh(sessions[index].refresh_token));
        assert.deepEqual(
          counted(refreshed),
          { 200: MOST, "400 session_not_found": sessions.length - MOST },
          `round ${round}`,
        );
        assert.deepEqual(
          refreshed.map(({ status }) => status === 200),
          calls.map(({ status }) => status === 200),
          "the same ones",
        );
      }
      // What is beyond this many at once for one account is taken for guessing.
      assertKinds(context, "sign-ins", all, ["200", "429 over_request_rate_limit"]);
      await assertNoErrors();
    });
  },
);
