"""The one settings file. What differs between installations is read from the environment (docs/environment.md)."""

from datetime import timedelta
from pathlib import Path

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured

from liaison import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

# --- What an installation decides -------------------------------------------------------------------------------------

DEBUG = env.flag("DEBUG", False)
SECRET_KEY = (
    env.text("SECRET_KEY", "for-development-only-" + "0123456789abcdef" * 3)
    if DEBUG
    else env.text("SECRET_KEY")
)
if not DEBUG and len(SECRET_KEY) < 50:
    raise ImproperlyConfigured("SECRET_KEY is shorter than 50 characters: make a longer, random one.")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", "localhost,127.0.0.1" if DEBUG else "")
HTTPS = env.flag("HTTPS", not DEBUG)
TRUSTED_PROXIES = env.networks("TRUSTED_PROXIES")
REDIS_URL = env.redis("REDIS_URL")
MEDIA_ROOT = env.text("MEDIA_ROOT", str(VAR_DIR / "media"))
COLLECTED_STATIC = env.flag("COLLECTED_STATIC", False)
SITE_PHONE = env.text("SITE_PHONE", "")
PUBLIC_URL = env.site("PUBLIC_URL", "http://127.0.0.1:8000" if DEBUG else "")

DATABASES = {"default": env.database("DATABASE_URL", f"sqlite:///{VAR_DIR / 'liaison.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # With Django's defaults, writers that meet are refused ("database is locked"); so none is.
    DATABASES["default"] |= {
        "CONN_MAX_AGE": 600,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA secure_delete=ON;",
        },
    }
    Path(DATABASES["default"]["NAME"]).parent.mkdir(parents=True, exist_ok=True)
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
    # To compile a query takes PostgreSQL 20 ms and more; no page here reads so much that it would come back.
    DATABASES["default"]["OPTIONS"] = {
        "server_side_binding": True,
        "options": "-c jit=off",
        **DATABASES["default"].get("OPTIONS", {}),
    }

vars().update(env.email("EMAIL_URL"))
EMAIL_TIMEOUT = 10  # shorter than the lease of a message
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "liaison@localhost")
SMS_URL = env.sms("SMS_URL")

# --- The house ----------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "liaison.core.site.HouseAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
    "axes",
    "csp",
    "django_filters",
    "django_htmx",
    "template_partials",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "liaison.accounts",
    "liaison.core",
    "stations",
    "deputies",
    "visits",
    "suggestions",
    "liaison.bulletin",
    "liaison.reports",
    "liaison.exchange",
    "liaison.dashboards",
    "liaison.portal",
    "liaison.demo",
]

MIDDLEWARE = [
    "liaison.core.context.RequestContextMiddleware",
    "django.middleware.security.SecurityMiddleware",
    # As far out as can be: an error of those below carries their headers too.
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "liaison.accounts.middleware.SessionAgeMiddleware",
    "liaison.accounts.middleware.ActingPostMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "liaison.accounts.middleware.PasswordChangeMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "liaison.core.access.RefusalMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "liaison.urls"
WSGI_APPLICATION = "liaison.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["template_partials.templatetags.partials", "liaison.core.templatetags.ui"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "liaison.dashboards.context.page",
            ],
        },
    }
]
FORM_RENDERER = "liaison.core.forms.Renderer"
FILTERS_EMPTY_CHOICE_LABEL = "全部"

# --- Who may come in --------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL = "/"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "liaison.accounts.passwords.LongEnough", "OPTIONS": {"min_length": 10}},
    {"NAME": "liaison.accounts.passwords.ThreeKinds"},
    {"NAME": "liaison.accounts.passwords.NotEasilyGuessed"},
    {"NAME": "liaison.accounts.passwords.NotUsedBefore"},
]
# GB/T 22239-2019 8.1.4.1 a); 0: never
PASSWORD_MAX_AGE = timedelta(days=env.number("PASSWORD_MAX_AGE_DAYS", 90))
SESSION_IDLE = timedelta(minutes=30)
SESSION_IDLE_ADMIN = timedelta(minutes=15)
SESSION_ABSOLUTE = timedelta(hours=12)
SESSION_COOKIE_AGE = int(SESSION_ABSOLUTE.total_seconds())

AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]  # a stranger cannot shut the owner out from elsewhere
AXES_RESET_ON_SUCCESS = True
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_CLIENT_IP_CALLABLE = "liaison.core.context.client_ip"
AXES_LOCKOUT_CALLABLE = "liaison.accounts.views.locked"
AXES_SENSITIVE_PARAMETERS = ["username", "password", "ip_address"]
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False

# --- The browser ------------------------------------------------------------------------------------------------------

SESSION_ENGINE = "liaison.accounts.sessions"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_SSL_REDIRECT = HTTPS
SESSION_COOKIE_NAME = "__Host-session" if HTTPS else "session"
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 366 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "liaison.core.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'self'"],
        "img-src": ["'self'", "data:"],
        "object-src": ["'none'"],
        "base-uri": ["'none'"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
    }
}

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not COLLECTED_STATIC
WHITENOISE_AUTOREFRESH = DEBUG
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if COLLECTED_STATIC
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700
DATA_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

LANGUAGE_CODE = "zh-hans"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- Programs that call us --------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "liaison.core.rest.callers.TokenInPost",
        "liaison.core.rest.callers.SessionInPost",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["liaison.core.rest.callers.HasPost"],
    "DEFAULT_PAGINATION_CLASS": "liaison.core.rest.pages.KeysetPages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["liaison.core.rest.parsers.BoundedJSONParser"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_METADATA_CLASS": None,
    "EXCEPTION_HANDLER": "liaison.core.rest.errors.one_error_shape",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {"TOKEN_TTL": timedelta(days=30), "TOKEN_LIMIT_PER_USER": 10}
SPECTACULAR_SETTINGS = {
    "TITLE": "人大代表联络站接口",
    "DESCRIPTION": "按账号岗位和所属区划返回数据。看不到的记录一律返回 404。",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["liaison.core.rest.callers.HasPost"],
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "liaison.core.rest.description.one_error",
    ],
    "ENUM_NAME_OVERRIDES": {
        "StationKindEnum": "stations.models.Station.Kind",
        "ActivityKindEnum": "visits.models.Activity.Kind",
        "ActivityStateEnum": "visits.workflow.ActivityState",
        "CodeStateEnum": "deputies.models.QrToken.State",
        "NoticeKindEnum": "visits.models.Notice.Kind",
        "AttendanceStateEnum": "visits.workflow.AttendanceState",
        "AppointmentStateEnum": "visits.workflow.AppointmentState",
        "AppointmentChannelEnum": "visits.models.Appointment.Channel",
        "VisitChannelEnum": "visits.models.Visit.Channel",
        "SheetStateEnum": "visits.workflow.SheetState",
        "SheetKindEnum": "visits.models.sheet.SheetKind",
        "JobStateEnum": "liaison.core.jobs.JobState",
        "ProjectStateEnum": "suggestions.projects.models.ProjectState",
        "SuggestionKindEnum": "suggestions.models.Suggestion.Kind",
        "FollowUpKindEnum": "suggestions.models.FollowUp.Kind",
        "ReportKindEnum": "liaison.reports.periods.Kind",
        "ReportFormatEnum": "liaison.reports.issued.models.Format",
        "OpinionKindEnum": "suggestions.models.Opinion.Kind",
        "DraftKindEnum": "suggestions.models.Draft.Kind",
        "MarkEnum": "suggestions.models.Rating.Mark",
        "BallotResultEnum": "suggestions.models.BallotLine.Result",
        "RequestStateEnum": "suggestions.workflow.RequestState",
        "AreaLevelEnum": "liaison.accounts.models.Area.Level",
        "DeputyLevelEnum": "deputies.models.Level",
    },
}

