"""Speed and accuracy beside other tools: every row in a fresh process, rows interleaved, medians and ratios."""
