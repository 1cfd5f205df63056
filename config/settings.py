"""Settings of every mode; what differs between them is read in `config/environment.py`."""

from __future__ import annotations

import logging
import os
from pathlib import Path
from typing import Any

import structlog
from csp.constants import NONE, SELF
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from kombu.entity import Queue

from config import environment
from config.environment import BASE_DIR, MODE, VAR_DIR, Mode

DEMO = MODE is Mode.DEMO
PRODUCTION = MODE is Mode.PRODUCTION
DEBUG = False
SECRET_KEY = environment.secret_key()
# Former keys, kept while what they sealed (second-factor secrets, signed links) is still in use: see docs/operate.md.
SECRET_KEY_FALLBACKS = os.environ.get("SECRET_KEY_FALLBACKS", "").split()
ALLOWED_HOSTS = environment.hosts()
SITE_URL = os.environ.get("SITE_URL", f"http://localhost:{os.environ.get('PORT', '8000')}").rstrip("/")
if PRODUCTION:
    SITE_URL = os.environ.get("SITE_URL", f"https://{ALLOWED_HOSTS[0].lstrip('.')}").rstrip("/")
CSRF_TRUSTED_ORIGINS = [SITE_URL] if PRODUCTION else []

# -- rooms, from the roof to the cellar --------------------------------------------------------------------------------
INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "portal",
    "taskforces",
    "domestic",
    "digital",
    "partnership",
    "accounts",
    "core",
    "core.apps.AdministrationConfig",
    "django.forms",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "pgtrigger",
    "pghistory",
    "django_htmx",
    "django_filters",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.idp.oidc",
    "phonenumber_field",
    "csp",
    "django_structlog",
    "django_cotton.apps.SimpleAppConfig",
    "template_partials.apps.SimpleAppConfig",
]
# A wing is installed once it holds something: an empty room has no door.
INSTALLED_APPS = [app for app in INSTALLED_APPS if "." in app or not (BASE_DIR / app).is_dir() or (BASE_DIR / app / "apps.py").exists()]

MIDDLEWARE = [
    "core.metrics.RequestMetrics",
    "core.middleware.RequestId",
    "core.middleware.BehindTheWall",
    "core.middleware.EdgeGuard",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "core.middleware.PrivatePages",
    "accounts.middleware.UserLanguage",
    "accounts.middleware.SignInRequired",
    "allauth.account.middleware.AccountMiddleware",
    "accounts.middleware.SessionLife",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "accounts.middleware.StaffSecondFactor",
    "accounts.middleware.StepUp",
    "partnership.middleware.ActingMandate",
    "core.middleware.WhoReads",
    "core.middleware.AuditContext",
    "core.middleware.AdminContentPolicy",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "core.context.portal",
            ],
            "builtins": ["django_cotton.templatetags.cotton", "template_partials.templatetags.partials"],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [
                        (
                            "django.template.loaders.cached.Loader",
                            [
                                "django_cotton.cotton_loader.Loader",
                                "django.template.loaders.filesystem.Loader",
                                "django.template.loaders.app_directories.Loader",
                            ],
                        )
                    ],
                )
            ],
        },
    }
]
COTTON_DIR = "components"

# -- database: business truth lives here and nowhere else --------------------------------------------------------------
_timeout_ms = int(os.environ.get("STATEMENT_TIMEOUT_MS", "15000"))  # workers are given 300000 by their start command
DATABASES: dict[str, dict[str, Any]] = {
    "default": environment.database(environment.text("DATABASE_URL", default="postgresql://postgres:@/portal?host=/nowhere"))
}
DATABASES["default"] |= {
    "ENGINE": "core.postgres",  # every statement carries who reads: the second wall
    "CONN_MAX_AGE": 60,
    "CONN_HEALTH_CHECKS": True,
    "ATOMIC_REQUESTS": False,
}
DATABASES["default"].setdefault("OPTIONS", {}).update(
    connect_timeout=3,
    options=f"-c statement_timeout={_timeout_ms} -c lock_timeout=5000 -c idle_in_transaction_session_timeout=30000",
)
# Plans kept by the database for lists and tokens (core/prepared.py): off behind a pooler that changes connections within a session.
PREPARED_STATEMENTS = environment.switch("PREPARED_STATEMENTS", default=True)

