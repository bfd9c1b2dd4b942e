// A service that runs in a process of its own beside edgegate, and verifies offline: Node, Python.

import { spawn } from "node:child_process";
import { after, before, describe } from "node:test";
import { freePort } from "../../dev/ports.mjs";
import { eventually, startWorld } from "../workerd/harness.mjs";
import { ways } from "../workerd/database.mjs";
import { exampleFile } from "./document.mjs";
import { startGateway } from "./gateway.mjs";
import { ask, followsTheKeys, learnsNothing, needsTheKeys, verifies } from "./verifier.mjs";

/**
 * Starts an example and waits until it listens.
 * @param {string} program @param {string} name of the example @param {string} authUrl
 */
async function startExample(program, name, authUrl) {
  const file = exampleFile(name);
  const port = await freePort();
  const child = spawn(program, [file.path], {
    cwd: file.directory,
    env: { ...process.env, AUTH_URL: authUrl, PORT: String(port) },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (output += data));
  const ended = new Promise((resolve) => child.once("close", resolve));
  const service = {
    url: `http://127.0.0.1:${port}`,
    async stop() {
      child.kill();
      await ended;
      file.remove();
    },
  };
  const listening = eventually(`${name} to listen`, async () => {
    if (child.exitCode !== null) throw new Error(`${name} ended: ${output}`);
    return ask(service.url).catch(() => undefined);
  });
  await listening.catch(async (error) => {
    await service.stop();
    throw error;
  });
  return service;
}

/**
 * The tests of such a service.
 * @param {string} what
 * @param {() => string} program
 * @param {string} name of the example
 */
export function offlineService(what, program, name) {
  describe(what, () => {
    /** @type {import("./verifier.mjs").Situation} */
    let situation;
    /** @type {(() => Promise<unknown> | undefined)[]} */
    const endings = [];
    before(async () => {
      const gateway = await startGateway();
      endings.unshift(() => gateway.close());
      const world = await startWorld(ways[0], { settings: { API_EXTERNAL_URL: gateway.url } });
      endings.unshift(() => world.stop());
      gateway.leadTo(world.url);
      const service = await startExample(program(), name, `${gateway.url}/auth/v1`);
      endings.unshift(() => service.stop());
      situation = { world, api: world.url, verifier: service.url, gateway };
    });
    after(async () => {
      for (const end of endings) await end();
    });
    needsTheKeys(() => situation);
    verifies(() => situation);
    learnsNothing(() => situation);
    followsTheKeys(() => situation);
  });
}
