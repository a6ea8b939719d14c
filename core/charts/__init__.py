"""Charts as Plotly figures: one theme, colours by token name, a sentence and a table for each."""
