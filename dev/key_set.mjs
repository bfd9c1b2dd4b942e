// The JWK set in `JWT_KEYS`, and how one key takes over from another: published before it signs,
// kept until the last token it signed has expired. Not here: files and the terminal (dev/keys.mjs).
// Nothing here reads the clock: `now` is whole seconds since 1970.
//
// What happens to a key and when is written in the key itself, in members named as OpenID
// Federation 1.0 names them: `iat` (made), `nbf` (may begin to sign), `exp` (its last token has
// expired). The Worker ignores them, as RFC 7517 §4 lets it. A key made by hand may lack them: then
// it neither begins to sign nor goes away by itself.

import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  randomBytes,
  randomUUID,
  sign,
  verify,
} from "node:crypto";
import { Failure } from "./failure.mjs";

/** @typedef {Record<string, any>} Jwk */
/** @typedef {{ keys: Jwk[], [member: string]: unknown }} KeySet */

/**
 * How long a new key is published before it may sign. Seconds. Ten minutes in HTTP caches
 * (`max-age=600`, src/endpoints/service/jwks.rs), ten more in the verifier's library (`cacheMaxAge`
 * of jose), and ten for the secret to be put where it belongs.
 */
export const PUBLISHED_SECONDS = 1_800;

/**
 * How long a key is kept after it has signed. Seconds: the most that ACCESS_TOKEN_SECONDS can be
 * (ACCESS_TOKEN_MAX_SECONDS in src/domain/policy/sessions.rs).
 */
export const KEPT_SECONDS = 86_400;

/** How long a token made by {@link withToken} may last. Days. */
export const TOKEN_DAYS = { least: 1, usual: 365, most: 3_650 };

/**
 * The roles that a token made by {@link withToken} may have: those that administer, and one that
 * may introspect and nothing else.
 */
export const TOKEN_ROLES = ["service_role", "supabase_admin", "introspector"];

/**
 * The algorithms of new keys. Not HS256: whoever verifies such a token could make one.
 * @type {Record<string, () => Jwk>}
 */
const makers = {
  ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }),
  EdDSA: () => generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }),
};
export const ALGORITHMS = Object.keys(makers);

/** As the Worker reads it (src/domain/token/signing_keys.rs). */
const KEY_ID = /^[A-Za-z0-9._~:-]{1,64}$/;
const HS256_MIN_BYTES = 32;
/** The last second of the year 9999. What is later was meant as milliseconds. */
const LATEST = 253_402_300_799;

// ── A key ──

/**
 * @param {string} algorithm
 * @param {number} now
 * @param {"sign" | "verify"} operation
 * @param {number} [notBefore]
 * @returns {Jwk}
 */
function makeKey(algorithm, now, operation, notBefore = now) {
  const kid = randomBytes(12).toString("base64url");
  return { ...makers[algorithm](), kid, alg: algorithm, use: "sig", key_ops: [operation], iat: now, nbf: notBefore };
}

/**
 * A set with one key, which signs.
 * @param {string} algorithm
 * @param {number} now
 * @returns {KeySet}
 */
export const newSet = (algorithm, now) => ({ keys: [makeKey(algorithm, now, "sign")] });

/** @param {Jwk} key */
const signs = (key) => key.key_ops.includes("sign");

/** Whether it could sign if it were told to. @param {Jwk} key */
const hasPrivatePart = (key) => key.d !== undefined || key.k !== undefined;

/**
 * What a key does.
 * @typedef {{ name: "signs" }
 *   | { name: "waits", from: number }
 *   | { name: "verifies", until: number | undefined }
 *   | { name: "ended", since: number }} State
 *
 * `waits`: has never signed, and may from then on. `verifies`: has signed, and its tokens may live;
 * nobody knows until when if its members do not say. `ended`: its last token has expired.
 */

/** @param {Jwk} key @param {number} now @returns {State} */
export function stateOf(key, now) {
  if (signs(key)) return { name: "signs" };
  if (key.exp !== undefined)
    return key.exp <= now ? { name: "ended", since: key.exp } : { name: "verifies", until: key.exp };
  if (key.nbf !== undefined && hasPrivatePart(key)) return { name: "waits", from: key.nbf };
  return { name: "verifies", until: undefined };
}

