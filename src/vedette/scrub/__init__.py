"""Scrubbing: secrets and personal data taken out of an event before it is stored.

Pure: an event and compiled rules in, the event changed, remarks in its `_meta`. `scrub.py` is the
entrance, `pieces.py` where something may be, `rules.py` what a project may configure, `selectors.py` where
a rule applies, `kinds.py` what data look like.
"""
