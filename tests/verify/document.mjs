// The examples of docs/verify.md, exactly as they stand there: those code blocks whose info string
// says `file=NAME`.

import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { inCheckout } from "../../dev/checkout.mjs";

const document = readFileSync(inCheckout("docs", "verify.md"), "utf8");

/**
 * Every code block of the document.
 * @type {{ info: string, name: string | undefined, text: string }[]}
 */
export const blocks = [...document.matchAll(/^```(\S.*)\n([^]*?)^```$/gm)].map(([, info, text]) => ({
  info,
  name: info.match(/ file=(\S+)$/)?.[1],
  text,
}));

/** The text of an example. @param {string} name */
export function example(name) {
  const found = blocks.filter((block) => block.name === name);
  if (found.length !== 1) throw new Error(`docs/verify.md has ${found.length} examples called ${name}`);
  return found[0].text;
}

/**
 * An example as a file, in a directory of its own from which packages can be imported.
 * @param {string} name
 */
export function exampleFile(name) {
  const directory = mkdtempSync(join(tmpdir(), "edgegate-verify-"));
  symlinkSync(inCheckout("node_modules"), join(directory, "node_modules"));
  writeFileSync(join(directory, name), example(name));
  return { path: join(directory, name), directory, remove: () => rmSync(directory, { recursive: true, force: true }) };
}

/** An example as wrangler would deploy it: one module. @param {string} name */
export async function exampleWorker(name) {
  const { outputFiles } = await build({
    stdin: { contents: example(name), resolveDir: inCheckout(), sourcefile: name },
    bundle: true,
    write: false,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    logLevel: "silent",
  });
  return { "index.js": { type: /** @type {const} */ ("esm"), contents: outputFiles[0].text } };
}
