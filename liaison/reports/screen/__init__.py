"""大屏: the board of an area on a wall, opened by a link that can be revoked. It shows nobody's name, phone, address or words."""