// ── The set as text ──

/**
 * Reads a set and refuses what the Worker would refuse. Quotes nothing but the place of a key: it
 * is a secret.
 * @param {string} text @param {string} where what the text is called in failures
 * @returns {KeySet}
 */
export function readSet(text, where) {
  const set = parsed(text);
  if (!isObject(set) || !Array.isArray(set.keys)) {
    throw new Failure(
      `${where} is no JWK set, {"keys": […]} in JSON: mend it, or move it away and make one with \`npm run keys -- create\``,
    );
  }
  for (const [index, key] of set.keys.entries()) {
    const problem = isObject(key) ? problemOf(key) : "is not an object";
    if (problem) throw new Failure(`${where}: key ${index + 1} ${problem}: mend it by hand`);
    if (set.keys.findIndex(({ kid }) => kid === key.kid) < index)
      throw new Failure(`${where}: key ${index + 1} has the kid of another: mend it by hand`);
  }
  const signing = set.keys.filter(signs).length;
  if (signing !== 1)
    throw new Failure(
      `${where}: ${signing} keys have key_ops ["sign"]: give it to exactly one, and ["verify"] to the others`,
    );
  return /** @type {KeySet} */ (set);
}

/** One line of JSON, as the Worker and `.dev.vars` want it. @param {KeySet} set */
export const textOf = (set) => JSON.stringify(set);

/** @param {string} text @returns {unknown} */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // its message would quote the text
  }
}

/** @param {any} value @returns {value is Record<string, any>} */
const isObject = (value) => typeof value === "object" && value !== null && !Array.isArray(value);

/** What the Worker, or this file, could not use about a key. @param {Jwk} key */
function problemOf(key) {
  const { kid, alg, key_ops: operations, use } = key;
  if (typeof kid !== "string" || !KEY_ID.test(kid)) return "needs a kid of 1 to 64 letters, digits or ._~:-";
  if (!["ES256", "EdDSA", "HS256"].includes(alg)) return "needs an alg: ES256, EdDSA or HS256";
  const isSound =
    Array.isArray(operations) && operations.length > 0 && operations.every((one) => one === "sign" || one === "verify");
  if (!isSound || (use !== undefined && use !== "sig"))
    return 'needs key_ops ["sign"] or ["verify"], and use, if given, "sig"';
  for (const name of ["iat", "nbf", "exp"]) {
    const time = key[name];
    if (time !== undefined && !(Number.isInteger(time) && time >= 0 && time <= LATEST))
      return `has an ${name} that is not whole seconds since 1970`;
  }
  return isUsable(key) ? undefined : "is not a valid key for its alg, or signs without its private part";
}

/**
 * Whether kty, crv and values fit the algorithm; for a key that signs, also whether its two parts
 * belong together.
 * @param {Jwk} key
 */
function isUsable(key) {
  const { kty, crv } = key;
  if (key.alg === "HS256")
    return kty === "oct" && typeof key.k === "string" && Buffer.from(key.k, "base64url").length >= HS256_MIN_BYTES;
  if (key.alg === "ES256" ? kty !== "EC" || crv !== "P-256" : kty !== "OKP" || crv !== "Ed25519") return false;
  try {
    const { d, ...publicPart } = key;
    const publicKey = createPublicKey({ key: publicPart, format: "jwk" });
    if (!signs(key) && stateOf(key, 0).name !== "waits") return true;
    const text = Buffer.from("edgegate");
    return verify(digestOf(key), text, { key: publicKey, dsaEncoding: "ieee-p1363" }, signature(key, text));
  } catch {
    return false; // node:crypto cannot read it
  }
}

// ── Rotating ──

/**
 * The next step of a rotation: a new key is published, or the one that has been published long
 * enough begins to sign.
 * @param {KeySet} set @param {number} now
 * @param {{ algorithm?: string, immediately?: boolean }} [options] the new key's algorithm, else
 *   that of the key that signs; `immediately` does not wait: verifiers that fetch the set anew when
 *   they meet an unknown kid take its tokens all the same
 * @returns {{ set: KeySet, key: Jwk, replaced?: Jwk }} the key that was added; or the one that
 *   signs now, and the one it replaced
 */
