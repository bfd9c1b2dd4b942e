// `npm run bench`: what the Worker costs: size, statements, processor time, memory, throughput;
// beside an empty Worker in the same run, in turns, so that a busy machine slows both alike. Prints
// Markdown. Not a test: no figure passes or fails. `npm run bench -- PART`: only `size`, `calls`,
// `memory` or `throughput`.
//
// The Worker runs in workerd as in tests/workerd, behind PgBouncer in transaction mode, which
// stands in for Hyperdrive.

import { readFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { api, CHEAP_CALLS, hashing, inTurn, json, lines, refresher, sessions, times } from "./bench_calls.mjs";
import { digits, markdown, Measurement, memory, quantile, send } from "./bench_measure.mjs";
import { askingWorker, emptyWorker, floorTable, floorWorker, READ_NOTHING, WRITE_ONE_ROW } from "./bench_workers.mjs";
import { buildWorker } from "./build.mjs";
import { Failure } from "./failure.mjs";
import { providePgbouncer, startPgbouncer } from "./pgbouncer.mjs";
import { say, step } from "./progress.mjs";
import { startTestDatabase } from "./test_database.mjs";

/** The calls are spread over so many turns between our Worker and the empty one. */
const TURNS = 4;
/** Requests before anything counts: workerd compiles hot code in the background. */
const WARM_UP = 300;
const THROUGHPUT_CLIENTS = 16;
const THROUGHPUT_MS = 3000;
const CROWD = 50;
/**
 * Who signs in at once: few enough that nobody does so more than four times, which would be taken
 * for guessing.
 */
const PEOPLE = 13;

/** @typedef {import("../tests/workerd/harness.mjs")} Harness */
/** @typedef {import("../tests/workerd/harness.mjs").World} World */
/** @typedef {import("./bench_calls.mjs").Line} Line */

/**
 * What can be measured, in this order.
 * @type {Record<string, (harness: Harness, way: import("../tests/workerd/database.mjs").Way) =>
 *   Promise<string>>}
 */
const parts = {
  size: async () => sizes(),
  calls: costsOfCalls,
  memory: (harness, way) => step("Measuring memory", () => memories(harness, way)),
  throughput: (harness, way) => step("Measuring throughput", () => throughput(harness, way)),
};

/** @param {string[]} args */
export async function main([name]) {
  const chosen = name ? [name] : Object.keys(parts);
  if (name && !(name in parts))
    throw new Failure(`there is no part \`${name}\`: choose one of ${Object.keys(parts).join(", ")}, or none for all`);
  if (process.platform !== "linux") throw new Failure("the figures are read from /proc: run it on Linux");
  await provide();
  const harness = await import("../tests/workerd/harness.mjs");
  const { ways } = await import("../tests/workerd/database.mjs");

  say(`\nedgegate, measured on ${cpus().length} × ${cpus()[0].model.trim()}, workerd behind PgBouncer\n`);
  for (const part of chosen) say(`${await parts[part](harness, ways[1])}\n`);
}

/**
 * Statements, processor time and duration of each call.
 * @param {Harness} harness
 * @param {import("../tests/workerd/database.mjs").Way} way
 */
async function costsOfCalls(harness, way) {
  const empty = await harness.startRuntime(/** @type {any} */ (emptyWorker));
  const costs = await step("Counting statements", () => counted(harness, way));
  const rows = [];
  for (const [scheme, chosen] of /** @type {[string, Line[]][]} */ ([
    ["pbkdf2-sha512", [...lines, ...hashing]],
    ["argon2id", hashing],
  ])) {
    const world = await harness.startWorld(way, { settings: { PASSWORD_HASH: scheme } });
    await warmUp(world, empty);
    for (const line of chosen) {
      const { ours, floor } = await step(`Measuring ${line.what}`, () => measured(line, world, empty));
      const { statements = "–", roundTrips = "–", afterwards = "–" } = costs.get(line.what) ?? {};
      const name = hashing.includes(line) ? `${line.what} (${scheme})` : line.what;
      rows.push([
        name,
        statements,
        roundTrips,
        afterwards,
        digits(ours.each),
        digits(floor.each),
        `${digits(ours.each / floor.each)} ×`,
        digits(quantile(ours.durations, 0.5)),
        digits(quantile(floor.durations, 0.5)),
      ]);
    }
    await world.stop();
  }
  await empty.stop();
  return markdown(
    [
      "call",
      "statements",
      "round trips",
      "after the response",
      "CPU ms",
      "empty Worker, CPU ms",
      "ratio",
      "median ms",
      "empty, median ms",
    ],
    rows,
  );
}

/** What the tests of the Worker need, unless it runs already. */
async function provide() {
  process.env.EDGEGATE_BUILD ??= await buildWorker();
  if (process.env.TEST_PGBOUNCER_URL) return;
  const missing = await providePgbouncer();
  if (missing) throw new Failure(`PgBouncer is missing: run \`${missing}\` and try again`);
  const { url, log } = await startTestDatabase();
  process.env.TEST_DATABASE_URL = url;
  if (log) process.env.TEST_POSTGRES_LOG = log;
  process.env.TEST_PGBOUNCER_URL = await startPgbouncer(url);
}

function sizes() {
  const rows = ["index_bg.wasm", "index.js"].map((file) => {
    const bytes = readFileSync(join(/** @type {string} */ (process.env.EDGEGATE_BUILD), file));
    return [file, `${digits(bytes.length / 1024)} KiB`, `${digits(gzipSync(bytes, { level: 9 }).length / 1024)} KiB`];
  });
  return markdown(["file", "size", "gzip -9"], rows);
}

/** @param {{ url: string }} world @param {{ url: string }} empty */
async function warmUp(world, empty) {
  for (let index = 0; index < WARM_UP; index += 1) {
    await send(`${world.url}/auth/v1/health`);
    await send(empty.url);
  }
}

/**
 * @param {Line} line
 * @param {World} world
 * @param {Awaited<ReturnType<Harness["startRuntime"]>>} empty
 */
async function measured(line, world, empty) {
  const [ours, floor] = [new Measurement(), new Measurement()];
  const calls = times(Math.max(line.calls, CHEAP_CALLS), () => () => send(empty.url));
  for (let turn = 0; turn < TURNS; turn += 1) {
    const prepared = await line.prepare(world, line.calls);
    await ours.add(/** @type {number} */ (world.pid), prepared.calls, prepared.settled);
    await floor.add(/** @type {number} */ (empty.pid), calls);
  }
  return { ours, floor };
}

/**
 * Statements in PostgreSQL's log and round trips on the wire, of one call each.
 * @param {Harness} harness
 * @param {import("../tests/workerd/database.mjs").Way} way
 */
async function counted(harness, way) {
  const { followLog, noLog } = await import("../tests/workerd/statement_log.mjs");
  const { tellKv } = await import("../tests/workerd/faulty_kv.mjs");
  /** @type {Map<string, { statements: number, roundTrips: number, afterwards: number }>} */
  const costs = new Map();
  if (noLog) return costs;
  const world = await harness.startWorld(way, { wire: true, faultyKv: true, settings: harness.USUAL_HASH });
  await tellKv(world.url, "slow"); // as the provider of mail below, so that what follows is told from the call itself
  for (const line of [...lines, ...hashing]) {
    const { calls, settled } = await line.prepare(world, 1);
    if (settled) world.mailbox.fail({ delay_ms: 300, times: 1 });
    const log = followLog(world.database.name);
    world.wire.count();
    await calls[0]();
    const [statements, roundTrips] = [log.read().statements.length, world.wire.count().roundTrips];
    await settled?.();
    costs.set(line.what, { statements, roundTrips, afterwards: log.read().statements.length });
  }
  await world.stop();
  return costs;
}

/** @param {Harness} harness @param {import("../tests/workerd/database.mjs").Way} way */
async function memories(harness, way) {
  // Afresh: memory grows with what was done before.
  const empty = await harness.startRuntime(/** @type {any} */ (emptyWorker));
  const rows = [];
  for (const scheme of ["pbkdf2-sha512", "argon2id"]) {
    const world = await harness.startWorld(way, { settings: { PASSWORD_HASH: scheme } });
    const pid = /** @type {number} */ (world.pid);
    await warmUp(world, empty);
    const idle = memory(pid);
    const floor = memory(/** @type {number} */ (empty.pid));
    const people = await inTurn(PEOPLE, () => world.newcomer());
    const bodies = people.map(({ email, password }) => JSON.stringify({ email, password }));
    const prepared = memory(pid);
    const began = performance.now();
    const answers = await Promise.all(
      times(CROWD, (index) => {
        const headers = { ...json, "cf-connecting-ip": `198.18.7.${index + 1}` };
        return send(api(world, "/token?grant_type=password"), {
          method: "POST",
          headers,
          body: bodies[index % bodies.length],
        });
      }),
    );
    const seconds = (performance.now() - began) / 1000;
    const under = memory(pid);
    /** @type {Record<string, number>} */
    const outcomes = {};
    for (const { status } of answers) outcomes[status] = (outcomes[status] ?? 0) + 1;
    rows.push([
      scheme,
      `${idle.now} MiB`,
      `${prepared.now} MiB`,
      `${under.now} MiB`,
      `${under.most} MiB`,
      `${floor.now} MiB`,
      Object.entries(outcomes)
        .map(([status, count]) => `${count} × ${status}`)
        .join(", "),
      `${digits(seconds)} s`,
    ]);
    await world.stop();
  }
  await empty.stop();
  return markdown(
    [
      "memory of workerd",
      "idle",
      `after ${PEOPLE} sign-ups`,
      `after ${CROWD} sign-ins at once`,
      "most",
      "empty Worker, idle",
      "answers",
      "took",
    ],
    rows,
  );
}

/**
 * Calls a second of many clients at once, in turns; and how many times the floor that refreshing
 * is: a Worker in Rust that connects as ours does and writes one row (dev/floor), each client its
 * own, as each client refreshes its own session. The same by the usual JavaScript driver, which
 * need not do the login's arithmetic in wasm, stands beside it.
 * @param {Harness} harness @param {import("../tests/workerd/database.mjs").Way} way
 */
async function throughput(harness, way) {
  const world = await harness.startWorld(way, { settings: harness.USUAL_HASH });
  const env = { HYPERDRIVE: harness.bindings(world.database.url, {}).HYPERDRIVE };
  await world.database.rows(floorTable(THROUGHPUT_CLIENTS));
  const reading = await harness.startRuntime(/** @type {any} */ (await askingWorker(env, READ_NOTHING)));
  const floor = await harness.startRuntime(floorWorker(env, await buildWorker("floor")));
  const writing = await harness.startRuntime(/** @type {any} */ (await askingWorker(env, WRITE_ONE_ROW)));
  const each = await sessions(world, THROUGHPUT_CLIENTS);
  const headers = { authorization: `Bearer ${each[0].access_token}` };
  const refreshers = each.map(({ refresh_token: token }) => refresher(world, token));
  const contenders = [
    { name: "GET /user", pid: world.pid, call: () => send(api(world, "/user"), { headers }) },
    { name: "JavaScript, `pg`: connect, `SELECT 1`", pid: reading.pid, call: () => send(reading.url) },
    {
      name: "POST /token?grant_type=refresh_token",
      pid: world.pid,
      call: (/** @type {number} */ client) => refreshers[client](),
    },
    {
      name: "the floor, Rust: connect, `UPDATE` of one row",
      pid: floor.pid,
      call: (/** @type {number} */ client) => send(`${floor.url}/?row=${client}`),
    },
    {
      name: "JavaScript, `pg`: connect, `UPDATE` of one row",
      pid: writing.pid,
      call: (/** @type {number} */ client) => send(`${writing.url}/${client}`),
    },
  ].map((contender) => ({ ...contender, done: 0, failed: 0, ms: 0, measurement: new Measurement() }));
  for (let turn = -1; turn < TURNS; turn += 1) {
    for (const contender of contenders) {
      const began = performance.now();
      let [done, failed] = [0, 0];
      const client = async (/** @type {number} */ index) => {
        while (performance.now() - began < THROUGHPUT_MS) {
          const { status } = await contender.call(index);
          if (status === 200) done += 1;
          else failed += 1; // a refusal may be quicker than what was asked for, so it does not count as a call done
        }
      };
      const work = () => Promise.all(times(THROUGHPUT_CLIENTS, client));
      if (turn < 0) {
        await work(); // warming up
        continue;
      }
      await contender.measurement.add(/** @type {number} */ (contender.pid), [work]);
      contender.ms += performance.now() - began;
      contender.done += done;
      contender.failed += failed;
    }
  }
  for (const { stop } of [world, reading, floor, writing]) await stop();
  const rate = (/** @type {typeof contenders[number]} */ { done, ms }) => (done / ms) * 1000;
  const rows = contenders.map((contender) => [
    contender.name,
    digits(rate(contender)),
    digits(contender.measurement.processorMs / (contender.done + contender.failed)),
    contender.failed,
  ]);
  const table = markdown(
    [`${THROUGHPUT_CLIENTS} clients at once, behind PgBouncer`, "calls a second", "CPU ms each", "failed"],
    rows,
  );
  return `${table}\n\nRefreshes a second, over the floor's updates a second: ${digits(rate(contenders[2]) / rate(contenders[3]))}; over those in JavaScript: ${digits(rate(contenders[2]) / rate(contenders[4]))}. GET /user over \`SELECT 1\`: ${digits(rate(contenders[0]) / rate(contenders[1]))}.`;
}
