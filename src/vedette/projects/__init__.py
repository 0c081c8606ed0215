"""Organizations, teams, people, projects: who may do what, and how each project is set up.

Shared by the features above. Knows the records store; knows nothing of HTTP.
"""
