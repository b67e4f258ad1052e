"""The demo: a small shop page, and the proxy beside it as a process that may be killed."""
