// What edgegate does not offer: every method about it answers with the protocol's own "disabled"
// error, and nobody is signed out.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, before, test } from "node:test";
import { ways } from "../../workerd/database.mjs";
import { oneWay } from "../../workerd/harness.mjs";
import { administrator, browser, refusal, signedIn, succeeded } from "./browser.mjs";
import { onPage } from "./window.mjs";

/** @typedef {ReturnType<ReturnType<typeof browser>["tab"]>} Tab */

const id = randomUUID();
const phone = "+15555550100";
const password = "a password nobody knows";
/** What an authenticator would have answered. @type {any} */
const credential = {
  id: "AA",
  rawId: new Uint8Array([1]),
  type: "public-key",
  response: {
    clientDataJSON: new Uint8Array([1]),
    attestationObject: new Uint8Array([1]),
    authenticatorData: new Uint8Array([1]),
    signature: new Uint8Array([1]),
  },
  getClientExtensionResults: () => ({}),
};
const webauthn = /** @type {any} */ ({
  rpId: "app.example.test",
  rpOrigins: ["https://app.example.test"],
  type: "create",
  credential_response: credential,
});

/**
 * Name, call, status, code.
 * @type {[string, (tab: Tab) => Promise<{ error: any }>, number, string][]}
 */
const calls = [
  ["signing up with a phone number", (tab) => tab.signUp({ phone, password }), 400, "phone_provider_disabled"],
  [
    "signing in with a phone number",
    (tab) => tab.signInWithPassword({ phone, password }),
    422,
    "phone_provider_disabled",
  ],
  ["a code by SMS", (tab) => tab.signInWithOtp({ phone }), 400, "phone_provider_disabled"],
  ["another code by SMS", (tab) => tab.resend({ type: "sms", phone }), 400, "phone_provider_disabled"],
  [
    "verifying a code by SMS",
    (tab) => tab.verifyOtp({ phone, token: "123456", type: "sms" }),
    400,
    "phone_provider_disabled",
  ],
  ["a new phone number", (tab) => tab.updateUser({ phone }), 400, "phone_provider_disabled"],

  [
    "signing in with a provider's token",
    (tab) => tab.signInWithIdToken({ provider: "google", token: "a.b.c" }),
    400,
    "provider_disabled",
  ],
  [
    "linking a provider's token",
    (tab) => tab.linkIdentity({ provider: "google", token: "a.b.c" }),
    400,
    "provider_disabled",
  ],
  ["linking a provider", (tab) => tab.linkIdentity({ provider: "github" }), 404, "manual_linking_disabled"],
  [
    "unlinking an identity",
    (tab) => tab.unlinkIdentity(/** @type {any} */ ({ identity_id: id })),
    404,
    "manual_linking_disabled",
  ],
  [
    "signing in with an Ethereum wallet",
    (tab) => tab.signInWithWeb3({ chain: "ethereum", message: "m", signature: "0x00" }),
    422,
    "web3_provider_disabled",
  ],
  [
    "signing in with a Solana wallet",
    (tab) => tab.signInWithWeb3({ chain: "solana", message: "m", signature: new Uint8Array(64) }),
    422,
    "web3_provider_disabled",
  ],
  ["single sign-on by domain", (tab) => tab.signInWithSSO({ domain: "example.com" }), 404, "saml_provider_disabled"],
  ["single sign-on by provider", (tab) => tab.signInWithSSO({ providerId: id }), 404, "saml_provider_disabled"],

  [
    "enrolling an authenticator app",
    (tab) => tab.mfa.enroll({ factorType: "totp" }),
    422,
    "mfa_totp_enroll_not_enabled",
  ],
  ["enrolling a phone", (tab) => tab.mfa.enroll({ factorType: "phone", phone }), 422, "mfa_phone_enroll_not_enabled"],
  [
    "enrolling a security key",
    (tab) => tab.mfa.enroll({ factorType: "webauthn", friendlyName: "key" }),
    422,
    "mfa_webauthn_enroll_not_enabled",
  ],
  ["challenging a factor", (tab) => tab.mfa.challenge({ factorId: id }), 422, "mfa_totp_verify_not_enabled"],
  [
    "verifying a factor",
    (tab) => tab.mfa.verify({ factorId: id, challengeId: id, code: "123456" }),
    422,
    "mfa_totp_verify_not_enabled",
  ],
  [
    "challenging and verifying a factor",
    (tab) => tab.mfa.challengeAndVerify({ factorId: id, code: "123456" }),
    422,
    "mfa_totp_verify_not_enabled",
  ],
  [
    "unenrolling a factor, of which there is none",
    (tab) => tab.mfa.unenroll({ factorId: id }),
    404,
    "mfa_factor_not_found",
  ],
  [
    "mfa.webauthn.enroll",
    (tab) => tab.mfa.webauthn.enroll({ friendlyName: "key" }),
    422,
    "mfa_webauthn_enroll_not_enabled",
  ],
  [
    "mfa.webauthn.challenge",
    (tab) => tab.mfa.webauthn.challenge({ factorId: id, webauthn }),
    422,
    "mfa_totp_verify_not_enabled",
  ],
  [
    "mfa.webauthn.verify",
    (tab) => tab.mfa.webauthn.verify({ factorId: id, challengeId: id, webauthn }),
    422,
    "mfa_totp_verify_not_enabled",
  ],
  [
    "mfa.webauthn.register",
    (tab) => tab.mfa.webauthn.register({ friendlyName: "key" }),
    422,
    "mfa_webauthn_enroll_not_enabled",
  ],
  [
    "mfa.webauthn.authenticate",
    (tab) => tab.mfa.webauthn.authenticate({ factorId: id }),
    422,
    "mfa_totp_verify_not_enabled",
  ],
  [
    "mfa.recoveryCodes.getStatus",
    (tab) => tab.mfa.recoveryCodes.getStatus(),
    422,
    "mfa_recovery_codes_enroll_not_enabled",
  ],
  [
    "mfa.recoveryCodes.generate",
    (tab) => tab.mfa.recoveryCodes.generate(),
    422,
    "mfa_recovery_codes_enroll_not_enabled",
  ],
  [
    "mfa.recoveryCodes.regenerate",
    (tab) => tab.mfa.recoveryCodes.regenerate(),
    422,
    "mfa_recovery_codes_enroll_not_enabled",
  ],
  [
    "mfa.recoveryCodes.unenroll",
    (tab) => tab.mfa.recoveryCodes.unenroll(),
    422,
    "mfa_recovery_codes_enroll_not_enabled",
  ],
  [
    "mfa.recoveryCodes.verify",
    (tab) => tab.mfa.recoveryCodes.verify({ code: "abcd-efgh" }),
    422,
    "mfa_recovery_codes_verify_not_enabled",
  ],

  ["signInWithPasskey", (tab) => tab.signInWithPasskey(), 404, "passkey_disabled"],
  ["registerPasskey", (tab) => tab.registerPasskey(), 404, "passkey_disabled"],
  ["passkey.startRegistration", (tab) => tab.passkey.startRegistration(), 404, "passkey_disabled"],
  [
    "passkey.verifyRegistration",
    (tab) => tab.passkey.verifyRegistration({ challengeId: id, credential }),
    404,
    "passkey_disabled",
  ],
  ["passkey.startAuthentication", (tab) => tab.passkey.startAuthentication(), 404, "passkey_disabled"],
  [
    "passkey.verifyAuthentication",
    (tab) => tab.passkey.verifyAuthentication({ challengeId: id, credential }),
    404,
    "passkey_disabled",
  ],
  ["passkey.list", (tab) => tab.passkey.list(), 404, "passkey_disabled"],
  ["passkey.update", (tab) => tab.passkey.update({ passkeyId: id, friendlyName: "key" }), 404, "passkey_disabled"],
  ["passkey.delete", (tab) => tab.passkey.delete({ passkeyId: id }), 404, "passkey_disabled"],

  ["oauth.getAuthorizationDetails", (tab) => tab.oauth.getAuthorizationDetails(id), 404, "feature_disabled"],
  ["oauth.approveAuthorization", (tab) => tab.oauth.approveAuthorization(id), 404, "feature_disabled"],
  ["oauth.denyAuthorization", (tab) => tab.oauth.denyAuthorization(id), 404, "feature_disabled"],
  ["oauth.listGrants", (tab) => tab.oauth.listGrants(), 404, "feature_disabled"],
  ["oauth.revokeGrant", (tab) => tab.oauth.revokeGrant({ clientId: id }), 404, "feature_disabled"],
];

