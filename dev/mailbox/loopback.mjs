// Listening for this machine only, by both of its names. Used by the mailbox and by the preview of
// mails.

import { once } from "node:events";
import { createServer } from "node:http";

/**
 * Both names of "this machine only". Mails hold live sign-in links, so no other interface is ever
 * bound.
 */
const LOOPBACK_V4 = "127.0.0.1";
const LOOPBACK_V6 = "::1";

/**
 * How long an idle connection is kept: 75 s, longer than client pools do, so that no client sends
 * into a connection that is just closing.
 */
const KEEP_ALIVE_MS = 75_000;

/** Free on 127.0.0.1 does not mean free on ::1, so port 0 may need another try. */
const PORT_ATTEMPTS = 10;

/**
 * @param {number} port
 * @param {import("node:http").RequestListener} listener
 */
export async function listenOnLoopback(port, listener) {
  for (let attempt = 1; ; attempt += 1) {
    const first = await listen(port, LOOPBACK_V4, listener);
    try {
      return [first, await listen(first.address().port, LOOPBACK_V6, listener)];
    } catch (error) {
      // A machine without IPv6: `localhost` means 127.0.0.1 only, and that one is bound.
      if (error.code === "EADDRNOTAVAIL" || error.code === "EAFNOSUPPORT") return [first];
      await closeServer(first);
      if (port !== 0 || error.code !== "EADDRINUSE" || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/**
 * @param {number} port
 * @param {string} host
 * @param {import("node:http").RequestListener} listener
 */
async function listen(port, host, listener) {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, listener);
  server.listen({ port, host, ipv6Only: host === LOOPBACK_V6 });
  await once(server, "listening");
  return server;
}

/** @param {import("node:http").Server} server */
export async function closeServer(server) {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
