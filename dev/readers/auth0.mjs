// Users of Auth0 as JSON lines: the bulk export of profiles (format json), or the export of
// password hashes that Auth0's support makes, or both: then --hashes names the second one, which is
// kept in memory, some 200 bytes for each user. Source:
// https://auth0.com/docs/manage-users/user-migration/bulk-user-exports,
// https://support.auth0.com/center/s/article/How-to-Use-the-Password-Hashes-Export-from-Auth0

import { createReadStream } from "node:fs";
import { Failure } from "../failure.mjs";
import { derivedId, FOREVER, isObject, jsonLines, present, refused } from "./records.mjs";

/** @type {import("./records.mjs").Reader} */
export async function* read(file, { hashes, dropSecondFactors = false }) {
  const known = hashes === undefined ? new Map() : await hashesIn(hashes);
  yield* jsonLines(file, (object) => userOf(object, known, dropSecondFactors));
}

/** The password hashes by user id. @param {string} path @returns {Promise<Map<string, string>>} */
async function hashesIn(path) {
  const found = new Map();
  for await (const { line, user } of jsonLines(createReadStream(path), (object) => ({ user: object }))) {
    const id = user && idOf(user);
    if (!id) throw new Failure(`${path}, line ${line}: no user of Auth0's export of password hashes`);
    if (typeof user.passwordHash === "string") found.set(id, user.passwordHash);
  }
  return found;
}

/**
 * `auth0|…`, as tokens of Auth0 name the user.
 * @param {Record<string, any>} object
 * @returns {string | undefined}
 */
function idOf(object) {
  if (typeof object.user_id === "string" && object.user_id)
    return object.user_id.includes("|") ? object.user_id : `auth0|${object.user_id}`;
  const bare = object.alt_id ?? object._id?.$oid;
  return typeof bare === "string" && bare ? `auth0|${bare}` : undefined;
}

/**
 * @param {Record<string, any>} object
 * @param {Map<string, string>} known
 * @param {boolean} dropSecondFactors
 * @returns {Omit<import("./records.mjs").RecordRead, "line">}
 */
function userOf(object, known, dropSecondFactors) {
  const id = idOf(object);
  if (!id) return refused("bad_json", "it has neither user_id nor _id");
  const identifier = (Array.isArray(object.identifiers) ? object.identifiers : []).find(
    (/** @type {any} */ one) => one?.type === "email",
  );
  const email = object.email ?? identifier?.value;
  if (!email)
    return refused(
      object.phone_number ? "phone_user" : "validation_failed",
      object.phone_number ? "it has a phone number and no email, and phone numbers are not offered" : "it has no email",
    );
  const factors = Array.isArray(object.multifactor) ? object.multifactor : [];
  if (factors.length > 0 && !dropSecondFactors)
    return refused(
      "second_factor",
      "it has a second factor, which does not move: --drop-second-factors imports it without",
    );
  for (const name of ["user_metadata", "app_metadata"])
    if (object[name] && !isObject(object[name])) return refused("bad_json", `${name} is no JSON object`);
  return {
    user: present({
      id: derivedId("auth0", id),
      email,
      email_confirm: (object.email_verified ?? identifier?.verified) === true,
      password_hash: object.passwordHash ?? known.get(id),
      created_at: object.created_at?.$date ?? object.created_at,
      updated_at: object.updated_at?.$date ?? object.updated_at,
      last_sign_in_at: object.last_login?.$date ?? object.last_login,
      banned_until: object.blocked === true ? FOREVER : undefined,
      user_metadata: {
        ...present({ full_name: object.name === email ? undefined : object.name, avatar_url: object.picture }),
        ...object.user_metadata,
      },
      app_metadata: { provider: "email", providers: ["email"], ...object.app_metadata, auth0_user_id: id },
    }),
  };
}
