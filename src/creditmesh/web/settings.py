"""Django's settings, all derived from the node's `Config`; nothing is read from the environment here."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from csp.constants import NONE, SELF

from creditmesh.web.serving.config import load

CREDITMESH = load()

HERE = Path(__file__).parent
DEBUG = CREDITMESH.debug
SECRET_KEY = CREDITMESH.secret_key
ALLOWED_HOSTS = list(CREDITMESH.allowed_hosts)
CSRF_TRUSTED_ORIGINS = list(CREDITMESH.trusted_origins)
ROOT_URLCONF = "creditmesh.web.urls"
WSGI_APPLICATION = "creditmesh.web.serving.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
TEST_RUNNER = "django.test.runner.DiscoverRunner"

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "oauth2_provider",
    "template_partials.apps.SimpleAppConfig",
    "creditmesh.apps.ground.audit",
    "creditmesh.apps.ground.parties",
    "creditmesh.apps.ground.nodes",
    "creditmesh.apps.members.institutions",
    "creditmesh.apps.ground.records",
    "creditmesh.apps.members.enterprises",
    "creditmesh.apps.sharing.authorisations",
    "creditmesh.apps.evaluation.systems",
    "creditmesh.apps.evaluation.grading",
    "creditmesh.apps.evaluation.trials",
    "creditmesh.apps.evaluation.supervision",
    "creditmesh.apps.sharing.disclosure",
    "creditmesh.apps.sharing.rights",
    "creditmesh.apps.sharing.oversight",
    "creditmesh.apps.sharing.credit_reports",
    "creditmesh.web",
]

MIDDLEWARE = [
    "creditmesh.web.serving.middleware.RequestNumber",
    "creditmesh.web.serving.frames.signing.SignedAnswers",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "creditmesh.web.serving.middleware.UploadLimit",
    "creditmesh.web.serving.errors.ErrorPages",
]

_LOADERS = [
    "django.template.loaders.filesystem.Loader",
    "django.template.loaders.app_directories.Loader",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "creditmesh.web.portals.frame.context.page",
            ],
            # Partials wrap the loaders, so that `page.html#part` renders one part of a page.
            "loaders": [
                ("template_partials.loader.Loader", [("django.template.loaders.cached.Loader", _LOADERS)])
            ],
            "builtins": ["template_partials.templatetags.partials"],
        },
    }
]

# Questions of programs that take a few milliseconds each: worked out many at a time (`audit.desk`).
CREDITMESH_SHORT = ("/api/v1/inquiries", "/api/v1/raw", "/api/v1/verifications")


def _database(url: str) -> dict[str, Any]:
    if not url:
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": CREDITMESH.home / "node.sqlite3",
            # Opening a file and its settings anew takes longer than most requests.
            "CONN_MAX_AGE": 60,
            "OPTIONS": {
                # A write transaction takes its lock at the start and waits, instead of failing half-way.
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": (
                    "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY;"
                    "PRAGMA mmap_size=268435456; PRAGMA cache_size=-65536; PRAGMA journal_size_limit=67108864"
                ),
            },
        }
    parts = urlsplit(url)
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": unquote(parts.hostname or ""),
        "PORT": str(parts.port or ""),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
        # Whoever waits for a lock is told that the node is busy, as SQLite tells, before an asker leaves.
        "OPTIONS": {"connect_timeout": 10, "options": "-c lock_timeout=60s"},
    }


DATABASES = {"default": _database(CREDITMESH.database_url)}

# Shared between processes, or the lock-out after failed sign-ins would count per process.
CACHES: dict[str, dict[str, Any]] = {
    "default": (
        {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "web_cache"}
        if CREDITMESH.database_url
        else {
            "BACKEND": "django.core.cache.backends.filebased.FileBasedCache",
            "LOCATION": CREDITMESH.home / "cache",
        }
    )
}

# -- people --------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "parties.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.ScryptPasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "creditmesh.web.serving.sign_in.Adapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_EMAIL_NOTIFICATIONS = False
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
# Five failures for one user name lock it for a quarter of an hour, whoever tries.
ACCOUNT_RATE_LIMITS = {"login_failed": "30/m/ip,5/15m/key", "login": "60/m/ip"}
MFA_ADAPTER = "creditmesh.web.serving.sign_in.SecondFactors"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = f"creditmesh {CREDITMESH.node_name}"
MFA_TOTP_TOLERANCE = 1

# -- programs of institutions --------------------------------------------------------------------------

OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth2_provider.Application"
OAUTH2_PROVIDER = {
    # Knows client credentials and nothing else; no address but the one that gives out tokens is mounted.
    "OAUTH2_SERVER_CLASS": "oauthlib.oauth2.BackendApplicationServer",
    "SCOPES_BACKEND_CLASS": "creditmesh.apps.members.institutions.tokens.ScopesOfPrograms",
    "OAUTH2_VALIDATOR_CLASS": "creditmesh.apps.members.institutions.tokens.Validator",
    "ACCESS_TOKEN_EXPIRE_SECONDS": CREDITMESH.token_minutes * 60,
    "ACCESS_TOKEN_GENERATOR": "creditmesh.apps.members.institutions.tokens.random_token",
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PASSWORD_GRANT": True,
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,  # only the SHA-256 of a token is kept
}

# -- pages ---------------------------------------------------------------------------------------------

LANGUAGE_CODE = CREDITMESH.language
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
# One folder of translations for each portal, so that nobody looks for a sentence among all of them.
LOCALE_PATHS = sorted(path for path in (HERE / "locale").iterdir() if path.is_dir())
TIME_ZONE = CREDITMESH.time_zone
USE_TZ = True
USE_I18N = True

STATIC_URL = "/static/"
STATIC_ROOT = CREDITMESH.home / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEBUG
            else "creditmesh.web.serving.static_files.Storage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEBUG

# -- safety --------------------------------------------------------------------------------------------

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
SESSION_COOKIE_AGE = CREDITMESH.session_hours * 3600
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = CREDITMESH.https
SESSION_COOKIE_HTTPONLY = LANGUAGE_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = LANGUAGE_COOKIE_SAMESITE = "Lax"
SECURE_SSL_REDIRECT = CREDITMESH.https
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_HSTS_SECONDS = CREDITMESH.hsts_seconds
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = False
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CREDITMESH.behind_proxy else None
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if CREDITMESH.behind_proxy else 0
X_FRAME_OPTIONS = "DENY"

# -- input ---------------------------------------------------------------------------------------------

# Uploads stream to disk at once; what is held in memory is small whatever is sent.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]
FILE_UPLOAD_TEMP_DIR = CREDITMESH.home / "uploads" if (CREDITMESH.home / "uploads").is_dir() else None
FILE_UPLOAD_PERMISSIONS = 0o600
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000
DATA_UPLOAD_MAX_NUMBER_FILES = 5

# -- background work and logs --------------------------------------------------------------------------

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": CREDITMESH.log_level},
    "loggers": {
        # Their debug lines carry SQL parameters and request bodies: personal data.
        "django.db.backends": {"level": "INFO"},
        "allauth": {"level": "INFO"},
        "oauthlib": {"level": "INFO"},
        "oauth2_provider": {"level": "INFO"},
        "urllib3": {"level": "WARNING"},
        # A line for every task and every statement tells nobody anything.
        "django_tasks": {"level": "WARNING"},
        "django_tasks_db": {"level": "WARNING"},
        "sqlglot": {"level": "WARNING"},
        # A line for every step of every page, with the names of fonts and styles.
        "weasyprint": {"level": "CRITICAL"},
        "weasyprint.progress": {"level": "CRITICAL"},
        "fontTools": {"level": "WARNING"},
    },
}
SILENCED_SYSTEM_CHECKS = ["security.W021", "security.W005", "security.W004", "security.W008", "security.W012"]
