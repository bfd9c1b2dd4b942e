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

/** One installation after the other: apt locks its lists. @type {Promise<unknown>} */
let turn = Promise.resolve();
let isListNew = false;

/**
 * Installs packages.
 * @param {string[]} packages
 * @param {string} purpose what they are for, e.g. "building the Worker"
 */
export async function installDebianPackages(packages, purpose) {
  if (!isRoot) throw new Failure(`${purpose} needs Debian packages: run \`${installCommand(packages)}\` and try again`);
  const installed = turn.then(() => install(packages, purpose));
  turn = installed.catch(() => {});
  await installed;
}

/** @param {string[]} packages @param {string} purpose */
async function install(packages, purpose) {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // The lock may be held by the system's own update: wait for it.
  const options = ["-o", "DPkg::Lock::Timeout=300"];
  if (!isListNew) await run("apt-get", [...options, "update"], { env }).catch(() => {}); // an old list may still do
  isListNew = true;
  await run("apt-get", [...options, "install", "-y", "--no-install-recommends", ...packages], {
    env,
    failure: `the Debian packages for ${purpose} cannot be installed: see above, then run \`apt-get install ${packages.join(" ")}\``,
  });
}
