"""Proof of caller: from bytes that anyone may have sent to a `Caller`, or to `Unauthenticated` and nothing else."""
