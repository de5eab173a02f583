"""How things are done here: steps, audit, numbers, policy, files, outbox. Knows of no particular duty."""
