// @supabase/auth-js, unmodified, against the built Worker. One process runs all of it, so that at
// the end every public method of both clients can be held against what the tests have really
// called.

import assert from "node:assert/strict";
import { describe, test } from "node:test";
import "./sign_up.mjs";
import "./sessions.mjs";
import "./user.mjs";
import "./by_mail.mjs";
import "./faults.mjs";
import "./not_offered.mjs";
import "./admin.mjs";
import { called, methods, version } from "./methods.mjs";

const works = "works";
/**
 * A method of something that is not offered: the codes with which it is refused.
 * @param {string[]} codes
 */
const disabled = (...codes) => codes;

/**
 * What edgegate makes of each method. A method that the library gains has to be added here, with a
 * test that calls it.
 * @type {Record<string, string | string[]>}
 */
const expected = {
  "admin.createUser": works,
  "admin.customProviders.createProvider": disabled("feature_disabled"),
  "admin.customProviders.deleteProvider": disabled("feature_disabled"),
  "admin.customProviders.getProvider": disabled("feature_disabled"),
  "admin.customProviders.listProviders": disabled("feature_disabled"),
  "admin.customProviders.updateProvider": disabled("feature_disabled"),
  "admin.deleteUser": works,
  "admin.generateLink": works,
  "admin.getUserById": works,
  "admin.inviteUserByEmail": works,
  "admin.listUsers": works,
  "admin.mfa.deleteFactor": disabled("mfa_factor_not_found"),
  "admin.mfa.listFactors": works,
  "admin.oauth.createClient": disabled("feature_disabled"),
  "admin.oauth.deleteClient": disabled("feature_disabled"),
  "admin.oauth.getClient": disabled("feature_disabled"),
  "admin.oauth.listClients": disabled("feature_disabled"),
  "admin.oauth.regenerateClientSecret": disabled("feature_disabled"),
  "admin.oauth.updateClient": disabled("feature_disabled"),
  "admin.passkey.deletePasskey": disabled("passkey_disabled"),
  "admin.passkey.listPasskeys": disabled("passkey_disabled"),
  "admin.signOut": works,
  "admin.updateUserById": works,
  dispose: works,
  exchangeCodeForSession: works,
  getClaims: works,
  getSession: works,
  getUser: works,
  getUserIdentities: works,
  initialize: works,
  isThrowOnErrorEnabled: works,
  linkIdentity: disabled("manual_linking_disabled", "provider_disabled"),
  "mfa.challenge": disabled("mfa_totp_verify_not_enabled"),
  "mfa.challengeAndVerify": disabled("mfa_totp_verify_not_enabled"),
  "mfa.enroll": disabled(
    "mfa_totp_enroll_not_enabled",
    "mfa_phone_enroll_not_enabled",
    "mfa_webauthn_enroll_not_enabled",
  ),
  "mfa.getAuthenticatorAssuranceLevel": works,
  "mfa.listFactors": works,
  "mfa.recoveryCodes.generate": disabled("mfa_recovery_codes_enroll_not_enabled"),
  "mfa.recoveryCodes.getStatus": disabled("mfa_recovery_codes_enroll_not_enabled"),
  "mfa.recoveryCodes.regenerate": disabled("mfa_recovery_codes_enroll_not_enabled"),
  "mfa.recoveryCodes.unenroll": disabled("mfa_recovery_codes_enroll_not_enabled"),
  "mfa.recoveryCodes.verify": disabled("mfa_recovery_codes_verify_not_enabled"),
  "mfa.unenroll": disabled("mfa_factor_not_found"),
  "mfa.verify": disabled("mfa_totp_verify_not_enabled"),
  "mfa.webauthn.authenticate": disabled("mfa_totp_verify_not_enabled"),
  "mfa.webauthn.challenge": disabled("mfa_totp_verify_not_enabled"),
  "mfa.webauthn.enroll": disabled("mfa_webauthn_enroll_not_enabled"),
  "mfa.webauthn.register": disabled("mfa_webauthn_enroll_not_enabled"),
  "mfa.webauthn.verify": disabled("mfa_totp_verify_not_enabled"),
  "oauth.approveAuthorization": disabled("feature_disabled"),
  "oauth.denyAuthorization": disabled("feature_disabled"),
  "oauth.getAuthorizationDetails": disabled("feature_disabled"),
  "oauth.listGrants": disabled("feature_disabled"),
  "oauth.revokeGrant": disabled("feature_disabled"),
  onAuthStateChange: works,
  "passkey.delete": disabled("passkey_disabled"),
  "passkey.list": disabled("passkey_disabled"),
  "passkey.startAuthentication": disabled("passkey_disabled"),
  "passkey.startRegistration": disabled("passkey_disabled"),
  "passkey.update": disabled("passkey_disabled"),
  "passkey.verifyAuthentication": disabled("passkey_disabled"),
  "passkey.verifyRegistration": disabled("passkey_disabled"),
  reauthenticate: works,
  refreshSession: works,
  registerPasskey: disabled("passkey_disabled"),
  resend: works,
  resetPasswordForEmail: works,
  setSession: works,
  signInAnonymously: works,
  signInWithIdToken: disabled("provider_disabled"),
  // Asks nobody: it makes the address of /authorize, and what that answers is tested with it.
  signInWithOAuth: disabled(),
  signInWithOtp: works,
  signInWithPasskey: disabled("passkey_disabled"),
  signInWithPassword: works,
  signInWithSSO: disabled("saml_provider_disabled"),
  signInWithWeb3: disabled("web3_provider_disabled"),
  signOut: works,
  signUp: works,
  startAutoRefresh: works,
  stopAutoRefresh: works,
  unlinkIdentity: disabled("manual_linking_disabled"),
  updateUser: works,
  verifyOtp: works,
};

describe("auth-js: its methods", () => {
  test("every public method of both clients is in the table, and no other", () => {
    assert.deepEqual(Object.keys(expected).sort(), methods);
  });

  for (const name of methods) {
    test(`${name} was called, and did what the table says`, () => {
      const outcomes = called.get(name);
      assert.ok(outcomes, "no test has called it");
      const wanted = expected[name] ?? ["an entry in the table"];
      if (wanted === works) return assert.ok(outcomes.succeeded > 0, `it never succeeded: ${[...outcomes.refusals]}`);
      for (const code of wanted) assert.ok(outcomes.refusals.has(code), `never ${code}: ${[...outcomes.refusals]}`);
      if (wanted.length > 0) assert.equal(outcomes.succeeded, 0, "it worked, though it is not offered");
    });
  }

  test("the figures", (context) => {
    const offered = methods.filter((name) => expected[name] === works).length;
    context.diagnostic(
      `@supabase/auth-js ${version}: ${methods.length} public methods, ${offered} work, ${methods.length - offered} answer as disabled`,
    );
  });
});
