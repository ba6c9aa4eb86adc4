"""Random statements and changed true ones, decided by the checker and opposed by exact evaluation."""
