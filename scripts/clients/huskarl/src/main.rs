//! The partner's side of the whole flow by the crate huskarl, which knows nothing of Countersign. Started by
//! crates/gateway/tests/connect/clients.rs, which plays the person's browser: this prints the address to send them to, and
//! reads the address that they come back to.

use std::error::Error;
use std::io::{BufRead as _, stdin};

use http::Method;
use huskarl::core::client_auth::{
    Audience, AuthenticationContext, ClientAuthentication as _, JwtBearer,
};
use huskarl::core::dpop::{DPoP, ResourceServerDPoP as _};
use huskarl::core::jwk::Jwk;
use huskarl::core::oauth_form;
use huskarl::core::server_metadata::AuthorizationServerMetadata;
use huskarl::core::time::{Clock as _, PlatformClock};
use huskarl::core::{AuthorizationDetail, EndpointUrl};
use huskarl::grant::authorization_code::{AuthorizationCodeGrant, CompleteInput, StartInput};
use huskarl::grant::refresh::RefreshGrantParameters;
use huskarl::prelude::*;
use huskarl::revocation::TokenRevocation;
use huskarl::token::AccessToken;
use huskarl_crypto_native::asymmetric::signer::{GenerateAlgorithm, PrivateKey};
use huskarl_reqwest::ReqwestClient;
use serde_json::{Value, json};

type Done<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Done<()> {
    let asked: Value = serde_json::from_str(&std::env::args().nth(1).ok_or("no argument")?)?;
    let text = |name: &str| asked[name].as_str().unwrap_or_default().to_owned();
    let (issuer, id) = (text("issuer"), text("id"));
    let http = ReqwestClient::builder().build().await?;
    let metadata = AuthorizationServerMetadata::fetch()
        .http_client(&http)
        .issuer(issuer.as_str())
        .call()
        .await?;
    let jwk: Jwk = serde_json::from_value(asked["key"].clone())?;
    let key = jwk.private_jwk().ok_or("the key has no private part")?;
    let client_auth = JwtBearer::builder()
        .signer(PrivateKey::from_jwk(key.try_into()?)?)
        .audience(Audience::Issuer)
        .build();
    let dpop = DPoP::builder()
        .signer(PrivateKey::generate(GenerateAlgorithm::Es256, None)?)
        .build();
    let grant = AuthorizationCodeGrant::builder_from_metadata(&metadata)?
        .client_id(id.clone())
        .http_client(http.clone())
        .client_auth(client_auth.clone())
        .dpop(dpop.clone())
        .oidc(false)
        .redirect_uri(text("back"))
        .build()
        .await?;

    let details: Vec<AuthorizationDetail> = serde_json::from_value(asked["details"].clone())?;
    let input = StartInput::builder().authorization_details(details).build();
    let started = grant.start(input).await?;
    println!("{}", started.authorization_url);
    let mut came = String::new();
    stdin().lock().read_line(&mut came)?;
    let came: CompleteInput = came.trim().parse()?;
    let granted = grant
        .complete(&started.pending_state, came)
        .await?
        .token_response;

    let reader = Reader {
        client: reqwest::Client::new(),
        dpop,
        address: format!("{issuer}/v1/people/me"),
    };
    let first = reader.read(granted.access_token()).await?;
    let refresh = granted.refresh_token().ok_or("no refresh token")?.clone();
    let renewed = grant.to_refresh_grant();
    let renewed = renewed
        .exchange(RefreshGrantParameters::refresh_token(refresh.clone()))
        .await?;
    let token = renewed.access_token();
    let second = reader.read(token).await?;

    let about = async || -> Done<Value> {
        let endpoint = metadata
            .introspection_endpoint
            .as_ref()
            .ok_or("no introspection")?;
        introspected(&client_auth, &id, &issuer, endpoint, token).await
    };
    let before = about().await?;
    TokenRevocation::builder_from_metadata(&metadata)?
        .client_id(id.clone())
        .client_auth(client_auth.clone())
        .build()
        .revoke(&http, &refresh)
        .await?;
    let (over, third) = (about().await?, reader.read(token).await?);
    let granted = json!({
        "token_type": granted.access_token().token_type(),
        "authorization_details": granted.authorization_details(),
    });
    println!(
        "{}",
        json!({ "granted": granted, "first": first, "second": second, "about": before, "over": over, "third": third })
    );
    Ok(())
}

/// Reads from the platform's API with a token and a proof.
struct Reader {
    client: reqwest::Client,
    dpop: DPoP,
    address: String,
}

impl Reader {
    async fn read(&self, token: &AccessToken) -> Done<Value> {
        let AccessToken::DPoP(bound) = token else {
            return Err("the token is not bound to a key".into());
        };
        let signer = self.dpop.to_resource_server_dpop();
        let (uri, now) = (self.address.parse()?, PlatformClock.now());
        let proof = signer
            .proof_at(&Method::GET, &uri, bound.token(), bound.jkt(), now)
            .await?
            .ok_or("no proof")?;
        let request = self
            .client
            .get(&self.address)
            .header("authorization", token.expose_header_value()?)
            .header("dpop", proof.expose_secret());
        let answer = request.send().await?;
        let status = answer.status().as_u16();
        let body: Value = serde_json::from_slice(&answer.bytes().await?).unwrap_or_default();
        Ok(json!({ "status": status, "body": body }))
    }
}

/// Introspection (RFC 7662). The crate's client has no call for it, so its client authentication is put into a form here.
async fn introspected(
    client_auth: &JwtBearer,
    id: &str,
    issuer: &str,
    endpoint: &EndpointUrl,
    token: &AccessToken,
) -> Done<Value> {
    let context = AuthenticationContext::builder()
        .client_id(id)
        .target_endpoint(endpoint)
        .issuer(issuer)
        .build();
    let parameters = client_auth.authentication_context(context).await?;
    let mut body = oauth_form::to_string(&json!({ "token": token.token().expose_secret() }))?;
    body.push('&');
    oauth_form::push_to_string(&mut body, &parameters.form_params.unwrap_or_default())?;
    let answer = reqwest::Client::new()
        .post(endpoint.as_uri().to_string())
        .header("content-type", "application/x-www-form-urlencoded")
        .body(body)
        .send()
        .await?;
    Ok(serde_json::from_slice(&answer.bytes().await?)?)
}
