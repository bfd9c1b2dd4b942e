// `npm run admin -- key create|list|revoke`, `import`, `export`: keys of the admin API, and moving
// house. Keys and export go to the database that DATABASE_URL names, or the development database;
// import goes through the Worker, with the key in EDGEGATE_API_KEY. docs/moving.md has examples.
//
//     key create --name NAME --scope SCOPE [--scope …] [--expires 90d]   a key, on the last line of stdout
//     key list                                                          all keys, and when each was used last
//     key revoke ID                                                     from now on that key is refused
//     import FILE [--from FORMAT] [--url URL] [--restart]               the accounts of a file
//     export FILE                                                       all accounts, with their password hashes

import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import pg from "pg";
import { createKey, listKeys, revokeKey, SCOPES } from "./api_keys.mjs";
import { exportUsers } from "./export_users.mjs";
import { Failure } from "./failure.mjs";
import { importUsers, readers } from "./import_users.mjs";
import { startDatabase } from "./postgres.mjs";
import { bar, bold, detail, dim, say, step } from "./progress.mjs";

/** @typedef {Record<string, any>} Options */
/**
 * @typedef {{ argument: string, options: Options, database: () => Promise<{ url: string }> }} Call
 */
/**
 * @typedef {{ run: (call: Call) => Promise<number | void>, usage: string, argument?: boolean,
 *   takes?: Record<string, { type: "string" | "boolean", multiple?: boolean }> }} Command
 */

const text = /** @type {const} */ ({ type: "string" });
const flag = /** @type {const} */ ({ type: "boolean" });

/** @type {Record<string, Command>} */
const commands = {
  "key create": {
    run: create,
    usage: "key create --name NAME --scope SCOPE [--scope SCOPE …] [--expires 90d]",
    takes: { name: text, scope: { ...text, multiple: true }, expires: text },
  },
  "key list": { run: list, usage: "key list" },
  "key revoke": { run: revoke, usage: "key revoke ID", argument: true },
  import: {
    run: importFile,
    usage: `import FILE [--from ${Object.keys(readers).join("|")}] [--url URL] [--restart] [--hash-parameters FILE] [--hashes FILE] [--drop-second-factors]`,
    argument: true,
    takes: { from: text, url: text, restart: flag, "hash-parameters": text, hashes: text, "drop-second-factors": flag },
  },
  export: { run: exportFile, usage: "export FILE", argument: true },
};

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Seconds in a unit of --expires. @type {Record<string, number>} */
const UNITS = { h: 3600, d: 86_400 };
/** Where `npm start` listens. */
const LOCAL_URL = "http://localhost:8787/auth/v1";
/**
 * How long the key lives that an import into the development database makes for itself. Seconds.
 */
const OWN_KEY_SECONDS = 12 * 3600;

/** @param {string[]} args @param {{ database?: () => Promise<{ url: string }> }} [surroundings] */
export async function main(args, { database = startDatabase } = {}) {
  const name = Object.keys(commands).find((command) => command === args.slice(0, command.split(" ").length).join(" "));
  if (name === undefined) throw new Failure(`say what to do: npm run admin -- ${Object.keys(commands).join(" | ")}`);
  const { run } = commands[name];
  const call = { ...understood(name, args.slice(name.split(" ").length)), database };
  try {
    return (await run(call)) ?? undefined;
  } catch (error) {
    const { code } = /** @type {{ code?: string }} */ (error);
    if (code === "42P01" || code === "3F000" || code === "42703")
      throw new Failure("this database has not had every migration: npm run migrate");
    throw error;
  }
}

/** @param {string} name @param {string[]} args @returns {{ argument: string, options: Options }} */
function understood(name, args) {
  const { usage, argument: wants = false, takes = {} } = commands[name];
  const failure = new Failure(`not understood: ${[name, ...args].join(" ")}; say npm run admin -- ${usage}`);
  let parsed;
  try {
    parsed = parseArgs({ args, options: takes, allowPositionals: wants });
  } catch {
    throw failure; // its message explains the syntax of Node, not ours
  }
  if (parsed.positionals.length !== (wants ? 1 : 0) || Object.values(parsed.values).includes("")) throw failure;
  return { argument: parsed.positionals[0] ?? "", options: { ...parsed.values } };
}

/**
 * @template T
 * @param {Call["database"]} database
 * @param {(client: pg.Client) => Promise<T>} work
 */
async function withClient(database, work) {
  const { url } = await database();
  const client = new pg.Client({ connectionString: url, application_name: "edgegate-admin" });
  client.on("error", () => {}); // what is awaited then fails as well
  await client.connect();
  return work(client).finally(() => client.end());
}

// ── Keys ──

/** @param {Call} call */
async function create({ options: { name, scope = [], expires }, database }) {
  if (!name || [...name].length > 100)
    throw new Failure("say whose key it is, or what for, in up to 100 characters: --name NAME");
  const unknown = scope.filter((/** @type {string} */ one) => !SCOPES.includes(one));
  if (scope.length === 0 || unknown.length > 0)
    throw new Failure(`say what it may do, by one --scope or several: ${SCOPES.join(", ")}`);
  const [, number, unit] = /^(\d{1,4})([hd])$/.exec(expires ?? "") ?? [];
  if (expires !== undefined && !(Number(number) > 0))
    throw new Failure("--expires takes a number and h or d: 12h, 90d");
  const seconds = number === undefined ? undefined : Number(number) * UNITS[unit];
  const made = await withClient(database, (client) =>
    createKey(client, { name, scopes: [...new Set(scope)], seconds }),
  );
  say(
    `Key ${made.id} for ${made.name}: ${made.scopes.join(", ")}; ${made.expires_at ? `expires ${moment(made.expires_at)}` : "does not expire"}`,
  );
  say(dim("  It is shown this once. Send it as `Authorization: Bearer …`; keep it where secrets are kept."));
  say(made.key);
}

