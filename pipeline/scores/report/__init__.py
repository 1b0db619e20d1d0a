"""The report: figures, intervals, differences, pictures, the page."""
