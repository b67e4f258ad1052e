"""Print README's table of hostile requests."""

from tests.hostile.oracle import table

if __name__ == "__main__":
    print("\n".join(table()))
