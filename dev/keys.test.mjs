// Tests of dev/key_set.mjs, and of the command dev/keys.mjs as it is run.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { createHmac, createPublicKey, randomBytes, verify } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, test } from "node:test";
import { pathToFileURL } from "node:url";
import { inCheckout } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import {
  KEPT_SECONDS,
  newSet,
  nextSteps,
  PUBLISHED_SECONDS,
  readSet,
  retired,
  rotated,
  signedToken,
  span,
  stateOf,
  textOf,
  withToken,
} from "./key_set.mjs";
import { developmentSecrets } from "./secrets.mjs";

/** @typedef {import("./key_set.mjs").KeySet} KeySet */

/** When these tests take place. Seconds since 1970. */
const NOW = 1_800_000_000;
const DAY = 86_400;

/** @param {string} text */
const failure = (text) => (/** @type {unknown} */ error) => error instanceof Failure && error.message.includes(text);

/** @param {KeySet} set */
const kids = (set) => set.keys.map(({ kid }) => kid);
/** @param {KeySet} set @param {number} now */
const states = (set, now) => set.keys.map((key) => stateOf(key, now).name);

/** A set during its first rotation, and after it. @param {string} [algorithm] */
function rotation(algorithm = "ES256") {
  const first = newSet(algorithm, NOW);
  const second = rotated(first, NOW).set;
  const third = rotated(second, NOW + PUBLISHED_SECONDS).set;
  return { first, second, third };
}

/** A set as people make it by hand, without times. @param {string[]} operations of each key */
const byHand = (...operations) => ({
  keys: operations.map((operation) => {
    const { iat, nbf, ...key } = newSet("ES256", NOW).keys[0];
    return { ...key, key_ops: [operation] };
  }),
});

/** A shared secret that signs. */
const shared = () => ({
  keys: [{ kty: "oct", k: randomBytes(32).toString("base64url"), kid: "shared", alg: "HS256", key_ops: ["sign"] }],
});

/** A number out of the Worker's source. @param {string} file @param {RegExp} pattern */
const ofWorker = (file, pattern) =>
  Number(readFileSync(inCheckout(file), "utf8").match(pattern)?.[1].replaceAll("_", ""));

test("a key is kept and published for as long as the Worker's tokens live and its answers are cached", () => {
  assert.equal(KEPT_SECONDS, ofWorker("src/domain/policy/sessions.rs", /ACCESS_TOKEN_MAX_SECONDS: i64 = ([\d_]+);/));
  const cached = ofWorker("src/endpoints/service/jwks.rs", /max-age=(\d+)/);
  assert.equal(
    PUBLISHED_SECONDS,
    cached + 600 + 600,
    "in HTTP caches, in the verifier's library, and for the deployment",
  );
});