# Which rows PostgreSQL itself shows to whom: what the apps say of their tables, and who answers for an actor.
WALL = ["partnership.policies.WALL"]
WALL_CONTEXT = "partnership.policies.context_of"

# Limits, one-time codes and locks live in PostgreSQL, not in the broker: pages work while the broker is down.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "core_cache",
        "OPTIONS": {"MAX_ENTRIES": 1_000_000},
    }
}

# -- Celery: ids only, late acknowledgement, nothing of value in the broker -------------------------------------------
REDIS_URL = environment.redis_url(environment.text("REDIS_URL", default="redis://127.0.0.1:1/0"))
CELERY_BROKER_URL = REDIS_URL
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 2,
    "socket_connect_timeout": 2,
    "visibility_timeout": 3600,
    "retry_on_timeout": False,
    # One try: kombu would wait two seconds before a second one, and whoever writes would wait with it.
    "max_retries": 0,
    "interval_start": 0,
}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
# Reports wait in a queue of their own, taken in turn with the other: a pile of them does not hold back mails and rounds.
CELERY_TASK_QUEUES = [Queue(name) for name in ("celery", "jobs")]  # type: ignore[no-untyped-call]
CELERY_TASK_ROUTES = {"core.tasks.run_job": {"queue": "jobs"}}
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 20
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_MAX_TASKS_PER_CHILD = 500
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = "Africa/Casablanca"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_TRUST_UPSTREAM_REQUEST_ID = True  # core.middleware.RequestId has checked or made it
from config.beat import SCHEDULE as CELERY_BEAT_SCHEDULE  # noqa: E402, F401

