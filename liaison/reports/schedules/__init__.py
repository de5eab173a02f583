"""Reports that are made by themselves after every month or quarter, and told to those who want them."""
