// Mail when the provider is in trouble: nothing is lost, nothing is sent twice, and nobody waits
// for it.

import assert from "node:assert/strict";
import { test } from "node:test";
import { somebody } from "./client.mjs";
import { eventually, everyWay } from "./harness.mjs";

/**
 * The outbox row of the only mail to this address.
 * @param {import("./harness.mjs").World} world
 * @param {string} email
 */
const row = async (world, email) =>
  (await world.database.rows("SELECT * FROM edgegate.outbox WHERE recipient = $1", [email]))[0];

/**
 * Waits until the attempt that follows the response is over.
 * @param {import("./harness.mjs").World} world
 * @param {string} email
 */
const tried = (world, email) =>
  eventually("the first attempt", async () => (await row(world, email))?.last_error && row(world, email));

everyWay("mail", {}, (world) => {
  /** @param {import("../../dev/mailbox/failures.mjs").FailureRequest} failure */
  async function signUpWhile(failure) {
    const person = somebody();
    world().mailbox.fail({ to: person.email, ...failure });
    const client = world().client();
    assert.equal((await client.post("/signup", person)).status, 200);
    return { ...person, client };
  }

  for (const [what, failure, cause] of /** @type {const} */ ([
    ["answers 503", { status: 503 }, /^503/],
    ["closes the connection", { drop: true }, /did not answer/],
    ["refuses the key", { status: 401 }, /^401/],
  ])) {
    test(`a mail is sent by the Cron Trigger when the provider ${what} at first`, async () => {
      const { email, client } = await signUpWhile({ ...failure, times: 1 });
      const waiting = await tried(world(), email);
      assert.match(waiting.last_error, cause);
      assert.ok(waiting.next_attempt_at > new Date(), "it waits for its next attempt");
      await world().scheduled();
      assert.deepEqual(world().mails(email), [], "before its time it is left alone");
      await world().database.letTimePass("40 seconds");
      await world().scheduled();
      const mail = await world().mail(email);
      assert.equal(
        (await client.post("/verify", { type: "signup", token: mail.code, email })).status,
        200,
        "its code is the right one",
      );
      const sent = await row(world(), email);
      assert.ok(sent.sent_at);
      assert.deepEqual([sent.sealed, sent.next_attempt_at, sent.attempts], [null, null, 2]);
      await world().scheduled();
      assert.equal(world().mails(email).length, 1);
    });
  }

  test("a provider that asks for patience gets it", async () => {
    const { email } = await signUpWhile({ status: 429, headers: { "retry-after": "300" }, times: 1 });
    await tried(world(), email);
    await world().database.letTimePass("4 minutes");
    await world().scheduled();
    assert.deepEqual(world().mails(email), []);
    await world().database.letTimePass("2 minutes");
    await world().scheduled();
    await world().mail(email);
  });

  test("a mail whose acceptance got lost is asked for again under the same key, and arrives once", async () => {
    const { email } = await signUpWhile({ drop_after_accept: true, times: 1 });
    const waiting = await tried(world(), email);
    assert.equal(world().mails(email).length, 1, "the provider has it");
    assert.equal(waiting.sent_at, null, "but we do not know");
    await world().database.letTimePass("40 seconds");
    await world().scheduled();
    assert.ok((await row(world(), email)).sent_at);
    assert.equal(world().mails(email).length, 1);
  });

  test("a mail that the provider refuses for good is given up loudly, and its secrets are wiped when its link has died", async () => {
    const { email } = await signUpWhile({ status: 422 });
    const failed = await eventually(
      "giving up",
      async () => (await row(world(), email))?.failed_at && row(world(), email),
    );
    assert.ok(failed.sealed, "until then it can be queued again");
    assert.equal(failed.next_attempt_at, null);
    assert.match(failed.last_error, /^422/);
    const line = await eventually("the log line", () =>
      world()
        .events()
        .find((event) => event["mail.id"] === failed.id),
    );
    assert.deepEqual([line.event, line.level], ["mail_dead_lettered", "error"]);
    await world().database.letTimePass("25 hours");
    await world().scheduled();
    assert.equal((await row(world(), email)).sealed, null);
  });

  test("the response does not wait for a slow provider", async () => {
    const { email } = await signUpWhile({ delay_ms: 1500, times: 1 });
    assert.deepEqual(world().mails(email), [], "the answer came first");
    await world().mail(email);
  });

  test("two Cron Triggers at once send each mail once", async () => {
    const people = await Promise.all(Array.from({ length: 6 }, () => signUpWhile({ status: 503, times: 1 })));
    await Promise.all(people.map(({ email }) => tried(world(), email)));
    await world().database.letTimePass("40 seconds");
    await Promise.all([world().scheduled(), world().scheduled(), world().scheduled()]);
    for (const { email } of people) {
      assert.equal(world().mails(email).length, 1);
      assert.equal((await row(world(), email)).attempts, 2);
    }
  });

  test("a mail that cannot be opened is reported and left alone, and does not hold up the others", async () => {
    const { email } = await signUpWhile({ status: 503, times: 1 });
    const { id } = await tried(world(), email);
    // Sealed for another row, it cannot be opened: as after AUTH_SECRET was replaced. More of them
    // than one run takes.
    await world().database.rows(
      `INSERT INTO edgegate.outbox (id, user_id, kind, locale, recipient, sealed, created_at, expires_at, attempts, next_attempt_at)
       SELECT gen_random_uuid(), user_id, kind, locale, 'copy', sealed, created_at, expires_at, 1, created_at
       FROM edgegate.outbox, generate_series(1, 25) WHERE id = $1`,
      [id],
    );
    await world().database.letTimePass("40 seconds");
    await world().scheduled();
    await world().scheduled();
    await world().mail(email);
    assert.ok((await row(world(), email)).sent_at);
    assert.equal(
      world()
        .events()
        .filter((event) => event.event === "mail_not_opened").length,
      25,
    );
    await world().database.letTimePass("24 hours");
    await world().scheduled();
    await world().scheduled();
    const [{ given_up }] = await world().database.rows(
      "SELECT count(*)::int AS given_up FROM edgegate.outbox WHERE recipient = 'copy' AND failed_at IS NOT NULL AND sealed IS NULL",
    );
    assert.equal(given_up, 25, "when its link has died it is given up");
  });
});
