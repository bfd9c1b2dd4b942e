// A database of its own for each Worker under test, copied from the migrated template, and a second
// way into it: to look at rows that no endpoint shows, to let time pass, to cut the Worker's
// connections.

import { randomBytes } from "node:crypto";
import pg from "pg";

const { TEST_DATABASE_URL, TEST_PGBOUNCER_URL } = process.env;
const TEMPLATE = "edgegate_template";

/**
 * Name of our own connections in the statement log, by which their statements are told from the
 * Worker's.
 */
export const OURS = "edgegate-tests";

/** The two ways to PostgreSQL. */
export const ways = /** @type {const} */ ([
  { name: "straight to PostgreSQL", server: TEST_DATABASE_URL },
  { name: "behind PgBouncer", server: TEST_PGBOUNCER_URL },
]);

/** @typedef {(typeof ways)[number]} Way */

/**
 * The way that is really taken: by day the one that is asked for, by night (the part `other-way`)
 * the other one.
 * @param {Way} way @returns {Way}
 */
export const wayTaken = (way) => (process.env.TEST_OTHER_WAY ? ways[way === ways[0] ? 1 : 0] : way);

/** Another database on the same server. @param {string | undefined} url @param {string} name */
function database(url, name) {
  if (!url) throw new Error("run it by `npm test -- worker`, which starts what it needs");
  const other = new URL(url);
  other.pathname = `/${name}`;
  return other;
}

/** @param {string} text */
async function administer(text) {
  const client = new pg.Client({ connectionString: TEST_DATABASE_URL, application_name: OURS });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

/** Tables whose rows carry times that decide something. */
const AGING = {
  mail_pause: ["paused_until"],
  one_time_tokens: ["created_at", "expires_at", "auth_code_expires_at", "code_failures_since"],
  outbox: ["created_at", "expires_at", "next_attempt_at"],
  rate_limits: ["full_at"],
  revocations: ["refreshed_at"],
  sessions: ["created_at", "refreshed_at", "expires_at"],
  throttles: ["last_at", "blocked_until"],
};

/** Makes a database. @param {Way} way how the Worker reaches it */
export async function makeDatabase(way) {
  const name = `edgegate_worker_${randomBytes(6).toString("hex")}`;
  await administer(`CREATE DATABASE ${name} TEMPLATE ${TEMPLATE}`);
  const client = new pg.Client({ connectionString: database(TEST_DATABASE_URL, name).href, application_name: OURS });
  client.on("error", () => {}); // a test may cut this connection, too
  await client.connect();
  /** One statement after the other, whoever asks. @type {Promise<unknown>} */
  let turn = Promise.resolve();
  /** @param {string} text @param {unknown[]} [values] */
  const query = (text, values) => {
    const result = turn.then(() => client.query(text, values));
    turn = result.catch(() => {});
    return result;
  };

  return {
    name,
    /** Where the Worker connects to. */
    url: database(way.server, name).href,

    /**
     * The rows of a statement.
     * @param {string} text
     * @param {unknown[]} [values]
     * @returns {Promise<any[]>}
     */
    rows: async (text, values) => (await query(text, values)).rows,

    /** The names of our tables. */
    tables: async () =>
      (
        await query(
          "SELECT relname FROM pg_class WHERE relnamespace = 'edgegate'::regnamespace AND relkind = 'r' ORDER BY relname",
        )
      ).rows.map(({ relname }) => relname),

    /**
     * Lets time pass: everything the database remembers becomes so much older.
     * @param {string} interval such as `2 minutes`
     */
    async letTimePass(interval) {
      for (const [table, columns] of Object.entries(AGING)) {
        const set = columns.map((column) => `${column} = ${column} - $1::interval`);
        await query(`UPDATE edgegate.${table} SET ${set}`, [interval]);
      }
    },

    /** Cuts the connections of everybody else, as a restart does. Returns how many there were. */
    async cutConnections() {
      const { rowCount } = await query(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
      );
      return rowCount ?? 0;
    },

    /** A connection of our own, for a transaction that stands in the Worker's way. */
    async connect() {
      const other = new pg.Client({ connectionString: database(TEST_DATABASE_URL, name).href, application_name: OURS });
      other.on("error", () => {});
      await other.connect();
      return other;
    },

    async drop() {
      await client.end();
      await administer(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
