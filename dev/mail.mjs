// `npm run mail -- list|show|requeue|suppressions|allow`: the mail queue, as an operator sees it,
// of the database that DATABASE_URL names, or of the development database. What each statement
// does: dev/mail_queue.mjs. docs/mail_queue.md has examples.
//
//     list                                           what waits, and what was given up
//     show ID                                        one mail; never its text
//     requeue ID                                     a mail that was given up, if it can still be of use
//     requeue --failed [--since 2h] [--error TEXT]   all that were given up, lately, or for that reason
//     suppressions                                   addresses that nothing is sent to
//     allow ADDRESS                                  sends to that address again

import { parseArgs } from "node:util";
import pg from "pg";
import { Failure } from "./failure.mjs";
import { allow, find, masked, pausedUntil, requeue, suppressions, unsent } from "./mail_queue.mjs";
import { startDatabase } from "./postgres.mjs";
import { bold, dim, say } from "./progress.mjs";

/** @typedef {{ failed?: boolean, since?: string, error?: string }} Options */
/** @typedef {{ client: pg.Client, argument: string, options: Options }} Call */

/**
 * What each command does, and what it is given.
 * @type {Record<string, { run: (call: Call) => Promise<void>, usage: string, argument?: "id" |
 *   "address", takes?: ("failed" | "since" | "error")[] }>}
 */
const commands = {
  list: { run: list, usage: "list" },
  show: { run: show, usage: "show ID", argument: "id" },
  requeue: {
    run: queueAgain,
    usage: "requeue ID, or requeue --failed [--since 2h] [--error TEXT]",
    argument: "id",
    takes: ["failed", "since", "error"],
  },
  suppressions: { run: listSuppressions, usage: "suppressions" },
  allow: { run: allowAgain, usage: "allow ADDRESS", argument: "address" },
};

/** Rows that `list` shows. */
const LIST_LIMIT = 200;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Seconds in a unit of --since. @type {Record<string, number>} */
const UNITS = { m: 60, h: 3600, d: 86_400 };

/** @param {string[]} args @param {{ database?: () => Promise<{ url: string }> }} [surroundings] */
export async function main([name = "", ...args], { database = startDatabase } = {}) {
  if (!Object.hasOwn(commands, name))
    throw new Failure(`say what to do with the mail queue: npm run mail -- ${Object.keys(commands).join("|")}`);
  const { argument, options } = understood(name, args);
  const { url } = await database();
  const client = new pg.Client({ connectionString: url, application_name: "edgegate-mail" });
  client.on("error", () => {}); // what is awaited then fails as well
  await client.connect();
  try {
    await commands[name].run({ client, argument, options });
  } catch (error) {
    const { code } = /** @type {{ code?: string }} */ (error);
    if (code === "42P01" || code === "3F000")
      throw new Failure("this database has not had every migration: npm run migrate");
    throw error;
  } finally {
    await client.end();
  }
}

/** @param {string} name @param {string[]} args @returns {{ argument: string, options: Options }} */
function understood(name, args) {
  const { usage, argument: wants, takes = [] } = commands[name];
  const failure = new Failure(`not understood: ${[name, ...args].join(" ")}; say npm run mail -- ${usage}`);
  const options = Object.fromEntries(
    takes.map((option) => [
      option,
      { type: /** @type {"string" | "boolean"} */ (option === "failed" ? "boolean" : "string") },
    ]),
  );
  let parsed;
  try {
    parsed = parseArgs({ args, options, allowPositionals: wants !== undefined });
  } catch {
    throw failure; // its message explains the syntax of Node, not ours
  }
  const values = /** @type {Options} */ ({ ...parsed.values });
  const { failed, ...filters } = values;
  const wanted = wants && !failed ? 1 : 0;
  if (parsed.positionals.length !== wanted || (!failed && Object.keys(filters).length > 0)) throw failure;
  const [argument = ""] = parsed.positionals;
  if (wanted && wants === "id" && !UUID.test(argument))
    throw new Failure(`${argument} is no id of a mail: \`npm run mail -- list\` shows them`);
  if (wanted && wants === "address" && !argument.includes("@")) throw failure;
  if (filters.since !== undefined && secondsOf(filters.since) === undefined)
    throw new Failure("--since takes a number and m, h or d: 30m, 2h, 1d");
  if (filters.error === "") throw failure;
  return { argument, options: values };
}

