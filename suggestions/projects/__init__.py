"""民生实事票决: candidate projects, the vote of a congress on them, and what becomes of those that it chose."""
