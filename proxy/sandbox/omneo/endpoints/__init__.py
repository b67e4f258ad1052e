"""The endpoints of the simulated API, a module a resource; each handler is one synchronous function."""