# --- Work in the background -------------------------------------------------------------------------------------------
# Rows in the database are the truth: outbox messages, jobs and days to be made. With Redis, workers work them off; without,
# the beat process does so itself. No web request ever talks to the broker.

OUTBOX_EVERY = env.number("OUTBOX_EVERY_SECONDS", 5)
# What a killed worker had in hand waits so long.
OUTBOX_LEASE = timedelta(seconds=env.number("OUTBOX_LEASE_SECONDS", 30))
JOB_LEASE = timedelta(seconds=env.number("JOB_LEASE_SECONDS", 60))  # likewise, for jobs
JOBS_EVERY = 3  # seconds
TALLIES_EVERY = 15  # seconds
JOBS_AT_ONCE = env.number("JOBS_AT_ONCE", 1)

CELERY_BROKER_URL = REDIS_URL or "memory://"
CELERY_TASK_ALWAYS_EAGER = not REDIS_URL
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 600
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None  # a worker waits for Redis as long as it takes
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    "socket_timeout": 5,
    "socket_connect_timeout": 5,
}
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE = {
    "deliver the outbox": {
        "task": "liaison.core.tasks.relay_outbox",
        "schedule": OUTBOX_EVERY,
        "options": {"expires": 3 * OUTBOX_EVERY},
    },
    "work off the jobs": {
        "task": "liaison.core.tasks.work_off_jobs",
        "schedule": JOBS_EVERY,
        "options": {"expires": 3 * JOBS_EVERY},
    },
    "count tallies": {
        "task": "liaison.reports.tasks.count_tallies",
        "schedule": TALLIES_EVERY,
        "options": {"expires": 3 * TALLIES_EVERY},
    },
    "count days of provinces": {
        "task": "liaison.reports.tasks.count_days_of_provinces",
        "schedule": crontab(hour=0, minute=30),
    },
    # By the hour: one that was missed at eight is sent at nine.
    "sum up what is unread": {
        "task": "liaison.core.tasks.send_digests",
        "schedule": crontab(hour="8-20", minute=0),
    },
    "forget what has had its time": {
        "task": "liaison.core.tasks.tidy",
        "schedule": crontab(hour=2, minute=40),
    },
    "forget uploads": {"task": "liaison.exchange.tasks.forget_uploads", "schedule": crontab(minute=20)},
    "make reception days": {"task": "visits.tasks.make_days", "schedule": crontab(hour=1, minute=10)},
    "forget who asked for appointments": {
        "task": "visits.tasks.forget_applicants",
        "schedule": crontab(hour=3, minute=10),
    },
    "forget who was a fixed voter": {
        "task": "deputies.tasks.forget_voters",
        "schedule": crontab(hour=3, minute=20),
    },
    "remind of reception days": {"task": "visits.tasks.remind", "schedule": crontab(hour="8-20", minute=5)},
    "remind of orders": {
        "task": "suggestions.tasks.remind_of_orders",
        "schedule": crontab(hour="8-20", minute=15),
    },
    "fill the forms of superiors": {
        "task": "liaison.reports.superior.making.fill_monthly",
        "schedule": crontab(hour="6-20", minute=25),
    },
    "keep the schedules of reports": {
        "task": "liaison.reports.schedules.making.keep_schedules",
        "schedule": crontab(hour="6-20", minute=35),
    },
    "follow the calendar": {"task": "suggestions.tasks.follow_calendar", "schedule": crontab(minute=45)},
}

# --- Log: what happened, never who was received -----------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "liaison.core.context.json_formatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.level("LOG_LEVEL", "INFO")},
    "loggers": {
        "django": {"handlers": [], "level": "INFO"},
        "fontTools": {"level": "WARNING"},
        "weasyprint": {"level": "WARNING"},
    },
}
