"""覆盖情况: what is missing in the network on a day, area by area; each number opens the list of its records."""
