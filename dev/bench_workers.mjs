// What the Worker is measured against: a Worker that does nothing, and some that connect to
// PostgreSQL and do the least there.

import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { build } from "esbuild";
import { root } from "./checkout.mjs";

/** The least a Worker can do. */
export const emptyWorker = {
  modules: { "index.js": { type: "esm", contents: 'export default { fetch: () => new Response("ok") };' } },
};

/**
 * The floor: a Worker in Rust, built from dev/floor into `directory`.
 * @param {Record<string, unknown>} env
 * @param {string} directory
 * @returns {any}
 */
export const floorWorker = (env, directory) => ({
  modules: {
    "index.js": { type: "esm", contents: readFileSync(join(directory, "index.js"), "utf8") },
    "index_bg.wasm": { type: "wasm", contents: new Uint8Array(readFileSync(join(directory, "index_bg.wasm"))) },
  },
  env,
});

/** A Worker that runs one statement. @param {string} query as JavaScript */
const asking = (query) => `
  import { Client } from "pg";
  export default {
    async fetch(request, env, context) {
      const client = new Client({ connectionString: env.HYPERDRIVE.connectionString });
      await client.connect();
      const { rows } = await client.query(${query});
      context.waitUntil(client.end());
      return Response.json(rows[0]);
    },
  };`;

/**
 * Statements for {@link askingWorker}. The row to write is named by the path, and has to be there.
 */
export const READ_NOTHING = '{ text: "SELECT 1 AS one", values: [] }';
export const WRITE_ONE_ROW =
  '{ text: "UPDATE floor SET count = count + 1 WHERE id = $1 RETURNING count", values: [new URL(request.url).pathname.slice(1)] }';
/** The table of {@link WRITE_ONE_ROW}. @param {number} rows numbered from 0 */
export const floorTable = (rows) =>
  `CREATE TABLE floor AS SELECT id, 0::bigint AS count FROM generate_series(0, ${rows - 1}) AS id; ALTER TABLE floor ADD PRIMARY KEY (id)`;

/**
 * A Worker cannot `require`: what the driver requires of Node is imported.
 * @type {import("esbuild").Plugin}
 */
const nodeModules = {
  name: "node modules",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: new RegExp(`^(node:)?(${builtinModules.join("|")})$`) }, ({ kind, path }) => {
      const name = path.startsWith("node:") ? path : `node:${path}`;
      return kind === "require-call" ? { path: name, namespace: "required" } : { path: name, external: true };
    });
    onLoad({ filter: /.*/, namespace: "required" }, ({ path }) => ({
      contents: `import it from "${path}"; module.exports = it;`,
    }));
  },
};

/**
 * The least a Worker can do with a database: a connection of its own and one statement, by the
 * usual JavaScript driver.
 * @param {Record<string, unknown>} env
 * @param {string} query one of those above
 */
export async function askingWorker(env, query) {
  const { outputFiles } = await build({
    stdin: { contents: asking(query), resolveDir: root },
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
