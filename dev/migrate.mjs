// `npm run migrate`: brings the database to the newest migration in migrations/, by dbmate, and its
// functions to those in src/db.

import { inCheckout } from "./checkout.mjs";
import { installFunctions } from "./functions.mjs";
import { inPackages } from "./install.mjs";
import { startDatabase } from "./postgres.mjs";
import { run } from "./processes.mjs";
import { say, step } from "./progress.mjs";

export async function main() {
  const { url } = await startDatabase();
  await migrate(url);
}

/**
 * Applies what is not applied yet.
 * @param {string} url a direct connection, not one through a transaction pooler
 */
export async function migrate(url) {
  const dbmate = inPackages("@dbmate", `${process.platform}-${process.arch}`, "bin", "dbmate");
  await step("Migrating the database", async () => {
    const lines = await run(dbmate, ["migrate"], {
      cwd: inCheckout(),
      env: {
        ...process.env,
        DATABASE_URL: url,
        DBMATE_MIGRATIONS_DIR: inCheckout("migrations"),
        // dbmate makes the schema for it. Tables of ours live in the schema `edgegate` only.
        DBMATE_MIGRATIONS_TABLE: "edgegate.schema_migrations",
        DBMATE_NO_DUMP_SCHEMA: "true", // needs pg_dump, and the migrations are the documentation
      },
      failure: "a migration failed: see above",
    });
    for (const line of lines) if (line.startsWith("Applied:")) say(`  ${line}`);
    const installed = await installFunctions(url);
    if (installed > 0) say(`  Installed: ${installed} files of src/db`);
  });
}
