//! The door of the administration: who asks, and whether they may. Everything goes through it, pages and API.
//!
//! Nobody says a name here: a token alone tells who somebody is, so there is no name to guess or to try out. Whatever the
//! token is, the same is done: one digest, one comparison with each that is known.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use aws_lc_rs::constant_time;
use axum::extract::{ConnectInfo, FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use decide::{StaffId, Time};

use super::act::Problem;
use super::desk::{self, Sessions};
use super::roles::{Allowed, RoleTable};
use super::wrong::Wrong;
use crate::config::{self, PROGRAM, Role};
use crate::gateway::Gateway;
use crate::person::page::Style;
use crate::shelf::{Mark, mark};

/// Somebody who has shown who they are.
#[derive(Clone, Debug)]
pub(crate) struct Caller {
    /// Under which name what they do is written down.
    pub(super) name: Option<StaffId>,
    roles: BTreeSet<Role>,
    /// The token of [admin], which a machine holds.
    program: bool,
}

/// Who is known at the administration, and what is remembered of those who are not.
pub(crate) struct Staffed {
    known: Vec<(Mark, Caller)>,
    pub(super) roles: RoleTable,
    wrong: Wrong,
    pub(super) sessions: Sessions,
    pub(super) style: Style,
}

impl Staffed {
    /// With nobody of the staff the token of [admin] may do everything; once there is staff, it is an operator's.
    pub(crate) fn new(admin: &config::Admin) -> Self {
        let roles = if admin.staff.is_empty() {
            Role::ALL.into()
        } else {
            BTreeSet::from([Role::Operator])
        };
        let program = Caller {
            name: PROGRAM.parse().ok(),
            roles,
            program: true,
        };
        let staff = admin.staff.iter().map(|one| {
            let caller = Caller {
                name: Some(one.name.clone()),
                roles: one.roles.clone(),
                program: false,
            };
            (mark(one.token.reveal()), caller)
        });
        let mut known = vec![(mark(admin.token.reveal()), program)];
        known.extend(staff);
        Self {
            known,
            roles: RoleTable::new(),
            wrong: Wrong::default(),
            sessions: Sessions::default(),
            style: desk::style(),
        }
    }

    /// Whether there are people here, so that a second one can be asked for.
    pub(super) fn has_staff(&self) -> bool {
        self.known.len() > 1
    }

    /// Whose token it is.
    ///
    /// From an address from which too many wrong ones came, no token of the staff's is taken, right or wrong. The program's
    /// own still is: a withdrawal that the platform's systems bring in must not wait because somebody mistypes a token,
    /// and a token that a machine holds is not guessed in any number of tries.
    pub(super) fn enter(&self, token: &str, from: IpAddr, now: Time) -> Result<Caller, Problem> {
        let given = mark(token);
        let mut caller = None;
        for (known, one) in &self.known {
            if constant_time::verify_slices_are_equal(known, &given).is_ok() {
                caller = Some(one);
            }
        }
        let locked_out = self.wrong.is_locked_out(from, now);
        match caller {
            Some(caller) if caller.program || !locked_out => Ok(caller.clone()),
            _ if locked_out => Err(Problem::LockedOut),
            _ => {
                self.wrong.note(from, now);
                Err(Problem::NotTheOperator)
            }
        }
    }
}

impl Caller {
    /// Whether one of their roles is among those that may.
    pub(super) fn may(&self, allowed: Option<&Allowed>) -> bool {
        match allowed {
            Some(Allowed::Anybody) => true,
            Some(Allowed::Roles(roles)) => !self.roles.is_disjoint(roles),
            None => false,
        }
    }

    /// Whether they have the role.
    pub(super) fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// As what they are here, for a page.
    pub(super) fn roles(&self) -> String {
        let roles: Vec<&str> = self.roles.iter().map(|role| role.as_str()).collect();
        roles.join(", ")
    }

    /// The name, for people.
    pub(super) fn name(&self) -> &str {
        self.name.as_ref().map_or(PROGRAM, StaffId::as_str)
    }
}

/// Who asks, with the headers of what they ask. A handler that changes something takes this, and the register gets the name.
pub(super) struct Asking {
    pub(super) caller: Caller,
    pub(super) headers: HeaderMap,
}

impl<S: Send + Sync> FromRequestParts<S> for Asking {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        // Only the door puts one there.
        let caller = parts.extensions.get::<Caller>().cloned();
        Ok(Self {
            caller: caller.ok_or(Problem::NotTheOperator)?,
            headers: parts.headers.clone(),
        })
    }
}

/// From which address a request came.
pub(super) fn address(request: &Request) -> IpAddr {
    let from = request.extensions().get::<ConnectInfo<SocketAddr>>();
    from.map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |from| from.0.ip())
}

/// The door of the API: a bearer token, and the table of roles.
pub(super) async fn guard(
    State(gateway): State<Arc<Gateway>>,
    mut request: Request,
    next: Next,
) -> Response {
    match pass(&gateway, &request) {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(problem) => problem.into_response(),
    }
}

fn pass(gateway: &Gateway, request: &Request) -> Result<Caller, Problem> {
    let given = request.headers().get(header::AUTHORIZATION);
    let token = given
        .and_then(|given| given.to_str().ok())
        .and_then(|given| given.strip_prefix("Bearer "));
    let token = token.ok_or(Problem::NotTheOperator)?;
    let staffed = &gateway.staffed;
    let caller = staffed.enter(token, address(request), gateway.clock.about_now())?;
    // An address that is none is told as such, to whoever is known here.
    let Some(path) = request.extensions().get::<MatchedPath>() else {
        return Ok(caller);
    };
    let allowed = staffed.roles.allowed(request.method(), path.as_str());
    if caller.may(allowed) {
        return Ok(caller);
    }
    match allowed {
        Some(allowed) => Err(Problem::NotYours(allowed.in_words())),
        None if is_routed(request) => Err(Problem::NotYours("nobody".to_owned())),
        // The router answers that it has no such method there.
        None => Ok(caller),
    }
}

/// Whether the router has this method at this path, whatever the table of roles says.
fn is_routed(request: &Request) -> bool {
    let path = request.extensions().get::<MatchedPath>();
    let path = path.map_or("", MatchedPath::as_str);
    super::listed().any(|(method, listed)| method == request.method() && *listed == path)
}
