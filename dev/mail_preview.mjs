// `npm run mail:preview`: every mail and hosted page in the browser, rendered by the Worker's own
// renderer with the templates of this checkout, until Ctrl-C. `-- --check` only says whether each
// of them works; `-- --app-name NAME` shows another name.

import { parseArgs } from "node:util";
import { Failure } from "./failure.mjs";
import { listenOnLoopback } from "./mailbox/loopback.mjs";
import { checkTemplates, renderAll, renderedOnce } from "./mail_preview/render.mjs";
import { createRoutes } from "./mail_preview/routes.mjs";
import { bold, dim, say } from "./progress.mjs";
import { requireRust } from "./rust.mjs";

const PORT = 8789;

/** @param {string[]} args */
export async function main(args) {
  const { check, port, "app-name": appName } = read(args);
  requireRust();
  if (check) return checkTemplates();

  const everything = renderedOnce(() => renderAll(appName ? ["--app-name", appName] : []));
  const first = await everything();
  if (first instanceof Failure) throw first;
  const [server] = await listenOnLoopback(port, createRoutes(everything)).catch((error) => {
    if (error.code === "EADDRINUSE")
      throw new Failure(
        `port ${port} is taken by another program: stop it, or pass another one: npm run mail:preview -- --port 8790`,
      );
    throw error;
  });
  say(`\n${bold(`http://localhost:${server.address().port}`)}  every mail and page; reload after an edit\n`);
  for (const problem of first.problems) say(`  ${problem}`);
  say(dim("Ctrl-C stops it."));
  return new Promise(() => {});
}

/** @param {string[]} args */
function read(args) {
  try {
    const { values } = parseArgs({
      args,
      options: { check: { type: "boolean" }, port: { type: "string" }, "app-name": { type: "string" } },
    });
    const port = Number(values.port ?? PORT);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new TypeError("--port is a number from 0 to 65535");
    return { ...values, port };
  } catch (error) {
    throw new Failure(
      `${/** @type {Error} */ (error).message}; npm run mail:preview [-- --check | --port PORT | --app-name NAME]`,
    );
  }
}
