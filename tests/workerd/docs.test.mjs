// Swagger UI as it is served beside the Worker, and the document that it shows: whether it is
// OpenAPI 3.1, and its examples are what its schemas say. That the page works:
// tests/browser/docs.test.mjs.

import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { unstable_readConfig as readConfig } from "wrangler";
import { inCheckout } from "../../dev/checkout.mjs";
import { ways } from "./database.mjs";
import { oneWay } from "./harness.mjs";

test("every environment serves it, from the same directory", () => {
  for (const env of [undefined, "staging", "production"]) {
    assert.equal(readConfig({ config: inCheckout("wrangler.toml"), env }).assets?.directory, "build/assets");
  }
});

oneWay(ways[0], "Swagger UI", { assets: true }, (world) => {
  const get = (/** @type {string} */ path, /** @type {RequestInit} */ init = {}) =>
    fetch(world().url + path, { redirect: "manual", ...init });

  test("is at /docs/, and /docs leads there", async () => {
    const page = await get("/docs/");
    assert.deepEqual([page.status, page.headers.get("content-type")], [200, "text/html; charset=utf-8"]);
    const html = await page.text();
    for (const [, path] of html.matchAll(/(?:src|href)="([^":]+)"/g)) {
      const file = await get(`/docs/${path}`);
      assert.equal(file.status, 200, path);
      assert.ok((await file.arrayBuffer()).byteLength > 0);
    }
    for (const path of ["/docs", "/docs/index.html"]) {
      const answer = await get(path);
      assert.deepEqual([answer.status, answer.headers.get("location")], [307, "/docs/"]);
    }
  });

  test("loads nothing from elsewhere and has no inline script", async () => {
    const html = await (await get("/docs/")).text();
    assert.doesNotMatch(html, /(?:src|href)="(?:https?:)?\/\/(?!localhost:8788")/);
    assert.doesNotMatch(html, /<script(?![^>]* src=)|<style|\son\w+=|\sstyle=/i);
  });

  test("what is not there is refused by the Worker, and what it is made of is not shown", async () => {
    for (const path of [
      "/docs/x.css",
      "/docs/x/",
      "/_headers",
      "/docs/_headers",
      "/DOCS/",
      "/docs/..%2f_headers",
      "/index_bg.wasm",
    ]) {
      const answer = await get(path);
      assert.equal(answer.status, 404, path);
      assert.equal((await answer.json()).error_code, "not_found", path);
    }
    assert.equal((await get("/docs/", { method: "POST" })).status, 405);
  });

  test("has the headers of the Worker's own pages", async () => {
    const ours = await get("/auth/v1/health");
    for (const path of ["/docs/", "/docs", "/docs/swagger-ui.css", "/docs/initializer.js", "/robots.txt"]) {
      const { headers } = await get(path);
      for (const name of [
        "strict-transport-security",
        "x-content-type-options",
        "referrer-policy",
        "x-frame-options",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
      ]) {
        assert.ok(headers.get(name));
        assert.equal(headers.get(name), ours.headers.get(name), `${name} of ${path}`);
      }
      const policy = headers.get("content-security-policy") ?? "";
      for (const directive of [
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
      ]) {
        assert.ok(policy.split("; ").includes(directive), `${directive} of ${path}`);
      }
      assert.doesNotMatch(policy, /unsafe|https?:|\*/);
      assert.equal(headers.get("set-cookie"), null);
    }
  });

  test("is asked for anew each time and sent again only if it changed", async () => {
    const first = await get("/docs/swagger-ui-bundle.js");
    assert.equal(first.headers.get("cache-control"), "public, max-age=0, must-revalidate");
    await first.arrayBuffer();
    const again = await get("/docs/swagger-ui-bundle.js", {
      headers: { "if-none-match": first.headers.get("etag") ?? "" },
    });
    assert.equal(again.status, 304);
  });

  test("keeps no page from the Worker, whatever the browser says it wants it for", async () => {
    const headers = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document", accept: "text/html" };
    const answer = await get("/auth/v1/verify?token=x", { headers });
    assert.equal(answer.status, 410);
    assert.match(answer.headers.get("content-security-policy") ?? "", /nonce-/);
  });

  test("names the mailbox that npm start starts", async () => {
    const { vars } = readConfig({ config: inCheckout("wrangler.toml") });
    assert.ok((await (await get("/docs/")).text()).includes(`href="${vars.MAIL_API_URL}"`));
  });
});

test("an environment without it gets directories that differ in nothing else", () => {
  const [all, without] = ["assets", "assets_without_docs"].map((name) => readdirSync(inCheckout("build", name)).sort());
  assert.deepEqual(
    all.filter((name) => name !== "docs"),
    without,
  );
  assert.deepEqual(without, ["_headers", "robots.txt"]);
});

oneWay(ways[0], "the document", {}, (world) => {
  /** @type {any} */
  let document;
  test("is beside the page what it is in the API, and is OpenAPI 3.1", async () => {
    const texts = [];
    for (const path of ["/docs/openapi.json", "/auth/v1/openapi.json"])
      texts.push(await (await fetch(world().url + path)).text());
    assert.equal(texts[0], texts[1]);
    document = JSON.parse(texts[0]);
    const validator = new Validator();
    const { valid, errors } = await validator.validate(structuredClone(document));
    assert.deepEqual([valid, errors, validator.version], [true, undefined, "3.1"]);
    const { valid: stillValid } = await validator.validate({
      ...structuredClone(document),
      paths: { "/x": { get: { responses: "none" } } },
    });
    assert.equal(stillValid, false, "the validator can say no");
  });

  test("has only examples that its schemas allow", () => {
    const ajv = new Ajv({ strict: false, allErrors: true });
    addFormats.default(ajv);
    ajv.addSchema({ $id: "document", ...document });
    let count = 0;
    for (const [path, item] of Object.entries(document.paths)) {
      for (const [method, operation] of Object.entries(/** @type {Record<string, any>} */ (item))) {
        const bodies = { request: operation.requestBody, ...operation.responses };
        for (const [which, body] of Object.entries(bodies)) {
          for (const [type, media] of Object.entries(/** @type {Record<string, any>} */ (body?.content ?? {}))) {
            const examples = [media.example, ...Object.values(media.examples ?? {}).map(({ value }) => value)].filter(
              (example) => example !== undefined,
            );
            const schema = JSON.parse(
              JSON.stringify(media.schema ?? {}).replaceAll('"#/components/', '"document#/components/'),
            );
            const check = ajv.compile(schema);
            for (const example of examples) {
              count += 1;
              assert.ok(check(example), `${method} ${path} ${which} ${type}: ${ajv.errorsText(check.errors)}`);
            }
          }
        }
      }
    }
    assert.ok(count > 100, `${count} examples`);
  });
});

oneWay(ways[0], "the document of a moved API", { settings: { API_BASE_PATH: "/v7" } }, (world) => {
  test("says where the API is, and is still beside the page", async () => {
    for (const path of ["/docs/openapi.json", "/v7/openapi.json"]) {
      const document = await (await fetch(world().url + path)).json();
      assert.deepEqual(
        document.servers.map((/** @type {{ url: string }} */ { url }) => url),
        ["/v7"],
      );
      assert.equal((await fetch(`${world().url}${document.servers[0].url}/health`)).status, 200);
    }
  });
});
