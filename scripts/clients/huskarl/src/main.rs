//! The partner's side of the whole flow by the crate huskarl, which knows nothing of Countersign. Started by
//! crates/gateway/tests/gateway/connect/clients.rs, which plays the person's browser: this prints the address to send them
//! to, and reads the address that they come back to.
//!
//! All of it is huskarl's, with one exception: it has no client for introspection, so the form and the answer of that
//! request are read and written here. Who asks is shown by its assertion, and its transport carries it.

use std::error::Error;
use std::io::{Write as _, stdin, stdout};

use bytes::Bytes;
use http::{Method, Request, Uri, header};
use huskarl::authorizer::{HttpAuthorizer, dpop_resend_advised};
use huskarl::cache::{GrantTokenSource, InMemoryRefreshTokenStore, InMemoryTokenCache, NoSource};
use huskarl::core::AuthorizationDetail;
use huskarl::core::client_auth::{
    Audience, AuthenticationContext, ClientAuthentication as _, JwtBearer,
};
use huskarl::core::dpop::DPoP;
use huskarl::core::http::{HttpClient as _, HttpResponse, Idempotency};
use huskarl::core::jwk::Jwk;
use huskarl::core::oauth_form;
use huskarl::core::server_metadata::AuthorizationServerMetadata;
use huskarl::grant::authorization_code::{AuthorizationCodeGrant, CompleteInput, StartInput};
use huskarl::grant::core::TokenResponse;
use huskarl::revocation::TokenRevocation;
use huskarl_crypto_native::asymmetric::signer::{GenerateAlgorithm, PrivateKey};
use huskarl_reqwest::ReqwestClient;
use serde_json::{Value, json};

type Done<T> = Result<T, Box<dyn Error>>;

/// What the test hands over.
struct Asked {
    issuer: String,
    id: String,
    key: Jwk,
    details: Vec<AuthorizationDetail>,
    back: String,
}

impl Asked {
    fn read() -> Done<Asked> {
        let text = std::env::args().nth(1).ok_or("no task was given")?;
        let task: Value = serde_json::from_str(&text)?;
        let word = |name: &str| {
            task[name]
                .as_str()
                .map(str::to_owned)
                .ok_or(name.to_owned())
        };
        Ok(Asked {
            issuer: word("issuer")?,
            id: word("id")?,
            key: serde_json::from_value(task["key"].clone())?,
            details: serde_json::from_value(task["details"].clone())?,
            back: word("back")?,
        })
    }
}

/// The partner, as huskarl has it.
struct Client {
    id: String,
    transport: ReqwestClient,
    metadata: AuthorizationServerMetadata,
    assertions: JwtBearer,
}

impl Client {
    async fn discover(asked: &Asked) -> Done<Client> {
        let transport = ReqwestClient::builder().build().await?;
        let metadata = AuthorizationServerMetadata::fetch()
            .http_client(&transport)
            .issuer(asked.issuer.as_str())
            .call()
            .await?;
        let key = asked.key.private_jwk().ok_or("no private key")?;
        let assertions = JwtBearer::builder()
            .signer(PrivateKey::from_jwk(key.try_into()?)?)
            .audience(Audience::Issuer)
            .build();
        Ok(Client {
            id: asked.id.clone(),
            transport,
            metadata,
            assertions,
        })
    }

    async fn grant(&self, back: &str) -> Done<AuthorizationCodeGrant> {
        let proofs = PrivateKey::generate(GenerateAlgorithm::Es256, None)?;
        let grant = AuthorizationCodeGrant::builder_from_metadata(&self.metadata)?
            .client_id(self.id.as_str())
            .http_client(self.transport.clone())
            .client_auth(self.assertions.clone())
            .redirect_uri(back)
            .dpop(DPoP::builder().signer(proofs).build())
            .build()
            .await?;
        Ok(grant)
    }

