"""What PyPI's Authlib can do with the gateway's authorization server: read its metadata by RFC 8414's rules, ask about a
token (RFC 7662) and give one back (RFC 7009), each with private_key_jwt. It knows neither PAR nor DPoP."""

import json
import sys
import time

import requests
from authlib.integrations.requests_client import OAuth2Session
from authlib.oauth2.rfc7523 import PrivateKeyJWT
from authlib.oauth2.rfc8414 import AuthorizationServerMetadata, get_well_known_url
from joserfc.jwk import ECKey

asked = json.loads(sys.argv[1])
url = get_well_known_url(asked["issuer"], external=True)
metadata = AuthorizationServerMetadata(requests.get(url, timeout=10).json())
# Its own validation wants https everywhere; this is loopback, so the rest is validated claim by claim.
for claim in metadata.REGISTRY_KEYS:
    if claim != "issuer" and not claim.endswith(("_endpoint", "_uri")):
        getattr(metadata, f"validate_{claim}", lambda: None)()


def session():
    made = OAuth2Session(
        asked["id"],
        ECKey.import_key(asked["key"]),
        token_endpoint_auth_method="private_key_jwt",
        revocation_endpoint_auth_method="private_key_jwt",
    )
    # Left alone, its assertions run for an hour, which this server refuses.
    claims = {"exp": int(time.time()) + 60}
    made.register_client_auth_method(PrivateKeyJWT(metadata["token_endpoint"], claims=claims, alg="ES256"))
    return made


def about():
    answer = session().introspect_token(metadata["introspection_endpoint"], token=asked["access_token"])
    return answer.json()


before = about()
given_back = session().revoke_token(metadata["revocation_endpoint"], token=asked["refresh_token"])
assert given_back.status_code == 200, given_back.text
print(json.dumps({"before": before, "after": about()}))
