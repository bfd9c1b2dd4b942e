// Access tokens from the outside, by node:crypto alone: keys for JWT_KEYS, a verifier as an app
// would write it, and a forger.

import {
  createHmac,
  createPublicKey,
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  verify,
} from "node:crypto";

/** @typedef {Record<string, any>} Jwk */

/** How each algorithm's key is made. @type {Record<string, () => Jwk>} */
const makers = {
  ES256: () => generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ format: "jwk" }),
  EdDSA: () => generateKeyPairSync("ed25519").privateKey.export({ format: "jwk" }),
  HS256: () => ({ kty: "oct", k: randomBytes(32).toString("base64url") }),
};

/** A key that signs. @param {string} algorithm @returns {Jwk} */
export const makeKey = (algorithm) => ({
  ...makers[algorithm](),
  kid: randomBytes(9).toString("base64url"),
  alg: algorithm,
  use: "sig",
  key_ops: ["sign"],
});

/** @param {unknown} value */
const encode = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
/** @param {string} part */
const decode = (part) => JSON.parse(Buffer.from(part, "base64url").toString("utf8"));

/**
 * Header and claims of a token, whatever its signature.
 * @param {string} token
 * @returns {{ header: any, claims: any }}
 */
export function read(token) {
  const [header, claims] = token.split(".");
  return { header: decode(header), claims: decode(claims) };
}

/** Number of points of P-256 (FIPS 186-5): with `s`, the order minus `s` is a signature, too. */
const P256_ORDER = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;

/** The other signature that says the same. @param {Buffer} signature of ES256 */
function mirrored(signature) {
  const s = P256_ORDER - BigInt(`0x${signature.toString("hex", 32)}`);
  return Buffer.concat([signature.subarray(0, 32), Buffer.from(s.toString(16).padStart(64, "0"), "hex")]);
}

/**
 * A token that differs from this one only in its signature, which every library accepts.
 * @param {string} token of ES256
 */
export function twin(token) {
  const [header, claims, signature] = token.split(".");
  return [header, claims, mirrored(Buffer.from(signature, "base64url")).toString("base64url")].join(".");
}

/** @param {Jwk} key @param {string} text */
function signature(key, text) {
  if (key.alg === "HS256") return createHmac("sha256", Buffer.from(key.k, "base64url")).update(text).digest();
  const privateKey = createPrivateKey({ key, format: "jwk" });
  if (key.alg === "EdDSA") return sign(null, Buffer.from(text), privateKey);
  const made = sign("sha256", Buffer.from(text), { key: privateKey, dsaEncoding: "ieee-p1363" });
  // Of the two, the Worker makes and takes the one with the smaller s.
  return BigInt(`0x${made.toString("hex", 32)}`) > P256_ORDER / 2n ? mirrored(made) : made;
}

/**
 * A token that says what we want, signed with the key we want.
 * @param {object} claims
 * @param {Jwk} key
 * @param {object} [header]
 */
export function forge(claims, key, header = { alg: key.alg, typ: "JWT", kid: key.kid }) {
  const text = `${encode(header)}.${encode(claims)}`;
  return `${text}.${signature(key, text).toString("base64url")}`;
}

/** @param {Jwk} jwk @param {string} text @param {Buffer} given */
function isSignature(jwk, text, given) {
  if (jwk.alg === "HS256") return signature(jwk, text).equals(given);
  const key = createPublicKey({ key: jwk, format: "jwk" });
  return verify(jwk.alg === "ES256" ? "sha256" : null, Buffer.from(text), { key, dsaEncoding: "ieee-p1363" }, given);
}

/**
 * The claims, if one of the public keys signed the token; as an app does it that knows nothing but
 * the JWKS.
 * @param {string} token
 * @param {{ keys: Jwk[] }} jwks
 */
export function verified(token, jwks) {
  const { header, claims } = read(token);
  const jwk = jwks.keys.find((candidate) => candidate.kid === header.kid && candidate.alg === header.alg);
  if (!jwk) throw new Error("no such public key");
  const [, text, given] = /** @type {RegExpMatchArray} */ (token.match(/^(.*)\.([^.]*)$/));
  if (!isSignature(jwk, text, Buffer.from(given, "base64url"))) throw new Error("the signature is not of that key");
  return claims;
}
