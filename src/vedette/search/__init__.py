"""The search language: text in, typed conditions out. Knows no store and no clock."""
