// Tokens that every verifier must refuse, most of them made from a good one by whoever might: a
// forger, or edgegate for another purpose.

import { createPublicKey } from "node:crypto";
import { withToken } from "../../dev/key_set.mjs";
import { forge, makeKey, read } from "../workerd/keys.mjs";

/** @typedef {import("../workerd/keys.mjs").Jwk} Jwk */

const seconds = () => Math.floor(Date.now() / 1000);

/**
 * As `npm run keys -- token --role introspector` makes it, which is what docs/verify.md advises.
 * @param {Jwk} key
 */
export const serviceToken = (key) => withToken({ keys: [key] }, seconds(), { days: 1, role: "introspector" }).token;

/**
 * A good token like this one, but of an edge whose clock is ahead.
 * @param {string} good
 * @param {Jwk} key
 */
export const issuedAhead = (good, key) => forge({ ...read(good).claims, iat: seconds() + 3 }, key);

/** @param {string} token @param {number} part @param {(text: string) => string} change */
const changed = (token, part, change) =>
  token
    .split(".")
    .map((text, index) => (index === part ? change(text) : text))
    .join(".");

/** @param {string} text of base64url */
const otherFirst = (text) => (text[0] === "A" ? "B" : "A") + text.slice(1);

/**
 * By what is wrong with them.
 * @param {{ access_token: string, refresh_token: string }} session a living one
 * @param {Jwk} key that signs
 * @returns {Record<string, string>}
 */
export function badTokens({ access_token: good, refresh_token: refreshToken }, key) {
  const { claims } = read(good);
  const { exp: _, ...endless } = claims;
  const foreign = makeKey("ES256");
  const { kty, crv, x, y } = key;
  const publicPem = createPublicKey({ key: { kty, crv, x, y }, format: "jwk" }).export({ type: "spki", format: "pem" });
  const header = { alg: "ES256", typ: "JWT", kid: key.kid };
  return {
    "expired an hour ago": forge({ ...claims, iat: seconds() - 4_200, exp: seconds() - 3_600 }, key),
    "expired this very second": forge({ ...claims, exp: seconds() }, key),
    "without an end": forge(endless, key),
    "of somebody else, under the old signature": changed(
      good,
      1,
      () => forge({ ...claims, sub: crypto.randomUUID() }, key).split(".")[1],
    ),
    "with another signature": changed(good, 2, otherFirst),
    "without a signature": changed(good, 2, () => ""),
    "signed by a foreign key under our key's id": forge(claims, { ...foreign, kid: key.kid }),
    "signed by a foreign key under its own id": forge(claims, foreign),
    "of the algorithm none": changed(forge(claims, key, { ...header, alg: "none" }), 2, () => ""),
    "of HS256 with the public key as the secret": forge(
      claims,
      { alg: "HS256", k: Buffer.from(publicPem).toString("base64url") },
      { ...header, alg: "HS256" },
    ),
    "for another audience": forge({ ...claims, aud: "somebody else" }, key),
    "for no audience": forge({ ...claims, aud: undefined }, key),
    "of another issuer": forge({ ...claims, iss: "https://elsewhere.example.test/auth/v1" }, key),
    "of no issuer": forge({ ...claims, iss: undefined }, key),
    "that is a service token": serviceToken(key),
    "that is a refresh token": refreshToken,
    "that is no token": "x",
    "that has the form of one only": "a.b.c",
  };
}
