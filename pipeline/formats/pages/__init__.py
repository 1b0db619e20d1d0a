"""Pages that open in a browser, from jinja2 templates."""
