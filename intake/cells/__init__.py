"""From one cell to one value: numbers, dates, texts and codes as the mapping declares them."""
