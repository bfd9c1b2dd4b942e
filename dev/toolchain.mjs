// The Rust toolchain that compiles to WebAssembly. In this order:
//   1. the active one, if it has the target wasm32-unknown-unknown;
//   2. one that dev/debian_toolchain.mjs made earlier;
//   3. the active one after `rustup target add`;
//   4. where Rust's own distribution server is out of reach: Debian's Rust, with a standard library
//      built from its source.

import { existsSync, readdirSync } from "node:fs";
import { delimiter } from "node:path";
import { debianToolchain, findDebianToolchain } from "./debian_toolchain.mjs";
import { hasApt } from "./apt.mjs";
import { Failure } from "./failure.mjs";
import { run } from "./processes.mjs";
import { step } from "./progress.mjs";
import { ask, requireRust } from "./rust.mjs";

export const WASM_TARGET = "wasm32-unknown-unknown";
/**
 * How long `rustup target add` may take: it loads some 30 MB, but without a network it may hang.
 * Milliseconds.
 */
const TARGET_ADD_MS = 120_000;

/**
 * @typedef {object} Toolchain
 * @property {string} identity changes when the compiler does
 * @property {string | undefined} bin a directory that has to come first on the PATH
 */

/** @returns {Promise<Toolchain>} */
export async function wasmToolchain() {
  const rust = requireRust();
  const active = { identity: `${rust.release}-${rust.commit}`, bin: undefined };
  if (activeHasTarget()) return active;
  const made = findDebianToolchain();
  if (made) return made;
  if (await addTarget()) return active;
  if (hasApt()) return debianToolchain();
  throw new Failure(
    `Rust cannot compile to WebAssembly here: run \`rustup target add ${WASM_TARGET}\` where the network allows it`,
  );
}

/**
 * The environment in which `cargo`, `rustc` and `worker-build` use this toolchain.
 * @param {Toolchain} toolchain
 */
export function toolchainEnvironment(toolchain) {
  if (!toolchain.bin) return { ...process.env };
  return { ...process.env, PATH: [toolchain.bin, process.env.PATH].join(delimiter) };
}

function activeHasTarget() {
  const libraries = ask("rustc", ["--print", "target-libdir", "--target", WASM_TARGET]);
  return Boolean(
    libraries && existsSync(libraries) && readdirSync(libraries).some((name) => /^libcore-.*\.rlib$/.test(name)),
  );
}

async function addTarget() {
  if (!ask("rustup", ["--version"])) return false;
  return step(`Adding Rust's target ${WASM_TARGET}`, async () => {
    try {
      await run("rustup", ["target", "add", WASM_TARGET], { timeoutMs: TARGET_ADD_MS });
    } catch (error) {
      if (error instanceof Failure) return false; // out of reach: Debian's packages are next
      throw error;
    }
    return activeHasTarget();
  });
}
