// The way to WebAssembly where Rust's distribution server is out of reach: Debian's Rust for web
// browsers, whose package of sources lets us build the standard library for wasm ourselves. It is
// built once, into the per-user cache and not into /usr, so that an ordinary user can do it after
// root installed the packages.

import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { installDebianPackages } from "./apt.mjs";
import { inCache } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import { recordDirectory } from "./orphans.mjs";
import { run } from "./processes.mjs";
import { step } from "./progress.mjs";
import { describeRust } from "./rust.mjs";

/** lld-22 is what the package's /usr/bin/rust-lld links to; only recommended, so named. */
const packages = ["rustc-web", "cargo-web", "rust-web-src", "rust-web-llvm", "lld-22"];
const rustc = "/usr/bin/rustc";
const cargo = "/usr/bin/cargo";
const linker = "/usr/bin/rust-lld";
const librarySource = "/usr/lib/rustlib/src/rust/library/Cargo.toml";
const target = "wasm32-unknown-unknown";

/** @typedef {import("./toolchain.mjs").Toolchain} Toolchain */

/** Where the toolchain for the installed rustc is, or would be. */
function place() {
  const rust = describeRust(rustc);
  if (!rust?.isNewEnough || ![cargo, linker, librarySource].every((file) => existsSync(file))) return undefined;
  const identity = `${rust.release}-${rust.commit}`;
  return { identity, host: rust.host, directory: inCache("wasm-toolchain", identity) };
}

/** The toolchain, if it was made earlier. @returns {Toolchain | undefined} */
export function findDebianToolchain() {
  const found = place();
  if (!found || !existsSync(found.directory)) return undefined;
  return { identity: found.identity, bin: join(found.directory, "bin") };
}

/** Installs what is missing and makes the toolchain. @returns {Promise<Toolchain>} */
export async function debianToolchain() {
  if (!place())
    await step("Installing Debian's Rust for WebAssembly", () =>
      installDebianPackages(packages, "compiling to WebAssembly"),
    );
  if (!existsSync(linker)) {
    const wanted = readlinkSync(linker); // another release of the packages, which links to another lld
    await installDebianPackages([wanted], "linking WebAssembly");
  }
  const found = place();
  if (!found)
    throw new Failure(
      `this Debian's package rustc-web is too old to compile the Worker: run \`rustup target add ${target}\` where the network allows it`,
    );
  await step("Building Rust's standard library for WebAssembly (once)", () => build(found));
  return { identity: found.identity, bin: join(found.directory, "bin") };
}

/** @param {{ directory: string, host: string }} toolchain */
async function build({ directory, host }) {
  mkdirSync(dirname(directory), { recursive: true });
  const work = mkdtempSync(`${directory}.making-`);
  recordDirectory(work);
  const crate = join(work, "crate");
  mkdirSync(crate);
  writeFileSync(join(crate, "lib.rs"), "#![no_std]\n");
  writeFileSync(
    join(crate, "Cargo.toml"),
    '[package]\nname = "empty"\nversion = "0.0.0"\nedition = "2021"\n[lib]\npath = "lib.rs"\n[profile.release]\npanic = "abort"\n[workspace]\n',
  );
  await run(cargo, ["build", "-Zbuild-std=std,panic_abort", "--target", target, "--release"], {
    cwd: crate,
    env: {
      ...process.env,
      RUSTC: rustc,
      RUSTC_BOOTSTRAP: "1", // build-std is unstable; this allows it on a stable compiler
      RUSTFLAGS: "-Cembed-bitcode=yes", // without bitcode in the standard library fat LTO fails
      CARGO_TARGET_DIR: join(work, "target"),
    },
    failure:
      "Rust's standard library for WebAssembly cannot be built: see above; does this machine reach the Rust registry?",
  });
  layOut(join(work, "toolchain"), join(work, "target", target, "release", "deps"), host, directory);
  // The last step, so that the directory exists only when it is whole.
  if (!existsSync(directory)) renameSync(join(work, "toolchain"), directory);
  rmSync(work, { recursive: true, force: true });
}

/**
 * A toolchain directory: Debian's own programs and host library, and the wasm library beside them.
 * @param {string} toolchain @param {string} built the directory of .rlib files @param {string} host
 *   @param {string} final its later place
 */
function layOut(toolchain, built, host, final) {
  const library = join(toolchain, "lib", "rustlib", target, "lib");
  mkdirSync(library, { recursive: true });
  for (const name of readdirSync(built)) {
    if (name.endsWith(".rlib") && !name.startsWith("libempty-")) cpSync(join(built, name), join(library, name));
  }
  symlinkSync(`/usr/lib/rustlib/${host}`, join(toolchain, "lib", "rustlib", host));
  mkdirSync(join(toolchain, "bin"));
  symlinkSync(cargo, join(toolchain, "bin", "cargo"));
  // rustc finds its libraries from its own place; this one tells it about ours. worker-build asks
  // it for them, too.
  writeFileSync(join(toolchain, "bin", "rustc"), `#!/bin/sh\nexec ${rustc} --sysroot '${final}' "$@"\n`);
  chmodSync(join(toolchain, "bin", "rustc"), 0o755);
}
