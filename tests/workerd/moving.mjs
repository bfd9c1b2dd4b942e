// What it takes to move accounts in and out as operators do: the command, and hashes of every
// system.

import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { inCheckout } from "../../dev/checkout.mjs";

export const PASSWORD = "correct horse battery staple";

/** Hashes of PASSWORD; the source is tests/domain/credential/foreign_hash/made.rs. */
export const HASHES = Object.fromEntries(
  [
    ...readFileSync(inCheckout("tests/domain/credential/foreign_hash/made.rs"), "utf8").matchAll(
      /pub const (\w+): &str =\s*"([^"]+)"/g,
    ),
  ]
    .filter(([, name]) => !/UNICODE|LONG|DEFAULT|COMPATIBILITY/.test(name))
    .map(([, name, hash]) => [name.toLowerCase(), hash]),
);

/**
 * The command `npm run admin`, as a process of its own.
 * @param {string[]} args
 * @param {string} databaseUrl
 * @param {Record<string, string>} [environment]
 */
export function startAdmin(args, databaseUrl, environment = {}) {
  const program = `
    const { main } = await import(${JSON.stringify(pathToFileURL(inCheckout("dev", "admin.mjs")).href)});
    process.exitCode = await main(${JSON.stringify(args)}, { database: async () => ({ url: process.env.ADMIN_DATABASE }) });`;
  const { promise, resolve } = /** @type {PromiseWithResolvers<{ status: number, output: string }>} */ (
    Promise.withResolvers()
  );
  const child = execFile(
    process.execPath,
    ["--input-type=module", "--eval", program],
    { env: { ...process.env, ADMIN_DATABASE: databaseUrl, ...environment } },
    (_, stdout, stderr) => resolve({ status: child.exitCode ?? -1, output: stdout + stderr }),
  );
  return { pid: /** @type {number} */ (child.pid), ended: promise };
}
