// The calls that `npm run bench` measures: each made ready by the API itself, then sent with as
// little work of our own as possible. Not here: measuring (bench.mjs).

import { send } from "./bench_measure.mjs";
import { Failure } from "./failure.mjs";

export const CHEAP_CALLS = 500;
const DATABASE_CALLS = 150;
const PREPARED_CALLS = 12;
const HASHING_CALLS = 6;

/** @typedef {import("../tests/workerd/harness.mjs").World} World */

/**
 * @typedef {object} Line
 * @property {string} what
 * @property {number} calls in each turn
 * @property {(world: World, count: number) => Promise<{ calls: (() => Promise<unknown>)[],
 *   settled?: () => Promise<unknown> }>} prepare
 */

export const json = { "content-type": "application/json" };

/** @param {number} wanted @param {{ status: number, body: string }} answer */
function expect(wanted, answer) {
  if (answer.status !== wanted)
    throw new Failure(`a call that is measured answered ${answer.status} instead of ${wanted}: ${answer.body}`);
  return answer;
}

/** @param {World} world @param {string} path */
export const api = (world, path) => `${world.url}/auth/v1${path}`;
/** @template T @param {number} count @param {(index: number) => T} make @returns {T[]} */
export const times = (count, make) => Array.from({ length: count }, (_, index) => make(index));
/**
 * One after the other, so that no queue of hashes overflows.
 * @template T
 * @param {number} count
 * @param {() => Promise<T>} make
 * @returns {Promise<T[]>}
 */
export async function inTurn(count, make) {
  const made = [];
  for (let index = 0; index < count; index += 1) made.push(await make());
  return made;
}

/**
 * @param {string} path
 * @param {number} [status]
 * @param {Record<string, string>} [headers]
 * @returns {Line["prepare"]}
 */
const reading =
  (path, status = 200, headers = {}) =>
  async (world, count) => ({
    calls: times(count, () => async () => expect(status, await send(api(world, path), { headers }))),
  });

/** @param {World} world @param {number} count */
async function signedUp(world, count) {
  const people = await inTurn(count, () => world.signedUp());
  for (const { email } of people) await world.recorded(email);
  return people;
}

/** @type {Line["prepare"]} */
const signingUp = async (world, count) => {
  const people = times(count, (index) => ({
    email: `${performance.now()}.${index}@example.com`.replace(/\.(?=\d+\.)/, "-"),
    password: "a password to measure with",
  }));
  return {
    calls: people.map(
      (person) => async () =>
        expect(200, await send(api(world, "/signup"), { method: "POST", headers: json, body: JSON.stringify(person) })),
    ),
    settled: async () => {
      for (const { email } of people) await world.recorded(email);
    },
  };
};

/**
 * @param {World} world
 * @param {string} path
 * @param {object} content
 * @param {Record<string, string>} [headers]
 */
const post = (world, path, content, headers = {}) =>
  send(api(world, path), { method: "POST", headers: { ...json, ...headers }, body: JSON.stringify(content) });

/**
 * So many sessions of one person.
 * @param {World} world
 * @param {number} count
 * @returns {Promise<{ access_token: string, refresh_token: string }[]>}
 */
export async function sessions(world, count) {
  const { email, password } = await world.newcomer();
  return inTurn(count, async () =>
    JSON.parse(expect(200, await post(world, "/token?grant_type=password", { email, password })).body),
  );
}

/**
 * Somebody who refreshes a session: each time by the token got the last time.
 * @param {World} world
 * @param {string} token
 */
export function refresher(world, token) {
  return async () => {
    const answer = await post(world, "/token?grant_type=refresh_token", { refresh_token: token });
    if (answer.status === 200) token = JSON.parse(answer.body).refresh_token;
    return answer;
  };
}

/** @type {Line["prepare"]} */
const signingIn = async (world, count) => {
  const { email, password } = await world.newcomer();
  const body = JSON.stringify({ email, password });
  return {
    calls: times(
      count,
      () => async () =>
        expect(200, await send(api(world, "/token?grant_type=password"), { method: "POST", headers: json, body })),
    ),
  };
};

