"""Reports that are made: a quarter, a year or any days of an area, as a file with cover, figures and ledgers."""
