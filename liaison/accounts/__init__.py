"""Who people are: areas, users, the posts in which they act, sign-in."""