/** @type {Line[]} */
export const lines = [
  { what: "GET /health", calls: CHEAP_CALLS, prepare: reading("/health") },
  { what: "GET /settings", calls: CHEAP_CALLS, prepare: reading("/settings") },
  { what: "GET /.well-known/jwks.json", calls: CHEAP_CALLS, prepare: reading("/.well-known/jwks.json") },
  { what: "GET /user, no token: 401", calls: CHEAP_CALLS, prepare: reading("/user", 401) },
  {
    what: "GET /user",
    calls: DATABASE_CALLS,
    prepare: async (world, count) => {
      const { session } = await world.newcomer();
      return reading("/user", 200, { authorization: `Bearer ${session.access_token}` })(world, count);
    },
  },
  {
    what: "POST /token?grant_type=refresh_token",
    calls: DATABASE_CALLS,
    prepare: async (world, count) => {
      const refresh = refresher(world, (await world.newcomer()).session.refresh_token);
      return { calls: times(count, () => async () => expect(200, await refresh())) };
    },
  },
  {
    what: "the same, forged: 400",
    calls: CHEAP_CALLS,
    prepare: async (world, count) => {
      const token = (await world.newcomer()).session.refresh_token;
      const forged = token.slice(0, -8) + [...token.slice(-8)].reverse().join("");
      return {
        calls: times(
          count,
          () => async () =>
            expect(400, await post(world, "/token?grant_type=refresh_token", { refresh_token: forged })),
        ),
      };
    },
  },
  {
    what: "POST /logout, with telling KV",
    calls: PREPARED_CALLS,
    prepare: async (world, count) => ({
      calls: (await sessions(world, count)).map(({ access_token: token }) => async () => {
        expect(
          204,
          await send(api(world, "/logout?scope=local"), {
            method: "POST",
            headers: { authorization: `Bearer ${token}` },
          }),
        );
      }),
      settled: () => world.spread(),
    }),
  },
  {
    what: "POST /introspect",
    calls: CHEAP_CALLS,
    prepare: async (world, count) => {
      const { session } = await world.newcomer();
      const headers = {
        "content-type": "application/x-www-form-urlencoded",
        authorization: `Bearer ${world.serviceToken}`,
      };
      const body = new URLSearchParams({ token: session.access_token }).toString();
      return {
        calls: times(
          count,
          () => async () => expect(200, await send(api(world, "/introspect"), { method: "POST", headers, body })),
        ),
      };
    },
  },
  {
    what: "GET /verify, the page of the link",
    calls: DATABASE_CALLS,
    prepare: async (world, count) => {
      const [{ mail }] = await signedUp(world, 1);
      return reading(`/verify?type=signup&token=${mail.token}`)(world, count);
    },
  },
  {
    what: "POST /verify, code",
    calls: PREPARED_CALLS,
    prepare: async (world, count) => {
      const people = await signedUp(world, count);
      return {
        calls: people.map(
          ({ email, mail }) =>
            async () =>
              expect(
                200,
                await send(api(world, "/verify"), {
                  method: "POST",
                  headers: json,
                  body: JSON.stringify({ type: "signup", token: mail.code, email }),
                }),
              ),
        ),
      };
    },
  },
  {
    what: "POST /verify, token hash",
    calls: PREPARED_CALLS,
    prepare: async (world, count) => {
      const people = await signedUp(world, count);
      return {
        calls: people.map(
          ({ mail }) =>
            async () =>
              expect(
                200,
                await send(api(world, "/verify"), {
                  method: "POST",
                  headers: json,
                  body: JSON.stringify({ type: "signup", token_hash: mail.token }),
                }),
              ),
        ),
      };
    },
  },
  {
    what: "POST /verify/confirm, same browser",
    calls: PREPARED_CALLS,
    prepare: async (world, count) => {
      const people = await signedUp(world, count);
      return {
        calls: people.map(({ mail, client }) => async () => {
          const headers = {
            "content-type": "application/x-www-form-urlencoded",
            "sec-fetch-site": "same-origin",
            cookie: [...client.cookies].map((pair) => pair.join("=")).join("; "),
          };
          expect(
            303,
            await send(api(world, "/verify/confirm"), {
              method: "POST",
              headers,
              body: new URLSearchParams({ token: mail.token }).toString(),
            }),
          );
        }),
      };
    },
  },
  {
    what: "POST /resend, with its mail",
    calls: PREPARED_CALLS,
    prepare: async (world, count) => {
      const people = await signedUp(world, count);
      await world.database.letTimePass("61 seconds");
      return {
        calls: people.map(
          ({ email }) =>
            async () =>
              expect(
                200,
                await send(api(world, "/resend"), {
                  method: "POST",
                  headers: json,
                  body: JSON.stringify({ type: "signup", email }),
                }),
              ),
        ),
        settled: async () => {
          for (const { email } of people) await world.recorded(email);
        },
      };
    },
  },
];

/** @type {Line[]} */
export const hashing = [
  { what: "POST /signup, with its mail", calls: HASHING_CALLS, prepare: signingUp },
  { what: "POST /token?grant_type=password", calls: HASHING_CALLS, prepare: signingIn },
];
