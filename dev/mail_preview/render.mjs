// The mails and pages as the Worker's own renderer makes them: compiles and runs main.rs, which
// stands beside this file.

import { execFile } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { promisify } from "node:util";
import { fingerprint } from "../build.mjs";
import { inCheckout, root } from "../checkout.mjs";
import { Failure } from "../failure.mjs";
import { run } from "../processes.mjs";
import { step } from "../progress.mjs";

/** Everything that decides what comes out. */
const inputs = ["Cargo.lock", "Cargo.toml", "build.rs", "src", "templates", "dev/mail_preview"];
const example = ["--quiet", "--example", "mail_preview"];
/** Far more than all mails and pages have. Bytes. */
const OUTPUT_MAX = 64 * 1024 * 1024;

/**
 * @typedef {object} Shown one mail or page in one language
 * @property {string} name
 * @property {string} locale
 * @property {string} [subject] of a mail
 * @property {string} [text] of a mail
 * @property {string} [html]
 * @property {string} [error] why there is nothing to show
 */

/**
 * @typedef {{ mails: Shown[], pages: Shown[], replaced: string[], problems: string[] }} Everything
 */

/** Whether this checkout has templates of its own. */
export function hasReplacements() {
  const folder = inCheckout("templates");
  if (!existsSync(folder)) return false;
  return readdirSync(folder, { recursive: true, withFileTypes: true }).some(
    (entry) => entry.isFile() && entry.name !== "README.md" && !entry.name.startsWith("."),
  );
}

/** Renders everything. @param {string[]} args for main.rs @returns {Promise<Everything>} */
export async function renderAll(args = []) {
  await compile();
  const { stdout } = await promisify(execFile)("cargo", ["run", ...example, "--", ...args], {
    cwd: root,
    maxBuffer: OUTPUT_MAX,
  });
  return JSON.parse(stdout);
}

/** Fails, with one line for each problem, unless every mail and page works. */
export async function checkTemplates() {
  await compile();
  await step("Checking the templates of mails and pages", () =>
    run("cargo", ["run", ...example, "--", "--check"], {
      cwd: root,
      failure: "a mail or page does not work with these templates: see above",
    }),
  );
}

const compile = () =>
  step("Building the preview of mails", () =>
    run("cargo", ["build", ...example], { cwd: root, failure: "the templates do not build: see above" }),
  );

/**
 * Renders anew only when something has changed since.
 * @param {() => Promise<Everything>} render
 * @param {() => string} [state] what to compare
 */
export function renderedOnce(render, state = () => fingerprint(inputs)) {
  /** @type {{ state: string, result: Promise<Everything | Failure> } | undefined} */
  let last;
  return () => {
    const now = state();
    if (last?.state !== now) {
      const result = render().catch((error) => {
        if (error instanceof Failure) return error; // an edit that does not build is shown, and mended by the next
        throw error;
      });
      last = { state: now, result };
    }
    return last.result;
  };
}
