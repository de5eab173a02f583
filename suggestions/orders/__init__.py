"""派单: the queue of a department, what it does with an order, and what the office decides on it."""