describe("a rotation", () => {
  for (const algorithm of ["ES256", "EdDSA"]) {
    test(`publishes, swaps and retires one key after the other, ${algorithm}`, () => {
      const { first, second, third } = rotation(algorithm);
      const [old, fresh] = kids(second);
      assert.deepEqual(kids(first), [old]);
      assert.deepEqual(states(second, NOW), ["signs", "waits"]);
      assert.deepEqual(
        second.keys.map(({ alg, key_ops, iat, nbf, exp }) => [alg, key_ops, iat, nbf, exp]),
        [
          [algorithm, ["sign"], NOW, NOW, undefined],
          [algorithm, ["verify"], NOW, NOW + 1800, undefined],
        ],
      );
      assert.deepEqual(
        third.keys.map(({ key_ops, exp }) => [key_ops, exp]),
        [
          [["verify"], NOW + 1800 + DAY],
          [["sign"], undefined],
        ],
      );
      assert.deepEqual(
        third.keys.map((key) => key.d !== undefined),
        [false, true],
        "what only verifies needs no private part",
      );
      const end = retired(third, NOW + PUBLISHED_SECONDS + KEPT_SECONDS);
      assert.deepEqual([kids(end.set), end.removed.map(({ kid }) => kid)], [[fresh], [old]]);
      for (const set of [first, second, third, end.set]) assert.deepEqual(readSet(textOf(set), "it"), set);
    });
  }

  test("changes nothing of the set it was given", () => {
    const { first, second } = rotation();
    for (const set of [first, second]) {
      const before = textOf(set);
      withToken(rotated(set, NOW, { immediately: true }).set, NOW, { days: 1, role: "service_role" });
      assert.equal(textOf(set), before);
    }
  });

  test("waits to the second, unless told not to", () => {
    const { second } = rotation();
    assert.throws(() => rotated(second, NOW + 1799), failure("in 1 s"));
    assert.throws(() => rotated(second, NOW), failure("2027-01-15 08:30:00 UTC on, in 30 min"));
    const { set, key } = rotated(second, NOW + 5, { immediately: true });
    assert.deepEqual([key.kid, key.key_ops, key.nbf], [kids(second)[1], ["sign"], NOW + 5]);
    assert.deepEqual(states(set, NOW + 5), ["verifies", "signs"]);
    const hasty = rotated(newSet("ES256", NOW), NOW, { immediately: true }).set;
    assert.deepEqual(states(rotated(hasty, NOW).set, NOW), ["verifies", "signs"]);
  });

  test("keeps a key to the second, unless told not to", () => {
    const { third } = rotation();
    const end = NOW + PUBLISHED_SECONDS + DAY;
    assert.throws(() => retired(third, end - 1), failure("for another 1 s"));
    assert.throws(() => retired(third, end - 1, { kid: kids(third)[0] }), failure("2027-01-16 08:30:00 UTC"));
    assert.deepEqual(kids(retired(third, NOW + 1, { kid: kids(third)[0], immediately: true }).set), [kids(third)[1]]);
    assert.deepEqual(kids(retired(third, end, { kid: kids(third)[0] }).set), [kids(third)[1]]);
  });

  test("never removes the key that signs, nor by itself one that waits", () => {
    const { first, second } = rotation();
    for (const set of [first, second]) {
      assert.throws(() => retired(set, NOW + 9999 * DAY), failure("none has been replaced"));
      assert.throws(() => retired(set, NOW, { kid: kids(set)[0], immediately: true }), failure("signs: replace it"));
    }
    assert.deepEqual(retired(second, NOW, { kid: kids(second)[1] }).set, first);
    assert.throws(() => retired(second, NOW, { kid: "unheard-of" }), failure("there is no key unheard-of"));
  });

  test("goes over to another algorithm when told to, before the key is made", () => {
    const { first, second } = rotation();
    assert.equal(rotated(first, NOW, { algorithm: "EdDSA" }).key.alg, "EdDSA");
    assert.throws(() => rotated(second, NOW + DAY, { algorithm: "EdDSA" }), failure("leave --alg away"));
    assert.throws(() => rotated(shared(), NOW), failure("shared secret"));
    const { set } = rotated(rotated(shared(), NOW, { algorithm: "ES256" }).set, NOW + DAY);
    assert.deepEqual(states(set, NOW + DAY), ["verifies", "signs"]);
    assert.ok(set.keys[0].k, "what verifies by a shared secret needs it");
    assert.deepEqual(readSet(textOf(set), "it"), set);
  });

  test("may begin while older keys are kept", () => {
    const { third } = rotation();
    const next = rotated(third, NOW + 2000).set;
    assert.deepEqual(states(next, NOW + 2000), ["verifies", "signs", "waits"]);
    assert.deepEqual(states(rotated(next, NOW + 4000).set, NOW + 4000), ["verifies", "verifies", "signs"]);
    assert.deepEqual(nextSteps(next, NOW + 2000), [
      { command: "rotate", at: NOW + 2000 + PUBLISHED_SECONDS },
      { command: "retire", at: NOW + PUBLISHED_SECONDS + DAY },
    ]);
  });

  test("refuses two keys that wait", () => {
    const { second } = rotation();
    const extra = { ...newSet("ES256", NOW).keys[0], key_ops: ["verify"] };
    assert.throws(() => rotated({ keys: [...second.keys, extra] }, NOW + DAY), failure("2 keys wait"));
  });
});

