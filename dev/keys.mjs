// `npm run keys -- create|list|rotate|retire|token|help`: prepares the secret JWT_KEYS, in
// `.dev.vars` for development, or in the file that --file names for an environment. What a rotation
// is: dev/key_set.mjs. Putting it into an environment is left to wrangler.

import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { randomBytes } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { inCheckout } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import {
  ALGORITHMS,
  moment,
  newSet,
  nextSteps,
  readSet,
  retired,
  rotated,
  span,
  stateOf,
  textOf,
  TOKEN_DAYS,
  TOKEN_ROLES,
  withToken,
} from "./key_set.mjs";
import { bold, dim, say } from "./progress.mjs";
import { parse, withJson } from "./secrets.mjs";

/** @typedef {import("./key_set.mjs").KeySet} KeySet */
/**
 * @typedef {{ kid?: string, alg?: string, days?: string, role?: string, now?: boolean }} Options
 */
/** @typedef {{ place: Place, now: number, options: Options }} Call */

/**
 * What each command does and which options it takes besides --file.
 * @type {Record<string, { run: (call: Call) => void, takes: (keyof Options)[] }>}
 */
const commands = {
  create: { run: create, takes: ["alg"] },
  list: { run: list, takes: [] },
  rotate: { run: rotate, takes: ["alg", "now"] },
  retire: { run: retire, takes: ["kid", "now"] },
  token: { run: token, takes: ["days", "role"] },
};

const USAGE = `npm run keys -- COMMAND

  create --file PATH [--alg ALG]             a new set, with one key
  list   [--file PATH]                       what each key does, and what comes next
  rotate [--file PATH] [--alg ALG] [--now]   the next step towards another key that signs
  retire [--file PATH] [--kid KID] [--now]   removes keys whose tokens have all expired, or the one that is named
  token  [--file PATH] [--days N] [--role ROLE]
                                             a token for a program of yours, as the last line of stdout
  help                                       this

PATH  a file with the JWT_KEYS of an environment; without it, those of development in .dev.vars
ALG   ${ALGORITHMS.join(" or ")}; without it, ${ALGORITHMS[0]} or that of the key that signs
ROLE  ${TOKEN_ROLES.join(", ")}: the last may introspect tokens and nothing else, the others administer accounts
--now does not wait until everybody knows a new key, or until the last token of an old one has expired: then tokens are refused`;

/**
 * @param {string[]} args
 * @param {{ vars?: string, now?: number }} [surroundings] the file of development's secrets; the
 *   time in seconds since 1970
 */
export async function main(
  [name = "", ...args],
  { vars = inCheckout(".dev.vars"), now = Math.floor(Date.now() / 1000) } = {},
) {
  if (["help", "--help", "-h"].includes(name) || args.some((arg) => ["--help", "-h"].includes(arg))) return say(USAGE);
  if (!Object.hasOwn(commands, name)) throw new Failure(`say what to do with the keys: ${USAGE}`);
  const { run, takes } = commands[name];
  const { file, ...options } = optionsIn(name, args, ["file", ...takes]);
  if (options.alg !== undefined && !ALGORITHMS.includes(options.alg))
    throw new Failure(`no key is made for ${options.alg}: --alg ${ALGORITHMS.join(" or ")}`);
  run({ place: file === undefined ? development(vars) : environment(file), now, options });
}

/**
 * @param {string} name
 * @param {string[]} args
 * @param {string[]} takes
 * @returns {Options & { file?: string }}
 */
function optionsIn(name, args, takes) {
  const usage = `${name} takes ${takes.map((option) => (option === "now" ? "--now" : `--${option} ${option.toUpperCase()}`)).join(", ")}`;
  const options = Object.fromEntries(
    takes.map((option) => [
      option,
      { type: /** @type {"string" | "boolean"} */ (option === "now" ? "boolean" : "string") },
    ]),
  );
  const values = parsedArgs(args, options);
  if (!values || Object.values(values).includes("")) throw new Failure(`not understood: ${args.join(" ")}; ${usage}`);
  return values;
}

