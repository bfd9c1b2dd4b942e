// JSON lines, each an account as POST /admin/users/import takes it: what `npm run admin -- export`
// writes, and what you write yourself.

import { jsonLines } from "./records.mjs";

/** @type {import("./records.mjs").Reader} */
export const read = (file) => jsonLines(file, (user, text) => ({ user, text }));
