"""The forms of a request's steps, for pages and REST alike. Each duty brings its own; a step without one is nobody's button."""

from .dispatch.forms import OFFICE_FORMS
from .feedback.forms import AFTER_FORMS

REQUEST_FORMS = {**OFFICE_FORMS, **AFTER_FORMS}
