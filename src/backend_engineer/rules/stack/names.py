"""Tables of names: what comes with a language, how a package is imported, what a component is known by.

Owns: the tables.
Must never know: how names are compared, manifests, imports.
"""

from __future__ import annotations

import re
from typing import Final

__all__ = ["IMPORTED_AS", "KNOWN_BY", "NODE_BUILT_IN", "is_packaging"]

NODE_BUILT_IN: Final = frozenset(
    [
        "assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants", "crypto", "dgram",
        "diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2", "https", "inspector", "module", "net",
        "os", "path", "perf_hooks", "process", "punycode", "querystring", "readline", "repl", "stream",
        "string_decoder", "sys", "timers", "tls", "trace_events", "tty", "url", "util", "v8", "vm", "wasi",
        "worker_threads", "zlib", "sqlite", "test",
    ]
)  # fmt: skip
"""Modules that come with Node.js, also under `node:`."""

_PACKAGING: Final = frozenset(
    [
        "setuptools", "setuptools-scm", "setuptools-rust", "distutils", "pkg-resources", "wheel", "pip", "hatchling",
        "hatch-vcs", "flit-core", "poetry-core", "pdm-backend", "maturin", "cython", "scikit-build", "scikit-build-core",
        "skbuild", "meson-python", "pybind11", "versioneer",
    ]
)  # fmt: skip


def is_packaging(name: str) -> bool:
    """Whether a Python package or module serves to build and install packages, which is no part of a stack."""
    return re.sub(r"[-_.]+", "-", name).lower() in _PACKAGING


IMPORTED_AS: Final[dict[str, str]] = {
    "attr": "attrs", "attrs": "attrs", "bs4": "beautifulsoup4", "crypto": "pycryptodome", "cv2": "opencv-python",
    "dateutil": "python-dateutil", "dotenv": "python-dotenv", "fitz": "pymupdf", "git": "gitpython", "grpc": "grpcio",
    "jose": "python-jose", "jwt": "pyjwt", "kafka": "kafka-python", "ldap": "python-ldap", "magic": "python-magic",
    "markdown": "markdown", "multipart": "python-multipart", "mysqldb": "mysqlclient", "nacl": "pynacl",
    "openssl": "pyopenssl", "pil": "pillow", "pkg_resources": "setuptools", "psycopg2": "psycopg2",
    "pythonjsonlogger": "python-json-logger", "rest_framework": "djangorestframework", "serial": "pyserial",
    "skimage": "scikit-image", "sklearn": "scikit-learn", "slugify": "python-slugify", "socketio": "python-socketio",
    "usb": "pyusb", "websocket": "websocket-client", "werkzeug": "werkzeug", "yaml": "pyyaml", "zmq": "pyzmq",
    "corsheaders": "django-cors-headers", "django_filters": "django-filter", "celery": "celery", "docx": "python-docx",
    "pptx": "python-pptx", "telegram": "python-telegram-bot", "google.protobuf": "protobuf", "tree_sitter": "tree-sitter", "ruamel": "ruamel-yaml", "rpds": "rpds-py", "_pytest": "pytest", "googleapiclient": "google-api-python-client",
}  # fmt: skip
"""Python: module, lower case -> the package that brings it, where the two names differ."""

KNOWN_BY: Final[dict[str, tuple[str, ...]]] = {
    "postgresql": (
        "pg", "pg-promise", "postgres", "psycopg", "psycopg2", "psycopg2-binary", "psycopg-pool", "asyncpg", "pg8000",
        "github.com/lib/pq", "github.com/jackc/pgx", "org.postgresql", "tokio-postgres", "@types/pg",
    ),
    "sqlite": (
        "sqlite3", "better-sqlite3", "aiosqlite", "github.com/mattn/go-sqlite3", "modernc.org/sqlite", "org.xerial",
        "rusqlite",
    ),
    "mysql": ("mysql2", "pymysql", "mysqlclient", "mysql-connector-python", "aiomysql", "github.com/go-sql-driver/mysql", "com.mysql"),
    "mongodb": ("mongoose", "pymongo", "motor", "go.mongodb.org/mongo-driver", "org.mongodb"),
    "redis": ("ioredis", "redis", "github.com/redis/go-redis", "github.com/go-redis/redis", "redis.clients", "io.lettuce", "aioredis"),
    "kafka": ("kafkajs", "confluent-kafka", "kafka-python", "aiokafka", "github.com/segmentio/kafka-go", "org.apache.kafka"),
    "rabbitmq": ("amqplib", "pika", "aio-pika", "github.com/rabbitmq/amqp091-go", "com.rabbitmq"),
    "elasticsearch": ("@elastic/elasticsearch", "elasticsearch", "github.com/elastic/go-elasticsearch", "co.elastic.clients"),
    "typescript": ("typescript", "@types", "tslib", "ts-node", "tsx"),
    "nodejs": ("@types/node",),
    "node": ("@types/node",),
    "nestjs": ("@nestjs", "reflect-metadata", "rxjs"),
    "nest": ("@nestjs", "reflect-metadata", "rxjs"),
    "express": ("@types/express",),
    "jest": ("@types/jest", "ts-jest", "@jest"),
    "vitest": ("@vitest",),
    "prisma": ("@prisma",),
    "graphql": ("graphql", "graphql-core", "@graphql-tools", "@graphql-codegen"),
    "apollo": ("@apollo",),
    "opentelemetry": ("@opentelemetry", "opentelemetry-api", "opentelemetry-sdk", "go.opentelemetry.io", "io.opentelemetry"),
    "prometheus": ("prom-client", "prometheus-client", "prometheus_client", "github.com/prometheus", "io.prometheus", "io.micrometer"),
    "fastapi": ("starlette",),
    "django": ("django",),
    "djangorestframework": ("djangorestframework", "rest_framework"),
    "flask": ("werkzeug", "jinja2", "markupsafe", "itsdangerous", "click", "blinker"),
    "sqlalchemy": ("sqlalchemy",),
    "springboot": ("org.springframework", "io.spring", "jakarta", "javax"),
    "spring": ("org.springframework", "io.spring", "jakarta", "javax"),
    "springdata": ("org.springframework.data", "jakarta.persistence", "javax.persistence"),
    "hibernate": ("org.hibernate", "jakarta.persistence", "javax.persistence"),
    "jakartaee": ("jakarta",),
    "junit": ("junit", "org.junit"),
    "junit5": ("org.junit",),
    "mockito": ("org.mockito",),
    "lombok": ("org.projectlombok", "lombok"),
    "jackson": ("com.fasterxml.jackson",),
    "slf4j": ("org.slf4j", "ch.qos.logback"),
    "chi": ("github.com/go-chi/chi",),
    "gin": ("github.com/gin-gonic/gin",),
    "echo": ("github.com/labstack/echo",),
    "fiber": ("github.com/gofiber/fiber",),
    "gorm": ("gorm.io",),
    "testify": ("github.com/stretchr/testify",),
    "zap": ("go.uber.org/zap",),
    "rubyonrails": ("rails",),
    "aws": ("@aws-sdk", "aws-sdk", "boto3", "botocore", "github.com/aws/aws-sdk-go", "github.com/aws/aws-sdk-go-v2", "software.amazon.awssdk"),
}  # fmt: skip
"""A component's name, lower case and without blanks, dots and hyphens -> what brings or reaches it."""
