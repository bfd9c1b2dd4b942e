// Settings: what a wrong one does, what the right ones switch, and whether wrangler.toml gives the
// Worker what these tests give it.

import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { unstable_readConfig as readConfig } from "wrangler";
import { inCheckout } from "../../dev/checkout.mjs";
import { somebody } from "./client.mjs";
import { ways } from "./database.mjs";
import { bindings, compatibilityDate, everyWay, startRuntime, startWorld, modules, USUAL_HASH } from "./harness.mjs";
import { makeKey, read, verified } from "./keys.mjs";

test("wrangler.toml binds what these tests bind, in every environment", () => {
  const ours = bindings("postgresql://a:b@localhost/c", {});
  for (const env of [undefined, "staging", "production"]) {
    const config = readConfig({ config: inCheckout("wrangler.toml"), env });
    assert.equal(config.compatibility_date, compatibilityDate);
    assert.deepEqual(
      [...config.hyperdrive, ...config.kv_namespaces].map(({ binding }) => binding).sort(),
      Object.keys(ours).sort(),
    );
    assert.deepEqual(config.triggers.crons, ["* * * * *"]);
  }
});

describe("wrong settings", () => {
  const wrong = {
    SITE_URL: "http://leaked-site-value.example",
    JWT_KEYS: '{"keys":[{"kty":"oct","k":"leaked-key-value","alg":"HS512","kid":"leaked-kid-value"}]}',
    AUTH_SECRET: "leaked-short-secret",
    ACCESS_TOKEN_SECONDS: "leaked-number",
    REFRESH_REUSE_INTERVAL: "leaked-interval",
    SESSIONS_PER_USER: "leaked-count",
    PASSWORD_HASH: "leaked-md5",
    MAILER_AUTOCONFIRM: "leaked-yes",
    MAIL_FROM: "leaked-sender",
    CORS_ALLOWED_ORIGINS: "leaked-origin",
  };
  const missing = ["MAIL_API_KEY", "HYPERDRIVE", "REVOCATIONS"];
  const { REVOCATIONS: _, ...env } = bindings("postgresql://nobody:nothing@127.0.0.1:1/none", wrong);
  /** @type {Awaited<ReturnType<typeof startRuntime>>} */
  let runtime;
  before(
    async () =>
      (runtime = await startRuntime({
        modules,
        env: { ...env, HYPERDRIVE: { type: "text", value: "leaked-connection-string" } },
      })),
  );
  after(() => runtime?.stop());

  test("are all named at once, in the answer and in the log, without their values", async () => {
    for (const path of ["/auth/v1/health", "/auth/v1/settings", "/", "/nothing"]) {
      const response = await fetch(runtime.url + path);
      const body = await response.text();
      assert.equal(response.status, 500);
      assert.equal(response.headers.get("cache-control"), "no-store");
      const { code, error_code, msg } = JSON.parse(body);
      assert.deepEqual([code, error_code], [500, "unexpected_failure"]);
      for (const name of [...Object.keys(wrong), ...missing]) assert.ok(msg.includes(`${name}: `), `${name} is named`);
      assert.doesNotMatch(body, /leaked/);
    }
    await runtime.scheduled();
    const log = runtime.logs.map(({ message }) => message).join("\n");
    for (const name of [...Object.keys(wrong), ...missing])
      assert.ok(log.includes(`${name}: `), `${name} is in the log`);
    assert.doesNotMatch(log, /leaked/);
  });
});

for (const algorithm of ["EdDSA", "HS256"]) {
  const key = makeKey(algorithm);
  everyWay(
    `access tokens signed with ${algorithm}`,
    { settings: { JWT_KEYS: JSON.stringify({ keys: [key] }) } },
    (world) => {
      test("are made and taken", async () => {
        const { client, email, session } = await world().newcomer();
        assert.deepEqual(read(session.access_token).header, { alg: algorithm, typ: "JWT", kid: key.kid });
        const { status, json } = await client.get("/user", { token: session.access_token });
        assert.deepEqual([status, json.email], [200, email]);
      });

      test(
        algorithm === "HS256"
          ? "are verified by who knows the secret, which is not published"
          : "are verified by the published key",
        async () => {
          const { client, email, session } = await world().newcomer();
          const { json } = await client.get("/.well-known/jwks.json");
          if (algorithm === "HS256") assert.deepEqual(json, { keys: [] });
          const keys = algorithm === "HS256" ? { keys: [key] } : json;
          assert.equal(verified(session.access_token, keys).email, email);
          assert.doesNotMatch(JSON.stringify(json), /"(d|k)":/);
        },
      );
    },
  );
}

