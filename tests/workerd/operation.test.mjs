// What an operator looks at: alive, ready, settings, the pages for people.

import assert from "node:assert/strict";
import { test } from "node:test";
import { EXTERNAL_URL, everyWay } from "./harness.mjs";

everyWay("in operation", { wire: true }, (world) => {
  test("it says that it is alive and what it offers", async () => {
    const { status, json } = await world().client().get("/health");
    assert.deepEqual([status, json.name], [200, "edgegate"]);
    const settings = (await world().client().get("/settings")).json;
    assert.equal(settings.external.email, true);
    assert.deepEqual(
      [settings.external.google, settings.external.phone, settings.disable_signup, settings.mailer_autoconfirm],
      [false, false, false, false],
    );
  });

  test("it is ready when configuration, database, migrations and caching are in order", async () => {
    const { status, json } = await world().client().get("/health/ready");
    assert.deepEqual(
      [status, json],
      [
        200,
        {
          ready: true,
          configuration: "ok",
          database: "ok",
          migrations: "ok",
          caching: "ok",
          hash_slots: { taken: 0, limit: 24 },
        },
      ],
    );
  });

  test("it is not ready while the database is behind", async () => {
    const [{ version }] = await world().database.rows("SELECT max(version) AS version FROM edgegate.schema_migrations");
    await world().database.rows("DELETE FROM edgegate.schema_migrations WHERE version = $1", [version]);
    const { status, json } = await world().client().get("/health/ready");
    assert.deepEqual([status, json.ready, json.database], [503, false, "ok"]);
    assert.match(json.migrations, /npm run migrate/);
    await world().database.rows("INSERT INTO edgegate.schema_migrations (version) VALUES ($1)", [version]);
  });

  test("it is not ready while the database does not answer, says so without a secret, and is alive all the same", async () => {
    world().wire.goDown();
    const { status, json, text } = await world().client().get("/health/ready");
    assert.deepEqual([status, json.ready, json.configuration], [503, false, "ok"]);
    assert.match(json.database, /Hyperdrive/);
    const url = new URL(world().database.url);
    for (const secret of [url.password, url.port, url.pathname.slice(1)]) assert.ok(!text.includes(secret));
    assert.equal((await world().client().get("/health")).status, 200);
    assert.ok(
      world()
        .events()
        .some((event) => event.event === "not_ready" && event["error.cause"]),
      "the log says why",
    );
    world().wire.comeBack();
    assert.equal((await world().client().get("/health/ready")).status, 200);
  });

  test("the document of the API is there, and at the root of the origin nothing but what standards put there", async () => {
    const document = await world().client().get("/openapi.json");
    assert.equal(document.status, 200);
    assert.equal(typeof document.json, "object");
    assert.equal((await world().client().get(`${EXTERNAL_URL}/`)).status, 404);
  });

  test("what is not there is JSON for a program and a page for a person", async () => {
    const program = await world().client().get("/nothing");
    assert.deepEqual([program.status, program.json.error_code], [404, "not_found"]);
    const person = await world()
      .client()
      .get("/nothing", { headers: { accept: "text/html,application/xhtml+xml,*/*;q=0.8" } });
    assert.equal(person.status, 404);
    assert.match(person.headers.get("content-type") ?? "", /^text\/html/);
    assert.match(person.text, /Acme/);
  });
});

everyWay("where the Worker is the app's own site", { settings: { SITE_URL: EXTERNAL_URL } }, (world) => {
  test("a person who opens it sees a page", async () => {
    const { status, text, headers } = await world()
      .client()
      .get(`${EXTERNAL_URL}/`, { headers: { accept: "text/html" } });
    assert.equal(status, 200);
    assert.match(headers.get("content-type") ?? "", /^text\/html/);
    assert.match(text, /Acme/);
    assert.match(headers.get("content-security-policy") ?? "", /script-src 'nonce-[\w+/=]+'/);
  });
});
