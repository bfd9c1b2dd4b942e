// `npm run deploy -- --env staging|production`: builds, migrates the database that DATABASE_URL
// names, deploys by wrangler. All arguments go to `wrangler deploy`.

import { unstable_readConfig } from "wrangler";
import { buildWorker } from "./build.mjs";
import { inCheckout, root } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import { checkTemplates, hasReplacements } from "./mail_preview/render.mjs";
import { migrate } from "./migrate.mjs";
import { run } from "./processes.mjs";
import { say } from "./progress.mjs";
import { wrangler, wranglerEnvironment } from "./wrangler.mjs";

/** @param {string[]} args */
export async function main(args) {
  const isDryRun = args.includes("--dry-run");
  if (!isDryRun) requireDeployable(environmentIn(args));
  await buildWorker();
  if (hasReplacements()) await checkTemplates(); // else a broken one is noticed when a mail is due
  const { DATABASE_URL } = process.env;
  if (DATABASE_URL && !isDryRun)
    await migrate(DATABASE_URL); // before the code that needs it; migrations only add
  else if (!isDryRun)
    say("  DATABASE_URL is not set: no migration. Set it to a direct connection, not to Hyperdrive's.");
  const [program, all] = wrangler("deploy", ...args);
  await run(program, all, {
    name: "wrangler",
    cwd: root,
    env: wranglerEnvironment(),
    output: "inherit",
    failure: "wrangler did not deploy: see above",
  });
}

/** The environment that wrangler's arguments name. @param {string[]} args */
function environmentIn(args) {
  const at = args.findIndex((argument) => /^(--env|-e)(=|$)/.test(argument));
  return at < 0 ? undefined : (args[at].split("=")[1] ?? args[at + 1]);
}

/**
 * Fails early where wrangler would fail late, or where it would deploy development.
 * @param {string | undefined} environment
 */
function requireDeployable(environment) {
  if (!environment)
    throw new Failure("say where to: npm run deploy -- --env staging (or --env production); --dry-run deploys nothing");
  for (const { binding, id } of bindingsOf(environment)) {
    if (/^0*$/.test(id ?? ""))
      throw new Failure(
        `wrangler.toml has no id for ${binding} in [env.${environment}] yet: the comment there says how to make one`,
      );
  }
}

/** @param {string} environment */
function bindingsOf(environment) {
  try {
    const { hyperdrive, kv_namespaces } = unstable_readConfig(
      { config: inCheckout("wrangler.toml"), env: environment },
      { hideWarnings: true },
    );
    return [...hyperdrive, ...kv_namespaces];
  } catch (error) {
    throw new Failure(`wrangler.toml cannot be used for the environment ${environment}`, String(error).split("\n"));
  }
}
