// How we call wrangler: the pinned one, under the pinned Node, and without talking to anybody.

import { inPackages } from "./install.mjs";

/**
 * The program and the arguments that run wrangler.
 * @param {string[]} args
 * @returns {[string, string[]]}
 */
export const wrangler = (...args) => [process.execPath, [inPackages("wrangler", "bin", "wrangler.js"), ...args]];

/** @param {NodeJS.ProcessEnv} [extra] */
export const wranglerEnvironment = (extra = {}) => ({
  ...process.env,
  WRANGLER_SEND_METRICS: "false",
  WRANGLER_SEND_ERROR_REPORTS: "false",
  WRANGLER_HIDE_BANNER: "true", // it comes with a look for newer versions
  CLOUDFLARE_CF_FETCH_ENABLED: "false", // `request.cf` of local requests would be fetched at the start
  ...extra,
});