/** @param {Call} call */
async function list({ database }) {
  const keys = await withClient(database, listKeys);
  if (keys.length === 0) return say("There is no key: npm run admin -- key create");
  const rows = keys.map((key) => [
    key.id,
    key.name,
    key.state,
    key.scopes.join(" "),
    moment(key.created_at),
    moment(key.last_used_at),
    moment(key.expires_at),
    moment(key.revoked_at),
  ]);
  const heading = ["id", "name", "state", "scopes", "created", "last used", "expires", "revoked"];
  const widths = heading.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (/** @type {string[]} */ row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join("  ")
      .trimEnd();
  say(bold(line(heading)));
  for (const row of rows) say(line(row));
}

/** @param {Call} call */
async function revoke({ argument, database }) {
  if (!UUID.test(argument)) throw new Failure(`that is no id of a key: \`npm run admin -- key list\` shows them`); // perhaps it is the key
  const revoked = await withClient(database, (client) => revokeKey(client, argument));
  if (!revoked) throw new Failure(`there is no key ${argument}: \`npm run admin -- key list\` shows those there are`);
  say(`Revoked: ${revoked.name}, since ${moment(revoked.revoked_at)}`);
}

/** @param {Date | null} time */
const moment = (time) => (time ? `${time.toISOString().slice(0, 19).replace("T", " ")} UTC` : "-");

// ── Moving house ──

/** @param {Call} call */
async function importFile({ argument: file, options, database }) {
  if (!existsSync(file)) throw new Failure(`there is no file ${file}`);
  const from = options.from ?? (file.endsWith(".csv") ? "csv" : "jsonl");
  if (!Object.hasOwn(readers, from))
    throw new Failure(`there is no reader for ${from}: --from ${Object.keys(readers).join(", ")}`);
  for (const name of ["hash-parameters", "hashes"])
    if (options[name] !== undefined && !existsSync(options[name]))
      throw new Failure(`there is no file ${options[name]}`);
  const url = addressOf(options.url ?? LOCAL_URL);
  const { key, done } = await keyFor(url, database);
  const wanted = {
    file,
    from,
    url: url.href.replace(/\/$/, ""),
    key,
    restart: options.restart,
    options: {
      hashParameters: options["hash-parameters"],
      hashes: options.hashes,
      dropSecondFactors: options["drop-second-factors"],
    },
  };
  const began = Date.now();
  try {
    const state = await step(`Importing ${file}`, () =>
      importUsers({
        ...wanted,
        onProgress({ state, records, fraction }) {
          const speed = (records / (Date.now() - began)) * 1000;
          detail(
            `${bar(fraction)} ${Math.floor(fraction * 100)} %  ${state.records} records, ${Math.round(speed)} a second${state.refused ? `, ${state.refused} refused` : ""}`,
          );
        },
      }),
    );
    say(
      `Imported: ${state.imported}. There already, left as they are: ${state.unchanged}. Left out: ${state.skipped}. Refused: ${state.refused}`,
    );
    if (state.refused > 0) say(`Why: ${file}.refused.jsonl`);
    say(dim(`  ${file}.progress.json remembers that it is done; --restart begins anew.`));
    return state.refused > 0 ? 1 : 0;
  } finally {
    await done();
  }
}

/** @param {string} text @returns {URL} */
function addressOf(text) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !["http:", "https:"].includes(url.protocol) || url.username || url.search)
    throw new Failure(`--url takes the address of the API, such as https://auth.example.com/auth/v1`);
  if (url.protocol === "http:" && !isLocal(url))
    throw new Failure("--url must be https: the key and the hashes go there");
  return url;
}

/** @param {URL} url */
const isLocal = ({ hostname }) => ["localhost", "127.0.0.1", "[::1]"].includes(hostname);

/**
 * The key to call with. For the development server one is made for this run, if there is none.
 * @param {URL} url
 * @param {Call["database"]} database
 */
async function keyFor(url, database) {
  const key = process.env.EDGEGATE_API_KEY;
  if (key) return { key, done: async () => {} };
  if (!isLocal(url))
    throw new Failure(
      "EDGEGATE_API_KEY is not set: it must be a key with the scope users:write, made by `npm run admin -- key create`",
    );
  const made = await withClient(database, (client) =>
    createKey(client, { name: "npm run admin -- import", scopes: ["users:write"], seconds: OWN_KEY_SECONDS }),
  );
  return { key: made.key, done: async () => void (await withClient(database, (client) => revokeKey(client, made.id))) };
}

/** @param {Call} call */
async function exportFile({ argument: file, database }) {
  const { written, anonymous, deleted } = await withClient(database, (client) =>
    step(`Exporting to ${file}`, () =>
      exportUsers(client, file, (done, total) => detail(`${bar(done / total)} ${done} of ${total}`)),
    ),
  );
  say(`Exported: ${written}. Left out: ${anonymous} anonymous, ${deleted} deleted.`);
  say(
    dim(
      "  It holds password hashes: keep it as a secret. Those of edgegate's own verify only where AUTH_SECRET is the same.",
    ),
  );
}
