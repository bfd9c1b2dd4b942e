// Sends the accounts of a file to POST /admin/users/import: reads it as a stream, sends several
// batches at once, tries again what fails on the way, and keeps what was refused, and how far it
// has come, in files beside it (dev/import_progress.mjs). What is accepted is decided by the Worker
// alone; what other systems write is for dev/readers.

import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { Failure } from "./failure.mjs";
import { ImportProgress } from "./import_progress.mjs";
import { delay } from "./processes.mjs";
import { read as auth0 } from "./readers/auth0.mjs";
import { read as csv } from "./readers/csv.mjs";
import { read as firebase } from "./readers/firebase.mjs";
import { read as jsonl } from "./readers/jsonl.mjs";
import { uuidOf } from "./readers/records.mjs";
import { read as supabase } from "./readers/supabase.mjs";

/** @typedef {import("./readers/records.mjs").RecordRead} RecordRead */
/** @typedef {import("./import_progress.mjs").Refusal} Refusal */
/** @typedef {{ imported: number, unchanged: number, refusals: Refusal[] }} Outcome */
/** @typedef {{ line: number, json: string }} Sent */

/** @type {Record<string, import("./readers/records.mjs").Reader>} */
export const readers = { jsonl, csv, supabase, firebase, auth0 };

/**
 * What one call takes: src/domain/policy, IMPORT_BATCH_MAX and REQUEST_BODY_MAX_BYTES, with room
 * for what is around the lines.
 */
const BATCH_LINES = 500;
const BATCH_BYTES = 1024 * 1024 - 1024;
/** Batches that are under way at once. */
const AT_ONCE = 4;
/** How long one call may take. Milliseconds. */
const CALL_MS = 60_000;
/**
 * How often a call is tried, with waits of 0.5 s, 1 s, 2 s, … between, 30 s at most: some 3 minutes
 * in all.
 */
const TRIES = 10;
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;

/**
 * @typedef {object} Import
 * @property {string} file
 * @property {string} from which reader
 * @property {string} url with the base path
 * @property {string} key an API key with the scope users:write
 * @property {boolean} [restart] forgets how far an earlier run came
 * @property {import("./readers/records.mjs").ReaderOptions} [options]
 * @property {(progress: { state: import("./import_progress.mjs").State, records: number, fraction:
 *   number }) => void} [onProgress] `records` of this run
 * @property {number} [firstWait] milliseconds, for tests
 */

/**
 * Imports a file, or what an earlier run left of it.
 * @param {Import} wanted @returns {Promise<import("./import_progress.mjs").State>}
 */
export async function importUsers({
  file,
  from,
  url,
  key,
  restart = false,
  options = {},
  onProgress = () => {},
  firstWait = FIRST_WAIT_MS,
}) {
  const { size } = statSync(file);
  const progress = new ImportProgress(file, { from, url, restart });
  if (progress.state.finished) return progress.state;
  const { records: before } = progress.state;
  const stream = createReadStream(file);
  const caller = new Caller(url, key, firstWait);
  /**
   * Batches under way, in the order of the file.
   * @type {{ batch: Batch, outcome: Promise<Outcome> }[]}
   */
  const underWay = [];
  const settle = async () => {
    const { batch, outcome } = underWay[0]; // it stays there if it fails, so that nothing after it counts as done
    const { imported, unchanged, refusals } = await outcome;
    underWay.shift();
    const all = [...batch.refusals, ...refusals].sort((one, other) => one.line - other.line);
    progress.add({ records: batch.records, imported, unchanged, skipped: batch.skipped, refusals: all });
    onProgress({
      state: progress.state,
      records: progress.state.records - before,
      fraction: size ? stream.bytesRead / size : 1,
    });
  };
  try {
    for await (const batch of batches(readers[from](stream, options), progress.state)) {
      if (underWay.length === AT_ONCE) await settle();
      const outcome = caller.send(batch.lines);
      outcome.catch(() => {}); // it is awaited in its turn
      underWay.push({ batch, outcome });
    }
    while (underWay.length > 0) await settle();
    progress.finish();
    return progress.state;
  } catch (error) {
    caller.stop();
    while (
      underWay.length > 0 &&
      (await underWay[0].outcome.then(
        () => true,
        () => false,
      ))
    )
      await settle(); // what was answered counts
    if (error instanceof Failure && progress.state.records > 0)
      error.message += `; ${progress.state.records} records are done, and the same command goes on from there`;
    throw error;
  } finally {
    stream.destroy();
    progress.close();
  }
}

/** @typedef {{ lines: Sent[], records: number, skipped: number, refusals: Refusal[] }} Batch */

/**
 * The records of a file in batches that one call takes, but for those that are done already.
 * @param {AsyncIterable<RecordRead>} records @param {{ records: number, seed: string }} state
 *   @returns {AsyncGenerator<Batch>}
 */
