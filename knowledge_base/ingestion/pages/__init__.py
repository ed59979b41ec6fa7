"""FAQ pages in Markdown or HTML: their questions with the answers below them."""
