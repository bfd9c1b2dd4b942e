// Debian packages: installed when we are root, else named in a line that the person can paste.

import { existsSync } from "node:fs";
import { isRoot } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import { run } from "./processes.mjs";

/** True on Debian and what descends from it. */
export const hasApt = () => process.platform === "linux" && existsSync("/usr/bin/apt-get");

/**
 * The command that installs these packages, to be shown to a person who is not root.
 * @param {string[]} packages
 */
export const installCommand = (packages) => `sudo apt-get install --no-install-recommends ${packages.join(" ")}`;

/**
 * Installs packages.
 * @param {string[]} packages
 * @param {string} purpose what they are for, e.g. "building the Worker"
 */
export async function installDebianPackages(packages, purpose) {
  if (!isRoot) throw new Failure(`${purpose} needs Debian packages: run \`${installCommand(packages)}\` and try again`);
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  const install = () =>
    // The lock may be held by the system's own update: wait for it.
    run("apt-get", ["-o", "DPkg::Lock::Timeout=300", "install", "-y", "--no-install-recommends", ...packages], {
      env,
      failure: `the Debian packages for ${purpose} cannot be installed: see above, then run \`apt-get install ${packages.join(" ")}\``,
    });
  await run("apt-get", ["-o", "DPkg::Lock::Timeout=300", "update"], { env }).catch(() => {}); // an old list may still do
  await install();
}