export function rotated(set, now, { algorithm, immediately = false } = {}) {
  const waiting = set.keys.filter((key) => stateOf(key, now).name === "waits");
  if (waiting.length > 1)
    throw new Failure(`${waiting.length} keys wait to sign: remove all but one with \`retire --kid KID\``);
  return waiting.length === 0
    ? published(set, now, algorithm, immediately)
    : swapped(set, now, waiting[0], algorithm, immediately);
}

/**
 * @param {KeySet} set
 * @param {number} now
 * @param {string | undefined} algorithm
 * @param {boolean} immediately
 */
function published(set, now, algorithm, immediately) {
  const chosen = algorithm ?? signingKey(set).alg;
  if (!ALGORITHMS.includes(chosen)) {
    // Its verifiers hold the secret itself: they have to be given a way to the JWKS first.
    throw new Failure(
      "the key that signs is a shared secret (HS256), which cannot be published: let verifiers use the JWKS, then say --alg ES256 or --alg EdDSA",
    );
  }
  const key = makeKey(chosen, now, "verify", immediately ? now : now + PUBLISHED_SECONDS);
  return { set: { ...set, keys: [...set.keys, key] }, key };
}

/**
 * @param {KeySet} set
 * @param {number} now
 * @param {Jwk} waiting
 * @param {string | undefined} algorithm
 * @param {boolean} immediately
 */
function swapped(set, now, waiting, algorithm, immediately) {
  if (algorithm && algorithm !== waiting.alg) {
    throw new Failure(
      `the key that waits is for ${waiting.alg}: leave --alg away, or remove that key with \`retire --kid ${waiting.kid}\``,
    );
  }
  if (waiting.nbf > now && !immediately) {
    throw new Failure(
      `key ${waiting.kid} may sign from ${moment(waiting.nbf)} on, in ${span(waiting.nbf - now)}: wait, so that verifiers know it by then; only if the old key leaked say --now`,
    );
  }
  const old = signingKey(set);
  const key = { ...waiting, key_ops: ["sign"], nbf: Math.min(waiting.nbf, now) };
  const replaced = { ...withoutPrivatePart(old), key_ops: ["verify"], exp: Math.max(old.exp ?? 0, now + KEPT_SECONDS) };
  const keys = set.keys.map((one) => (one === waiting ? key : one === old ? replaced : one));
  return { set: { ...set, keys }, key, replaced };
}

/**
 * What does not sign any more needs nothing to sign with, and what is not there cannot leak.
 * @param {Jwk} key
 * @returns {Jwk}
 */
function withoutPrivatePart({ d, ...key }) {
  return key;
}

/** @param {KeySet} set */
const signingKey = (set) => /** @type {Jwk} */ (set.keys.find(signs));

/**
 * Removes keys: those whose last token has expired, or the one that is named.
 * @param {KeySet} set @param {number} now
 * @param {{ kid?: string, immediately?: boolean }} [options] `immediately` removes the named key
 *   although tokens of it may live
 * @returns {{ set: KeySet, removed: Jwk[] }}
 */
export function retired(set, now, { kid, immediately = false } = {}) {
  const removed = kid === undefined ? ended(set, now) : [named(set, now, kid, immediately)];
  return { set: { ...set, keys: set.keys.filter((key) => !removed.includes(key)) }, removed };
}

/** @param {KeySet} set @param {number} now */
function ended(set, now) {
  const states = set.keys.map((key) => stateOf(key, now));
  const found = set.keys.filter((_, index) => states[index].name === "ended");
  if (found.length > 0) return found;
  const [next] = nextSteps(set, now).filter(({ command }) => command === "retire");
  if (next)
    throw new Failure(
      `no key can be retired yet: tokens of the next one live until ${moment(next.at)}, for another ${span(next.at - now)}: wait`,
    );
  if (states.some((state) => state.name === "verifies")) {
    throw new Failure(
      "no key can be retired: the set does not say when the last token of its old key expires; if you know that it has, `retire --kid KID --now`",
    );
  }
  throw new Failure("no key can be retired: none has been replaced; `rotate` begins to replace the one that signs");
}

