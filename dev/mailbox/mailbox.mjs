// The mailbox: stands in for the mail provider, Resend, Postmark or SendGrid, in development and in tests.
// Builds the parts and owns their life: listening, stopping. What is answered to whom is routes.mjs.
// Not a mail server: nothing leaves this machine, and everything is forgotten when it stops.

import { createServer } from "node:http";
import { once } from "node:events";
import { createFailures } from "./failures.mjs";
import { createIdempotencyKeys } from "./idempotency.mjs";
import { createMessages, publicView } from "./messages.mjs";
import { createRoutes } from "./routes.mjs";

/** Both names of "this machine only". The mails hold live sign-in links, so no other interface is ever bound. */
const LOOPBACK_V4 = "127.0.0.1";
const LOOPBACK_V6 = "::1";

/** How long an idle connection is kept: 75 s, longer than client pools do, so that no client sends into a connection that is just closing. */
const KEEP_ALIVE_MS = 75_000;

/** Free on 127.0.0.1 does not mean free on ::1, so port 0 may need another try. */
const PORT_ATTEMPTS = 10;

/**
 * @typedef {object} Mailbox
 * @property {string} url where it listens, without a slash at the end
 * @property {import("./messages.mjs").PublicMessage[]} messages the mails, newest first: what `GET /messages` answers
 * @property {(rule: import("./failures.mjs").FailureRequest) => import("./failures.mjs").Failure} fail makes sends fail; throws a TypeError that says what is wrong with the rule
 * @property {() => void} clear forgets mails, failures and idempotency keys
 * @property {() => Promise<void>} close cuts every connection and frees the port
 */

/**
 * Starts a mailbox.
 * @param {object} options
 * @param {number} [options.port] 0 takes any free port
 * @param {string} options.apiKey the key that senders must present
 * @param {() => number} [options.now] the clock, milliseconds since 1970
 * @param {number} [options.maxMessages] how many mails are kept
 * @returns {Promise<Mailbox>}
 */
export async function startMailbox({ port = 0, apiKey, now = Date.now, maxMessages }) {
  if (typeof apiKey !== "string" || apiKey === "") throw new TypeError("startMailbox needs an apiKey");
  const stopping = new AbortController();
  const parts = {
    apiKey,
    now,
    messages: createMessages({ now, maxMessages }),
    failures: createFailures(),
    idempotencyKeys: createIdempotencyKeys({ now }),
    stopping: stopping.signal,
  };
  const servers = await listenOnLoopback(port, createRoutes(parts));

  return {
    url: `http://localhost:${servers[0].address().port}`,
    get messages() {
      return parts.messages.list().map(publicView);
    },
    fail: (rule) => parts.failures.add(rule),
    clear() {
      parts.messages.clear();
      parts.failures.clear();
      parts.idempotencyKeys.clear();
    },
    async close() {
      stopping.abort();
      await Promise.all(servers.map(closeServer));
    },
  };
}

/**
 * @param {number} port
 * @param {import("node:http").RequestListener} listener
 */
async function listenOnLoopback(port, listener) {
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
async function closeServer(server) {
  if (!server.listening) return;
  const closed = once(server, "close");
  server.close();
  server.closeAllConnections();
  await closed;
}
