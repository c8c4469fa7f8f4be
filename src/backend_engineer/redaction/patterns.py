"""The table of published token shapes: what a credential of which vendor looks like.

Owns: one row for each shape, with the literal that every text holding it must contain.
Must never know: how a text is searched, what a caller does with what is found.
"""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["TOKEN_SHAPES", "TokenShape"]


class TokenShape(NamedTuple):
    """A shape: `kind` names it in reports, `needle` is a literal part of every match, `pattern` the whole.

    before: how many characters of a match stand before its first needle; None where that varies.
    """

    kind: str
    needle: str
    pattern: str
    before: int | None = None


def _after(kind: str, prefix: str, rest: str) -> TokenShape:
    """A token that is a fixed prefix and a body; the prefix must not continue a longer word."""
    return TokenShape(kind, prefix, rf"(?<![A-Za-z0-9]){prefix.replace('.', '[.]')}{rest}(?![A-Za-z0-9])", 0)


TOKEN_SHAPES: tuple[TokenShape, ...] = (
    _after("GitHub personal token", "ghp_", r"[A-Za-z0-9]{36}"),
    _after("GitHub OAuth token", "gho_", r"[A-Za-z0-9]{36}"),
    _after("GitHub user-to-server token", "ghu_", r"[A-Za-z0-9]{36}"),
    _after("GitHub server-to-server token", "ghs_", r"[A-Za-z0-9]{36}"),
    _after("GitHub refresh token", "ghr_", r"[A-Za-z0-9]{36}"),
    _after("GitHub fine-grained token", "github_pat_", r"[A-Za-z0-9_]{60,90}"),
    _after("GitLab personal token", "glpat-", r"[A-Za-z0-9_.-]{20,}"),
    _after("GitLab deploy token", "gldt-", r"[A-Za-z0-9_-]{20,}"),
    _after("GitLab runner token", "glrt-", r"[A-Za-z0-9_-]{20,}"),
    _after("GitLab trigger token", "glptt-", r"[a-f0-9]{40}"),
    _after("Vault service token", "hvs.", r"[A-Za-z0-9_-]{24,}"),
    _after("Vault batch token", "hvb.", r"[A-Za-z0-9_-]{40,}"),
    TokenShape(
        "Terraform Cloud token",
        ".atlasv1.",
        r"(?<![A-Za-z0-9])[A-Za-z0-9]{14}[.]atlasv1[.][A-Za-z0-9_=-]{60,}",
        14,
    ),
    _after("Pulumi token", "pul-", r"[a-f0-9]{40}"),
    _after("Databricks token", "dapi", r"[a-f0-9]{32}(?:-[0-9])?"),
    _after("Shopify access token", "shpat_", r"[a-fA-F0-9]{32}"),
    _after("Shopify custom app token", "shpca_", r"[a-fA-F0-9]{32}"),
    _after("Shopify private app token", "shppa_", r"[a-fA-F0-9]{32}"),
    _after("Shopify shared secret", "shpss_", r"[a-fA-F0-9]{32}"),
    _after("DigitalOcean personal token", "dop_v1_", r"[a-f0-9]{64}"),
    _after("DigitalOcean OAuth token", "doo_v1_", r"[a-f0-9]{64}"),
    _after("DigitalOcean refresh token", "dor_v1_", r"[a-f0-9]{64}"),
    _after("Hugging Face token", "hf_", r"[A-Za-z0-9]{34,40}"),
    _after("PyPI token", "pypi-", r"AgE[A-Za-z0-9_-]{50,}"),
    _after("npm token", "npm_", r"[A-Za-z0-9]{36}"),
    _after("RubyGems key", "rubygems_", r"[a-f0-9]{48}"),
    _after("Clojars token", "CLOJARS_", r"[A-Za-z0-9]{60}"),
    _after("Docker Hub token", "dckr_pat_", r"[A-Za-z0-9_-]{27,}"),
    _after("Linear key", "lin_api_", r"[A-Za-z0-9]{40}"),
    _after("Notion token", "ntn_", r"[A-Za-z0-9]{40,50}"),
    _after("Figma token", "figd_", r"[A-Za-z0-9_-]{40,}"),
    TokenShape(
        "Airtable token", "pat", r"(?<![A-Za-z0-9])pat[A-Za-z0-9]{14}[.][a-f0-9]{64}(?![A-Za-z0-9])", 0
    ),
    _after("Postman key", "PMAK-", r"[a-f0-9]{24}-[a-f0-9]{34}"),
    _after("Atlassian token", "ATATT3", r"[A-Za-z0-9_=-]{100,}"),
    _after("Bitbucket app password", "ATBB", r"[A-Za-z0-9]{32}"),
    _after("New Relic user key", "NRAK-", r"[A-Z0-9]{27}"),
    _after("New Relic browser key", "NRJS-", r"[a-f0-9]{19}"),
    _after("Grafana service account token", "glsa_", r"[A-Za-z0-9]{32}_[A-Fa-f0-9]{8}"),
    _after("Grafana Cloud token", "glc_", r"[A-Za-z0-9+/]{32,}={0,3}"),
    _after("Sentry organisation token", "sntrys_", r"[A-Za-z0-9+/=_-]{40,}"),
    _after("Sentry user token", "sntryu_", r"[a-f0-9]{64}"),
    _after("Dynatrace token", "dt0c01.", r"[A-Z0-9]{24}[.][A-Z0-9]{64}"),
    TokenShape("AWS access key id", "AKIA", r"(?<![A-Za-z0-9])AKIA[A-Z2-7]{16}(?![A-Za-z0-9])", 0),
    TokenShape("AWS temporary key id", "ASIA", r"(?<![A-Za-z0-9])ASIA[A-Z2-7]{16}(?![A-Za-z0-9])", 0),
    TokenShape(
        "Azure storage key", "AccountKey=", r"(?<=AccountKey=)[A-Za-z0-9+/]{86}==", -len("AccountKey=")
    ),
    TokenShape(
        "Azure client secret",
        "Q~",
        r"(?<![A-Za-z0-9_~.-])[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}(?![A-Za-z0-9_~.-])",
        4,
    ),
    _after("Google API key", "AIza", r"[0-9A-Za-z_-]{35}"),
    _after("Google OAuth client secret", "GOCSPX-", r"[A-Za-z0-9_-]{28}"),
    _after("Google OAuth token", "ya29.", r"[A-Za-z0-9_-]{40,}"),
    TokenShape("Slack token", "xox", r"(?<![A-Za-z0-9])xox[abeoprs]-[A-Za-z0-9-]{20,}", 0),
    _after("Slack app token", "xapp-", r"[0-9]-[A-Z0-9]+-[0-9]+-[a-f0-9]{32,}"),
    TokenShape(
        "Slack webhook",
        "hooks.slack.com",
        r"hooks[.]slack[.]com/(?:services|workflows)/[A-Za-z0-9+/]{40,60}",
        0,
    ),
    TokenShape(
        "Discord webhook",
        "/api/webhooks/",
        r"discord(?:app)?[.]com/api/webhooks/[0-9]{17,20}/[A-Za-z0-9_-]{60,}",
    ),
    TokenShape(
        "Telegram bot token", ":AA", r"(?<![A-Za-z0-9])[0-9]{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9_-])"
    ),
    TokenShape("Stripe secret key", "k_live_", r"(?<![A-Za-z0-9])[sr]k_live_[A-Za-z0-9]{16,}", 1),
    TokenShape("Stripe test key", "k_test_", r"(?<![A-Za-z0-9])[sr]k_test_[A-Za-z0-9]{24,}", 1),
    _after("Stripe webhook secret", "whsec_", r"[A-Za-z0-9+/]{32,}"),
    _after("Square access token", "sq0atp-", r"[A-Za-z0-9_-]{22}"),
    _after("Square client secret", "sq0csp-", r"[A-Za-z0-9_-]{43}"),
    _after("SendGrid key", "SG.", r"[A-Za-z0-9_-]{22}[.][A-Za-z0-9_-]{43}"),
    TokenShape("Twilio key", "SK", r"(?<![A-Za-z0-9])SK[a-f0-9]{32}(?![A-Za-z0-9])", 0),
    TokenShape("Mailgun key", "key-", r"(?<![A-Za-z0-9_-])key-[a-f0-9]{32}(?![A-Za-z0-9])", 0),
    TokenShape("Mailchimp key", "-us", r"(?<![A-Za-z0-9])[a-f0-9]{32}-us[0-9]{1,2}(?![A-Za-z0-9])", 32),
    _after("EasyPost key", "EZAK", r"[A-Za-z0-9]{54}"),
    _after("OpenAI project key", "sk-proj-", r"[A-Za-z0-9_-]{40,}"),
    TokenShape("OpenAI key", "T3BlbkFJ", r"(?<![A-Za-z0-9])sk-[A-Za-z0-9_-]{16,}T3BlbkFJ[A-Za-z0-9_-]{16,}"),
    _after("Anthropic key", "sk-ant-", r"[a-z]+[0-9]{2}-[A-Za-z0-9_-]{60,}"),
    _after("Doppler token", "dp.", r"(?:pt|st|ct|sa|scim|audit)[.](?:[a-z0-9_-]+[.])?[A-Za-z0-9]{40,44}"),
    _after("PlanetScale token", "pscale_tkn_", r"[A-Za-z0-9_.=-]{32,64}"),
    _after("PlanetScale password", "pscale_pw_", r"[A-Za-z0-9_.=-]{32,64}"),
    _after("Supabase token", "sbp_", r"[a-f0-9]{40}"),
    _after("Contentful token", "CFPAT-", r"[A-Za-z0-9_-]{43}"),
    _after("CircleCI token", "CCIPAT_", r"[A-Za-z0-9]+_[a-f0-9]{40}"),
    _after("Buildkite token", "bkua_", r"[a-z0-9]{40}"),
    _after("Prefect key", "pnu_", r"[A-Za-z0-9]{36}"),
    _after("Typeform token", "tfp_", r"[A-Za-z0-9_-]{40,}"),
    _after("age secret key", "AGE-SECRET-KEY-1", r"[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}"),
    TokenShape(
        "JSON Web Token",
        "eyJ",
        r"(?<![A-Za-z0-9_-])eyJ[A-Za-z0-9_-]{10,}[.]eyJ[A-Za-z0-9_-]{10,}[.][A-Za-z0-9_-]{20,}",
        0,
    ),
    TokenShape(
        "private key",
        "PRIVATE KEY",
        # The body may be written as one string with escaped line ends, or as several quoted lines.
        r"-----BEGIN (?:[A-Z0-9]+ ){0,3}PRIVATE KEY(?: BLOCK)?-----"
        r"(?:[\s\"'+,;]|\\[rn])*[A-Za-z0-9+/=:\- ]{24,}[A-Za-z0-9+/=:\-\s\"'+,;\\]{0,8000}?"
        r"(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|(?=[^A-Za-z0-9+/=:\-\s\"'+,;\\])|\Z)",
    ),
)