describe("keys made by hand, without times", () => {
  test("are rotated as others", () => {
    const set = rotated(rotated(byHand("sign"), NOW).set, NOW + PUBLISHED_SECONDS).set;
    assert.equal(set.keys[0].exp, NOW + PUBLISHED_SECONDS + KEPT_SECONDS);
    assert.equal(retired(set, NOW + PUBLISHED_SECONDS + KEPT_SECONDS).set.keys.length, 1);
  });

  test("neither begin to sign nor go away by themselves", () => {
    const set = byHand("sign", "verify");
    assert.deepEqual(stateOf(set.keys[1], NOW), { name: "verifies", until: undefined });
    assert.deepEqual(nextSteps(set, NOW), []);
    assert.deepEqual(states(rotated(set, NOW).set, NOW), ["signs", "verifies", "waits"]);
    assert.throws(() => retired(set, NOW + 9999 * DAY), failure("does not say when"));
    const [, { kid }] = set.keys;
    assert.throws(() => retired(set, NOW + 9999 * DAY, { kid }), failure("nobody knows how long"));
    assert.equal(retired(set, NOW, { kid, immediately: true }).set.keys.length, 1);
  });
});

test("a set that the Worker would refuse is refused, and nothing of it is quoted", () => {
  const [key] = newSet("ES256", NOW).keys;
  const other = newSet("ES256", NOW).keys[0];
  /** @type {[unknown, string][]} */
  const wrong = [
    ["{", "is no JWK set"],
    ["", "is no JWK set"],
    [[key], "is no JWK set"],
    [{ keys: key }, "is no JWK set"],
    [{ keys: [] }, "0 keys have"],
    [{ keys: [key, other] }, "2 keys have"],
    [{ keys: [{ ...key, key_ops: ["verify"] }] }, "0 keys have"],
    [{ keys: [key, key] }, "key 2 has the kid of another"],
    [{ keys: [key, null] }, "key 2 is not an object"],
    [{ keys: [{ ...key, kid: "a b" }] }, "key 1 needs a kid"],
    [{ keys: [{ ...key, kid: undefined }] }, "key 1 needs a kid"],
    [{ keys: [{ ...key, alg: "none" }] }, "key 1 needs an alg"],
    [{ keys: [{ ...key, key_ops: ["sign", "deriveKey"] }] }, "key 1 needs key_ops"],
    [{ keys: [{ ...key, key_ops: "sign" }] }, "key 1 needs key_ops"],
    [{ keys: [{ ...key, use: "enc" }] }, "key 1 needs key_ops"],
    [{ keys: [{ ...key, exp: "soon" }] }, "key 1 has an exp"],
    [{ keys: [{ ...key, iat: NOW * 1000 }] }, "key 1 has an iat"],
    [{ keys: [{ ...key, nbf: 1.5 }] }, "key 1 has an nbf"],
    [{ keys: [{ ...key, d: undefined }] }, "not a valid key"],
    [{ keys: [{ ...key, d: other.d }] }, "not a valid key"],
    [{ keys: [{ ...key, alg: "EdDSA" }] }, "not a valid key"],
    [{ keys: [{ ...key, alg: "HS256" }] }, "not a valid key"],
    [{ keys: [{ ...shared().keys[0], k: "c2hvcnQ" }] }, "not a valid key"],
    [{ keys: [key, { ...other, key_ops: ["verify"], d: key.d }] }, "key 2 is not a valid key"],
  ];
  for (const [value, expected] of wrong) {
    const text = typeof value === "string" ? value : JSON.stringify(value);
    assert.throws(
      () => readSet(text, "it"),
      (error) => failure(expected)(error) && ![key.d, other.d].some((secret) => String(error).includes(secret)),
      `${expected}: ${text}`,
    );
  }
  assert.throws(
    () => readSet(`{"keys":[{"d":"${key.d}"`, "it"),
    (error) => !String(error).includes(key.d),
  );
  const set = { keys: [{ ...key, key_ops: ["sign", "verify"], x5t: "whatever" }], note: "kept" };
  assert.deepEqual(readSet(JSON.stringify(set), "it"), set);
});

