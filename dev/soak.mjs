// `npm run soak [-- COUNT]`: so many sign-ups (10 000) through the router while everything fails at
// random, and what became of each mail. The test itself: tests/flows/mail/deliver/soak.rs; `npm test` runs it
// with a few hundred.

import { root } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import { run } from "./processes.mjs";
import { requireRust } from "./rust.mjs";
import { startTestDatabase } from "./test_database.mjs";

const SIGN_UPS = "10000";

/** @param {string[]} args */
export async function main([count = SIGN_UPS]) {
  if (!/^[1-9]\d{1,5}$/.test(count)) throw new Failure("say how many sign-ups, from 10 on: npm run soak -- 10000");
  requireRust();
  const { url } = await startTestDatabase();
  const env = { ...process.env, TEST_DATABASE_URL: url, SOAK_SIGN_UPS: count };
  await run("cargo", ["test", "--test", "edgegate", "outbox::soak", "--", "--nocapture"], {
    cwd: root,
    env,
    output: "inherit",
  });
}
