"""An invented source, which the tests of new data share."""

BLOCK = """
[posts]
title = "Posts at the border"
publisher = "invented"
licence = "CC0-1.0"
url = "https://example.org"
kinds = ["closed", "opened", "fee"]
units = { fee = "EUR/t" }
valueless = ["fee"]
alike = ["cause"]

[posts.columns]
cause = { meaning = "why" }
staff = { meaning = "people on duty", type = "number" }
"""
