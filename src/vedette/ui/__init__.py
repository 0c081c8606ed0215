"""The web app as the browser gets it: built files, one page for every path, what the page needs first."""

from vedette.ui.app import create_ui
from vedette.ui.first import first_requests

__all__ = ["create_ui", "first_requests"]
