// The Rust that is on the PATH: is it there, is it new enough.

import { spawnSync } from "node:child_process";
import { Failure } from "./failure.mjs";

/** The `rust-version` of Cargo.toml, which is what the crate `worker` needs. */
const OLDEST_RUST = [1, 91];

/**
 * What a program prints, or undefined if it cannot be run or fails.
 * @param {string} command @param {string[]} args
 */
export function ask(command, args) {
  const { status, stdout } = spawnSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  return status === 0 ? stdout.trim() : undefined;
}

/**
 * What a rustc says about itself.
 * @param {string} rustc
 * @returns {{ release: string, commit: string, host: string, isNewEnough: boolean } | undefined}
 */
export function describeRust(rustc) {
  const text = ask(rustc, ["-vV"]);
  if (!text) return undefined;
  const field = (/** @type {string} */ name) => text.match(new RegExp(`^${name}: (.*)$`, "m"))?.[1] ?? "";
  const release = field("release");
  const [major, minor] = release.split(".").map(Number);
  const [wantedMajor, wantedMinor] = OLDEST_RUST;
  const isNewEnough = major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  return { release, commit: field("commit-hash").slice(0, 9), host: field("host"), isNewEnough };
}

/** The Rust on the PATH, which builds the tools and the native tests. */
export function requireRust() {
  const rust = describeRust("rustc");
  const wanted = OLDEST_RUST.join(".");
  if (!rust || !ask("cargo", ["--version"])) {
    throw new Failure(`Rust is missing: install ${wanted} or newer with rustup (see rust-lang.org/tools/install)`);
  }
  if (!rust.isNewEnough)
    throw new Failure(`Rust ${rust.release} is too old: run \`rustup update stable\` to get ${wanted} or newer`);
  return rust;
}