describe("a token", () => {
  /** @param {string} part */
  const decode = (part) => JSON.parse(Buffer.from(part, "base64url").toString());

  /**
   * Whether the key made it, and for ES256 with the smaller s.
   * @param {Record<string, any>} key
   * @param {string} token
   */
  function isOf(key, token) {
    const [, text, given] = /** @type {RegExpMatchArray} */ (token.match(/^(.*)\.([^.]*)$/));
    const signature = Buffer.from(given, "base64url");
    if (key.alg === "HS256")
      return createHmac("sha256", Buffer.from(key.k, "base64url")).update(text).digest().equals(signature);
    const isLow = key.alg !== "ES256" || signature.readUInt32BE(32) <= 0x7fffffff;
    const publicKey = createPublicKey({ key: /** @type {any} */ ({ ...key, d: undefined }), format: "jwk" });
    return (
      isLow &&
      verify(
        key.alg === "ES256" ? "sha256" : null,
        Buffer.from(text),
        { key: publicKey, dsaEncoding: "ieee-p1363" },
        signature,
      )
    );
  }

  for (const set of [newSet("ES256", NOW), newSet("EdDSA", NOW), shared()]) {
    const [key] = set.keys;
    test(`is signed by the key that signs, ${key.alg}`, () => {
      const { token, expires } = withToken(set, NOW, { days: 2, role: "service_role" });
      const [header, claims] = token.split(".").slice(0, 2).map(decode);
      assert.deepEqual(header, { alg: key.alg, typ: "JWT", kid: key.kid });
      const { jti, ...others } = claims;
      assert.deepEqual(others, { role: "service_role", iat: NOW, exp: NOW + 2 * DAY });
      assert.equal(expires, NOW + 2 * DAY);
      assert.match(jti, /^[0-9a-f-]{36}$/);
      for (let count = 0; count < 40; count++) assert.ok(isOf(key, signedToken(key, { count })));
    });
  }

  test("keeps its key, whatever happens to that", () => {
    const made = withToken(newSet("ES256", NOW), NOW, { days: 300, role: "supabase_admin" }).set;
    assert.equal(made.keys[0].exp, NOW + 300 * DAY);
    assert.equal(
      withToken(made, NOW, { days: 1, role: "service_role" }).set.keys[0].exp,
      NOW + 300 * DAY,
      "never shorter",
    );
    assert.deepEqual(states(made, NOW + 999 * DAY), ["signs"]);
    const set = rotated(rotated(made, NOW).set, NOW + DAY).set;
    assert.throws(() => retired(set, NOW + 299 * DAY), failure("for another 24 h"));
    assert.equal(retired(set, NOW + 300 * DAY).set.keys.length, 1);
  });
});

test("a length of time is rounded up", () => {
  const spans = [1, 120, 121, 7200, 7201, 2 * DAY, 2 * DAY + 1].map(span);
  assert.deepEqual(spans, ["1 s", "120 s", "3 min", "120 min", "3 h", "48 h", "3 days"]);
});

