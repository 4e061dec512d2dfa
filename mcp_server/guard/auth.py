"""Who may call the server over HTTP: a bearer token of the operator's, or tokens of an OAuth issuer for this server."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anyio.to_thread
import jwt
from mcp.server.auth.provider import AccessToken, TokenVerifier
from pydantic import SecretStr

from toolkit.errors import SettingsError
from toolkit.models import Frozen

_SHORTEST = 32  # characters of a token
_ALGORITHMS = ["EdDSA", "ES256", "ES384", "PS256", "RS256"]  # signatures alone: none that a public key could forge


class Access(Frozen):
    """Either a `token`, or an `issuer`, the `resource` its tokens are for, and its keys (`jwks`: a file or https)."""

    token: SecretStr | None = None
    issuer: str | None = None
    resource: str = ""
    jwks: str = ""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Access:
        """Read SEAX_MCP_TOKEN, or SEAX_MCP_ISSUER, SEAX_MCP_RESOURCE and SEAX_MCP_JWKS; SettingsError if wrong."""
        env = os.environ if environ is None else environ
        token, issuer = env.get("SEAX_MCP_TOKEN", "").strip(), env.get("SEAX_MCP_ISSUER", "").strip()
        resource, jwks = env.get("SEAX_MCP_RESOURCE", "").strip(), env.get("SEAX_MCP_JWKS", "").strip()
        if issuer:
            if not (resource.startswith(("https://", "http://127.0.0.1", "http://localhost")) and jwks):
                raise SettingsError(
                    "SEAX_MCP_ISSUER needs SEAX_MCP_RESOURCE, the address that tokens are for, and SEAX_MCP_JWKS, "
                    "the file or https address of the issuer's keys."
                )
            return cls(issuer=issuer, resource=resource, jwks=jwks)
        if len(token) < _SHORTEST or not token.isascii() or not token.isprintable():
            raise SettingsError(
                f"Over HTTP the server needs a token: set SEAX_MCP_TOKEN to at least {_SHORTEST} random characters, "
                "such as `openssl rand -hex 32` prints, or SEAX_MCP_ISSUER for OAuth."
            )
        return cls(token=SecretStr(token))


class JwtVerifier(TokenVerifier):
    """Accepts a token that the issuer signed for this server and that has not expired; any other is rejected."""

    def __init__(self, access: Access) -> None:
        self._access = access
        self._remote = jwt.PyJWKClient(access.jwks, cache_keys=True) if access.jwks.startswith("https://") else None

    async def verify_token(self, token: str) -> AccessToken | None:
        try:
            claims = await anyio.to_thread.run_sync(lambda: self._claims(token))
        except (jwt.PyJWTError, OSError, ValueError):
            return None
        return AccessToken(
            token=token,
            client_id=str(claims.get("client_id") or claims.get("azp") or claims["sub"]),
            scopes=str(claims.get("scope", "")).split(),
            expires_at=int(claims["exp"]),
            resource=self._access.resource,
            subject=str(claims["sub"]),
            claims=claims,
        )

    def _claims(self, token: str) -> dict[str, Any]:
        claims: dict[str, Any] = jwt.decode(
            token,
            self._key(token),
            algorithms=_ALGORITHMS,
            audience=self._access.resource,
            issuer=self._access.issuer,
            options={"require": ["exp", "aud", "iss", "sub"]},
        )
        return claims

    def _key(self, token: str) -> jwt.PyJWK:
        if self._remote:
            return self._remote.get_signing_key_from_jwt(token)
        keys = jwt.PyJWKSet.from_dict(json.loads(Path(self._access.jwks).expanduser().read_text(encoding="utf-8-sig")))
        kid = jwt.get_unverified_header(token).get("kid")
        found = next((key for key in keys.keys if kid in {None, key.key_id}), None)
        if found is None:
            raise jwt.InvalidKeyError("the issuer has no such key")
        return found
