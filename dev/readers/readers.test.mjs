// Tests of the readers in dev/readers: what each makes of a small file of its system, in fixtures/.

import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { describe, test } from "node:test";
import { inCheckout } from "../checkout.mjs";
import { read as auth0 } from "./auth0.mjs";
import { read as csv } from "./csv.mjs";
import { read as firebase } from "./firebase.mjs";
import { read as jsonl } from "./jsonl.mjs";
import { derivedId, timeFromPostgres } from "./records.mjs";
import { read as supabase } from "./supabase.mjs";

/** @param {string} name */
const fixture = (name) => inCheckout("dev", "readers", "fixtures", name);

/**
 * @param {import("./records.mjs").Reader} reader
 * @param {string} name
 * @param {import("./records.mjs").ReaderOptions} [options]
 */
const records = (reader, name, options = {}) => all(reader(createReadStream(fixture(name)), options));
/**
 * @param {import("./records.mjs").Reader} reader
 * @param {string} text
 * @param {import("./records.mjs").ReaderOptions} [options]
 */
const recordsOf = (reader, text, options = {}) => all(reader(Readable.from([Buffer.from(text)]), options));

/** @template T @param {AsyncIterable<T>} iterable @returns {Promise<T[]>} */
async function all(iterable) {
  const found = [];
  for await (const one of iterable) found.push(one);
  return found;
}

/** What became of each record, in short. @param {import("./records.mjs").RecordRead[]} found */
const fates = (found) =>
  found.map(({ line, user, refused, skipped }) => [line, refused?.code ?? skipped ?? user?.email]);

const BCRYPT = "$2a$10$abcdefghijklmnopqrstuuGGgFFcYeueaAql8Z7U7CnCTRw4DR77W";

describe("JSON lines", () => {
  test("are passed on as they are, and what is none is refused by its line", async () => {
    const found = await records(jsonl, "users.jsonl");
    assert.deepEqual(fates(found), [
      [1, "ada@example.com"],
      [3, "bad_json"],
      [4, "bad_json"],
      [5, "bob@example.com"],
    ]);
    assert.match(found[0].text ?? "", /12345678901234567890/, "a number that JavaScript cannot hold");
    assert.doesNotMatch(JSON.stringify(found[2]), /bob/, "nothing of the line is quoted");
  });

  test("may begin with a byte order mark, and end without a line break", async () => {
    assert.deepEqual(fates(await recordsOf(jsonl, '\uFEFF{"email":"a@example.com"}\r\n{"email":"b@example.com"}')), [
      [1, "a@example.com"],
      [2, "b@example.com"],
    ]);
    assert.deepEqual(await recordsOf(jsonl, ""), []);
  });
});

describe("CSV", () => {
  test("has its fields by the names in the first line", async () => {
    const found = await records(csv, "users.csv");
    assert.deepEqual(found[0].user, {
      email: "ada@example.com",
      password_hash: "pbkdf2_sha256$1000$Ab3dEf6hIj9lMn2p$u/kKDmuiRngq3i5/F47baKCnnSh31PxD4MRxNOEutkQ=",
      email_confirm: true,
      user_metadata: { theme: "dark", name: "Ada\nLovelace" },
      created_at: "2024-01-01T00:00:00Z",
    });
    assert.deepEqual(found[1].user, { email: "bob@example.com", email_confirm: false });
    assert.deepEqual(
      fates(found).map(([, fate]) => fate),
      ["ada@example.com", "bob@example.com", "bad_csv", "bad_json"],
    );
    assert.equal(found[2].line, 6, "the line in the file, where a field had a line break");
    assert.deepEqual(
      (await recordsOf(csv, "email,email_confirm\na@example.com,perhaps\n"))[0].user?.email_confirm,
      "perhaps",
      "for the Worker to refuse",
    );
  });

  test("with other columns is refused before anything is imported", async () => {
    await assert.rejects(recordsOf(csv, "email,passwort\na@example.com,x\n"), /passwort/);
    await assert.rejects(recordsOf(csv, "name\nx\n"), /passwort|no fields|no column/);
    await assert.rejects(recordsOf(csv, "email,email\na@example.com,x\n"), /twice/);
    await assert.rejects(recordsOf(csv, 'email\n"never closed\n'), /no CSV near line/);
  });
});

