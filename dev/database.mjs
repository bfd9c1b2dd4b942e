// `npm run database`: PostgreSQL alone, migrated, until Ctrl-C. With it `npx wrangler dev` works by
// itself.

import { migrate } from "./migrate.mjs";
import { startDatabase } from "./postgres.mjs";
import { say } from "./progress.mjs";

export async function main() {
  const { url, service } = await startDatabase();
  await migrate(url);
  say(`PostgreSQL: ${url}`);
  if (!service) return;
  say("Ctrl-C stops it; the data stays.");
  await service.accident();
}