/** @type {[string, (admin: ReturnType<typeof administrator>) => Promise<{ error: any }>][]} */
const adminCalls = [
  ["oauth.listClients", (admin) => admin.oauth.listClients()],
  [
    "oauth.createClient",
    (admin) => admin.oauth.createClient({ client_name: "app", redirect_uris: ["https://app.example.test"] }),
  ],
  ["oauth.getClient", (admin) => admin.oauth.getClient(id)],
  ["oauth.updateClient", (admin) => admin.oauth.updateClient(id, { client_name: "app" })],
  ["oauth.deleteClient", (admin) => admin.oauth.deleteClient(id)],
  ["oauth.regenerateClientSecret", (admin) => admin.oauth.regenerateClientSecret(id)],
  ["customProviders.listProviders", (admin) => admin.customProviders.listProviders()],
  [
    "customProviders.createProvider",
    (admin) =>
      admin.customProviders.createProvider(
        /** @type {any} */ ({
          provider_type: "oidc",
          identifier: "custom:x",
          name: "x",
          client_id: "x",
          client_secret: "x",
        }),
      ),
  ],
  ["customProviders.getProvider", (admin) => admin.customProviders.getProvider("custom:x")],
  ["customProviders.updateProvider", (admin) => admin.customProviders.updateProvider("custom:x", { name: "x" })],
  ["customProviders.deleteProvider", (admin) => admin.customProviders.deleteProvider("custom:x")],
];

