"""The proof that steering works: judges, qualities, and what they say of steered music."""
