// The contract, run against the mailbox, and against the real provider when a key for it is in the
// environment:
//     RESEND_CONTRACT_KEY=re_... RESEND_CONTRACT_FROM="edgegate <test@your-domain>" \
//       node --test dev/mailbox/provider_contract.test.mjs

import { after, before, describe, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { contractCases, runCase } from "./contract.mjs";
import { startMailbox } from "./mailbox.mjs";

/**
 * An address of the provider's that takes everything.
 * https://resend.com/docs/dashboard/emails/send-test-emails
 */
const PROVIDERS_TEST_ADDRESS = "delivered@resend.dev";

/**
 * The provider takes at least 2 requests a second. https://resend.com/docs/api-reference/rate-limit
 */
const REAL_PAUSE_MS = 600;

describe("the mailbox meets the provider's contract", () => {
  const apiKey = "re_contract";
  let mailbox;
  before(async () => {
    mailbox = await startMailbox({ apiKey });
  });
  after(() => mailbox.close());
  for (const contractCase of contractCases({
    from: "edgegate <no-reply@edgegate.example>",
    to: PROVIDERS_TEST_ADDRESS,
  })) {
    test(contractCase.name, () => runCase(contractCase, { url: mailbox.url, apiKey, strict: true }));
  }
});

const { RESEND_CONTRACT_KEY: realKey, RESEND_CONTRACT_FROM: realFrom } = process.env;
if (realKey && realFrom) {
  describe("the real provider meets the contract", { concurrency: 1 }, () => {
    for (const contractCase of contractCases({ from: realFrom, to: PROVIDERS_TEST_ADDRESS })) {
      test(contractCase.name, () =>
        runCase(contractCase, { url: "https://api.resend.com", apiKey: realKey, pause: () => wait(REAL_PAUSE_MS) }),
      );
    }
  });
}
