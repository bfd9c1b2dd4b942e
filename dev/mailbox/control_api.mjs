// The control API, for tests and scripts: read the mails, set failures. JSON in, JSON out, no key.
// The provider has nothing like it; its paths do not collide with the provider's.

import { HttpError, readJson, send, sendJson } from "./http.mjs";
import { publicView } from "./messages.mjs";

/** A failure is a small object; its `body` may be a page of HTML. */
const BODY_MAX_BYTES = 256 * 1024;

/** @param {import("./routes.mjs").Parts} parts */
export function createControlApi({ messages, failures }) {
  return {
    /**
     * `GET /messages?to=<address>`: newest first. `to` is compared whole, without regard to case,
     * and without the name in `Name <address>`.
     * @param {import("./routes.mjs").Call} call
     */
    listMessages({ response, url }) {
      // A plus that was not escaped reads as a space, which no address has.
      const to = url.searchParams.get("to")?.replaceAll(" ", "+");
      sendJson(response, 200, messages.list({ to }).map(publicView));
    },

    /**
     * `GET /messages/:id`: the same fields, then what else the request said.
     * @param {import("./routes.mjs").Call} call
     */
    getMessage({ response, parameters: [id] }) {
      const message = messages.get(id);
      if (!message) throw new HttpError("not_found", "Message not found");
      const { cc, bcc, reply_to, headers, idempotency_key, request } = message;
      sendJson(response, 200, { ...publicView(message), cc, bcc, reply_to, headers, idempotency_key, request });
    },

    /** @param {import("./routes.mjs").Call} call */
    deleteMessages({ response }) {
      messages.clear();
      send(response, 204, "", {});
    },

    /** @param {import("./routes.mjs").Call} call */
    listFailures({ response }) {
      sendJson(response, 200, failures.list());
    },

    /** @param {import("./routes.mjs").Call} call */
    async addFailure({ request, response }) {
      const { value } = await readJson(request, BODY_MAX_BYTES);
      try {
        sendJson(response, 201, failures.add(value));
      } catch (error) {
        if (error instanceof TypeError) throw new HttpError("validation_error", error.message);
        throw error;
      }
    },

    /** @param {import("./routes.mjs").Call} call */
    removeFailure({ response, parameters: [id] }) {
      if (!failures.remove(id)) throw new HttpError("not_found", "Failure not found");
      send(response, 204, "", {});
    },

    /** @param {import("./routes.mjs").Call} call */
    clearFailures({ response }) {
      failures.clear();
      send(response, 204, "", {});
    },
  };
}
