"""诉求和建议: what people ask and what becomes of it."""