/** @param {KeySet} set @param {number} now @param {string} kid @param {boolean} immediately */
function named(set, now, kid, immediately) {
  const key = set.keys.find((one) => one.kid === kid);
  if (!key) throw new Failure(`there is no key ${kid}: \`list\` shows those there are`);
  const state = stateOf(key, now);
  if (state.name === "signs") throw new Failure(`key ${kid} signs: replace it with \`rotate\` first`);
  if (state.name === "verifies" && !immediately) {
    const until =
      state.until === undefined
        ? "nobody knows how long"
        : `${moment(state.until)}, for another ${span(state.until - now)}`;
    throw new Failure(
      `tokens of key ${kid} may live until ${until}: wait; only if it leaked say --now, then all of them are refused`,
    );
  }
  return key;
}

/**
 * What has to be done with the set and from when on, the most urgent first; nothing while no
 * rotation is under way.
 * @param {KeySet} set @param {number} now
 * @returns {{ command: "rotate" | "retire", at: number }[]}
 */
export function nextSteps(set, now) {
  const steps = set.keys.flatMap((key) => {
    const state = stateOf(key, now);
    if (state.name === "waits") return [{ command: /** @type {const} */ ("rotate"), at: state.from }];
    if (state.name === "ended") return [{ command: /** @type {const} */ ("retire"), at: state.since }];
    return state.name === "verifies" && state.until !== undefined
      ? [{ command: /** @type {const} */ ("retire"), at: state.until }]
      : [];
  });
  return steps
    .sort((one, other) => one.at - other.at)
    .filter(({ command }, index, all) => all.findIndex((step) => step.command === command) === index);
}

// ── Tokens ──

/**
 * A token for a program that administers accounts; the key that signs it is kept as long as the
 * token lives.
 * @param {KeySet} set @param {number} now @param {{ days: number, role: string }} options
 * @returns {{ set: KeySet, token: string, key: Jwk, expires: number }}
 */
export function withToken(set, now, { days, role }) {
  const old = signingKey(set);
  const expires = now + days * 86_400;
  const key = { ...old, exp: Math.max(old.exp ?? 0, expires) };
  const token = signedToken(old, { role, iat: now, exp: expires, jti: randomUUID() });
  return { set: { ...set, keys: set.keys.map((one) => (one === old ? key : one)) }, token, key, expires };
}

/** A JWT. @param {Jwk} key @param {object} claims */
export function signedToken(key, claims) {
  const encode = (/** @type {object} */ part) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const text = `${encode({ alg: key.alg, typ: "JWT", kid: key.kid })}.${encode(claims)}`;
  return `${text}.${signature(key, Buffer.from(text)).toString("base64url")}`;
}

/** Half the number of points of P-256 (FIPS 186-5). */
const P256_HALF_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n / 2n;

/** @param {Jwk} key */
const digestOf = (key) => (key.alg === "ES256" ? "sha256" : null);

/** @param {Jwk} key @param {Buffer} text @returns {Buffer} */
function signature(key, text) {
  if (key.alg === "HS256") return createHmac("sha256", Buffer.from(key.k, "base64url")).update(text).digest();
  const privateKey = createPrivateKey({ key, format: "jwk" });
  // ES256 has two valid signatures of one text, (r, s) and (r, n − s). The Worker takes the one
  // with the smaller s only, node:crypto makes either, each half of the time, and another one when
  // asked again.
  for (;;) {
    const made = sign(digestOf(key), text, { key: privateKey, dsaEncoding: "ieee-p1363" });
    if (key.alg !== "ES256" || BigInt(`0x${made.toString("hex", 32)}`) <= P256_HALF_ORDER) return made;
  }
}

// ── Times, for people ──

/** @param {number} seconds since 1970 */
export const moment = (seconds) => new Date(seconds * 1000).toISOString().replace("T", " ").replace(".000Z", " UTC");

/**
 * A length of time, rounded up: who waits so long has waited long enough.
 * @param {number} seconds
 */
export function span(seconds) {
  const units = /** @type {const} */ ([
    [2 * 86_400, 86_400, "days"],
    [2 * 3_600, 3_600, "h"],
    [120, 60, "min"],
  ]);
  const [, length, unit] = units.find(([from]) => seconds > from) ?? [0, 1, "s"];
  return `${Math.ceil(seconds / length)} ${unit}`;
}
