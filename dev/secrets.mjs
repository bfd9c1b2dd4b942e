// The secrets of development, in `.dev.vars`, where wrangler reads them: made once, each checkout its own, never
// overwritten. In production they are set with `wrangler secret put`; wrangler.toml says how.

import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { inCheckout } from "./checkout.mjs";
import { say } from "./progress.mjs";

const heading = `# Secrets of local development, read by \`wrangler dev\`; made by dev/secrets.mjs. Never commit, never use elsewhere.
# Delete a line and the next \`npm start\` makes a new one.
`;

/** How each secret is made. */
const secrets = {
  /** Keys for refresh tokens, the password pepper and queued mail are derived from it. */
  AUTH_SECRET: () => randomBytes(32).toString("base64url"),
  /** A JWK set; the key with \`sign\` in \`key_ops\` signs access tokens. */
  JWT_KEYS: () => JSON.stringify({ keys: [signingKey()] }),
  /** What the local mailbox expects instead of a provider's API key. */
  MAIL_API_KEY: () => `re_dev_${randomBytes(18).toString("base64url")}`,
};

function signingKey() {
  const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const kid = randomBytes(12).toString("base64url");
  return { ...privateKey.export({ format: "jwk" }), kid, alg: "ES256", use: "sig", key_ops: ["sign"] };
}

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
  say(`  .dev.vars: made ${added.split("\n").filter(Boolean).map((line) => line.split("=")[0]).join(", ")}`);
  return values;
}

/** The lines `NAME=value` of a dotenv file; quotes around a value are not part of it. @param {string} text */
function parse(text) {
  /** @type {Record<string, string>} */
  const values = {};
  for (const line of text.split("\n")) {
    const [, name, value] = line.match(/^\s*(?:export\s+)?([A-Za-z_]\w*)\s*=\s*(.*?)\s*$/) ?? [];
    if (name) values[name] = value.replace(/^(['"])(.*)\1$/, "$2");
  }
  return values;
}
