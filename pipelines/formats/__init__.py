"""How files of each format are decoded and cut into records."""
