"""Django's PostgreSQL backend with the second wall in its driver (settings: ENGINE = "core.postgres")."""
