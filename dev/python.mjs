// The Python that tests run in, with the packages of every requirements.txt among them: made once
// per version of either, in the per-user cache.

import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { hasApt, installCommand, installDebianPackages } from "./apt.mjs";
import { inCache, inCheckout, isRoot } from "./checkout.mjs";
import { run } from "./processes.mjs";
import { step } from "./progress.mjs";
import { ask } from "./rust.mjs";

const requirements = ["tests/verify", "tests/sdk/python", "tests/contract"].map((directory) =>
  inCheckout(directory, "requirements.txt"),
);
const packages = ["python3", "python3-venv"];

/**
 * The version of the Python on the PATH, if it can make environments: Debian's cannot without
 * python3-venv.
 */
const version = () =>
  ask("python3", ["-c", "import ensurepip, sys, venv; print('.'.join(map(str, sys.version_info[:3])))"]);

/**
 * Installs Python if we may, and the packages.
 * @returns {Promise<{ python?: string, missing?: string }>} the program, or the command that a
 *   person has to run first
 */
export async function providePython() {
  if (!version() && isRoot && hasApt()) await installDebianPackages(packages, "tests that run in Python");
  const found = version();
  if (!found) return { missing: hasApt() ? installCommand(packages) : "install Python 3 with its module venv" };
  const hash = createHash("sha256")
    .update(requirements.map((file) => readFileSync(file, "utf8")).join("\n"))
    .digest("hex")
    .slice(0, 12);
  const directory = inCache("python", `${found}-${hash}`);
  if (!works(directory)) await step("Installing Python packages (once)", () => make(directory));
  return { python: program(directory) };
}

/** @param {string} directory */
const program = (directory) => join(directory, "bin", "python");

/**
 * Whether an environment is there, with its packages, and with the Python that it was made from.
 * @param {string} directory
 */
const works = (directory) =>
  ask(program(directory), ["-c", "import cryptography, jwt, pytest, schemathesis, supabase_auth"]) !== undefined;

/** @param {string} directory */
async function make(directory) {
  const making = `${directory}.making-${process.pid}`;
  mkdirSync(dirname(directory), { recursive: true });
  try {
    await run("python3", ["-m", "venv", making]);
    // Nothing is built from source, which would need compilers.
    await run(
      program(making),
      [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-input",
        "--only-binary=:all:",
        ...requirements.flatMap((file) => ["-r", file]),
      ],
      {
        failure: "the Python packages cannot be installed: see above; is the Python package index reachable?",
      },
    );
    if (works(directory)) return; // somebody else was faster
    rmSync(directory, { recursive: true, force: true }); // its Python is gone
    renameSync(making, directory);
  } finally {
    rmSync(making, { recursive: true, force: true });
  }
}
