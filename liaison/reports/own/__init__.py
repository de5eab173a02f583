"""One's own figures: what a deputy did, what a department handled. No comparison with anybody else."""
