// What Cloudflare serves without asking the Worker: Swagger UI at /docs/, our page around it, and
// the headers of both. Made by the build from src/docs and the pinned npm package, so that nothing
// is loaded from elsewhere.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { inCheckout } from "./checkout.mjs";
import { inPackages } from "./install.mjs";

/** Of ours and of theirs: what the page needs, and the licences that have to come along. */
const ours = ["docs.css", "index.html", "initializer.js"];
const theirs = ["favicon-32x32.png", "swagger-ui-bundle.js", "swagger-ui-bundle.js.LICENSE.txt", "swagger-ui.css"];
const licences = { LICENSE: "swagger-ui.LICENSE.txt", NOTICE: "swagger-ui.NOTICE.txt" };

const source = (/** @type {string} */ name) => inCheckout("src", "docs", name);
const published = (/** @type {string} */ name) => inPackages("swagger-ui-dist", name);

/**
 * Of each directory its files, by their paths in it. wrangler.toml names one of the two.
 * @type {Record<string, Record<string, string>>}
 */
const directories = {
  assets: {
    _headers: source("_headers"),
    "robots.txt": source("robots.txt"),
    ...Object.fromEntries(ours.map((name) => [`docs/${name}`, source(name)])),
    ...Object.fromEntries(theirs.map((name) => [`docs/${name}`, published(name)])),
    ...Object.fromEntries(Object.entries(licences).map(([name, as]) => [`docs/${as}`, published(name)])),
  },
  /** For an environment that is to have no /docs. */
  assets_without_docs: { _headers: source("_headers"), "robots.txt": source("robots.txt") },
};

/** Writes what has changed and removes what no longer belongs there: `wrangler dev` watches. */
export function makeAssets() {
  for (const [name, files] of Object.entries(directories)) {
    const directory = inCheckout("build", name);
    for (const [path, from] of Object.entries(files)) copy(from, join(directory, path));
    for (const path of filesIn(directory)) if (!(path in files)) rmSync(join(directory, path));
  }
}

/** @param {string} from @param {string} to */
function copy(from, to) {
  const bytes = readFileSync(from);
  if (existsSync(to) && readFileSync(to).equals(bytes)) return;
  mkdirSync(dirname(to), { recursive: true });
  writeFileSync(to, bytes);
}

/** @param {string} directory @param {string} [under] @returns {string[]} */
const filesIn = (directory, under = "") =>
  readdirSync(join(directory, under), { withFileTypes: true }).flatMap((entry) => {
    const path = under ? `${under}/${entry.name}` : entry.name;
    return entry.isDirectory() ? filesIn(directory, path) : [path];
  });