# -- language and time -------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "fr"
LANGUAGES = [("fr", "Français"), ("ar", "العربية"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
TIME_ZONE = "Africa/Casablanca"
USE_TZ = True
USE_I18N = True

# -- sign-in -----------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "accounts.passwords.BreachedPasswordValidator"},
    {"NAME": "accounts.passwords.ContextPasswordValidator"},
]
if MODE is Mode.TEST:  # a real hash costs 0.3 s; tests make hundreds of accounts
    PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
PASSWORD_RESET_TIMEOUT = 3600
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
STAFF_IDLE_SECONDS = 30 * 60
STAFF_SESSION_SECONDS = 8 * 3600
# How old the last proof of who one is may be for exports, rights, signature and arbitration (accounts.stepup).
STEP_UP_SECONDS = 15 * 60
# How many proxies of ours stand in front: X-Forwarded-For is believed that far and no further.
TRUSTED_PROXY_COUNT = environment.proxies()
ACCOUNT_ADAPTER = "accounts.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are born from an invitation sent to that very address
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = False
ACCOUNT_LOGIN_ON_PASSWORD_RESET = False  # a new password does not stand for the second factor
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "django.contrib.auth.tokens.PasswordResetTokenGenerator"  # noqa: S105 - allauth's writes a table of addresses
ACCOUNT_FORMS = {"reset_password": "accounts.forms.PasswordResetForm"}
# Counted before any hashing; no window is longer than `accounts.views.RETRY_AFTER`, so nobody is locked out for good.
ACCOUNT_RATE_LIMITS = {
    "login_failed": "10/5m/key,30/m/ip",
    "login": "30/m/ip",
    "reset_password": "20/m/ip,5/5m/key",
    "reset_password_from_key": "20/m/ip",
    "change_password": "5/m/user",
    "reauthenticate": "10/m/user",
    "token": "30/m/ip,30/m/key",
}
MFA_ADAPTER = "accounts.adapters.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_REAUTHENTICATION_REQUIRED = True
MFA_TOTP_ISSUER = "ONMT–CNT"
MFA_TOTP_TOLERANCE = 1  # one step of 30 seconds either way, as RFC 6238 advises: slow fingers, clocks that drift
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
USERSESSIONS_TRACK_ACTIVITY = True
IDP_OIDC_ADAPTER = "accounts.adapters.TokenAdapter"
IDP_OIDC_PRIVATE_KEY = environment.token_signing_key()
IDP_OIDC_ACCESS_TOKEN_EXPIRES_IN = 3600
IDP_OIDC_AUTH_METHODS = ["client_secret_basic", "client_secret_post"]
# The cellar checks a partner's token; whose it is and what it may ask for is said by the ground floor.
API_CLIENT_RESOLVER = "partnership.api.clients.resolve"
API_SCOPES = "partnership.choices.SCOPES"
SEARCH_ALIASES = "partnership.search.PLACES"

# -- API ---------------------------------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_SCHEMA_CLASS": "core.api.schema.Schema",
    "DEFAULT_AUTHENTICATION_CLASSES": ["core.api.authentication.PartnerToken", "core.api.authentication.Session"],
    "DEFAULT_PERMISSION_CLASSES": ["core.api.permissions.DenyAll"],
    "DEFAULT_PAGINATION_CLASS": "core.api.pagination.KeysetPagination",
    "DEFAULT_RENDERER_CLASSES": ["core.api.renderers.FastJSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["core.api.parsers.StrictJSONParser"],
    "DEFAULT_THROTTLE_CLASSES": ["core.api.throttles.ClientThrottle"],
    "DEFAULT_THROTTLE_RATES": {"client": "600/min", "organisation": "1200/min", "anonymous": "120/min"},
    "EXCEPTION_HANDLER": "core.api.errors.handle",
    "PAGE_SIZE": 50,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
    "URL_FORMAT_OVERRIDE": None,
}
API_ROUTER = "config.api.router"
API_FEED_SECONDS = 10  # a change feed is compared with what its organisation sees at most this often
SPECTACULAR_SETTINGS = {
    "TITLE": "ONMT–CNT portal API",
    "DESCRIPTION": "The convention, its axes, commitments, actions and documents, for partners. See docs/api.md.",
    "VERSION": "1.0.0",
    "OAS_VERSION": "3.1.0",
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SERVE_INCLUDE_SCHEMA": False,
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "COMPONENT_SPLIT_REQUEST": True,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "POSTPROCESSING_HOOKS": ["drf_spectacular.hooks.postprocess_schema_enums", "core.api.schema.document_errors"],
}

# -- files -------------------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(os.environ.get("STATIC_ROOT", BASE_DIR / "staticfiles"))
if not PRODUCTION:  # files are served from where they are; the folder only has to exist
    STATIC_ROOT = VAR_DIR / "static"
    STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = not PRODUCTION
MEDIA_ROOT = Path(os.environ.get("MEDIA_ROOT", VAR_DIR / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
UPLOAD_MAX_BYTES = 10 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
# The folder the front server serves files from (X-Accel-Redirect); empty: Django streams them itself.
ACCEL_PREFIX = os.environ.get("ACCEL_PREFIX", "")

# -- mail --------------------------------------------------------------------------------------------------------------
vars().update(environment.email())
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = os.environ.get("DEFAULT_FROM_EMAIL", "Portail ONMT–CNT <portail@localhost>")
MAIL_DOMAIN = os.environ.get("MAIL_DOMAIN", "portail.localhost")

# -- audit -------------------------------------------------------------------------------------------------------------
PGHISTORY_APPEND_ONLY = True
# Triggers are (re)installed at the end of every migrate: kept in migrations they made `migrate` from zero six times slower.
PGTRIGGER_MIGRATIONS = False
PGTRIGGER_INSTALL_ON_MIGRATE = False  # core.triggers does, and can go back by one release
PGHISTORY_MIDDLEWARE_METHODS = ()  # services open the context themselves, with actor, reason and request id

# -- protection --------------------------------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
DEVICE_COOKIE_NAME = "__Host-device" if PRODUCTION else "device"  # the browsers an account is known to sign in from
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 8 * 3600
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "portal.errors.csrf_failure"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
if PRODUCTION:
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^health/(live|ready)$"]  # probes speak plain HTTP to the process itself
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    SECURE_HSTS_SECONDS = 31_536_000
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    LANGUAGE_COOKIE_NAME = "__Host-language"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "object-src": [NONE],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
    }
}

# Who can sign in to the demonstration: rows of {email, password, role}, printed by `make demo` and shown on its sign-in page.
DEMO_ACCOUNTS = "partnership.management.commands.load_demo.credentials"
NAVIGATION = "portal.menu.navigation"  # what the pages' header shows, filled by the roof
REMINDERS = ["partnership.reminders.KINDS", "core.privacy.messages.KINDS"]  # the kinds of reminders, each described in its app
ACCOUNT_CLOSING = "partnership.services.people.leave_every_organisation"  # called in the transaction that closes an account; may refuse
ACCOUNT_ERASING = "partnership.services.erasure.erase_account"  # erases an account's personal data, and its person's
STAFF_OPERATES = "accounts.roles.operates"  # who may do the cellar's own acts: send a failed mail again, confirm a holiday

# -- background jobs: what can be asked for, and the page that follows one, both filled by the roof -----------------------
JOB_KINDS = "portal.reports.JOBS"
IMPORTS = "portal.imports.CATALOGUE"  # what can be imported
JOB_PATH = "/reports/{id}/"

# -- personal data (law 09-08): the register the roof assembles, who answers for it, where people use their rights ---------
PRIVACY = "portal.privacy"
STAFF_PROTECTS = "accounts.roles.protects"
PRIVACY_STAFF = "accounts.roles.protectors"
PRIVACY_PATH = "/profile/data/"
PRIVACY_PUBLIC_PATH = "/privacy/"
PRIVACY_CONTACT = os.environ.get("PRIVACY_CONTACT", "").strip()  # the address to which people without an account write
CLAMAV_SOCKET = os.environ.get("CLAMAV_SOCKET", "")  # optional virus scanner: a socket's path, or host:port

# -- staff administration ----------------------------------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": _("ONMT–CNT administration"),
    "SITE_HEADER": _("ONMT–CNT partnership"),
    "SITE_URL": "/",
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("img/mark.svg")}],
    "SHOW_LANGUAGES": True,
    "SHOW_HISTORY": True,
    "SHOW_VIEW_ON_SITE": False,
    "ACCOUNT": {"navigation": [{"title": _("My account"), "link": "/profile/"}]},
    "ENVIRONMENT": "portal.menu.environment",
    "DASHBOARD_CALLBACK": "portal.menu.admin_home",
    "SIDEBAR": {
        "show_search": True, "command_search": True, "show_all_applications": False, "navigation": "portal.menu.admin_menu",
    },
    "COMMAND": {"search_callback": "portal.search.admin_results"},
    "COLORS": {
        "primary": {
            "50": "#fdf4f3", "100": "#fbe6e4", "200": "#f8d1cd", "300": "#f2b0aa", "400": "#e98379", "500": "#dc5b4e",
            "600": "#c1272d", "700": "#a3222a", "800": "#871f26", "900": "#711f25", "950": "#3d0c0f",
        }
    },
}  # fmt: skip

# -- what watches the portal (docs/operate.md) -------------------------------------------------------------------------
METRICS_TOKEN = os.environ.get("METRICS_TOKEN", "").strip()
# The proxy of a production server is on this machine too: its address proves nothing there.
TRUST_LOOPBACK = not PRODUCTION

# -- logs: one JSON object a line, with the request id ----------------------------------------------------------------
_shared: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.ExceptionRenderer(),
]
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(ensure_ascii=False),
            "foreign_pre_chain": _shared,
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "loggers": {"pgtrigger": {"level": "WARNING"}},  # one line per trigger at each migrate says nothing
    "root": {"handlers": ["console"], "level": os.environ.get("LOG_LEVEL", "WARNING" if MODE is Mode.TEST else "INFO")},
}
if MODE is not Mode.TEST:  # Python's warnings too; pytest has its own use of them
    logging.captureWarnings(True)
structlog.configure(
    processors=[*_shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
    wrapper_class=structlog.stdlib.BoundLogger,
    cache_logger_on_first_use=True,
)
