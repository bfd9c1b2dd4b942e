// The mailbox: stands in for the mail provider, Resend, Postmark or SendGrid, in development and in
// tests. Builds the parts and owns their life: listening, stopping. What is answered to whom is
// routes.mjs. Not a mail server: nothing leaves this machine, and everything is forgotten when it
// stops.

import { createFailures } from "./failures.mjs";
import { createIdempotencyKeys } from "./idempotency.mjs";
import { closeServer, listenOnLoopback } from "./loopback.mjs";
import { createMessages, publicView } from "./messages.mjs";
import { createRoutes } from "./routes.mjs";

/**
 * @typedef {object} Mailbox
 * @property {string} url where it listens, without a slash at the end
 * @property {import("./messages.mjs").PublicMessage[]} messages the mails, newest first: what `GET
 *   /messages` answers
 * @property {(rule: import("./failures.mjs").FailureRequest) => import("./failures.mjs").Failure}
 *   fail makes sends fail; throws a TypeError that says what is wrong with the rule
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
