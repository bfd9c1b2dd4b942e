// TCP ports on this machine: whether one is free, and which one is.

import { createServer } from "node:net";
import { randomInt } from "node:crypto";
import { Failure } from "./failure.mjs";

/** @param {number} port @param {string} host @returns {Promise<boolean>} */
const canListen = (port, host) =>
  new Promise((resolve) => {
    const server = createServer();
    // A host without IPv6 has no ::1: nobody can hold the port there.
    server.once("error", (error) =>
      resolve(!["EADDRINUSE", "EACCES"].includes(/** @type {NodeJS.ErrnoException} */ (error).code ?? "")),
    );
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });

/** @param {number} port */
const isFree = async (port) => (await canListen(port, "127.0.0.1")) && (await canListen(port, "::1"));

/**
 * Fails if something else listens there.
 * @param {number} port
 * @param {string} purpose what we need it for
 */
export async function requireFreePort(port, purpose) {
  if (await isFree(port)) return;
  const find = process.platform === "linux" ? `ss -ltnp 'sport = :${port}'` : `lsof -i :${port}`;
  throw new Failure(
    `port ${port} (${purpose}) is taken by another program: stop it (\`${find}\` shows which) and try again`,
  );
}

/** A free port below 32768: the ones above are sometimes held by outgoing connections. */
export async function freePort() {
  for (;;) {
    const port = randomInt(20_000, 32_000);
    if (await isFree(port)) return port;
  }
}
