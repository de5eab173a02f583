"""What every REST address has in common: who calls, pages, errors, keys, steps.

The parts that the settings name (callers, pages, parsers) stand apart from the viewsets: Django REST framework reads its
settings while its own views are being imported.
"""
