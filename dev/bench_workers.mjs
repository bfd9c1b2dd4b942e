// What the Worker is measured against: a Worker that does nothing, and one that connects to PostgreSQL and asks for nothing.

import { builtinModules } from "node:module";
import { build } from "esbuild";
import { root } from "./checkout.mjs";

/** The least a Worker can do. */
export const emptyWorker = {
  modules: { "index.js": { type: "esm", contents: 'export default { fetch: () => new Response("ok") };' } },
};

const ASK_NOTHING = `
  import { Client } from "pg";
  export default {
    async fetch(request, env, context) {
      const client = new Client({ connectionString: env.HYPERDRIVE.connectionString });
      await client.connect();
      const { rows } = await client.query({ text: "SELECT 1 AS one", values: [] });
      context.waitUntil(client.end());
      return Response.json(rows[0]);
    },
  };`;

/** A Worker cannot `require`: what the driver requires of Node is imported. @type {import("esbuild").Plugin} */
const nodeModules = {
  name: "node modules",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^(node:)?(${builtinModules.join("|")})$`) }, ({ kind, path }) => {
      const name = path.startsWith("node:") ? path : `node:${path}`;
      return kind === "require-call" ? { path: name, namespace: "required" } : { path: name, external: true };
    });
    onLoad({ filter: /.*/, namespace: "required" }, ({ path }) => ({ contents: `import it from "${path}"; module.exports = it;` }));
  },
};

/** The least a Worker can do with a database: a connection of its own and \`SELECT 1\`, by the usual JavaScript driver. @param {Record<string, unknown>} env */
export async function askingWorker(env) {
  const { outputFiles } = await build({
    stdin: { contents: ASK_NOTHING, resolveDir: root },
    bundle: true,
    write: false,
    minify: true,
    format: "esm",
    platform: "node",
    conditions: ["workerd"],
    external: ["cloudflare:*", "pg-native"],
    plugins: [nodeModules],
    logLevel: "silent",
  });
  return { modules: { "index.js": { type: "esm", contents: outputFiles[0].text } }, env, flags: ["nodejs_compat"] };
}
