// `npm start`: everything that development needs, until Ctrl-C: PostgreSQL, migrated; secrets; the
// mailbox; the Worker, built, under `wrangler dev`, which builds it anew when a source file
// changes.

import { join } from "node:path";
import { inCheckout, root } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import { buildWorker, KIND_VARIABLE } from "./build.mjs";
import { otherCommands } from "./orphans.mjs";
import { migrate } from "./migrate.mjs";
import { requireFreePort } from "./ports.mjs";
import { startDatabase } from "./postgres.mjs";
import { delay, start } from "./processes.mjs";
import { bold, dim, output, say, step } from "./progress.mjs";
import { requireRust } from "./rust.mjs";
import { developmentSecrets } from "./secrets.mjs";
import { wrangler, wranglerEnvironment } from "./wrangler.mjs";

const API_PORT = 8787;
const MAILBOX_PORT = 8788;
const api = `http://localhost:${API_PORT}`;
const mailbox = `http://localhost:${MAILBOX_PORT}`;
const health = `${api}/auth/v1/health`;
/** How long the Worker or the mailbox may take to answer for the first time. Milliseconds. */
const READY_MS = 60_000;
/** The schedule in wrangler.toml, which only Cloudflare's edge follows by itself. Milliseconds. */
const SWEEP_EVERY_MS = 60_000;

export async function main() {
  const began = Date.now();
  const other = otherCommands().find(({ name }) => name === "start");
  if (other)
    throw new Failure(`\`npm start\` already runs in this checkout (process ${other.pid}): use it, or stop it first`);
  requireRust();
  await requireFreePort(API_PORT, "the API");
  await requireFreePort(MAILBOX_PORT, "the mailbox");

  const database = await startDatabase({ exclusive: true });
  await migrate(database.url);
  const secrets = developmentSecrets();
  const build = await buildWorker("development");
  const inbox = await startMailbox(secrets.MAIL_API_KEY);
  const worker = await startWorker(build, database.url);
  greet((Date.now() - began) / 1000);

  const sweeps = setInterval(() => fetch(`${api}/__scheduled?cron=*+*+*+*+*`).catch(() => {}), SWEEP_EVERY_MS);
  const services = [database.service, inbox, worker].filter((service) => service !== undefined);
  await Promise.race(services.map((service) => service.accident())).finally(() => clearInterval(sweeps));
}

/** @param {string} key */
const startMailbox = (key) =>
  step("Starting the mailbox", async () => {
    const program = inCheckout("dev", "mailbox", "server.mjs");
    const service = start("mailbox", process.execPath, [program, "--port", String(MAILBOX_PORT), "--api-key", key], {
      cwd: root,
    });
    await answering(mailbox, service);
    return service;
  });

/** @param {string} build the directory of the built Worker @param {string} databaseUrl */
const startWorker = (build, databaseUrl) =>
  step("Starting the Worker", async () => {
    const args = [
      "dev",
      join(build, "index.js"),
      "--port",
      String(API_PORT),
      "--test-scheduled",
      "--show-interactive-dev-session=false",
    ];
    const [program, all] = wrangler(...args);
    let ready = false;
    const service = start("wrangler", program, all, {
      cwd: root,
      env: wranglerEnvironment({
        CLOUDFLARE_HYPERDRIVE_LOCAL_CONNECTION_STRING_HYPERDRIVE: databaseUrl,
        [KIND_VARIABLE]: "development", // for the build command that wrangler runs at the start and at every change
      }),
      // Once it serves, what it prints is the Worker's log, which is what one wants to see.
      onLine: (line) => ready && !output.verbose && !line.includes("/__scheduled") && say(line),
    });
    await answering(health, service);
    setTimeout(() => (ready = true), 500); // what our own first request made it print is no news
    return service;
  });

/**
 * Waits until a URL answers with success.
 * @param {string} url
 * @param {import("./processes.mjs").Service} service
 */
async function answering(url, service) {
  const deadline = Date.now() + READY_MS;
  const waiting = (async () => {
    while (Date.now() < deadline) {
      const response = await fetch(url, { signal: AbortSignal.timeout(5000) }).catch(() => undefined);
      await response?.body?.cancel();
      if (response?.ok) return;
      await delay(100);
    }
    throw new Failure(`${url} does not answer after ${READY_MS / 1000} s`, service.lines);
  })();
  await Promise.race([waiting, service.accident()]);
}

/** @param {number} seconds */
function greet(seconds) {
  const signUp = `curl -s ${api}/auth/v1/signup -H 'content-type: application/json' -d '{"email":"me@example.com","password":"correct horse battery"}'`;
  say(`
${bold("edgegate is running")} ${dim(`(ready after ${seconds.toFixed(1)} s)`)}

  API       ${api}/auth/v1
  Try it    ${api}/docs/
  Mailbox   ${mailbox}
  Health    ${health}

Sign up, then open the mailbox and follow the link:

  ${signUp}

${dim("Ctrl-C stops everything; the data stays.")}
`);
}
