"""One file per metric, and the report; counts add, rates are derived."""