oneWay(ways[0], "auth-js: what is not offered", {}, (world) => {
  /** @type {Awaited<ReturnType<typeof signedIn>>} */
  let somebody;
  /** On a page whose browser could do it, so that the library does ask the server. @type {Tab} */
  let tab;
  const ask = (/** @type {() => Promise<void>} */ task) => onPage(world().siteUrl, task, { webauthn: true });

  before(async () => {
    somebody = await signedIn(world());
    await ask(async () => void (tab = somebody.at.tab({ experimental: { recoveryCodes: true } })));
  });
  after(() => tab?.dispose());

  for (const [name, call, status, code] of calls) {
    test(`${name} answers ${status} ${code}`, () =>
      ask(async () => {
        const { error } = await call(tab);
        assert.deepEqual(refusal({ error }), ["AuthApiError", status, code]);
        assert.ok(error.message.length > 10, error.message);
        assert.ok(succeeded(await tab.getUser()).user, "still signed in");
      }));
  }

  test("the app is sent to /authorize for signing in with a provider, which answers that it is not enabled", async () => {
    const at = browser(world());
    const { data, error } = await at
      .tab()
      .signInWithOAuth({ provider: "github", options: { skipBrowserRedirect: true } });
    assert.equal(error, null);
    const answer = await at.pages.call("GET", `${data.url?.replace(world().url, world().externalUrl)}`);
    assert.deepEqual(
      [answer.status, answer.json.error_code, answer.json.msg],
      [400, "validation_failed", "Unsupported provider: provider is not enabled"],
    );
    const page = await at.pages.call("GET", `${data.url?.replace(world().url, world().externalUrl)}`, {
      headers: { accept: "text/html" },
    });
    assert.match(page.text, /<html/);
    assert.doesNotMatch(page.text, /github/);
  });

  for (const [name, call] of adminCalls) {
    test(`admin.${name} answers 404 feature_disabled, to an administrator`, async () => {
      assert.deepEqual(refusal(await call(administrator(world()))), ["AuthApiError", 404, "feature_disabled"]);
      assert.deepEqual(refusal(await call(administrator(world(), "junk"))), ["AuthApiError", 401, "bad_jwt"]);
      assert.equal((await call(administrator(world(), somebody.at.stored().access_token))).error.status, 403);
    });
  }

  test("GET /settings says so before anybody asks", async () => {
    const { json } = await world().client().get("/settings");
    const on = Object.keys(json.external).filter((name) => json.external[name]);
    assert.deepEqual([on, json.saml_enabled, json.passkeys_enabled, json.sms_provider], [["email"], false, false, ""]);
  });
});
