// The README's flow, run as it stands there: only the addresses of API and mailbox are those of
// this test. It takes over ten seconds, since a token really has to expire.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { promisify } from "node:util";
import { inCheckout } from "../../dev/checkout.mjs";
import { ways } from "./database.mjs";
import { oneWay } from "./harness.mjs";

const run = promisify(execFile);
const readme = readFileSync(inCheckout("README.md"), "utf8");
const flow = [...readme.matchAll(/```sh\n(.*?)```/gs)]
  .map(([, commands]) => commands)
  .find((commands) => commands.includes("api="));

oneWay(ways[0], "the README", { settings: { ACCESS_TOKEN_SECONDS: "10" } }, (world) => {
  test("its flow works when pasted, and its token is refused once it has expired", async () => {
    assert.ok(flow, "there is a flow in it");
    const commands = flow
      .replaceAll("http://localhost:8787", world().url)
      .replaceAll("http://localhost:8788", world().mailbox.url);
    const again = 'sleep 11\ncurl -si "$api/user" -H "Authorization: Bearer $token"';
    const { stdout } = await run("bash", ["-euo", "pipefail", "-c", `${commands}\necho; echo AGAIN\n${again}`]);
    const [first, later] = stdout.split("AGAIN");
    assert.match(first, /"access_token":"ey/, "confirming signs in");
    assert.match(first, /"email":"ada@example.com","email_confirmed_at":/, "the call with the token is answered");
    assert.match(first, /HTTP\/1.1 401 .*^www-authenticate: Bearer\r$/ims, "the call without one is refused");
    assert.match(first, /"current":true/, "the list of sessions");
    assert.match(
      first,
      /204\n\{"code":400,"error_code":"session_not_found"/,
      "signing out, and then the refresh token is refused",
    );
    assert.match(later, /HTTP\/1.1 401 .*^www-authenticate: Bearer error="invalid_token"\r$/ims);
    assert.match(later, /"error_code":"bad_jwt"/);
  });
});