describe("Supabase Auth", () => {
  test("users keep id, hash, metadata and times; who cannot move is refused, who was deleted is left out", async () => {
    const found = await records(supabase, "supabase.csv");
    assert.deepEqual(found[0].user, {
      id: "0b5f6cf2-5a0e-4b5e-9a53-6c5b8a7f9d01",
      email: "ada@example.com",
      password_hash: BCRYPT,
      email_confirmed_at: "2024-03-01T10:00:00.123456+00:00",
      last_sign_in_at: "2026-01-01T00:00:00+00:00",
      created_at: "2024-02-29T23:00:00+02:00",
      updated_at: "2025-01-01T00:00:00+05:30",
      role: "authenticated",
      user_metadata: { name: 'Ada, "Countess"' },
      app_metadata: { provider: "email", providers: ["email"] },
    });
    assert.equal(found[1].user?.email_confirmed_at, undefined);
    assert.deepEqual(
      [found[2].user?.banned_until, found[2].user?.password_hash, found[2].user?.user_metadata],
      ["9999-12-31T00:00:00Z", undefined, {}],
    );
    assert.deepEqual(
      fates(found).map(([, fate]) => fate),
      [
        "ada@example.com",
        "unconfirmed@example.com",
        "banned@example.com",
        "phone_user",
        "anonymous_user",
        "sso_user",
        "deleted",
        "second_factor",
      ],
    );
    const without = await records(supabase, "supabase.csv", { dropSecondFactors: true });
    assert.equal(without.at(-1)?.user?.email, "factor@example.com");
  });

  test("rows may be JSON lines", async () => {
    const row = {
      id: "0b5f6cf2-5a0e-4b5e-9a53-6c5b8a7f9d01",
      email: "ada@example.com",
      encrypted_password: BCRYPT,
      email_confirmed_at: "2024-03-01T10:00:00.1+00:00",
      is_sso_user: false,
      is_anonymous: false,
      deleted_at: null,
      has_second_factor: false,
      raw_user_meta_data: { name: "Ada" },
      raw_app_meta_data: null,
    };
    const found = await recordsOf(
      supabase,
      `${JSON.stringify(row)}\n${JSON.stringify({ ...row, is_sso_user: true })}\n`,
    );
    assert.deepEqual(fates(found), [
      [1, "ada@example.com"],
      [2, "sso_user"],
    ]);
    assert.deepEqual(found[0].user?.user_metadata, { name: "Ada" });
  });

  test("a file without the columns that decide is refused", async () => {
    await assert.rejects(
      recordsOf(supabase, "id,email,encrypted_password\n1,a@example.com,x\n"),
      /no email_confirmed_at, is_sso_user, is_anonymous, deleted_at, has_second_factor: .*supabase\.md/,
    );
  });

  test("times of PostgreSQL become those of RFC 3339", () => {
    assert.deepEqual(
      [
        "2024-01-31 10:20:30+00",
        "2024-01-31 10:20:30.5-03:30",
        "2024-01-31T10:20:30+0530",
        "2024-01-31 10:20:30",
        "infinity",
        "",
        "soon",
      ].map(timeFromPostgres),
      [
        "2024-01-31T10:20:30+00:00",
        "2024-01-31T10:20:30.5-03:30",
        "2024-01-31T10:20:30+05:30",
        "2024-01-31T10:20:30Z",
        "9999-12-31T00:00:00Z",
        undefined,
        "soon",
      ],
    );
  });
});

