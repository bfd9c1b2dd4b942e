// Starts Swagger UI. A file of its own: the page's policy (_headers) allows no inline script.
"use strict";

// Only a developer's own machine has the local mailbox.
if (["localhost", "127.0.0.1", "[::1]"].includes(location.hostname)) {
  for (const part of document.querySelectorAll("[data-development]")) part.hidden = false;
}

SwaggerUIBundle({
  dom_id: "#swagger-ui",
  url: "openapi.json", // the Worker serves it beside this page, wherever API_BASE_PATH has moved the API
  tryItOutEnabled: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  persistAuthorization: false, // tokens stay in memory: never in the browser's storage
  validatorUrl: null, // or the document would be sent to a service of theirs
});