/**
 * @param {string[]} args
 * @param {Record<string, { type: "string" | "boolean" }>} options
 * @returns {Options | undefined}
 */
function parsedArgs(args, options) {
  try {
    return { ...parseArgs({ args, options }).values }; // strict: no other option, and a value where one belongs
  } catch {
    return undefined; // its message explains the syntax of Node, not ours
  }
}

// ── The commands ──

/** @param {Call} call */
function create({ place, now, options: { alg = ALGORITHMS[0] } }) {
  if (place.isDevelopment)
    throw new Failure("say where to: npm run keys -- create --file PATH; development has its keys from `npm start`");
  if (existsSync(place.path))
    throw new Failure(
      `${place.name} is there already: another name for new keys, \`rotate\` to replace the one that signs`,
    );
  const set = newSet(alg, now);
  place.write(set);
  say(
    `Made ${place.name} with the key ${set.keys[0].kid}, which signs by ${alg}. Keep it, and keep it secret: an environment does not give it back.`,
  );
  sayHowToDeploy(place);
}

/** @param {Call} call */
function list({ place, now }) {
  const set = place.read();
  const rows = set.keys.map((key) => [
    key.kid,
    key.alg,
    inWords(stateOf(key, now), now),
    key.iat === undefined ? "unknown" : moment(key.iat),
  ]);
  const heading = ["kid", "alg", "state", "made"];
  const widths = heading.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (/** @type {string[]} */ row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join("  ")
      .trimEnd();
  say(bold(line(heading)));
  for (const row of rows) say(line(row));
  say();
  const steps = nextSteps(set, now);
  for (const { command, at } of steps)
    say(`Next: ${place.command(command)}, ${at > now ? `from ${moment(at)} on, in ${span(at - now)}` : "now"}`);
  if (steps.length === 0) say(`Next: ${place.command("rotate")}, when another key is to sign`);
}

/** @param {Call} call */
function rotate({ place, now, options: { alg, now: immediately } }) {
  const { set, key, replaced } = rotated(place.read(), now, { algorithm: alg, immediately });
  place.write(set);
  const when = " now, since the times count from now"; // told by this machine's clock, not by that of a deployment
  if (replaced) {
    say(`Key ${key.kid} signs now, ${key.alg}. Key ${replaced.kid} only verifies, for as long as its tokens may live.`);
    sayHowToDeploy(place, when);
    say(`Next: ${place.command("retire")}, from ${moment(replaced.exp)} on`);
  } else {
    say(`Key ${key.kid} was added, ${key.alg}. It is published, and does not sign yet.`);
    sayHowToDeploy(place, when);
    say(
      `Next: ${place.command("rotate")}, ${key.nbf > now ? `from ${moment(key.nbf)} on, in ${span(key.nbf - now)}` : "now"}`,
    );
  }
}

/** @param {Call} call */
function retire({ place, now, options: { kid, now: immediately } }) {
  if (immediately && kid === undefined)
    throw new Failure("--now removes a key whose tokens may live: say which by --kid KID");
  const { set, removed } = retired(place.read(), now, { kid, immediately });
  place.write(set);
  say(`Removed ${removed.map((key) => key.kid).join(", ")}.`);
  sayHowToDeploy(place);
}

/** @param {Call} call */
function token({ place, now, options: { days = String(TOKEN_DAYS.usual), role = TOKEN_ROLES[0] } }) {
  const { least, most } = TOKEN_DAYS;
  if (!/^\d{1,4}$/.test(days) || Number(days) < least || Number(days) > most)
    throw new Failure(`a token lasts ${least} to ${most} days: --days N`);
  if (!TOKEN_ROLES.includes(role))
    throw new Failure(`no token is made for the role ${role}: --role ${TOKEN_ROLES.join(" or ")}`);
  const made = withToken(place.read(), now, { days: Number(days), role });
  place.write(made.set); // before anybody has the token: `retire` must know of it
  note(
    `A token for ${role}, until ${moment(made.expires)}, signed by key ${made.key.kid}. Whoever has it ${role === "introspector" ? "may introspect tokens" : "administers accounts"}: keep it secret.`,
  );
  note(
    `${place.name} remembers how long that key is needed. The Worker does not have to know, so there is nothing to deploy.`,
  );
  say(made.token);
}

// ── What is said ──

/** @param {import("./key_set.mjs").State} state @param {number} now */
function inWords(state, now) {
  if (state.name === "signs") return "signs";
  if (state.name === "waits")
    return state.from > now ? `waits, may sign from ${moment(state.from)}` : "waits, may sign now";
  if (state.name === "ended") return "can be retired";
  return state.until === undefined ? "verifies, until when is unknown" : `verifies until ${moment(state.until)}`;
}

/** Beside the result: whoever pipes that does not want this. @param {string} line */
const note = (line) => process.stderr.write(`${line}\n`);

/** @param {Place} place @param {string} [when] */
function sayHowToDeploy(place, when = "") {
  if (place.isDevelopment) return say(dim("  `npm start` reads it when it starts."));
  say(`Put the set into its environment${when}, which deploys it at once:`);
  say(`  npx wrangler secret put JWT_KEYS --env production < ${quoted(place.name)}`);
}

/** A word for a shell. @param {string} text */
const quoted = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

// ── Where the set is ──

/**
 * @typedef {object} Place
 * @property {string} path
 * @property {string} name what it is called
 * @property {boolean} isDevelopment
 * @property {() => KeySet} read
 * @property {(set: KeySet) => void} write
 * @property {(command: string) => string} command how it is given to a shell
 */

/** @param {string} path of the file with development's secrets @returns {Place} */
function development(path) {
  return {
    path,
    name: basename(path),
    isDevelopment: true,
    read() {
      const json = existsSync(path) ? parse(readFileSync(path, "utf8")).JWT_KEYS : undefined;
      if (json === undefined)
        throw new Failure(
          `${basename(path)} has no JWT_KEYS: \`npm start\` makes them; or say --file PATH for those of an environment`,
        );
      return readSet(json, `JWT_KEYS in ${basename(path)}`);
    },
    write: (set) => writeSecret(path, withJson(readFileSync(path, "utf8"), "JWT_KEYS", textOf(set))),
    command: (command) => `npm run keys -- ${command}`,
  };
}

/** @param {string} name of a file that holds nothing but the set @returns {Place} */
function environment(name) {
  const { npm_lifecycle_event: script, INIT_CWD: directory } = process.env;
  const path = script === "keys" && directory ? resolve(directory, name) : resolve(name); // npm moves to the checkout first
  return {
    path,
    name,
    isDevelopment: false,
    read() {
      const text = readSecret(path, name);
      if (statSync(path).mode & 0o077)
        note(`Others can read ${name}, and so sign as they like: chmod 600 ${quoted(name)}`);
      return readSet(text, name);
    },
    write: (set) => writeSecret(path, `${textOf(set)}\n`),
    command: (command) => `npm run keys -- ${command} --file ${quoted(name)}`,
  };
}

/** @param {string} path @param {string} name */
function readSecret(path, name) {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const { code } = /** @type {NodeJS.ErrnoException} */ (error);
    if (code === "ENOENT")
      throw new Failure(`there is no file ${name}: make it with \`npm run keys -- create --file ${quoted(name)}\``);
    throw new Failure(`${name} cannot be read (${code}): make it a file of yours`);
  }
}

/**
 * Replaces a file as a whole or not at all: half a set would be no set, and its keys would be lost.
 * @param {string} path
 * @param {string} text
 */
function writeSecret(path, text) {
  const target = existsSync(path) ? realpathSync(path) : path; // a link stays one
  const beside = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString("hex")}`);
  try {
    const file = openSync(beside, "wx", 0o600);
    try {
      writeFileSync(file, text);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    renameSync(beside, target);
  } catch (error) {
    rmSync(beside, { force: true });
    throw new Failure(
      `${path} cannot be written (${/** @type {NodeJS.ErrnoException} */ (error).code}), nothing was changed: is the directory there and yours, and is there room?`,
    );
  }
}
