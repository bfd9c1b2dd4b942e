// The user that PostgreSQL and PgBouncer run as: ourselves, or `nobody` when we are root, since
// both refuse to run as root.

import { chownSync } from "node:fs";
import { isRoot } from "./checkout.mjs";
import { Failure } from "./failure.mjs";
import { ask } from "./rust.mjs";

/** @returns {{ uid?: number, gid?: number }} for the options of a child process */
export function serverUser() {
  if (!isRoot) return {};
  const [uid, gid] = ["-u", "-g"].map((flag) => Number(ask("id", [flag, "nobody"]) ?? NaN));
  if (!uid || !gid)
    throw new Failure(
      "PostgreSQL refuses to run as root and there is no user `nobody` here: run this as an ordinary user",
    );
  return { uid, gid };
}

/** Gives a file or directory to that user. @param {string} path */
export function giveToServer(path) {
  const { uid, gid } = serverUser();
  if (uid && gid) chownSync(path, uid, gid);
}
