// The built Worker in the real runtime (workerd, by Miniflare), with a database and a mailbox of
// its own and fresh secrets.
//
//     everyWay("signing in", {}, (world) => {
//       test("works", async () => assert.equal((await world().newcomer()).session.token_type, "bearer"));
//     });
//
// Not here: `wrangler dev`, which adds a proxy of its own and rebuilds; what it reads from
// wrangler.toml is checked in configuration.test.mjs.

import { after, before, describe } from "node:test";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { Miniflare } from "miniflare";
import { inCheckout } from "../../dev/checkout.mjs";
import { signedToken } from "../../dev/key_set.mjs";
import { startMailbox } from "../../dev/mailbox/mailbox.mjs";
import { Client, somebody } from "./client.mjs";
import { makeDatabase, ways, wayTaken } from "./database.mjs";
import { makeKey } from "./keys.mjs";
import { faultyModules } from "./faulty_kv.mjs";
import { observedModules } from "./observed.mjs";
import { startWire } from "./wire.mjs";

const build = process.env.EDGEGATE_BUILD ?? inCheckout("build");
export const modules = {
  "index.js": { type: /** @type {const} */ ("esm"), contents: readFileSync(join(build, "index.js"), "utf8") },
  "index_bg.wasm": {
    type: /** @type {const} */ ("wasm"),
    contents: new Uint8Array(readFileSync(join(build, "index_bg.wasm"))),
  },
};
export const compatibilityDate =
  readFileSync(inCheckout("wrangler.toml"), "utf8").match(/^compatibility_date = "(.+)"/m)?.[1] ?? "";

/** The static assets, as wrangler.toml says. */
const assetsDirectory = inCheckout(
  readFileSync(inCheckout("wrangler.toml"), "utf8").match(/^\[assets\]\ndirectory = "(.+)"/m)?.[1] ?? "",
);

/**
 * What the Worker is called from outside. Never where it listens: links and redirects must come
 * from the configuration.
 */
export const EXTERNAL_URL = "https://auth.example.test";
const SITE_URL = "https://app.example.test/welcome";

/** Settings of a suite in which passwords are hashed as they are unless an operator changes it. */
export const USUAL_HASH = { PASSWORD_HASH: null };

/**
 * Settings of all others by day: a third of the time, and few tests are about the hash. The part
 * `other-way` sets TEST_USUAL_HASH, so that by night they hash as the product does; but for those
 * that name this one, in which so many hash at once that on a slow machine the time limit of a call
 * would decide.
 */
export const CHEAPER_HASH = { PASSWORD_HASH: "argon2id" };
const { TEST_USUAL_HASH } = process.env;

/** How long something that happens after the response may take, on a busy machine. Milliseconds. */
const PATIENCE_MS = 20_000;
const POLL_MS = 20;

/**
 * @typedef {object} Options
 * @property {Record<string, string | null>} [settings] vars and secrets that differ; null leaves
 *   one out
 * @property {boolean} [wire] puts a wire between Worker and database, to count and to cut
 *   (wire.mjs)
 * @property {boolean} [secretUrl] connects by the secret DATABASE_URL instead of Hyperdrive
 * @property {boolean} [assets] puts the static assets in front, as wrangler.toml has them: what
 *   matches none of them reaches the Worker
 * @property {boolean} [faultyKv] puts a KV in the place of Miniflare's that fails or hangs
 *   when told to (faulty_kv.mjs)
 * @property {boolean} [observed] shows how much memory the Worker's module has (observed.mjs)
 */

/** @typedef {{ level: string, message: string }} LogLine */

/** @typedef {Awaited<ReturnType<typeof startWorld>>} World */
/** @typedef {Awaited<ReturnType<World["signedUp"]>>} Person */

/**
 * Waits until `find` returns something.
 * @template T
 * @param {string} what
 * @param {() => T | Promise<T>} find
 * @returns {Promise<NonNullable<T>>}
 */
export async function eventually(what, find) {
  for (const deadline = Date.now() + PATIENCE_MS; ; await new Promise((resolve) => setTimeout(resolve, POLL_MS))) {
    const found = await find();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`waited in vain for ${what}`);
  }
}

