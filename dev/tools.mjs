// The Rust programs that the build needs: built once per version into the per-user cache.

import { existsSync, mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { inCache, inCheckout } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import { run } from "./processes.mjs";
import { step } from "./progress.mjs";

/** Must be of the same series as the crate `worker` in Cargo.lock. */
const WORKER_BUILD_VERSION = "0.8.7";

/** Turns the compiled Worker into what wrangler deploys. */
export const workerBuild = () => tool("worker-build", WORKER_BUILD_VERSION, ["--locked"]);

/**
 * Must be of exactly the locked version. Not --locked itself: its own lock file did not resolve
 * when this was written.
 */
export const wasmBindgen = () => tool("wasm-bindgen-cli", lockedVersion("wasm-bindgen"), [], "wasm-bindgen");

/** Drives libFuzzer, for the nightly tests. */
export const cargoFuzz = () => tool("cargo-fuzz", "0.13.2", ["--locked"]);

/** The version of a crate in Cargo.lock. @param {string} crate */
function lockedVersion(crate) {
  const version = readFileSync(inCheckout("Cargo.lock"), "utf8").match(
    new RegExp(`name = "${crate}"\\nversion = "([^"]+)"`),
  )?.[1];
  if (!version) throw new Failure(`Cargo.lock has no ${crate}: run \`cargo update -w\``);
  return version;
}

/**
 * The path of a program, which is built if it is not there yet.
 * @param {string} crate @param {string} version @param {string[]} flags @param {string} [program]
 */
async function tool(crate, version, flags, program = crate) {
  const directory = inCache("tools", `${crate}-${version}`);
  const path = join(directory, "bin", program);
  if (existsSync(path)) return path;
  await step(`Building ${crate} ${version} (once)`, async () => {
    const making = `${directory}.making-${process.pid}`;
    mkdirSync(dirname(directory), { recursive: true });
    // An unoptimised build takes a third of the time, and these run for a second.
    await run("cargo", ["install", "--debug", ...flags, "--root", making, `${crate}@${version}`], {
      env: { ...process.env, CARGO_PROFILE_DEV_DEBUG: "0" },
      failure: `${crate} ${version} cannot be built: see above; does this machine reach the Rust registry?`,
    });
    if (!existsSync(directory)) renameSync(making, directory);
    rmSync(making, { recursive: true, force: true });
  });
  return path;
}
