// The partner's side of the whole flow by npm's openid-client, which knows nothing of Countersign. Started by
// crates/gateway/tests/gateway/connect/clients.rs, which plays the person's browser: this prints the address to send them
// to, and reads the address that they come back to.
import * as client from 'openid-client'
import { createInterface } from 'node:readline/promises'

const { issuer, id, key, details, back } = JSON.parse(process.argv[2])
const algorithm = { name: 'ECDSA', namedCurve: 'P-256' }
const privateKey = await crypto.subtle.importKey('jwk', key, algorithm, false, ['sign'])

const config = await client.discovery(
  new URL(issuer),
  id,
  { use_mtls_endpoint_aliases: false },
  client.PrivateKeyJwt({ key: privateKey, kid: key.kid }),
  // Loopback without TLS; everywhere else this would be an error.
  { execute: [client.allowInsecureRequests], algorithm: 'oauth2' },
)
const dpop = client.getDPoPHandle(config, await client.randomDPoPKeyPair('ES256'))

const verifier = client.randomPKCECodeVerifier()
const state = client.randomState()
const address = await client.buildAuthorizationUrlWithPAR(
  config,
  {
    redirect_uri: back,
    code_challenge: await client.calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    state,
    authorization_details: JSON.stringify(details),
  },
  { DPoP: dpop },
)
console.log(address.href)

const lines = createInterface({ input: process.stdin })
const came = new URL((await lines[Symbol.asyncIterator]().next()).value)
const checks = { pkceCodeVerifier: verifier, expectedState: state }
const granted = await client.authorizationCodeGrant(config, came, checks, undefined, { DPoP: dpop })

const read = (token) =>
  client
    .fetchProtectedResource(config, token, new URL(`${issuer}/v1/people/me`), 'GET', undefined, undefined, { DPoP: dpop })
    .then(async (answer) => ({ status: answer.status, body: await answer.json() }))
    .catch((error) => ({ status: error.status ?? error.response?.status }))
const first = await read(granted.access_token)

const refreshed = await client.refreshTokenGrant(config, granted.refresh_token, undefined, { DPoP: dpop })
const second = await read(refreshed.access_token)
const about = await client.tokenIntrospection(config, refreshed.access_token)
await client.tokenRevocation(config, granted.refresh_token)
const over = await client.tokenIntrospection(config, refreshed.access_token)
const third = await read(refreshed.access_token)
console.log(JSON.stringify({ granted, first, second, about, over, third }))
process.exit(0)
