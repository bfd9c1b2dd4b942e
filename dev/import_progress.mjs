// How far an import has come, in a file beside the one that is imported, so that it goes on where
// it was stopped; and the lines that were refused, in another one. Both are written in the order of
// the file, batch by batch, so what they say is always whole.

import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  existsSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { Failure } from "./failure.mjs";

/** Of the file's beginning that tells it from another file of the same size. Bytes. */
const FINGERPRINTED = 64 * 1024;

/**
 * @typedef {object} State
 * @property {string} fingerprint of the file
 * @property {string} from its format
 * @property {string} url where it is imported to
 * @property {string} seed ids of accounts that have none are made of it, so that a batch that is
 *   sent again has the same
 * @property {number} records read and answered
 * @property {number} imported
 * @property {number} unchanged
 * @property {number} skipped
 * @property {number} refused
 * @property {number} refusedBytes how long the file of refused lines is
 * @property {boolean} finished
 */

/** @typedef {{ line: number, code: string, reason: string }} Refusal */

export class ImportProgress {
  /** @param {string} file @param {{ from: string, url: string, restart: boolean }} run */
  constructor(file, { from, url, restart }) {
    this.path = `${file}.progress.json`;
    this.refusedPath = `${file}.refused.jsonl`;
    if (restart) for (const path of [this.path, this.refusedPath]) rmSync(path, { force: true });
    const fingerprint = fingerprintOf(file);
    this.state = this.read() ?? {
      fingerprint,
      from,
      url,
      seed: randomBytes(16).toString("hex"),
      records: 0,
      imported: 0,
      unchanged: 0,
      skipped: 0,
      refused: 0,
      refusedBytes: 0,
      finished: false,
    };
    for (const [name, now] of Object.entries({ fingerprint, from, url })) {
      if (this.state[/** @type {keyof State} */ (name)] !== now)
        throw new Failure(`${this.path} is of another import (${name} differs): --restart begins anew`);
    }
    /** @type {number | undefined} */
    this.refusals = undefined;
  }

  /** @returns {State | undefined} */
  read() {
    if (!existsSync(this.path)) return undefined;
    try {
      return JSON.parse(readFileSync(this.path, "utf8"));
    } catch {
      throw new Failure(`${this.path} cannot be read: --restart begins anew`);
    }
  }

  /**
   * The next records of the file, answered.
   * @param {{ records: number, imported: number, unchanged: number, skipped: number, refusals:
   *   Refusal[] }} answered
   */
  add({ records, imported, unchanged, skipped, refusals }) {
    this.refusals ??= this.openRefusals();
    if (refusals.length > 0)
      this.state.refusedBytes += writeSync(
        this.refusals,
        refusals.map((refusal) => `${JSON.stringify(refusal)}\n`).join(""),
      );
    this.state.records += records;
    this.state.imported += imported;
    this.state.unchanged += unchanged;
    this.state.skipped += skipped;
    this.state.refused += refusals.length;
    this.write();
  }

  /** What was written after the state was is written again. */
  openRefusals() {
    const descriptor = openSync(this.refusedPath, "a", 0o600);
    if (fstatSync(descriptor).size > this.state.refusedBytes) ftruncateSync(descriptor, this.state.refusedBytes);
    return descriptor;
  }

  finish() {
    this.state.finished = true;
    this.write();
    if (this.state.refused === 0) rmSync(this.refusedPath, { force: true });
  }

  /** In one step, so that there is never half a file. */
  write() {
    writeFileSync(`${this.path}.new`, JSON.stringify(this.state), { mode: 0o600 });
    renameSync(`${this.path}.new`, this.path);
  }

  close() {
    if (this.refusals !== undefined) closeSync(this.refusals);
  }
}

/** @param {string} file */
function fingerprintOf(file) {
  const descriptor = openSync(file, "r");
  try {
    const { size } = fstatSync(descriptor);
    const beginning = Buffer.alloc(Math.min(size, FINGERPRINTED));
    readSync(descriptor, beginning, 0, beginning.length, 0);
    return createHash("sha256").update(`${size}:`).update(beginning).digest("hex");
  } finally {
    closeSync(descriptor);
  }
}
