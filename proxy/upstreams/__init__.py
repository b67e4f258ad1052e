"""The clients of the two platforms that this service stands between."""