/** @param {string} text such as `2h` */
function secondsOf(text) {
  const [, number, unit] = /^(\d{1,4})([mhd])$/.exec(text) ?? [];
  return number === undefined ? undefined : Number(number) * UNITS[unit];
}

// ── The commands ──

/** @param {Call} call */
async function list({ client }) {
  const { total, mails } = await unsent(client, LIST_LIMIT);
  table(
    ["id", "state", "kind", "recipient", "attempts", "last error", "when"],
    mails.map((mail) => [
      mail.id,
      mail.state,
      mail.kind,
      mail.recipient,
      String(mail.attempts),
      mail.last_error ?? "",
      whenOf(mail),
    ]),
    "Nothing waits, and nothing was given up.",
  );
  if (total > mails.length) say(`… and ${total - mails.length} more`);
  await sayPause(client);
}

/** @param {Call} call */
async function show({ client, argument }) {
  const mail = await find(client, argument);
  if (!mail) throw new Failure(`there is no mail ${argument}: a week after it was queued its row goes`);
  const lines = {
    id: mail.id,
    kind: mail.kind,
    recipient: mail.recipient,
    state: `${mail.state}, ${whenOf(mail)}`,
    attempts: mail.attempts,
    "last error": mail.last_error ?? "none",
    queued: moment(mail.created_at),
    "link dies": moment(mail.expires_at),
    text: mail.has_text ? "sealed" : "wiped",
  };
  for (const [name, value] of Object.entries(lines)) say(`${name.padEnd(10)}  ${value}`);
  await sayPause(client);
}

/** @param {Call} call */
async function queueAgain({ client, argument, options: { failed, since, error } }) {
  const { requeued, left } = await requeue(
    client,
    failed ? { sinceSeconds: since === undefined ? undefined : secondsOf(since), error } : { id: argument },
  );
  const others = Object.entries(left);
  if (!failed && requeued === 0 && others.length === 0)
    throw new Failure(`there is no mail ${argument}: a week after it was queued its row goes`);
  say(`Queued again: ${requeued}${requeued ? ". The Cron Trigger sends them, each minute." : ""}`);
  for (const [why, mails] of others) say(`Left: ${mails}, ${why}`);
  await sayPause(client);
}

/** @param {Call} call */
async function listSuppressions({ client }) {
  table(
    ["address", "reason", "detail", "told by", "when"],
    (await suppressions(client)).map((one) => [
      one.email_key,
      one.reason,
      one.detail ?? "",
      one.provider,
      moment(one.happened_at),
    ]),
    "No address is suppressed.",
  );
}

/** @param {Call} call */
async function allowAgain({ client, argument }) {
  const removed = await allow(client, argument);
  if (!removed)
    throw new Failure("that address is not suppressed: `npm run mail -- suppressions` shows those that are");
  say(
    `Allowed again: ${masked(removed.email_key)}, which was suppressed since ${moment(removed.happened_at)} (${removed.reason}, told by ${removed.provider}).`,
  );
  say(
    dim(
      "  The provider may keep a list of its own. What was not sent meanwhile: npm run mail -- requeue --failed --error suppressed",
    ),
  );
}

// ── What is said ──

/** @param {import("./mail_queue.mjs").QueuedMail} mail */
function whenOf({ sent_at, failed_at, next_attempt_at }) {
  if (sent_at) return moment(sent_at);
  return failed_at ? `given up ${moment(failed_at)}` : `due ${moment(/** @type {Date} */ (next_attempt_at))}`;
}

/** @param {Date} time */
const moment = (time) => `${time.toISOString().slice(0, 19).replace("T", " ")} UTC`;

/** @param {pg.Client} client */
async function sayPause(client) {
  const until = await pausedUntil(client);
  if (until) say(`The provider asked to be left alone until ${moment(until)}: nothing is sent before.`);
}

/** @param {string[]} heading @param {string[][]} rows @param {string} none */
function table(heading, rows, none) {
  if (rows.length === 0) return say(none);
  const widths = heading.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (/** @type {string[]} */ row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column]))
      .join("  ")
      .trimEnd();
  say(bold(line(heading)));
  for (const row of rows) say(line(row));
}
