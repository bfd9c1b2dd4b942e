// The secrets of development, in `.dev.vars`, where wrangler reads them: made once, each checkout
// its own, never overwritten. In production they are set with `wrangler secret put`; wrangler.toml
// says how. Replacing the key that signs is in dev/keys.mjs.

import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { randomBytes } from "node:crypto";
import { inCheckout } from "./checkout.mjs";
import { newSet, textOf } from "./key_set.mjs";
import { say } from "./progress.mjs";

const heading = `# Secrets of local development, read by \`wrangler dev\`; made by dev/secrets.mjs. Never commit, never use elsewhere.
# Delete a line and the next \`npm start\` makes a new one.
`;

/** How each secret is made. */
const secrets = {
  /** Keys for refresh tokens, the password pepper and queued mail are derived from it. */
  AUTH_SECRET: () => randomBytes(32).toString("base64url"),
  /** A JWK set; the key with \`sign\` in \`key_ops\` signs access tokens. */
  JWT_KEYS: () => textOf(newSet("ES256", Math.floor(Date.now() / 1000))),
  /** What the local mailbox expects instead of a provider's API key. */
  MAIL_API_KEY: () => `re_dev_${randomBytes(18).toString("base64url")}`,
};

/**
 * Reads `.dev.vars`, after adding what is missing.
 * @param {string} [path]
 * @returns {Record<string, string>} the values by name
 */
export function developmentSecrets(path = inCheckout(".dev.vars")) {
  const present = existsSync(path) ? readFileSync(path, "utf8") : "";
  const values = parse(present);
  let added = "";
  for (const [name, make] of Object.entries(secrets)) {
    if (values[name] !== undefined) continue;
    values[name] = make();
    added += `${name}='${values[name]}'\n`; // in quotes, for the sake of JSON
  }
  if (!added) return values;
  const separator = present === "" ? heading : present.endsWith("\n") ? "" : "\n";
  writeFileSync(path, present + separator + added, { mode: 0o600 });
  chmodSync(path, 0o600); // the mode above counts for a new file only
  say(
    `  .dev.vars: made ${added
      .split("\n")
      .filter(Boolean)
      .map((line) => line.split("=")[0])
      .join(", ")}`,
  );
  return values;
}

/** A line of a dotenv file. */
const assignment = /^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/;

/**
 * The lines `NAME=value` of a dotenv file; quotes around a value are not part of it.
 * @param {string} text
 */
export function parse(text) {
  /** @type {Record<string, string>} */
  const values = {};
  for (const line of text.split("\n")) {
    const [, name, value] = line.match(assignment) ?? [];
    if (name) values[name] = value.replace(/^(['"])(.*)\1$/, "$2");
  }
  return values;
}

/**
 * A dotenv file in which a name that it has gets another value: JSON on one line.
 * @param {string} text
 * @param {string} name
 * @param {string} json
 */
export function withJson(text, name, json) {
  const lines = text.split("\n");
  const last = lines.findLastIndex((line) => line.match(assignment)?.[1] === name); // the one that counts
  lines[last] = `${name}='${json.replaceAll("'", "\\u0027")}'`; // the same in JSON, and no end of the quotes
  return lines.join("\n");
}
