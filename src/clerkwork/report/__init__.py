"""Reports from facts alone: a workbook and a page, each in one language."""

from clerkwork.report.html import write_html
from clerkwork.report.xlsx import write_xlsx

__all__ = ["write_html", "write_xlsx"]
