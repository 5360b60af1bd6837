"""A return beside what is held: for whoever hands it in, and shown to nobody else."""
