// The service in Python of docs/verify.md, in a process of its own.

import { offlineService } from "./service.mjs";

const { TEST_PYTHON } = process.env;

function python() {
  if (!TEST_PYTHON) throw new Error("run it by `npm test -- verify`, which provides Python");
  return TEST_PYTHON;
}

offlineService("a service in Python", python, "service.py");
