// Measuring: processor time and memory of a process, how long calls take, a Markdown table of it.
// Processor time is what counts; durations depend on who else is at work on the machine. Linux
// only.

import { readFileSync } from "node:fs";
import { Agent, request } from "node:http";

/**
 * Clock ticks of /proc/<pid>/stat: 100 a second on every Linux there is (USER_HZ). Milliseconds.
 */
const TICK_MS = 10;

/**
 * Processor time that a process has used, user and system, all threads. Milliseconds.
 * @param {number} pid
 */
export function processorTime(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_MS; // utime, stime: fields 14 and 15 of proc(5)
}

/** Memory of a process: now, and the most it ever had. MiB. @param {number} pid */
export function memory(pid) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const of = (/** @type {string} */ name) =>
    Math.round(Number(status.match(new RegExp(`^${name}:\\s+(\\d+) kB`, "m"))?.[1]) / 1024);
  return { now: of("VmRSS"), most: of("VmHWM") };
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/**
 * Sends a request with as little work of our own as possible, and returns status and body.
 * @param {string} url @param {{ method?: string, headers?: Record<string, string>, body?: string }}
 *   [options]
 * @returns {Promise<{ status: number, body: string }>}
 */
export const send = (url, { method = "GET", headers = {}, body = "" } = {}) =>
  new Promise((resolve, reject) => {
    const call = request(
      url,
      {
        method,
        agent,
        headers: { ...headers, ...(body ? { "content-length": String(Buffer.byteLength(body)) } : {}) },
      },
      (response) => {
        let text = "";
        response.setEncoding("utf8");
        response.on("data", (chunk) => (text += chunk));
        response.on("end", () => resolve({ status: response.statusCode ?? 0, body: text }));
      },
    );
    call.on("error", reject);
    call.end(body);
  });

/**
 * The value below which this share of the numbers lies.
 * @param {number[]} numbers
 * @param {number} share
 */
export function quantile(numbers, share) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}

/** Processor time and durations of calls, one after the other. */
export class Measurement {
  calls = 0;
  processorMs = 0;
  /** @type {number[]} */
  durations = [];

  /**
   * Adds a round of calls. Processor time is read when `settled` says that nothing is under way any
   * more.
   * @param {number} pid @param {(() => Promise<unknown>)[]} calls @param {() => Promise<unknown>}
   *   [settled]
   */
  async add(pid, calls, settled) {
    const before = processorTime(pid);
    for (const call of calls) {
      const began = performance.now();
      await call();
      this.durations.push(performance.now() - began);
    }
    await settled?.();
    this.processorMs += processorTime(pid) - before;
    this.calls += calls.length;
  }

  /** Processor time of one call. Milliseconds. */
  get each() {
    return this.processorMs / this.calls;
  }
}

/** @param {number} number */
export const digits = (number) =>
  Number.isNaN(number) ? "–" : number >= 100 ? number.toFixed(0) : number >= 10 ? number.toFixed(1) : number.toFixed(2);

/** @param {string[]} head @param {(string | number)[][]} rows */
export function markdown(head, rows) {
  const lines = [head, head.map((_, column) => (column === 0 ? "---" : "--:")), ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}
