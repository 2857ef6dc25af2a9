"""One module a view: it asks by name and draws; no SQL stands here."""
