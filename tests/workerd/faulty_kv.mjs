// The Worker with a Workers KV in a fault mode: it is slow, fails or hangs when told to, which
// Miniflare's never does. A module around the Worker's own puts it into the place of the
// binding; everything else is as built. Not here: the Worker's answers to that (sessions.test.mjs).

/** @typedef {"well" | "slow" | "late" | "failing" | "hanging"} FaultMode */

/** How long a slow KV takes to write. Its answers to reads are not late. Milliseconds. */
const SLOW_MS = 400;

/** How long a late KV takes to answer a read, longer than anybody waits for it. Milliseconds. */
export const LATE_MS = 3000;

/** Where the fault mode is told, outside of everything that the Worker answers. */
const PLACE = "/.fault-mode/";

const MODULE = `
  import { WorkerEntrypoint } from "cloudflare:workers";
  import Worker from "./index.js";

  let faultMode = "well";
  const inFaultMode = async (operation, well) => {
    if (faultMode === "failing") throw new Error("KV " + operation + " failed: 500 Internal Server Error");
    if (faultMode === "hanging") return new Promise(() => {});
    if (faultMode === "slow" && operation === "PUT") await new Promise((resolve) => setTimeout(resolve, ${SLOW_MS}));
    if (faultMode === "late" && operation === "GET") await new Promise((resolve) => setTimeout(resolve, ${LATE_MS}));
    return well();
  };

  export default class extends WorkerEntrypoint {
    worker() {
      const kv = this.env.REVOCATIONS;
      const faulty = { get: (...args) => inFaultMode("GET", () => kv.get(...args)), put: (...args) => inFaultMode("PUT", () => kv.put(...args)) };
      return new Worker(this.ctx, { ...this.env, REVOCATIONS: faulty });
    }
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (!pathname.startsWith("${PLACE}")) return this.worker().fetch(request);
      faultMode = pathname.slice(${PLACE.length});
      return new Response(null, { status: 204 });
    }
    scheduled(event) {
      return this.worker().scheduled(event);
    }
  }`;

/**
 * The modules of the Worker, the faulty one around them.
 * @param {Record<string, { type: any, contents: any }>} modules
 * @returns {Record<string, { type: any, contents: any }>}
 */
export const faultyModules = (modules) => ({ "faulty.js": { type: "esm", contents: MODULE }, ...modules });

/**
 * Tells the KV of a Worker that has such modules.
 * @param {string} url of the Worker
 * @param {FaultMode} faultMode
 */
export async function tellKv(url, faultMode) {
  const { status } = await fetch(`${url}${PLACE}${faultMode}`, { method: "POST" });
  if (status !== 204) throw new Error(`the Worker has no faulty KV: it answered ${status}`);
}
