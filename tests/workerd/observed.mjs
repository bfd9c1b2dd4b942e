// The Worker with a look at the memory of its WebAssembly module, which no endpoint shows. A module
// around the Worker's own remembers the instance as it is made; everything else is as built.

const PROBE = `
  const { Instance } = WebAssembly;
  let memory;
  WebAssembly.Instance = function (...args) {
    const instance = new Instance(...args);
    memory = instance.exports.memory;
    return instance;
  };
  export const bytes = () => memory.buffer.byteLength;
`;

/** Where the size is told, outside of everything that the Worker answers. */
const PLACE = "/.memory";

const MODULE = `
  import { WorkerEntrypoint } from "cloudflare:workers";
  import { bytes } from "./probe.js";
  import Worker from "./index.js";

  export default class extends WorkerEntrypoint {
    async fetch(request) {
      if (new URL(request.url).pathname === "${PLACE}") return new Response(String(bytes()));
      return new Worker(this.ctx, this.env).fetch(request);
    }
    scheduled(event) {
      return new Worker(this.ctx, this.env).scheduled(event);
    }
  }`;

/**
 * The modules of the Worker, the observer around them.
 * @param {Record<string, { type: any, contents: any }>} modules
 * @returns {Record<string, { type: any, contents: any }>}
 */
export const observedModules = (modules) => ({
  "observed.js": { type: "esm", contents: MODULE },
  "probe.js": { type: "esm", contents: PROBE },
  ...modules,
});

/**
 * How large the memory of the Worker's module is. It never shrinks. Bytes.
 * @param {string} url of a Worker that has such modules
 */
export async function wasmBytes(url) {
  const answer = await fetch(`${url}${PLACE}`);
  return Number(await answer.text());
}
