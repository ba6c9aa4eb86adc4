"""Random statements, true by construction or changed at random, decided by the normal form and opposed exactly."""
