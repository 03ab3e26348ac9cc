// Draws the REST API's documentation. Here and not in the page, since pages may hold no script.
const api = document.getElementById("api");
SwaggerUIBundle({ domNode: api, url: api.dataset.openapi, deepLinking: true, validatorUrl: null });