describe("Firebase", () => {
  const hashParameters = fixture("firebase_hash_parameters.txt");

  test("hashes carry the project's parameters, and ids are derived", async () => {
    const found = await records(firebase, "firebase.json", { hashParameters });
    assert.deepEqual(found[0].user, {
      id: derivedId("firebase", "Xa1b2c3d4e5f6g7h8i9j0kLmNoP2"),
      email: "ada@example.com",
      email_confirm: true,
      password_hash:
        "$fbscrypt$v=1,n=4,r=8,p=1,ss=Bw==,sk=YSBzaWduZXIga2V5IG9mIHNpeHR5LWZvdXIgYnl0ZXMsIGFzIGEgcHJvamVjdCBvZiBGaXJlYmFzZSBoYXMgaQ==$MDEyMzQ1Njc4OQ==$8i/wygnYKZm6QvbRPBgtAz7ITph1T1wxs8NWosulHwEy1JzQdwMoOjHjuAAP9GudbsBTqEFwrXzoKABqlWZ4vQ==",
      created_at: "2024-02-29T23:00:00.123Z",
      last_sign_in_at: "2026-01-01T00:00:00.000Z",
      user_metadata: { full_name: "Ada", avatar_url: "https://example.com/ada.png" },
      app_metadata: {
        provider: "email",
        providers: ["email"],
        plan: "pro",
        firebase_uid: "Xa1b2c3d4e5f6g7h8i9j0kLmNoP2",
      },
    });
    assert.deepEqual(
      [found[1].user?.banned_until, found[1].user?.email_confirm, found[1].user?.app_metadata.firebase_providers],
      ["9999-12-31T00:00:00Z", false, ["google.com"]],
    );
    assert.deepEqual(fates(found), [
      [1, "ada@example.com"],
      [2, "bob@example.com"],
      [3, "phone_user"],
      [4, "anonymous_user"],
      [5, "bad_json"],
      [6, "bad_json"],
    ]);
  });

  test("hashes without the project's parameters are not lost in silence", async () => {
    await assert.rejects(records(firebase, "firebase.json"), /--hash-parameters/);
    await assert.rejects(
      records(firebase, "firebase.json", { hashParameters: fixture("users.csv") }),
      /lacks base64_signer_key, rounds, mem_cost/,
    );
  });

  test("what is not its export is refused", async () => {
    for (const text of [
      "",
      "[]",
      "{}",
      '{"users": []}',
      '{"people": [1]}',
      "no json",
      '{"users": [{"localId": "1", "email": "a@example.com"}',
    ]) {
      await assert.rejects(recordsOf(firebase, text, { hashParameters }), /firebase auth:export/, text);
    }
  });

  test("an array of any length is read piece by piece", async () => {
    let sent = 0;
    async function* long() {
      yield Buffer.from('{"users":[');
      for (let n = 0; n < 20_000; n++) {
        sent = n;
        yield Buffer.from(`${n ? "," : ""}{"localId":"u${n}","email":"u${n}@example.com"}`);
      }
      yield Buffer.from("]}");
    }
    let read = 0;
    for await (const { user } of firebase(Readable.from(long()), {})) {
      if (read++ === 0) assert.ok(sent < 10_000, `${sent} were sent before the first was read`);
      assert.ok(user);
    }
    assert.equal(read, 20_000);
  });
});

describe("Auth0", () => {
  test("profiles and hashes come from two files", async () => {
    const found = await records(auth0, "auth0.ndjson", { hashes: fixture("auth0_hashes.ndjson") });
    assert.deepEqual(found[0].user, {
      id: derivedId("auth0", "auth0|5dea9f9c82dd7c0e76e4ec93"),
      email: "ada@example.com",
      email_confirm: true,
      password_hash: BCRYPT.replace("2a", "2b"),
      created_at: "2019-12-06T18:36:12.412Z",
      updated_at: "2025-01-01T00:00:00.000Z",
      last_sign_in_at: "2026-01-01T00:00:00.000Z",
      user_metadata: { full_name: "Ada", theme: "dark" },
      app_metadata: {
        provider: "email",
        providers: ["email"],
        plan: "pro",
        auth0_user_id: "auth0|5dea9f9c82dd7c0e76e4ec93",
      },
    });
    assert.deepEqual([found[1].user?.password_hash, found[1].user?.banned_until], [undefined, "9999-12-31T00:00:00Z"]);
    assert.deepEqual(fates(found), [
      [1, "ada@example.com"],
      [2, "bob@example.com"],
      [3, "phone_user"],
      [4, "second_factor"],
      [5, "bad_json"],
      [6, "bad_json"],
    ]);
  });

  test("the export of hashes is enough by itself", async () => {
    const found = await records(auth0, "auth0_hashes.ndjson");
    assert.deepEqual(
      found.map(({ user }) => [user?.email, user?.email_confirm, user?.id]),
      [
        ["ada@example.com", true, derivedId("auth0", "auth0|5dea9f9c82dd7c0e76e4ec93")],
        ["grace@example.com", true, derivedId("auth0", "auth0|euclid")],
      ],
    );
    await assert.rejects(
      records(auth0, "auth0.ndjson", { hashes: fixture("users.jsonl") }),
      /line 1: no user of Auth0/,
    );
  });
});

test("a derived id is UUID version 5", () => {
  // Python's uuid.uuid5(UUID("6f0c9b4e-0e0b-4a35-9d5c-3a2f2d6f5f0e"), "firebase:abc") and
  // PostgreSQL's uuid_generate_v5 say the same.
  assert.equal(derivedId("firebase", "abc"), "189c220c-74c7-50d3-b7bc-f701b4b468b8");
  assert.notEqual(derivedId("firebase", "abc"), derivedId("auth0", "abc"));
});
