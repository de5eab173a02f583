"""告知和评单: telling the person, taking down what the person says of it, and what follows: again, promised, closed."""
