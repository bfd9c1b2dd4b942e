// A database that goes away, at every moment: between requests, while a statement runs, after it
// has run. A pooler in the cloud does all of this. Every statement may be sent twice, so an answer
// that was lost is asked for again.

import assert from "node:assert/strict";
import { test } from "node:test";
import { NEWEST, somebody } from "./client.mjs";
import { ways } from "./database.mjs";
import { eventually, everyWay, oneWay } from "./harness.mjs";

everyWay("when connections break", { wire: true }, (world) => {
  test("requests after the server cut every connection work", async () => {
    const { client, email, password, session } = await world().newcomer();
    for (let times = 0; times < 3; times += 1) {
      await world().database.cutConnections();
      const { status, json } = await client.get("/user", { token: session.access_token });
      assert.deepEqual([status, json.email], [200, email]);
    }
    await world().database.cutConnections();
    assert.equal((await client.post("/token?grant_type=password", { email, password })).status, 200);
  });

  test("a request whose statement is cut short is tried again and answers as if nothing had been", async () => {
    const { client, email, mail } = await world().signedUp();
    await world().recorded(email);
    const blocker = await world().database.connect();
    await blocker.query("BEGIN");
    await blocker.query("SELECT FROM edgegate.users WHERE email = $1 FOR UPDATE", [email]);
    const answer = client.post("/verify", { type: "signup", token_hash: mail.token });
    const cut = await eventually("the statement to wait for us", async () => {
      const rows = await world().database.rows(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
      );
      return rows.length;
    });
    assert.equal(cut, 1);
    await blocker.query("ROLLBACK");
    await blocker.end();
    const { status, json } = await answer;
    assert.deepEqual([status, json.user?.email], [200, email]);
  });

  test("a sign-up whose answer got lost makes one account and sends one mail", async () => {
    const person = somebody();
    const client = world().client();
    world().wire.loseAnswers(1);
    assert.equal((await client.post("/signup", person)).status, 200);
    const mail = await world().mail(person.email);
    await world().recorded(person.email);
    const [counts] = await world().database.rows(
      `SELECT (SELECT count(*) FROM edgegate.users WHERE email = $1)::int AS users, (SELECT count(*) FROM edgegate.outbox WHERE recipient = $1)::int AS mails,
        (SELECT count(*) FROM edgegate.audit_events a JOIN edgegate.users u ON u.id = a.user_id WHERE u.email = $1)::int AS events`,
      [person.email],
    );
    assert.deepEqual([counts, world().mails(person.email).length], [{ users: 1, mails: 1, events: 1 }, 1]);
    assert.equal((await client.post("/verify", { type: "signup", token: mail.code, email: person.email })).status, 200);
  });

  test("a link or code whose use was answered into the void signs in all the same, into one session", async () => {
    for (const proof of [
      (/** @type {any} */ p) => ({ token_hash: p.mail.token }),
      (/** @type {any} */ p) => ({ token: p.mail.code, email: p.email }),
    ]) {
      const person = await world().signedUp();
      await world().recorded(person.email);
      world().wire.loseAnswers(1);
      const { status, json } = await person.client.post("/verify", { type: "signup", ...proof(person) });
      assert.equal(status, 200);
      const sessions = await world().database.rows("SELECT id FROM edgegate.sessions WHERE user_id = $1", [
        json.user.id,
      ]);
      assert.equal(sessions.length, 1);
      assert.equal((await person.client.get("/user", { token: json.access_token })).status, 200);
      assert.equal(
        (await person.client.post("/verify", { type: "signup", ...proof(person) })).status,
        403,
        "it was used all the same",
      );
    }
  });

  test("another mail whose order was answered into the void is sent once", async () => {
    const { client, email } = await world().signedUp();
    await world().recorded(email);
    await world().database.letTimePass("61 seconds");
    world().wire.loseAnswers(1);
    assert.equal((await client.post("/resend", { type: "signup", email })).status, 200);
    const mail = await world().mail(email, 2);
    await world().recorded(email);
    assert.equal(world().mails(email).length, 2);
    assert.equal((await client.post("/verify", { type: "signup", token_hash: mail.token })).status, 200);
  });

  test("a wrong code whose answer got lost counts once", async () => {
    const { client, email, mail } = await world().signedUp();
    await world().recorded(email);
    const wrong = mail.code === "000000" ? "000001" : "000000";
    for (let tries = 0; tries < 4; tries += 1) {
      world().wire.loseAnswers(1);
      assert.equal((await client.post("/verify", { type: "signup", token: wrong, email })).status, 403);
    }
    assert.equal((await client.post("/verify", { type: "signup", token: mail.code, email })).status, 200);
  });

  test("a sign-in of which either answer got lost signs in, into one session, and counts one attempt", async () => {
    const { client, email, password, session } = await world().newcomer();
    await world().recorded(email);
    for (let times = 0; times < 2; times += 1) {
      world().wire.loseAnswers(1);
      assert.equal((await client.post("/token?grant_type=password", { email, password })).status, 200);
    }
    const sessions = await world().database.rows("SELECT id FROM edgegate.sessions WHERE user_id = $1", [
      session.user.id,
    ]);
    assert.equal(sessions.length, 3);
    for (let tries = 0; tries < 4; tries += 1) {
      world().wire.loseAnswers(1);
      assert.equal(
        (await client.post("/token?grant_type=password", { email, password: "not the password" })).status,
        400,
      );
    }
    assert.equal(
      (await client.post("/token?grant_type=password", { email, password })).status,
      200,
      "the fifth failure would make it wait",
    );
  });

  test("an answer that is lost twice is a bare 503, and the next request works", async () => {
    const { client, email, session } = await world().newcomer();
    await world().recorded(email);
    world().wire.loseAnswers(2);
    const lost = await client.get("/user", { token: session.access_token, version: NEWEST });
    assert.deepEqual(
      [lost.status, lost.json],
      [
        503,
        {
          code: "temporarily_unavailable",
          message: "This cannot be answered at the moment, please try again in a moment",
        },
      ],
    );
    const id = lost.headers.get("x-request-id");
    const line = await eventually("the log line", () =>
      world()
        .events()
        .find((event) => event["request.id"] === id),
    );
    assert.ok(line["error.cause"], "the log says why");
    assert.equal((await client.get("/user", { token: session.access_token })).status, 200);
  });

  test("while the database is down requests that need it are 503 at once, others work, and afterwards all do", async () => {
    const { client, email, password, session } = await world().newcomer();
    await world().recorded(email);
    world().wire.goDown();
    for (let times = 0; times < 3; times += 1) {
      const { status, json } = await client.get("/user", { token: session.access_token });
      assert.deepEqual([status, json.error_code], [503, "temporarily_unavailable"]);
    }
    assert.equal((await client.post("/signup", somebody())).status, 503);
    assert.equal((await client.get("/user", { token: "junk" })).status, 401);
    assert.equal((await client.get("/.well-known/jwks.json")).status, 200);
    await world().scheduled();
    world().wire.comeBack();
    assert.equal((await client.get("/user", { token: session.access_token })).status, 200);
    assert.equal((await client.post("/token?grant_type=password", { email, password })).status, 200);
  });
});

// One way is enough, since it takes as long as a request may: ten seconds.
oneWay(ways[1], "when the database hangs", { wire: true }, (world) => {
  test("a request is answered 504 after ten seconds, and the next one works", async () => {
    const { client, email, session } = await world().newcomer();
    await world().recorded(email);
    world().wire.hang();
    const waiting = await Promise.all([
      client.get("/user", { token: session.access_token }),
      client.get("/health/ready"),
    ]);
    assert.deepEqual(
      waiting.map(({ status, json }) => [status, json.error_code]),
      [
        [504, "request_timeout"],
        [504, "request_timeout"],
      ],
    );
    world().wire.comeBack();
    assert.equal((await client.get("/user", { token: session.access_token })).status, 200);
  });
});
