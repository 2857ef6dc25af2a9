"""When things run: extracts become loads, loads become releases."""
