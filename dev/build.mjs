// `npm run build`: compiles the Worker into build/, unless what is there was made from the same files.

import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inCheckout, inState, makeState, root } from "./checkout.mjs";
import { inPackages } from "./install.mjs";
import { run } from "./processes.mjs";
import { say, step } from "./progress.mjs";
import { toolchainEnvironment, wasmToolchain } from "./toolchain.mjs";
import { wasmBindgen, workerBuild } from "./tools.mjs";

/** Everything that the build reads: the crates, and what they may include as text. */
const inputs = ["Cargo.lock", "Cargo.toml", ".cargo", "build.rs", "src", "migrations", "templates", "package-lock.json", "dev/build.mjs"];
const outputs = ["build/index.js", "build/index_bg.wasm"];
const stamp = () => inState("build.json");

export async function main() {
  await buildWorker();
}

/** Builds the Worker and returns the directory it is in. */
export async function buildWorker() {
  const toolchain = await wasmToolchain();
  const before = fingerprint(inputs, toolchain.identity);
  if (isUpToDate(before)) return inCheckout("build");
  const worker_build = await workerBuild();
  const wasm_bindgen = await wasmBindgen();
  await step("Building the Worker", async () => {
    rmSync(stamp(), { force: true });
    await run(worker_build, ["--release", "--out-dir", "../../build", "src/worker"], {
      cwd: root,
      env: {
        ...toolchainEnvironment(toolchain),
        // Own directory: the compilers of the native and of the wasm build may differ, and would evict each other's work.
        CARGO_TARGET_DIR: inCheckout("target", "wasm"),
        // worker-build would download these.
        WASM_BINDGEN_BIN: wasm_bindgen,
        WASM_OPT_BIN: inPackages("binaryen", "bin", "wasm-opt"),
        ESBUILD_BIN: inPackages("@esbuild", `${process.platform}-${process.arch}`, "bin", "esbuild"),
      },
      failure: "the Worker does not build: see above",
    });
  });
  makeState();
  writeFileSync(stamp(), JSON.stringify({ inputs: before, outputs: fingerprint(outputs) }));
  const kilobytes = Math.round(statSync(inCheckout("build/index_bg.wasm")).size / 1024);
  say(`  build/index_bg.wasm: ${kilobytes} KB`);
  return inCheckout("build");
}

/** @param {string} current the fingerprint of the inputs */
function isUpToDate(current) {
  if (!existsSync(stamp()) || !outputs.every((file) => existsSync(inCheckout(file)))) return false;
  const made = JSON.parse(readFileSync(stamp(), "utf8"));
  return made.inputs === current && made.outputs === fingerprint(outputs);
}

/**
 * A digest of files, and of everything in directories.
 * @param {string[]} paths relative to the checkout @param {string} [also] something else that counts
 */
function fingerprint(paths, also = "") {
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
