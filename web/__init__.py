"""FastAPI: REST API, pages, webhooks in, callbacks, feeds, health. Handlers parse, call, return."""
