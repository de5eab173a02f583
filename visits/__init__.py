"""接待: reception rules, days, roster, attendance, and who was received."""
