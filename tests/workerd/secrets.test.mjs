// Whatever happens, no secret and no address is written where it does not belong: not into the
// Worker's log, not into PostgreSQL's (which shows every parameter), not into the database as it
// could be used, not into an answer.

import assert from "node:assert/strict";
import { test } from "node:test";
import { somebody } from "./client.mjs";
import { everyWay, USUAL_HASH } from "./harness.mjs";
import { forge, makeKey, read } from "./keys.mjs";
import { followLog, noLog } from "./statement_log.mjs";

/** What must not be found anywhere, by name. */
class Canaries {
  /** @type {Map<string, string>} */
  secrets = new Map();

  /** @param {string} name @param {string} value */
  add(name, value) {
    assert.ok(value && value.length >= 6, `${name} is a secret worth looking for`);
    this.secrets.set(name, value);
  }

  /** @param {string} text @returns {string[]} names of those that are in it */
  in(text) {
    return [...this.secrets]
      .filter(([, value]) => text.includes(value) || text.includes(encodeURIComponent(value)))
      .map(([name]) => name);
  }
}

everyWay("secrets", { wire: true, settings: USUAL_HASH }, (world) => {
  test("are in no log, whether all goes well or not", async () => {
    const log = noLog ? undefined : followLog(world().database.name);
    const [usable, personal] = [new Canaries(), new Canaries()];
    const { AUTH_SECRET, JWT_KEYS, MAIL_API_KEY } = world().settings;
    usable.add("AUTH_SECRET", AUTH_SECRET);
    usable.add("the signing key", JSON.parse(JWT_KEYS).keys[0].d);
    usable.add("MAIL_API_KEY", MAIL_API_KEY);
    usable.add("the database's password", decodeURIComponent(new URL(world().database.url).password));

    // All goes well, in each way of confirming.
    const people = [await world().signedUp(), await world().signedUp(), await world().signedUp()];
    for (const [index, { email, password, mail, client }] of people.entries()) {
      personal.add(`address ${index}`, email);
      usable.add(`password ${index}`, password);
      usable.add(`link ${index}`, mail.token);
      usable.add(`code ${index}`, mail.code);
      usable.add(`cookie ${index}`, [...client.cookies.values()][0]);
      await client.get(mail.link);
    }
    const [byCode, byLink, byForm] = people;
    const sessions = [
      (await byCode.client.post("/verify", { type: "signup", token: byCode.mail.code, email: byCode.email })).json,
      (await byLink.client.post("/verify", { type: "signup", token_hash: byLink.mail.token })).json,
    ];
    const form = await byForm.client.submit((await byForm.client.get(byForm.mail.link)).text);
    sessions.push(Object.fromEntries(new URLSearchParams(new URL(form.headers.get("location") ?? "").hash.slice(1))));
    sessions.push((await byForm.client.post("/token?grant_type=password", byForm)).json);
    for (const [index, session] of sessions.entries()) {
      usable.add(`access token ${index}`, session.access_token);
      usable.add(`signature of access token ${index}`, session.access_token.split(".")[2]);
      usable.add(`refresh token ${index}`, session.refresh_token);
      assert.equal((await world().client().get("/user", { token: session.access_token })).status, 200);
    }

    // Sessions go on and end, and services ask and act.
    const service = world().serviceToken;
    usable.add("the service token", service);
    usable.add("signature of the service token", service.split(".")[2]);
    /** @param {string} name @param {string} token */
    const refreshed = async (name, token) => {
      const { status, json } = await world().client().refresh(token);
      assert.equal(status, 200);
      usable.add(`refresh token of ${name}`, json.refresh_token);
      usable.add(`access token of ${name}`, json.access_token);
      return json;
    };
    const child = await refreshed("a child", sessions[1].refresh_token);
    const grandchild = await refreshed("a grandchild", child.refresh_token);
    assert.equal(
      (await world().client().refresh(sessions[1].refresh_token)).json.error_code,
      "refresh_token_already_used",
    );
    await world().mail(byLink.email, 2);
    await world().recorded(byLink.email);
    const next = "the next password of somebody";
    usable.add("a new password", next);
    const changing = { json: { password: next, current_password: byForm.password }, token: sessions[3].access_token };
    assert.equal((await byForm.client.call("PUT", "/user", changing)).status, 200);
    for (const asked of [sessions[3].access_token, grandchild.access_token, child.refresh_token]) {
      assert.equal(
        (
          await world()
            .client()
            .call("POST", "/introspect", { form: { token: asked }, token: service })
        ).status,
        200,
      );
    }
    assert.equal((await byForm.client.get("/sessions", { token: sessions[3].access_token })).status, 200);
    assert.equal((await byForm.client.call("POST", "/logout", { token: sessions[3].access_token })).status, 204);
    const banned = `/admin/users/${sessions[1].user.id}`;
    for (const duration of ["1h", "none"])
      assert.equal(
        (
          await world()
            .client()
            .call("PUT", banned, { json: { ban_duration: duration }, token: service })
        ).status,
        200,
      );

    // Things go wrong, with secrets in every place where a careless caller puts them.
    const { client, email, password } = byCode;
    const wrong = somebody();
    personal.add("another address", wrong.email);
    usable.add("a wrong password", wrong.password);
    const token = sessions[0].access_token;
    const forged = forge(read(token).claims, { ...makeKey("ES256"), kid: world().signingKey.kid });
    usable.add("a forged token", forged);
    await client.get("/user", { token: forged });
    await client.get(`/user?access_token=${token}&apikey=${token}`);
    await client.get(`/nothing/${token}?password=${encodeURIComponent(password)}`);
    await client.post("/token?grant_type=password", { email, password: wrong.password });
    await client.post("/token?grant_type=password", wrong);
    await client.post("/token?grant_type=password", { email: password, password: email });
    await client.post("/signup", { email: wrong.email, password: [wrong.password] });
    await client.post("/signup", { email: [wrong.email], password: wrong.password });
    await client.call("POST", "/signup", {
      body: `{"email":"${wrong.email}","password":"${wrong.password}"`,
      headers: { "content-type": "application/json" },
    });
    await client.post("/verify", { type: wrong.password, token: wrong.password, email: wrong.email });
    await client.post("/verify", { type: "signup", token_hash: byLink.mail.token });
    await client.post(`/signup?redirect_to=${encodeURIComponent(`https://evil.example/${wrong.password}`)}`, {
      ...somebody(),
      email: `${wrong.email} <x>`,
    });
    world().mailbox.fail({
      status: 422,
      body: { statusCode: 422, name: "validation_error", message: `bad recipient ${wrong.email}` },
      times: 1,
    });
    await client.post("/signup", wrong);
    const refresh = sessions[0].refresh_token;
    const bent = refresh.slice(0, -8) + [...refresh.slice(-8)].reverse().join("");
    usable.add("a forged refresh token", bent);
    await client.refresh(bent);
    await client.refresh(child.refresh_token);
    await client.get(`/user?refresh_token=${refresh}`, { token: refresh });
    await client.post(`/token?grant_type=${refresh}&refresh_token=${refresh}`, { refresh_token: [refresh] });
    await client.call("POST", "/token?grant_type=refresh_token", { form: { refresh_token: refresh } });
    await client.call("POST", `/logout?scope=${refresh}`, { token });
    await client.call("DELETE", `/sessions/${refresh}`, { token });
    await client.call("DELETE", `/admin/users/${service}`, { token: service });
    await client.call("PUT", `/admin/users/${service}`, { json: { ban_duration: password }, token: service });
    await client.call("PUT", banned, { json: { ban_duration: password }, token: service });
    await client.call("PUT", banned, {
      json: { ban_duration: "1h" },
      token: forge({ role: "service_role" }, { ...makeKey("ES256"), kid: world().signingKey.kid }),
    });
    await client.call("POST", "/introspect", { json: { token }, token: service });
    await client.call("POST", `/introspect?token=${token}`, { form: { token: service, access_token: token }, token });
    await client.call("PUT", "/user", { json: { password: next, current_password: wrong.password }, token });
    await client.call("PUT", "/user", { json: { password, current_password: password }, token });
    await client.call("PUT", "/user", { json: { password: next, current_password: [password], data: refresh }, token });
    for (const call of [
      () => client.refresh(refresh),
      () => client.call("POST", "/logout?scope=others", { token }),
      () => client.call("PUT", "/user", { json: { password: next, current_password: password }, token }),
    ]) {
      world().wire.loseAnswers(2);
      assert.equal((await call()).status, 503);
    }
    world().wire.loseAnswers(2);
    await client.post("/token?grant_type=password", { email, password });
    world().wire.goDown();
    await client.post("/token?grant_type=password", { email, password });
    await client.refresh(refresh);
    await client.call("PUT", banned, { json: { ban_duration: "1h" }, token: service });
    await client.get("/health/ready");
    await world().scheduled();
    world().wire.comeBack();
    await world().scheduled();
    await world().recorded(wrong.email);
    await world().spread();

    const written = world()
      .logs.map(({ message }) => message)
      .join("\n");
    assert.ok(world().events().length > 30, "there is a log to look at");
    assert.deepEqual([...usable.in(written), ...personal.in(written)], []);
    for (const { message } of world().logs)
      assert.doesNotThrow(() => JSON.parse(message), `one JSON object a line: ${message}`);

    // Addresses are data, and so in the database; what opens an account is not.
    if (log) assert.deepEqual(usable.in(log.read().text), []);
    const tables = await world().database.tables();
    const contents = await Promise.all(
      tables.map((table) => world().database.rows(`SELECT to_jsonb(t)::text AS line FROM edgegate.${table} t`)),
    );
    const stored = contents
      .flat()
      .map(({ line }) => line)
      .join("\n");
    assert.ok(stored.length > 1000);
    assert.deepEqual(usable.in(stored), []);
  });
});
