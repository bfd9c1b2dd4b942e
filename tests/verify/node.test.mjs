// The service in Node of docs/verify.md, in a process of its own.

import { offlineService } from "./service.mjs";

offlineService("a service in Node", () => process.execPath, "node-service.mjs");
