// Many at once: no errors among clients that each do the whole flow, and a bounded queue where
// hashing is what takes long.

import assert from "node:assert/strict";
import { test } from "node:test";
import { somebody } from "./client.mjs";
import { CHEAPER_HASH, everyWay } from "./harness.mjs";

const CLIENTS = 20;
const SIGN_INS = 50;
/** As many as one network may have hashed at once: three quarters of 24 places. */
const OFFICE = 18;

/** @param {number} count @param {(index: number) => Promise<any>} work */
const together = (count, work) => Promise.all(Array.from({ length: count }, (_, index) => work(index)));

everyWay("a crowd", { settings: CHEAPER_HASH }, (world) => {
  /**
   * Who has an account by now; later tests go on with them.
   * @type {import("./harness.mjs").Person[]}
   */
  const people = [];

  test(`${CLIENTS} clients do the whole flow at the same time without an error`, async () => {
    await together(CLIENTS, async (index) => {
      const person = await world().signedUp();
      const { client, email, password, mail } = person;
      const page = await client.get(mail.link);
      assert.equal(page.status, 200);
      let token;
      if (index % 2 === 0) {
        const answer = await client.submit(page.text);
        assert.equal(answer.status, 303);
        token =
          new URLSearchParams(new URL(answer.headers.get("location") ?? "").hash.slice(1)).get("access_token") ?? "";
      } else {
        const answer = await client.post("/verify", { type: "signup", token: mail.code, email });
        assert.equal(answer.status, 200);
        token = answer.json.access_token;
      }
      for (let times = 0; times < 3; times += 1) {
        const user = await client.get("/user", { token });
        assert.deepEqual([user.status, user.json.email], [200, email]);
      }
      const signedIn = await client.post("/token?grant_type=password", { email, password });
      assert.deepEqual([signedIn.status, signedIn.json.user.email], [200, email]);
      people.push(person);
    });
    assert.deepEqual(
      world()
        .events()
        .filter((event) => event.level === "error"),
      [],
    );
  });

  test(`${SIGN_INS} sign-ins at the same time all end well, or are told to come back`, async () => {
    // A few at a time: signing up hashes too.
    while (people.length < SIGN_INS)
      people.push(...(await together(Math.min(16, SIGN_INS - people.length), () => world().newcomer())));
    const answers = await together(SIGN_INS, (index) =>
      people[index].client.post("/token?grant_type=password", people[index]),
    );
    const refused = answers.filter(({ status }) => status !== 200);
    for (const { status, json, headers } of refused) {
      assert.deepEqual([status, json.error_code, headers.get("retry-after")], [503, "over_capacity", "1"]);
    }
    assert.ok(refused.length <= SIGN_INS - 24, `only what is beyond the bound is refused, not ${refused.length}`);
    assert.equal(
      (await people[0].client.post("/token?grant_type=password", people[0])).status,
      200,
      "and then there is room again",
    );
  });

  test("an office behind one address, and one person on four devices, sign in at the same time", async () => {
    const office = await together(OFFICE, (index) =>
      people[0].client.post("/token?grant_type=password", people[index]),
    );
    assert.deepEqual(
      office.map(({ status }) => status),
      Array(OFFICE).fill(200),
    );
    for (let times = 0; times < 10; times += 1) {
      const devices = await together(4, () => world().client().post("/token?grant_type=password", people[1]));
      assert.deepEqual(
        devices.map(({ status }) => status),
        Array(4).fill(200),
      );
    }
  });

  test("of many who use one link at once, one is signed in", async () => {
    const { mail, email } = await world().signedUp();
    const answers = await together(12, (index) =>
      world()
        .client()
        .post("/verify", { type: "signup", ...(index % 2 ? { token_hash: mail.token } : { token: mail.code, email }) }),
    );
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, ...Array(11).fill(403)]);
  });

  test("of many who sign up with one address at once, all get the same answer and one mail is sent", async () => {
    const { email } = somebody();
    const answers = await together(8, (index) =>
      world()
        .client()
        .post("/signup", { email, password: `password of number ${index}` }),
    );
    const statuses = answers.map(({ status }) => status).sort();
    assert.deepEqual(statuses, [200, ...Array(7).fill(429)]);
    await world().mail(email);
    await world().recorded(email);
    assert.equal(world().mails(email).length, 1);
  });

  test("guesses made at the same time do not outrun the counter, from one network or from many", async () => {
    for (const [bound, guesses, guesser] of /** @type {const} */ ([
      [5, OFFICE, world().client()],
      [20, 24, undefined],
    ])) {
      const { email } = await world().newcomer();
      const answers = await together(guesses, () =>
        (guesser ?? world().client()).post("/token?grant_type=password", { email, password: "a guess, and wrong" }),
      );
      const guessed = answers.filter(({ status }) => status === 400).length;
      assert.ok(guessed <= bound, `${guessed} guesses were looked at, not ${bound}`);
      assert.equal(answers.length - guessed, answers.filter(({ status }) => status === 429).length);
    }
  });
});
