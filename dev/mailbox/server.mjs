// The command that runs the mailbox: `node dev/mailbox/server.mjs --port 8788 --api-key KEY`.
// Reads the arguments and stops on a signal; everything else is mailbox.mjs.

import { parseArgs } from "node:util";
import { startMailbox } from "./mailbox.mjs";

const USAGE = "usage: node dev/mailbox/server.mjs --port 8788 --api-key KEY";

const { port, apiKey } = readArguments();
const mailbox = await startMailbox({ port, apiKey }).catch((error) => {
  if (error.code === "EADDRINUSE")
    exitWith(1, `mailbox: port ${port} is in use; stop the other program or pass another --port`);
  throw error;
});
for (const signal of ["SIGTERM", "SIGINT"]) process.once(signal, () => mailbox.close());
// After the handlers: whoever waits for this line may send a signal at once.
console.log(`mailbox listening on ${mailbox.url}`);

/** @returns {{ port: number, apiKey: string }} */
function readArguments() {
  try {
    const { values } = parseArgs({ options: { port: { type: "string" }, "api-key": { type: "string" } } });
    const port = Number(values.port ?? "8788");
    if (!Number.isInteger(port) || port < 0 || port > 65535) throw new TypeError("--port is a number from 0 to 65535");
    if (!values["api-key"]) throw new TypeError("--api-key is missing: the key that senders must present");
    return { port, apiKey: values["api-key"] };
  } catch (error) {
    exitWith(2, `mailbox: ${error.message}\n${USAGE}`);
  }
}

/**
 * @param {number} code
 * @param {string} line
 * @returns {never}
 */
function exitWith(code, line) {
  console.error(line);
  process.exit(code);
}
