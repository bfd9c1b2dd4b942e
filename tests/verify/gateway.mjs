// The public address of edgegate: known before the Worker runs, since tokens name it, and able to
// fail as networks do. Not here: calls other than GET. Only the JWKS is asked for at this address.

import { createServer } from "node:http";

/** Ways to fail. @type {Record<string, (response: import("node:http").ServerResponse) => void>} */
export const failures = {
  "the connection breaks": (response) => response.destroy(),
  "no answer comes": () => {},
  "the answer is 500": (response) => response.writeHead(500).end(),
  "the answer is a page": (response) =>
    response.writeHead(200, { "content-type": "text/html" }).end("<h1>Welcome</h1>"),
};

/** Starts it; nothing is behind it until `leadTo` says what. */
export async function startGateway() {
  let target = "";
  /** @type {keyof failures | undefined} */
  let failure = "the answer is 500";
  let asked = 0;
  /** @type {object | undefined} */
  let published;
  const server = createServer(async (request, response) => {
    asked += 1;
    if (failure) return failures[failure](response);
    if (request.headers["user-agent"]?.startsWith("Python-urllib")) return response.writeHead(403).end(); // as Cloudflare may
    if (published)
      return response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(published));
    const answer = await fetch(target + request.url).catch(() => undefined);
    if (!answer) return response.destroy();
    const { status, headers } = answer;
    response.writeHead(status, {
      "content-type": headers.get("content-type") ?? "",
      "cache-control": headers.get("cache-control") ?? "",
    });
    response.end(await answer.text());
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  return {
    url: `http://127.0.0.1:${port}`,

    /** @param {string} url of a running Worker */
    leadTo(url) {
      target = url;
      failure = undefined;
    },

    /**
     * Fails for as long as `work` takes.
     * @template T
     * @param {keyof failures} how
     * @param {() => Promise<T>} work
     */
    async failing(how, work) {
      failure = how;
      return work().finally(() => (failure = undefined));
    },

    /** How often it was asked. */
    asked: () => asked,

    /**
     * Answers with this JWKS for as long as `work` takes.
     * @template T
     * @param {object} jwks
     * @param {() => Promise<T>} work
     */
    async publishing(jwks, work) {
      published = jwks;
      return work().finally(() => (published = undefined));
    },

    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
