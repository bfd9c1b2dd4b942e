// `npm run soak [-- COUNT]`: so many sign-ups (10 000) through the router while everything fails at
// random, and what became of each mail. The test itself is tests/flows/mail/deliver/soak.rs;
// `npm test` runs it with a few hundred, `npm run test:nightly` with as many as this.

import { Failure } from "./failure.mjs";
import { main as test } from "./test.mjs";

/** @param {string[]} args */
export async function main([count]) {
  if (count && !/^[1-9]\d{1,5}$/.test(count))
    throw new Failure("say how many sign-ups, from 10 on: npm run soak -- 10000");
  if (count) process.env.SOAK_SIGN_UPS = count;
  return test(["soak", "--", "--nocapture"]);
}