describe("rotating the signing key", () => {
  test("tokens of the old key stay valid while it is there to verify, and are refused once it is gone", async () => {
    const [old, fresh] = [makeKey("ES256"), makeKey("EdDSA")];
    const retired = { ...old, d: undefined, key_ops: ["verify"] };
    const world = await startWorld(ways[0], {
      settings: { JWT_KEYS: JSON.stringify({ keys: [old, { ...fresh, key_ops: ["verify"] }] }) },
    });
    try {
      const { session } = await world.newcomer();
      for (const [keys, status] of /** @type {[object[], number][]} */ ([
        [[fresh, retired], 200],
        [[fresh], 401],
      ])) {
        const env = bindings(world.database.url, { ...world.settings, JWT_KEYS: JSON.stringify({ keys }) });
        const next = await startRuntime({ modules, env });
        const response = await fetch(`${next.url}/auth/v1/user`, {
          headers: { authorization: `Bearer ${session.access_token}` },
        });
        assert.equal(response.status, status);
        await response.text();
        await next.stop();
      }
    } finally {
      await world.stop();
    }
  });
});

everyWay("Argon2id", { settings: { PASSWORD_HASH: "argon2id" } }, (world) => {
  test("hashes the password, and it signs in", async () => {
    const { client, email, password } = await world().newcomer();
    const [{ password_hash }] = await world().database.rows(
      "SELECT password_hash FROM edgegate.users WHERE email = $1",
      [email],
    );
    assert.match(password_hash, /^\$argon2id\$v=19\$m=19456,t=2,p=1[,$]/);
    assert.equal((await client.post("/token?grant_type=password", { email, password })).status, 200);
    assert.equal((await client.post("/token?grant_type=password", { email, password: "another one" })).status, 400);
  });

  test("replaces a PBKDF2 hash from before at the next sign-in", async () => {
    const before = await startWorld(ways[0], {
      settings: { AUTH_SECRET: world().settings.AUTH_SECRET, ...USUAL_HASH },
    });
    const { client, email, password } = await world().newcomer();
    const other = await before.newcomer();
    const hash = async (/** @type {import("./harness.mjs").World} */ where, /** @type {string} */ address) =>
      (await where.database.rows("SELECT password_hash FROM edgegate.users WHERE email = $1", [address]))[0]
        .password_hash;
    const stored = await hash(before, other.email);
    assert.match(stored, /^\$pbkdf2-sha512\$i=220000/);
    await before.stop();
    await world().database.rows("UPDATE edgegate.users SET password_hash = $2 WHERE email = $1", [email, stored]);
    assert.equal((await client.post("/token?grant_type=password", { email, password })).status, 400);
    assert.equal((await client.post("/token?grant_type=password", { email, password: other.password })).status, 200);
    assert.match(await hash(world(), email), /^\$argon2id\$/);
    assert.equal((await client.post("/token?grant_type=password", { email, password: other.password })).status, 200);
  });
});

everyWay("without confirmation", { settings: { MAILER_AUTOCONFIRM: "true" } }, (world) => {
  test("a sign-up is a sign-in and sends no mail", async () => {
    const person = somebody();
    const client = world().client();
    const { status, json } = await client.post("/signup", person);
    assert.equal(status, 200);
    assert.ok(json.user.email_confirmed_at);
    assert.equal((await client.get("/user", { token: json.access_token })).json.email, person.email);
    assert.equal((await client.get("/settings")).json.mailer_autoconfirm, true);
    const again = await client.post("/signup", person);
    assert.deepEqual(
      [again.status, again.json.error_code, again.json.msg],
      [422, "user_already_exists", "User already registered"],
    );
    await world().scheduled();
    assert.deepEqual(world().mails(person.email), []);
  });
});

everyWay("without new accounts", { settings: { DISABLE_SIGNUP: "true" } }, (world) => {
  test("a sign-up is refused and settings say so", async () => {
    const { status, json } = await world().client().post("/signup", somebody());
    assert.deepEqual(
      [status, json.error_code, json.msg],
      [422, "signup_disabled", "Signups not allowed for this instance"],
    );
    assert.equal((await world().client().get("/settings")).json.disable_signup, true);
  });
});

