"""A formula's text as a term: scanner, tokens, cursor, scope, parser; names with their scripts; brackets, dots."""
