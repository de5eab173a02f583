"""代表建议、议案、批评和意见: pages and REST. The model is `suggestions.models.Suggestion`."""
