// What `firebase auth:export users.json --format=json` writes: {"users": [ … ]}, one JSON text
// however many they are, hence a streaming parser. The hashes need the project's parameters, which
// the console shows as "Password hash parameters". Source:
// https://github.com/firebase/firebase-tools, src/accountExporter.ts;
// https://firebase.google.com/docs/cli/auth.

import { readFileSync } from "node:fs";
import { pipeline } from "node:stream";
import { parser } from "stream-json";
import { pick } from "stream-json/filters/pick.js";
import { streamArray } from "stream-json/streamers/stream-array.js";
import { Failure } from "../failure.mjs";
import { derivedId, FOREVER, isObject, present, refused } from "./records.mjs";

/**
 * @typedef {{ base64_signer_key: string, base64_salt_separator: string, rounds: string, mem_cost:
 *   string }} HashParameters
 */

/** @type {import("./records.mjs").Reader} */
export async function* read(file, { hashParameters }) {
  const parameters =
    hashParameters === undefined ? undefined : hashParametersIn(readFileSync(hashParameters, "utf8"), hashParameters);
  let number = 0;
  const users = pipeline(file, parser.asStream(), pick.asStream({ filter: "users" }), streamArray.asStream(), () => {});
  try {
    for await (const { value } of users)
      yield {
        line: ++number,
        ...(isObject(value) ? userOf(value, parameters) : refused("bad_json", "it is no JSON object")),
      };
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(`the file is not what \`firebase auth:export --format=json\` writes, after ${number} users`);
  }
  if (number === 0)
    throw new Failure("the file has no users: it must be what `firebase auth:export --format=json` writes");
}

/**
 * The parameters as the console shows them, `hash_config { algorithm: SCRYPT, … }`.
 * @param {string} text
 * @param {string} name
 * @returns {HashParameters}
 */
export function hashParametersIn(text, name) {
  const found = Object.fromEntries(
    [
      ...text.matchAll(/"?(algorithm|base64_signer_key|base64_salt_separator|rounds|mem_cost)"?\s*:\s*"?([\w+/=]+)/g),
    ].map(([, key, value]) => [key, value]),
  );
  const missing = ["base64_signer_key", "rounds", "mem_cost"].filter((key) => !found[key]);
  if (missing.length > 0)
    throw new Failure(
      `${name} lacks ${missing.join(", ")}: put into it what the Firebase console shows as "Password hash parameters"`,
    );
  if (found.algorithm !== undefined && found.algorithm !== "SCRYPT")
    throw new Failure(`the algorithm in ${name} is ${found.algorithm}: only Firebase's own SCRYPT is exported`);
  return /** @type {any} */ ({ base64_salt_separator: "", ...found });
}

/**
 * @param {Record<string, any>} user
 * @param {HashParameters | undefined} parameters
 * @returns {Omit<import("./records.mjs").RecordRead, "line">}
 */
function userOf(user, parameters) {
  if (typeof user.localId !== "string" || user.localId === "") return refused("bad_json", "it has no localId");
  if (!user.email) {
    if (user.phoneNumber)
      return refused("phone_user", "it has a phone number and no email, and phone numbers are not offered");
    return refused("anonymous_user", "it has no email: only its sessions lead back to it, and they do not move");
  }
  if (user.passwordHash && !parameters)
    throw new Failure("the file has password hashes: name the file with the project's parameters by --hash-parameters");
  const claims = claimsOf(user.customAttributes);
  if (claims === undefined) return refused("bad_json", "customAttributes is no JSON object");
  const providers = (Array.isArray(user.providerUserInfo) ? user.providerUserInfo : [])
    .map((/** @type {any} */ info) => info?.providerId)
    .filter((/** @type {any} */ id) => typeof id === "string");
  return {
    user: present({
      id: derivedId("firebase", user.localId),
      email: user.email,
      email_confirm: user.emailVerified === true,
      password_hash: user.passwordHash && parameters ? hashOf(user, parameters) : undefined,
      created_at: timeOf(user.createdAt),
      last_sign_in_at: timeOf(user.lastSignedInAt),
      banned_until: user.disabled ? FOREVER : undefined,
      user_metadata: present({ full_name: user.displayName, avatar_url: user.photoUrl }),
      app_metadata: {
        provider: "email",
        providers: ["email"],
        ...claims,
        firebase_uid: user.localId,
        ...(providers.length > 0 ? { firebase_providers: providers } : {}),
      },
    }),
  };
}

/**
 * As Supabase Auth writes it, and src/domain/credential/foreign_hash reads it.
 * @param {Record<string, any>} user
 * @param {HashParameters} parameters
 */
const hashOf = ({ salt = "", passwordHash }, { base64_signer_key, base64_salt_separator, rounds, mem_cost }) =>
  `$fbscrypt$v=1,n=${mem_cost},r=${rounds},p=1,ss=${base64_salt_separator},sk=${base64_signer_key}$${salt}$${passwordHash}`;

/** @param {unknown} text of JSON */
function claimsOf(text) {
  if (text === undefined || text === null || text === "") return {};
  try {
    const value = JSON.parse(String(text));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** @param {unknown} milliseconds since 1970, as text or number */
function timeOf(milliseconds) {
  if (milliseconds === undefined || milliseconds === null || milliseconds === "") return undefined;
  const time = new Date(Number(milliseconds));
  return Number.isNaN(time.getTime()) ? String(milliseconds) : time.toISOString(); // what is no time is refused later
}