    /// A call through the gateway; sent once more where huskarl advises it, because a nonce is asked for.
    async fn read(&self, authorizer: &HttpAuthorizer) -> Done<Value> {
        let place: Uri = format!("{}/v1/people/me", self.metadata.issuer).parse()?;
        let mut answer = self.send(authorizer, &place).await?;
        if dpop_resend_advised(answer.status, &answer.headers) {
            answer = self.send(authorizer, &place).await?;
        }
        let body: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
        Ok(json!({ "status": answer.status.as_u16(), "body": body }))
    }

    async fn send(&self, authorizer: &HttpAuthorizer, place: &Uri) -> Done<HttpResponse> {
        let mut request = Request::get(place.clone()).body(Bytes::new())?;
        *request.headers_mut() = authorizer.get_headers(&Method::GET, place).await?;
        let answer = self
            .transport
            .execute(request, Idempotency::Idempotent)
            .await?;
        authorizer.process_response(place, &answer.headers);
        Ok(answer)
    }

    async fn introspect(&self, token: &str) -> Done<Value> {
        let endpoint = self.metadata.introspection_endpoint.as_ref();
        let endpoint = endpoint.ok_or("the metadata name no introspection endpoint")?;
        let context = AuthenticationContext::builder()
            .client_id(&self.id)
            .issuer(&self.metadata.issuer)
            .target_endpoint(endpoint)
            .build();
        let shown = self.assertions.authentication_context(context).await?;
        let mut form = shown.form_params.unwrap_or_default();
        form.push(("token", token.into()));
        let request = Request::post(endpoint.as_uri())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Bytes::from(oauth_form::to_string(&form)?))?;
        let answer = self
            .transport
            .execute(request, Idempotency::Unknown)
            .await?;
        Ok(serde_json::from_slice(&answer.body)?)
    }
}

fn say(line: impl std::fmt::Display) -> Done<()> {
    let mut out = stdout();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

fn told(granted: &TokenResponse) -> Value {
    json!({
        "token_type": granted.access_token().token_type(),
        "authorization_details": granted.authorization_details(),
    })
}

async fn run() -> Done<()> {
    let asked = Asked::read()?;
    let client = Client::discover(&asked).await?;
    let grant = client.grant(&asked.back).await?;

    let input = StartInput::builder()
        .authorization_details(asked.details)
        .build();
    let begun = grant.start(input).await?;
    say(&begun.authorization_url)?;

    let mut came = String::new();
    stdin().read_line(&mut came)?;
    let came: CompleteInput = came.trim().parse()?;
    let response = grant
        .complete(&begun.pending_state, came)
        .await?
        .token_response;
    let granted = told(&response);
    let refresh_token = response
        .refresh_token()
        .cloned()
        .ok_or("no refresh token")?;

    let source = GrantTokenSource::builder()
        .grant(grant)
        .grant_parameters(NoSource)
        .refresh_store(InMemoryRefreshTokenStore::default())
        .build();
    source.prime(response).await?;
    let cache = InMemoryTokenCache::builder().source(source).build();
    let authorizer = HttpAuthorizer::builder().cache(cache).build();
    let first = client.read(&authorizer).await?;

    let before = authorizer.cache().token().await?;
    authorizer.invalidate();
    let second = client.read(&authorizer).await?;
    let refreshed = authorizer.cache().token().await?;
    let [before, token] = [&before, &refreshed].map(|it| it.access_token().token().expose_secret());
    if token == before {
        return Err("it went on with the token that it was to renew".into());
    }
    let about = client.introspect(token).await?;

    TokenRevocation::builder_from_metadata(&client.metadata)?
        .client_id(client.id.clone())
        .client_auth(client.assertions.clone())
        .build()
        .revoke(&client.transport, &refresh_token)
        .await?;
    let over = client.introspect(token).await?;
    let third = client.read(&authorizer).await?;
    // The refusal told it to drop the token, so that it tries to renew it, once more.
    let renewed = authorizer.cache().token().await;
    let renewed = renewed.map_or_else(
        |error| format!("{:?}", error.recovery()),
        |_| "renewed".to_owned(),
    );
    say(json!({
        "granted": granted, "first": first, "second": second, "about": about, "over": over, "third": third,
        "renewed": renewed,
    }))
}

fn main() -> Done<()> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(run())
}
