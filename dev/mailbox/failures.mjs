// Failures on purpose: rules that make sending fail, by whichever API, so that retries can be
// tested and watched. A rule applies only to requests that the provider would have accepted: a
// wrong request stays a wrong request.

import { randomUUID } from "node:crypto";
import { validateHeaderName, validateHeaderValue } from "node:http";
import { addressOf, isAddress } from "./addresses.mjs";

/** Longest delay: 10 minutes, far beyond any client's timeout. */
const MAX_DELAY_MS = 10 * 60 * 1000;

/** More rules than anybody sets by hand; bounds memory. */
const MAX_RULES = 100;

/** Headers that Node must write itself, or the answer would not be HTTP. */
const FRAMING_HEADERS = new Set([
  "connection",
  "content-length",
  "keep-alive",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** What the answer is made of: only with `status`. */
const ANSWER_FIELDS = ["body", "headers"];

/**
 * @typedef {object} FailureRequest at least one of status, drop, drop_after_accept and delay_ms
 * @property {number} [status] answer with this, 200 to 599, and accept nothing
 * @property {unknown} [body] of that answer: a string as it is, anything else as JSON; default: the
 *   provider's error for the status
 * @property {Record<string, string>} [headers] of that answer, such as `retry-after`
 * @property {true} [drop] close the connection without an answer, and accept nothing
 * @property {true} [drop_after_accept] accept the mail, then close the connection: the answer is
 *   lost
 * @property {number} [delay_ms] wait first. Alone: answer late, and accept even if the sender has
 *   gone
 * @property {string} [to] only mails to this address
 * @property {number} [times] how often; default: until cleared
 */

/**
 * @typedef {FailureRequest & { id: string, used: number }} Failure `used`: how often it has applied
 */

/**
 * Checks a rule, field by field.
 * @type {Record<string, [test: (value: unknown) => boolean, rule: string]>}
 */
const FIELDS = {
  status: [(value) => Number.isInteger(value) && value >= 200 && value <= 599, "is a whole number from 200 to 599"],
  body: [(value) => value !== undefined, "is a string or JSON"],
  headers: [areHeaders, "is an object of header names and text, without framing headers"],
  drop: [(value) => value === true, "is true or absent"],
  drop_after_accept: [(value) => value === true, "is true or absent"],
  delay_ms: [
    (value) => Number.isInteger(value) && value >= 0 && value <= MAX_DELAY_MS,
    `is a whole number from 0 to ${MAX_DELAY_MS}`,
  ],
  to: [(value) => typeof value === "string" && isAddress(value), "is a mail address"],
  times: [
    (value) => Number.isInteger(value) && value >= 1 && value <= 1_000_000,
    "is a whole number from 1 to 1000000",
  ],
};

/** @param {unknown} value */
function areHeaders(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
  return Object.entries(value).every(([name, text]) => {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, text);
      return typeof text === "string" && !FRAMING_HEADERS.has(name.toLowerCase());
    } catch {
      return false;
    }
  });
}

/**
 * @param {unknown} input
 * @returns {FailureRequest}
 * @throws {TypeError} says what is wrong
 */
export function parseFailure(input) {
  if (typeof input !== "object" || input === null || Array.isArray(input))
    throw new TypeError("a failure is an object");
  const rule = Object.fromEntries(Object.entries(input).filter(([, value]) => value !== undefined));
  for (const [field, value] of Object.entries(rule)) {
    if (!Object.hasOwn(FIELDS, field))
      throw new TypeError(`\`${field}\` is not a field of a failure: ${Object.keys(FIELDS).join(", ")}`);
    const [test, text] = FIELDS[field];
    if (!test(value)) throw new TypeError(`\`${field}\` ${text}`);
  }
  const effects = ["status", "drop", "drop_after_accept"].filter((field) => field in rule);
  if (effects.length > 1) throw new TypeError(`\`${effects.join("` and `")}\` exclude each other`);
  if (effects.length === 0 && !("delay_ms" in rule))
    throw new TypeError("a failure needs one of status, drop, drop_after_accept, delay_ms");
  const stray = ANSWER_FIELDS.find((field) => field in rule && !("status" in rule));
  if (stray) throw new TypeError(`\`${stray}\` needs \`status\``);
  return rule;
}

export function createFailures() {
  /** @type {Failure[]} */
  let rules = [];
  let version = 0;

  return {
    get version() {
      return version;
    },

    /**
     * @param {unknown} input
     * @returns {Failure}
     * @throws {TypeError} says what is wrong
     */
    add(input) {
      const rule = { id: randomUUID(), ...parseFailure(input), used: 0 };
      if (rules.length === MAX_RULES) throw new TypeError(`there are ${MAX_RULES} failures already: clear some`);
      rules.push(rule);
      version += 1;
      return { ...rule };
    },

    /** In the order in which they were set; the first that fits applies. */
    list: () => rules.map((rule) => ({ ...rule })),

    /** @param {string} id */
    remove(id) {
      const before = rules.length;
      rules = rules.filter((rule) => rule.id !== id);
      version += 1;
      return rules.length < before;
    },

    clear() {
      rules = [];
      version += 1;
    },

    /**
     * The rule that applies to a mail to these recipients, counted as used. A rule that is used up
     * is gone.
     * @param {string[]} recipients
     * @returns {Failure | undefined}
     */
    take(recipients) {
      const addresses = recipients.map((recipient) => addressOf(recipient).toLowerCase());
      const rule = rules.find(({ to }) => to === undefined || addresses.includes(to.toLowerCase()));
      if (!rule) return undefined;
      rule.used += 1;
      version += 1;
      if (rule.used === rule.times) rules = rules.filter((other) => other !== rule);
      return rule;
    },
  };
}
