// Where things are: the checkout, its private state, and the per-user cache that all checkouts
// share.

import { mkdirSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The root of this checkout. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A path inside of the checkout. @param {string[]} parts */
export const inCheckout = (...parts) => join(root, ...parts);

/**
 * A path inside of `.edgegate`: what this checkout's commands keep between runs; git-ignored.
 * @param {string[]} parts
 */
export const inState = (...parts) => join(root, ".edgegate", ...parts);

/**
 * A path inside of the cache, which holds only what can be made again: tools, the wasm standard
 * library.
 * @param {string[]} parts
 */
export const inCache = (...parts) =>
  join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "edgegate", ...parts);

/** True when we are the superuser, who may install system packages but may not run PostgreSQL. */
export const isRoot = process.getuid?.() === 0;

/** Makes `.edgegate`, readable by its owner only: it holds passwords and data. */
export function makeState() {
  mkdirSync(inState(), { recursive: true, mode: 0o700 });
}
