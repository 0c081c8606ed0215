"""The REST API under /api/0/: one module per resource, thin handlers over the features.

Knows HTTP; holds no SQL. To add a resource: lines in the table of `routes`; a module with
Litestar handlers (`sync_to_thread=True`) that ask for what they need by name (`given`) and
end in a list `HANDLERS`; that list in `app.RESOURCES`. A path parameter that names
something gets a line in `resolve.RESOLVERS`. Who may use a route is decided in `guard`,
before the handler runs; refusals are raised (`vedette.projects.errors`, `api.errors.Answer`).
"""