async function* batches(records, { records: done, seed }) {
  const empty = () => ({
    lines: /** @type {Sent[]} */ ([]),
    records: 0,
    skipped: 0,
    refusals: /** @type {Refusal[]} */ ([]),
  });
  let batch = empty();
  let bytes = 0;
  let number = 0;
  for await (const { line, user, text, refused, skipped } of records) {
    if (++number <= done) continue;
    const json = user && jsonOf(user, text, seed, number);
    const length = json ? Buffer.byteLength(json) + 1 : 0;
    if (batch.lines.length === BATCH_LINES || bytes + length > BATCH_BYTES || batch.records === 10 * BATCH_LINES) {
      yield batch;
      batch = empty();
      bytes = 0;
    }
    batch.records++;
    bytes += length;
    if (refused) batch.refusals.push({ line, ...refused });
    else if (skipped) batch.skipped++;
    else if (length > BATCH_BYTES)
      batch.refusals.push({ line, code: "request_entity_too_large", reason: "it is larger than 1 MiB" });
    else batch.lines.push({ line, json: /** @type {string} */ (json) });
  }
  if (batch.records > 0) yield batch;
}

/**
 * An account as it is sent. One without an id gets one that is the same whenever this record is
 * sent.
 * @param {Record<string, any>} user
 * @param {string | undefined} text
 * @param {string} seed
 * @param {number} number
 */
function jsonOf(user, text, seed, number) {
  if (user.id !== undefined && user.id !== null) return text ?? JSON.stringify(user);
  return JSON.stringify({ ...user, id: uuidOf(createHash("sha256").update(`${seed}:${number}`).digest(), 4) });
}

/** Calls the Worker. */
class Caller {
  /** @param {string} url @param {string} key @param {number} firstWait */
  constructor(url, key, firstWait) {
    this.url = `${url}/admin/users/import`;
    this.headers = {
      authorization: `Bearer ${key}`,
      "content-type": "application/json",
      "x-supabase-api-version": "2024-01-01",
    };
    this.firstWait = firstWait;
    this.stopped = false;
  }

  /** Begins nothing more. */
  stop() {
    this.stopped = true;
  }

  /** Sends lines, however many calls it takes. @param {Sent[]} lines @returns {Promise<Outcome>} */
  async send(lines) {
    if (lines.length === 0) return { imported: 0, unchanged: 0, refusals: [] };
    const { status, body } = await this.call(`{"users":[${lines.map(({ json }) => json).join(",")}]}`);
    if (status === 200) return this.outcome(lines, body);
    if (status !== 400 && status !== 413) throw new Failure(this.explain(status, body));
    // One of them is not even JSON to the Worker: nested too deeply, a member named twice, half a
    // character. Which one, halving tells.
    if (lines.length === 1)
      return {
        imported: 0,
        unchanged: 0,
        refusals: [
          {
            line: lines[0].line,
            code: String(body?.code ?? "bad_json"),
            reason: String(body?.message ?? `status ${status}`),
          },
        ],
      };
    const middle = Math.ceil(lines.length / 2);
    const first = await this.send(lines.slice(0, middle));
    const second = await this.send(lines.slice(middle));
    return {
      imported: first.imported + second.imported,
      unchanged: first.unchanged + second.unchanged,
      refusals: [...first.refusals, ...second.refusals],
    };
  }

  /** @param {Sent[]} lines @param {any} body @returns {Outcome} */
  outcome(lines, body) {
    const { imported, unchanged, refused } = body ?? {};
    const isOurs =
      Array.isArray(refused) &&
      imported + unchanged + refused.length === lines.length &&
      refused.every((one) => lines[one?.index]);
    if (!isOurs) throw new Failure(`${this.url} does not answer like edgegate: is the URL right?`);
    return {
      imported,
      unchanged,
      refusals: refused.map(({ index, code, reason }) => ({ line: lines[index].line, code, reason })),
    };
  }

  /** @param {number} status @param {any} body */
  explain(status, body) {
    if (status === 401)
      return `the key is refused (${body?.code}): EDGEGATE_API_KEY must be one of this instance, good, with the scope users:write`;
    if (status === 403) return "the key may not import: make one with --scope users:write";
    return `${this.url} answers ${status}${body?.code ? ` ${body.code}` : ""}: is the URL right?`;
  }

  /**
   * One call, tried again while it makes sense.
   * @param {string} content
   * @returns {Promise<{ status: number, body: any }>}
   */
  async call(content) {
    for (let tried = 1; ; tried++) {
      if (this.stopped) throw new Failure("stopped");
      const { status, retryAfter, body, problem } = await this.try(content);
      const mayWork = status === 0 || status === 429 || status >= 500;
      if (!mayWork) return { status, body };
      if (tried === TRIES)
        throw new Failure(
          `${this.url} ${status ? `answers ${status}${body?.code ? ` ${body.code}` : ""}` : `cannot be reached (${problem})`}, after ${TRIES} tries`,
        );
      const wait = Math.min(this.firstWait * 2 ** (tried - 1), LONGEST_WAIT_MS) * (0.75 + Math.random() / 2);
      await delay(Math.max(wait, Math.min((retryAfter || 0) * 1000, LONGEST_WAIT_MS)));
    }
  }

  /**
   * @param {string} content
   * @returns {Promise<{ status: number, retryAfter?: number, body?: any, problem?: string }>}
   */
  async try(content) {
    try {
      // The key goes to this address and nowhere else.
      const response = await fetch(this.url, {
        method: "POST",
        headers: this.headers,
        body: content,
        redirect: "manual",
        signal: AbortSignal.timeout(CALL_MS),
      });
      const text = await response.text();
      return { status: response.status, retryAfter: Number(response.headers.get("retry-after")), body: parsed(text) };
    } catch (error) {
      const { name, cause } = /** @type {Error & { cause?: { code?: string } }} */ (error);
      return { status: 0, problem: cause?.code ?? name };
    }
  }
}

/** @param {string} text */
function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
