// `npm run build`: compiles the Worker into build/, unless what is there was made from the same
// files. Also compiles what it is measured against, for `npm run bench`. Also puts together what is
// served beside the Worker (docs_assets.mjs).

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { inCheckout, inState, makeState, root } from "./checkout.mjs";
import { makeAssets } from "./docs_assets.mjs";
import { inPackages } from "./install.mjs";
import { run } from "./processes.mjs";
import { say, step } from "./progress.mjs";
import { toolchainEnvironment, wasmToolchain } from "./toolchain.mjs";
import { wasmBindgen, workerBuild } from "./tools.mjs";

/** Everything that the build reads: the crates, and what they may include as text. */
const inputs = [
  "Cargo.lock",
  "Cargo.toml",
  ".cargo",
  "build.rs",
  "src",
  "dev/floor",
  "migrations",
  "templates",
  "package-lock.json",
  "dev/build.mjs",
];

/**
 * @typedef {object} Kind
 * @property {string} crate the package that is built
 * @property {string} directory where the result goes
 * @property {string} target cargo's target directory: of its own, since the compilers and settings
 *   of native and wasm builds differ and would evict each other's work
 * @property {string[]} flags
 * @property {Record<string, string>} settings
 */

/** @type {{ release: Kind, development: Kind, floor: Kind }} */
const kinds = {
  /** What is tested and deployed. */
  release: { crate: "src/worker", directory: "build", target: "target/wasm", flags: [], settings: {} },
  /**
   * What `npm start` runs: half as large again, but built anew in seconds instead of a minute after
   * a change.
   */
  development: {
    crate: "src/worker",
    directory: "build/development",
    target: "target/wasm-development",
    flags: ["--no-opt"],
    settings: {
      CARGO_PROFILE_RELEASE_LTO: "off",
      CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "16",
      CARGO_PROFILE_RELEASE_INCREMENTAL: "true",
    },
  },
  /** What the bench measures the Worker against, compiled as the Worker is. */
  floor: { crate: "dev/floor", directory: "build/floor", target: "target/wasm", flags: [], settings: {} },
};

/**
 * wrangler calls `npm run build` when a file changes; `npm start` tells it by this which kind to
 * build.
 */
export const KIND_VARIABLE = "EDGEGATE_BUILD_KIND";

export async function main() {
  await buildWorker(process.env[KIND_VARIABLE] === "development" ? "development" : "release");
}

/**
 * Builds the Worker and returns the directory it is in.
 * @param {keyof typeof kinds} [name]
 */
export async function buildWorker(name = "release") {
  const kind = kinds[name];
  if (name !== "floor") makeAssets();
  const directory = inCheckout(kind.directory);
  const outputs = ["index.js", "index_bg.wasm"].map((file) => join(kind.directory, file));
  const stamp = inState(`build-${name}.json`);
  const toolchain = await wasmToolchain();
  const before = fingerprint(inputs, toolchain.identity);
  if (isUpToDate(stamp, before, outputs)) return directory;
  const worker_build = await workerBuild();
  const wasm_bindgen = await wasmBindgen();
  await step(name === "floor" ? "Building the floor" : "Building the Worker", async () => {
    rmSync(stamp, { force: true });
    await run(worker_build, ["--release", ...kind.flags, "--out-dir", join("../..", kind.directory), kind.crate], {
      cwd: root,
      env: {
        ...toolchainEnvironment(toolchain),
        ...kind.settings,
        // Else a request whose client hangs up is neither polled again nor dropped: what it holds
        // is never given back.
        RUN_TO_COMPLETION: "1",
        RUST_BACKTRACE: "0", // else worker-build's own stack follows the compiler's errors
        CARGO_TARGET_DIR: inCheckout(kind.target),
        // worker-build would download these.
        WASM_BINDGEN_BIN: wasm_bindgen,
        WASM_OPT_BIN: inPackages("binaryen", "bin", "wasm-opt"),
        ESBUILD_BIN: inPackages("@esbuild", `${process.platform}-${process.arch}`, "bin", "esbuild"),
      },
      failure: "the Worker does not build: see above",
    });
  });
  makeState();
  writeFileSync(stamp, JSON.stringify({ inputs: before, outputs: fingerprint(outputs) }));
  const wasm = readFileSync(join(directory, "index_bg.wasm"));
  if (name === "release") say(`  build/index_bg.wasm: ${kilobytes(wasm)}, ${kilobytes(gzipSync(wasm))} compressed`);
  return directory;
}

/** @param {Buffer} bytes */
const kilobytes = (bytes) => `${Math.round(bytes.length / 1024)} KiB`;

/**
 * @param {string} stamp
 * @param {string} current the fingerprint of the inputs
 * @param {string[]} outputs
 */
function isUpToDate(stamp, current, outputs) {
  if (!existsSync(stamp) || !outputs.every((file) => existsSync(inCheckout(file)))) return false;
  const made = JSON.parse(readFileSync(stamp, "utf8"));
  return made.inputs === current && made.outputs === fingerprint(outputs);
}

/**
 * A digest of files, and of everything in directories.
 * @param {string[]} paths relative to the checkout @param {string} [also] something else that
 *   counts
 */
export function fingerprint(paths, also = "") {
  const hash = createHash("sha256").update(also);
  const add = (/** @type {string} */ path) => {
    const full = inCheckout(path);
    if (!existsSync(full)) return;
    if (statSync(full).isDirectory()) {
      for (const name of readdirSync(full).sort()) add(join(path, name));
    } else {
      hash.update(`\0${path}\0`).update(readFileSync(full));
    }
  };
  paths.forEach(add);
  return hash.digest("hex");
}
