// A listener between the Worker and its database: passes PostgreSQL's protocol on, counts what goes
// over it, and loses connections when told to. It shows what the server's log cannot: round trips,
// connections, what a pooler hides. Not here: a database.
// https://www.postgresql.org/docs/current/protocol-message-formats.html

import { once } from "node:events";
import { connect, createServer } from "node:net";

/**
 * Codes in place of a protocol version: the client asks for encryption first and gets one byte as
 * an answer.
 */
const ENCRYPTION_REQUESTS = new Set([80877103, 80877104]);

/**
 * @typedef {object} Counted what went over the wire since it was last asked
 * @property {number} connections opened by the Worker
 * @property {number} roundTrips "now you" of the Worker that the server answered, log-in not
 *   counted
 * @property {string[]} named prepared statements that got a name, which a pooler could not follow
 * @property {number} simple messages of the simple protocol, which goes for `BEGIN` and `SET` too
 */

/** @returns {Counted} */
const nothing = () => ({ connections: 0, roundTrips: 0, named: [], simple: 0 });

/**
 * Cuts a stream into messages. `handle` gets the type (`""` for the start-up message) and the body
 * of each.
 */
class Messages {
  /** @param {boolean} startsUp @param {(type: string, body: Buffer) => void} handle */
  constructor(startsUp, handle) {
    this.rest = Buffer.alloc(0);
    this.startsUp = startsUp;
    this.handle = handle;
    /** Bytes to let pass before the next message: the answer to a request for encryption. */
    this.skip = 0;
  }

  /** @param {Buffer} chunk */
  take(chunk) {
    this.rest = Buffer.concat([this.rest, chunk]);
    for (;;) {
      const skipped = Math.min(this.skip, this.rest.length);
      this.rest = this.rest.subarray(skipped);
      this.skip -= skipped;
      const head = this.startsUp ? 0 : 1;
      if (this.rest.length < head + 4) return;
      const end = head + this.rest.readUInt32BE(head);
      if (this.rest.length < end) return;
      const body = this.rest.subarray(head + 4, end);
      const type = this.rest.toString("latin1", 0, head);
      this.rest = this.rest.subarray(end);
      if (this.startsUp) this.startsUp = ENCRYPTION_REQUESTS.has(body.readUInt32BE(0));
      this.handle(type, body);
    }
  }
}

/**
 * Listens in front of the database that `url` names.
 * @param {string} url
 */
export async function startWire(url) {
  const target = new URL(url);
  /** @type {Set<import("node:net").Socket>} */
  const sockets = new Set();
  /** Of each connection, how many statements have yet to be answered. @type {Set<() => number>} */
  const unanswered = new Set();
  let counted = nothing();
  let answersToLose = 0;
  let up = true;
  let hanging = false;

  const server = createServer((near) => {
    if (!up) return void near.destroy();
    counted.connections += 1;
    const far = connect(Number(target.port), target.hostname);
    const both = [near, far];
    const cut = () => both.forEach((socket) => socket.destroy());
    for (const socket of both) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on("error", cut);
      socket.on("close", () => sockets.delete(socket));
      socket.on("end", () => both.forEach((other) => other !== socket && other.end()));
    }
    let asked = 0; // "now you" of the Worker: Sync, or a simple query
    let ready = 0; // "now you" of the server: the first one ends the log-in
    const waiting = () => asked - Math.max(0, ready - 1);
    unanswered.add(waiting);
    near.on("close", () => unanswered.delete(waiting));
    const fromServer = new Messages(false, (type) => {
      if (type === "Z" && ready++ > 0) counted.roundTrips += 1;
    });
    const fromWorker = new Messages(true, (type, body) => {
      if (type === "" && ENCRYPTION_REQUESTS.has(body.readUInt32BE(0))) fromServer.skip += 1;
      if (type === "S") asked += 1;
      if (type === "Q") [asked, counted.simple] = [asked + 1, counted.simple + 1];
      const name = type === "P" ? body.toString("utf8", 0, body.indexOf(0)) : "";
      if (name) counted.named.push(name);
    });
    near.on("data", (chunk) => {
      fromWorker.take(chunk);
      far.write(chunk);
    });
    far.on("data", (chunk) => {
      const before = ready;
      fromServer.take(chunk);
      if (hanging) return;
      const answered = asked > 0 && ready > Math.max(1, before);
      const answering = asked > 0 && ready > 0;
      if (answersToLose > 0 && answering) {
        if (!answered) return; // hold everything back until the server has done its work
        answersToLose -= 1;
        return void cut();
      }
      near.write(chunk);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = new URL(url);
  address.hostname = "127.0.0.1";
  address.port = String(/** @type {import("node:net").AddressInfo} */ (server.address()).port);

  return {
    /** The same database, over this wire. */
    url: address.href,
    /** Round trips since the last {@link count}. */
    answered: () => counted.roundTrips,
    /** Whether every statement that was sent has its answer. */
    isIdle: () => [...unanswered].every((waiting) => waiting() === 0),
    /** What went over the wire since the last call. */
    count() {
      const result = counted;
      counted = nothing();
      return result;
    },
    /**
     * Lets the server do its work for the next so many statements, and loses the answer together
     * with the connection.
     * @param {number} times
     */
    loseAnswers(times) {
      answersToLose = times;
    },
    /** Nobody answers any more: open connections break, new ones are closed at once. */
    goDown() {
      up = false;
      sockets.forEach((socket) => socket.destroy());
    },
    /** Statements arrive, answers do not. */
    hang() {
      hanging = true;
    },
    /** All is well again. */
    comeBack() {
      [up, hanging, answersToLose] = [true, false, 0];
    },
    async close() {
      const closed = once(server, "close");
      server.close();
      sockets.forEach((socket) => socket.destroy());
      await closed;
    },
  };
}
