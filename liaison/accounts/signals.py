"""Notices for the layers above: the record of who acts as what is written there."""

from django.dispatch import Signal

post_switched = Signal()  # request, post
password_changed = Signal()  # user
