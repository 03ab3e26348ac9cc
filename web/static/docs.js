// Draws the REST API's documentation. Here and not in the page, since pages may hold no script.
const api = document.getElementById("api");
document.documentElement.classList.toggle("dark-mode", matchMedia("(prefers-color-scheme: dark)").matches);
SwaggerUIBundle({ domNode: api, url: api.dataset.openapi, deepLinking: true, validatorUrl: null });
