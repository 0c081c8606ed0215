"""Organizations, teams, members, projects and their keys, tokens, scopes, quotas and filters."""
