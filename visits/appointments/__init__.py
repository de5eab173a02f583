"""约见: what a person may choose from, the forms, the addresses."""
