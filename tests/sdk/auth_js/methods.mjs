// Which methods @supabase/auth-js has, which of them a test has really called, and with what
// outcome. Not here: what each method is expected to do (methods.test.mjs has the table, the other
// files the tests).

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { AuthClient } from "@supabase/auth-js";

const library = dirname(createRequire(import.meta.url).resolve("@supabase/auth-js/package.json"));
export const version = JSON.parse(readFileSync(join(library, "package.json"), "utf8")).version;

/**
 * Members that the type declarations keep from apps. At run time nothing tells them from the
 * others.
 */
const hidden = new Set(
  ["GoTrueClient.d.ts", "GoTrueAdminApi.d.ts", "lib/webauthn.d.ts"].flatMap((file) =>
    [
      ...readFileSync(join(library, "dist/module", file), "utf8").matchAll(
        /^ {4}(?:private|protected) (?:static )?(?:[gs]et )?(\w+)/gm,
      ),
    ].map(([, name]) => name),
  ),
);

/**
 * @param {object} value
 * @returns {string[]} the names of its members, those of its class among them
 */
function members(value) {
  const own = Object.getOwnPropertyNames(value);
  const prototype = Object.getPrototypeOf(value);
  const inherited = prototype === Object.prototype ? [] : Object.getOwnPropertyNames(prototype);
  return [...new Set([...own, ...inherited])].filter(
    (name) => name !== "constructor" && !name.startsWith("_") && !hidden.has(name),
  );
}

/**
 * The names of the public methods of a client and of its namespaces: `signUp`, `mfa.enroll`,
 * `admin.mfa.listFactors`.
 * @param {any} value
 * @param {string} [prefix]
 * @returns {string[]}
 */
function methodsOf(value, prefix = "") {
  return members(value).flatMap((name) => {
    if (typeof value[name] === "function") return [prefix + name];
    return value[name] !== null && typeof value[name] === "object" ? methodsOf(value[name], `${prefix}${name}.`) : [];
  });
}

const unused = () =>
  new AuthClient({
    url: "http://127.0.0.1:1",
    autoRefreshToken: false,
    persistSession: false,
    skipAutoInitialize: true,
  });

/** Every public method, sorted. */
export const methods = methodsOf(unused()).sort();

/**
 * What the calls of the tests came to.
 * @type {Map<string, { succeeded: number, refusals: Set<string> }>}
 */
export const called = new Map();

/** @param {string} name @param {any} result */
function record(name, result) {
  const outcomes = called.get(name) ?? { succeeded: 0, refusals: new Set() };
  called.set(name, outcomes);
  if (result?.error) outcomes.refusals.add(result.error.code ?? result.error.name);
  else outcomes.succeeded += 1;
}

/**
 * The client itself, which records the calls that a test makes. Those that the client makes to
 * itself are not counted.
 * @template {object} T @param {T} target @param {string} [prefix] @returns {T}
 */
export function recorded(target, prefix = "") {
  return new Proxy(target, {
    get(_, key) {
      const value = /** @type {any} */ (target)[key];
      if (typeof key !== "string" || key.startsWith("_") || hidden.has(key)) return value;
      if (typeof value === "function") {
        return (/** @type {any[]} */ ...args) => {
          const result = value.apply(target, args);
          if (!(result instanceof Promise)) return (record(prefix + key, result), result);
          return result.then(
            (settled) => (record(prefix + key, settled), settled),
            (error) => (record(prefix + key, { error }), Promise.reject(error)),
          );
        };
      }
      return value !== null && typeof value === "object" ? recorded(value, `${prefix}${key}.`) : value;
    },
  });
}
