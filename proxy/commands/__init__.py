"""Commands that are more than a few lines; `proxy.__main__` names them."""
