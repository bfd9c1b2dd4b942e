// Several Workers in one workerd, as they run beside each other at the edge: bound to each other,
// and to one KV namespace. Not here: what edgegate itself needs (tests/workerd/harness.mjs).

import { Miniflare } from "miniflare";
import { compatibilityDate } from "../workerd/harness.mjs";

/**
 * @typedef {{ modules: Record<string, { type: any, contents: any }>, env?: Record<string, any> }}
 *   Worker
 */

/** Another Worker, as a binding. @param {string} worker */
export const service = (worker) => ({ type: "worker", worker });

/** A var or a secret, as a binding. @param {string} value */
export const text = (value) => ({ type: "text", value });

/** A Worker of one module that needs no building. @param {string} contents @returns {Worker} */
export const plainWorker = (contents) => ({ modules: { "index.js": { type: "esm", contents } } });

/** @param {Record<string, Worker>} workers by name */
export async function startEdge(workers) {
  /** @type {string[]} */
  const logs = [];
  const runtime = new Miniflare({
    host: "127.0.0.1",
    port: 0,
    logRequests: false,
    enableDevRegistry: false,
    telemetry: { enabled: false },
    handleStructuredLogs: ({ message }) => logs.push(message),
    workers: Object.entries(workers).map(([name, { modules, env = {} }]) => ({
      config: {
        name,
        compatibilityDate,
        manifest: { mainModule: Object.keys(modules)[0], modulesRoot: "/", modules },
        env,
      },
      dev: {
        unsafeRegisterWorker: false,
        stripCfConnectingIp: false,
        unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }],
      },
    })),
  });
  await runtime.ready;
  const urls = new Map();
  for (const name of Object.keys(workers)) urls.set(name, (await runtime.unsafeGetDirectURL(name)).origin);
  return {
    logs,
    /** Where a Worker listens. @param {string} name @returns {string} */
    url: (name) => urls.get(name),
    stop: () => runtime.dispose(),
  };
}
