// The Worker with a Workers KV that is in a mood: it fails or falls silent when told to, which Miniflare's never does. A module
// around the Worker's own puts it into the place of the binding; everything else is as built.
// Not here: the Worker's answers to that (sessions.test.mjs).

/** @typedef {"well" | "failing" | "silent"} Mood */

/** Where the mood is told, outside of everything that the Worker answers. */
const PLACE = "/.mood/";

const MODULE = `
  import { WorkerEntrypoint } from "cloudflare:workers";
  import Worker from "./index.js";

  let mood = "well";
  const inMood = (well) => {
    if (mood === "failing") throw new Error("KV GET failed: 500 Internal Server Error");
    return mood === "silent" ? new Promise(() => {}) : well();
  };

  export default class extends WorkerEntrypoint {
    worker() {
      const kv = this.env.REVOCATIONS;
      const moody = { get: async (...args) => inMood(() => kv.get(...args)), put: async (...args) => inMood(() => kv.put(...args)) };
      return new Worker(this.ctx, { ...this.env, REVOCATIONS: moody });
    }
    async fetch(request) {
      const { pathname } = new URL(request.url);
      if (!pathname.startsWith("${PLACE}")) return this.worker().fetch(request);
      mood = pathname.slice(${PLACE.length});
      return new Response(null, { status: 204 });
    }
    scheduled(event) {
      return this.worker().scheduled(event);
    }
  }`;

/** The modules of the Worker, the moody one around them. @param {Record<string, { type: any, contents: any }>} modules @returns {Record<string, { type: any, contents: any }>} */
export const moodyModules = (modules) => ({ "moody.js": { type: "esm", contents: MODULE }, ...modules });

/** Tells the KV of a Worker that has such modules. @param {string} url of the Worker @param {Mood} mood */
export async function tellKv(url, mood) {
  const { status } = await fetch(`${url}${PLACE}${mood}`, { method: "POST" });
  if (status !== 204) throw new Error(`the Worker has no moody KV: it answered ${status}`);
}