describe("the command", () => {
  let directory = "";
  let file = "";
  let vars = "";

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "edgegate-keys-"));
    [file, vars] = [join(directory, "keys.json"), join(directory, ".dev.vars")];
  });
  afterEach(() => rmSync(directory, { recursive: true }));

  /**
   * Runs it as dev/run.mjs does, at a time of our own.
   * @param {number} now
   * @param {string[]} args
   */
  function run(now, ...args) {
    const program = `
      const { main } = await import(${JSON.stringify(pathToFileURL(inCheckout("dev", "keys.mjs")).href)});
      await main(${JSON.stringify(args)}, { vars: ${JSON.stringify(vars)}, now: ${now} }).catch((error) => {
        console.error(error.name === "Failure" ? error.message : error);
        process.exitCode = error.name === "Failure" ? 1 : 2;
      });`;
    const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "--eval", program], {
      encoding: "utf8",
    });
    return { status, stdout, stderr };
  }

  /** @param {number} now @param {string[]} args */
  function succeeds(now, ...args) {
    const { status, stdout, stderr } = run(now, ...args);
    assert.equal(status, 0, stderr);
    return stdout;
  }

  /** Fails with a sentence, and changes nothing. @param {RegExp} expected @param {string[]} args */
  function fails(expected, ...args) {
    const contents = () =>
      readdirSync(directory)
        .sort()
        .map((name) => [name, readFileSync(join(directory, name), "utf8")]);
    const before = contents();
    const { status, stderr } = run(NOW, ...args);
    assert.equal(status, 1, stderr);
    assert.match(stderr, expected);
    assert.deepEqual(contents(), before);
  }

  test("rotates the keys of an environment and says what to do", () => {
    const deploy = `npx wrangler secret put JWT_KEYS --env production < ${file}\n`;
    assert.ok(succeeds(NOW, "create", "--file", file, "--alg", "EdDSA").includes(deploy));
    assert.ok(succeeds(NOW, "rotate", "--file", file, "--alg", "ES256").includes(deploy));
    fails(/in 30 min/, "rotate", "--file", file);
    assert.ok(succeeds(NOW + 1800, "rotate", "--file", file).includes(deploy));
    fails(/no key can be retired yet/, "retire", "--file", file);
    assert.ok(succeeds(NOW + 1800 + DAY, "retire", "--file", file).includes(deploy));
    const text = readFileSync(file, "utf8");
    assert.match(text, /^\{"keys":\[\{[^\n]*\n$/, "one line");
    assert.deepEqual(
      readSet(text, file).keys.map(({ alg, key_ops }) => [alg, key_ops]),
      [["ES256", ["sign"]]],
    );
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.deepEqual(readdirSync(directory), ["keys.json"], "nothing is left beside it");
  });

  test("lists what each key does, and nothing secret", () => {
    const [signing, waiting, verifying, ended] = ["signing", "waiting", "verifying", "ended"].map((kid) => ({
      ...newSet("ES256", NOW).keys[0],
      kid,
    }));
    const { iat, nbf, ...unknown } = newSet("EdDSA", NOW).keys[0];
    const keys = [
      signing,
      { ...waiting, key_ops: ["verify"], nbf: NOW + 60 },
      { ...verifying, key_ops: ["verify"], exp: NOW + 3 * DAY },
      { ...ended, key_ops: ["verify"], exp: NOW },
      { ...unknown, kid: "unknown", key_ops: ["verify"] },
    ];
    writeFileSync(file, JSON.stringify({ keys }), { mode: 0o600 });
    const shown = succeeds(NOW, "list", "--file", file);
    assert.equal(
      shown.replaceAll(file, "PATH"),
      `kid        alg    state                                         made
signing    ES256  signs                                         2027-01-15 08:00:00 UTC
waiting    ES256  waits, may sign from 2027-01-15 08:01:00 UTC  2027-01-15 08:00:00 UTC
verifying  ES256  verifies until 2027-01-18 08:00:00 UTC        2027-01-15 08:00:00 UTC
ended      ES256  can be retired                                2027-01-15 08:00:00 UTC
unknown    EdDSA  verifies, until when is unknown               unknown

Next: npm run keys -- retire --file PATH, now
Next: npm run keys -- rotate --file PATH, from 2027-01-15 08:01:00 UTC on, in 60 s
`,
    );
    for (const { d } of keys) assert.ok(!shown.includes(d));
  });

  test("changes one line of .dev.vars", () => {
    fails(/`npm start` makes them/, "list");
    developmentSecrets(vars);
    writeFileSync(vars, `${readFileSync(vars, "utf8")}# mine\nOWN="kept"\n`);
    chmodSync(vars, 0o644);
    const before = readFileSync(vars, "utf8").split("\n");
    assert.ok(!succeeds(NOW, "rotate").includes("wrangler secret"));
    const after = readFileSync(vars, "utf8").split("\n");
    assert.deepEqual(
      after.map((line, index) => line === before[index]),
      before.map((line) => !line.startsWith("JWT_KEYS=")),
    );
    assert.equal(statSync(vars).mode & 0o777, 0o600);
    assert.equal(readSet(developmentSecrets(vars).JWT_KEYS, "it").keys.length, 2);
    succeeds(NOW, "rotate", "--now");
    succeeds(NOW + 2 * DAY, "retire");
    assert.equal(readSet(developmentSecrets(vars).JWT_KEYS, "it").keys.length, 1);
  });

  test("prints a token alone, and remembers how long its key is needed", () => {
    succeeds(NOW, "create", "--file", file);
    const { stdout, stderr } = run(NOW, "token", "--file", file);
    assert.match(stdout, /^[\w-]+\.[\w-]+\.[\w-]+\n$/);
    assert.match(stderr, /until 2028-01-15 08:00:00 UTC/);
    assert.equal(readSet(readFileSync(file, "utf8"), "it").keys[0].exp, NOW + 365 * DAY);
    for (const days of ["0", "3651", "1.5", "1e2", "ten"])
      fails(/lasts 1 to 3650 days/, "token", "--file", file, "--days", days);
    fails(/no token is made for the role authenticated/, "token", "--file", file, "--role", "authenticated");
  });

  test("makes the token that docs/verify.md advises for whoever only verifies", () => {
    succeeds(NOW, "create", "--file", file);
    const { stdout, stderr } = run(NOW, "token", "--file", file, "--role", "introspector", "--days", "30");
    const claims = JSON.parse(Buffer.from(stdout.split(".")[1], "base64url").toString());
    const { jti, ...others } = claims;
    assert.match(jti, /^[0-9a-f-]{36}$/);
    assert.deepEqual(others, { role: "introspector", iat: NOW, exp: NOW + 30 * DAY });
    assert.match(stderr, /may introspect tokens/);
    assert.doesNotMatch(stderr, /administers/);
  });

  test("explains itself when asked, and where it does not know what to do", () => {
    for (const asked of [["help"], ["--help"], ["-h"], ["rotate", "--help"], ["token", "--file", file, "-h"]]) {
      const told = succeeds(NOW, ...asked);
      for (const word of ["create", "list", "rotate", "retire", "token", "--file PATH", "--role ROLE", "introspector"])
        assert.ok(told.includes(word), `${asked}: ${word}`);
    }
    fails(/say what to do[^]*rotate \[--file PATH\]/);
    assert.ok(!existsSync(file));
  });

  test("refuses what it does not understand, and changes nothing", () => {
    succeeds(NOW, "create", "--file", file);
    fails(/say what to do/);
    fails(/say what to do/, "toString");
    fails(/is there already/, "create", "--file", file);
    fails(/say where to/, "create");
    fails(/no key is made for HS256/, "rotate", "--file", file, "--alg", "HS256");
    fails(/not understood.*list takes --file FILE$/m, "list", "--file", file, "--alg", "ES256");
    fails(/not understood/, "rotate", "--file", file, "extra");
    fails(/not understood/, "rotate", "--file");
    fails(/not understood/, "rotate", "--file=");
    fails(/not understood/, "rotate", "--file", "--now");
    fails(/not understood/, "rotate", "--file", file, "--now=yes");
    fails(/say which by --kid/, "retire", "--file", file, "--now");
    fails(/there is no file/, "list", "--file", join(directory, "other.json"));
    fails(/cannot be read \(EISDIR\)/, "list", "--file", directory);
    writeFileSync(file, '{"keys":[');
    fails(/is no JWK set/, "rotate", "--file", file);
    writeFileSync(file, textOf({ keys: [...newSet("ES256", NOW).keys, ...newSet("ES256", NOW).keys] }));
    fails(/2 keys have key_ops \["sign"\]/, "rotate", "--file", file);
    writeFileSync(vars, "JWT_KEYS='{'\n");
    fails(/JWT_KEYS in \.dev\.vars is no JWK set/, "rotate");
    assert.ok(!existsSync(join(directory, "other.json")));
  });

  test("warns of a file that others can read, and shuts it; a link to it stays one", () => {
    succeeds(NOW, "create", "--file", file);
    chmodSync(file, 0o640);
    const link = join(directory, "link.json");
    symlinkSync(file, link);
    assert.match(run(NOW, "list", "--file", link).stderr, /Others can read .*link\.json/);
    succeeds(NOW, "rotate", "--file", link);
    assert.equal(statSync(file).mode & 0o777, 0o600);
    assert.equal(readSet(readFileSync(file, "utf8"), "it").keys.length, 2);
    assert.equal(run(NOW, "list", "--file", link).stderr, "");
  });
});
