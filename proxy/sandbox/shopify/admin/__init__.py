"""The Admin GraphQL API of the simulated shop."""
