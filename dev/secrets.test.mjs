// Tests of dev/secrets.mjs.

import assert from "node:assert/strict";
import { createPrivateKey, sign } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { developmentSecrets } from "./secrets.mjs";

let directory = "";
let path = "";

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "edgegate-secrets-"));
  path = join(directory, ".dev.vars");
});
afterEach(() => rmSync(directory, { recursive: true }));

test("fresh secrets have the promised form", () => {
  const { AUTH_SECRET, JWT_KEYS, MAIL_API_KEY } = developmentSecrets(path);
  assert.equal(Buffer.from(AUTH_SECRET, "base64url").length, 32);
  assert.match(MAIL_API_KEY, /^re_dev_[\w-]{24}$/);
  const { keys } = JSON.parse(JWT_KEYS);
  assert.equal(keys.length, 1);
  const { kty, crv, alg, use, key_ops, kid } = keys[0];
  assert.deepEqual(
    { kty, crv, alg, use, key_ops },
    { kty: "EC", crv: "P-256", alg: "ES256", use: "sig", key_ops: ["sign"] },
  );
  assert.match(kid, /^[\w-]{16}$/);
  assert.ok(sign("sha256", Buffer.from("text"), createPrivateKey({ key: keys[0], format: "jwk" })).length > 0);
});

test("the file is readable by its owner only and each secret stands on one line", () => {
  developmentSecrets(path);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const names = readFileSync(path, "utf8")
    .split("\n")
    .filter((line) => line && !line.startsWith("#"))
    .map((line) => line.split("=")[0]);
  assert.deepEqual(names, ["AUTH_SECRET", "JWT_KEYS", "MAIL_API_KEY"]);
});

test("two checkouts share no secret", () => {
  const [one, other] = [developmentSecrets(path), developmentSecrets(join(directory, "other"))];
  for (const name of Object.keys(one)) assert.notEqual(one[name], other[name]);
});

test("what is there is never overwritten and what is missing is added", () => {
  writeFileSync(path, 'AUTH_SECRET="mine"\nOWN=kept', { mode: 0o644 });
  const values = developmentSecrets(path);
  assert.equal(values.AUTH_SECRET, "mine");
  const text = readFileSync(path, "utf8");
  assert.ok(text.startsWith('AUTH_SECRET="mine"\nOWN=kept\nJWT_KEYS='), text);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  assert.deepEqual(developmentSecrets(path), values);
  assert.equal(readFileSync(path, "utf8"), text);
});
