"""A name and a password traded for a bearer token: OAuth 2.0, RFC 6749, section 4.3, and RFC 6750."""

import json
import re
from dataclasses import replace
from urllib.parse import urlsplit

from forecast.downloading.asking import Errand, tried
from forecast.downloading.held import Held
from forecast.downloading.keys import Credentials
from forecast.errors import DataError

TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750, 2.1
LONGEST = 100_000  # bytes of an answer that holds a token


def bearer(errand: Errand, credentials: Credentials) -> str:
    """Ask for a token, within the time of an errand; blank if none is needed. The answer is never on a disk.

    Raises
    ------
    DataError
        If the host refuses, redirects, or answers with anything but a token: nothing of its answer is told.
    EnvironmentFault
        If no try brought an answer.
    """
    if not credentials.token:
        return ""
    held, where = Held(), credentials.token
    form = {**credentials.form, **credentials.secrets}
    limits = replace(errand.limits, bytes=min(LONGEST, errand.limits.bytes))
    tried(replace(errand, address=where, hosts=[urlsplit(where).netloc], part=held, form=form, limits=limits))
    try:
        said = json.loads(held.content)
        token, kind = said["access_token"], said.get("token_type", "bearer")
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        token, kind = None, None
    if not isinstance(token, str) or not TOKEN.fullmatch(token) or str(kind).lower() != "bearer":
        raise DataError("the answer holds no bearer token", where, hint=credentials.hint)
    return token