/** The children of this process. */
function children() {
  try {
    const tasks = readdirSync("/proc/self/task");
    return tasks.flatMap((task) =>
      readFileSync(`/proc/self/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
    );
  } catch {
    return []; // not Linux: only figures need it
  }
}

/**
 * Runs any Worker in workerd.
 * @param {object} worker
 * @param {Record<string, { type: any, contents: any }>} worker.modules the first one is the main
 *   one
 * @param {Record<string, any>} [worker.env]
 * @param {string[]} [worker.flags] compatibility flags
 * @param {boolean} [worker.assets] see {@link Options}
 */
export async function startRuntime({ modules, env = {}, flags = [], assets = false }) {
  /** @type {LogLine[]} */
  const logs = [];
  const earlier = children();
  const runtime = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    logRequests: false,
    enableDevRegistry: false,
    telemetry: { enabled: false },
    handleStructuredLogs: ({ level, message }) => logs.push({ level, message }),
    workers: [
      {
        config: {
          name: "edgegate",
          compatibilityDate,
          compatibilityFlags: flags,
          manifest: { mainModule: Object.keys(modules)[0], modulesRoot: build, modules },
          env,
          ...(assets ? { assets: { directory: assetsDirectory, hasUserWorker: true } } : {}),
        },
        // A socket of its own: requests reach the Worker without Miniflare's own Worker in front.
        dev: {
          unsafeRegisterWorker: false,
          stripCfConnectingIp: false,
          unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
        },
      },
    ],
  });
  await runtime.ready;
  const url = (await runtime.unsafeGetDirectURL("edgegate")).origin;
  const pid = children().find((child) => !earlier.includes(child));
  return {
    url,
    logs,
    /** Process id of workerd; known on Linux only. */
    pid,
    /** Fires the Cron Trigger and waits for its handler. */
    async scheduled() {
      const worker = /** @type {any} */ (await runtime.getWorker("edgegate"));
      return worker.scheduled({ cron: "* * * * *" });
    },
    /**
     * A KV namespace of the Worker. Each runtime has its own, as a location has that never hears of
     * the others.
     * @param {string} binding
     */
    kv: (binding) => runtime.getKVNamespace(binding, "edgegate"),
    stop: () => runtime.dispose(),
  };
}

const nowSeconds = () => Math.floor(Date.now() / 1000);

/** @param {string} value */
const text = (value) => ({ type: "text", value });

/**
 * The bindings of the Worker, as in wrangler.toml.
 * @param {string} databaseUrl
 * @param {Record<string, string>} settings
 */
export const bindings = (databaseUrl, settings) => ({
  ...Object.fromEntries(Object.entries(settings).map(([name, value]) => [name, text(value)])),
  HYPERDRIVE: { type: "hyperdrive", id: "hyperdrive", dev: { connectionString: databaseUrl } },
  REVOCATIONS: { type: "kv", id: "revocations" },
});

/**
 * Starts a Worker and everything it needs.
 * @param {import("./database.mjs").Way} way by day @param {Options} [options]
 */
export async function startWorld(
  way,
  {
    settings: changed = {},
    wire: wired = false,
    secretUrl = false,
    faultyKv = false,
    observed = false,
    assets = false,
  } = {},
) {
  const mailKey = `re_${randomBytes(18).toString("base64url")}`;
  const signingKey = makeKey("ES256");
  const mailbox = await startMailbox({ apiKey: mailKey });
  const database = await makeDatabase(wayTaken(way));
  const wire = wired ? await startWire(database.url) : undefined;
  const databaseUrl = wire?.url ?? database.url;
  const all = {
    ENVIRONMENT: "production",
    SITE_URL,
    API_EXTERNAL_URL: EXTERNAL_URL,
    APP_NAME: "Acme",
    MAIL_PROVIDER: "resend",
    MAIL_API_URL: mailbox.url,
    MAIL_FROM: "Acme <no-reply@example.com>",
    AUTH_SECRET: randomBytes(32).toString("base64url"),
    JWT_KEYS: JSON.stringify({ keys: [signingKey] }),
    MAIL_API_KEY: mailKey,
    ...(TEST_USUAL_HASH ? {} : CHEAPER_HASH),
    ...(secretUrl ? { DATABASE_URL: databaseUrl } : {}),
    ...changed,
  };
  const settings = /** @type {Record<string, string>} */ (
    Object.fromEntries(Object.entries(all).filter(([, value]) => value !== null))
  );
  // With the secret set, the binding leads nowhere: it must not be used.
  const runtime = await startRuntime({
    modules: faultyKv ? faultyModules(modules) : observed ? observedModules(modules) : modules,
    assets,
    env: bindings(secretUrl ? "postgresql://nobody:nothing@127.0.0.1:1/none" : databaseUrl, settings),
  });
  const { url, logs, scheduled } = runtime;

  /** The mails to an address, newest first. @param {string} address */
  const mails = (address) => mailbox.messages.filter((message) => message.to === address);

  const world = {
    url,
    externalUrl: EXTERNAL_URL,
    siteUrl: SITE_URL,
    settings,
    signingKey,
    logs,
    mailbox,
    database,
    /** @type {Awaited<ReturnType<typeof startWire>>} */
    wire: /** @type {any} */ (wire),
    pid: runtime.pid,
    mails,
    scheduled,
    /** What an operator's own program calls with. */
    serviceToken: signedToken(signingKey, { role: "service_role", iat: nowSeconds(), exp: nowSeconds() + 86_400 }),

    /** Somebody at a browser that was never here before. */
    client: () => new Client(world),

    /** The log so far, as objects. */
    events: () => logs.filter(({ message }) => message.startsWith("{")).map(({ message }) => JSON.parse(message)),

    /**
     * Waits for the next mail to an address, and reads link and code out of it.
     * @param {string} address
     * @param {number} [count] how many there will be
     */
    async mail(address, count = 1) {
      const { html, text, subject } = await eventually(
        `mail ${count} to ${address}`,
        () => mails(address).length >= count && mails(address)[0],
      );
      const link = text.match(/^https?:\S+\/verify\?\S+$/m)?.[0] ?? "";
      return {
        subject,
        text,
        html,
        link,
        token: link && (new URL(link).searchParams.get("token") ?? ""),
        code: text.match(/^\d{6}$/m)?.[0] ?? "",
      };
    },

    /**
     * Waits until the Worker has recorded that a mail went out: nothing is under way any more.
     * @param {string} address
     */
    recorded: (address) =>
      eventually(`the record of the mail to ${address}`, async () => {
        const rows = await database.rows("SELECT sent_at, failed_at FROM edgegate.outbox WHERE recipient = $1", [
          address,
        ]);
        return rows.length > 0 && rows.every((row) => row.sent_at ?? row.failed_at);
      }),

    /** Whether Workers KV lists a session as revoked. @param {string} id */
    isListed: async (id) => (await (await runtime.kv("REVOCATIONS")).get(`revoked:${id}`)) !== null,

    /** Waits until every session that ended is in Workers KV: nothing is under way any more. */
    spread: () =>
      eventually(
        "the sessions that ended to be in KV",
        async () => (await database.rows("SELECT FROM edgegate.revocations")).length === 0,
      ),

    /**
     * Somebody who has just signed up.
     * @param {Client} [client]
     * @param {{ email: string, password: string }} [person]
     * @param {number} [count] how many mails there will be
     */
    async signedUp(client = world.client(), person = somebody(), count = 1) {
      const answer = await client.post("/signup", person);
      if (answer.status !== 200) throw new Error(`sign-up answered ${answer.status} ${answer.text}`);
      return { ...person, client, answer, mail: await world.mail(person.email, count) };
    },

    /** Somebody who has signed up and confirmed. */
    async newcomer() {
      const person = await world.signedUp();
      const { status, text, json } = await person.client.post("/verify", {
        type: "signup",
        token: person.mail.code,
        email: person.email,
      });
      if (status !== 200) throw new Error(`verification answered ${status} ${text}`);
      return { ...person, session: json };
    },

    async stop() {
      await runtime.stop();
      await wire?.close();
      await mailbox.close();
      await database.drop();
    },
  };
  return world;
}

/**
 * Tests that run against a Worker on each way to PostgreSQL: by day behind PgBouncer, which is what
 * Hyperdrive is most like; by night straight to it, too.
 * @param {string} what @param {Options} options @param {(world: () => World) => void} tests
 */
export const everyWay = (what, options, tests) => oneWay(ways[1], what, options, tests);

/**
 * As {@link everyWay}, where by day another way does.
 * @param {import("./database.mjs").Way} way by day
 * @param {string} what
 * @param {Options} options
 * @param {(world: () => World) => void} tests
 */
export function oneWay(way, what, options, tests) {
  describe(`${what}, ${wayTaken(way).name}`, () => {
    /** @type {World} */
    let world;
    before(async () => (world = await startWorld(way, options)));
    after(() => world?.stop());
    tests(() => world);
  });
}
