//! People are asked whom others have connected a partner for: the whole way over HTTP, from a refusal in a partner's answer
//! to the digest at the platform's hook, the person's page, and the next answer.

mod answers;
mod digests;
mod hook;
mod looks;
mod preferences;
mod quiet;
mod scene;