everyWay(
  "where sign-in tells that an address is not confirmed",
  { settings: { SIGN_IN_TELLS_UNCONFIRMED: "true" } },
  (world) => {
    test("the right password is told so, a wrong one is not", async () => {
      const { email, password, client } = await world().signedUp();
      const right = await client.post("/token?grant_type=password", { email, password });
      assert.deepEqual([right.status, right.json.error_code], [400, "email_not_confirmed"]);
      const wrong = await client.post("/token?grant_type=password", { email, password: "not the password" });
      assert.equal(wrong.json.error_code, "invalid_credentials");
    });
  },
);

everyWay("with strict confirmation", { settings: { CONFIRM_SAME_BROWSER: "strict" } }, (world) => {
  test("a link's token alone confirms without signing in; with the password it signs in", async () => {
    const [one, two] = [await world().signedUp(), await world().signedUp()];
    const alone = await one.client.post("/verify", { type: "signup", token_hash: one.mail.token });
    assert.equal(alone.status, 200);
    assert.equal(alone.json.access_token, undefined);
    assert.ok(alone.json.email_confirmed_at);
    const wrong = await two.client.post("/verify", {
      type: "signup",
      token_hash: two.mail.token,
      password: "not the password",
    });
    assert.equal(wrong.status, 403);
    const both = await two.client.post("/verify", {
      type: "signup",
      token_hash: two.mail.token,
      password: two.password,
    });
    assert.equal(both.status, 200);
    assert.ok(both.json.access_token);
  });
});

everyWay("with DATABASE_URL instead of Hyperdrive", { secretUrl: true }, (world) => {
  test("everything works", async () => {
    const { client, email, session } = await world().newcomer();
    assert.equal((await client.get("/user", { token: session.access_token })).json.email, email);
    assert.equal((await client.get("/health/ready")).status, 200);
  });
});

everyWay(
  "other names and places",
  {
    settings: {
      API_BASE_PATH: "/v7",
      JWT_AUDIENCE: "an-app",
      JWT_ISSUER: "https://issuer.example",
      ACCESS_TOKEN_SECONDS: "60",
      REDIRECT_ALLOW_LIST: "https://second.example.test/in",
    },
  },
  (world) => {
    test("path, audience, issuer and lifetime are what the settings say, and a listed place may be led to", async () => {
      const person = somebody();
      const client = world().client();
      const base = `${world().externalUrl}/v7`;
      const wish = encodeURIComponent("https://second.example.test/in/side?a=b");
      assert.equal((await client.post(`${base}/signup?redirect_to=${wish}`, person)).status, 200);
      const mail = await world().mail(person.email);
      assert.ok(mail.link.startsWith(`${base}/verify?`));
      const answer = await client.submit((await client.get(mail.link)).text);
      const location = new URL(answer.headers.get("location") ?? "");
      assert.equal(
        `${location.origin}${location.pathname}${location.search}`,
        "https://second.example.test/in/side?a=b",
      );
      const token = new URLSearchParams(location.hash.slice(1)).get("access_token") ?? "";
      const { claims } = read(token);
      assert.deepEqual([claims.aud, claims.iss, claims.exp - claims.iat], ["an-app", "https://issuer.example", 60]);
      assert.equal((await client.get(`${base}/user`, { token })).status, 200);
      assert.equal((await client.get("/user", { token })).status, 404, "nothing is left at the usual place");
    });

    test("a place that is not listed is not led to", async () => {
      const person = somebody();
      const client = world().client();
      for (const wish of [
        "https://evil.example/",
        "https://second.example.test/inside",
        "https://second.example.test.evil.example/in",
        "javascript:alert(1)",
      ]) {
        await client.post(`${world().externalUrl}/v7/signup?redirect_to=${encodeURIComponent(wish)}`, person);
        const mail = await world().mail(person.email, world().mails(person.email).length || 1);
        const answer = await client.submit((await client.get(mail.link)).text);
        assert.equal(answer.headers.get("location")?.split("#")[0], world().siteUrl);
        await world().database.rows("DELETE FROM edgegate.users WHERE email = $1", [person.email]);
        await world().database.letTimePass("61 seconds");
        world().mailbox.clear();
      }
    });
  },
);
