"""REST for activities, their rosters and the categories: read, plan, roster, and move along."""

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, serializers, viewsets

import django_filters as filters
from deputies.models import Mandate
from liaison.accounts.models import Area
from liaison.core.rest.views import CodeField, CreateOnce, InPost, Steps, StepSerializer, StepsField, takes_steps
from stations.models import Station

from .filters import ActivityFilter, AttendanceFilter
from .models import Activity, Attendance, Category
from .workflow import DESK
